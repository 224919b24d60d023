package job

import (
	"fmt"
	"slices"
	"time"

	"snapferry/internal/plan"
)

// An Action is what a report says about one decision: what was decided, or the
// result of the work.
type Action struct {
	Kind     plan.Kind    `json:"action"`
	Snapshot string       `json:"snapshot,omitempty"`
	Disk     string       `json:"disk,omitempty"`
	From     string       `json:"from,omitempty"`
	To       string       `json:"to,omitempty"`
	Replica  string       `json:"replica,omitempty"`
	Outcome  plan.Outcome `json:"outcome"`
	Reason   string       `json:"reason,omitempty"`
	// Point is the point in time that the snapshot preserves; zero if unknown.
	Point time.Time `json:"point,omitzero"`
	// SizeGiB is the size of the snapshot's disk; 0 if unknown.
	SizeGiB int `json:"sizeGiB,omitempty"`

	// Of a restore or a drill: the disk that was made or is to be made. SizeGiB is its
	// size, and Seconds is how long the service took to make it.
	NewDisk string  `json:"newDisk,omitempty"`
	Zone    string  `json:"zone,omitempty"`
	Type    string  `json:"type,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
}

func actionOf(d *plan.Decision) Action {
	return Action{Kind: d.Kind, Snapshot: d.Snapshot, Disk: d.Disk, From: d.From, To: d.To, Replica: d.Replica, Outcome: d.Outcome, Reason: d.Reason, Point: d.Point, SizeGiB: d.SizeGiB}
}

// A result is the result of the work of one decision. An empty outcome means that
// the work is not done yet.
type result struct {
	plan.Outcome
	reason, replica string
}

// after is the action of a decision whose work has this result.
func (r result) after(d *plan.Decision) Action {
	a := actionOf(d)
	a.Outcome, a.Reason, a.Replica = r.Outcome, r.reason, r.replica
	return a
}

// maxWarnings bounds the warnings of one report.
const maxWarnings = 200

// A Report is what a job did and observed. It counts every action, and keeps only
// the first ones of each outcome, so that its memory does not grow with the
// account.
type Report struct {
	// Counts has every action by its outcome, except those about a disk's
	// protection.
	Counts map[plan.Outcome]int
	// Rows counts the actions about a disk's protection in one region, by outcome.
	Rows map[plan.Outcome]int
	// Protection counts the disks; nil if the job did not look at them.
	Protection *plan.Protection
	// Warnings are for people; none makes the run a failure.
	Warnings []string
	// Warned are actions that ring and do not make the run a failure: regions that
	// are nearly full.
	Warned []Action
	// Partial says that the job did not see everything that it is about: a region
	// could not be read in whole, or the order was narrowed.
	Partial bool
	// Unsettled says that work is left that no action shows: a retain run does
	// not list copies.
	Unsettled bool
	// GiBToCopy is the disk size of all snapshots that a plan would copy.
	// GiBStored is the disk size of all replicas after that. The service bills
	// the data, which may be less.
	GiBToCopy, GiBStored int

	most    int // actions kept of each outcome and kind; 0: all
	kept    map[bucket][]Action
	omitted int // warnings
}

type bucket struct {
	plan.Outcome
	plan.Kind
}

// NewReport returns a report that keeps at most a number of actions of each
// outcome and kind (0: all). It begins with the noted actions.
func NewReport(most int, noted ...Action) *Report {
	r := &Report{Counts: map[plan.Outcome]int{}, Rows: map[plan.Outcome]int{}, most: most, kept: map[bucket][]Action{}}
	for _, a := range noted {
		r.add(a)
	}
	return r
}

func (r *Report) add(a Action) {
	if a.Kind == plan.KindProtect {
		r.Rows[a.Outcome]++
	} else {
		r.Counts[a.Outcome]++
	}
	b := bucket{a.Outcome, a.Kind}
	if r.most == 0 || len(r.kept[b]) < r.most {
		r.kept[b] = append(r.kept[b], a)
	}
}

// HasMore reports whether there were more alarms than the report keeps.
func (r *Report) HasMore() bool {
	for _, counts := range []map[plan.Outcome]int{r.Counts, r.Rows} {
		for o, n := range counts {
			if o.Alarms() && r.most > 0 && n > r.most {
				return true
			}
		}
	}
	return false
}

// note adds a decision that asks for no work, or whose work is not done in this
// run.
func (r *Report) note(d plan.Decision) {
	r.add(actionOf(&d))
	switch {
	case d.Kind == plan.KindCopy && d.Outcome == plan.Planned:
		r.GiBToCopy += d.SizeGiB
		r.GiBStored += d.SizeGiB
	case d.Kind == plan.KindDelete && d.Outcome != plan.WouldDelete:
		r.GiBStored += d.SizeGiB
	}
}

// withdraw removes the noted action about a copy that is wanted after all.
func (r *Report) withdraw(d *plan.Decision, was plan.Outcome) {
	if r.Counts[was]--; r.Counts[was] == 0 {
		delete(r.Counts, was)
	}
	b := bucket{was, d.Kind}
	r.kept[b] = slices.DeleteFunc(r.kept[b], func(a Action) bool { return a.Snapshot == d.Snapshot && a.From == d.From && a.To == d.To })
}

func (r *Report) noteAll(decisions []plan.Decision) {
	for _, d := range decisions {
		r.note(d)
	}
}

// warnOf warns about actions that ring and do not make the run a failure.
func (r *Report) warnOf(warned []Action) {
	r.Warned = append(r.Warned, warned...)
	for i := range warned {
		r.warn(warned[i].Reason)
	}
}

func (r *Report) warn(warnings ...string) {
	for _, w := range warnings {
		if len(r.Warnings) == maxWarnings {
			r.omitted++
			continue
		}
		r.Warnings = append(r.Warnings, w)
	}
}

// end completes the report.
func (r *Report) end() *Report {
	if r.omitted > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d more warnings", r.omitted))
	}
	return r
}

// Actions returns the actions that were kept, in the order of the outcomes'
// table, copies before deletions.
func (r *Report) Actions() []Action {
	all := []Action{}
	for _, o := range plan.Outcomes() {
		for _, kind := range []plan.Kind{plan.KindCheck, plan.KindProtect, plan.KindCopy, plan.KindDelete, plan.KindVerify, plan.KindRestore, plan.KindDrill, plan.KindRule, plan.KindTarget} {
			all = append(all, r.kept[bucket{o, kind}]...)
		}
	}
	return all
}
