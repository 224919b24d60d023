package job

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"snapferry/internal/plan"
)

// The service's snapshot quota of a region (documents of 2023): a base, and more
// for each disk. A region without disks has only the base.
const (
	quotaBase    = 64
	quotaPerDisk = 64
)

// A region is nearly full from this share of its quota on.
const nearlyFull = 0.8

// A quota is how many snapshots a region holds, and may hold. The figures may be
// old, so they do not stop any copy: the service decides.
type quota struct{ used, limit, disks int }

// quotas returns the quotas of target regions, and what to warn about: those that are
// nearly full or unknown. With count, the snapshots are counted by the service: an
// observation of single snapshots does not show how many there are.
func (r *Runner) quotas(ctx context.Context, w *plan.World, regions []string, count bool) (all map[string]quota, warnings []Action) {
	var mu sync.Mutex
	all = map[string]quota{}
	listed := slices.DeleteFunc(slices.Clone(regions), func(region string) bool { return w.Unlisted[region] != "" })
	each(r.Workers, listed, func(region string) {
		if r.late(ctx) {
			return
		}
		q, err := r.quota(ctx, w, region, count || w.Incomplete[region] != "")
		warning := ""
		if err != nil {
			warning = fmt.Sprintf("cannot read the quota of %s: %s", region, sentence(err))
		} else if float64(q.used) >= nearlyFull*float64(q.limit) {
			warning = fmt.Sprintf("%s holds %s; %s", region, &q, r.fillForecast(w.Recent(region), q.limit-q.used))
		}
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			all[region] = q
		}
		if warning != "" {
			warnings = append(warnings, Action{Kind: plan.KindCopy, To: region, Outcome: plan.Deferred, Reason: warning})
		}
	})
	slices.SortFunc(warnings, func(a, b Action) int { return strings.Compare(a.Reason, b.Reason) })
	return all, warnings
}

func (r *Runner) quota(ctx context.Context, w *plan.World, region string, count bool) (q quota, err error) {
	if q.disks, err = r.Cloud.CountDisks(ctx, region); err != nil {
		return q, err
	}
	q.used, q.limit = w.Count(region), quotaBase+quotaPerDisk*q.disks
	if count {
		q.used, err = r.Cloud.CountSnapshots(ctx, region)
	}
	return q, err
}

// String is the quota for people.
func (q *quota) String() string {
	return fmt.Sprintf("%d of about %d snapshots (%d + %d for each of its %d disks)", q.used, q.limit, quotaBase, quotaPerDisk, q.disks)
}

// fit returns the copies that the quotas leave room for, and notes the others. It
// is for dry runs: in a real run the service decides.
func fit(copies []plan.Decision, quotas map[string]quota, note func(plan.Decision)) []plan.Decision {
	planned := map[string]int{}
	return slices.DeleteFunc(copies, func(d plan.Decision) bool {
		q, known := quotas[d.To]
		if planned[d.To]++; !known || q.used+planned[d.To] <= q.limit {
			return false
		}
		d.Outcome, d.Reason = plan.Deferred, fmt.Sprintf("%s; no room: %s holds %s, and this plan copies %d more", d.Reason, d.To, &q, max(0, q.limit-q.used))
		note(d)
		return true
	})
}

// fillForecast says when a region will be full if as many replicas are added as in
// the last week.
func (r *Runner) fillForecast(recent, free int) string {
	const advice = ": raise the quota or keep fewer replicas"
	switch {
	case free < 0:
		return "so either its quota was raised, or nothing more can be copied there" + advice
	case free == 0:
		return "the quota is used up" + advice
	case recent == 0:
		return "no replicas were added in the last week" + advice + " before more come"
	}
	days := float64(free) / (float64(recent) / forecastOver.Hours() * 24)
	later := ""
	if !r.Rules.Keep.None() {
		later = ", or later if the keep rules delete replicas"
	}
	return fmt.Sprintf("%d replicas were added in the last week, and at this rate it is full in %.0f days%s%s", recent, days, later, advice)
}
