package plan

import (
	"cmp"
	"maps"
	"slices"
	"snapferry/internal/cloud"
	"strings"
	"time"
)

// A lane is all points in time of one disk, as far as one target region is
// concerned. Ranking happens within a lane.
type lane struct {
	key    laneKey
	points []*point // newest first once ranked
}

// laneKey names a lane. An unknown disk has a lane, but no ranking.
type laneKey struct{ from, disk, to string }

// A point is one source snapshot, there or gone, with its replicas.
type point struct {
	lineage  Lineage
	src      *cloud.Snapshot // nil: gone, or in a region that could not be looked at
	unseen   bool            // its region could not be looked at
	replicas []verdict       // oldest first
	copy     *Action         // the decision about a copy; nil where there is no source
	free     bool            // the keep rules have no say (an operator's wish)
}

// there reports whether the point has a replica, complete or arriving.
func (p *point) there() bool {
	return p.copy != nil && (p.copy.Outcome == Exists || p.copy.Outcome == InProgress) ||
		slices.ContainsFunc(p.replicas, func(v verdict) bool { return !v.spoilt })
}

// index finds things in a world.
type index struct {
	r       *Rules
	w       *World
	o       *Order
	asked   map[Ref]bool    // the order's refs; of a ref with a snapshot without its disk
	source  map[string]bool // regions that are protected
	disk    map[Ref]map[string]string
	replica map[replicaKey][]*cloud.Snapshot
	origin  map[Ref]*cloud.Snapshot
}

// replicaKey names all replicas of one source in one region.
type replicaKey struct{ source, from, to string }

func (l Lineage) in(to string) replicaKey { return replicaKey{l.Source, l.Region, to} }

func newIndex(r *Rules, w *World, o *Order) *index {
	x := &index{
		r: r, w: w, o: o, asked: map[Ref]bool{},
		source: map[string]bool{}, disk: map[Ref]map[string]string{},
		replica: map[replicaKey][]*cloud.Snapshot{}, origin: map[Ref]*cloud.Snapshot{},
	}
	for _, region := range r.Sources {
		x.source[region] = true
	}
	for _, ref := range o.Refs {
		if ref.Snapshot != "" {
			ref.Disk = ""
		}
		x.asked[ref] = true
	}
	for i := range w.Disks {
		d := &w.Disks[i]
		x.disk[Ref{Region: d.Region, Disk: d.ID}] = d.Tags
	}
	for i := range w.Snapshots {
		s := &w.Snapshots[i]
		if l, ok := Ours(s); ok {
			k := l.in(s.Region)
			x.replica[k] = append(x.replica[k], s)
		} else {
			x.origin[Ref{Region: s.Region, Snapshot: s.ID}] = s
		}
	}
	return x
}

// covers reports whether the order is about a snapshot.
func (x *index) covers(s *cloud.Snapshot) bool {
	return len(x.asked) == 0 || x.asked[Ref{Region: s.Region, Snapshot: s.ID}] || x.asked[Ref{Snapshot: s.ID}] ||
		x.asked[Ref{Region: s.Region, Disk: s.Disk}]
}

// destinations are the regions that a source is to have replicas in, with a
// note about what was dropped.
func (x *index) destinations(s *cloud.Snapshot) (to []string, note string) {
	return x.r.destinations(s, x.tags(s), x.o)
}

