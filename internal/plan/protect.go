package plan

import (
	"fmt"
	"slices"
	"time"

	"snapferry/internal/cloud"
)

// A Protection counts the disks in care, each by the state of its worst region.
type Protection struct {
	Disks       int `json:"disks"` // without the gone ones
	Protected   int `json:"protected"`
	Late        int `json:"late"`
	Copying     int `json:"copying"`
	Unprotected int `json:"unprotected"`
	Gone        int `json:"gone"`
}

// count adds one disk; "" is a disk that is not in care.
func (c *Protection) count(worst Outcome) {
	n := map[Outcome]*int{Protected: &c.Protected, Late: &c.Late, Arriving: &c.Copying, Unprotected: &c.Unprotected, GoneDisk: &c.Gone}[worst]
	if n == nil {
		return
	}
	*n++
	if worst != GoneDisk {
		c.Disks++
	}
}

// worstFirst are the states of a disk in one region.
var worstFirst = []Outcome{Unprotected, Late, Arriving, Protected, GoneDisk}

// freshFor is how long a disk's first snapshots may be ready before one must be on
// its way. Timers fire every few minutes.
const freshFor = 30 * time.Minute

// protect says how far a disk in care is protected in each of its target regions,
// and which state is the worst; "" if the disk is not in care, or if none of its
// regions could be read.
func (p *planner) protect(v *diskView, all []*series) (rows []Decision, worst Outcome) {
	to, note, inCare := p.inCare(v)
	if !inCare {
		return nil, ""
	}
	if len(to) == 0 && len(p.order.Targets) == 0 {
		why := "no target region besides its own: correct TARGET_REGIONS"
		if note != "" {
			why = fmt.Sprintf("no usable target region (%s): correct the tag, regions are joined by +", note)
		}
		rows = append(rows, p.row(v, "", Unprotected, why))
	}
	for _, region := range to {
		if p.world.Unlisted[region] != "" || !p.order.includes(region) {
			continue
		}
		s := &series{from: v.from, disk: v.disk, to: region}
		if i := slices.IndexFunc(all, func(s *series) bool { return s.to == region }); i >= 0 {
			s = all[i]
		}
		d := p.state(v, s)
		d.Reason = join(d.Reason, note)
		rows = append(rows, d)
	}
	for _, worst = range worstFirst {
		if slices.ContainsFunc(rows, func(d Decision) bool { return d.Outcome == worst }) {
			return rows, worst
		}
	}
	return rows, ""
}

// sourcesUnseen reports whether it is unknown which snapshots the disk has, or
// whether it exists.
func (p *planner) sourcesUnseen(v *diskView) bool {
	return p.world.unseen(v.from) || p.tagsUnread(v)
}

// inCare reports whether a disk is in care, and returns its target regions. They are
// those of its newest snapshot. A disk that is gone, or whose snapshots could not be
// read, is in care where it has replicas.
func (p *planner) inCare(v *diskView) (to []string, note string, inCare bool) {
	if v.disk == "" {
		return nil, "", false
	}
	r := p.rules
	if len(r.SelectDisks) > 0 && !slices.Contains(r.SelectDisks, v.disk) {
		return nil, "", false
	}
	byItself := r.unselected(&cloud.Snapshot{Disk: v.disk}, tags{disk: v.tags}) == ""
	selected := byItself
	var newest *cloud.Snapshot
	for i := range v.sources {
		if s := v.sources[i].compared(); s != nil {
			selected = selected || r.unselected(s, tags{s.Tags, v.tags}) == ""
			if newest == nil || s.Created.After(newest.Created) {
				newest = s
			}
		}
	}
	p.care.note(v, newest != nil, selected)
	_, skipped := v.tags[SkipTag]
	switch {
	case skipped:
		return nil, "", false
	case p.isGone(v) || p.sourcesUnseen(v) && (newest == nil || !v.exists || !selected):
		to = p.replicaRegions(v)
		return to, "", len(to) > 0
	case !selected || newest == nil && len(r.SelectTags)+len(r.SelectDisks) == 0:
		return nil, "", false
	case newest == nil:
		newest = &cloud.Snapshot{Disk: v.disk, Region: v.from}
	}
	to, note = p.destinations(v, newest)
	return to, note, true
}

// row is a decision about a disk in one region.
func (p *planner) row(v *diskView, to string, o Outcome, why string) Decision {
	return Decision{Kind: KindProtect, Disk: v.disk, From: v.from, To: to, Outcome: o, Reason: why}
}

