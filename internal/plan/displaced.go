package plan

import (
	"fmt"
	"slices"
	"time"
)

// justMade is how long a replica that is about to be deleted counts as just made.
const justMade = time.Hour

// planAge is how old a plan may be when a long run sends its last copy request. A
// point that is not older than this may have been made after that plan.
const planAge = 5 * time.Minute

// fight says why a displaced replica must not be deleted; "" if it can be. It was
// just made, its source can be copied again, and these keep rules would not have
// kept it when it was made. So other rules made it, and would make it again after
// each deletion.
//
// A replica that was requested by id looks the same: nothing in the cloud tells
// the two apart.
func (p *planner) fight(proven []*point, pt *point) string {
	at := made(pt.best().replica, pt.lineage)
	age := p.now.Sub(at)
	if at.IsZero() || age >= justMade || pt.src == nil || p.rules.tooOld(pt.src, p.now) != "" || p.keptAt(proven, at, pt)[pt] {
		return ""
	}
	return fmt.Sprintf("made %s ago, although these keep rules would not have kept it then: two sets of rules fight, so it is not deleted; "+
		"give copy and retain the same keep rules, and select different disks in each deployment; a replica requested by id is deleted when it is an hour old", Coarse(max(0, age)))
}

// keptAt are the points that the keep rules kept at an earlier time. They ranked
// the points that had a replica then, and also is one of them.
func (p *planner) keptAt(proven []*point, at time.Time, also *point) map[*point]bool {
	then := slices.DeleteFunc(slices.Clone(proven), func(pt *point) bool {
		return pt != also && (pt.best().replica.Created.After(at) || pt.lineage.Created.After(at.Add(-planAge)))
	})
	kept := map[*point]bool{}
	for i, why := range p.rules.Keep.apply(points(then), p.rules.Zone, at) {
		kept[then[i]] = why != ""
	}
	return kept
}

// expired reports whether all replicas of a disk may be deleted: the disk does not
// exist any more, no snapshot of it exists, and all its points are older than
// KEEP_GONE. In any doubt they stay.
func (p *planner) expired(v *diskView) bool {
	if p.rules.KeepGone == 0 || v.disk == "" || v.exists || !p.absent && !p.isAbsent(v) {
		return false
	}
	for i := range v.sources {
		s := &v.sources[i]
		if s.src != nil {
			return false
		}
		for j := range s.replicas {
			r := &s.replicas[j]
			if copied(r.Snapshot) && lie(r.lineage, nil, p.now) == "" && p.now.Sub(r.lineage.Created) <= p.rules.KeepGone {
				return false
			}
		}
	}
	return true
}

// isAbsent reports whether whole lists show that a disk does not exist: a list of
// disks that is not empty, and the lists of all regions that may have newer points.
func (p *planner) isAbsent(v *diskView) bool {
	w := p.world
	regions := slices.Concat([]string{v.from}, p.targets, p.rules.Targets)
	return w.disksIn[v.from] > 0 && w.DisksUnread[v.from] == "" && !w.Partial && !slices.ContainsFunc(regions, w.unseen) &&
		!w.diskless[w.disks.pack(v.disk)]
}
