package ferry

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A view is what was seen of the cloud, and since when it may have changed.
type view struct {
	world plan.World
	// looked is when the first look at a region began.
	looked map[string]time.Time
	// failed is an action for every region that could not be looked at.
	failed []plan.Action

	mu sync.Mutex // guards all of the above while looks run in parallel
}

func newView() *view {
	return &view{world: plan.World{Blind: map[string]string{}, Untagged: map[string]string{}}, looked: map[string]time.Time{}}
}

// add puts what a look found into the view. Two looks at one region may
// overlap: what an earlier one found is replaced.
func (v *view) add(region string, began time.Time, found []cloud.Snapshot) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if was, ok := v.looked[region]; !ok || began.Before(was) {
		v.looked[region] = began
	}
	if !seen(v.world.Snapshots, region) {
		v.world.Snapshots = append(v.world.Snapshots, found...)
		return
	}
	fresh := map[string]bool{}
	for i := range found {
		fresh[found[i].ID] = true
	}
	v.world.Snapshots = slices.DeleteFunc(v.world.Snapshots, func(s cloud.Snapshot) bool { return s.Region == region && fresh[s.ID] })
	v.world.Snapshots = append(v.world.Snapshots, found...)
}

// seen reports whether a region has snapshots among all.
func seen(all []cloud.Snapshot, region string) bool {
	return slices.ContainsFunc(all, func(s cloud.Snapshot) bool { return s.Region == region })
}

// blind takes a region out of the view. Half of what is there would be worse
// than nothing: an unseen replica would be made again.
func (v *view) blind(region string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.world.Blind[region] != "" {
		return
	}
	v.world.Blind[region] = err.Error()
	v.world.Snapshots = slices.DeleteFunc(v.world.Snapshots, func(s cloud.Snapshot) bool { return s.Region == region })
	v.failed = append(v.failed, plan.Action{From: region, Outcome: plan.Failed, Reason: sentence(err)})
}

// look gathers what a plan for the order needs: the sources, their disks, and
// the target regions these lead to.
func (f *Ferry) look(ctx context.Context, o plan.Order) *view {
	v := newView()
	v.world.Refused = f.Refused.Known(f.Now())
	if len(o.Refs) == 0 {
		f.list(ctx, v, union(f.Rules.Sources, f.Rules.Targets, o.Targets))
	} else {
		f.lookFor(ctx, v, o)
	}
	f.lookAtDisks(ctx, v, o)
	f.lookAtTargets(ctx, v, o)
	slices.SortFunc(v.failed, func(a, b plan.Action) int { return strings.Compare(a.From, b.From) })
	return v
}

// list looks at all of some regions.
func (f *Ferry) list(ctx context.Context, v *view, regions []string) {
	each(f.Workers, regions, func(region string) {
		began := f.Now()
		found, err := f.Cloud.List(ctx, region)
		if err != nil {
			v.blind(region, err)
			return
		}
		v.add(region, began, found)
	})
}

// manyRefs is from when on one look at the whole region is cheaper than
// looks at single snapshots: a page holds 100 of them.
const manyRefs = 100

// lookFor finds the snapshots that an order names. Where keep rules rank them,
// all snapshots of their disks are needed: a late event must not have a
// snapshot copied that retention deletes again because newer ones exist.
func (f *Ferry) lookFor(ctx context.Context, v *view, o plan.Order) {
	ranked := !f.Rules.Keep.None()
	each(f.Workers, f.Rules.Sources, func(region string) {
		ids, disks := wanted(o.Refs, region, ranked)
		if len(ids) > manyRefs || len(disks) > manyRefs {
			f.list(ctx, v, []string{region})
			return
		}
		if len(ids) > 0 {
			began := f.Now()
			found, err := f.Cloud.ByID(ctx, region, ids)
			if err != nil {
				v.blind(region, err)
				return
			}
			v.add(region, began, found)
			if ranked {
				disks = union(disks, disksOf(found))
			}
		}
		if len(disks) > 0 {
			began := f.Now()
			found, err := f.Cloud.List(ctx, region, disks...)
			if err != nil {
				v.blind(region, err)
				return
			}
			v.add(region, began, found)
			// An event may be wrong about a disk, and is right about the id.
			if ids = absent(o.Refs, region, found); len(ids) > 0 && ranked {
				began := f.Now()
				if found, err = f.Cloud.ByID(ctx, region, ids); err != nil {
					v.blind(region, err)
					return
				}
				v.add(region, began, found)
			}
		}
	})
}

