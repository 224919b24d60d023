package job

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A Deployment is what tells of deployed functions. All of it is read.
type Deployment interface {
	// Function returns a function as it is deployed.
	Function(ctx context.Context, region, function string) (cloud.Function, error)
	// Timers returns the timers of a function.
	Timers(ctx context.Context, region, function string) ([]cloud.Timer, error)
	// Role returns a role with its policies. With an error it has what could be read.
	Role(ctx context.Context, name string) (cloud.Role, error)
	// AlarmPolicies returns the alarm policies that are about functions.
	AlarmPolicies(ctx context.Context) ([]cloud.AlarmPolicy, error)
}

// deployed checks the functions as they are deployed: whether they can be called, and
// what their roles, settings, logs, timers and alarms lack. A command line may do the
// work of a function, so one that is not there is no failure.
func (c *checking) deployed(ctx context.Context) {
	gone := map[cloud.Job]bool{}
	var found []deployed
	for _, job := range slices.Sorted(maps.Keys(c.Functions)) {
		d := deployed{job: job, name: c.Functions[job]}
		var err error
		d.Function, err = c.Cloud.Function(ctx, c.Region, d.name)
		if err != nil && meaning(err) != cloud.Gone {
			c.note(c.Region, plan.Warning, "function: it can't be told how the functions are deployed: "+sentence(err))
			break // the others would say the same
		}
		if gone[job] = err != nil; gone[job] {
			c.absent(&d)
			continue
		}
		c.state(&d)
		c.told(&d)
		found = append(found, d)
	}
	c.roles(ctx, found)
	c.settings(found)
	c.logs(found)
	c.timers(ctx, gone)
	c.alarm(ctx, gone)
}

// deployed is one function.
type deployed struct {
	job  cloud.Job
	name string
	cloud.Function
	needs []string // the APIs, as Known.Calls has them
}

func (c *checking) absent(d *deployed) {
	c.note(c.Region, plan.Warning, fmt.Sprintf(`function: %s is not deployed here: "make deploy" deploys it, or run "snapferry %s" by other means`, d.name, d.job))
}

// state says whether a function can be called.
func (c *checking) state(d *deployed) {
	switch {
	case d.Status == cloud.Active:
		c.note(c.Region, plan.Fine, fmt.Sprintf("function: %s can be called, %s, %d MB, %d s", d.name, d.Runtime, d.MemoryMB, d.Seconds))
	case strings.HasSuffix(d.Status, "Failed"):
		c.note(c.Region, plan.Failed, fmt.Sprintf("function: %s can't be called, its state is %s (%s): deploy it again", d.name, d.Status, cmp.Or(d.Reason, "without a reason")))
	default:
		c.note(c.Region, plan.Warning, fmt.Sprintf("function: %s can't be called now, its state is %s: check again in a minute", d.name, d.Status))
	}
}

// told notes variables with which a function can't work, without their values. What it
// needs follows from its own settings, and from those of this check, which may be
// deployed next.
func (c *checking) told(d *deployed) {
	var wrong []string
	if d.needs, wrong = c.Judge.Needs(d.job, c.Region, d.Variables); len(wrong) > 0 {
		c.note(c.Region, plan.Failed, fmt.Sprintf("settings: %s can't work, these of its variables are wrong: %s", d.name, strings.Join(wrong, ", ")))
	}
}

// settings compares what the functions are told, and what this check is told. It shows
// no value: some are secret.
func (c *checking) settings(found []deployed) {
	if c.Getenv == nil || len(found) == 0 {
		return
	}
	agree := true
	for i := 1; i < len(found); i++ {
		a, b := &found[0], &found[i]
		rules, others := c.Judge.Differences(c.variables(a), c.variables(b))
		if len(rules) > 0 {
			c.note(c.Region, plan.Failed, fmt.Sprintf("settings: %s and %s have different values for %s, so that one undoes what the other does: deploy them from one file", a.name, b.name, strings.Join(rules, ", ")))
		}
		if len(others) > 0 {
			c.note(c.Region, plan.Warning, fmt.Sprintf("settings: %s and %s have different values for %s: deploy them from one file", a.name, b.name, strings.Join(others, ", ")))
		}
		agree = agree && len(rules)+len(others) == 0
	}
	rules, others := c.Judge.Differences(c.variables(&found[0]), c.Getenv)
	if here := slices.Concat(rules, others); len(here) > 0 {
		c.note(c.Region, plan.Warning, fmt.Sprintf("settings: this check looked with other settings than %s has: %s", found[0].name, strings.Join(here, ", ")))
	} else if agree {
		c.note(c.Region, plan.Fine, "settings: the functions have the same ones as this check")
	}
}

// variables are the environment of a function.
func (c *checking) variables(d *deployed) func(string) string {
	return func(name string) string {
		if name == "SOURCE_REGIONS" {
			return cmp.Or(d.Variables[name], c.Region)
		}
		return d.Variables[name]
	}
}

// logs says which functions keep no log that can be searched.
func (c *checking) logs(found []deployed) {
	var without []string
	for i := range found {
		if found[i].LogTopic == "" {
			without = append(without, found[i].name)
		}
	}
	switch {
	case len(without) > 0:
		c.note(c.Region, plan.Warning, fmt.Sprintf("logs: no log topic is set for %s: choose one in the console of SCF, function configuration, log delivery", strings.Join(without, ", ")))
	case len(found) > 0:
		c.note(c.Region, plan.Fine, "logs: the functions have a log topic")
	}
}

// timers checks that timers call the functions.
func (c *checking) timers(ctx context.Context, gone map[cloud.Job]bool) {
	for _, job := range slices.Sorted(maps.Keys(c.Functions)) {
		if job == cloud.Status || gone[job] { // people call that one
			continue
		}
		d := deployed{job: job, name: c.Functions[job]}
		all, err := c.Cloud.Timers(ctx, c.Region, d.name)
		runs := slices.IndexFunc(all, func(t cloud.Timer) bool { return t.Enabled && c.Judge.Asks(t.Argument, job) })
		switch {
		case err != nil && meaning(err) == cloud.Gone:
			c.absent(&d)
		case err != nil:
			c.note(c.Region, plan.Warning, "timer: it can't be told whether timers call the functions: "+sentence(err))
			return // the others would say the same
		case runs < 0:
			c.note(c.Region, plan.Warning, fmt.Sprintf("timer: function %s has no timer that is switched on and says %s: deploy it again, or make one in the console of SCF", d.name, job))
		default:
			c.note(c.Region, plan.Fine, fmt.Sprintf("timer: %s calls function %s, %s", all[runs].Name, d.name, all[runs].Cron))
		}
	}
}
