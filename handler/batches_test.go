package handler_test

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"snapferry/internal/sim"
)

// fullBatch is the platform's largest.
const fullBatch = 10_000

// record is an EventBridge event as short as it may be.
func record(region, response string) string {
	return fmt.Sprintf(`{"specversion":"1.0","data":{"eventName":"CreateSnapshot","eventRegion":%q,"responseElements":%s}}`, region, response)
}

func batchOf(n int, one func(i int) string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = one(i)
	}
	return `{"EventList":[` + strings.Join(all, ",") + `]}`
}

// padded makes a batch as long as the platform delivers, each record by as much.
func padded(batch string) string {
	const before, between = `"data":{`, `"padding":"",`
	more := (6<<20-len(batch))/strings.Count(batch, before) - len(between)
	return strings.ReplaceAll(batch, before, before+`"padding":"`+strings.Repeat("x", more)+`",`)
}

// word is a number in letters.
func word(i int) string {
	out := []byte("aaaa")
	for at := range out {
		out[at] += byte(i % 26)
		i /= 26
	}
	return string(out)
}

// many repeats a text with a number in it that is another each time.
func many(form string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, form, i)
	}
	return b.String()
}

func TestAFullBatchCostsFewRequestsAndLittleMemory(t *testing.T) {
	for name, c := range map[string]struct {
		one  func(i int) string
		most int // requests
	}{
		"snapshots that are not there": {func(i int) string { return record(gz, fmt.Sprintf(`{"SnapshotId":"snap-%08d"}`, i)) }, 3},
		"one snapshot, over and over":  {func(int) string { return record(gz, `{"SnapshotId":"snap-1"}`) }, 3},
		"disks that are not there": {func(i int) string {
			return fmt.Sprintf(`{"specversion":"1","data":{"eventName":"CreateSnapshot","eventRegion":"ap-guangzhou","requestParameters":{"DiskId":"disk-%08d"}}}`, i)
		}, 3},
		"as many regions":   {func(i int) string { return record("ap-"+word(i), `{"SnapshotId":"snap-1"}`) }, 0},
		"nothing but waste": {func(int) string { return record(gz, `{"SnapshotId":"snap- 1"}`) }, 0},
		"other actions": {func(int) string {
			return `{"specversion":"1.0","data":{"eventName":"DeleteSnapshots","eventRegion":"ap-guangzhou"}}`
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			batch := padded(batchOf(fullBatch, c.one))
			wantHeld(t, func() {
				story(t, sim.Options{}, func(rig *rig) {
					rig.disk(time.Hour, 2*time.Hour)
					r, _ := rig.invoke(batch)
					if len(r.Actions) > 200 || len(r.Counts) == 0 {
						t.Errorf("%d actions are listed: %v", len(r.Actions), r.Counts)
					}
					if got := rig.cloud.Count(""); got > c.most {
						t.Errorf("%d requests, at most %d will do", got, c.most)
					}
					rig.wantShortLines()
				})
			})
		})
	}
}

// Real records name a few snapshots each.
func TestABatchThatNamesHundredsOfThousandsOfSnapshotsLeavesTheRestToTheSweep(t *testing.T) {
	batch := batchOf(45, func(i int) string {
		return record(gz, fmt.Sprintf(`{"SnapshotIdSet":["snap-%d"%s]}`, i, many(fmt.Sprintf(`,"snap-%d%%05d"`, i), 8_000)))
	})
	wantHeld(t, func() {
		story(t, sim.Options{}, func(rig *rig) {
			rig.disk(time.Hour)
			wantCounts(t, rig.run(batch), "deferred=44 waiting=8001")
		})
	})
}

func TestAFullBatchCopiesEverySnapshotOnce(t *testing.T) {
	story(t, sim.Options{CopyTime: time.Hour}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		rig.cloud.SetQuota(bj, 1000)
		var s []string
		for range 30 {
			_, more := rig.disk(days(3)...)
			s = append(s, more...)
		}
		rig.env["MAX_AGE"] = "0"
		r := rig.run(batchOf(fullBatch, func(i int) string { return record(gz, fmt.Sprintf(`{"SnapshotId":%q}`, s[i%len(s)])) }))
		wantCounts(t, r, fmt.Sprintf("started=%d", len(s)))
		if got := rig.cloud.Count(""); got > len(s)+len(s)/5 {
			t.Errorf("%d requests for %d snapshots", got, len(s))
		}
	})
}

// mostHeld is how much may be live at any time because of an event. A function
// has 128 MB by default: about 20 are the program itself, the runtime's library
// holds the event up to three times (18 MB), and the collector lets what is live
// double before it looks.
const mostHeld = 32 << 20

// held is how much more memory is live while do runs than was before, at the
// most that is seen. The collector lets little pile up in between, and looks
// are taken whenever it has been there. One that comes late makes the figure
// smaller, never larger, so that a busy machine fails no test.
func held(do func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	runtime.GC()
	before := live()
	var peak atomic.Uint64
	var over atomic.Bool
	measureAfterEach(&peak, &over)
	do()
	over.Store(true)
	return max(peak.Load(), before) - before
}

// measureAfterEach measures after each collection what is live, until over: an
// object that nobody uses is found by the next collection, and puts another one
// in its place.
func measureAfterEach(peak *atomic.Uint64, over *atomic.Bool) {
	unused := new([16]byte)
	runtime.AddCleanup(unused, func(int) {
		peak.Store(max(peak.Load(), live()))
		if !over.Load() {
			measureAfterEach(peak, over)
		}
	}, 0)
}

// live is what the collector found in use when it was there last.
func live() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// wantHeld demands that an event of any length fits into the smallest function.
// The short tests, which look for races, leave it out: the race detector takes memory.
func wantHeld(t *testing.T, do func()) {
	t.Helper()
	if testing.Short() {
		t.Skip("it measures memory")
	}
	if got := held(do); got > mostHeld {
		t.Errorf("%d MB were held at once, more than %d", got>>20, mostHeld>>20)
	}
}
