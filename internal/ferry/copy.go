package ferry

import (
	"context"
	"slices"
	"sync"
	"time"

	"snapferry/internal/plan"
)

// Copy looks, plans, and requests the copies that are missing. With dry it
// stops after the plan.
//
// If the process dies between two requests, the copies already requested go
// on by themselves and the next run sees them by name; the others are still
// missing then, and are requested.
//
// A sweep also says which target regions are nearly full; an event does not,
// to stay within few calls.
func (f *Ferry) Copy(ctx context.Context, s Surveyor, o plan.Order, dry bool) Report {
	v := f.look(ctx, o)
	actions := only(plan.Copy, plan.Make(f.Rules, v.world, o, f.Now()))
	if !dry {
		f.sail(ctx, v, actions)
	}
	r := Report{Actions: append(kindOf(v.failed, plan.Copy), actions...)}
	if len(o.Refs) == 0 {
		r.Warnings = f.rooms(ctx, s, v.world, targetsOf(actions))
	}
	return r
}

// Plan looks and plans, copies and deletions together, and changes nothing.
func (f *Ferry) Plan(ctx context.Context, s Surveyor, o plan.Order) Report {
	v := f.look(ctx, o)
	actions := plan.Make(f.Rules, v.world, o, f.Now())
	if len(o.Refs) > 0 {
		// Only a few names were looked for: enough to copy by, not to delete by.
		actions = only(plan.Copy, actions)
	}
	return Report{
		Actions:  append(kindOf(v.failed, plan.Copy), actions...),
		Warnings: f.rooms(ctx, s, v.world, plan.Regions(f.Rules, v.world, o)),
	}
}

// targetsOf are the regions that a plan is about and that could be looked at.
func targetsOf(actions []plan.Action) []string {
	var regions []string
	for _, a := range actions {
		if a.To != "" {
			regions = append(regions, a.To)
		}
	}
	return union(regions)
}

// only are the actions of one kind.
func only(k plan.Kind, actions []plan.Action) []plan.Action {
	return slices.DeleteFunc(actions, func(a plan.Action) bool { return a.Kind != k })
}

// kindOf gives the failures of looks the kind of the job they happened in.
func kindOf(failed []plan.Action, k plan.Kind) []plan.Action {
	for i := range failed {
		failed[i].Kind = k
	}
	return failed
}

// A shipment is one snapshot with all the regions that it still misses: one
// request. It is worked on by one goroutine at a time.
type shipment struct {
	first   *plan.Action
	actions []*plan.Action
	place   int // in its region's queue

	// since is when the oldest of the looks began that its copies were decided
	// on. Others may look meanwhile; what they saw counts with the next
	// decision only.
	since time.Time
}

// A crossing is the copying part of one run.
type crossing struct {
	f    *Ferry
	look *fresh

	mu    sync.Mutex
	run   string            // why nothing more is requested at all
	full  map[string]string // regions that nothing more is requested for, and why
	alone bool              // the service takes fewer regions in a request than there are
	done  int
	total int
}

// sail carries out the planned copies in order, each disk's newest first: no
// older one is requested before all of those were answered, so that a full
// region or a short run never costs a disk its newest point.
func (f *Ferry) sail(ctx context.Context, v *view, actions []plan.Action) {
	newest, older := shipments(actions)
	c := &crossing{f: f, look: newFresh(f, v, actions), full: map[string]string{}, total: len(newest) + len(older)}
	for _, tier := range [][]*shipment{newest, older} {
		byRegion := map[string][]*shipment{}
		for _, s := range tier {
			byRegion[s.first.From] = append(byRegion[s.first.From], s)
		}
		var all sync.WaitGroup
		for _, queue := range byRegion {
			all.Go(func() {
				c.look.enqueue(queue)
				each(f.atOnce(len(byRegion)), queue, func(s *shipment) { c.ship(ctx, s) })
			})
		}
		all.Wait()
	}
}

// atOnce is how many shipments of a source region are worked on at once. With
// more, each would wait for the pace so long that its look is too old when its
// turn comes, and all would look again for ever: those at work on one target
// region must get through in about two seconds.
func (f *Ferry) atOnce(regions int) int {
	if f.Rate == 0 {
		return f.Workers
	}
	return min(f.Workers, max(1, 2*f.Rate/regions))
}

// shipments groups planned actions by snapshot, keeping their order, in two
// tiers: the newest of each disk, and the rest.
func shipments(actions []plan.Action) (newest, older []*shipment) {
	type key struct {
		region, snapshot string
		newest           bool
	}
	at := map[key]*shipment{}
	for i := range actions {
		a := &actions[i]
		if a.Outcome != plan.Planned {
			continue
		}
		k := key{a.From, a.Snapshot, a.Rank == 0}
		if s := at[k]; s != nil {
			s.actions = append(s.actions, a)
			continue
		}
		at[k] = &shipment{first: a, actions: []*plan.Action{a}}
		if k.newest {
			newest = append(newest, at[k])
		} else {
			older = append(older, at[k])
		}
	}
	return newest, older
}
