package storm

import (
	"slices"

	"snapferry/internal/sim"
)

// watchDelete looks at the request to delete a replica, or to withdraw its
// shares, which comes before.
func (d *director) watchDelete(inv *invocation, t *truth, what string, at place) {
	rep := t.here[at]
	if rep == nil {
		return // gone already
	}
	l := t.names.ours(rep)
	switch {
	case l == nil && d.nemesis.disturbed(t.at, at):
	case l == nil:
		d.violate("%s %s %s in %s, which is not ours: %q", inv.key, what, at.id, at.region, rep.Name)
	case d.nemesis.disturbed(t.at, about(l.series(at.region))...):
	default:
		if why := inv.set.keepsReplica(t, rep, *l); why != "" {
			d.violate("%s %s %s in %s, %s (%s)", inv.key, what, at.id, at.region, why, rep.Name)
		}
	}
}

// keepsReplica says why a replica must not be deleted. It returns "" for one
// that may be.
func (p *deployment) keepsReplica(t *truth, rep *sim.Snapshot, l label) string {
	if len(p.rules) == 0 {
		return "and there is no keep rule"
	}
	if l.disk == "" || !slices.Contains(p.sources, l.from) {
		return "which is of no disk protected here"
	}
	self := point{l.source, l.created}
	points := []point{self}
	others, twins := 0, 0
	for _, o := range t.series[l.series(rep.Region)] {
		ol := t.names.ours(o)
		if !t.proven(o) {
			continue
		}
		if o.ID != rep.ID {
			others++
			if ol.source == l.source {
				twins++
			}
		}
		if at := (point{ol.source, ol.created}); !slices.Contains(points, at) {
			points = append(points, at)
		}
	}
	switch {
	case others == 0:
		return "and no proven one of its disk is left there"
	case twins > 0:
		return "" // a double, or spoilt
	case !t.complete(rep):
		return "which is not complete, with no proven one of its source"
	}
	sortPoints(points)
	if i := slices.Index(points, self); p.keeps(points)[i] {
		return "and a keep rule keeps it"
	}
	return ""
}
