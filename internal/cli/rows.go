package cli

import (
	"fmt"
	"slices"

	"snapferry/handler"
	"snapferry/internal/cloud"
	"snapferry/internal/job"
	"snapferry/internal/plan"
)

// readable is how many columns a reason needs to be easy to read.
const readable = 24

// actions lays out a reply's actions for the screen.
func (s *screen) actions(r handler.Reply) string {
	if r.Job == cloud.Check {
		return s.checks(r.Actions)
	}
	if r.Job == cloud.Plan {
		return s.plan(r)
	}
	listed, note := r.Actions, ""
	if s.terminal() && len(listed) > manyRows {
		if listed = folded(listed); len(listed) < len(r.Actions) {
			note = "\n" + s.paint(faint, "Rows alike are folded; a pipe or --json gets each.")
		}
	}
	wide := columns{names: []string{"Disk", "Snapshot", "From", "To", "Outcome", "Replica", "Reason"}, width: s.width}
	for _, a := range listed {
		wide.rows = append(wide.rows, []string{a.Disk, a.Snapshot, a.From, a.To, s.outcome(a.Outcome), a.Replica, a.Reason})
	}
	if !s.terminal() {
		return wide.render()
	}
	if wide = wide.sparse(); s.width-wide.fixed() >= readable {
		return wide.render() + note
	}
	return s.stacked(listed) + note
}

// stacked lays out actions for a narrow terminal: what belongs together shares
// a column, so that ids stay whole and a reason has room.
func (s *screen) stacked(actions []job.Action) string {
	t := columns{names: []string{"Disk\nSnapshot", "From\nTo", "Outcome\nReplica", "Reason"}, width: s.width}
	for _, a := range actions {
		t.rows = append(t.rows, []string{
			a.Disk + "\n" + a.Snapshot, a.From + "\n" + a.To, s.outcome(a.Outcome) + "\n" + a.Replica, a.Reason,
		})
	}
	return t.sparse().render()
}

// manyRows is from when on a table on a terminal folds what asks for nothing.
const manyRows = 12

// folds reports whether rows of an outcome may be folded: nothing was done, and
// nothing is to be done by a person.
func folds(o plan.Outcome) bool {
	return slices.Contains([]plan.Class{plan.Later, plan.Done, plan.Excluded}, o.Class())
}

// folded lets one action stand for all alike that fold, which
// then says how many they are. The order stays.
func folded(actions []job.Action) []job.Action {
	type likeness struct {
		kind    plan.Kind
		outcome plan.Outcome
		reason  string
	}
	like := func(a job.Action) likeness { return likeness{a.Kind, a.Outcome, a.Reason} }
	counts := map[likeness]int{}
	var out []job.Action
	for _, a := range actions {
		if counts[like(a)]++; counts[like(a)] == 1 || !folds(a.Outcome) {
			out = append(out, a)
		}
	}
	for i, a := range out {
		if n := counts[like(a)]; n > 1 && folds(a.Outcome) {
			out[i].Reason += fmt.Sprintf(" (and %d more)", n-1)
		}
	}
	return out
}

// checks lays out what a check found.
func (s *screen) checks(actions []job.Action) string {
	t := columns{names: []string{"Region", "Outcome", "What"}, width: s.width}
	for _, a := range actions {
		region := a.From
		if region == "" {
			region = "(account)"
		}
		t.rows = append(t.rows, []string{region, s.outcome(a.Outcome), a.Reason})
	}
	return t.render()
}
