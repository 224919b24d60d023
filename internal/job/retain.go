package job

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// Retain observes, plans, and deletes the replicas that no keep rule keeps, one
// after the other. With dry it stops after the plan.
//
// If the process dies between two deletions, the next run plans with the replicas
// that are left.
func (r *Runner) Retain(ctx context.Context, o plan.Order, dry bool) *Report {
	seen := r.observe(ctx, plan.Order{Targets: o.Targets})
	report := r.report(plan.KindDelete, seen)
	t := r.task(plan.Order{Force: o.Force, Targets: o.Targets})
	t.Deletions = true
	p := plan.Make(&r.Rules, seen.world, t, r.Now(), r.noteAlarms(ctx, report), report.warn)
	report.Unsettled = p.Unsettled
	if dry {
		report.noteAll(plan.Limit(p.Deletions, &r.Rules, report.note, report.warn))
	} else {
		r.applyDeletions(ctx, seen, p.Deletions, report)
	}
	return report.end()
}

// A deleteRun is the deleting part of one run.
type deleteRun struct {
	*writeRun
	series map[seriesKey]*seriesSeen // the series that still have planned deletions
	work   map[seriesKey]int         // planned deletions left in each
	left   int                       // deletions until DELETE_LIMIT; negative: no limit
}

// seriesKey names a series: the replicas of one disk in one region, which are
// ranked together.
type seriesKey struct{ from, disk, to string }

func seriesOf(d *plan.Decision) seriesKey { return seriesKey{d.From, d.Disk, d.To} }

// A seriesSeen is what was observed of a series, and when.
type seriesSeen struct {
	at       time.Time
	sources  []cloud.Snapshot
	replicas []cloud.Snapshot
	disk     []cloud.Disk // one, or none
}

// applyDeletions carries out the planned deletions in order: surplus replicas
// first, then the oldest.
func (r *Runner) applyDeletions(ctx context.Context, seen *observation, planned []plan.Decision, report *Report) {
	run := &deleteRun{writeRun: newWriteRun(r), series: map[seriesKey]*seriesSeen{}, work: map[seriesKey]int{}, left: r.Rules.DeleteLimit}
	if run.left == 0 {
		run.left = -1
	}
	for i := range planned {
		run.work[seriesOf(&planned[i])]++
	}
	var leftOver []plan.Decision
	for i := range planned {
		t := &deleteTask{run: run, decision: &planned[i], seen: run.take(seen, &planned[i])}
		run.carryOut(ctx, t)
		t.noteUnshared()
		if t.overLimit {
			leftOver = append(leftOver, planned[i])
		}
		a := t.result.after(t.decision)
		level := slog.LevelInfo
		if a.Outcome != plan.Deleted {
			level = slog.LevelWarn
		}
		r.logAction(ctx, level, &a)
		report.add(a)
		r.progress(i+1, len(planned))
	}
	if len(leftOver) > 0 {
		report.warn(plan.Backlog(leftOver, &r.Rules))
	}
}

// take takes the series of a decision out of what the plan was made on, the
// first time. It is forgotten with its last decision: most series have one, and
// there may be very many.
func (run *deleteRun) take(seen *observation, d *plan.Decision) *seriesSeen {
	k := seriesOf(d)
	s := run.series[k]
	if s == nil {
		s = &seriesSeen{at: seen.at[d.To]}
		s.sources, s.replicas, s.disk = seen.world.Series(d)
		run.series[k] = s
	}
	if run.work[k]--; run.work[k] == 0 {
		delete(run.series, k)
		delete(run.work, k)
	}
	return s
}

// A deleteTask is one replica that no rule keeps.
type deleteTask struct {
	run      *deleteRun
	decision *plan.Decision
	seen     *seriesSeen
	result   result

	overLimit bool     // DELETE_LIMIT leaves it to the next run
	unshared  []string // accounts whose shares were ended for it
}

// pending defers the deletion if DELETE_LIMIT is reached, and reports whether it
// is still to be done.
func (t *deleteTask) pending() bool {
	if t.result.Outcome == "" && t.run.left == 0 {
		t.overLimit = true
		t.postpone("this run has reached DELETE_LIMIT")
	}
	return t.result.Outcome == ""
}

func (t *deleteTask) observedAt() time.Time { return t.seen.at }

