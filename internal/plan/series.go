package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"snapferry/internal/cloud"
)

// A series is the points of one disk in one target region. The keep rules rank
// the points of a series. The series of an unknown disk is not ranked.
type series struct {
	from, disk, to string
	points         []*point // newest first
	expired        bool     // all replicas may be deleted, by KEEP_GONE
}

// A point is one source snapshot, which may be gone, with its replicas in one
// region.
type point struct {
	lineage      Lineage
	src          *cloud.Snapshot // nil: gone, or in a region that could not be listed
	sourceUnseen bool            // its region could not be listed
	replicas     []verdict       // oldest first
	copy         *Decision       // nil if the source is gone
	explicit     bool            // requested by id: the keep rules do not apply
}

// present reports whether the point has a replica, proven or arriving. A replica
// whose source is gone counts only if it is proven: anybody can choose a name.
func (p *point) present() bool {
	return p.copy != nil && (p.copy.Outcome == Exists || p.copy.Outcome == InProgress) || p.best() != nil ||
		p.src != nil && slices.ContainsFunc(p.replicas, func(v verdict) bool { return !v.spoilt })
}

// A planner decides about one disk at a time.
type planner struct {
	rules   *Rules
	world   *World
	order   *Order
	now     time.Time
	warn    func(...string)
	targets []string     // the destinations of all snapshots, sorted
	asked   map[Ref]bool // the order's refs; those with a snapshot, without the disk
	found   map[Ref]bool // the asked refs that were observed
	tooOld  tooOld
	nearly  map[string]string // by region: a name that is nearly a wanted replica's
	care    care
	// absent says that the lists of an earlier observation showed that the disk
	// does not exist.
	absent bool
}

// tooOld counts the points that MAX_AGE alone holds back and that the keep rules
// would keep.
type tooOld struct {
	points int
	oldest time.Time
}

func newPlanner(r *Rules, w *World, o *Order, now time.Time, warn func(...string)) *planner {
	p := &planner{
		rules: r, world: w, order: o, now: now, warn: warn, asked: map[Ref]bool{}, found: map[Ref]bool{},
		nearly: map[string]string{}, care: newCare(),
	}
	for _, ref := range o.Refs {
		if ref.Snapshot != "" {
			ref.Disk = ""
		}
		p.asked[ref] = true
	}
	p.targets = slices.Clone(r.Targets)
	if len(o.Targets) > 0 {
		p.targets = slices.Clone(o.Targets)
	}
	if w.hasTargetsTag {
		p.addTaggedTargets()
	}
	slices.Sort(p.targets)
	p.targets = slices.Compact(p.targets)
	return p
}

// addTaggedTargets adds the regions that ferry:targets tags name.
func (p *planner) addTaggedTargets() {
	regions := map[string]bool{}
	add := func(v *diskView, s *cloud.Snapshot) {
		if _, own := (tags{s.Tags, v.tags}).get(TargetsTag); own && p.covers(s) {
			to, _ := p.destinations(v, s)
			for _, region := range to {
				regions[region] = true
			}
		}
	}
	for v := range p.world.views() {
		if len(p.asked) == 0 { // a disk without snapshots may have replicas, too
			add(v, &cloud.Snapshot{Disk: v.disk, Region: v.from})
		}
		for i := range v.sources {
			if s := v.sources[i].src; s != nil {
				add(v, s)
			}
		}
	}
	p.targets = slices.AppendSeq(p.targets, maps.Keys(regions))
}

// covers reports whether the order is about a snapshot.
func (p *planner) covers(s *cloud.Snapshot) bool {
	if len(p.asked) == 0 {
		return true
	}
	covered := false
	for _, ref := range []Ref{{Region: s.Region, Snapshot: s.ID}, {Snapshot: s.ID}, {Region: s.Region, Disk: s.Disk}} {
		if p.asked[ref] {
			p.found[ref], covered = true, true
		}
	}
	return covered
}

// coversLineage is covers for a source that may be gone.
func (p *planner) coversLineage(l Lineage) bool {
	return p.covers(&cloud.Snapshot{ID: l.Source, Region: l.Region, Disk: l.Disk})
}

