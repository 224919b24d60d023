package job

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

const sh = "ap-shanghai"

// An answer is an error that means something.
type answer cloud.Meaning

func (a answer) Error() string          { return "refused" }
func (a answer) Meaning() cloud.Meaning { return cloud.Meaning(a) }

// A copyCloud answers each copy request as it is told for its regions. When it is
// observed, every source is there, and no replica.
type copyCloud struct {
	Cloud
	refuses map[string]cloud.Meaning // by the regions asked for
	asked   []string
}

func (c *copyCloud) SnapshotsByID(_ context.Context, region string, ids []string) (found []cloud.Snapshot, err error) {
	for _, id := range ids {
		found = append(found, cloud.Snapshot{ID: id, Region: region, State: cloud.Normal, Percent: 100, Created: t0})
	}
	return found, nil
}

func (c *copyCloud) SnapshotsByName(context.Context, string, []string) ([]cloud.Snapshot, error) {
	return nil, nil
}

func (c *copyCloud) Copy(_ context.Context, r cloud.CopyRequest) ([]cloud.CopyResult, error) {
	to := strings.Join(r.To, " ")
	c.asked = append(c.asked, to)
	if m, ok := c.refuses[to]; ok {
		return nil, answer(m)
	}
	rows := make([]cloud.CopyResult, len(r.To))
	for i, region := range r.To {
		rows[i] = cloud.CopyResult{Region: region, Replica: "snap-r"}
	}
	return rows, nil
}

// tasks are n tasks of a new run, each for two regions.
func tasks(c Cloud, n int) (*copyRun, []*copyTask) {
	r := &Runner{Cloud: c, Refused: &Refusals{}, Now: func() time.Time { return t0 }}
	run := newCopyRun(r, &observation{world: plan.NewWorld(&plan.Rules{Sources: []string{gz}}, t0), at: map[string]time.Time{gz: t0, bj: t0, sh: t0}}, n)
	var queue []*copyTask
	for i := range n {
		t := &copyTask{}
		for _, to := range []string{bj, sh} {
			t.decisions = append(t.decisions, plan.Decision{Kind: plan.KindCopy, Snapshot: fmt.Sprint("snap-", i), Disk: "disk-1", From: gz, To: to, Outcome: plan.Planned})
		}
		queue = append(queue, t)
	}
	run.begin(queue)
	return run, queue
}

func outcomes(t *copyTask) string {
	return fmt.Sprint(t.results[0].Outcome, " ", t.results[1].Outcome)
}

// A request for two regions that is refused, or has no clear answer, is followed by
// one for each alone. A region that was the cause is asked alone from then on, so
// that the other one needs one request again.
func TestAFailedGroupShowsWhichRegionIsTheCause(t *testing.T) {
	const both, wrong, unclear, later, never = bj + " " + sh, cloud.WrongRequest, cloud.MayHaveHappened, cloud.Later, cloud.NeverThis
	for name, c := range map[string]struct {
		refuses            map[string]cloud.Meaning
		first, then, asked string
	}{
		"each alone is taken":      {map[string]cloud.Meaning{both: wrong}, "started started", "started started", "both bj sh bj sh"},
		"one region is the cause":  {map[string]cloud.Meaning{both: wrong, sh: wrong}, "started failed", "started failed", "both bj sh bj sh"},
		"the snapshot is at fault": {map[string]cloud.Meaning{both: wrong, bj: wrong, sh: wrong}, "failed failed", "failed failed", "both bj sh both bj sh"},
		"one region is full":       {map[string]cloud.Meaning{both: cloud.RegionFull, bj: cloud.RegionFull}, "failed started", "deferred started", "both bj sh sh"},
		"one region is denied":     {map[string]cloud.Meaning{both: cloud.Denied, bj: cloud.Denied}, "failed started", "deferred started", "both bj sh sh"},
		"busy for a moment":        {map[string]cloud.Meaning{both: later}, "started started", "started started", "both bj sh both bj sh"},
		"one region is busy":       {map[string]cloud.Meaning{both: later, bj: later}, "deferred started", "deferred started", "both bj sh sh bj"},
		"the account is refused":   {map[string]cloud.Meaning{both: cloud.StopRun}, "failed deferred", "deferred deferred", "both"},
		"an answer is lost":        {map[string]cloud.Meaning{both: unclear}, "started started", "started started", "both bj sh both bj sh"},
		"one region is unclear":    {map[string]cloud.Meaning{both: unclear, bj: unclear}, "unknown started", "unknown started", "both bj sh sh bj"},
		"nothing is clear":         {map[string]cloud.Meaning{both: unclear, bj: unclear, sh: unclear}, "unknown unknown", "unknown unknown", "both bj sh both bj sh"},
		"refused for good":         {map[string]cloud.Meaning{both: never, bj: never, sh: never}, "ineligible ineligible", "ineligible ineligible", "both bj sh both bj sh"},
		"refused for good by one":  {map[string]cloud.Meaning{both: never, bj: never}, "ineligible started", "ineligible started", "both bj sh sh bj"},
	} {
		service := &copyCloud{refuses: c.refuses}
		run, queue := tasks(service, 2)
		for _, task := range queue {
			run.carryOut(t.Context(), task)
		}
		asked := strings.NewReplacer(both, "both", bj, "bj", sh, "sh").Replace(strings.Join(service.asked, ","))
		if asked = strings.ReplaceAll(asked, ",", " "); asked != c.asked {
			t.Errorf("%s: asked for %s, want %s", name, asked, c.asked)
		}
		if got := outcomes(queue[0]); got != c.first {
			t.Errorf("%s: the first is %s, want %s", name, got, c.first)
		}
		if got := outcomes(queue[1]); got != c.then {
			t.Errorf("%s: the second is %s, want %s", name, got, c.then)
		}
	}
}

// A read before a write may fail: then nothing was requested. Where nothing
// will be accepted any more, that is said once, as a failure.
func TestAFailedRecheckSaysWhetherTheRunIsOver(t *testing.T) {
	for m, want := range map[cloud.Meaning][2]string{
		cloud.StopRun:         {"failed deferred", "deferred deferred"},
		cloud.Denied:          {"failed failed", "deferred deferred"},
		cloud.MayHaveHappened: {"deferred deferred", "started started"},
		cloud.OutOfTime:       {"deferred deferred", "started started"},
	} {
		run, queue := tasks(&copyCloud{}, 2)
		queue[0].pending()
		queue[0].fail(answer(m))
		run.carryOut(t.Context(), queue[1])
		if got := [2]string{outcomes(queue[0]), outcomes(queue[1])}; got != want {
			t.Errorf("meaning %d: got %q, want %q", m, got, want)
		}
		d := plan.Decision{Kind: plan.KindDelete, To: bj, Replica: "snap-r"}
		deletion := &deleteTask{run: &deleteRun{writeRun: newWriteRun(run.Runner)}, decision: &d}
		deletion.fail(answer(m))
		if got := string(deletion.result.Outcome); got != strings.Fields(want[0])[0] {
			t.Errorf("meaning %d: the deletion is %s, want %s", m, got, strings.Fields(want[0])[0])
		}
	}
}

// While an instance is frozen between two invocations, its monotonic clock stands
// still. So a refusal must not be timed by it.
func TestARefusalIsTimedByTheCalendar(t *testing.T) {
	var r Refusals
	r.Note("snap-a", bj, "refused", time.Now())
	if until := r.all[plan.Ref{Region: bj, Snapshot: "snap-a"}].until; strings.Contains(until.String(), "m=") {
		t.Errorf("%s has a monotonic reading", until)
	}
}
