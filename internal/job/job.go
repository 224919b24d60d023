// Package job carries plans out: it observes the cloud, has package plan
// decide, acts on the plan within the time that is left, and reports what
// became of every decision.
//
// It promises that no copy is requested, and nothing is deleted, on an
// observation that is older than five seconds; that an unclear answer is never
// followed by a second request in the same run; and that a run which dies at
// any point leaves nothing that the next one does not see in the cloud. It
// keeps nothing between runs but what the service refused for good (Refusals),
// and never waits for a copy to finish.
//
// It does not repeat failed requests and does not pace them: the Cloud that it
// is given does both.
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

// maxAge is how old an observation may be when a request that relies on it is
// sent, counted from the start of the observation (design: runs overlap, and
// the service's conflict answer guards only while a copy is in progress).
const maxAge = 5 * time.Second

// A Runner runs jobs against one cloud. Its fields are set before the first
// job and not changed after; a Runner is made for one invocation.
type Runner struct {
	Cloud   Cloud
	Rules   plan.Rules
	Refused *Refusals
	Now     func() time.Time
	Log     *slog.Logger
	// Account is the account's uin where the environment tells it; else it is
	// asked for when it is needed.
	Account string
	// Workers bounds the copies at work for each source region, and the regions
	// that are observed at once. At least 1.
	Workers int
	// Rate is how many requests a second there are for each API and region; 0
	// is unknown. Where it is low, fewer copies are worked on at once.
	Rate int
	// MaxWork bounds the work of one run, MaxActions the actions that a report
	// keeps of each outcome. 0 is no bound.
	MaxWork, MaxActions int
	// Noted are actions that a report begins with: what the event alone settles.
	Noted []Action
	// Progress is told how much of the work is done; nil is nobody.
	Progress func(done, total int)
}

// task is the plan's task for an order.
func (r *Runner) task(o plan.Order) plan.Task { return plan.Task{Order: o, MaxWork: r.MaxWork} }

// report begins a report: with what is noted already, and with the regions
// that could not be read.
func (r *Runner) report(kind plan.Kind, seen *observation) *Report {
	report := NewReport(r.MaxActions, r.Noted...)
	for _, region := range slices.Sorted(maps.Keys(seen.failed)) {
		report.add(Action{Kind: kind, From: region, Outcome: plan.Failed, Reason: sentence(seen.failed[region])})
	}
	return report
}

// late reports whether the time for new work is over.
func (r *Runner) late(ctx context.Context) bool { return ctx.Err() != nil }

func (r *Runner) progress(done, total int) {
	if r.Progress != nil {
		r.Progress(done, total)
	}
}

// logAction logs what became of one decision, as it happens: a run that is
// killed has said what it did.
func (r *Runner) logAction(ctx context.Context, level slog.Level, a *Action) {
	r.Log.Log(ctx, level, string(a.Kind), "snapshot", a.Snapshot, "region", a.From, "target", a.To, "replica", a.Replica, "outcome", a.Outcome, "reason", a.Reason)
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

// union is the sorted, distinct elements of all lists.
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
