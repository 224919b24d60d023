package plan

import (
	"cmp"
	"fmt"
	"slices"
	"snapferry/internal/cloud"
	"time"
)

// Verify judges every replica of the protected regions, and reports what is
// wanted and absent. One action each: a replica's names the replica, an
// absent one's does not. Actions with Tag set are to be tagged.
//
// The second result is for people: things that need a look and are no
// failure, such as a source with two complete replicas in a region.
func Verify(r Rules, w World, o Order, now time.Time) ([]Action, []string) {
	lanesOf := Order{Targets: o.Targets}
	x, only := newIndex(&r, &w, &lanesOf), newIndex(&r, &World{}, &o)
	var actions []Action
	var notes []string
	for _, lane := range x.lanes(now) {
		if !x.source[lane.key.from] || w.Blind[lane.key.to] != "" || !o.aims(lane.key.to) {
			continue
		}
		lane.rank(&r, false, now)
		for _, p := range lane.points {
			if !only.covers(&cloud.Snapshot{ID: p.lineage.Source, Region: p.lineage.Region, Disk: p.lineage.Disk}) {
				continue
			}
			found, note := p.verify(lane.key.to)
			actions = append(actions, found...)
			notes = append(notes, note...)
			if a := p.absent(r.CopyTimeout, now); a != nil {
				actions = append(actions, *a)
			}
		}
	}
	for _, ref := range o.Refs {
		if ref.Snapshot != "" && !slices.ContainsFunc(actions, func(a Action) bool { return a.Snapshot == ref.Snapshot }) {
			actions = append(actions, Action{
				Kind: Check, Snapshot: ref.Snapshot, From: ref.Region, Outcome: Failed,
				Reason: "no replica of it is there, and none is wanted: check snapshotId, sourceRegion and the settings",
			})
		}
	}
	sortActions(actions)
	return actions, notes
}

// verify reports the replicas of a point. Where one is complete, others that
// came out spoilt endanger nothing: they are a note, not an alarm that nobody
// could ever silence.
func (p *point) verify(to string) (actions []Action, notes []string) {
	kept := slices.IndexFunc(p.replicas, func(v verdict) bool { return v.complete() })
	for i, v := range p.replicas {
		a := Action{
			Kind: Check, Snapshot: p.lineage.Source, Disk: p.lineage.Disk, From: p.lineage.Region, To: to,
			Replica: v.replica.ID, Outcome: v.outcome, Reason: v.reason, Created: p.lineage.Created, SizeGiB: v.replica.SizeGiB,
		}
		switch {
		case v.complete() && i != kept:
			notes = append(notes, fmt.Sprintf("%s and %s in %s are both complete replicas of %s: retention keeps the older one", p.replicas[kept].replica.ID, a.Replica, to, a.Snapshot))
		case v.doubt != "":
			notes = append(notes, fmt.Sprintf("replica %s in %s: %s; retention does not count on it", a.Replica, to, v.doubt))
		case !v.complete() && v.outcome != Arriving && kept >= 0:
			notes = append(notes, fmt.Sprintf("replica %s in %s is spoilt (%s); %s of the same source is complete, so %s can go", a.Replica, to, v.reason, p.replicas[kept].replica.ID, a.Replica))
			continue
		}
		if v.complete() && p.unseen {
			a.Outcome, a.Reason = Waiting, "NORMAL at 100 %, but not compared with its source, whose region could not be looked at"
		}
		// The tag says that it was compared with its source: later, when the
		// source is gone, it is all that is left to say so.
		a.Tag = v.complete() && p.src != nil && !proven(v.replica)
		actions = append(actions, a)
	}
	return actions, notes
}

// absent reports a replica that is wanted and can't be seen; nil if there is
// none such.
func (p *point) absent(timeout time.Duration, now time.Time) *Action {
	if p.copy == nil || len(p.replicas) > 0 {
		return nil
	}
	a := *p.copy
	a.Kind = Check
	switch p.copy.Outcome {
	case InProgress:
		a.Outcome = Arriving
	case Planned, Waiting:
		a.Outcome = Waiting
	default:
		return nil
	}
	if age := now.Sub(p.lineage.Created); age > timeout {
		a.Outcome = Missing
		a.Reason = fmt.Sprintf("%s, and the source is %s old; if the service refuses this snapshot for good (see the copy function's reply), tag it %s", cmp.Or(a.Reason, "no replica"), coarse(age), SkipTag)
	}
	return &a
}
