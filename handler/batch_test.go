package handler_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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
				story(t, sim.Options{}, func(b *bench) {
					b.disk(time.Hour, 2*time.Hour)
					r, _ := b.invoke(batch)
					if len(r.Actions) > 200 || len(r.Counts) == 0 {
						t.Errorf("%d actions are listed: %v", len(r.Actions), r.Counts)
					}
					if got := b.cloud.Count(""); got > c.most {
						t.Errorf("%d requests, at most %d will do", got, c.most)
					}
					for line := range strings.Lines(b.logs.String()) {
						if len(line) > 8<<10 {
							t.Errorf("a log line of %d bytes", len(line))
						}
					}
				})
			})
		})
	}
}

// A record may be as hostile as it likes: real ones name a few snapshots each.
func TestABatchThatNamesHundredsOfThousandsOfSnapshotsLeavesTheRestToTheSweep(t *testing.T) {
	batch := batchOf(45, func(i int) string {
		return record(gz, fmt.Sprintf(`{"SnapshotIdSet":["snap-%d"%s]}`, i, many(fmt.Sprintf(`,"snap-%d%%05d"`, i), 8_000)))
	})
	wantHeld(t, func() {
		story(t, sim.Options{}, func(b *bench) {
			b.disk(time.Hour)
			wantCounts(t, b.run(batch), "deferred=44 waiting=8001")
		})
	})
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

func TestAFullBatchCopiesEverySnapshotOnce(t *testing.T) {
	story(t, sim.Options{CopyTime: time.Hour}, func(b *bench) {
		b.env["TARGET_REGIONS"] = bj
		b.cloud.SetQuota(bj, 1000)
		var s []string
		for range 30 {
			_, more := b.disk(days(3)...)
			s = append(s, more...)
		}
		b.env["MAX_AGE"] = "0"
		r := b.run(batchOf(fullBatch, func(i int) string { return record(gz, fmt.Sprintf(`{"SnapshotId":%q}`, s[i%len(s)])) }))
		wantCounts(t, r, fmt.Sprintf("started=%d", len(s)))
		if got := b.cloud.Count(""); got > len(s)+len(s)/5 {
			t.Errorf("%d requests for %d snapshots", got, len(s))
		}
	})
}

// Whatever comes over HTTP: the answer is a page of ours, with a status that
// fits, and says nothing of the settings nor of what was asked; only the right
// token gets past the door.
func FuzzHTTP(f *testing.F) {
	files, err := filepath.Glob("../testdata/events/http_*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no fixtures: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"httpMethod":"GET","path":"/","headers":{"Authorization":["Bearer x","Bearer ` + openSesame + `"]}}`))
	f.Add([]byte(`{"httpMethod":"HEAD","path":"//","headers":"Authorization: Bearer ` + openSesame + `"}`))
	f.Add([]byte(`{"httpMethod":"GET","path":"/metrics","headers":{"AUTHORIZATION":"Bearer ` + openSesame + `"},"queryString":"%zz"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b := newBench(t, sim.Options{})
		b.env["REPORT_TOKEN"] = openSesame
		if !strings.Contains(string(raw), `"httpMethod"`) {
			return // other kinds of event have a target of their own
		}
		b.env["TARGET_REGIONS"] = "" // no job may begin: its settings are wrong
		_, err := b.send(string(raw))
		b.wantClean("with wrong settings", nil, err)
		b.env["TARGET_REGIONS"] = bj
		out, err := b.send(string(raw))
		b.wantClean("HTTP", nil, err)
		if err == nil && strings.Contains(b.logs.String()+string(out), openSesame) {
			t.Errorf("the token is shown: %s", out)
		}
		var page struct {
			StatusCode int
			Body       string
		}
		if err != nil || json.Unmarshal(out, &page) != nil || page.StatusCode == 0 {
			return
		}
		if page.StatusCode < 400 && !strings.Contains(string(raw), "sesame") {
			t.Errorf("%d without the token: %s", page.StatusCode, out)
		}
	})
}

// openSesame is the status page's token in these tests.
const openSesame = "open-sesame-0123456789"
