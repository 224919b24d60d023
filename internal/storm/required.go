package storm

import (
	"time"

	"snapferry/internal/sim"
)

// A candidate is a point that may count for the keep rules.
type candidate struct {
	point
	src   *sim.Snapshot // nil: gone, or not to be copied any more
	vague bool          // counts only if its copy arrives, or by some clocks
}

// required are the pairs that have to become complete: of sources that are
// there, ready, wanted and young enough, those that the keep rules keep
// whether what is arriving arrives or not.
func (w *world) required(t *truth) map[pair]*sim.Snapshot {
	needed := map[pair]*sim.Snapshot{}
	for l, all := range w.candidates(t) {
		kept := w.keptOf(all, func(candidate) bool { return true })
		sure := w.keptOf(all, func(c candidate) bool { return !c.vague })
		for _, c := range all {
			if c.src != nil && !c.vague && kept[c.source] && sure[c.source] {
				needed[pair{c.source, l.from, l.to}] = c.src
			}
		}
	}
	return needed
}

// candidates gathers the points of each lane, of sources and of replicas whose
// sources are gone.
func (w *world) candidates(t *truth) map[lane][]candidate {
	lanes := map[lane][]candidate{}
	known := map[pair]bool{}
	for _, s := range t.sources {
		if s.State != "NORMAL" || s.Percent != 100 {
			continue
		}
		age := t.at.Add(w.skew).Sub(s.Created)
		old := w.maxAge > 0 && age > w.maxAge+tolerance
		young := w.maxAge == 0 || age <= w.maxAge-tolerance // in between, whose clock decides?
		for _, to := range w.wants(s, t.tags(s), false) {
			at := pair{s.ID, s.Region, to}
			st := t.standing(at)
			if old && st == absent {
				continue
			}
			known[at] = true
			l := lane{s.Region, s.Disk, to}
			lanes[l] = append(lanes[l], candidate{point{s.ID, s.Created.Truncate(time.Second)}, s, !young && st != complete})
		}
	}
	for at, reps := range t.replicas {
		if !known[at] {
			l := t.book.ours(reps[0])
			lanes[l.lane(at.to)] = append(lanes[l.lane(at.to)], candidate{point{at.source, l.created}, nil, t.standing(at) != complete})
		}
	}
	return lanes
}

// keptOf are the sources that the rules keep among some candidates.
func (w *world) keptOf(all []candidate, which func(candidate) bool) map[string]bool {
	var points []point
	for _, c := range all {
		if which(c) {
			points = append(points, c.point)
		}
	}
	sortPoints(points)
	kept := map[string]bool{}
	for i, k := range w.keeps(points) {
		kept[points[i].source] = k
	}
	return kept
}