// absent are the ids that refs name in a region by their disk, and that were
// not found by it.
func absent(refs []plan.Ref, region string, found []cloud.Snapshot) []string {
	there := map[string]bool{}
	for i := range found {
		there[found[i].ID] = true
	}
	var ids []string
	for _, r := range refs {
		if r.Region == region && r.Snapshot != "" && r.Disk != "" && !there[r.Snapshot] {
			ids = append(ids, r.Snapshot)
		}
	}
	return union(ids)
}

// wanted are the ids and disks that refs name in a region. A ref that names
// both is found by its disk where all snapshots of the disk are needed.
func wanted(refs []plan.Ref, region string, byDisk bool) (ids, disks []string) {
	for _, r := range refs {
		switch {
		case r.Region != "" && r.Region != region:
		case r.Snapshot == "" || (byDisk && r.Disk != ""):
			disks = append(disks, r.Disk)
		default:
			ids = append(ids, r.Snapshot)
		}
	}
	return union(ids), union(disks)
}

// lookAtDisks reads the tags of the sources' disks. Without them nothing of
// the region is copied: a disk may be tagged ferry:skip.
func (f *Ferry) lookAtDisks(ctx context.Context, v *view, o plan.Order) {
	need := map[string][]string{}
	for i := range v.world.Snapshots {
		s := &v.world.Snapshots[i]
		if s.Disk != "" && !s.CopyFromRemote && slices.Contains(f.Rules.Sources, s.Region) {
			need[s.Region] = append(need[s.Region], s.Disk)
		}
	}
	each(f.Workers, f.Rules.Sources, func(region string) {
		ids := union(need[region])
		if len(ids) == 0 {
			return
		}
		disks, err := f.Cloud.Disks(ctx, region, ids)
		v.mu.Lock()
		defer v.mu.Unlock()
		if err != nil {
			v.world.Untagged[region] = err.Error()
			v.failed = append(v.failed, plan.Action{From: region, Outcome: plan.Failed, Reason: sentence(err)})
			return
		}
		v.world.Disks = append(v.world.Disks, disks...)
	})
}

// fewNames is up to when replicas are looked for one by one, at one request
// each: an event stays as cheap however full a region is. Beyond it the whole
// region is listed, at one request for each 100 snapshots.
const fewNames = 50

// lookAtTargets looks at the target regions that were not seen yet: as a
// whole, or, for a few snapshots, at the names that their replicas would have.
func (f *Ferry) lookAtTargets(ctx context.Context, v *view, o plan.Order) {
	regions := plan.Regions(f.Rules, v.world, o)
	if len(o.Refs) == 0 {
		regions = slices.DeleteFunc(regions, func(r string) bool { _, seen := v.looked[r]; return seen || v.world.Blind[r] != "" })
		f.list(ctx, v, regions)
		return
	}
	v.world.Partial = !o.Explicit
	names := map[string][]string{}
	for _, a := range plan.Make(f.Rules, v.world, o, f.Now()) {
		if a.Outcome == plan.Planned {
			names[a.To] = append(names[a.To], a.Name)
		}
	}
	each(f.Workers, slices.DeleteFunc(regions, func(r string) bool { return len(names[r]) == 0 }), func(region string) {
		// An operator is told whether the next retention would delete the
		// replica: that depends on all the others there.
		if len(names[region]) > fewNames || (o.Explicit && !f.Rules.Keep.None()) {
			f.list(ctx, v, []string{region})
			return
		}
		for _, name := range names[region] {
			began := f.Now()
			found, err := f.Cloud.ByName(ctx, region, []string{name})
			if err != nil {
				v.blind(region, err)
				return
			}
			v.add(region, began, found)
		}
	})
}

func disksOf(snapshots []cloud.Snapshot) []string {
	var disks []string
	for i := range snapshots {
		if snapshots[i].Disk != "" {
			disks = append(disks, snapshots[i].Disk)
		}
	}
	return disks
}

// union is the sorted, distinct elements of all lists.
func union[T cmp.Ordered](lists ...[]T) []T {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}
