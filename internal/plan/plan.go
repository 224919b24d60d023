// Package plan decides what is to be copied, kept and deleted, and why. It is
// pure: rules, what was seen in the cloud and the time go in, sorted actions
// come out, each with a reason, also for what is not done. The same world in
// any order gives the same plan.
//
// Copying and retention are one ranking, per disk and target region, newest
// first: planned apart they would fight, one deleting what the other copies
// again. For copying it counts every point that is there, on its way or
// wanted; for deleting only complete replicas. So no replica goes because of
// one that has not arrived.
//
// The package does no I/O, reads no clock and keeps no state. It does not
// know whether what it was shown is still true: whoever acts on a plan must
// look again when the look has become old (Recheck).
package plan

import (
	"fmt"
	"slices"
	"snapferry/internal/cloud"
	"strings"
	"time"
)

// A Tag is one condition of SELECT_TAGS; the value "*" stands for any.
type Tag struct{ Key, Value string }

// Rules are the settings that decide. The zero value of a field is no rule.
type Rules struct {
	Sources, Targets []string
	SelectTags       []Tag
	SelectDisks      []string
	MaxAge           time.Duration
	CopyTimeout      time.Duration
	Keep             Keep
	Zone             *time.Location
	// DeleteLimit is the most deletions that ask for work; 0 is no limit.
	DeleteLimit int
	// Shares is with how many accounts replicas are shared by this product:
	// that many shares are withdrawn before a deletion, more are somebody
	// else's.
	Shares int
}

// A World is what was seen.
type World struct {
	Snapshots []cloud.Snapshot
	Disks     []cloud.Disk
	// Blind holds the regions that could not be looked at, with the reason.
	// Nothing is planned for them: what can't be seen is neither copied to
	// nor deleted from.
	Blind map[string]string
	// Untagged holds the source regions whose disks could not be read, with
	// the reason. Nothing is copied from there, since a disk may be tagged
	// ferry:skip; but replicas can be held against the snapshots seen there.
	Untagged map[string]string
	// Partial says that only single replicas were looked for. The keep rules
	// can't rank what was not seen: only a disk's newest snapshot, which every
	// rule keeps, is copied on such a look.
	Partial bool
	// Refused holds what the service refused for good not long ago, by
	// snapshot and target region, with the reason.
	Refused map[Ref]string
}

// A Ref names a snapshot, or all snapshots of a disk, in a region.
type Ref struct{ Region, Snapshot, Disk string }

// An Order narrows a plan to what somebody asked for. The zero Order is
// everything that the rules select.
type Order struct {
	Refs []Ref
	// Explicit makes it an operator's wish: selection, MAX_AGE and the keep
	// rules do not hold the snapshots back. Eligibility and ferry:skip do.
	Explicit bool
	// Targets replaces the rules' targets and narrows every ferry:targets tag;
	// of an operator's wish it replaces the tag, too.
	Targets []string
	// Force lifts the guard against mass deletion.
	Force bool
}

// aims reports whether the order is about a target region.
func (o *Order) aims(to string) bool { return len(o.Targets) == 0 || slices.Contains(o.Targets, to) }

// Regions are the target regions that a plan for the sources in w needs to
// see, sorted. They depend on tags, so they are known only after the sources
// and their disks were looked at.
func Regions(r Rules, w World, o Order) []string {
	return newIndex(&r, &w, &o).targets()
}

// Make plans: a copy action for each snapshot that o covers and each of its
// target regions, and a delete action for each replica of the protected
// regions. The actions that ask for work come first within their kind, in the
// order in which they are to be carried out.
func Make(r Rules, w World, o Order, now time.Time) []Action {
	x := newIndex(&r, &w, &o)
	var actions []Action
	for _, lane := range x.lanes(now) {
		lane.rank(&r, w.Partial, now)
		for _, p := range lane.points {
			if p.copy != nil && x.covers(p.src) {
				actions = append(actions, *p.copy)
			}
		}
		if !o.aims(lane.key.to) {
			continue
		}
		if x.source[lane.key.from] && w.Blind[lane.key.to] == "" {
			actions = append(actions, x.retain(lane)...)
		}
	}
	actions = append(actions, x.aimless()...)
	actions = append(actions, x.notFound()...)
	sortActions(actions)
	return limit(actions, &r, &o)
}

