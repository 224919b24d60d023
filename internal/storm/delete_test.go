package storm

import (
	"cmp"
	"slices"
	"time"

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
	case inv.before != nil && sourceLeft(inv.before, t, l.series(at.region)):
		// A run reads the sources once. A replica that it compared with its source then is
		// as good when that source goes a minute later, as out of the recycle bin.
	default:
		if why := cmp.Or(inv.set.keepsReplica(t, rep, *l), d.fights(inv.set, t, at, l)); why != "" {
			d.violate("%s %s %s in %s, %s (%s): %v", inv.key, what, at.id, at.region, why, rep.Name, t.held(l.series(at.region)))
		}
	}
}

// sourceLeft reports whether a replica of a series was proven before, and is not any
// more because its source is gone.
func sourceLeft(before, t *truth, of series) bool {
	return slices.ContainsFunc(t.series[of], func(rep *sim.Snapshot) bool {
		was, l := before.here[place{rep.Region, rep.ID}], t.names.ours(rep)
		return was != nil && before.proven(was) && !t.proven(rep) && t.here[place{l.from, l.source}] == nil
	})
}

// fights says that a replica was made within the last hour, though these rules would
// not have kept it beside those that were there: then another deployment wants it, and
// would have it copied again.
func (d *director) fights(p *deployment, t *truth, at place, l *label) string {
	a := d.ledger.of(at)
	src := t.here[place{l.from, l.source}]
	if a == nil || src == nil || d.w.cloud.Quirks.SourceCreateTime || src.State != "NORMAL" || time.Since(a.at) > time.Hour-tolerance || p.maxAge > 0 && t.now.Sub(l.created) > p.maxAge-tolerance {
		return ""
	}
	points := []point{{l.source, l.created}}
	for _, o := range t.series[l.series(at.region)] {
		if b := d.ledger.of(place{at.region, o.ID}); o.ID != at.id && t.proven(o) && b != nil && b.at.Before(a.at.Add(-tolerance)) {
			points = append(points, point{b.Source, t.names.ours(o).created})
		}
	}
	sortPoints(points)
	if p.keeps(points)[slices.Index(points, point{l.source, l.created})] {
		return ""
	}
	return "made just now against these rules, so that another deployment must want it"
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
