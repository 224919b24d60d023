// Package plan decides what to copy, keep and delete, and why. Its input is the
// rules, the observed world and the time. Its output is sorted decisions, each
// with a reason. It promises that the same world in any order gives the same plan.
//
// Copying and retention use one ranking, per disk and target region (a series),
// newest first. Otherwise one would delete what the other copies again. Copying
// ranks every point that has a replica or should get one. Retention ranks only
// proven replicas, so a replica that is still arriving never causes a deletion. A
// replica is proven if it is NORMAL at 100 % with the size and encryption of its
// source, as far as the source exists.
//
// The observed world is packed (World), and one disk is unpacked at a time. So
// memory grows with the work, not with the account.
//
// The package does no I/O, reads no clock and keeps no state. It can't know
// whether the observation is still true. The caller must observe again when the
// observation is old, and then call Recheck or RecheckDeletion.
package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"snapferry/internal/cloud"
)

// A Tag is one condition of SELECT_TAGS; the value "*" means any value.
type Tag struct{ Key, Value string }

// Rules are the settings that the planner needs. The zero value of a field is no
// rule.
type Rules struct {
	Sources, Targets []string
	SelectTags       []Tag
	SelectDisks      []string
	MaxAge           time.Duration
	CopyTimeout      time.Duration
	Keep             Keep
	Zone             *time.Location
	// KeepGone is how old all points of a disk that does not exist any more must be
	// before all its replicas are deleted. 0 is never.
	KeepGone time.Duration
	// DeleteLimit is the most deletions of one run.
	DeleteLimit int
	// ShareAccounts are the ids of the accounts that proven replicas are shared
	// with, at most 50. A replica with more shares has shares by others, and is
	// kept.
	ShareAccounts []string
	// CopyTags are the keys of source tags that proven replicas get, or AllTags
	// alone.
	CopyTags []string
	// RPO is the greatest age of the point in time of each disk's newest proven
	// replica. 0 is no limit.
	RPO time.Duration
}

// An Order narrows a plan to what was requested. The zero Order is everything
// that the rules select.
type Order struct {
	Refs []Ref
	// Explicit says that an operator requested the snapshots by id: selection,
	// MAX_AGE and the keep rules do not apply to them. ferry:skip does.
	Explicit bool
	// Targets replaces the rules' targets and narrows every ferry:targets tag.
	// With Explicit it replaces the tag, too.
	Targets []string
	// Narrowed says that there are more source regions than those of the rules: a
	// selected disk that is in none of these may be there.
	Narrowed bool
	// Force switches the guard against mass deletion off.
	Force bool
}

// includes reports whether the order is about a target region.
func (o *Order) includes(to string) bool {
	return len(o.Targets) == 0 || slices.Contains(o.Targets, to)
}

// MaxWork is the most work of one kind that a function plans for one run. At the
// usual rate, 6,000 copies take five minutes.
const MaxWork = 20_000

// A Task says which plan is wanted.
type Task struct {
	Order
	// Copies and Deletions say which decisions are wanted.
	Copies, Deletions bool
	// MaxWork bounds the work of each kind. The least urgent work beyond it is
	// deferred. 0 is no bound.
	MaxWork int
}

// A Plan is the work, the most urgent first.
type Plan struct {
	Copies    []Decision // each is Planned
	Deletions []Decision // each is WouldDelete
	// Unsettled says that some wanted replicas are not proven yet, or that a disk
	// is late or unprotected.
	Unsettled bool
	// Wanted counts the points that are wanted in each target region. Missing
	// counts those of them that must be copied, also those beyond MaxWork.
	Wanted, Missing map[string]int
}

// count counts a point in one of its target regions.
func (p *Plan) count(d *Decision) {
	switch d.Outcome {
	case Planned:
		p.Missing[d.To]++
		p.Wanted[d.To]++
	case Exists, InProgress, Waiting, Failed:
		p.Wanted[d.To]++
	}
}

