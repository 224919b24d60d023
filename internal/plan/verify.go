package plan

import (
	"cmp"
	"fmt"
	"time"
)

// A Verification is the work of a verification, and what people should know.
type Verification struct {
	// Untagged are the proven replicas without the tag, at most the task's
	// MaxWork. Each is Verified, and was noted.
	Untagged []Decision
	// Warnings are for people and are no failure, such as a source with two
	// proven replicas in a region.
	Warnings []string
}

// Verify judges every replica of the protected regions, and notes every replica
// that is wanted and absent. Each gets one decision. Only the decision about an
// existing replica names it.
func Verify(r *Rules, w *World, t Task, now time.Time, note func(Decision)) Verification {
	order := Order{Targets: t.Targets}
	p := newPlanner(r, w, &order, now)
	only := newPlanner(r, &World{}, &t.Order, now)
	seen := map[string]bool{} // snapshots that the order names
	var out Verification
	for v := range w.views() {
		for _, s := range p.build(v) {
			if w.Unlisted[s.to] != "" || !t.includes(s.to) {
				continue
			}
			for _, pt := range s.points {
				if !only.coversLineage(pt.lineage) {
					continue
				}
				decisions, untagged, warnings := pt.verify(s)
				if d := pt.absent(r.CopyTimeout, now); d != nil {
					decisions = append(decisions, *d)
				}
				for _, d := range decisions {
					seen[d.Snapshot] = seen[d.Snapshot] || len(t.Refs) > 0
					note(d)
				}
				if t.MaxWork > 0 {
					untagged = untagged[:min(len(untagged), t.MaxWork-len(out.Untagged))]
				}
				out.Untagged, out.Warnings = append(out.Untagged, untagged...), append(out.Warnings, warnings...)
			}
		}
	}
	for _, ref := range t.Refs {
		if ref.Snapshot != "" && !seen[ref.Snapshot] {
			note(Decision{
				Kind: KindVerify, Snapshot: ref.Snapshot, From: ref.Region, Outcome: Failed,
				Reason: "no replica of it exists or is wanted: check snapshotId, sourceRegion and the settings",
			})
		}
	}
	return out
}

// verify reports the replicas of a point. If one is proven, spoilt ones are only
// a warning: an alarm about them would never end.
func (p *point) verify(s *series) (decisions, untagged []Decision, warnings []string) {
	kept := p.firstProven()
	for i, v := range p.replicas {
		d := Decision{
			Kind: KindVerify, Snapshot: p.lineage.Source, Disk: s.disk, From: s.from, To: s.to,
			Replica: v.replica.ID, Outcome: v.outcome, Reason: v.reason, Point: p.lineage.Created, SizeGiB: v.replica.SizeGiB,
		}
		switch {
		case v.proven() && i != kept:
			warnings = append(warnings, fmt.Sprintf("%s and %s in %s are both proven replicas of %s: retain keeps the older one", p.replicas[kept].replica.ID, d.Replica, s.to, d.Snapshot))
		case v.doubt != "":
			warnings = append(warnings, fmt.Sprintf("replica %s in %s: %s; retain does not count it", d.Replica, s.to, v.doubt))
		case !v.proven() && v.outcome != Arriving && kept >= 0:
			warnings = append(warnings, fmt.Sprintf("replica %s in %s is spoilt (%s); %s of the same source is proven, so you can delete %s", d.Replica, s.to, v.reason, p.replicas[kept].replica.ID, d.Replica))
			continue
		}
		if v.proven() && p.sourceUnseen {
			d.Outcome, d.Reason = Waiting, "NORMAL at 100 %, but not compared with its source: the source's region could not be listed"
		}
		decisions = append(decisions, d)
		// The tag says that the replica was compared with its source. It is the
		// only proof when the source is gone.
		if v.proven() && p.src != nil && !isVerified(v.replica) {
			untagged = append(untagged, d)
		}
	}
	return decisions, untagged, warnings
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
		d.Reason = fmt.Sprintf("%s, and the source is %s old; see the copy function's reply for the cause; if this snapshot can never be copied, tag it %s", cmp.Or(d.Reason, "no replica"), coarse(age), SkipTag)
	}
	return &d
}
