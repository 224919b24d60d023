package handler

import (
	"context"
	"fmt"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/event"
	"snapferry/internal/job"
	"snapferry/internal/plan"
	"snapferry/internal/settings"
)

// A Restore is a restore that was planned, and not begun.
type Restore struct {
	*job.RestorePlan
	// DryRun is the setting: the plan is all that may be.
	DryRun bool

	h      *Handler
	runner *job.Runner
	a      assignment
	began  time.Time
}

// PlanRestore chooses what each disk is restored from. It needs no setting but the
// credentials: the order's regions stand for SOURCE_REGIONS and TARGET_REGIONS. at is
// the newest allowed point, as a person writes it; "" is any.
func (h *Handler) PlanRestore(ctx context.Context, o plan.RestoreOrder, at string) (*Restore, error) {
	inv := h.invocation(ctx)
	getenv := func(name string) string {
		switch name {
		case "SOURCE_REGIONS":
			return o.From
		case "TARGET_REGIONS":
			return o.To
		}
		return inv.getenv(name)
	}
	set, err := settings.Read(getenv, inv.region, inv.names...)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	if o.At, err = settings.Moment(at, set.Zone); err != nil {
		return nil, err
	}
	if o.At.After(h.Now().Add(time.Minute)) { // this minute is not the future
		return nil, fmt.Errorf("the time %s is in the future: there are no replicas of it", at)
	}
	r := &Restore{DryRun: set.DryRun, h: h, a: assignment{job: cloud.Restore, dry: set.DryRun}, began: h.Now()}
	if _, r.runner, _, err = h.runner(ctx, inv, set, r.a, inv.label(h.Log(set.LogLevel))); err != nil {
		return nil, err
	}
	if r.RestorePlan, err = r.runner.PlanRestore(ctx, o); err != nil {
		return nil, &Failure{"restore: " + err.Error()}
	}
	return r, nil
}

// Planned is the reply that says what would be made.
func (r *Restore) Planned() (Reply, error) {
	a := r.a
	a.dry = true
	return r.reply(a, r.runner.PlannedRestore(r.RestorePlan))
}

// Requests are the requests that Run would send. The reply has what can't be made.
func (r *Restore) Requests(ctx context.Context) ([]cloud.DiskRequest, Reply, error) {
	requests, rest := r.runner.RestoreRequests(ctx, r.RestorePlan)
	a := r.a
	a.dry = true
	reply, err := r.reply(a, rest)
	return requests, reply, err
}

// Run makes the disks. If the error is a Failure, the reply is complete.
func (r *Restore) Run(ctx context.Context) (Reply, error) {
	r.began = r.h.Now()
	report := r.runner.Restore(ctx, r.RestorePlan)
	reply, err := r.reply(r.a, report)
	reply.log(ctx, r.runner.Log)
	return reply, err
}

func (r *Restore) reply(a assignment, report *job.Report) (Reply, error) {
	reply := newReply(a, event.KindManual, report)
	reply.Warnings = report.Warnings
	reply.APICalls, reply.Seconds, reply.At = r.runner.Cloud.Calls(), rounded(r.h.Now().Sub(r.began)), r.began
	err := reply.failure()
	return reply, err
}
