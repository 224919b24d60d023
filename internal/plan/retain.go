package plan

import (
	"fmt"
	"slices"
	"snapferry/internal/cloud"
	"strings"
)

// retain decides about every replica of a lane. It counts complete replicas
// only, one for each source, so that nothing goes because of a replica that
// has not arrived. Whatever it can't be sure of stays.
func (x *index) retain(l *lane) []Action {
	var complete []*point
	for _, p := range l.points {
		if p.best() != nil {
			complete = append(complete, p)
		}
	}
	rule := map[*point]string{}
	for i, why := range x.r.Keep.apply(times(complete), x.r.Zone) {
		rule[complete[i]] = why
	}
	var actions []Action
	for _, p := range l.points {
		stays := x.untouchable(l, p)
		for i := range p.replicas {
			v := &p.replicas[i]
			a := Action{
				Kind: Delete, Snapshot: p.lineage.Source, Disk: p.lineage.Disk, From: p.lineage.Region, To: l.key.to,
				Replica: v.replica.ID, Outcome: Kept, Created: p.lineage.Created, SizeGiB: v.replica.SizeGiB, Complete: v.complete(),
			}
			if a.Reason = stays; stays == "" {
				p.judgeSurplus(&a, v, rule[p], len(complete))
			}
			if why := undeletable(v.replica, x.r.Shares); a.Outcome == WouldDelete && why != "" {
				a.Outcome, a.Reason = Kept, fmt.Sprintf("%s, but %s", a.Reason, why)
			}
			actions = append(actions, a)
		}
	}
	return actions
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
func (p *point) judgeSurplus(a *Action, v *verdict, rule string, complete int) {
	best := p.best()
	switch {
	case v.doubt != "":
		a.Reason = v.doubt + ": decide by hand"
	case best == nil:
		a.Reason = "not complete: " + v.reason
	case v == best && rule != "":
		a.Reason = rule
	case v == best:
		a.Outcome, a.Rank = WouldDelete, 1
		a.Reason = fmt.Sprintf("no keep rule keeps it among the %d complete replicas of its disk here", complete)
	case v.complete():
		a.Outcome = WouldDelete
		a.Reason = fmt.Sprintf("a double of %s, which was made earlier", best.replica.ID)
	case v.spoilt:
		a.Outcome = WouldDelete
		a.Reason = fmt.Sprintf("spoilt (%s), and %s is complete", v.reason, best.replica.ID)
	default:
		a.Reason = "not complete: " + v.reason
	}
}

// untouchable says why no replica of a point may be deleted; "" if the keep
// rules decide.
func (x *index) untouchable(l *lane, p *point) string {
	switch {
	case x.r.Keep.None():
		return "no keep rule: all are kept"
	case l.key.disk == "":
		return "its disk is unknown: never deleted"
	case x.w.Blind[l.key.from] != "" || x.w.Untagged[l.key.from] != "":
		return "its source's region could not be looked at"
	}
	if why := x.unmanaged(l, p); why != "" {
		return why
	}
	// Without the source there is no telling which of two different replicas
	// is the faithful one.
	for _, v := range p.replicas {
		if b := p.best(); b != nil && p.src == nil && v.complete() && (v.replica.SizeGiB != b.replica.SizeGiB || v.replica.Encrypted != b.replica.Encrypted) {
			return fmt.Sprintf("%s and %s differ and their source is gone: decide by hand", b.replica.ID, v.replica.ID)
		}
	}
	return ""
}

// unmanaged says why a point is not these settings' to delete: another
// deployment in the same account may select other disks and keep them longer.
func (x *index) unmanaged(l *lane, p *point) string {
	if len(x.r.SelectTags) == 0 && len(x.r.SelectDisks) == 0 {
		return ""
	}
	if p.src != nil {
		return x.r.unselected(p.src, x.tags(p.src))
	}
	disk, known := x.disk[Ref{Region: l.key.from, Disk: l.key.disk}]
	if known || len(x.r.SelectTags) == 0 {
		return x.r.unselected(&cloud.Snapshot{Disk: l.key.disk}, tags{disk: disk})
	}
	return "its source and disk are gone, so SELECT_TAGS can't tell whether it is selected: delete it by hand"
}

// undeletable says why the service, or care, forbids deleting a replica.
func undeletable(s *cloud.Snapshot, shares int) string {
	switch {
	case s.State != cloud.Normal:
		return fmt.Sprintf("the service deletes only NORMAL snapshots and this one is %s", cut(string(s.State), 40))
	case s.Locked:
		return "it is locked"
	case s.Images > 0:
		return fmt.Sprintf("%d images need it", s.Images)
	case s.SharedOut > shares:
		return fmt.Sprintf("it is shared with %d accounts", s.SharedOut)
	}
	return ""
}

// guardFrom is how many complete replicas a region must have before the guard
// against mass deletion watches it; below, half is soon reached by good rules.
const guardFrom = 10

// limit holds deletions back: all of them when one region would lose more than
// half of its complete replicas, which looks like a slip in the settings, and
// those beyond the limit of one run.
func limit(actions []Action, r *Rules, o *Order) []Action {
	if why := massDeletion(actions); why != "" && !o.Force {
		for i := range actions {
			if a := &actions[i]; a.Outcome == WouldDelete {
				a.Outcome, a.Reason = Deferred, "held back with all deletions: "+why
			}
		}
		return append(actions, Action{Kind: Delete, Outcome: Failed, Reason: why + `: nothing is deleted; if that is meant, run retain with "force": true (--force)`})
	}
	left := r.DeleteLimit
	for i := range actions {
		a := &actions[i]
		if a.Outcome != WouldDelete || r.DeleteLimit == 0 {
			continue
		}
		if left--; left < 0 {
			a.Outcome, a.Reason = Deferred, a.Reason+"; DELETE_LIMIT is reached for this run"
		}
	}
	return actions
}

// massDeletion says which regions would lose more than half of their complete
// replicas; "" if none would.
func massDeletion(actions []Action) string {
	type tally struct{ complete, going int }
	regions := map[string]*tally{}
	var names []string
	for i := range actions {
		a := &actions[i]
		if a.Kind != Delete || !a.Complete {
			continue
		}
		if regions[a.To] == nil {
			regions[a.To] = &tally{}
			names = append(names, a.To)
		}
		regions[a.To].complete++
		if a.Outcome == WouldDelete {
			regions[a.To].going++
		}
	}
	slices.Sort(names)
	var why []string
	for _, name := range names {
		if t := regions[name]; t.complete > guardFrom && 2*t.going > t.complete {
			why = append(why, fmt.Sprintf("%d of the %d complete replicas in %s would be deleted", t.going, t.complete, name))
		}
	}
	return strings.Join(why, ", ")
}
