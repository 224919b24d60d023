package job

import (
	"context"
	"fmt"
	"slices"
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

// quotaWarnings warns about target regions that are nearly full. The figures may
// be old, so they do not stop any copy: the service decides. With count, the
// snapshots are counted by the service: an observation of single snapshots does not
// show how many there are.
func (r *Runner) quotaWarnings(ctx context.Context, w *plan.World, regions []string, count bool) []string {
	var mu sync.Mutex
	var warnings []string
	listed := slices.DeleteFunc(slices.Clone(regions), func(region string) bool { return w.Unlisted[region] != "" })
	each(r.Workers, listed, func(region string) {
		if warning := r.quotaWarning(ctx, w, region, count); warning != "" {
			mu.Lock()
			defer mu.Unlock()
			warnings = append(warnings, warning)
		}
	})
	slices.Sort(warnings)
	return warnings
}

func (r *Runner) quotaWarning(ctx context.Context, w *plan.World, region string, count bool) string {
	if r.late(ctx) {
		return ""
	}
	disks, err := r.Cloud.CountDisks(ctx, region)
	used := w.Count(region)
	if err == nil && count {
		used, err = r.Cloud.CountSnapshots(ctx, region)
	}
	if err != nil {
		return fmt.Sprintf("cannot read the quota of %s: %s", region, sentence(err))
	}
	quota := quotaBase + quotaPerDisk*disks
	if float64(used) < nearlyFull*float64(quota) {
		return ""
	}
	return fmt.Sprintf("%s holds %d of about %d snapshots (%d + %d for each of its %d disks); %s", region, used, quota, quotaBase, quotaPerDisk, disks,
		r.fillForecast(w.Recent(region), quota-used))
}

// fillForecast says when a region will be full if as many replicas are added as in
// the last week.
func (r *Runner) fillForecast(recent, free int) string {
	switch {
	case free <= 0:
		return "the quota is used up: raise the quota or keep fewer replicas"
	case recent == 0:
		return "no replicas were added in the last week"
	}
	days := float64(free) / (float64(recent) / forecastOver.Hours() * 24)
	text := fmt.Sprintf("%d replicas were added in the last week: at this rate it is full in %.0f days", recent, days)
	if !r.Rules.Keep.None() {
		text += ", or later if the keep rules delete replicas"
	}
	return text
}
