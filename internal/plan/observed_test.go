package plan_test

import (
	"cmp"
	"slices"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// observed is a world as tests write it down.
type observed struct {
	Snapshots                         []cloud.Snapshot
	Disks                             []cloud.Disk
	Unlisted, Incomplete, DisksUnread map[string]string
}

func (o observed) pack(r plan.Rules) *plan.World {
	w := plan.NewWorld(&r, time.Time{})
	for _, s := range o.Snapshots {
		w.Add(s.Region, []cloud.Snapshot{s})
	}
	for _, d := range o.Disks {
		w.AddDisks(d.Region, []cloud.Disk{d})
	}
	for region, why := range o.Unlisted {
		w.Unlisted[region] = why
	}
	for region, why := range o.Incomplete {
		w.Incomplete[region] = why
	}
	for region, why := range o.DisksUnread {
		w.DisksUnread[region] = why
	}
	return w
}

// decide returns the whole plan, the work first, then the rest by disk.
func decide(r plan.Rules, o observed, order plan.Order) []plan.Decision {
	var rest []plan.Decision
	p := plan.Make(&r, o.pack(r), plan.Task{Order: order, Copies: true, Deletions: true}, t0, func(d plan.Decision) { rest = append(rest, d) }, quiet)
	rest = append(plan.Limit(p.Deletions, &r, func(d plan.Decision) { rest = append(rest, d) }, quiet), rest...)
	return append(p.Copies, rest...)
}

func quiet(...string) {}

func verify(r plan.Rules, o observed, order plan.Order) (decisions []plan.Decision, warnings []string) {
	plan.Verify(&r, o.pack(r), plan.Task{Order: order}, t0, func(d plan.Decision) { decisions = append(decisions, d) },
		func(more ...string) { warnings = append(warnings, more...) })
	return decisions, warnings
}

// byText puts decisions into an order that depends on nothing but them.
func byText(all []plan.Decision) []plan.Decision {
	slices.SortFunc(all, func(a, b plan.Decision) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Disk, b.Disk), cmp.Compare(a.Snapshot, b.Snapshot), cmp.Compare(a.From, b.From),
			cmp.Compare(a.To, b.To), cmp.Compare(a.Replica, b.Replica), cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Reason, b.Reason))
	})
	return all
}
