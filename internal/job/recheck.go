package job

import (
	"context"
	"sync"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A task is one write: the decisions that it settles, and the observations
// that they rely on.
type task interface {
	// pending reports whether the write is still wanted.
	pending() bool
	// observedAt is the start of the oldest read behind the current decision.
	observedAt() time.Time
	// observe reads anew what was seen too long ago.
	observe(ctx context.Context) error
	// decide decides anew on the newest observation.
	decide()
	// send sends the write unless its observation became too old meanwhile;
	// then its error means TooOld. It settles everything else itself.
	send(ctx context.Context) error
	// fail settles what is pending after a read that failed.
	fail(err error)
	// postpone defers what is pending.
	postpone(why string)
}

// maxRechecks bounds how often one task observes again because its observation
// became too old while it waited for its turn. It stays undone then: the next
// run begins with a new observation.
const maxRechecks = 5

// slack is left of an observation's life for the turn of a request to come.
const slack = time.Second

// A writeRun is what the writes of one run have in common.
type writeRun struct {
	*Runner
	mu         sync.Mutex
	stopReason string            // why nothing more is sent at all
	closed     map[string]string // regions that nothing more is sent about, and why
}

func newWriteRun(r *Runner) *writeRun { return &writeRun{Runner: r, closed: map[string]string{}} }

// carryOut brings one task to its end: it observes again if it must, decides
// anew, and sends.
func (w *writeRun) carryOut(ctx context.Context, t task) {
	for range maxRechecks {
		if why := w.heldUp(ctx); why != "" {
			t.postpone(why)
		}
		if !t.pending() {
			return
		}
		if !w.youngFor(t.observedAt(), slack) {
			if err := t.observe(ctx); err != nil {
				t.fail(err)
				return
			}
		}
		if t.decide(); !t.pending() {
			return
		}
		if err := t.send(ctx); err == nil || meaning(err) != cloud.TooOld {
			return
		}
	}
	t.postpone("what it relies on was observed too long ago each time its turn came")
}

// heldUp says why nothing more is sent; "" if the work goes on.
func (w *writeRun) heldUp(ctx context.Context) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.stopReason != "":
		return "the run was stopped: " + w.stopReason
	case w.late(ctx):
		return "no time left in this run"
	}
	return ""
}

// youngFor reports whether an observation can be relied on for some time more.
func (w *writeRun) youngFor(at time.Time, left time.Duration) bool {
	return w.Now().Add(left).Before(at.Add(maxAge))
}

// close lets nothing more be sent about a region. It reports whether it is the
// first to say so.
func (w *writeRun) close(region, why string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed[region] != "" {
		return false
	}
	w.closed[region] = why
	return true
}

// stop lets nothing more be sent at all. It reports whether it is the first to
// say so.
func (w *writeRun) stop(why string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopReason != "" {
		return false
	}
	w.stopReason = why
	return true
}

// outcomeOf is the one table from what an answer means to what became of a
// copy or a deletion.
var outcomeOf = map[cloud.Meaning]map[plan.Kind]plan.Outcome{
	cloud.AlreadyUnderWay: {plan.KindCopy: plan.InProgress, plan.KindDelete: plan.Failed},
	cloud.NotReady:        {plan.KindCopy: plan.Waiting, plan.KindDelete: plan.Failed},
	cloud.Later:           {plan.KindCopy: plan.Deferred, plan.KindDelete: plan.Deferred},
	cloud.OutOfTime:       {plan.KindCopy: plan.Deferred, plan.KindDelete: plan.Deferred},
	cloud.TooOld:          {plan.KindCopy: plan.Deferred, plan.KindDelete: plan.Deferred},
	cloud.NeverThis:       {plan.KindCopy: plan.Ineligible, plan.KindDelete: plan.Failed},
	cloud.Gone:            {plan.KindCopy: plan.Skipped, plan.KindDelete: plan.Deleted},
	cloud.RegionFull:      {plan.KindCopy: plan.Failed, plan.KindDelete: plan.Failed},
	cloud.StopRun:         {plan.KindCopy: plan.Failed, plan.KindDelete: plan.Failed},
	cloud.WrongRequest:    {plan.KindCopy: plan.Failed, plan.KindDelete: plan.Failed},
	cloud.MayHaveHappened: {plan.KindCopy: plan.Unknown, plan.KindDelete: plan.Unknown},
}

// settle says what became of a decision's work, from the error that it met,
// and notes what the error means for the rest of the run.
func (w *writeRun) settle(d *plan.Decision, err error) result {
	m, why := meaning(err), sentence(err)
	res := result{outcomeOf[m][d.Kind], why, d.Replica}
	switch {
	case m == cloud.StopRun && !w.stop(short(err)):
		res.Outcome = plan.Deferred
	case m == cloud.RegionFull && d.Kind == plan.KindCopy && !w.close(d.To, "its quota is used up"):
		res.Outcome = plan.Deferred
	case m == cloud.NeverThis && d.Kind == plan.KindCopy:
		w.Refused.Note(d.Snapshot, d.To, why, w.Now())
	case m == cloud.MayHaveHappened && d.Kind == plan.KindCopy:
		res.reason = "no clear answer, the next run looks for the replica: " + why
	}
	return res
}