// Make makes one decision for each snapshot that the order covers and each of its
// target regions, and one for each replica of the protected regions. Decisions
// that ask for work are in the Plan. note gets all others, disk by disk. warn gets
// what a person should know and no decision says.
func Make(r *Rules, w *World, t Task, now time.Time, note func(Decision), warn func(...string)) Plan {
	p := newPlanner(r, w, &t.Order, now, warn)
	postponed := func(d Decision) {
		d.Outcome, d.Reason = Deferred, fmt.Sprintf("%s; this run takes only the %d most urgent ones", d.Reason, t.MaxWork)
		note(d)
	}
	copies, deletions := work{limit: t.MaxWork, now: now, drop: postponed}, work{limit: t.MaxWork, now: now, drop: postponed}
	guard := massDeletionGuard{}
	plan := Plan{Wanted: map[string]int{}, Missing: map[string]int{}}
	for v := range w.views() {
		all := p.build(v)
		for _, s := range all {
			for _, pt := range s.points {
				if pt.copy == nil || !p.covers(pt.src) {
					continue
				}
				d := *pt.copy
				plan.Unsettled = plan.Unsettled || slices.Contains([]Outcome{Planned, InProgress, Waiting, Failed}, d.Outcome)
				plan.count(&d)
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
		if len(t.Refs) == 0 {
			_, worst := p.protect(v, all)
			plan.Unsettled = plan.Unsettled || worst != "" && !worst.Settled()
		}
	}
	if t.Copies {
		p.notFound(note)
		p.alarms(KindCopy, note)
		p.warnTooOld()
		plan.Copies = p.withhold(copies.sorted(), note)
	}
	plan.Deletions = guard.apply(deletions.sorted(), t.Force, note, warn)
	return plan
}

// Limit returns the deletions that DELETE_LIMIT allows, and notes the others. It
// is for dry runs. A run that deletes counts by itself, because refused deletions
// do not count.
func Limit(deletions []Decision, r *Rules, note func(Decision), warn func(...string)) []Decision {
	if r.DeleteLimit == 0 || len(deletions) <= r.DeleteLimit {
		return deletions
	}
	for _, d := range deletions[r.DeleteLimit:] {
		d.Outcome, d.Reason = Deferred, d.Reason+"; this run has reached DELETE_LIMIT"
		note(d)
	}
	warn(Backlog(deletions[r.DeleteLimit:], r))
	return deletions[:r.DeleteLimit]
}

// Backlog is the warning about deletions that DELETE_LIMIT leaves over. It shows
// how many came in one day.
func Backlog(left []Decision, r *Rules) string {
	recent := 0
	for i := range left {
		if left[i].recent {
			recent++
		}
	}
	return fmt.Sprintf("DELETE_LIMIT=%d leaves %d deletions over; newer points displaced %d of these replicas within the last 24 hours: if that is more than the runs of a day delete, raise DELETE_LIMIT or run retain more often", r.DeleteLimit, len(left), recent)
}

// Targets are the regions that must be observed for a plan for the sources in w,
// sorted. They depend on tags, so the sources and their disks must be observed
// first.
func Targets(r *Rules, w *World, o *Order) []string {
	return newPlanner(r, w, o, time.Time{}, func(...string) {}).targets
}

// withoutTarget notes the snapshots that have no target region.
func (p *planner) withoutTarget(v *diskView, note func(Decision)) {
	for i := range v.sources {
		s := v.sources[i].src
		if s == nil || !p.covers(s) {
			continue
		}
		if to, dropped := p.destinations(v, s); len(to) == 0 {
			note(copyOf(s, "", Skipped, join("no target region besides its own", dropped)))
		}
	}
}

// notFound notes requested snapshots that do not exist, and requested disks
// without snapshots.
func (p *planner) notFound(note func(Decision)) {
	for _, ref := range p.order.Refs {
		if ref.Snapshot != "" {
			ref.Disk = ""
		}
		if p.found[ref] {
			continue
		}
		d := Decision{Kind: KindCopy, Snapshot: ref.Snapshot, Disk: ref.Disk, From: ref.Region, Outcome: Waiting, Reason: "not found yet: a later sweep copies it when the service lists it"}
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

// join joins the clauses of a reason that are not empty.
func join(clauses ...string) string {
	return strings.Join(slices.DeleteFunc(clauses, func(c string) bool { return c == "" }), "; ")
}
