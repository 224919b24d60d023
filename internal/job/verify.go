package job

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// Verify observes, judges every replica that the order covers, says how far each disk
// is protected, and tags the proven replicas. With dry it tags nothing. A proven
// replica whose tag is refused is failed: without the tag it is no proof any more when
// its source is gone. The next run tries again.
//
// It does not believe what the instance remembers of refused copies: an alarm must
// not depend on which functions share an instance.
//
// If the process dies before all are tagged, the next run sets the missing tags.
func (r *Runner) Verify(ctx context.Context, o plan.Order, dry bool) *Report {
	o.Explicit = false
	seen := r.observe(ctx, plan.Order{Targets: o.Targets})
	seen.world.Refused = nil
	report := r.report(plan.KindVerify, seen)
	untagged, protection := plan.Verify(&r.Rules, seen.world, r.task(o), r.Now(), func(d plan.Decision) {
		report.note(d)
		if d.Outcome.Alarms() {
			a := actionOf(&d)
			r.logAction(ctx, slog.LevelError, &a)
		}
	}, report.warn)
	if len(o.Refs) == 0 {
		report.Protection = &protection
	}
	if !dry {
		for _, a := range r.tag(ctx, untagged) {
			r.logAction(ctx, slog.LevelError, &a)
			report.add(a)
		}
	}
	return report.end()
}

// tag tags the proven replicas, and returns an action for each one whose tag was
// refused. One that could not be asked for in time is left to the next run.
func (r *Runner) tag(ctx context.Context, untagged []plan.Decision) (refused []Action) {
	byRegion := map[string][]*plan.Decision{}
	for i := range untagged {
		d := &untagged[i]
		byRegion[d.To] = append(byRegion[d.To], d)
	}
	if len(byRegion) == 0 || r.late(ctx) {
		return nil
	}
	account := r.Account
	if account == "" {
		who, err := r.Cloud.Identity(ctx)
		if err != nil {
			return []Action{{Kind: plan.KindVerify, Outcome: plan.Failed, Reason: "proven replicas are not tagged, because the account is unknown: " + sentence(err)}}
		}
		account = who.Account
	}
	var mu sync.Mutex
	each(r.Workers, slices.Sorted(maps.Keys(byRegion)), func(region string) {
		some := r.tagIn(ctx, region, account, byRegion[region])
		mu.Lock()
		defer mu.Unlock()
		refused = append(refused, some...)
	})
	slices.SortFunc(refused, func(a, b Action) int { return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.Replica, b.Replica)) })
	return refused
}

// tagIn tags replicas of one region. An error for all is one action.
func (r *Runner) tagIn(ctx context.Context, region, account string, untagged []*plan.Decision) (failed []Action) {
	ids := make([]string, len(untagged))
	for i, d := range untagged {
		ids[i] = d.Replica
	}
	refused, err := r.Cloud.Tag(ctx, region, account, ids, plan.StateTag, plan.StateVerified)
	if m := meaning(err); err != nil && m != cloud.OutOfTime && m != cloud.Later {
		failed = append(failed, Action{
			Kind: plan.KindVerify, To: region, Outcome: plan.Failed,
			Reason: "some proven replicas are not tagged, so nothing will prove them when their sources are gone: " + sentence(err),
		})
	}
	for _, d := range untagged {
		if why := refused[d.Replica]; why != nil {
			a := actionOf(d)
			a.Outcome, a.Reason = plan.Failed, "its tag was refused, so nothing will prove it when its source is gone: "+sentence(why)
			failed = append(failed, a)
		}
	}
	return failed
}
