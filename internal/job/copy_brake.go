package job

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"snapferry/internal/plan"
)

// fewCopies is how many copies into one region are never a mass.
const fewCopies = 10

// isMass reports whether so many copies into one region are probably a mistake of a
// look: more than ten, and more than half of the wanted points.
func isMass(copies, wanted int) bool { return copies > fewCopies && 2*copies > wanted }

// brake returns the planned copies without those that a wrong look is more likely to
// have caused than the truth, unless an operator forces them.
func (r *Runner) brake(ctx context.Context, seen *observation, p *plan.Plan, force bool, report *Report) []plan.Decision {
	return r.brakeShort(ctx, seen, p, brakeOdd(p, force, report), force, report)
}

// brakeOdd stops the copies into regions where a mass of replicas looks wrong. Copies
// of points that have no replica there go on.
func brakeOdd(p *plan.Plan, force bool, report *Report) []plan.Decision {
	stopped := map[string]bool{}
	for _, to := range slices.Sorted(maps.Keys(p.Odd)) {
		doubt := fmt.Sprintf("%d of %d wanted replicas in %s look wrong at once", p.Odd[to], p.Wanted[to], to)
		switch {
		case !isMass(p.Odd[to], p.Wanted[to]):
		case force:
			report.warn(doubt + ": they are copied again only because of force")
		default:
			stopped[to] = true
			report.add(Action{
				Kind: plan.KindCopy, To: to, Outcome: plan.Failed,
				Reason: doubt + ": they are not copied again, because the service probably shows them wrongly; see verify, look at them in the console, and if they are really wrong, run copy once with force",
			})
		}
	}
	return slices.DeleteFunc(p.Copies, func(d plan.Decision) bool {
		stop := stopped[d.To] && d.IsOdd()
		if stop {
			d.Outcome, d.Reason = plan.Deferred, d.Reason+"; not copied again in this run: too many replicas in "+d.To+" look wrong at once"
			report.note(d)
		}
		return stop
	})
}

// brakeShort stops all copies into regions where a mass of replicas is missing and
// the service counts at least twice as many snapshots as it lists. Without a count
// there is no brake.
//
// It is for regions that were listed: an event with few snapshots searches for single
// replicas.
func (r *Runner) brakeShort(ctx context.Context, seen *observation, p *plan.Plan, copies []plan.Decision, force bool, report *Report) []plan.Decision {
	regions := slices.DeleteFunc(slices.Sorted(maps.Keys(p.Missing)), func(to string) bool {
		return !seen.listed[to] || !isMass(p.Missing[to], p.Wanted[to])
	})
	var mu sync.Mutex
	counts, errs := map[string]int{}, map[string]error{}
	each(r.Workers, regions, func(to string) {
		n, err := r.Cloud.CountSnapshots(ctx, to)
		mu.Lock()
		defer mu.Unlock()
		counts[to], errs[to] = n, err
	})
	stopped := map[string]bool{}
	for _, to := range regions {
		listed, counted := seen.world.Count(to), counts[to]
		figures := fmt.Sprintf("%d of %d wanted replicas are missing in %s", p.Missing[to], p.Wanted[to], to)
		doubt := fmt.Sprintf("%s, but the service counts %d snapshots there and lists %d", figures, counted, listed)
		switch {
		case errs[to] != nil:
			report.warn(fmt.Sprintf("%s, and the service does not say how many snapshots there are, so they are copied: %s", figures, sentence(errs[to])))
		case counted <= listed || counted < 2*listed:
		case force:
			report.warn(doubt + ": they are copied only because of force")
		default:
			stopped[to] = true
			report.add(Action{
				Kind: plan.KindCopy, To: to, Outcome: plan.Failed,
				Reason: doubt + ": nothing is copied there, because the list is probably wrong; look at the region in the console, and if the replicas are really missing, run copy once with force",
			})
		}
	}
	return slices.DeleteFunc(copies, func(d plan.Decision) bool {
		if stopped[d.To] {
			d.Outcome, d.Reason = plan.Deferred, d.Reason+"; nothing is copied to "+d.To+" in this run: its list is probably wrong"
			report.note(d)
		}
		return stopped[d.To]
	})
}
