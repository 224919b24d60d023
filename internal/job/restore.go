package job

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// sourcePatience is how long a restore tries to see the source region. It is lost on
// the day that restores are for, and nobody should wait for it.
const sourcePatience = 8 * time.Second

// A RestorePlan is what a restore would do, as it was seen when it was planned.
type RestorePlan struct {
	plan.RestoreOrder
	All      []plan.Restoration // by disk
	Warnings []string
	// Names are the names of the source region's disks, as far as they could be seen.
	Names map[string]string
}

// PlanRestore chooses a replica for each disk, and where its disk is made. It changes
// nothing. It needs only the recovery region. The rules' only source and target are
// those of the order.
func (r *Runner) PlanRestore(ctx context.Context, o plan.RestoreOrder) (*RestorePlan, error) {
	p := &RestorePlan{RestoreOrder: o, Names: map[string]string{}}
	v := r.newObservation()
	v.configured = []string{o.From, o.To}
	var offers []cloud.Offer
	var offersErr error
	others := map[string]int{} // replicas in the recovery region, by source region
	var all sync.WaitGroup
	all.Go(func() { r.listReplicas(ctx, v, o.To, others) })
	all.Go(func() { r.lookAtSource(ctx, v, p) })
	all.Go(func() { offers, offersErr = r.Cloud.Offers(ctx, o.To) })
	all.Wait()

	warn := func(warnings ...string) { p.Warnings = append(p.Warnings, warnings...) }
	switch err := v.failed[o.To]; {
	case v.world.Unlisted[o.To] != "":
		return nil, fmt.Errorf("the recovery region can't be read: %w", err)
	case err != nil:
		warn("newer replicas may be missing: " + sentence(err))
	}
	if err := v.failed[o.From]; err != nil {
		warn(fmt.Sprintf("%s can't be seen, so the replicas in %s are taken as they were last proven: %s", o.From, o.To, err))
	}
	switch {
	case offersErr == nil && offers == nil:
		offers = []cloud.Offer{}
	case offersErr != nil && (o.Zone == "" || o.Type == ""):
		return nil, fmt.Errorf("it can't be seen which disks can be had: name --zone and --type: %w", offersErr)
	case offersErr != nil:
		warn("it can't be seen which disks can be had: " + sentence(offersErr))
	}
	p.All = plan.Restorations(&r.Rules, v.world, &o, r.Now(), warn)
	if len(p.All) == 0 {
		return nil, fmt.Errorf("%s has no replica of a disk of %s; %s", o.To, o.From, elsewhere(others))
	}
	restored, err := r.restored(ctx, o.To, p.All)
	switch {
	case isIncomplete(err):
		warn("disks of an earlier restore may be missing, and are not made again: " + sentence(err))
	case err != nil:
		return nil, fmt.Errorf("it can't be seen which disks are restored already: %w", err)
	}
	plan.FindRestored(p.All, o.Zone, restored)
	plan.Place(p.All, &o, offers)
	return p, nil
}

// restored returns the disks of earlier restores from the replicas that are planned
// or were restored. If the error wraps cloud.ErrIncomplete, some may be missing.
func (r *Runner) restored(ctx context.Context, region string, all []plan.Restoration) ([]cloud.Disk, error) {
	var replicas []string
	for i := range all {
		if all[i].Outcome == plan.Planned || all[i].Outcome == plan.Exists {
			replicas = append(replicas, all[i].Replica)
		}
	}
	return r.disksTagged(ctx, region, plan.RestoreTags(replicas))
}

// disksTagged returns the disks with any of these tag keys.
func (r *Runner) disksTagged(ctx context.Context, region string, keys []string) (found []cloud.Disk, err error) {
	var mu sync.Mutex
	each(r.Workers, keys, func(key string) {
		tagged, failed := r.Cloud.DisksTagged(ctx, region, key)
		mu.Lock()
		defer mu.Unlock()
		found = append(found, tagged...)
		if failed != nil && (err == nil || isIncomplete(err)) {
			err = failed
		}
	})
	return found, err
}

// elsewhere says which replicas a region has.
func elsewhere(bySource map[string]int) string {
	if len(bySource) == 0 {
		return "it has no replica at all: check --to"
	}
	var parts []string
	for _, from := range slices.Sorted(maps.Keys(bySource)) {
		parts = append(parts, fmt.Sprintf("%d from %s", bySource[from], from))
	}
	return "it has replicas " + strings.Join(parts, ", ") + ": check --from and --to"
}

// listReplicas lists the recovery region, and counts its replicas by source region.
func (r *Runner) listReplicas(ctx context.Context, v *observation, region string, bySource map[string]int) {
	counting := *r
	counting.Cloud = countedLists{r.Cloud, bySource}
	counting.list(ctx, v, region)
}

// countedLists counts the replicas in lists by their source region.
type countedLists struct {
	Cloud
	bySource map[string]int
}

// Snapshots implements Cloud.
func (c countedLists) Snapshots(ctx context.Context, region string, take func([]cloud.Snapshot, int)) error {
	return c.Cloud.Snapshots(ctx, region, func(page []cloud.Snapshot, total int) {
		for i := range page {
			if l, ours := plan.Ours(&page[i]); ours {
				c.bySource[l.Region]++
			}
		}
		take(page, total)
	})
}

// lookAtSource reads what the source region still shows, within a few seconds: its
// snapshots, to hold the replicas against them, and the names of its disks.
func (r *Runner) lookAtSource(ctx context.Context, v *observation, p *RestorePlan) {
	ctx, cancel := context.WithTimeout(ctx, sourcePatience)
	defer cancel()
	patient := *r
	patient.Cloud = sourcesWithDisks{r.Cloud}
	patient.eachDisk = func(disks []cloud.Disk) {
		for i := range disks {
			p.Names[disks[i].ID] = disks[i].Name
		}
	}
	patient.list(ctx, v, p.From)
	if v.world.Unlisted[p.From] == "" {
		patient.listDisks(ctx, v, p.From)
	}
}

// sourcesWithDisks leaves out the snapshots that show no disk: the names of their
// replicas may still say it.
type sourcesWithDisks struct{ Cloud }

// Snapshots implements Cloud.
func (c sourcesWithDisks) Snapshots(ctx context.Context, region string, take func([]cloud.Snapshot, int)) error {
	return c.Cloud.Snapshots(ctx, region, func(page []cloud.Snapshot, total int) {
		take(slices.DeleteFunc(slices.Clone(page), func(s cloud.Snapshot) bool { return s.Disk == "" }), total)
	})
}
