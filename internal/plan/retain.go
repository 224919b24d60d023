package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"snapferry/internal/cloud"
)

// retain decides about every replica of a series. It ranks only proven replicas,
// one for each source, so that a replica that is still arriving never causes a
// deletion. In any doubt a replica stays.
func (p *planner) retain(s *series) []Decision {
	var proven []*point
	for _, pt := range s.points {
		if pt.best() != nil {
			proven = append(proven, pt)
		}
	}
	rule := map[*point]string{}
	for i, why := range p.rules.Keep.apply(points(proven), p.rules.Zone, p.now) {
		rule[proven[i]] = why
	}
	keptYesterday := p.keptAt(proven, p.now.Add(-24*time.Hour), nil)
	var decisions []Decision
	for _, pt := range s.points {
		stays := p.untouchable(s, pt)
		if pt.best() == nil {
			rule[pt] = p.keptBeside(proven, pt)
		}
		for i := range pt.replicas {
			v := &pt.replicas[i]
			if v.odd {
				continue // it is not ours
			}
			d := Decision{
				Kind: KindDelete, Snapshot: pt.lineage.Source, Disk: s.disk, From: s.from, To: s.to, Replica: v.replica.ID,
				Outcome: Kept, Reason: stays, Point: pt.lineage.Created, SizeGiB: v.replica.SizeGiB, proven: v.proven(),
			}
			switch {
			case s.expired && p.unmanaged(s, pt) == "" && !v.lies && (v.complete() || v.spoilt):
				d.Outcome, d.Reason, d.expired = WouldDelete, "its disk does not exist any more, and all its points are older than KEEP_GONE", true
			case stays == "":
				pt.judgeSurplus(&d, v, rule[pt], len(proven))
			}
			if v == pt.best() && d.Outcome == WouldDelete && !d.expired {
				kept, wasThere := keptYesterday[pt]
				d.recent = kept || !wasThere
				if why := p.fight(proven, pt); why != "" {
					d.Outcome, d.Reason = Failed, why
				}
			}
			if why := undeletable(v.replica, len(p.rules.ShareAccounts)); d.Outcome == WouldDelete && why != "" {
				d.Outcome, d.Reason = Kept, fmt.Sprintf("%s, but %s", d.Reason, why)
			}
			decisions = append(decisions, d)
		}
	}
	return decisions
}

// keptBeside is the rule that keeps a point which is not proven beside the proven
// ones. It justifies no deletion, so it is ranked alone among them.
func (p *planner) keptBeside(proven []*point, pt *point) string {
	if !slices.ContainsFunc(pt.replicas, func(v verdict) bool { return v.outcome == Unproven }) {
		return ""
	}
	i, _ := slices.BinarySearchFunc(proven, pt, newestPointFirst)
	return p.rules.Keep.apply(points(slices.Insert(slices.Clone(proven), i, pt)), p.rules.Zone, p.now)[i]
}

// best is the oldest proven replica of the point. nil if there is none.
func (p *point) best() *verdict {
	if i := slices.IndexFunc(p.replicas, func(v verdict) bool { return v.proven() }); i >= 0 {
		return &p.replicas[i]
	}
	return nil
}

// judgeSurplus decides about one replica of a point that is not untouchable.
func (p *point) judgeSurplus(d *Decision, v *verdict, rule string, proven int) {
	best := p.best()
	switch {
	case v.lies:
		d.Reason = v.reason
	case v.doubt != "":
		d.Reason = v.doubt + ": decide yourself"
	case best == nil && v.outcome == Unproven && p.src == nil && rule == "":
		d.Outcome = WouldDelete
		d.Reason = fmt.Sprintf("never proven (%s), and not kept by any rule beside the %d proven replicas of this disk in %s", v.reason, proven, d.To)
	case best == nil:
		d.Reason = join("not proven: "+v.reason, rule)
	case v == best && rule != "":
		d.Reason = rule
	case v == best:
		d.Outcome = WouldDelete
		d.Reason = fmt.Sprintf("not kept by any rule (%d proven replicas of this disk in %s)", proven, d.To)
	case v.complete():
		d.Outcome, d.surplus = WouldDelete, true
		d.Reason = fmt.Sprintf("a duplicate of %s, which was made earlier", best.replica.ID)
	case v.spoilt:
		d.Outcome, d.surplus = WouldDelete, true
		d.Reason = fmt.Sprintf("spoilt (%s), and %s is proven", v.reason, best.replica.ID)
	default:
		d.Reason = "not proven: " + v.reason
	}
}

