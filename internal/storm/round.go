package storm

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"snapferry/internal/sim"
)

// A RoundResult is what became of a story whose every request was broken in
// every way.
type RoundResult struct {
	Requests   int // of the story
	Runs       int // one for each request and way
	Calls      int
	Copies     int
	Violations []string
}

// A way is how one request breaks.
type way struct {
	sim.Fault
	dies bool // and the instance with it
}

// String names the way.
func (w way) String() string {
	text := w.Kind.String()
	if w.Code != "" {
		text += " " + w.Code
	}
	if w.dies {
		text += ", and the instance dies"
	}
	return text
}

// ways are all the ways in which a request of an action breaks.
func ways(action string) []way {
	all := []way{
		{sim.Fault{Kind: sim.LoseCall}, false},
		{sim.Fault{Kind: sim.LoseReply}, false},
		{sim.Fault{Kind: sim.BadGateway}, false},
		{sim.Fault{Kind: sim.BadGatewayDone}, false},
		{sim.Fault{Kind: sim.Truncate}, false},
		{sim.Fault{Kind: sim.HangBefore}, false},
		{sim.Fault{Kind: sim.HangAfter}, false},
		{sim.Fault{Kind: sim.Slow, Delay: 9 * time.Second}, false}, // longer than a look lives
		{sim.Fault{Kind: sim.Slow, Delay: time.Hour}, false},       // longer than an invocation
		{sim.Fault{Kind: sim.LoseCall}, true},
		{sim.Fault{Kind: sim.LoseReply}, true},
	}
	for _, code := range slices.Concat(codes[""], codes[action]) {
		all = append(all, way{sim.Fault{Kind: sim.Refuse, Code: code}, false})
		if action == "CopySnapshotCrossRegions" {
			all = append(all, way{sim.Fault{Kind: sim.RefuseRows, Code: code}, false})
		}
	}
	return all
}

// Round plays the story once for each of its requests and each way to break
// it, and demands that it ends as it does without a fault. It finds the
// requests by playing: a new call is covered the day it is written.
func Round() RoundResult {
	var actions []string
	whole := tell(func(c sim.Call) way {
		actions = append(actions, c.Action)
		return way{}
	})
	r := RoundResult{Requests: len(actions), Violations: whole.Violations}
	type job struct {
		n   int
		way way
	}
	jobs := make(chan job)
	var all sync.WaitGroup
	var mu sync.Mutex
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for j := range jobs {
				one, bad := breakOne(j.n, j.way, whole.end)
				mu.Lock()
				r.Runs, r.Calls, r.Copies = r.Runs+1, r.Calls+one.Calls, r.Copies+one.Copies
				for _, v := range bad {
					r.Violations = append(r.Violations, fmt.Sprintf("request %d, %s: %s: %s", j.n, actions[j.n], j.way, v))
				}
				mu.Unlock()
			}
		})
	}
	for n, action := range actions {
		for _, w := range ways(action) {
			jobs <- job{n, w}
		}
	}
	close(jobs)
	all.Wait()
	slices.Sort(r.Violations)
	return r
}

// breakOne plays the story with its request n broken, and says what is wrong.
func breakOne(n int, w way, want []string) (Result, []string) {
	broken := false
	r := tell(func(c sim.Call) way {
		if c.N != n {
			return way{}
		}
		broken = true
		return w
	})
	bad := r.Violations
	if !broken {
		bad = append(bad, "the request was never made")
	}
	return r, append(bad, differences(r.end, want)...)
}

// differences says how two sorted lists differ. Lines may stand several times
// in each: two replicas of one source are described alike.
func differences(got, want []string) []string {
	var out []string
	for len(got) > 0 || len(want) > 0 {
		switch {
		case len(want) == 0 || len(got) > 0 && got[0] < want[0]:
			out, got = append(out, "at the end there is also "+got[0]), got[1:]
		case len(got) == 0 || want[0] < got[0]:
			out, want = append(out, "at the end there is no "+want[0]), want[1:]
		default:
			got, want = got[1:], want[1:]
		}
	}
	return out
}

