// Package plan decides what is to be copied, kept and deleted, and why. It is
// pure: rules, what was observed in the cloud, and the time go in; sorted
// decisions come out, each with a reason, also for what is not done. The same
// world in any order gives the same plan.
//
// Copying and retention are one ranking, per disk and target region (a
// series), newest first. Planned apart they would fight: one would delete what
// the other copies again. For copying the ranking counts every point that is
// present, on its way or wanted; for deleting it counts only complete replicas.
// So no replica goes because of one that has not arrived.
//
// What was observed is packed (World), and one disk is unpacked at a time. So
// memory follows the work, not the account.
//
// The package does no I/O, reads no clock and keeps no state. It does not know
// whether what it was shown is still true: whoever acts on a plan must observe
// again when the observation has become old (Recheck, RecheckDeletion).
package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"snapferry/internal/cloud"
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
	// DeleteLimit is the most deletions of one run.
	DeleteLimit int
	// ShareAccounts are the accounts that proven replicas are shared with, by
	// their ids, at most 50. A replica that is shared with more has other shares
	// too, and is kept.
	ShareAccounts []string
}

// An Order narrows a plan to what somebody asked for. The zero Order is
// everything that the rules select.
type Order struct {
	Refs []Ref
	// Explicit makes it an operator's wish: selection, MAX_AGE and the keep
	// rules do not hold the snapshots back. Eligibility and ferry:skip do.
	Explicit bool
	// Targets replaces the rules' targets and narrows every ferry:targets tag.
	// For an operator's wish it replaces the tag, too.
	Targets []string
	// Force lifts the guard against mass deletion.
	Force bool
}

// includes reports whether the order is about a target region.
func (o *Order) includes(to string) bool {
	return len(o.Targets) == 0 || slices.Contains(o.Targets, to)
}

// MaxWork is the most work of one kind that a function plans for one run. Five
// minutes at the usual rate are 6,000 copies.
const MaxWork = 20_000

// A Task says which plan is wanted.
type Task struct {
	Order
	// Copies and Deletions say which decisions are wanted.
	Copies, Deletions bool
	// MaxWork bounds the work of each kind: the least urgent rest is deferred.
	// 0 is no bound.
	MaxWork int
}

// A Plan is the work, in the order in which it is to be carried out.
type Plan struct {
	Copies    []Decision // each is Planned
	Deletions []Decision // each is WouldDelete
	// CopiesLeft says that replicas are wanted that are not complete.
	CopiesLeft bool
}

// Make plans: a decision for each snapshot that the order covers and each of
// its target regions, and one for each replica of the protected regions. What
// asks for work is in the Plan; everything else is given to note, disk by disk.
func Make(r *Rules, w *World, t Task, now time.Time, note func(Decision)) Plan {
	p := newPlanner(r, w, &t.Order, now)
	postponed := func(d Decision) {
		d.Outcome, d.Reason = Deferred, fmt.Sprintf("%s; %d more urgent ones come first in this run", d.Reason, t.MaxWork)
		note(d)
	}
	copies, deletions := work{limit: t.MaxWork, drop: postponed}, work{limit: t.MaxWork, drop: postponed}
	guard := massDeletionGuard{}
	var plan Plan
	for v := range w.views() {
		all := p.build(v)
		for _, s := range all {
			for _, pt := range s.points {
				if pt.copy == nil || !p.covers(pt.src) {
					continue
				}
				d := *pt.copy
				plan.CopiesLeft = plan.CopiesLeft || slices.Contains([]Outcome{Planned, InProgress, Waiting, Failed}, d.Outcome)
				switch {
				case !t.Copies:
				case d.Outcome == Planned:
					copies.add(d)
				default:
					note(d)
				}
			}
			if !t.Deletions || !p.order.includes(s.to) || w.Unlisted[s.to] != "" {
				continue
			}
			for _, d := range p.retain(s) {
				guard.count(&d)
				if d.Outcome == WouldDelete {
					deletions.add(d)
				} else {
					note(d)
				}
			}
		}
		if t.Copies {
			p.withoutTarget(v, note)
		}
	}
	if t.Copies {
		p.notFound(note)
		plan.Copies = copies.sorted()
	}
	plan.Deletions = guard.apply(deletions.sorted(), t.Force, note)
	return plan
}

// Limit returns the deletions that DELETE_LIMIT allows, and notes the others.
// A run that deletes counts for itself: what the service refuses uses none of
// the limit up.
func Limit(deletions []Decision, r *Rules, note func(Decision)) []Decision {
	if r.DeleteLimit == 0 || len(deletions) <= r.DeleteLimit {
		return deletions
	}
	for _, d := range deletions[r.DeleteLimit:] {
		d.Outcome, d.Reason = Deferred, d.Reason+"; DELETE_LIMIT is reached for this run"
		note(d)
	}
	return deletions[:r.DeleteLimit]
}

// Targets are the regions that a plan for the sources in w needs to observe,
// sorted. They depend on tags, so they are known only after the sources and
// their disks were observed.
func Targets(r *Rules, w *World, o *Order) []string { return newPlanner(r, w, o, time.Time{}).targets }

// withoutTarget notes the snapshots that have no target region at all.
func (p *planner) withoutTarget(v *diskView, note func(Decision)) {
	for i := range v.sources {
		s := v.sources[i].src
		if s == nil || !p.covers(s) {
			continue
		}
		if to, dropped := p.rules.destinations(s, tags{s.Tags, v.tags}, p.order); len(to) == 0 {
			note(copyOf(s, "", Skipped, join("no target region besides its own", dropped)))
		}
	}
}

// notFound notes what was asked for and is not there: a snapshot, or any of a
// disk.
func (p *planner) notFound(note func(Decision)) {
	for _, ref := range p.order.Refs {
		if ref.Snapshot != "" {
			ref.Disk = ""
		}
		if p.found[ref] {
			continue
		}
		d := Decision{Kind: KindCopy, Snapshot: ref.Snapshot, Disk: ref.Disk, From: ref.Region, Outcome: Waiting, Reason: "not found yet: the timer's sweep takes it when it shows"}
		switch {
		case p.world.Unlisted[ref.Region] != "":
			d.Outcome, d.Reason = Deferred, "its region could not be listed"
		case p.order.Explicit:
			d.Outcome, d.Reason = Failed, "no such snapshot in the source regions: check snapshotId, sourceRegion and the account"
		}
		note(d)
	}
}

// copyOf is a decision about a copy of s.
func copyOf(s *cloud.Snapshot, to string, o Outcome, reason string) Decision {
	l := LineageOf(s)
	return Decision{Kind: KindCopy, Snapshot: s.ID, Disk: s.Disk, From: s.Region, To: to, Outcome: o, Reason: reason, Point: l.Created, SizeGiB: s.SizeGiB}
}

// join puts clauses of a reason together, leaving out empty ones.
func join(clauses ...string) string {
	return strings.Join(slices.DeleteFunc(clauses, func(c string) bool { return c == "" }), "; ")
}
