package job

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// checkName is a name that no snapshot has. A search for it tests the permission
// to list, and the answer is short.
const checkName = "snapferry-check"

// Known is what a check is told, because no request can tell it.
type Known struct {
	// Facts are right for certain: the settings in force, and which program this is.
	Facts []string
	// Own is the job of the function, and Calls are the APIs that it needs, each as
	// service:action. A missing permission to read anything else is a warning.
	Own   cloud.Job
	Calls []string
	// Changes are the permissions to change something, by job, as policies name them.
	// They can't be tried without a change.
	Changes map[cloud.Job][]string
	// Function is the one that gets the events of new snapshots. Functions are those
	// that are checked, by their job, and Region is where they are.
	Function, Region string
	Functions        map[cloud.Job]string
	// Judge judges what was read of them.
	Judge Judge
	// Getenv reads the settings of this check where a person runs it; nil in a function,
	// which is told the same as the function that is checked.
	Getenv func(string) string
	// Dry says that DRY_RUN is set.
	Dry bool
}

// A Judge knows what settings, policies and timers mean, and reads nothing.
type Judge interface {
	// Needs returns the APIs that a job needs with the settings of this check and with
	// those of its function, as Known.Calls has them, and the names of the function's
	// variables with which it can't work.
	Needs(job cloud.Job, region string, variables map[string]string) (calls, wrong []string)
	// Differences names the settings to which two environments give different values.
	// With rules, two functions undo each other's work.
	Differences(a, b func(name string) string) (rules, others []string)
	// Trusts reports whether a role's trust lets functions take it on, and whether that
	// can be told.
	Trusts(document string) (trusts, ok bool)
	// Lacking returns the actions that the documents of a role surely do not allow, and
	// those for which it can't be told.
	Lacking(calls, documents []string) (missing, unsure []string)
	// Asks reports whether a timer with this argument asks for the work of a job.
	Asks(argument string, job cloud.Job) bool
}

// Check tests the credentials, every region and every permission to read, and says
// which disks are in care, whether events arrive, how the functions are deployed, and
// how full the target regions are. It changes nothing, and says what it can't test for
// that reason.
func (r *Runner) Check(ctx context.Context, k Known) *Report {
	c := &checking{Runner: r, Known: k, judged: map[cloud.Job]bool{}}
	for _, fact := range k.Facts {
		c.note("", plan.Fine, fact)
	}
	c.account(ctx)
	known, err := r.Cloud.Regions(ctx)
	if err != nil {
		c.unread("", "region:DescribeRegions", "the regions can't be compared with the service's own list", err)
	}
	each(r.Workers, union(r.Rules.Sources, r.Rules.Targets), func(region string) {
		if err == nil && !slices.Contains(known, region) {
			c.note(region, plan.Failed, "the service does not know this region: check SOURCE_REGIONS and TARGET_REGIONS")
			return
		}
		c.region(ctx, region)
	})
	c.care(ctx)
	c.events(ctx)
	c.deployed(ctx)
	c.changes()
	slices.SortStableFunc(c.actions, func(a, b Action) int { return strings.Compare(a.From, b.From) })
	return NewReport(0, c.actions...).end()
}

// checking is one check.
type checking struct {
	*Runner
	Known
	judged map[cloud.Job]bool // whose function has a role that could be read, or none

	mu      sync.Mutex // guards actions
	actions []Action
}

func (c *checking) note(region string, o plan.Outcome, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.actions = append(c.actions, Action{Kind: plan.KindCheck, From: region, Outcome: o, Reason: reason})
}

// unread notes that something could not be read. It is a warning if only the
// permission is missing, and the job of this function does not need it.
func (c *checking) unread(region, call, what string, err error) {
	outcome := plan.Failed
	if !slices.Contains(c.Calls, call) && meaning(err) != cloud.StopRun {
		outcome = plan.Warning
		what += fmt.Sprintf(", and the job %s does not need it", c.Own)
	}
	c.note(region, outcome, what+": "+sentence(err))
}

// mostAhead is how far the clock may be off without a warning. From five minutes on
// the service refuses every request.
const mostAhead = time.Minute

