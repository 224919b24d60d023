package job

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// checkName is a name that no snapshot has. A search for it tests the permission
// to list, and the answer is short.
const checkName = "snapferry-check"

// Check tests the credentials and every region with read-only requests. It warns
// about permissions that can't be tested without a change.
func (r *Runner) Check(ctx context.Context) *Report {
	actions := []Action{r.checkAccount(ctx)}
	var warnings []string
	known, err := r.Cloud.Regions(ctx)
	if err != nil {
		warnings = append(warnings, "cannot compare the regions with the service's own list: "+sentence(err))
	}
	var mu sync.Mutex
	each(r.Workers, union(r.Rules.Sources, r.Rules.Targets), func(region string) {
		a := r.checkRegion(ctx, region)
		if err == nil && !slices.Contains(known, region) {
			a = checked(region, plan.Failed, "the service does not know this region: check SOURCE_REGIONS and TARGET_REGIONS")
		}
		mu.Lock()
		defer mu.Unlock()
		actions = append(actions, a)
	})
	slices.SortFunc(actions, func(a, b Action) int { return strings.Compare(a.From, b.From) })
	report := NewReport(0, actions...)
	seen := r.newObservation()
	each(r.Workers, r.Rules.Targets, func(region string) { r.list(ctx, seen, region) })
	report.warn(warnings...)
	_, nearlyFull := r.quotas(ctx, seen.world, r.Rules.Targets, false)
	report.warnOf(nearlyFull)
	report.warn("not tested, because a test would change something: the permissions to copy, tag and delete snapshots")
	return report.end()
}

func (r *Runner) checkAccount(ctx context.Context) Action {
	who, err := r.Cloud.Identity(ctx)
	switch {
	case err == nil:
		return checked("", plan.Fine, "the credentials belong to account "+who.Account)
	case meaning(err) == cloud.StopRun:
		return checked("", plan.Failed, "the credentials were not accepted: "+sentence(err))
	}
	return checked("", plan.Failed, "cannot query the account: "+sentence(err))
}

// checkRegion sends one region the requests that the jobs send to read it.
func (r *Runner) checkRegion(ctx context.Context, region string) Action {
	if _, err := r.Cloud.SnapshotsByName(ctx, region, []string{checkName}); err != nil {
		return checked(region, plan.Failed, sentence(err))
	}
	role := "target region"
	isSource := slices.Contains(r.Rules.Sources, region)
	if isSource {
		role = "source region"
	}
	disks, err := r.Cloud.CountDisks(ctx, region)
	if err != nil && isSource {
		return checked(region, plan.Failed, sentence(err))
	}
	return checked(region, plan.Fine, fmt.Sprintf("%s: snapshots and disks can be read, %d disks", role, disks))
}

func checked(region string, o plan.Outcome, reason string) Action {
	return Action{Kind: plan.KindCheck, From: region, Outcome: o, Reason: reason}
}
