package plan

// Kind is what a decision is about.
type Kind string

// The kinds, as a reply names them.
const (
	KindCopy   Kind = "copy"
	KindVerify Kind = "verify"
	KindDelete Kind = "delete"
	KindCheck  Kind = "check"
)

// Outcome is what the plan already knows of a decision, or how its work ended.
type Outcome string

// The outcomes of a copy. Planned is the one that asks for work; after the
// work it is replaced by how that went.
const (
	Planned    Outcome = "planned"
	Started    Outcome = "started"
	Exists     Outcome = "exists"
	InProgress Outcome = "in-progress"
	Waiting    Outcome = "waiting"    // the source is not ready; or, verifying, a replica is not due yet
	Unknown    Outcome = "unknown"    // no clear answer: the next run observes again
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

// Fine is the outcome of a check that found nothing wrong.
const Fine Outcome = "ok"

// Class is how much an outcome asks to be read.
type Class int

// The classes, the most urgent first.
const (
	Alarm   Class = iota // somebody has something to do: the run is an error
	Unclear              // nobody knows whether it was done: the next run observes
	Later                // not done: a later run does it
	Moving               // work was done, is under way, or is planned
	Done                 // as it should be
	Aside                // left alone on purpose
)

// outcomes is the one table of all outcomes, in the order in which a reply
// lists them.
var outcomes = []struct {
	Outcome
	class   Class
	settled bool // nothing is left to do
}{
	{Failed, Alarm, false},
	{Missing, Alarm, false},
	{Stuck, Alarm, false},
	{Mismatch, Alarm, false},
	{Unexpected, Alarm, false},
	{Unknown, Unclear, false},
	{Started, Moving, false},
	{Deleted, Moving, true},
	{Planned, Moving, false},
	{WouldDelete, Moving, false},
	{Deferred, Later, false},
	{Waiting, Later, false},
	{InProgress, Moving, false},
	{Arriving, Moving, false},
	{Ineligible, Aside, true},
	{Ignored, Aside, true},
	{Skipped, Aside, true},
	{Kept, Aside, true},
	{Exists, Done, true},
	{Verified, Done, true},
	{Fine, Done, true},
}

// Outcomes returns all outcomes in the order in which a reply lists them.
func Outcomes() []Outcome {
	all := make([]Outcome, len(outcomes))
	for i := range outcomes {
		all[i] = outcomes[i].Outcome
	}
	return all
}

// Class returns the outcome's class. An outcome that is not in the table is an
// alarm: nobody knows what it means.
func (o Outcome) Class() Class {
	for i := range outcomes {
		if outcomes[i].Outcome == o {
			return outcomes[i].class
		}
	}
	return Alarm
}

// Alarms reports whether the outcome makes the whole run an error, so that the
// platform's error metric can ring.
func (o Outcome) Alarms() bool { return o.Class() == Alarm }

// Settled reports whether the outcome leaves nothing to do.
func (o Outcome) Settled() bool {
	for i := range outcomes {
		if outcomes[i].Outcome == o {
			return outcomes[i].settled
		}
	}
	return false
}
