package storm

import (
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"snapferry/internal/sim"
)

// TestEveryRequestBrokenInEveryWay is the exhaustive round.
func TestEveryRequestBrokenInEveryWay(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	began := time.Now()
	r := Round()
	t.Logf("%d requests, %d runs, %d API calls, %d copies, %d violations, %s", r.Requests, r.Runs, r.Calls, r.Copies, len(r.Violations), time.Since(began))
	if r.Requests < 50 {
		t.Errorf("the story makes only %d requests", r.Requests)
	}
	if len(r.Violations) > 0 {
		t.Errorf("%d violations:\n%s", len(r.Violations), strings.Join(r.Violations[:min(40, len(r.Violations))], "\n"))
	}
}

// TestRequestsOfTheSettlingRoundsAreStruckToo: the end was played without
// faults, and its requests were never broken.
func TestRequestsOfTheSettlingRoundsAreStruckToo(t *testing.T) {
	struck := 0
	r := tell(func(sim.Call) way {
		struck++
		return way{}
	})
	if struck != r.Calls {
		t.Errorf("%d of %d requests can be struck", struck, r.Calls)
	}
}

// TestEndsAreComparedLineByLine: a doubled replica was taken for a single one,
// whose line is the same.
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

func TestTheStoryHasEverythingInIt(t *testing.T) {
	calls := map[string]int{}
	w := newStory()
	r := playWorld(w, len(w.steps), func(p *play) { p.heard = func(action string) { calls[action]++ } })
	if len(r.Violations) > 0 {
		t.Errorf("without a fault:\n%s", strings.Join(r.Violations, "\n"))
	}
	for _, action := range []string{"DescribeSnapshots", "DescribeDisks", "DescribeSnapshotOverview", "CopySnapshotCrossRegions", "DeleteSnapshots", "DescribeSnapshotSharePermission", "ModifySnapshotsSharePermission", "TagResources", "GetCallerIdentity"} {
		if calls[action] == 0 {
			t.Errorf("the story never asks for %s", action)
		}
	}
}
