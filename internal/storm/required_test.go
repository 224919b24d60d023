package storm

import (
	"slices"
	"time"

	"snapferry/internal/sim"
)

// tolerance is how much clocks and the time that a run takes may blur a time
// that is measured between the service and the function.
const tolerance = 10 * time.Minute

// A ranking is the points of one series that count for the keep rules.
type ranking struct {
	points  []point
	sources map[string]*sim.Snapshot // those that are there
	vague   bool                     // of one point it can't be told whether it counts
	newest  *sim.Snapshot            // the newest source that can be copied, however old
}

// required are the pairs that have to become complete: of sources that are
// there, ready, wanted and young enough, those that a keep rule keeps. Nothing
// is required in a series with a point of which nobody can tell whether it
// counts for the keep rules.
func (p *deployment) required(t *truth) map[pair]*sim.Snapshot {
	rankings := p.rankings(t)
	needed := map[pair]*sim.Snapshot{}
	for s, r := range rankings {
		if r.vague && len(p.rules) > 0 {
			continue
		}
		sortPoints(r.points)
		for i, keep := range p.keeps(r.points) {
			source := r.points[i].source
			if src := r.sources[source]; keep && src != nil {
				needed[pair{source, s.from, s.to}] = src
			}
		}
	}
	return needed
}

// rankings gathers the points of each series: of sources, and of proven replicas
// whose sources are gone or not wanted any more.
func (p *deployment) rankings(t *truth) map[series]*ranking {
	all := map[series]*ranking{}
	of := func(s series) *ranking {
		if all[s] == nil {
			all[s] = &ranking{sources: map[string]*sim.Snapshot{}}
		}
		return all[s]
	}
	known := map[pair]bool{}
	for _, s := range t.sources {
		if s.State != "NORMAL" || s.Percent != 100 {
			continue
		}
		age := t.now.Sub(s.Created)
		want := p.wants(t, s)
		for _, to := range want.to {
			at, r := pair{s.ID, s.Region, to}, of(series{s.Region, s.Disk, to})
			known[at] = true
			if _, exists := t.disks[place{s.Region, s.Disk}]; exists && (r.newest == nil || s.Created.After(r.newest.Created)) {
				r.newest = s
			}
			if p.maxAge > 0 && age > p.maxAge+tolerance && len(t.replicas[at]) == 0 {
				r.vague = r.vague || len(t.there[at]) > 0 // is what never says that it is a copy its replica?
				continue
			}
			unseen := want.byReplicas && !slices.Contains(p.sources, to) && !slices.Contains(p.targets, to)
			if young := p.maxAge == 0 || age <= p.maxAge-tolerance; unseen || !young && !t.has(at) {
				r.vague = true // whose clock decides?
				continue
			}
			r.add(s)
		}
	}
	for _, r := range all {
		if r.newest != nil && r.sources[r.newest.ID] == nil {
			r.add(r.newest)
		}
	}
	for at := range t.replicas {
		if !known[at] && t.has(at) {
			l := t.names.ours(t.replicas[at][0])
			r := of(l.series(at.to))
			r.points = append(r.points, point{at.source, l.created})
		}
	}
	return all
}

func (r *ranking) add(s *sim.Snapshot) {
	r.points = append(r.points, point{s.ID, s.Created.Truncate(time.Second)})
	r.sources[s.ID] = s
}