// build makes the ranked series of a disk, sorted by region. A source that exists
// gives a point with a decision in each of its destinations. The replicas of other
// sources give points without a decision.
func (p *planner) build(v *diskView) []*series {
	byRegion := map[string]*series{}
	add := func(to string, pt *point) {
		if byRegion[to] == nil {
			byRegion[to] = &series{from: v.from, disk: v.disk, to: to}
		}
		byRegion[to].points = append(byRegion[to].points, pt)
	}
	for i := range v.sources {
		s := &v.sources[i]
		var to []string
		if s.src != nil {
			var dropped string
			to, dropped = p.destinations(v, s.src)
			unselected := p.unselected(v, s.src)
			for _, region := range to {
				add(region, p.wanted(v, s, region, unselected, dropped))
			}
		}
		for _, region := range p.targets {
			if slices.Contains(to, region) {
				continue
			}
			for _, pt := range p.observed(s, region) {
				add(region, pt)
			}
		}
		for j := range s.replicas {
			p.covers(s.replicas[j].Snapshot) // a requested id may be a replica's
		}
	}
	all := slices.SortedFunc(maps.Values(byRegion), func(a, b *series) int { return strings.Compare(a.to, b.to) })
	expired := p.expired(v)
	for _, s := range all {
		s.expired = expired
		p.rank(s, v.exists && !p.world.Partial)
	}
	return all
}

// wanted is the point of a source in one of its destinations.
func (p *planner) wanted(v *diskView, s *sourceView, to string, unselected reason, dropped string) *point {
	pt := &point{lineage: LineageOf(s.src), src: s.src, replicas: p.verdicts(s, to), explicit: p.order.Explicit && p.covers(s.src)}
	c := candidate{
		src: s.src, tags: tags{s.src.Tags, v.tags}, to: to, explicit: pt.explicit, replicas: pt.replicas, now: p.now,
		unselected: unselected, tooOld: p.rules.tooOld(s.src, p.now), refused: p.world.Refused[Ref{Region: to, Snapshot: s.src.ID}],
	}
	if p.tagsUnread(v) {
		c.disksUnread = "the tags of its disk could not be read"
	}
	if p.world.Unlisted[to] != "" {
		c.unlisted = to + " could not be listed"
	}
	o, reason, replica := c.decide()
	if o == Planned && p.world.Partial && p.isGone(v) && !pt.explicit {
		// All replicas of the disk decide then. And a source that shows no disk now
		// may have a replica whose name says its disk.
		o, reason = Waiting, "its disk is gone or unknown: the next sweep decides"
	}
	d := copyOf(s.src, to, o, join(reason, dropped))
	d.Replica, d.repeated = replica, len(pt.replicas) > 0
	d.tooOld = o == Skipped && reason == c.tooOld && notReady(s.src, p.now) == ""
	pt.copy = &d
	if p.nearly[to] == "" {
		p.nearly[to] = p.world.nearlyNamed(to, d.Name())
	}
	return pt
}

// observed are the points of a source that has replicas in a region. While the
// source is there, it is one. Afterwards there is one for each time that the names
// say: a name is chosen by whoever makes a copy, so it says nothing of other replicas.
func (p *planner) observed(s *sourceView, to string) []*point {
	var all []*point
	src := s.compared()
	for i := range s.replicas {
		l := s.replicas[i].lineage
		if s.replicas[i].Region != to || slices.ContainsFunc(all, func(pt *point) bool { return src != nil || pt.lineage.Created.Equal(l.Created) }) {
			continue
		}
		pt := &point{lineage: l, sourceUnseen: p.world.unseen(l.Region)}
		if src != nil {
			pt.src, pt.lineage = src, LineageOf(src)
		}
		for _, v := range p.verdicts(s, to) {
			if src != nil || v.says.Equal(l.Created) {
				pt.replicas = append(pt.replicas, v)
			}
		}
		all = append(all, pt)
	}
	return all
}

// verdicts judges all replicas of a source in a region.
func (p *planner) verdicts(s *sourceView, to string) []verdict {
	src := s.compared()
	var out []verdict
	for i := range s.replicas {
		if r := &s.replicas[i]; r.Region == to {
			out = append(out, judge(r.Snapshot, r.lineage, src, p.rules.CopyTimeout, p.now))
		}
	}
	slices.SortFunc(out, oldestFirst)
	return out
}

