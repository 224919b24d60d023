package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"snapferry/handler"
	"snapferry/internal/cloud"
	"snapferry/internal/job"
	"snapferry/internal/plan"
	"snapferry/internal/settings"
)

// printJSON prints a reply for programs: one line, nothing else.
func (a *app) printJSON(r handler.Reply) error {
	r.ListAll()
	raw, err := json.Marshal(r)
	if err != nil {
		return failure{fmt.Errorf("encode the reply: %w", err)}
	}
	a.out.line("%s", raw)
	return nil
}

// printTable prints a reply for people. nothing is the text for a reply without
// actions.
func (a *app) printTable(r handler.Reply, nothing string) {
	a.printRules(r)
	if !a.out.terminal() {
		r.ListAll()
	}
	if len(r.Actions) > 0 {
		a.out.line("%s", a.out.actions(r))
		nothing = ""
	}
	if slices.ContainsFunc(r.Actions, func(x job.Action) bool { return !x.Point.IsZero() }) && slices.Contains([]cloud.Job{cloud.Plan, cloud.Restore, cloud.Drill}, r.Job) {
		a.out.line("%s", a.out.zoneNote())
	}
	if r.Omitted > 0 && r.Job != cloud.Plan && r.Job != cloud.Restore {
		a.out.say("%d more (see totals)", r.Omitted)
	}
	a.out.say("%s", summary(r, nothing))
	if p := r.Protection; p != nil {
		a.out.say("%s", protection(p))
	}
	if r.Job == cloud.Plan {
		a.out.say("disk sizes: %s GiB to copy, %s GiB of replicas after that", thousands(r.GiBToCopy), thousands(r.GiBStored))
	}
	for _, w := range r.Warnings {
		a.out.mark(yellow, "warning", w)
	}
}

// printRules prints the keep rules in force above what they decide.
func (a *app) printRules(r handler.Reply) {
	if r.Job != cloud.Plan && r.Job != cloud.Retain || a.Handler == nil {
		return
	}
	var rules []string
	for _, v := range settings.Variables() {
		if value := a.Handler.Getenv(v.Name); value != "" && strings.HasPrefix(v.Name, "KEEP_") {
			rules = append(rules, v.Name+"="+value)
		}
	}
	if len(rules) == 0 {
		rules = []string{a.out.in("none, so that every replica stays")}
	}
	a.out.line("%s", a.out.fit(a.out.in("keep rules in force")+a.out.colon()+strings.Join(rules, " ")))
}

// outcome is an outcome in the colour of its class.
func (s *screen) outcome(o plan.Outcome) string { return s.paint(colourOf(o), string(o)) }

func colourOf(o plan.Outcome) colour {
	switch o.Class() {
	case plan.Alarm:
		return red
	case plan.Unclear, plan.Later:
		return yellow
	case plan.UnderWay:
		return cyan
	case plan.Done:
		return green
	}
	return plain
}

// summary is a reply in one line.
func summary(r handler.Reply, nothing string) string {
	var b strings.Builder
	switch {
	case r.DryRun && r.Job == cloud.Restore:
		b.WriteString("nothing is made yet: ")
	case r.DryRun:
		b.WriteString("dry run, nothing is changed: ")
	}
	b.WriteString(nothing)
	if nothing == "" {
		b.WriteString(counted(r))
	}
	fmt.Fprintf(&b, "; %s, %.1f s", number(r.APICalls, "API call", "API calls"), r.Seconds)
	switch {
	case r.Job == cloud.Check, r.Job == cloud.Restore, r.Job == cloud.Drill:
	case r.Settled:
		b.WriteString("; settled")
	default:
		b.WriteString("; not settled" + unlisted(r))
	}
	return b.String()
}

// counted lists the counts in the order of the actions.
func counted(r handler.Reply) string {
	var parts []string
	for _, o := range plan.Outcomes() {
		if n := r.Counts[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	return strings.Join(parts, ", ")
}

// unlisted says why a reply is not settled if its counts do not show it: a retain
// run does not list copies.
func unlisted(r handler.Reply) string {
	for o := range r.Counts {
		if !o.Settled() {
			return ""
		}
	}
	return ": copies are missing or in progress"
}

// protection is how many disks are protected, in one line.
func protection(p *handler.Protection) string {
	parts := []string{}
	for _, state := range []struct {
		n    int
		name plan.Outcome
	}{{p.Unprotected, plan.Unprotected}, {p.Late, plan.Late}, {p.Copying, plan.Arriving}, {p.Protected, plan.Protected}} {
		if state.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", state.n, state.name))
		}
	}
	if p.Disks == 0 {
		parts = append(parts, "none in care")
	}
	if p.Gone > 0 {
		parts = append(parts, fmt.Sprintf("%d %s", p.Gone, plan.GoneDisk))
	}
	return fmt.Sprintf("disks (RPO %s): %s", p.RPO, strings.Join(parts, ", "))
}

// thousands is a number with separators.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

func number(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
