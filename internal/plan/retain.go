package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"snapferry/internal/cloud"
)

// retain decides about every replica of a series. It counts complete replicas
// only, one for each source, so that nothing goes because of a replica that
// has not arrived. Whatever it can't be sure of stays.
func (p *planner) retain(s *series) []Decision {
	var complete []*point
	for _, pt := range s.points {
		if pt.best() != nil {
			complete = append(complete, pt)
		}
	}
	rule := map[*point]string{}
	for i, why := range p.rules.Keep.apply(points(complete), p.rules.Zone) {
		rule[complete[i]] = why
	}
	var decisions []Decision
	for _, pt := range s.points {
		stays := p.untouchable(s, pt)
		for i := range pt.replicas {
			v := &pt.replicas[i]
			d := Decision{
				Kind: KindDelete, Snapshot: pt.lineage.Source, Disk: s.disk, From: s.from, To: s.to, Replica: v.replica.ID,
				Outcome: Kept, Reason: stays, Point: pt.lineage.Created, SizeGiB: v.replica.SizeGiB, complete: v.complete(),
			}
			if stays == "" {
				pt.judgeSurplus(&d, v, rule[pt], len(complete))
			}
			if why := undeletable(v.replica, len(p.rules.ShareAccounts)); d.Outcome == WouldDelete && why != "" {
				d.Outcome, d.Reason = Kept, fmt.Sprintf("%s, but %s", d.Reason, why)
			}
			decisions = append(decisions, d)
		}
	}
	return decisions
}

// best is the complete replica that stands for the point: the oldest one that
// nothing speaks against. nil if there is none.
func (p *point) best() *verdict {
	if i := slices.IndexFunc(p.replicas, func(v verdict) bool { return v.complete() && v.doubt == "" }); i >= 0 {
		return &p.replicas[i]
	}
	return nil
}

// judgeSurplus decides about one replica that nothing protects as such.
func (p *point) judgeSurplus(d *Decision, v *verdict, rule string, complete int) {
	best := p.best()
	switch {
	case v.doubt != "":
		d.Reason = v.doubt + ": decide by hand"
	case best == nil:
		d.Reason = "not complete: " + v.reason
	case v == best && rule != "":
		d.Reason = rule
	case v == best:
		d.Outcome = WouldDelete
		d.Reason = fmt.Sprintf("no keep rule keeps it among the %d complete replicas of its disk here", complete)
	case v.complete():
		d.Outcome, d.surplus = WouldDelete, true
		d.Reason = fmt.Sprintf("a double of %s, which was made earlier", best.replica.ID)
	case v.spoilt:
		d.Outcome, d.surplus = WouldDelete, true
		d.Reason = fmt.Sprintf("spoilt (%s), and %s is complete", v.reason, best.replica.ID)
	default:
		d.Reason = "not complete: " + v.reason
	}
}

// untouchable says why no replica of a point may be deleted; "" if the keep
// rules decide.
func (p *planner) untouchable(s *series, pt *point) string {
	switch {
	case p.rules.Keep.None():
		return "no keep rule: all are kept"
	case s.disk == "":
		return "its disk is unknown: never deleted"
	case pt.lineage.Created.IsZero():
		return "its point in time can't be read: decide by hand"
	case p.world.Unlisted[s.from] != "" || p.world.DisksUnread[s.from] != "":
		return "its source's region could not be read"
	}
	if why := p.unmanaged(s, pt); why != "" {
		return why
	}
	// Without the source nothing tells which of two different replicas is the
	// faithful one.
	for _, v := range pt.replicas {
		if b := pt.best(); b != nil && pt.src == nil && v.complete() && (v.replica.SizeGiB != b.replica.SizeGiB || v.replica.Encrypted != b.replica.Encrypted) {
			return fmt.Sprintf("%s and %s differ and their source is gone: decide by hand", b.replica.ID, v.replica.ID)
		}
	}
	return ""
}

// unmanaged says why a point is not these settings' to delete: another
// deployment in the same account may select other disks and keep them longer.
func (p *planner) unmanaged(s *series, pt *point) string {
	if len(p.rules.SelectTags) == 0 && len(p.rules.SelectDisks) == 0 {
		return ""
	}
	disk, known := p.world.tagsOf(s.from, s.disk)
	if pt.src != nil {
		return p.rules.unselected(pt.src, tags{pt.src.Tags, disk})
	}
	if known || len(p.rules.SelectTags) == 0 {
		return p.rules.unselected(&cloud.Snapshot{Disk: s.disk}, tags{disk: disk})
	}
	return "its source and disk are gone, so SELECT_TAGS can't tell whether it is selected: delete it by hand"
}

// undeletable says why the service, or care, forbids deleting a replica.
func undeletable(s *cloud.Snapshot, shareAccounts int) string {
	switch {
	case s.State != cloud.Normal:
		return fmt.Sprintf("the service deletes only NORMAL snapshots and this one is %s", cut(string(s.State), 40))
	case s.Locked:
		return "it is locked"
	case s.Images > 0:
		return fmt.Sprintf("%d images need it", s.Images)
	case s.SharedOut > shareAccounts:
		return fmt.Sprintf("it is shared with %d accounts", s.SharedOut)
	}
	return ""
}

// guardFrom is how many complete replicas a region must have before the guard
// against mass deletion watches it; below, half is soon reached by good rules.
const guardFrom = 10

// A massDeletionGuard counts, for each region, the complete replicas and those
// that would go.
type massDeletionGuard map[string]*struct{ complete, going int }

func (g massDeletionGuard) count(d *Decision) {
	if !d.complete {
		return
	}
	if g[d.To] == nil {
		g[d.To] = &struct{ complete, going int }{}
	}
	g[d.To].complete++
	if d.Outcome == WouldDelete {
		g[d.To].going++
	}
}

// apply holds all deletions back when one region would lose more than half of
// its complete replicas, which looks like a slip in the settings.
func (g massDeletionGuard) apply(deletions []Decision, force bool, note func(Decision)) []Decision {
	var regions []string
	for _, to := range slices.Sorted(maps.Keys(g)) {
		if t := g[to]; t.complete > guardFrom && 2*t.going > t.complete {
			regions = append(regions, fmt.Sprintf("%d of the %d complete replicas in %s would be deleted", t.going, t.complete, to))
		}
	}
	if len(regions) == 0 || force {
		return deletions
	}
	why := strings.Join(regions, ", ")
	for _, d := range deletions {
		d.Outcome, d.Reason = Deferred, "held back with all deletions: "+why
		note(d)
	}
	note(Decision{Kind: KindDelete, Outcome: Failed, Reason: why + `: nothing is deleted; if that is meant, run retain with "force": true (--force)`})
	return nil
}

// RecheckDeletion decides a planned deletion anew on a newer observation of
// its series. The guard and the limits were for the whole run and have been
// held already.
func RecheckDeletion(r *Rules, w *World, d *Decision, now time.Time) (o Outcome, reason string) {
	o, reason = Kept, "it is gone, or no longer a replica of ours"
	rules := *r
	rules.Targets = []string{d.To}
	p := newPlanner(&rules, w, &Order{}, now)
	for v := range w.views() {
		for _, s := range p.build(v) {
			for _, again := range p.retain(s) {
				if again.Replica == d.Replica && again.To == d.To {
					o, reason = again.Outcome, again.Reason
				}
			}
		}
	}
	return o, reason
}
