package plan

// Kind is what a decision is about.
type Kind string

// The kinds, as a reply names them.
const (
	KindCopy   Kind = "copy"
	KindVerify Kind = "verify"
	// KindProtect is about one disk and one target region, not about a snapshot.
	KindProtect Kind = "protect"
	KindDelete  Kind = "delete"
	KindCheck   Kind = "check"
	// KindRule and KindTarget are the parts of a subscription to events.
	KindRule   Kind = "rule"
	KindTarget Kind = "target"
	// KindRestore and KindDrill are about a disk that is made of a replica.
	KindRestore Kind = "restore"
	KindDrill   Kind = "drill"
)

// Outcome is what the plan says about a decision, or how its work ended.
type Outcome string

// The outcomes of a copy. Planned asks for work; the result of the work replaces
// it.
const (
	Planned    Outcome = "planned"
	Started    Outcome = "started"
	Exists     Outcome = "exists"
	InProgress Outcome = "in-progress"
	Waiting    Outcome = "waiting"    // copy: the source is not ready; verify: the replica is not due yet
	Unknown    Outcome = "unknown"    // no clear answer: the next run observes again
	Deferred   Outcome = "deferred"   // no time or no quota: a later run does it
	Ineligible Outcome = "ineligible" // can never be copied
	Skipped    Outcome = "skipped"    // excluded by a rule or a tag
	Ignored    Outcome = "ignored"    // the event asks for no work
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
	Unproven   Outcome = "unproven" // complete, but its source is gone and it was never compared with it
)

// The outcomes of a disk's protection in one region, besides Arriving.
const (
	Protected   Outcome = "protected"
	Late        Outcome = "late"        // its newest proven point is older than RPO
	Unprotected Outcome = "unprotected" // no proven replica, and none on its way in time
	GoneDisk    Outcome = "gone"        // the disk does not exist any more
)

// The outcomes of a deletion, besides Deferred, Unknown and Failed.
// WouldDelete asks for work.
const (
	WouldDelete Outcome = "would-delete"
	Deleted     Outcome = "deleted"
	Kept        Outcome = "kept"
)

// The outcomes of a subscription, besides Planned, Exists, Deleted, Kept and Failed.
const (
	Created Outcome = "created"
	Updated Outcome = "updated"
)

// The outcomes of a restore and of a drill, besides Planned, Exists and Failed.
const (
	Restored Outcome = "restored" // the disk is ready; that of a drill is ended again
	Pending  Outcome = "pending"  // asked for, and not ready yet
	Manual   Outcome = "manual"   // a person must do it: the reason has the way
	Cleaned  Outcome = "cleaned"  // the disk of an earlier drill is ended
)

// The outcomes of a check, besides Failed.
const (
	Fine    Outcome = "ok"
	Warning Outcome = "warning" // something to know or to do, or that could not be tried
)

// Class says how urgently a person should read an outcome.
type Class int

// The classes, the most urgent first.
const (
	Alarm    Class = iota // an operator must act: the run is an error
	Unclear               // it is unknown whether the work was done: the next run observes
	Later                 // not done: a later run does it
	UnderWay              // work was done, is under way, or is planned
	Done                  // nothing to do
	Excluded              // left out on purpose
)

// outcomes is the table of all outcomes, in the order in which a reply lists
// them.
var outcomes = []struct {
	Outcome
	class   Class
	settled bool // nothing is left to do
}{
	{Failed, Alarm, false},
	{Unprotected, Alarm, false},
	{Late, Alarm, false},
	{Missing, Alarm, false},
	{Stuck, Alarm, false},
	{Mismatch, Alarm, false},
	{Unexpected, Alarm, false},
	{Unknown, Unclear, false},
	{Unproven, Unclear, true},
	{Manual, Unclear, false},
	{Warning, Unclear, true},
	{Pending, Later, false},
	{Restored, UnderWay, true},
	{Cleaned, UnderWay, true},
	{Started, UnderWay, false},
	{Created, UnderWay, true},
	{Updated, UnderWay, true},
	{Deleted, UnderWay, true},
	{Planned, UnderWay, false},
	{WouldDelete, UnderWay, false},
	{Deferred, Later, false},
	{Waiting, Later, false},
	{InProgress, UnderWay, false},
	{Arriving, UnderWay, false},
	{Ineligible, Excluded, true},
	{Ignored, Excluded, true},
	{Skipped, Excluded, true},
	{Kept, Excluded, true},
	{GoneDisk, Excluded, true},
	{Exists, Done, true},
	{Verified, Done, true},
	{Protected, Done, true},
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
// alarm.
func (o Outcome) Class() Class {
	for i := range outcomes {
		if outcomes[i].Outcome == o {
			return outcomes[i].class
		}
	}
	return Alarm
}

// Alarms reports whether the outcome makes the whole run an error, which the
// platform's error metric counts.
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