// aimless reports the snapshots that have no target region at all.
func (x *index) aimless() []Action {
	var actions []Action
	for i := range x.w.Snapshots {
		s := &x.w.Snapshots[i]
		if !x.source[s.Region] || !x.covers(s) {
			continue
		}
		if to, note := x.destinations(s); len(to) == 0 {
			actions = append(actions, newCopy(s, "", Skipped, join("no target region besides its own", note)))
		}
	}
	return actions
}

// notFound reports what was asked for and is not there: a snapshot, or any of
// a disk.
func (x *index) notFound() []Action {
	there := map[Ref]bool{}
	for i := range x.w.Snapshots {
		s := &x.w.Snapshots[i]
		there[Ref{Region: s.Region, Snapshot: s.ID}], there[Ref{Snapshot: s.ID}], there[Ref{Region: s.Region, Disk: s.Disk}] = true, true, true
	}
	var actions []Action
	for _, ref := range x.o.Refs {
		if ref.Snapshot != "" {
			ref.Disk = ""
		}
		if there[ref] {
			continue
		}
		a := Action{Kind: Copy, Snapshot: ref.Snapshot, Disk: ref.Disk, From: ref.Region, Outcome: Waiting, Reason: "not found yet: the timer's sweep takes it when it shows"}
		switch {
		case x.w.Blind[ref.Region] != "":
			a.Outcome, a.Reason = Deferred, "its region could not be looked at"
		case x.o.Explicit:
			a.Outcome, a.Reason = Failed, "no such snapshot in the source regions looked at: check snapshotId, sourceRegion and the account"
		}
		actions = append(actions, a)
	}
	return actions
}

// newCopy is an action about a copy of s.
func newCopy(s *cloud.Snapshot, to string, o Outcome, reason string) Action {
	return Action{
		Kind: Copy, Snapshot: s.ID, Disk: s.Disk, From: s.Region, To: to, Outcome: o, Reason: reason,
		Name: LineageOf(s).Name(), Created: s.Created, SizeGiB: s.SizeGiB,
	}
}

// Recheck decides a planned copy again on a newer look: src is its source as
// it is now (nil: gone), seen are the snapshots of the target region that may
// be its replicas. The result asks for work only if nothing has changed that
// speaks against it.
func Recheck(r Rules, a Action, src *cloud.Snapshot, seen []cloud.Snapshot, now time.Time) Action {
	if src == nil {
		a.Outcome, a.Reason = Skipped, "the source is gone"
		return a
	}
	if _, skip := src.Tags[SkipTag]; skip {
		a.Outcome, a.Reason = Skipped, "tagged "+SkipTag
		return a
	}
	if why := ineligible(src); why != "" {
		a.Outcome, a.Reason = Ineligible, why
		return a
	}
	if why := notReady(src); why != "" {
		a.Outcome, a.Reason = Waiting, why
		return a
	}
	var verdicts []verdict
	for i := range seen {
		if l, ok := Ours(&seen[i]); ok && seen[i].Region == a.To && l.Source == src.ID && l.Region == src.Region {
			verdicts = append(verdicts, judge(&seen[i], l, src, r.CopyTimeout, now))
		}
	}
	slices.SortFunc(verdicts, oldestFirst)
	if o, reason, replica := attempt(src, a.To, verdicts); o != Planned {
		a.Outcome, a.Reason, a.Replica = o, reason, replica
	}
	return a
}

// join puts clauses of a reason together, leaving out empty ones.
func join(clauses ...string) string {
	return strings.Join(slices.DeleteFunc(clauses, func(c string) bool { return c == "" }), "; ")
}

// blind is the reason for what is not planned because a region was not seen.
func blind(to string) string { return fmt.Sprintf("%s could not be looked at", to) }
