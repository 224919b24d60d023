package plan

import (
	"maps"
	"time"
)

// AfterRefusals returns the copies that are wanted because the service refused
// other ones for good. The keep rules, and MAX_AGE for a disk's newest snapshot, had
// skipped them: a refused point does not count. The world is the one of the plan
// that had the refused copies. withheld are those that must not be made now.
func AfterRefusals(r *Rules, w *World, o *Order, refused []Decision, now time.Time) (wanted, withheld []Decision) {
	type series struct{ from, disk string }
	affected := map[series]bool{}
	without := *w
	without.Refused = maps.Clone(w.Refused)
	if without.Refused == nil {
		without.Refused = map[Ref]string{}
	}
	for i := range refused {
		d := &refused[i]
		without.Refused[Ref{Region: d.To, Snapshot: d.Snapshot}] = d.Reason
		if d.Disk != "" {
			affected[series{d.From, d.Disk}] = true
		}
	}
	quiet := func(...string) {}
	before, after := newPlanner(r, w, o, now, quiet), newPlanner(r, &without, o, now, quiet)
	var found work
	for s := range affected {
		var v diskView
		w.unpack(&v, w.rowsOf(s.from, s.disk))
		skipped := map[Ref]bool{}
		before.eachCopy(&v, func(d *Decision) { skipped[Ref{Region: d.To, Snapshot: d.Snapshot}] = d.Outcome == Skipped })
		after.eachCopy(&v, func(d *Decision) {
			if d.Outcome == Planned && skipped[Ref{Region: d.To, Snapshot: d.Snapshot}] {
				found.add(*d)
			}
		})
	}
	wanted = after.withhold(found.sorted(), func(d Decision) { withheld = append(withheld, d) })
	return wanted, withheld
}

// eachCopy calls do with the decision about each copy of a disk's snapshots that
// the order covers.
func (p *planner) eachCopy(v *diskView, do func(*Decision)) {
	for _, s := range p.build(v) {
		for _, pt := range s.points {
			if pt.copy != nil && p.covers(pt.src) {
				do(pt.copy)
			}
		}
	}
}
