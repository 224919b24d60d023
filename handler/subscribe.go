package handler

import (
	"cmp"
	"context"
	"fmt"

	"snapferry/internal/cloud"
	"snapferry/internal/event"
	"snapferry/internal/job"
	"snapferry/internal/settings"
)

// Subscribe makes, mends or removes the rule that sends events to the function for
// copying. It is for the command line: no event asks for it.
func (h *Handler) Subscribe(ctx context.Context, s job.Subscription) (Reply, error) {
	began := h.Now()
	inv := h.invocation(ctx)
	set, err := settings.Read(settings.WithoutTargets(inv.getenv), cmp.Or(inv.region, cloud.EventRegion), inv.names...)
	if err != nil {
		return Reply{}, fmt.Errorf("settings: %w", err)
	}
	s.Dry = s.Dry || set.DryRun
	log := inv.label(h.Log(set.LogLevel))
	a := assignment{job: cloud.Subscribe, dry: s.Dry}
	ctx, r, cancel, err := h.runner(ctx, inv, set, a, log)
	if err != nil {
		return Reply{}, err
	}
	defer cancel()
	report := r.Subscribe(ctx, s)
	reply := newReply(a, event.KindManual, report)
	reply.Warnings = report.Warnings
	reply.APICalls, reply.Seconds = r.Cloud.Calls(), rounded(h.Now().Sub(began))
	reply.log(ctx, log)
	err = reply.failure()
	return reply, err
}
