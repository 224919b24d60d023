package handler

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"snapferry/internal/cloud"
	"snapferry/internal/job"
	"snapferry/internal/notify"
	"snapferry/internal/plan"
	"snapferry/internal/settings"
)

// tell tells NOTIFY_URL what newly goes wrong or is well again, and asks
// HEARTBEAT_URL after a run that found everything well. It never changes the result of
// the run: what fails is logged.
func (h *Handler) tell(ctx context.Context, set settings.Settings, a *assignment, r *Reply, report *job.Report, log *slog.Logger) {
	whole := !report.Partial && len(a.order.Refs)+len(a.order.Targets)+len(a.changes) == 0 && a.source == ""
	webhook := notify.Webhook{URL: set.NotifyURL, Language: set.Language, Zone: set.Zone, Transport: h.Webhooks}
	told := h.Told
	if told == nil {
		told = &notify.Memory{}
	}
	run := notify.Run{Job: r.Job, Verdict: r.verdict(len(report.Warned)), Actions: r.all, Warned: report.Warned, Whole: whole && !report.HasMore()}
	if err := webhook.Tell(ctx, h.Now(), told, run); err != nil {
		log.WarnContext(ctx, "notify", "err", err.Error())
	}
	if p := r.Protection; r.Job == cloud.Verify && whole && p != nil && p.Late+p.Unprotected == 0 {
		if err := notify.Beat(ctx, set.HeartbeatURL, h.Webhooks); err != nil {
			log.WarnContext(ctx, "heartbeat", "err", err.Error())
		}
	}
}

// verdict is the reply in one sentence. warned is how many actions ring and are no
// failure.
func (r *Reply) verdict(warned int) string {
	var parts []string
	if p := r.Protection; p != nil {
		parts = append(parts, fmt.Sprintf("%d of %d disks are protected", p.Protected, p.Disks))
		for _, state := range []struct {
			n int
			o plan.Outcome
		}{{p.Late, plan.Late}, {p.Unprotected, plan.Unprotected}, {p.Copying, plan.Arriving}} {
			if state.n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", state.n, state.o))
			}
		}
	}
	for _, o := range plan.Outcomes() {
		if n := r.Counts[o]; n > 0 && o.Alarms() {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	if warned > 0 {
		parts = append(parts, fmt.Sprintf("%d to watch", warned))
	}
	if len(parts) == 0 {
		return "nothing is wrong"
	}
	return strings.Join(parts, ", ")
}
