package job

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A Look is what an observation found besides the planner's decisions.
type Look struct {
	At     time.Time // when it began
	Copies []Copying
	Quotas []Quota // by region
	Drills []plan.Drilled
	// Protection counts the disks.
	Protection plan.Protection
	// Unseen has the regions that could not be read, in whole or in part, with the
	// reason.
	Unseen   map[string]string
	Warnings []string
}

// A Copying is a copy under way. A zero Since is unknown.
type Copying struct {
	plan.Decision
	Percent int // -1 is unknown
	Since   time.Time
}

// A Quota is how many snapshots a region holds, how many it may hold, and how many
// replicas have a point of the last week.
type Quota struct {
	Region            string
	Used, Limit, Week int
}

// Look observes what verify observes, and changes nothing. disks is called with the
// disks of the source regions, page by page. note is called after that, with each
// decision of plan.Verify. It returns an error if nothing could be seen.
func (r *Runner) Look(ctx context.Context, o plan.Order, disks func([]cloud.Disk), note func(plan.Decision)) (Look, error) {
	look := Look{At: r.Now(), Unseen: map[string]string{}}
	observer := *r
	observer.eachDisk = disks
	seen := observer.observe(ctx, plan.Order{Targets: o.Targets})
	seen.world.Refused = nil
	for region, err := range seen.failed {
		look.Unseen[region] = sentence(err)
	}
	if regions := len(seen.configured); len(seen.world.Unlisted) >= regions {
		for _, region := range slices.Sorted(maps.Keys(seen.failed)) {
			return look, fmt.Errorf("no region could be read: %w", seen.failed[region])
		}
	}
	warn := func(warnings ...string) {
		look.Warnings = append(look.Warnings, warnings[:min(len(warnings), maxWarnings-len(look.Warnings))]...)
	}
	_, look.Protection = plan.Verify(&r.Rules, seen.world, r.task(plan.Order{Targets: o.Targets}), r.Now(), func(d plan.Decision) {
		note(d)
		if d.Kind == plan.KindVerify && d.Replica != "" && (d.Outcome == plan.Arriving || d.Outcome == plan.Stuck) {
			look.Copies = append(look.Copies, copying(seen.world, d))
		}
		if d.Kind == plan.KindVerify && d.Outcome == plan.Failed {
			warn(d.Reason)
		}
	}, warn)
	quotas, warned := r.quotas(ctx, seen.world, plan.Targets(&r.Rules, seen.world, &o), false)
	for i := range warned {
		warn(warned[i].Reason)
	}
	for _, region := range slices.Sorted(maps.Keys(quotas)) {
		q := quotas[region]
		look.Quotas = append(look.Quotas, Quota{region, q.used, q.limit, seen.world.Recent(region)})
	}
	look.Drills = seen.world.Drilled()
	return look, nil
}

// Status looks, and reports how far each disk is protected. It tells and does not
// judge: it fails only if nothing could be seen.
func (r *Runner) Status(ctx context.Context, o plan.Order) *Report {
	report := NewReport(r.MaxActions, r.Noted...)
	look, err := r.Look(ctx, o, nil, func(d plan.Decision) {
		if d.Kind == plan.KindProtect {
			report.note(d)
		}
	})
	if err != nil {
		report.add(Action{Kind: plan.KindVerify, Outcome: plan.Failed, Reason: err.Error()})
		return report.end()
	}
	report.Protection = &look.Protection
	for _, region := range slices.Sorted(maps.Keys(look.Unseen)) {
		report.warn(region + " could not be read: " + look.Unseen[region])
	}
	report.warn(look.Warnings...)
	return report.end()
}

// copying is the copy that a decision is about. A CreateTime that is the source's
// says nothing of the copy.
func copying(w *plan.World, d plan.Decision) Copying {
	c := Copying{Decision: d, Percent: -1}
	_, replicas := w.Replicas(&d)
	for i := range replicas {
		if s := &replicas[i]; s.ID == d.Replica {
			if c.Percent = s.Percent; !s.Created.Equal(d.Point) {
				c.Since = s.Created
			}
		}
	}
	return c
}
