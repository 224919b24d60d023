package job

import (
	"cmp"
	"context"
	"slices"

	"snapferry/internal/plan"
)

// copyAll carries out the planned copies. If the service refuses some for good, the
// keep rules may want older snapshots of the same disks: those follow in the same
// run, so that a snapshot that can't be copied does not leave its disk without a
// replica.
func (r *Runner) copyAll(ctx context.Context, o plan.Order, seen *observation, planned []plan.Decision, report *Report) {
	checkName := len(o.Refs) == 0
	for len(planned) > 0 {
		run := r.applyCopies(ctx, seen, planned, report, checkName)
		checkName = run.checkName // if all were refused, no name was checked
		planned = r.afterRefusals(ctx, o, seen, run, planned, report)
	}
}

// afterRefusals are the copies that follow the refusals of a run. Those to regions
// that get no more copies in this run are deferred.
func (r *Runner) afterRefusals(ctx context.Context, o plan.Order, seen *observation, run *copyRun, planned []plan.Decision, report *Report) []plan.Decision {
	known := r.Refused.Known(r.Now())
	refused := slices.DeleteFunc(slices.Clone(planned), func(d plan.Decision) bool {
		return known[plan.Ref{Region: d.To, Snapshot: d.Snapshot}] == ""
	})
	if len(refused) == 0 {
		return nil
	}
	next, withheld := plan.AfterRefusals(&r.Rules, seen.world, &o, refused, r.Now())
	seen.world.Refused = known
	for _, d := range slices.Concat(next, withheld) {
		report.withdraw(&d, plan.Skipped)
	}
	report.noteAll(withheld)
	return slices.DeleteFunc(next, func(d plan.Decision) bool {
		why := cmp.Or(run.whyStopped(ctx), run.closedFor(route{d.From, d.To}))
		if why != "" {
			d.Outcome, d.Reason = plan.Deferred, "no more copies to "+d.To+" in this run: "+why
			report.note(d)
		}
		return why != ""
	})
}
