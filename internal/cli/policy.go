package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"snapferry/internal/cloud"
	"snapferry/internal/policy"
	"snapferry/internal/settings"
)

type policyCommand struct {
	Jobs  []string `arg:"" name:"job" help:"The job, or restore or subscribe. Several: one policy for a role that does all of them."`
	Trust bool     `help:"Print the trust of the function's role instead: who may take it on."`
	JSON  bool     `name:"json" help:"Print it as JSON, as it is anyway."`
}

// Run prints the permissions of jobs. It asks the cloud nothing.
func (c *policyCommand) Run(a *app) error {
	var jobs []cloud.Job
	for _, name := range c.Jobs {
		job := cloud.Job(name)
		if !slices.Contains(policy.Jobs(), job) {
			var names []string
			for _, j := range policy.Jobs() {
				names = append(names, string(j))
			}
			return misuse{fmt.Errorf("%q has no policy: choose one of %s", name, strings.Join(names, ", "))}
		}
		if c.Trust && !cloud.IsJob(name) {
			return misuse{fmt.Errorf("%s runs on the command line, with the keys of a person: it needs no role, and so no trust", job)}
		}
		jobs = append(jobs, job)
	}
	if c.Trust {
		a.out.line("%s", policy.Trust())
		return nil
	}
	getenv := a.Handler.Getenv
	set, err := settings.Read(settings.WithoutTargets(getenv), cmp.Or(getenv("TENCENTCLOUD_REGION"), cloud.EventRegion), a.Handler.Names...)
	if err != nil {
		return err
	}
	if slices.Contains(jobs, cloud.Retain) && set.Keep.None() && set.KeepGone == 0 {
		a.err.say("no KEEP_ rule is set here, so retain deletes nothing, and the policy does not allow it: with rules, set them and run this again")
	}
	a.out.line("%s", policy.For(jobs, set))
	return nil
}
