package storm

import (
	"time"

	"snapferry/internal/sim"
)

// tolerance is how much clocks and the time that a run takes may blur a time
// that is measured between the service and the function.
const tolerance = 10 * time.Minute

// required are the pairs that have to become complete: of sources that are
// there, ready, wanted and young enough, those that a keep rule keeps. In a
// series with a replica of which nobody can tell whether it will count for the
// keep rules, nothing is required.
func (w *world) required(t *truth) map[pair]*sim.Snapshot {
	ranked := map[series]*ranking{}
	in := func(s series) *ranking {
		if ranked[s] == nil {
			ranked[s] = &ranking{sources: map[string]*sim.Snapshot{}}
		}
		return ranked[s]
	}
	known := map[pair]bool{}
	for _, s := range t.sources {
		if s.State != "NORMAL" || s.Percent != 100 {
			continue
		}
		for _, to := range w.wants(t, s) {
			at := pair{s.ID, s.Region, to}
			age := w.age(s, t.at)
			if len(t.replicas[at]) == 0 && age == old {
				continue
			}
			known[at] = true
			r, counts := in(series{s.Region, s.Disk, to}), age == young || t.has(at)
			if counts {
				r.sources[s.ID] = s
			}
			r.add(point{s.ID, s.Created.Truncate(time.Second)}, counts)
		}
	}
	for at, reps := range t.replicas {
		if !known[at] {
			l := t.names.ours(reps[0])
			in(l.series(at.to)).add(point{at.source, l.created}, t.has(at))
		}
	}
	needed := map[pair]*sim.Snapshot{}
	for s, r := range ranked {
		for _, source := range r.kept(w) {
			if src := r.sources[source]; src != nil {
				needed[pair{source, s.from, s.to}] = src
			}
		}
	}
	return needed
}

// A ranking is the points of one series that count for the keep rules.
type ranking struct {
	points  []point
	sources map[string]*sim.Snapshot // of points that count, those that are there
	vague   bool                     // it can't be told whether one of them counts
}

func (r *ranking) add(p point, counts bool) {
	r.points = append(r.points, p)
	r.vague = r.vague || !counts
}

// kept are the sources that the keep rules keep.
func (r *ranking) kept(w *world) []string {
	if r.vague && len(w.rules) > 0 {
		return nil
	}
	sortPoints(r.points)
	var out []string
	for i, keep := range w.keeps(r.points) {
		if keep {
			out = append(out, r.points[i].source)
		}
	}
	return out
}

// The ages of a source, held against MAX_AGE.
const (
	young    = iota
	doubtful // it depends on whose clock decides
	old
)

func (w *world) age(s *sim.Snapshot, at time.Time) int {
	switch age := at.Add(w.skew).Sub(s.Created); {
	case w.maxAge == 0 || age <= w.maxAge-tolerance:
		return young
	case age <= w.maxAge+tolerance:
		return doubtful
	}
	return old
}