// state says how far a disk is protected in the region of a series.
func (p *planner) state(v *diskView, s *series) Decision {
	d := p.row(v, s.to, Unprotected, "")
	best := slices.IndexFunc(s.points, func(pt *point) bool { return pt.best() != nil })
	age := time.Duration(0)
	if best >= 0 {
		pt := s.points[best]
		d.Snapshot, d.Replica, d.Point, d.SizeGiB = pt.lineage.Source, pt.best().replica.ID, pt.lineage.Created, pt.best().replica.SizeGiB
		age = p.now.Sub(d.Point)
	}
	switch {
	case p.isGone(v) && !p.sourcesUnseen(v):
		d.Outcome, d.Reason = GoneDisk, "the disk does not exist any more"
		if best < 0 {
			d.Reason = join(d.Reason, "no replica of it is proven", uncounted(s.points))
		}
	case best >= 0 && (p.rules.RPO == 0 || age <= p.rules.RPO):
		d.Outcome, d.Reason = Protected, fmt.Sprintf("its newest proven point is %s old", Coarse(max(0, age)))
	case best >= 0:
		d.Outcome = Late
		d.Reason = join(fmt.Sprintf("its newest proven point is %s old, and RPO is %s", Coarse(age), InHours(p.rules.RPO)), p.hindrance(v, s.points[:best]), uncounted(s.points[:best]))
	default:
		if why := p.inTime(v, s); why != "" {
			d.Outcome, d.Reason = Arriving, why
			break
		}
		d.Reason = join("no proven replica", p.hindrance(v, s.points), uncounted(s.points))
	}
	return d
}

// uncounted names the newest replica of some points that is complete and not proven;
// "" if there is none.
func uncounted(newestFirst []*point) string {
	pt, v := newestUnproven(newestFirst)
	if pt == nil {
		return ""
	}
	return fmt.Sprintf("replica %s of %s is not counted: %s", v.replica.ID, pt.lineage.Created.Format(time.RFC3339), v.whyNotProven())
}

// newestUnproven is the newest replica of some points that is complete and not proven;
// nil if there is none.
func newestUnproven(newestFirst []*point) (*point, *verdict) {
	for _, pt := range newestFirst {
		for i := range pt.replicas {
			if v := &pt.replicas[i]; v.complete() && !v.proven() && !v.odd {
				return pt, v
			}
		}
	}
	return nil, nil
}

// inTime says why a disk without a proven replica is still in time; "" if it is
// not.
func (p *planner) inTime(v *diskView, s *series) string {
	var oldest, unfinished time.Duration // ages of the oldest ready source, and of the oldest other one
	ready := false
	sources := 0
	for i := range v.sources {
		src := v.sources[i].compared()
		if src == nil || src.CopyFromRemote {
			continue
		}
		sources++
		if age := p.now.Sub(src.Created); src.Ready() {
			ready, oldest = true, max(oldest, age)
		} else {
			unfinished = max(unfinished, age)
		}
	}
	young := !ready || p.rules.RPO == 0 || oldest < p.rules.RPO
	for _, pt := range s.points {
		for i := range pt.replicas {
			if r := &pt.replicas[i]; r.outcome == Arriving && !r.odd && (young || r.replica.Percent > 0 || r.replica.State == cloud.Checking) {
				return fmt.Sprintf("its first replica is under way: %s is %s", r.replica.ID, r.reason)
			}
		}
		if d := pt.copy; d != nil && d.Outcome == InProgress && d.Replica == "" && young && p.now.Sub(pt.lineage.Created) <= p.rules.CopyTimeout {
			return "its first replica is under way: " + d.Reason
		}
	}
	if sources > 0 && oldest < freshFor && unfinished <= p.rules.CopyTimeout {
		return "its first snapshots are younger than " + Coarse(freshFor) + " or not ready yet"
	}
	return ""
}

// hindrance says why a disk has no proven replica of its newest points, and what to
// do.
func (p *planner) hindrance(v *diskView, newestFirst []*point) string {
	const exclude = "; if the disk needs no protection, tag it " + SkipTag
	for _, pt := range newestFirst {
		d := pt.copy
		if d == nil {
			continue
		}
		what := fmt.Sprintf("snapshot %s of %s ", d.Snapshot, pt.lineage.Created.Format(time.RFC3339))
		switch d.Outcome {
		case Planned:
			return what + "is not copied yet (" + d.Reason + "): the reply and log of the copy function have the cause, such as a refusal, a missing permission or a used-up quota"
		case Ineligible, Skipped:
			return what + "can't be copied: " + d.Reason + exclude
		case Exists, InProgress:
			for i := range pt.replicas {
				if r := &pt.replicas[i]; r.outcome.Alarms() {
					return fmt.Sprintf("%shas replica %s, which is %s: %s", what, r.replica.ID, r.outcome, r.reason)
				}
			}
			return what + "is being copied: " + d.Reason
		default:
			return fmt.Sprintf("%sis %s: %s", what, d.Outcome, d.Reason)
		}
	}
	if p.sourcesUnseen(v) {
		return "the source region could not be read"
	}
	for i := range v.sources {
		if v.sources[i].compared() != nil {
			return "it has no newer snapshot: check its snapshot policy, or raise RPO if its snapshots are meant to be rarer" + exclude
		}
	}
	return "it has no snapshot: make one, or give it a snapshot policy" + exclude
}
