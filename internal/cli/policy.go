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
	Job   string `arg:"" help:"The job, or restore or subscribe."`
	Trust bool   `help:"Print the trust of the function's role instead: who may take it on."`
}

// Run prints the permissions of a job. It asks the cloud nothing.
func (c *policyCommand) Run(a *app) error {
	job := cloud.Job(c.Job)
	if !slices.Contains(policy.Jobs(), job) {
		var names []string
		for _, j := range policy.Jobs() {
			names = append(names, string(j))
		}
		return misuse{fmt.Errorf("%q has no policy: choose one of %s", c.Job, strings.Join(names, ", "))}
	}
	if c.Trust {
		if !cloud.IsJob(c.Job) {
			return misuse{fmt.Errorf("%s runs on the command line, with the keys of a person: it needs no role, and so no trust", job)}
		}
		a.out.line("%s", policy.Trust())
		return nil
	}
	getenv := a.Handler.Getenv
	set, err := settings.Read(settings.WithoutTargets(getenv), cmp.Or(getenv("TENCENTCLOUD_REGION"), cloud.EventRegion), a.Handler.Names...)
	if err != nil {
		return err
	}
	a.out.line("%s", policy.For(job, set))
	return nil
}
