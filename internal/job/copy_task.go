package job

import (
	"context"
	"slices"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A copyTask is one copy request: one source and all regions where its replica is
// missing. Only one goroutine works on a task. But other goroutines may add
// observations, which the run's mutex guards.
type copyTask struct {
	run       *copyRun
	decisions []plan.Decision // of one source, one for each region
	results   []result
	place     int // in its queue
	decidedAt time.Time

	// Guarded by run.mu.
	loaded   bool // the plan's observation was loaded
	sourceAt time.Time
	source   *cloud.Snapshot // nil: gone
	targets  []targetSeen    // one for each decision
}

// A targetSeen is the observed replicas of a source in one region.
type targetSeen struct {
	at       time.Time
	replicas []cloud.Snapshot
}

func (t *copyTask) from() string     { return t.decisions[0].From }
func (t *copyTask) snapshot() string { return t.decisions[0].Snapshot }

// left are the indexes of the decisions without a result.
func (t *copyTask) left() []int {
	var left []int
	for i := range t.results {
		if t.results[i].Outcome == "" {
			left = append(left, i)
		}
	}
	return left
}

func (t *copyTask) set(i int, o plan.Outcome, reason, replica string) {
	t.results[i] = result{o, reason, replica}
}

// pending defers the copies to regions that are closed, and reports whether any
// other is left.
func (t *copyTask) pending() bool {
	for _, i := range t.left() {
		to := t.decisions[i].To
		if why := t.run.closedFor(to); why != "" {
			t.set(i, plan.Deferred, to+" gets no more copies in this run: "+why, "")
		}
	}
	return len(t.left()) > 0
}

// observedAt is the start of the oldest read that the pending copies rely on.
func (t *copyTask) observedAt() time.Time {
	t.run.mu.Lock()
	defer t.run.mu.Unlock()
	return t.oldest()
}

func (t *copyTask) oldest() time.Time {
	oldest := t.sourceAt
	for _, i := range t.left() {
		if at := t.targets[i].at; at.Before(oldest) {
			oldest = at
		}
	}
	return oldest
}

// decide decides anew on the newest reads, also those of other tasks. Later reads
// count from the next decision on.
func (t *copyTask) decide() {
	t.run.mu.Lock()
	defer t.run.mu.Unlock()
	if t.decidedAt = t.oldest(); !t.loaded {
		return // nothing was read since the plan
	}
	for _, i := range t.left() {
		d := &t.decisions[i]
		if o, why, replica := plan.Recheck(&t.run.Rules, d, t.source, t.targets[i].replicas, t.run.Now()); o != plan.Planned {
			t.set(i, o, why, replica)
		}
	}
}

// send sends one copy request and notes the result of each region.
//
// If the process dies after the request was sent, its replicas exist or are being
// made. The next run finds them by name.
func (t *copyTask) send(ctx context.Context) error {
	left := t.left()
	if len(left) > 1 && t.run.oneTargetPerRequest() {
		_, err := t.sendEach(ctx, left)
		return err
	}
	return t.sendTo(ctx, left)
}

// refusals are the answers that refuse a request for now or for the way it is made.
// The service did nothing, and one region may be the cause.
var refusals = []cloud.Meaning{cloud.WrongRequest, cloud.RegionFull, cloud.Later, cloud.Denied}

func (t *copyTask) sendTo(ctx context.Context, left []int) error {
	request := cloud.CopyRequest{Source: t.snapshot(), From: t.from(), Name: t.decisions[0].Name()}
	for _, i := range left {
		request.To = append(request.To, t.decisions[i].To)
	}
	// While this request waits, another answer may close a region.
	request.While = cloud.While{Until: t.decidedAt.Add(maxAge), Holds: func() bool { return t.run.open(request.To) }}
	rows, err := t.run.Cloud.Copy(ctx, request)
	switch m := meaning(err); {
	case err == nil:
	case m == cloud.TooOld:
		return err
	case len(left) > 1 && slices.Contains(refusals, m):
		// The service did nothing. Perhaps it refused all regions because of
		// one.
		accepted, err := t.sendEach(ctx, left)
		if m == cloud.WrongRequest && accepted == len(left) {
			t.run.noteOneTarget()
		}
		return err
	default:
		t.settle(left, err)
		return nil
	}
	for n, i := range left {
		if rows[n].Err != nil {
			t.settle([]int{i}, rows[n].Err)
			continue
		}
		t.set(i, plan.Started, t.decisions[i].Reason, rows[n].Replica)
		t.run.started(t.decisions[i].To, t.decisions[i].Name())
	}
	return nil
}

// sendEach requests one region after the other. If a region refuses the request
// as wrong and another region accepts it, the first region is the cause: it gets
// no more requests in this run. accepted is the number of regions that began.
func (t *copyTask) sendEach(ctx context.Context, left []int) (accepted int, err error) {
	for _, i := range left {
		if why := t.run.whyStopped(ctx); why != "" {
			t.postpone(why)
		}
		if !t.pending() || t.results[i].Outcome != "" {
			continue
		}
		if err := t.sendTo(ctx, []int{i}); err != nil {
			return accepted, err // the rest is observed again
		}
		if t.results[i].Outcome == plan.Started {
			accepted++
		}
	}
	for _, i := range left {
		if accepted > 0 && t.results[i].Outcome == plan.Failed {
			t.run.close(t.decisions[i].To, "it refused a request that another region accepted")
		}
	}
	return accepted, nil
}

func (t *copyTask) settle(places []int, err error) {
	for _, i := range places {
		t.results[i] = t.run.settle(&t.decisions[i], err)
	}
}

// fail defers the pending copies after a failed observation. Nothing was
// requested.
func (t *copyTask) fail(err error) {
	if m := meaning(err); m == cloud.StopRun || m == cloud.Denied {
		t.settle(t.left(), err)
		return
	}
	t.postpone("could not be observed again before copying: " + sentence(err))
}

func (t *copyTask) postpone(why string) {
	for _, i := range t.left() {
		t.set(i, plan.Deferred, why, "")
	}
}
