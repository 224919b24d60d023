package job

import (
	"context"
	"slices"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// manyRefs is how many snapshots of a region are read by id. For more, the whole
// region is listed: a page holds 100 snapshots.
const manyRefs = 100

// fewNames is how many replicas of a region are searched for by name, with one
// request each, so that an event needs few requests even if the region is full.
// For more, the whole region is listed, with one request for each 100 snapshots.
const fewNames = 50

// observeRefs reads the snapshots that an order names, their disks, and the
// names that their replicas would have.
func (r *Runner) observeRefs(ctx context.Context, v *observation, o plan.Order) {
	each(r.Workers, r.Rules.Sources, func(region string) { r.observeSources(ctx, v, o, region) })
	v.world.Partial = !o.Explicit
	names := map[string][]string{}
	wanted := plan.Make(&r.Rules, v.world, plan.Task{Order: o, Copies: true}, r.Now(), func(plan.Decision) {}, func(...string) {})
	for i := range wanted.Copies {
		d := &wanted.Copies[i]
		names[d.To] = append(names[d.To], d.Name())
	}
	regions := slices.DeleteFunc(plan.Targets(&r.Rules, v.world, &o), func(to string) bool { return len(names[to]) == 0 })
	each(r.Workers, regions, func(region string) {
		// The reply says whether the next retain run would delete the requested
		// replica. This depends on all other replicas there.
		if len(names[region]) > fewNames || (o.Explicit && !r.Rules.Keep.None()) {
			r.list(ctx, v, region)
			return
		}
		for _, name := range names[region] {
			v.begin(region, r.Now())
			found, err := r.Cloud.SnapshotsByName(ctx, region, []string{name})
			if !v.add(region, found, err) {
				return
			}
		}
	})
}

// observeSources reads what an order names in one source region. If there are
// keep rules, it reads all snapshots of the disks: a late event must not copy a
// snapshot that retention deletes again because there are newer ones.
func (r *Runner) observeSources(ctx context.Context, v *observation, o plan.Order, region string) {
	ranked := !r.Rules.Keep.None()
	ids, disks := named(o.Refs, region, ranked)
	if len(ids) > manyRefs || len(disks) > manyRefs {
		r.list(ctx, v, region)
		r.listDisks(ctx, v, region)
		return
	}
	var seen []cloud.Snapshot
	if len(ids) > 0 {
		v.begin(region, r.Now())
		found, err := r.Cloud.SnapshotsByID(ctx, region, ids)
		if !v.add(region, found, err) {
			return
		}
		if seen = found; ranked {
			disks = union(disks, disksOf(found))
		}
	}
	if len(disks) > 0 {
		v.begin(region, r.Now())
		found, err := r.Cloud.SnapshotsOfDisks(ctx, region, disks)
		if !v.add(region, found, err) {
			return
		}
		seen = append(seen, found...)
		// An event may name a wrong disk, but its snapshot id is right.
		if ids = unseen(o.Refs, region, found); len(ids) > 0 && ranked {
			v.begin(region, r.Now())
			found, err := r.Cloud.SnapshotsByID(ctx, region, ids)
			if !v.add(region, found, err) {
				return
			}
			seen = append(seen, found...)
		}
	}
	if disks = disksOf(seen); len(disks) > 0 {
		found, err := r.Cloud.DisksByID(ctx, region, disks)
		if err != nil {
			v.disksUnread(region, err)
			return
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		v.world.AddDisks(region, found)
	}
}

// named are the ids and disks that refs name in a region. With byDisk, a ref that
// names both gives only its disk.
func named(refs []plan.Ref, region string, byDisk bool) (ids, disks []string) {
	for _, ref := range refs {
		switch {
		case ref.Region != "" && ref.Region != region:
		case ref.Snapshot == "" || (byDisk && ref.Disk != ""):
			disks = append(disks, ref.Disk)
		default:
			ids = append(ids, ref.Snapshot)
		}
	}
	return union(ids), union(disks)
}

// unseen are the ids of refs with a disk, if the snapshots of that disk do not
// contain them.
func unseen(refs []plan.Ref, region string, found []cloud.Snapshot) []string {
	seen := map[string]bool{}
	for _, id := range idsOf(found) {
		seen[id] = true
	}
	var ids []string
	for _, ref := range refs {
		if ref.Region == region && ref.Snapshot != "" && ref.Disk != "" && !seen[ref.Snapshot] {
			ids = append(ids, ref.Snapshot)
		}
	}
	return union(ids)
}

// disksOf are the disks of sources, sorted. Replicas show no disk.
func disksOf(snapshots []cloud.Snapshot) []string {
	var disks []string
	for i := range snapshots {
		if s := &snapshots[i]; s.Disk != "" && !s.CopyFromRemote {
			disks = append(disks, s.Disk)
		}
	}
	return union(disks)
}