// tell plays the story. strike is asked about every request, in order, those
// of the rounds in which everything settles too.
func tell(strike func(sim.Call) way) Result {
	w := newStory()
	return playWorld(w, len(w.steps), func(p *play) {
		p.strike = func(c sim.Call) (sim.Fault, bool) {
			w := strike(c)
			return w.Fault, w.dies
		}
	})
}

// lines describes everything that is there, without what differs from one
// telling to the next: the replicas' ids and the times of their making.
func (t *truth) lines() []string {
	var out []string
	for at, s := range t.here {
		id := at.id
		if t.book.ours(s) != nil {
			id = "replica"
		}
		out = append(out, fmt.Sprint(at.region, " ", id, " ", s.Name, " ", s.State, " ", s.Percent, " % ", s.SizeGiB, " GiB ", s.Tags))
	}
	slices.Sort(out)
	return out
}

// newStory is the world that Round breaks: several disks, two source and two
// target regions, events and timers, copies that take hours, retention.
func newStory() *world {
	w := &world{
		seed: 1, sources: []string{"ap-guangzhou", "ap-shanghai"}, targets: []string{"ap-beijing", "ap-chengdu"},
		env: map[string]string{
			"SOURCE_REGIONS": "ap-guangzhou,ap-shanghai", "TARGET_REGIONS": "ap-beijing,ap-chengdu",
			"MAX_AGE": "0", "COPY_TIMEOUT": "4h", "KEEP_LAST": "2", "SHARE_ACCOUNTS": friend,
		},
		accounts: []string{friend},
		cloud:    sim.Options{CopyTime: 2 * time.Hour, CheckTime: 20 * time.Minute, KeepCalls: -1},
		copies:   []instance{{workers: 2}},
		verify:   instance{workers: 2},
		retain:   instance{workers: 2},
		timeout:  4 * time.Hour, rate: 20, zone: time.UTC,
		rules: []rule{{period: "KEEP_LAST", n: 2}},
	}
	for i, region := range []string{w.sources[0], w.sources[0], w.sources[1]} {
		w.disks = append(w.disks, sim.Disk{ID: id("disk", mix(21, uint64(i))), Region: region, SizeGiB: 50})
	}
	add := func(disk int, age time.Duration) int {
		d := &w.disks[disk]
		w.snaps = append(w.snaps, snap{
			Snapshot: sim.Snapshot{ID: id("snap", mix(22, uint64(len(w.snaps)))), Region: d.Region, Disk: d.ID, SizeGiB: d.SizeGiB},
			age:      age,
		})
		return len(w.snaps) - 1
	}
	for i, age := range []time.Duration{50 * time.Hour, 26 * time.Hour, 25 * time.Hour, 3 * time.Hour} {
		add([]int{0, 0, 2, 1}[i], age)
	}
	first, second := add(0, 0), add(2, 0)
	hour := func(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }
	w.steps = []step{
		{at: hour(0.1), kind: makeSnap, n: first},
		{at: hour(0.11), kind: event, snaps: []int{first}, limit: 5 * time.Minute},
		{at: hour(0.2), kind: copyTimer, limit: 15 * time.Minute},
		{at: hour(0.5), kind: readySnap, n: first},
		{at: hour(0.6), kind: event, snaps: []int{first}, limit: 10 * time.Second},
		{at: hour(1), kind: verifyTimer, limit: 15 * time.Minute},
		{at: hour(1.5), kind: copyTimer, limit: 10 * time.Second},
		{at: hour(4), kind: verifyTimer, limit: 30 * time.Second},
		{at: hour(4.05), kind: sharing},
		{at: hour(4.1), kind: retainTimer, limit: 30 * time.Second},
		{at: hour(5), kind: makeSnap, n: second},
		{at: hour(5.1), kind: readySnap, n: second},
		{at: hour(5.2), kind: groupEvent, snaps: []int{second}, limit: time.Minute},
		{at: hour(8), kind: copyTimer, limit: 15 * time.Minute},
		{at: hour(8.1), kind: verifyTimer, limit: 10 * time.Second},
		{at: hour(8.2), kind: retainTimer, limit: 10 * time.Second},
	}
	return w
}
