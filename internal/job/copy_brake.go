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

// brake returns the planned copies without those into regions where a wrong list
// is more likely than so many missing replicas: more than ten copies, and more than
// half of the wanted points, are missing there, and the service counts at least
// twice as many snapshots as it lists. Nothing is copied there, unless an operator
// forces it. Without a count there is no brake.
//
// It is for regions that were listed: an event with few snapshots searches for single
// replicas.
func (r *Runner) brake(ctx context.Context, seen *observation, p *plan.Plan, force bool, report *Report) []plan.Decision {
	regions := slices.DeleteFunc(slices.Sorted(maps.Keys(p.Missing)), func(to string) bool {
		return !seen.listed[to] || p.Missing[to] <= fewCopies || 2*p.Missing[to] <= p.Wanted[to]
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
	return slices.DeleteFunc(p.Copies, func(d plan.Decision) bool {
		if stopped[d.To] {
			d.Outcome, d.Reason = plan.Deferred, d.Reason+"; nothing is copied to "+d.To+" in this run: its list is probably wrong"
			report.note(d)
		}
		return stopped[d.To]
	})
}
