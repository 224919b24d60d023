package storm

import (
	"slices"
	"time"

	"snapferry/internal/sim"
)

// check holds the world against what must be true at every moment. Where no
// request has arrived since the last time, the function has done nothing.
func (p *play) check() {
	p.mu.Lock()
	idle := p.latest != nil && p.checked == p.arrivals
	p.checked = p.arrivals
	p.mu.Unlock()
	if idle {
		return
	}
	t, before := p.look(), p.latest
	p.latest = t
	p.mu.Lock()
	defer p.mu.Unlock()
	p.checkGone(t)
	p.checkAccepted()
	p.checkDoubles(t)
	if before == nil {
		before = t
	}
	p.checkLanes(before, t)
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

// checkGone demands that nothing changed and nothing is gone but by its own
// fate, by others, or by a deletion that was looked at when it was asked for.
func (p *play) checkGone(t *truth) {
	for at, s := range t.here {
		l := t.book.ours(s)
		if l != nil {
			p.homes[at] = l.lane(at.region)
		}
		m := markOf(s, l != nil)
		if was, known := p.known[at]; known && was != m {
			p.violateLocked("%s in %s was changed: it was %v and is %v", at.id, at.region, was, m)
		}
		p.known[at] = m
	}
	for at := range p.known {
		if t.here[at] != nil {
			continue
		}
		delete(p.known, at)
		c := p.replica[at]
		switch {
		case !p.touched[at].IsZero():
		case c != nil && c.fate == sim.Vanishes:
		case !p.deletions[at].IsZero():
			// watchDelete has had its say.
		default:
			p.violateLocked("%s in %s is gone, and nobody has asked for that", at.id, at.region)
		}
		if c != nil {
			c.gone = true
		}
	}
}

// checkDoubles demands that no source has two complete replicas in a region,
// but for those that others planted, or renamed things into.
func (p *play) checkDoubles(t *truth) {
	for at, reps := range t.replicas {
		if len(reps) < 2 {
			continue
		}
		var whole []string
		for _, rep := range reps {
			where := place{rep.Region, rep.ID}
			c := p.replica[where]
			if t.complete(rep) && c != nil && c.fate == sim.Finishes && p.touched[where].IsZero() {
				whole = append(whole, rep.ID)
			}
		}
		if len(whole) > 1 {
			p.violateLocked("%s has %d complete replicas in %s: %v", at.source, len(whole), at.to, whole)
		}
	}
}

// checkLanes demands that no disk loses its last complete replica in a region,
// but by what others did since it was seen to have one, or so short a time
// before that a run need not have known it.
func (p *play) checkLanes(was, t *truth) {
	now := map[lane]int{}
	for l, reps := range t.lanes {
		for _, rep := range reps {
			if t.complete(rep) {
				now[l]++
			}
		}
	}
	for l, before := range p.lastComplete {
		if before > 0 && now[l] == 0 && !p.meddled[l].After(was.at) && !p.bereaved(t, l, was.at) {
			p.violateLocked("%s of %s has no complete replica in %s any more, and had %d", l.disk, l.from, l.to, before)
		}
	}
	p.lastComplete = now
}

// watchDelete looks at a deletion as it is asked for.
func (p *play) watchDelete(inv *invocation, at place) {
	t := p.look()
	p.mu.Lock()
	if p.deletions[at].IsZero() {
		p.deletions[at] = t.at
	}
	p.lastDeletion[at] = t.at
	seen := latest(inv.looks.list[at.region], inv.looks.ids[at])
	p.mu.Unlock()
	rep := t.here[at]
	if rep == nil {
		return // gone already
	}
	l := t.book.ours(rep)
	if l == nil && !p.meddledLately(lane{}, at) {
		p.violate("the deletion of %s in %s is asked for, which is not ours: %q", at.id, at.region, rep.Name)
	}
	p.mu.Lock()
	p.condemn(inv, at, t.complete(rep))
	excused := l != nil && p.bereaved(t, l.lane(at.region), t.at)
	p.mu.Unlock()
	if l == nil || excused {
		return
	}
	switch age := t.at.Sub(seen); {
	case age > lookAge+1e6:
		p.violate("the deletion of %s in %s is asked for on a look that is %s old", at.id, at.region, age)
	case l.disk == "" || !slices.Contains(p.w.sources, l.from):
		p.violate("the deletion of %s in %s is asked for: %q is of no disk protected here", at.id, at.region, rep.Name)
	}
	if why := p.unmanaged(inv, t, *l); why != "" {
		p.violate("the deletion of %s in %s is asked for, %s (%s)", at.id, at.region, why, rep.Name)
	}
	if why := p.w.keepsReplica(t, rep, *l); why != "" {
		p.violate("the deletion of %s in %s is asked for, %s (%s)", at.id, at.region, why, rep.Name)
	}
}

// unmanaged says why a replica is not these settings' to delete: its source,
// or where that is gone its disk, is not selected, or can't be told to be. ""
// if it is, or if others changed that since the run began.
func (p *play) unmanaged(inv *invocation, t *truth, l label) string {
	p.mu.Lock()
	changed := p.changedSince(inv.began, place{l.from, l.source}, place{l.from, l.disk})
	p.mu.Unlock()
	src, there := t.here[place{l.from, l.source}]
	tags, known := t.disks[place{l.from, l.disk}]
	if there {
		tags, known = t.tags(src), true
	}
	switch {
	case changed:
		return ""
	case len(p.w.only) > 0 && !slices.Contains(p.w.only, l.disk):
		return "and its disk is not selected"
	case p.w.selected != "" && !known:
		return "and nothing tells any more whether its source is selected"
	case !p.w.selects(l.disk, tags):
		return "and its source is not selected"
	}
	return ""
}

// keepsReplica says why a replica must not be deleted; "" if it may be.
func (w *world) keepsReplica(t *truth, rep *sim.Snapshot, l label) string {
	if len(w.rules) == 0 {
		return "and there is no keep rule"
	}
	var points []point
	known := map[string]bool{}
	others, twins := 0, 0
	for _, o := range t.lanes[l.lane(rep.Region)] {
		ol := t.book.ours(o)
		if !t.complete(o) {
			continue
		}
		if o.ID != rep.ID {
			others++
			if ol.source == l.source {
				twins++
			}
		}
		if !known[ol.source] {
			known[ol.source] = true
			points = append(points, point{source: ol.source, created: ol.created})
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
	kept := w.keeps(points)
	for i, pt := range points {
		if pt.source == l.source && kept[i] {
			return "and a keep rule keeps it"
		}
	}
	return ""
}
