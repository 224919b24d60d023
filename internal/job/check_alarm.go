package job

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// alarmMetric is what an alarm must be set on: a function returns an error if and only
// if a person must act.
const alarmMetric = "Error"

// alarm checks that somebody is told when a function returns an error. The answer does
// not say which functions an alarm policy is about, unless it is about all.
func (c *checking) alarm(ctx context.Context, gone map[cloud.Job]bool) {
	var names []string
	for _, job := range slices.Sorted(maps.Keys(c.Functions)) {
		if job != cloud.Status && !gone[job] { // who visits the page sees that it fails
			names = append(names, c.Functions[job])
		}
	}
	if len(names) == 0 {
		return
	}
	all, err := c.Cloud.AlarmPolicies(ctx)
	if err != nil {
		c.note(c.Region, plan.Warning, "alarm: it can't be told whether one is set: "+sentence(err))
		return
	}
	all = slices.DeleteFunc(all, func(p cloud.AlarmPolicy) bool {
		return !slices.ContainsFunc(p.Metrics, func(m string) bool { return strings.EqualFold(m, alarmMetric) })
	})
	if len(all) == 0 {
		c.note(c.Region, plan.Warning, fmt.Sprintf(`alarm: no alarm policy is on the metric %s of functions: set one in Cloud Monitor, namespace QCE/SCF_V2, sum over 5 minutes > 0; "Alarms to set" in docs/operate.md`, alarmMetric))
		return
	}
	best := slices.MaxFunc(all, func(a, b cloud.AlarmPolicy) int { return worth(a) - worth(b) })
	warn := func(format string, args ...any) { c.note(c.Region, plan.Warning, fmt.Sprintf(format, args...)) }
	switch worth(best) {
	case off:
		warn("alarm: policy %s is switched off: switch it on in Cloud Monitor", best.Name)
	case tellsNobody:
		warn("alarm: policy %s tells nobody: give it a notification template in Cloud Monitor", best.Name)
	case aboutNothing:
		warn("alarm: policy %s is about no function: choose these in Cloud Monitor: %s", best.Name, strings.Join(names, ", "))
	case aboutSome:
		warn("alarm: policy %s is about %d functions, and it can't be told which: see in Cloud Monitor that these are among them: %s", best.Name, best.Objects, strings.Join(names, ", "))
	default:
		c.note(c.Region, plan.Fine, fmt.Sprintf("alarm: policy %s is on the metric %s of all functions", best.Name, alarmMetric))
	}
}

// What an alarm policy is worth, the least first.
const (
	off = iota
	tellsNobody
	aboutNothing
	aboutSome
	aboutAll
)

func worth(p cloud.AlarmPolicy) int {
	switch {
	case !p.Enabled:
		return off
	case !p.Tells:
		return tellsNobody
	case p.All: // UNK: whether that is so for functions, too
		return aboutAll
	case p.Objects == 0:
		return aboutNothing
	}
	return aboutSome
}
