package job

import (
	"context"
	"log/slog"

	"snapferry/internal/plan"
)

// Verify observes, judges every replica that the order covers, says how far each disk
// is protected, and gives the proven replicas their tags and shares. With dry it
// changes nothing. A proven replica whose tag is refused is failed: without the tag it
// is no proof any more when its source is gone. The next run tries again.
//
// It does not believe what the instance remembers of refused copies: an alarm must
// not depend on which functions share an instance. It does remember since when disks
// wait for their first replica (FirstCopies).
//
// If the process dies before all is set, the next run sets what is missing.
func (r *Runner) Verify(ctx context.Context, o plan.Order, dry bool) *Report {
	o.Explicit = false
	seen := r.observe(ctx, plan.Order{Targets: o.Targets})
	seen.world.FirstCopies = r.FirstCopies.Since(r.Now())
	seen.world.Refused = nil
	report := r.report(plan.KindVerify, seen)
	noteAlarms := r.noteAlarms(ctx, report)
	note := func(d plan.Decision) {
		r.FirstCopies.Note(&d, r.Now())
		noteAlarms(d)
	}
	lacks, protection := plan.Verify(&r.Rules, seen.world, r.task(o), r.Now(), note, report.warn)
	if len(o.Refs) == 0 {
		report.Protection = &protection
	}
	if !dry {
		for _, a := range r.complete(ctx, &lacks) {
			r.logAction(ctx, slog.LevelError, &a)
			report.add(a)
		}
	}
	return report.end()
}