// account checks whose the credentials are, and the clock.
func (c *checking) account(ctx context.Context) {
	who, err := c.Cloud.Identity(ctx)
	switch {
	case err == nil && who.Principal != "":
		c.note("", plan.Fine, fmt.Sprintf("the credentials belong to account %s, principal %s", who.Account, who.Principal))
	case err == nil:
		c.note("", plan.Fine, "the credentials belong to account "+who.Account)
	case meaning(err) == cloud.StopRun:
		c.note("", plan.Failed, "the credentials were not accepted: "+sentence(err))
		return
	default:
		c.unread("", "sts:GetCallerIdentity", "cannot query the account", err)
	}
	ahead, ok := c.Cloud.ClockAhead()
	switch {
	case !ok:
		c.note("", plan.Warning, "the clock could not be compared with the service's: its answers name no time")
	case ahead.Abs() > mostAhead:
		c.note("", plan.Warning, fmt.Sprintf("the clock here differs from the service's by %s: from five minutes on every request is refused; set the clock", ahead.Abs().Round(time.Second)))
	default:
		c.note("", plan.Fine, "the clock here agrees with the service's")
	}
}

// region sends one region the requests with which the jobs read it.
func (c *checking) region(ctx context.Context, region string) {
	if _, err := c.Cloud.SnapshotsByName(ctx, region, []string{checkName}); err != nil {
		c.unread(region, "cbs:DescribeSnapshots", "cannot list snapshots", err)
		return // most likely nothing else works either
	}
	disks, err := c.Cloud.CountDisks(ctx, region)
	if err != nil {
		c.unread(region, "cbs:DescribeDisks", "cannot list disks", err)
		return
	}
	role := "target region"
	if slices.Contains(c.Rules.Sources, region) {
		role = "source region"
	}
	c.note(region, plan.Fine, fmt.Sprintf("%s: snapshots and disks can be read, %d disks", role, disks))
	if !slices.Contains(c.Rules.Targets, region) {
		return
	}
	if _, err := c.Cloud.CountSnapshots(ctx, region); err != nil {
		c.unread(region, "cbs:DescribeSnapshotOverview", "cannot count the snapshots, which copying asks for as a brake", err)
	}
	if _, err := c.Cloud.Offers(ctx, region); err != nil {
		c.unread(region, "cbs:DescribeDiskConfigQuota", "cannot read which disks can be made, which drill and restore ask for", err)
	}
}

// events checks the rule that sends new snapshots to the function. Without it the
// timer does the work, so nothing here is a failure.
func (c *checking) events(ctx context.Context) {
	const subscribe = `; "snapferry subscribe" makes or mends it; until then the timer copies`
	warn := func(text string) { c.note(cloud.EventRegion, plan.Warning, "event rule: "+text) }
	u := &subscribing{Runner: c.Runner, Subscription: Subscription{Function: c.Function}, report: NewReport(0)}
	rules, ok := u.find(ctx)
	rule := cloud.Rule{}
	if len(rules) > 0 {
		rule = rules[0]
	}
	switch {
	case !ok:
		for _, a := range u.report.Actions() {
			warn("it can't be told whether it is there, and the timer copies anyway: " + a.Reason)
		}
	case len(rules) == 0:
		warn("there is none" + subscribe)
	case len(rules) > 1:
		warn("there is more than one of its name" + subscribe)
	case !rule.Enabled:
		warn("it is switched off" + subscribe)
	case !samePattern(rule.Pattern, RulePattern()):
		warn("its pattern is another one" + subscribe)
	case !slices.ContainsFunc(rule.Targets, u.isOurs):
		warn("it does not send events to function " + c.Function + subscribe)
	default:
		c.note(cloud.EventRegion, plan.Fine, "event rule: it sends new snapshots to function "+c.Function)
	}
}

// changes says which permissions were not tried, where no role tells them.
func (c *checking) changes() {
	if c.Dry {
		c.note("", plan.Warning, "DRY_RUN is set: no job changes anything, so nothing is copied")
		return
	}
	for _, job := range slices.Sorted(maps.Keys(c.Changes)) {
		if actions := c.Changes[job]; len(actions) > 0 && !c.judged[job] {
			c.note("", plan.Warning, fmt.Sprintf(`%s: not tried, because a try would change something: %s. "snapferry policy %s" prints all that the role needs`,
				job, strings.Join(actions, ", "), job))
		}
	}
}
