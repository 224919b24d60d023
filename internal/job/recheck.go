package job

import (
	"context"
	"errors"
	"sync"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A task is one write, with its decisions and the observations that they rely
// on.
type task interface {
	// pending reports whether the write is still wanted.
	pending() bool
	// observedAt is the start of the oldest read behind the current decision.
	observedAt() time.Time
	// observe reads again what was observed too long ago.
	observe(ctx context.Context) error
	// decide decides anew on the newest observation.
	decide()
	// send sends the write. If the observation became too old before, it sends
	// nothing and its error means TooOld. After an unclear answer to a request for
	// several regions its error is errUnclear. It settles all other errors itself.
	send(ctx context.Context) error
	// fail settles the pending decisions after a failed observe.
	fail(err error)
	// postpone defers the pending decisions.
	postpone(why string)
}

// maxRechecks bounds how often one task observes again because its observation
// became too old while the request waited. Then the task is deferred to the next
// run.
const maxRechecks = 5

// slack is the time that a request may wait for the rate limit after a decision.
const slack = time.Second

// A writeRun is what the writes of one run have in common.
type writeRun struct {
	*Runner
	mu         sync.Mutex
	stopReason string           // why no more writes are sent
	closed     map[route]string // routes that get no more writes, with the reason; from "": from all regions
}

func newWriteRun(r *Runner) *writeRun { return &writeRun{Runner: r, closed: map[route]string{}} }

// carryOut does one task: it observes again if necessary, decides anew, and
// sends.
func (w *writeRun) carryOut(ctx context.Context, t task) {
	for range maxRechecks {
		if why := w.whyStopped(ctx); why != "" {
			t.postpone(why)
		}
		if !t.pending() {
			return
		}
		if !w.recentFor(t.observedAt(), slack) {
			if err := t.observe(ctx); err != nil {
				t.fail(err)
				return
			}
		}
		if t.decide(); !t.pending() {
			return
		}
		if err := t.send(ctx); err == nil || meaning(err) != cloud.TooOld && !errors.Is(err, errUnclear) {
			return
		}
	}
	t.postpone("too many requests were waiting: its observation was too old each time it could be sent")
}

// whyStopped says why no more writes are sent; "" if the run continues.
func (w *writeRun) whyStopped(ctx context.Context) string {
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

// recentFor reports whether an observation will still be recent enough after d.
func (w *writeRun) recentFor(at time.Time, d time.Duration) bool {
	return w.Now().Add(d).Before(at.Add(maxAge))
}

// close ends all writes on a route. It reports whether they were still allowed.
func (w *writeRun) close(r route, why string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed[r] != "" {
		return false
	}
	w.closed[r] = why
	return true
}

// stop ends all writes. It reports whether they were still allowed.
func (w *writeRun) stop(why string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopReason != "" {
		return false
	}
	w.stopReason = why
	return true
}

// outcomeOf is the table from the meaning of an answer to the outcome of a copy or
// a deletion.
var outcomeOf = map[cloud.Meaning]map[plan.Kind]plan.Outcome{
	cloud.AlreadyUnderWay: {plan.KindCopy: plan.InProgress, plan.KindDelete: plan.Failed},
	cloud.NotReady:        {plan.KindCopy: plan.Waiting, plan.KindDelete: plan.Failed},
	cloud.Later:           {plan.KindCopy: plan.Deferred, plan.KindDelete: plan.Deferred},
	cloud.OutOfTime:       {plan.KindCopy: plan.Deferred, plan.KindDelete: plan.Deferred},
	cloud.TooOld:          {plan.KindCopy: plan.Deferred, plan.KindDelete: plan.Deferred},
	cloud.NeverThis:       {plan.KindCopy: plan.Ineligible, plan.KindDelete: plan.Failed},
	cloud.Gone:            {plan.KindCopy: plan.Skipped, plan.KindDelete: plan.Deleted},
	cloud.RegionFull:      {plan.KindCopy: plan.Failed, plan.KindDelete: plan.Failed},
	cloud.Denied:          {plan.KindCopy: plan.Failed, plan.KindDelete: plan.Failed},
	cloud.StopRun:         {plan.KindCopy: plan.Failed, plan.KindDelete: plan.Failed},
	cloud.WrongRequest:    {plan.KindCopy: plan.Failed, plan.KindDelete: plan.Failed},
	cloud.NoSuchRegion:    {plan.KindCopy: plan.Failed, plan.KindDelete: plan.Failed},
	cloud.MayHaveHappened: {plan.KindCopy: plan.Unknown, plan.KindDelete: plan.Unknown},
}

// settle returns the result of a decision's work after an error. It also notes
// what the error means for the rest of the run.
func (w *writeRun) settle(d *plan.Decision, err error) result {
	m, why := meaning(err), sentence(err)
	res := result{outcomeOf[m][d.Kind], why, d.Replica}
	switch {
	case m == cloud.StopRun && !w.stop(short(err)):
		res.Outcome = plan.Deferred
	case m == cloud.Denied && d.Kind == plan.KindDelete:
		w.stop(short(err))
	case m == cloud.Denied && !w.close(route{d.From, d.To}, "permission was denied: "+short(err)):
		res.Outcome = plan.Deferred
	case m == cloud.RegionFull && d.Kind == plan.KindCopy && !w.close(route{to: d.To}, "its quota is used up"):
		res.Outcome = plan.Deferred
	case m == cloud.NeverThis && d.Kind == plan.KindCopy:
		w.Refused.Note(d.Snapshot, d.To, why, w.Now())
	case m == cloud.MayHaveHappened && d.Kind == plan.KindCopy:
		res.reason = "no clear answer; the next run checks whether the replica exists: " + why
	}
	return res
}