// rank sorts the points, applies the keep rules to the planned copies, and says
// how urgent each copy is. exists says that the disk does.
func (p *planner) rank(s *series, exists bool) {
	slices.SortFunc(s.points, newestPointFirst)
	if s.disk == "" {
		return
	}
	raiseDoubts(s.points)
	// A point from the future displaces nothing.
	past := s.points
	for len(past) > 0 && past[0].lineage.Created.After(p.now.Add(clockSkew)) {
		past = past[1:]
	}
	if exists {
		admitNewest(past)
	}
	p.countTooOld(past)
	var counted []*point
	for _, pt := range past {
		if pt.present() || (pt.copy != nil && pt.copy.Outcome == Planned) {
			counted = append(counted, pt)
		}
	}
	newest := time.Time{}
	if i := slices.IndexFunc(counted, (*point).present); i >= 0 {
		newest = counted[i].lineage.Created
	}
	kept := p.rules.Keep.apply(points(counted), p.rules.Zone, p.now)
	newer := 0
	for i, pt := range counted {
		if pt.copy != nil && pt.copy.Outcome == Planned {
			pt.copy.behind, pt.copy.newest = newer, newest
			p.applyRules(pt, kept[i], newer)
		}
		if kept[i] != "" {
			newer++
		}
	}
}

func newestPointFirst(a, b *point) int {
	return cmp.Or(b.lineage.Created.Compare(a.lineage.Created), strings.Compare(a.lineage.Source, b.lineage.Source))
}

// admitNewest plans the copy of the newest snapshot that can be copied, also if it
// is older than MAX_AGE: otherwise a disk would stay without a replica.
func admitNewest(newestFirst []*point) {
	for _, pt := range newestFirst {
		switch d := pt.copy; {
		case d == nil:
		case d.tooOld:
			d.Outcome, d.Reason, d.tooOld = Planned, d.Reason+", but the newest of its disk that can be copied", false
			return
		case d.Outcome == Planned || d.Outcome == Exists || d.Outcome == InProgress:
			return
		}
	}
}

// countTooOld counts the points of a series that only MAX_AGE holds back and that
// the keep rules would keep.
func (p *planner) countTooOld(newestFirst []*point) {
	isOld := func(pt *point) bool { return pt.copy != nil && pt.copy.tooOld }
	if !slices.ContainsFunc(newestFirst, isOld) {
		return
	}
	var all []*point
	for _, pt := range newestFirst {
		if isOld(pt) || pt.present() || pt.copy != nil && pt.copy.Outcome == Planned {
			all = append(all, pt)
		}
	}
	for i, kept := range p.rules.Keep.apply(points(all), p.rules.Zone, p.now) {
		if at := all[i].lineage.Created; kept != "" && isOld(all[i]) {
			p.tooOld.points++
			if p.tooOld.oldest.IsZero() || at.Before(p.tooOld.oldest) {
				p.tooOld.oldest = at
			}
		}
	}
}

// lateEvent is the age from which a snapshot of an event may not be the newest
// of its disk. Events come within seconds. After ten minutes a newer snapshot may
// have been made, copied and deleted again.
const lateEvent = 10 * time.Minute

// applyRules applies the keep rules to a planned copy. kept is the rule that
// keeps it. newer is how many newer points the rules keep.
func (p *planner) applyRules(pt *point, kept string, newer int) {
	d := pt.copy
	switch {
	case kept == "" && pt.explicit:
		d.Reason = join(d.Reason, "requested by id; the next retain run would delete it, because no keep rule keeps it")
		if p.rules.tooOld(pt.src, p.now) == "" {
			d.Reason = join(d.Reason, "in its first hour retain reports it and does not delete it")
		}
	case kept == "":
		d.Outcome, d.Reason = Skipped, "no keep rule would keep it"
	case p.world.Partial && !p.rules.Keep.None() && (newer > 0 || p.now.Sub(pt.lineage.Created) > lateEvent):
		d.Outcome, d.Reason = Waiting, "the next sweep decides: the keep rules need all replicas of the disk, and an event reads only some"
	}
}

func points(all []*point) []time.Time {
	out := make([]time.Time, len(all))
	for i, p := range all {
		out[i] = p.lineage.Created
	}
	return out
}
