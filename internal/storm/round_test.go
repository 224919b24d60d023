package storm

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"snapferry/internal/sim"
)

// TestEveryRequestBrokenInEveryWay is the exhaustive round. It plays one story
// once for each of its requests and each way to break it, and demands that it
// ends as it does without a fault. The requests are found by playing: a new
// one is covered the day it is written.
func TestEveryRequestBrokenInEveryWay(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	var actions []string
	whole := play(newStory(), all, func(c sim.Call) way {
		actions = append(actions, c.Action)
		return way{}
	})
	for _, action := range []string{
		"DescribeSnapshots", "DescribeDisks", copyAction, "DeleteSnapshots", "DescribeSnapshotSharePermission", "ModifySnapshotsSharePermission",
		"TagResources", "GetCallerIdentity",
	} {
		if !slices.Contains(actions, action) {
			t.Errorf("the story never asks for %s", action)
		}
	}
	type job struct{ request, way int }
	var jobs []job
	for n, action := range actions {
		for i := range allWays(action) {
			jobs = append(jobs, job{n, i})
		}
	}
	var mu sync.Mutex
	struck, bad := 0, whole.violations
	onAllCores(uint64(len(jobs)), func(i uint64) {
		how, found := breakOne(jobs[i].request, jobs[i].way, whole.end)
		mu.Lock()
		defer mu.Unlock()
		if how != "" {
			struck++
		}
		for _, v := range found {
			bad = append(bad, how+": "+v)
		}
	})
	t.Logf("%d requests, broken %d times, %d violations", len(actions), struck, len(bad))
	if len(actions) < 50 || whole.calls != len(actions) || struck < len(jobs)*9/10 {
		t.Errorf("only %d of %d requests were found, and %d of %d broken", len(actions), whole.calls, struck, len(jobs))
	}
	slices.Sort(bad)
	if len(bad) > 0 {
		t.Errorf("%d violations:\n%s", len(bad), strings.Join(bad[:min(40, len(bad))], "\n"))
	}
}

// breakOne plays the story with a request broken in one of its ways. It says
// how, and what is wrong then. It says nothing if there is no such request or
// way: where several requests are sent at once, their order is not fixed.
func breakOne(request, number int, want []string) (how string, bad []string) {
	r := play(newStory(), all, func(c sim.Call) way {
		possible := allWays(c.Action)
		if c.N != request || number >= len(possible) {
			return way{}
		}
		how = fmt.Sprintf("request %d, %s: %s", request, c.Action, possible[number])
		return possible[number]
	})
	return how, append(r.violations, differences(r.end, want)...)
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

func TestEndsAreComparedLineByLine(t *testing.T) {
	for name, c := range map[string]struct{ got, want, differ []string }{
		"the same":     {[]string{"a", "b"}, []string{"a", "b"}, nil},
		"one doubled":  {[]string{"a", "a", "b"}, []string{"a", "b"}, []string{"at the end there is also a"}},
		"one missing":  {[]string{"b"}, []string{"a", "b"}, []string{"at the end there is no a"}},
		"another":      {[]string{"a", "c"}, []string{"a", "b"}, []string{"at the end there is no b", "at the end there is also c"}},
		"a double too": {[]string{"a"}, []string{"a", "a"}, []string{"at the end there is no a"}},
	} {
		if got := differences(c.got, c.want); !slices.Equal(got, c.differ) {
			t.Errorf("%s: %q, want %q", name, got, c.differ)
		}
	}
}
