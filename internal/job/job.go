// Package job runs the jobs. It observes the cloud, lets package plan decide, does
// the work within the available time, and reports a result for every decision.
//
// It promises:
//
//   - Every copy and deletion relies on an observation that is at most five
//     seconds old.
//   - After an unclear answer to a request for one region it sends no second one in
//     the same run. After one to a request for several regions it observes again,
//     and then asks for each region by itself, once.
//   - What is wrong with one snapshot, disk, target or source region does not hold
//     up the others.
//   - If a run dies at any point, the next run sees in the cloud what was done.
//
// It keeps no state between runs, except what the service refused for good
// (Refusals). It does not wait for a copy to finish. It does not repeat failed
// requests and does not limit their rate: the Cloud does both.
package job

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// maxAge is the greatest age of an observation when a write that relies on it is
// sent. It counts from the start of the observation. Runs may overlap, and the
// service refuses a second copy only while the first is in progress.
const maxAge = 5 * time.Second

// A Runner runs jobs on one cloud, for one invocation. Its fields must not change
// after the first job began.
type Runner struct {
	Cloud   Cloud
	Rules   plan.Rules
	Refused *Refusals
	Now     func() time.Time
	Log     *slog.Logger
	// Account is the account's uin from the environment. If it is "", the cloud
	// is asked when it is needed.
	Account string
	// Workers bounds the copy tasks that run at once for each source region, and
	// the regions that are observed at once. At least 1.
	Workers int
	// Rate is how many requests a second are allowed for each API and region; 0 is
	// unknown. With a low rate fewer copy tasks run at once.
	Rate int
	// MaxWork bounds the work of one run. MaxActions bounds the actions of each
	// outcome and kind that a report keeps. 0 is no bound.
	MaxWork, MaxActions int
	// Noted are the actions that a report begins with. They are known from the
	// event alone.
	Noted []Action
	// eachDisk gets all disks that are listed, page by page; nil: nobody asks.
	eachDisk func([]cloud.Disk)
	// Progress is called with how much of the work is done; it may be nil.
	Progress func(done, total int)
}

// task is the planner's task for an order.
func (r *Runner) task(o plan.Order) plan.Task { return plan.Task{Order: o, MaxWork: r.MaxWork} }

// report begins a report with the noted actions and the regions that could not be
// read.
func (r *Runner) report(kind plan.Kind, seen *observation) *Report {
	report := NewReport(r.MaxActions, r.Noted...)
	report.Partial = len(seen.failed) > 0
	for _, region := range slices.Sorted(maps.Keys(seen.failed)) {
		report.add(Action{Kind: kind, From: region, Outcome: plan.Failed, Reason: sentence(seen.failed[region])})
	}
	return report
}

// late reports whether there is no time left for new work.
func (r *Runner) late(ctx context.Context) bool { return ctx.Err() != nil }

func (r *Runner) progress(done, total int) {
	if r.Progress != nil {
		r.Progress(done, total)
	}
}

// logAction logs the result of one decision at once, so that the log is complete
// if the run is killed. What rings is logged as an error.
func (r *Runner) logAction(ctx context.Context, level slog.Level, a *Action) {
	if a.Outcome.Alarms() {
		level = slog.LevelError
	}
	r.Log.Log(ctx, level, string(a.Kind), "disk", a.Disk, "snapshot", a.Snapshot, "region", a.From, "target", a.To, "replica", a.Replica, "outcome", a.Outcome, "reason", a.Reason)
}

// noteAlarms notes decisions, and logs those that ring.
func (r *Runner) noteAlarms(ctx context.Context, report *Report) func(plan.Decision) {
	return func(d plan.Decision) {
		report.note(d)
		if d.Outcome.Alarms() {
			a := actionOf(&d)
			r.logAction(ctx, slog.LevelError, &a)
		}
	}
}

// each calls do for every element, at most limit at a time, and waits for all
// of them.
func each[T any](limit int, all []T, do func(T)) {
	var g errgroup.Group
	g.SetLimit(max(1, limit))
	for _, one := range all {
		g.Go(func() error {
			do(one)
			return nil
		})
	}
	_ = g.Wait() // no function returns an error
}

// union is the distinct elements of all lists, sorted.
func union[T cmp.Ordered](lists ...[]T) []T {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}

// idsOf are the ids of snapshots.
func idsOf(snapshots []cloud.Snapshot) []string {
	ids := make([]string, len(snapshots))
	for i := range snapshots {
		ids[i] = snapshots[i].ID
	}
	return ids
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
