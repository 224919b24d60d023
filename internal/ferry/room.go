package ferry

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"snapferry/internal/plan"
)

// The service's snapshot quota of a region (documents of 2023): a base, and
// more for each disk. An empty recovery region holds just the base.
const (
	quotaBase    = 64
	quotaPerDisk = 64
)

// A region is close to full from this share of its quota on.
const nearlyFull = 0.8

// paceOver is how far back the pace at which a region fills is measured.
const paceOver = 7 * 24 * time.Hour

// rooms works out how full target regions are, and warns of those that are
// nearly so. The figures may be stale: they hold nothing back, the service has
// the last word.
func (f *Ferry) rooms(ctx context.Context, s Surveyor, world plan.World, regions []string) []string {
	var mu sync.Mutex
	var warnings []string
	each(f.Workers, regions, func(region string) {
		w := f.room(ctx, s, world, region)
		mu.Lock()
		defer mu.Unlock()
		if w != "" {
			warnings = append(warnings, w)
		}
	})
	slices.Sort(warnings)
	return warnings
}

func (f *Ferry) room(ctx context.Context, s Surveyor, world plan.World, region string) string {
	if f.late(ctx) {
		return ""
	}
	used, err := s.CountSnapshots(ctx, region)
	if err != nil {
		return fmt.Sprintf("how full %s is could not be found out: %s", region, sentence(err))
	}
	disks, err := s.CountDisks(ctx, region)
	if err != nil {
		return fmt.Sprintf("how full %s is could not be found out: %s", region, sentence(err))
	}
	quota := quotaBase + quotaPerDisk*disks
	if float64(used) < nearlyFull*float64(quota) {
		return ""
	}
	return fmt.Sprintf("%s holds %d of about %d snapshots (%d + %d for each of its %d disks); %s", region, used, quota, quotaBase, quotaPerDisk, disks,
		f.pace(world, region, quota-used))
}

// pace says when a region is full if snapshots go on being made, and deleted
// by the keep rules, as in the last week.
func (f *Ferry) pace(world plan.World, region string, room int) string {
	if room <= 0 {
		return "there is no room left: raise the quota or keep fewer"
	}
	newer := 0
	since := f.Now().Add(-paceOver)
	for i := range world.Snapshots {
		if s := &world.Snapshots[i]; s.Region == region {
			if l, ours := plan.Ours(s); ours && l.Created.After(since) {
				newer++
			}
		}
	}
	if newer == 0 {
		return "none came in the last week"
	}
	days := float64(room) / (float64(newer) / paceOver.Hours() * 24)
	text := fmt.Sprintf("%d came in the last week: at that pace it is full in %.0f days", newer, days)
	if !f.Rules.Keep.None() {
		text += ", less what the keep rules delete"
	}
	return text
}
