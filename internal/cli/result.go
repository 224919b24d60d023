package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"snapferry/handler"
	"snapferry/internal/cloud"
	"snapferry/internal/ferry"
	"snapferry/internal/plan"
)

// printJSON prints a reply for programs: one line, nothing else.
func (a *app) printJSON(r handler.Reply) error {
	raw, err := json.Marshal(r)
	if err != nil {
		return failure{fmt.Errorf("encode the reply: %w", err)}
	}
	a.out.line("%s", raw)
	return nil
}

// printTable prints a reply for people. nothing is what to say of a reply
// without actions.
func (a *app) printTable(r handler.Reply, nothing string) {
	if len(r.Actions) > 0 {
		a.out.line("%s", a.out.actions(r))
		nothing = ""
	}
	if r.Omitted > 0 && r.Job != cloud.Plan {
		a.out.line("%d more are not listed; the counts below have them.", r.Omitted)
	}
	a.out.line("%s", a.out.fit(summary(r, nothing)))
	if r.Job == cloud.Plan {
		a.out.line("%d GiB of disks to be copied, %d GiB of replicas stored then", r.GiBToCopy, r.GiBStored)
	}
	for _, w := range r.Warnings {
		a.out.line("%s", a.out.fit(a.out.paint(yellow, "warning:")+" "+w))
	}
}

// outcome is an outcome in the colour of how much it asks to be read.
func (s *screen) outcome(o plan.Outcome) string { return s.paint(colourOf(o), string(o)) }

func colourOf(o plan.Outcome) colour {
	switch {
	case ferry.Alarming(o):
		return red
	case slices.Contains([]plan.Outcome{plan.Unknown, plan.Waiting, plan.Deferred}, o):
		return yellow
	case slices.Contains([]plan.Outcome{plan.Started, plan.InProgress, plan.Arriving, plan.Planned, plan.WouldDelete}, o):
		return cyan
	case slices.Contains([]plan.Outcome{plan.Exists, plan.Verified, plan.Fine, plan.Deleted}, o):
		return green
	}
	return plain
}

// summary is a reply in one line.
func summary(r handler.Reply, nothing string) string {
	var b strings.Builder
	if r.DryRun {
		b.WriteString("dry run, nothing is changed: ")
	}
	b.WriteString(nothing)
	if nothing == "" {
		b.WriteString(counted(r))
	}
	fmt.Fprintf(&b, "; %s, %.1f s", number(r.APICalls, "API call", "API calls"), r.Seconds)
	switch {
	case r.Job == cloud.Check:
	case r.Settled:
		b.WriteString("; settled")
	default:
		b.WriteString("; not settled: " + unsettled(r))
	}
	return b.String()
}

// counted lists the counts in the order of the actions, then those whose
// actions were all omitted.
func counted(r handler.Reply) string {
	var order []plan.Outcome
	for _, a := range r.Actions {
		if !slices.Contains(order, a.Outcome) {
			order = append(order, a.Outcome)
		}
	}
	var rest []plan.Outcome
	for o := range r.Counts {
		if !slices.Contains(order, o) {
			rest = append(rest, o)
		}
	}
	slices.Sort(rest)
	var parts []string
	for _, o := range append(order, rest...) {
		parts = append(parts, fmt.Sprintf("%d %s", r.Counts[o], o))
	}
	return strings.Join(parts, ", ")
}

// unsettled says what is left, in a person's words.
func unsettled(r handler.Reply) string {
	words := []struct {
		text     string
		outcomes []plan.Outcome
	}{
		{"under way", []plan.Outcome{plan.Started, plan.InProgress, plan.Arriving}},
		{"planned", []plan.Outcome{plan.Planned, plan.WouldDelete}},
		{"unclear", []plan.Outcome{plan.Unknown}},
		{"waited for", []plan.Outcome{plan.Waiting}},
		{"put off", []plan.Outcome{plan.Deferred}},
		{"gone wrong", []plan.Outcome{plan.Failed, plan.Missing, plan.Stuck, plan.Mismatch, plan.Unexpected}},
	}
	var parts []string
	for _, w := range words {
		n := 0
		for _, o := range w.outcomes {
			n += r.Counts[o]
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, w.text))
		}
	}
	if len(parts) == 0 {
		return "copies are missing or on their way"
	}
	return strings.Join(parts, ", ")
}

func number(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