// observe reads every replica of the series again, by id.
func (t *deleteTask) observe(ctx context.Context) error {
	began := t.run.Now()
	found, err := t.run.Cloud.SnapshotsByID(ctx, t.decision.To, idsOf(t.seen.replicas))
	if err != nil {
		return err
	}
	t.seen.at, t.seen.replicas = began, found
	return nil
}

// decide plans the series again.
func (t *deleteTask) decide() {
	if o, why := plan.RecheckDeletion(&t.run.Rules, t.seen.world(&t.run.Rules, t.decision.From, t.decision.To), t.decision, t.run.Now()); o != plan.WouldDelete {
		t.result = result{o, why, t.decision.Replica}
	}
}

func (s *seriesSeen) world(r *plan.Rules, from, to string) *plan.World {
	w := plan.NewWorld(r, time.Time{})
	w.Add(from, s.sources)
	w.Add(to, s.replicas)
	w.AddDisks(from, s.disk)
	return w
}

// send ends the shares that this product made, because the service demands it,
// and deletes the replica.
//
// If the process dies between the two, the next run deletes the replica.
func (t *deleteTask) send(ctx context.Context) error {
	if i := t.place(); i >= 0 && t.seen.replicas[i].SharedOut > 0 {
		if t.unshare(ctx); t.result.Outcome != "" {
			return nil
		}
	}
	d := t.decision
	err := t.run.Cloud.Delete(ctx, d.To, d.Replica, cloud.While{Until: t.seen.at.Add(maxAge)})
	switch {
	case err != nil && meaning(err) == cloud.TooOld:
		t.seen.at = time.Time{}
		return err
	case err != nil:
		t.result = t.run.settle(d, err)
	default:
		t.result = result{plan.Deleted, d.Reason, d.Replica}
		t.seen.replicas = slices.Delete(t.seen.replicas, t.place(), t.place()+1)
	}
	if t.result.Outcome == plan.Deleted || t.result.Outcome == plan.Unknown {
		t.run.left--
	}
	return nil
}

// place is the index of the replica in its series, -1 if it is not there.
func (t *deleteTask) place() int {
	return slices.IndexFunc(t.seen.replicas, func(s cloud.Snapshot) bool { return s.ID == t.decision.Replica })
}

// unshare ends the shares that this product made. If one share is not ours, all
// shares and the replica stay.
func (t *deleteTask) unshare(ctx context.Context) {
	d := t.decision
	accounts, err := t.run.Cloud.SharedWith(ctx, d.To, d.Replica)
	if err != nil {
		t.settleBefore(err)
		return
	}
	for _, account := range accounts {
		if !slices.Contains(t.run.Rules.ShareAccounts, account) {
			t.result = result{plan.Kept, d.Reason + ", but it is shared with an account that is not in SHARE_ACCOUNTS", d.Replica}
			return
		}
	}
	if err := t.run.Cloud.Unshare(ctx, d.To, []string{d.Replica}, accounts); err != nil {
		t.settleBefore(err)
		return
	}
	t.unshared = accounts
	if err := t.observe(ctx); err != nil {
		t.fail(err)
		return
	}
	t.decide()
}

// noteUnshared adds to the result that shares were ended although the replica was not
// deleted.
func (t *deleteTask) noteUnshared() {
	if len(t.unshared) == 0 || t.result.Outcome == plan.Deleted {
		return
	}
	replica := "the replica is still there"
	if t.result.Outcome == plan.Unknown {
		replica = "the replica may still be there"
	}
	t.result.reason += fmt.Sprintf("; its share with account %s was ended before, and %s", strings.Join(t.unshared, ", "), replica)
}

func (t *deleteTask) settleBefore(err error) {
	t.result = t.run.settle(t.decision, err)
	t.result.reason = "before deleting: " + t.result.reason
}

// fail settles the deletion after a failed observation. Nothing was deleted.
func (t *deleteTask) fail(err error) {
	if m := meaning(err); m == cloud.StopRun || m == cloud.Denied {
		t.result = t.run.settle(t.decision, err)
		return
	}
	t.postpone("could not be observed again before deleting: " + sentence(err))
}

func (t *deleteTask) postpone(why string) {
	t.result = result{plan.Deferred, why, t.decision.Replica}
}
