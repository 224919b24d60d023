package storm

import (
	"time"

	"snapferry/internal/sim"
)

// tolerance is how much clocks and the time that a run takes may blur a time
// that is measured between the service and the function.
const tolerance = 10 * time.Minute

// A ranking is the points of one series that may count for the keep rules.
type ranking struct {
	points  []point
	sources map[string]*sim.Snapshot // of points that do count, those that are there
	vague   bool                     // of one of them it can't be told whether it counts
}

// required are the pairs that have to become complete: of sources that are
// there, ready, wanted and young enough, those that a keep rule keeps. Nothing
// is required in a series with a point of which nobody can tell whether it
// counts for the keep rules.
func (w *world) required(t *truth) map[pair]*sim.Snapshot {
	rankings := w.rankings(t)
	needed := map[pair]*sim.Snapshot{}
	for s, r := range rankings {
		if r.vague && len(w.rules) > 0 {
			continue
		}
		sortPoints(r.points)
		for i, keep := range w.keeps(r.points) {
			source := r.points[i].source
			if src := r.sources[source]; keep && src != nil {
				needed[pair{source, s.from, s.to}] = src
			}
		}
	}
	return needed
}

// rankings gathers the points of each series: of sources, and of replicas
// whose sources are gone or not wanted any more.
func (w *world) rankings(t *truth) map[series]*ranking {
	all := map[series]*ranking{}
	add := func(s series, p point, src *sim.Snapshot, counts bool) {
		r := all[s]
		if r == nil {
			r = &ranking{sources: map[string]*sim.Snapshot{}}
			all[s] = r
		}
		r.points = append(r.points, p)
		if !counts {
			r.vague = true
		} else if src != nil {
			r.sources[p.source] = src
		}
	}
	known := map[pair]bool{}
	for _, s := range t.sources {
		if s.State != "NORMAL" || s.Percent != 100 {
			continue
		}
		age := t.at.Add(w.skew).Sub(s.Created)
		for _, to := range w.wants(t, s) {
			at := pair{s.ID, s.Region, to}
			if w.maxAge > 0 && age > w.maxAge+tolerance && len(t.replicas[at]) == 0 {
				continue
			}
			known[at] = true
			young := w.maxAge == 0 || age <= w.maxAge-tolerance // in between, whose clock decides?
			add(series{s.Region, s.Disk, to}, point{s.ID, s.Created.Truncate(time.Second)}, s, young || t.has(at))
		}
	}
	for at, reps := range t.replicas {
		if !known[at] {
			l := t.names.ours(reps[0])
			add(l.series(at.to), point{at.source, l.created}, nil, t.has(at))
		}
	}
	return all
}
