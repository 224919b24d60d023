package storm

import (
	"runtime/debug"
	"strings"
	"testing"
	"time"
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

func TestTheStoryHasEverythingInIt(t *testing.T) {
	calls := map[string]int{}
	w := newStory()
	r := playWorld(w, len(w.steps), func(p *play) { p.heard = func(action string) { calls[action]++ } })
	if len(r.Violations) > 0 {
		t.Errorf("without a fault:\n%s", strings.Join(r.Violations, "\n"))
	}
	for _, action := range []string{"DescribeSnapshots", "DescribeDisks", "DescribeSnapshotOverview", "CopySnapshotCrossRegions", "DeleteSnapshots", "TagResources", "GetCallerIdentity"} {
		if calls[action] == 0 {
			t.Errorf("the story never asks for %s", action)
		}
	}
}