// untouchable says why the replicas of a point must not be deleted; "" if the
// keep rules decide.
func (p *planner) untouchable(s *series, pt *point) string {
	switch {
	case p.rules.Keep.None():
		return "no keep rule: all are kept"
	case s.disk == "":
		return "its disk is unknown: never deleted"
	case pt.lineage.Created.IsZero():
		return "its point in time can't be read: decide by hand"
	case p.world.unseen(s.from) || p.world.DisksUnread[s.from] != "":
		return "its source's region could not be read"
	case p.world.Incomplete[s.to] != "":
		return "the list of its region is incomplete"
	}
	if why := p.unmanaged(s, pt); why != "" {
		return why
	}
	// Without the source it is unknown which of two different replicas is
	// correct.
	for _, v := range pt.replicas {
		if b := pt.best(); b != nil && pt.src == nil && v.complete() && (v.replica.SizeGiB != b.replica.SizeGiB || v.replica.Encrypted != b.replica.Encrypted) {
			return fmt.Sprintf("%s and %s differ and their source is gone: decide yourself", b.replica.ID, v.replica.ID)
		}
	}
	return ""
}

// unmanaged says why these settings do not decide about a point. Another
// deployment in the same account may select its disk, and keep it longer.
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
	return "its source and disk are gone, so SELECT_TAGS can't be checked: delete it yourself"
}

// undeletable says why a replica can't or must not be deleted; "" if it can.
func undeletable(s *cloud.Snapshot, shareAccounts int) string {
	switch {
	case s.State != cloud.Normal:
		return fmt.Sprintf("the service deletes only NORMAL snapshots, and this one is %s", cut(string(s.State), 40))
	case s.Locked:
		return "it is locked"
	case s.Images > 0:
		return fmt.Sprintf("%d images need it", s.Images)
	case s.SharedOut > shareAccounts:
		return fmt.Sprintf("it is shared with %d accounts", s.SharedOut)
	}
	return ""
}

// guardFrom is how many proven replicas a region must have for the guard against
// mass deletion. With fewer replicas, correct rules may delete half of them.
const guardFrom = 10

// A massDeletionGuard counts, for each region, the proven replicas and those that
// would be deleted.
type massDeletionGuard map[string]*struct{ proven, going int }

func (g massDeletionGuard) count(d *Decision) {
	if !d.proven {
		return
	}
	if g[d.To] == nil {
		g[d.To] = &struct{ proven, going int }{}
	}
	g[d.To].proven++
	if d.Outcome == WouldDelete {
		g[d.To].going++
	}
}

// apply defers all deletions if one region would lose more than half of its
// proven replicas: this is probably a mistake in the settings. With force it only
// warns.
func (g massDeletionGuard) apply(deletions []Decision, force bool, note func(Decision), warn func(...string)) []Decision {
	var regions []string
	for _, to := range slices.Sorted(maps.Keys(g)) {
		if t := g[to]; t.proven > guardFrom && 2*t.going > t.proven {
			regions = append(regions, fmt.Sprintf("%d of the %d proven replicas in %s would be deleted", t.going, t.proven, to))
		}
	}
	why := strings.Join(regions, ", ")
	switch {
	case why == "":
		return deletions
	case force:
		warn(why + ": only force allows this")
		return deletions
	}
	for _, d := range deletions {
		d.Outcome, d.Reason = Deferred, "deferred with all deletions: "+why
		note(d)
	}
	note(Decision{Kind: KindDelete, Outcome: Failed, Reason: why + `: nothing is deleted; if this is right, run retain with "force": true (--force)`})
	return nil
}

// RecheckDeletion decides a planned deletion anew on a newer observation of its
// series. The guard and the limits are not applied again: they were applied to
// the whole run. That a disk does not exist is not observed again.
func RecheckDeletion(r *Rules, w *World, d *Decision, now time.Time) (o Outcome, reason string) {
	o, reason = Kept, "it is gone, or is no longer a replica of snapferry"
	rules := *r
	rules.Targets = []string{d.To}
	p := newPlanner(&rules, w, &Order{}, now, func(...string) {})
	p.absent = d.expired
	for v := range w.views() {
		for _, s := range p.build(v) {
			for _, newer := range p.retain(s) {
				if newer.Replica == d.Replica && newer.To == d.To {
					o, reason = newer.Outcome, newer.Reason
				}
			}
		}
	}
	return o, reason
}
