package storm

import (
	"slices"
	"sync"
	"time"

	"snapferry/internal/sim"
)

// A guard demands that nothing foreign and no original is touched, and that
// the last complete replica of a disk in a region is never deleted.
type guard struct {
	*record
	w       *world
	nemesis *nemesis
	ledger  *ledger

	mu    sync.Mutex
	known map[place]mark
}

// A mark is what nobody but its owner may change of a snapshot. Of our
// replicas that is all but the tag of a verified one.
type mark struct {
	name, kind        string
	created, deadline time.Time
	tags              uint64
	shares, images    int
	locked            bool
}

func markOf(s *sim.Snapshot, ours bool) mark {
	m := mark{s.Name, s.Type, s.Created, s.Deadline, 0, len(s.SharedWith), s.Images, s.Locked}
	for key, value := range s.Tags {
		if !ours || key != "ferry:state" {
			m.tags += mix(hash(key), hash(value))
		}
	}
	return m
}

// forget lets a snapshot change, or go, without anybody being blamed.
func (g *guard) forget(at place) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.known, at)
}

// check demands that nothing has changed and nothing is gone but by its own
// fate, by others, or by a deletion, which is looked at when it is asked for.
func (g *guard) check(t *truth) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for at, s := range t.here {
		m := markOf(s, t.names.ours(s) != nil)
		if was, known := g.known[at]; known && was != m {
			g.violate("%s in %s was changed: it was %v and is %v", at.id, at.region, was, m)
		}
		g.known[at] = m
	}
	for at := range g.known {
		if t.here[at] != nil {
			continue
		}
		delete(g.known, at)
		if !g.ledger.mayBeGone(at) {
			g.violate("%s in %s is gone, and nobody has asked for that", at.id, at.region)
		}
	}
}

// watchDelete looks at the request to delete a replica, or to withdraw its
// shares, which comes before.
func (g *guard) watchDelete(inv *invocation, t *truth, what string, at place) {
	rep := t.here[at]
	if rep == nil {
		return // gone already
	}
	l := t.names.ours(rep)
	switch {
	case l == nil && g.nemesis.disturbed(t.at, at):
	case l == nil:
		g.violate("%s %s %s in %s, which is not ours: %q", inv.key, what, at.id, at.region, rep.Name)
	case g.nemesis.disturbed(t.at, about(l.series(at.region))...):
	default:
		if why := g.w.keepsReplica(t, rep, *l); why != "" {
			g.violate("%s %s %s in %s, %s (%s)", inv.key, what, at.id, at.region, why, rep.Name)
		}
	}
}

// keepsReplica says why a replica must not be deleted. It returns "" for one
// that may be.
func (w *world) keepsReplica(t *truth, rep *sim.Snapshot, l label) string {
	if len(w.rules) == 0 {
		return "and there is no keep rule"
	}
	if l.disk == "" || !slices.Contains(w.sources, l.from) {
		return "which is of no disk protected here"
	}
	var points []point
	others, twins := 0, 0
	for _, o := range t.series[l.series(rep.Region)] {
		ol := t.names.ours(o)
		if !t.complete(o) {
			continue
		}
		if o.ID != rep.ID {
			others++
			if ol.source == l.source {
				twins++
			}
		}
		if p := (point{ol.source, ol.created}); !slices.Contains(points, p) {
			points = append(points, p)
		}
	}
	switch {
	case others == 0:
		return "the last complete one of its disk there"
	case twins > 0:
		return "" // a double, or spoilt
	case !t.complete(rep):
		return "which is not complete, with no complete one of its source"
	}
	sortPoints(points)
	if i := slices.Index(points, point{l.source, l.created}); w.keeps(points)[i] {
		return "and a keep rule keeps it"
	}
	return ""
}