// targets are all regions that are anybody's destination, sorted.
func (x *index) targets() []string {
	all := slices.Clone(x.r.Targets)
	if len(x.o.Targets) > 0 {
		all = slices.Clone(x.o.Targets)
	}
	for i := range x.w.Snapshots {
		if s := &x.w.Snapshots[i]; x.source[s.Region] && x.covers(s) {
			if _, own := x.tags(s).get(TargetsTag); own {
				to, _ := x.destinations(s)
				all = append(all, to...)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (x *index) tags(s *cloud.Snapshot) tags {
	return tags{s.Tags, x.disk[Ref{Region: s.Region, Disk: s.Disk}]}
}

// verdicts judges all replicas of l in a region.
func (x *index) verdicts(l Lineage, to string, now time.Time) []verdict {
	src := x.origin[Ref{Region: l.Region, Snapshot: l.Source}]
	var out []verdict
	for _, rep := range x.replica[l.in(to)] {
		out = append(out, judge(rep, l, src, x.r.CopyTimeout, now))
	}
	slices.SortFunc(out, oldestFirst)
	return out
}

// lanes builds every lane: from the sources that are there, with the decision
// about their copies as far as it needs no ranking, and from the replicas in
// target regions whose sources are gone.
func (x *index) lanes(now time.Time) []*lane {
	lanes := map[laneKey]*lane{}
	add := func(to string, p *point) {
		k := laneKey{p.lineage.Region, p.lineage.Disk, to}
		if lanes[k] == nil {
			lanes[k] = &lane{key: k}
		}
		lanes[k].points = append(lanes[k].points, p)
	}
	done := map[replicaKey]bool{}
	for i := range x.w.Snapshots {
		s := &x.w.Snapshots[i]
		if !x.source[s.Region] {
			continue
		}
		to, note := x.destinations(s)
		for _, region := range to {
			l := LineageOf(s)
			p := &point{lineage: l, src: s, replicas: x.verdicts(l, region, now), free: x.o.Explicit && x.covers(s)}
			p.copy = x.decide(s, region, p, now)
			p.copy.Reason = join(p.copy.Reason, note)
			add(region, p)
			done[l.in(region)] = true
		}
	}
	targets := x.targets()
	for k, replicas := range x.replica {
		if l, _ := Ours(replicas[0]); !done[k] && slices.Contains(targets, k.to) {
			add(k.to, &point{
				lineage: l, src: x.origin[Ref{Region: l.Region, Snapshot: l.Source}],
				unseen: x.w.Blind[l.Region] != "", replicas: x.verdicts(l, k.to, now),
			})
		}
	}
	return slices.SortedFunc(maps.Values(lanes), func(a, b *lane) int {
		return cmp.Or(strings.Compare(a.key.from, b.key.from), strings.Compare(a.key.disk, b.key.disk), strings.Compare(a.key.to, b.key.to))
	})
}

// decide settles a copy as far as that needs no ranking.
func (x *index) decide(s *cloud.Snapshot, to string, p *point, now time.Time) *Action {
	a := newCopy(s, to, Planned, "")
	t := x.tags(s)
	set := func(o Outcome, why string) bool {
		if why != "" {
			a.Outcome, a.Reason = o, why
		}
		return why != ""
	}
	against := join(x.r.unselected(s, t), x.r.tooOld(s, now))
	if !p.free && set(Skipped, x.r.unselected(s, t)) {
		return &a
	}
	if _, skip := t.get(SkipTag); skip && set(Skipped, "tagged "+SkipTag) {
		return &a
	}
	if set(Ineligible, ineligible(s)) || set(Ineligible, barred(s.Region, to)) {
		return &a
	}
	if set(Deferred, x.w.Untagged[s.Region]) {
		a.Reason = "the tags of the disks in its region could not be read"
		return &a
	}
	if set(Deferred, x.w.Blind[to]) {
		a.Reason = blind(to)
		return &a
	}
	a.Outcome, a.Reason, a.Replica = attempt(s, to, p.replicas)
	if a.Outcome != Planned {
		return &a
	}
	if !p.free && set(Skipped, x.r.tooOld(s, now)) || set(Ineligible, x.w.Refused[Ref{Region: to, Snapshot: s.ID}]) || set(Waiting, notReady(s)) {
		return &a
	}
	if p.free && against != "" {
		a.Reason = join(a.Reason, "asked for by id although "+against)
	}
	return &a
}

// rank holds back what the keep rules would not keep, and says which of the
// remaining copies are the most urgent.
func (l *lane) rank(r *Rules, partial bool, now time.Time) {
	slices.SortFunc(l.points, func(a, b *point) int {
		return cmp.Or(b.lineage.Created.Compare(a.lineage.Created), strings.Compare(a.lineage.Source, b.lineage.Source))
	})
	if l.key.disk == "" {
		return
	}
	raiseDoubts(l.points)
	var wanted []*point
	for _, p := range l.points {
		if p.there() || (p.copy != nil && p.copy.Outcome == Planned) {
			wanted = append(wanted, p)
		}
	}
	kept := r.Keep.apply(times(wanted), r.Zone)
	newest := time.Time{}
	for _, p := range wanted {
		if p.there() {
			newest = p.lineage.Created
			break
		}
	}
	ahead := 0
	for i, p := range wanted {
		if p.copy != nil && p.copy.Outcome == Planned {
			p.hold(kept[i])
			p.copy.Rank, p.copy.Newest = ahead, newest
			if partial && p.copy.Outcome == Planned && !r.Keep.None() && (ahead > 0 || now.Sub(p.lineage.Created) > lateEvent) {
				p.copy.Outcome, p.copy.Reason = Waiting, "the timer's sweep decides: keep rules rank it among replicas that an event does not look at"
			}
		}
		if kept[i] != "" {
			ahead++
		}
	}
}

// lateEvent is how old a snapshot may be for an event to be trusted that there
// is no newer one. Events come within seconds; after ten minutes a newer
// snapshot may have been made, copied, and deleted again.
const lateEvent = 10 * time.Minute

// hold applies the keep rules' word to a planned copy.
func (p *point) hold(kept string) {
	switch {
	case kept != "":
	case p.free:
		p.copy.Reason = join(p.copy.Reason, "asked for by id; the next retention would delete it, no keep rule keeps it")
	default:
		p.copy.Outcome, p.copy.Reason = Skipped, "no keep rule would keep it"
	}
}

func times(points []*point) []time.Time {
	out := make([]time.Time, len(points))
	for i, p := range points {
		out[i] = p.lineage.Created
	}
	return out
}
