package plan

import (
	"cmp"
	"fmt"
	"time"

	"snapferry/internal/cloud"
)

// Verify judges every replica of the protected regions, and notes what is
// wanted and absent. There is one decision each: a replica's names the replica,
// an absent one's does not.
//
// What needs a look and is no failure is given to warn, such as a source with
// two complete replicas in a region.
//
// If the order names no snapshot, there is also one decision for each disk in care
// and each of its target regions, and the disks are counted.
func Verify(r *Rules, w *World, t Task, now time.Time, note func(Decision), warn func(...string)) (lacks Lacks, counted Protection) {
	order := Order{Targets: t.Targets, Narrowed: t.Narrowed}
	p := newPlanner(r, w, &order, now, warn)
	only := newPlanner(r, &World{}, &t.Order, now, warn)
	seen := map[string]bool{} // of the snapshots that the order names
	for v := range w.views() {
		all := p.build(v)
		if len(t.Refs) == 0 {
			rows, worst := p.protect(v, all)
			counted.count(worst)
			for i := range rows {
				note(rows[i])
			}
		}
		for _, s := range all {
			if w.Unlisted[s.to] != "" || !t.includes(s.to) {
				continue
			}
			for _, pt := range s.points {
				if !only.coversLineage(pt.lineage) {
					continue
				}
				decisions, warnings := pt.verify(s)
				lacks.add(p, v, s, pt, t.MaxWork)
				if d := pt.absent(r.CopyTimeout, now); d != nil {
					decisions = append(decisions, *d)
				}
				for _, d := range decisions {
					seen[d.Snapshot] = seen[d.Snapshot] || len(t.Refs) > 0
					note(d)
				}
				warn(warnings...)
			}
		}
	}
	if len(t.Refs) == 0 {
		p.alarms(KindVerify, note)
		p.warnTooOld()
	}
	for _, ref := range t.Refs {
		if ref.Snapshot != "" && !seen[ref.Snapshot] {
			note(Decision{
				Kind: KindVerify, Snapshot: ref.Snapshot, From: ref.Region, Outcome: Failed,
				Reason: "no replica of it exists or is wanted: check snapshotId, sourceRegion and the settings",
			})
		}
	}
	return lacks, counted
}

// verify reports the replicas of a point. If one is proven, spoilt ones are only
// a warning: an alarm about them would never end. So is a stuck one whose source is
// gone, if its disk has a newer proven one.
func (p *point) verify(s *series) (decisions []Decision, warnings []string) {
	kept := p.firstProven()
	for i, v := range p.replicas {
		d := p.verdict(s, &v)
		switch {
		case v.odd && kept >= 0:
			continue // it is not ours, and the point has its replica
		case v.complete() && kept >= 0 && i != kept:
			warnings = append(warnings, fmt.Sprintf("%s and %s in %s are both complete replicas of %s: retain keeps one", p.replicas[kept].replica.ID, d.Replica, s.to, d.Snapshot))
		case v.doubt != "":
			warnings = append(warnings, fmt.Sprintf("replica %s in %s: %s; retain does not count it", d.Replica, s.to, v.doubt))
		case v.outcome == Stuck && p.src == nil && !p.sourceUnseen && s.hasNewer(p):
			warnings = append(warnings, fmt.Sprintf("replica %s in %s is stuck (%s), and its source is gone; a newer replica of its disk is proven, so you can delete %s", d.Replica, s.to, v.reason, d.Replica))
			continue
		case !v.complete() && v.outcome != Arriving && !v.lies && kept >= 0:
			warnings = append(warnings, fmt.Sprintf("replica %s in %s is spoilt (%s); %s of the same source is proven, so you can delete %s", d.Replica, s.to, v.reason, p.replicas[kept].replica.ID, d.Replica))
			continue
		}
		if v.outcome == Unproven && (p.sourceUnseen || p.src != nil) {
			d.Outcome, d.Reason = Waiting, "NORMAL at 100 %, but not compared with its source: the source could not be read"
		}
		if v.doubt != "" {
			d.Outcome, d.Reason = Unproven, v.doubt
		}
		d.Reason += p.advice(&v)
		decisions = append(decisions, d)
	}
	return decisions, warnings
}

// advice says what to do about a replica that came out wrong. The reasons of what is
// odd in another way say it themselves.
func (p *point) advice(v *verdict) string {
	rep := v.replica
	strange := v.outcome == Unexpected && copied(rep) && !rep.SharedIn && rep.State != "" && rep.State != cloud.Normal
	switch {
	case v.lies || v.ageless || v.outcome != Stuck && v.outcome != Mismatch && !strange:
		return ""
	case isVerified(rep):
		return "; it was proven earlier, so no other is made: find out what changed it, and delete it to get a new one"
	case p.src == nil:
		return "; its source is gone or could not be read: if it is gone, delete this replica"
	case !v.spoilt:
		return "; copy makes another when COPY_TIMEOUT is over"
	case len(p.replicas) >= maxAttempts:
		return "; this was the last attempt: find the cause and delete the spoilt replicas"
	}
	return "; copy makes another, and retain deletes this one when another is proven"
}

// verdict is the decision about one replica of a point.
func (p *point) verdict(s *series, v *verdict) Decision {
	return Decision{
		Kind: KindVerify, Snapshot: p.lineage.Source, Disk: s.disk, From: s.from, To: s.to,
		Replica: v.replica.ID, Outcome: v.outcome, Reason: v.reason, Point: p.lineage.Created, SizeGiB: v.replica.SizeGiB,
	}
}

// hasNewer reports whether a newer point has a proven replica.
func (s *series) hasNewer(p *point) bool {
	for _, newer := range s.points {
		if newer == p {
			return false
		}
		if newer.best() != nil {
			return true
		}
	}
	return false
}

// firstProven is the place of the oldest proven replica, -1 for none.
func (p *point) firstProven() int {
	for i := range p.replicas {
		if p.replicas[i].proven() {
			return i
		}
	}
	return -1
}

// absent reports a wanted replica that was not observed; nil if there is none.
func (p *point) absent(timeout time.Duration, now time.Time) *Decision {
	if p.copy == nil || len(p.replicas) > 0 {
		return nil
	}
	d := *p.copy
	d.Kind = KindVerify
	switch p.copy.Outcome {
	case InProgress:
		d.Outcome = Arriving
	case Planned, Waiting:
		d.Outcome = Waiting
	default:
		return nil
	}
	if age := now.Sub(p.lineage.Created); age > timeout {
		d.Outcome = Missing
		d.Reason = fmt.Sprintf("%s, and the source is %s old; see the copy function's reply for the cause; if this snapshot can never be copied, tag it %s", cmp.Or(d.Reason, "no replica"), Coarse(age), SkipTag)
	}
	return &d
}
