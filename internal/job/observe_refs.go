package job

import (
	"context"
	"slices"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// manyRefs is from when on one list of a region is cheaper than reads of
// single snapshots: a page holds 100 of them.
const manyRefs = 100

// fewNames is up to when replicas are looked for one by one, at one request
// each: an event stays as cheap however full a region is. Beyond it the whole
// region is listed, at one request for each 100 snapshots.
const fewNames = 50

// observeRefs reads the snapshots that an order names, their disks, and the
// names that their replicas would have.
func (r *Runner) observeRefs(ctx context.Context, v *observation, o plan.Order) {
	each(r.Workers, r.Rules.Sources, func(region string) { r.observeSources(ctx, v, o, region) })
	v.world.Partial = !o.Explicit
	names := map[string][]string{}
	wanted := plan.Make(&r.Rules, v.world, plan.Task{Order: o, Copies: true}, r.Now(), func(plan.Decision) {})
	for i := range wanted.Copies {
		d := &wanted.Copies[i]
		names[d.To] = append(names[d.To], d.Name())
	}
	regions := slices.DeleteFunc(plan.Targets(&r.Rules, v.world, &o), func(to string) bool { return len(names[to]) == 0 })
	each(r.Workers, regions, func(region string) {
		// An operator is told whether the next retention would delete the
		// replica: that depends on all the others there.
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

// observeSources reads what an order names in one source region. Where keep
// rules rank them, all snapshots of their disks are needed: a late event must
// not have a snapshot copied that retention deletes again because newer ones
// exist.
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
		// An event may be wrong about a disk, and is right about the id.
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

// named are the ids and disks that refs name in a region. A ref that names
// both is found by its disk where all snapshots of the disk are needed.
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

// unseen are the ids that refs name in a region together with a disk, and that
// were not found by it.
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

// disksOf are the disks of sources, sorted. A replica shows none.
func disksOf(snapshots []cloud.Snapshot) []string {
	var disks []string
	for i := range snapshots {
		if s := &snapshots[i]; s.Disk != "" && !s.CopyFromRemote {
			disks = append(disks, s.Disk)
		}
	}
	return union(disks)
}
