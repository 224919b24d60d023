package cli

import (
	"fmt"
	"slices"

	"snapferry/handler"
	"snapferry/internal/cloud"
	"snapferry/internal/job"
	"snapferry/internal/plan"
)

// readable is the smallest width of a readable reason.
const readable = 24

// actions lays out a reply's actions for the screen.
func (s *screen) actions(r handler.Reply) string {
	if r.Job == cloud.Check {
		return s.checks(r.Actions)
	}
	if r.Job == cloud.Plan {
		return s.plan(r)
	}
	if r.Job == cloud.Subscribe {
		return s.subscription(r.Actions)
	}
	if r.Job == cloud.Restore || r.Job == cloud.Drill {
		return s.restores(r)
	}
	listed, note := r.Actions, ""
	if s.terminal() && len(listed) > manyRows {
		if listed = folded(listed); len(listed) < len(r.Actions) {
			note = "\n" + s.paint(faint, s.in("Similar rows are folded. A pipe or --json shows all rows."))
		}
	}
	wide := columns{say: s.in, names: []string{"Disk", "Snapshot", "From", "To", "Outcome", "Replica", "Reason"}, width: s.width}
	for _, a := range listed {
		wide.rows = append(wide.rows, []string{a.Disk, a.Snapshot, a.From, a.To, s.outcome(a.Outcome), a.Replica, a.Reason})
	}
	if !s.terminal() {
		return wide.render()
	}
	if wide = wide.withoutEmpty(); s.width-wide.fixed() >= readable {
		return wide.render() + note
	}
	return s.stacked(listed) + note
}

// stacked lays out actions for a narrow terminal. Two fields share a column, so that
// ids are not wrapped and the reason is readable.
func (s *screen) stacked(actions []job.Action) string {
	t := columns{say: s.in, names: []string{"Disk\nSnapshot", "From\nTo", "Outcome\nReplica", "Reason"}, width: s.width}
	for _, a := range actions {
		t.rows = append(t.rows, []string{
			a.Disk + "\n" + a.Snapshot, a.From + "\n" + a.To, s.outcome(a.Outcome) + "\n" + a.Replica, a.Reason,
		})
	}
	return t.withoutEmpty().render()
}

// manyRows is the largest number of rows that a terminal shows without folding.
const manyRows = 12

// folds reports whether rows of an outcome may be folded: nothing was done, and a
// person need not act.
func folds(o plan.Outcome) bool {
	return slices.Contains([]plan.Class{plan.Later, plan.Done, plan.Excluded}, o.Class())
}

// folded keeps the first of similar actions, and adds to its reason how many there
// are. The order stays.
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

// subscription lays out what became of the rule and its target.
func (s *screen) subscription(actions []job.Action) string {
	t := columns{say: s.in, names: []string{"What", "Outcome", "Reason"}, width: s.width}
	for _, a := range actions {
		t.rows = append(t.rows, []string{string(a.Kind), s.outcome(a.Outcome), a.Reason})
	}
	return t.render()
}

// checks lays out the results of a check.
func (s *screen) checks(actions []job.Action) string {
	t := columns{say: s.in, names: []string{"Region", "Outcome", "What"}, width: s.width}
	for _, a := range actions {
		region := a.From
		if region == "" {
			region = s.in("(account)")
		}
		t.rows = append(t.rows, []string{region, s.outcome(a.Outcome), a.Reason})
	}
	return t.render()
}
