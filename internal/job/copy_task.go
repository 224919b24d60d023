package job

import (
	"context"
	"slices"
	"sync"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A copyTask is one source and all regions where its replica is missing. Usually
// one request copies it to all of them. Only one goroutine works on a task. But
// other goroutines may add observations, which the run's mutex guards.
type copyTask struct {
	run       *copyRun
	decisions []plan.Decision // of one source, one for each region
	results   []result
	unclear   []error // of each decision: the unclear answer to a request for several regions
	apart     bool    // a request for several regions was refused: each is asked by itself
	suspects  []route // failed when they were asked alone
	logged    []bool
	place     int   // in its queue
	last      bool  // also the regions that wait behind all others are due
	due       []int // the decisions that are worked on now
	decidedAt time.Time

	// Guarded by run.mu.
	loaded    bool      // the plan's observation was loaded
	notBefore time.Time // reads that began earlier do not count
	sourceAt  time.Time
	source    *cloud.Snapshot // nil: gone
	targets   []targetSeen    // one for each decision
}

// A targetSeen is the observed replicas of a source in one region.
type targetSeen struct {
	at       time.Time
	replicas []cloud.Snapshot
}

func (t *copyTask) from() string      { return t.decisions[0].From }
func (t *copyTask) snapshot() string  { return t.decisions[0].Snapshot }
func (t *copyTask) route(i int) route { return route{t.from(), t.decisions[i].To} }

// left are the indexes of the due decisions without a result.
func (t *copyTask) left() []int {
	return slices.DeleteFunc(slices.Clone(t.due), func(i int) bool { return t.results[i].Outcome != "" })
}

// set notes a result. Nothing is only deferred if an unclear answer may have begun
// it.
func (t *copyTask) set(i int, o plan.Outcome, reason, replica string) {
	if t.results[i] = (result{o, reason, replica}); o == plan.Deferred && t.unclear[i] != nil {
		t.settle([]int{i}, t.unclear[i])
	}
}

// pending defers the copies to regions that are closed. It reports whether any
// other is due.
func (t *copyTask) pending() bool {
	t.due = t.due[:0]
	for i := range t.results {
		if t.results[i].Outcome == "" && !t.isClosed(i) && (t.last || !t.run.health.isLast(t.route(i))) {
			t.due = append(t.due, i)
		}
	}
	return len(t.due) > 0
}

// isClosed reports whether a region gets no more copies, and defers the one to it.
func (t *copyTask) isClosed(i int) bool {
	why := t.run.closedFor(t.route(i))
	if why != "" {
		t.set(i, plan.Deferred, t.decisions[i].To+" gets no more copies in this run: "+why, "")
	}
	return why != ""
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

// observe reads the source and the targets of a task at the same time, if the last
// read is too old. A target that can't be read loses only its own copy. A read that
// takes longer than maxAge is of no use.
func (t *copyTask) observe(ctx context.Context) error {
	short, cancel := context.WithTimeout(ctx, maxAge)
	defer cancel()
	var all sync.WaitGroup
	var source error
	all.Go(func() { source = t.run.readSources(short, t) })
	left := t.left()
	errs := make([]error, len(left))
	for n, i := range left {
		all.Go(func() { errs[n] = t.run.readTarget(short, t, i) })
	}
	all.Wait()
	if source != nil {
		return source
	}
	for n, i := range left {
		if errs[n] != nil {
			t.run.health.noteFailure(t.route(i))
			t.failed([]int{i}, errs[n])
		}
	}
	return nil
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
		o, why, replica := plan.Recheck(&t.run.Rules, d, t.source, t.targets[i].replicas, t.run.Now())
		if t.unclear[i] != nil {
			why = "after an unclear answer: " + why
		}
		if o != plan.Planned {
			t.set(i, o, why, replica)
		}
	}
}

// fail defers the pending copies after a failed observation. Nothing was
// requested.
func (t *copyTask) fail(err error) { t.failed(t.left(), err) }

func (t *copyTask) failed(places []int, err error) {
	if m := meaning(err); m == cloud.StopRun || m == cloud.Denied {
		t.settle(places, err)
		return
	}
	for _, i := range places {
		t.set(i, plan.Deferred, "could not be observed again before copying: "+sentence(err), "")
	}
}

// postpone defers all copies without a result.
func (t *copyTask) postpone(why string) {
	for i := range t.results {
		if t.results[i].Outcome == "" {
			t.set(i, plan.Deferred, why, "")
		}
	}
}

func (t *copyTask) settle(places []int, err error) {
	for _, i := range places {
		t.results[i] = t.run.settle(&t.decisions[i], err)
	}
}
