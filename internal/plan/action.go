package plan

import (
	"cmp"
	"slices"
	"time"
)

// Kind is what an action is about.
type Kind string

// The kinds of action, as the reply names them.
const (
	Copy   Kind = "copy"
	Check  Kind = "verify"
	Delete Kind = "delete"
	Probe  Kind = "check"
)

// Outcome is how an action ended, or what the plan already knows of it.
type Outcome string

// The outcomes of a copy. Planned is the only one that asks for work; after
// the work it is replaced by how that went.
const (
	Planned    Outcome = "planned"
	Started    Outcome = "started"
	Exists     Outcome = "exists"
	InProgress Outcome = "in-progress"
	Waiting    Outcome = "waiting"    // the source is not ready; or, verifying, a replica is not due yet
	Unknown    Outcome = "unknown"    // no clear answer: the next run looks again
	Deferred   Outcome = "deferred"   // no time, no quota: the next run
	Ineligible Outcome = "ineligible" // can't be copied, ever
	Skipped    Outcome = "skipped"    // by a rule or a tag
	Ignored    Outcome = "ignored"    // the event asks for nothing
	Failed     Outcome = "failed"
)

// The outcomes of a verification, besides Waiting.
const (
	Verified   Outcome = "verified"
	Arriving   Outcome = "copying"
	Stuck      Outcome = "stuck"
	Unexpected Outcome = "unexpected"
	Mismatch   Outcome = "mismatch"
	Missing    Outcome = "missing"
)

// The outcomes of a deletion, besides Deferred, Unknown and Failed.
// WouldDelete is the one that asks for work.
const (
	WouldDelete Outcome = "would-delete"
	Deleted     Outcome = "deleted"
	Kept        Outcome = "kept"
)

// Fine is the outcome of a probe that found nothing wrong.
const Fine Outcome = "ok"

// An Action is one decision about one snapshot and one region, whether it
// asks for work or not. Reason is for people; nothing may branch on it.
type Action struct {
	Kind     Kind    `json:"action"`
	Snapshot string  `json:"snapshot,omitempty"`
	Disk     string  `json:"disk,omitempty"`
	From     string  `json:"from,omitempty"`
	To       string  `json:"to,omitempty"`
	Replica  string  `json:"replica,omitempty"`
	Outcome  Outcome `json:"outcome"`
	Reason   string  `json:"reason,omitempty"`

	// Name is what the replica of a copy is called.
	Name string `json:"-"`
	// Created is the point in time that the snapshot preserves.
	Created time.Time `json:"-"`
	// SizeGiB is the size of the snapshot's disk.
	SizeGiB int `json:"-"`
	// Rank counts, for a copy, the newer points of the same disk that are
	// wanted in To: rank 0 goes before all others. For a deletion it is 0 for
	// what stands twice or is spoilt, which goes first.
	Rank int `json:"-"`
	// Newest is the newest point of the disk that has a replica in To; zero
	// if it has none. The disk with the oldest one goes first.
	Newest time.Time `json:"-"`
	// Complete says that the replica a deletion is about is complete.
	Complete bool `json:"-"`
	// Tag says that a verified replica does not carry its tag yet.
	Tag bool `json:"-"`
}

// AsksForWork reports whether the action is still to be carried out.
func (a *Action) AsksForWork() bool { return a.Outcome == Planned || a.Outcome == WouldDelete }

// sortActions puts copies before deletions, of each kind the work first, in
// the order in which it is to be done, then the rest by disk, newest first.
// The order depends on nothing but the actions themselves.
func sortActions(actions []Action) {
	slices.SortFunc(actions, func(a, b Action) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.turn(), b.turn()), a.urgency(&b),
			cmp.Compare(a.Disk, b.Disk), b.Created.Compare(a.Created), cmp.Compare(a.Snapshot, b.Snapshot),
			cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Replica, b.Replica), cmp.Compare(a.Outcome, b.Outcome))
	})
}

// turn is the coarse order of work: the newest copy of each disk, other
// copies, surplus replicas, other deletions; what asks for no work comes last.
func (a *Action) turn() int {
	switch {
	case !a.AsksForWork():
		return 2
	case a.Rank > 0:
		return 1
	}
	return 0
}

// urgency orders work of the same turn: copies by how far behind their disk
// is, deletions oldest first.
func (a *Action) urgency(b *Action) int {
	switch {
	case !a.AsksForWork() || !b.AsksForWork():
		return 0
	case a.Kind == Delete:
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), a.Created.Compare(b.Created))
	}
	return cmp.Or(cmp.Compare(a.Rank, b.Rank), a.Newest.Compare(b.Newest))
}
