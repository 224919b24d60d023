package ferry

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A Surveyor answers questions about regions. Its methods only read.
type Surveyor interface {
	// Regions returns the regions that the service says it has.
	Regions(ctx context.Context) ([]string, error)
	// CountDisks returns how many disks there are in a region.
	CountDisks(ctx context.Context, region string) (int, error)
	// CountSnapshots returns how many snapshots a region holds, whoever made
	// them: all count for the quota.
	CountSnapshots(ctx context.Context, region string) (int, error)
}

// probeName is a name no snapshot has: asking for it tries the permission to
// list, and costs one short answer.
const probeName = "snapferry-check"

// Check tries the credentials and every region with read-only requests. What
// it can't try without changing something (copying, tagging, deleting) it says.
func (f *Ferry) Check(ctx context.Context, s Surveyor) Report {
	var r Report
	if account, err := f.Cloud.Account(ctx); err != nil {
		r.Actions = append(r.Actions, probe("", plan.Failed, accountProblem(err)))
	} else {
		r.Actions = append(r.Actions, probe("", plan.Fine, "the credentials belong to account "+account))
	}
	regions := union(f.Rules.Sources, f.Rules.Targets)
	known, err := s.Regions(ctx)
	if err != nil {
		r.Warnings = append(r.Warnings, "the regions could not be held against the service's own list: "+sentence(err))
		known = nil
	}
	var mu sync.Mutex
	each(f.Workers, regions, func(region string) {
		a := f.try(ctx, s, region)
		if known != nil && !slices.Contains(known, region) {
			a = probe(region, plan.Failed, "the service does not know this region: check SOURCE_REGIONS and TARGET_REGIONS")
		}
		mu.Lock()
		defer mu.Unlock()
		r.Actions = append(r.Actions, a)
	})
	slices.SortFunc(r.Actions, func(a, b plan.Action) int { return strings.Compare(a.From, b.From) })
	v := newView()
	f.list(ctx, v, f.Rules.Targets)
	r.Warnings = append(r.Warnings, f.rooms(ctx, s, v.world, slices.DeleteFunc(slices.Clone(f.Rules.Targets), func(t string) bool { return v.world.Blind[t] != "" }))...)
	r.Warnings = append(r.Warnings, "not tried, because a trial would change something: the permissions to copy, tag and delete snapshots")
	return r
}

// try reads from one region what the jobs will read there.
func (f *Ferry) try(ctx context.Context, s Surveyor, region string) plan.Action {
	if _, err := f.Cloud.ByName(ctx, region, []string{probeName}); err != nil {
		return probe(region, plan.Failed, sentence(err))
	}
	disks, err := s.CountDisks(ctx, region)
	if err != nil && slices.Contains(f.Rules.Sources, region) {
		return probe(region, plan.Failed, sentence(err))
	}
	role := "target region"
	if slices.Contains(f.Rules.Sources, region) {
		role = "source region"
	}
	return probe(region, plan.Fine, fmt.Sprintf("%s: snapshots and disks can be read, %d disks", role, disks))
}

func accountProblem(err error) string {
	if meaning(err) == cloud.StopRun {
		return "the credentials were not accepted: " + sentence(err)
	}
	return "the account could not be asked for: " + sentence(err)
}

func probe(region string, o plan.Outcome, reason string) plan.Action {
	return plan.Action{Kind: plan.Probe, From: region, Outcome: o, Reason: reason}
}
