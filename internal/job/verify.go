package job

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"snapferry/internal/plan"
)

// Verify observes, judges every replica that the order covers, and tags the proven
// ones. With dry it tags nothing. A proven replica that could not be tagged is a
// warning, and the next run tries again.
//
// If the process dies before all are tagged, the next run sets the missing tags.
func (r *Runner) Verify(ctx context.Context, o plan.Order, dry bool) *Report {
	o.Explicit = false
	seen := r.observe(ctx, plan.Order{Targets: o.Targets})
	report := r.report(plan.KindVerify, seen)
	untagged := plan.Verify(&r.Rules, seen.world, r.task(o), r.Now(), func(d plan.Decision) {
		report.note(d)
		if d.Outcome.Alarms() {
			a := actionOf(&d)
			r.logAction(ctx, slog.LevelWarn, &a)
		}
	}, report.warn)
	if !dry {
		// They come first: there are few, and somebody has to act on them.
		report.Warnings = append(r.tag(ctx, untagged), report.Warnings...)
	}
	return report.end()
}

// tag tags the proven replicas, and returns warnings.
func (r *Runner) tag(ctx context.Context, untagged []plan.Decision) []string {
	byRegion := map[string][]string{}
	for i := range untagged {
		d := &untagged[i]
		byRegion[d.To] = append(byRegion[d.To], d.Replica)
	}
	if len(byRegion) == 0 || r.late(ctx) {
		return nil
	}
	account := r.Account
	if account == "" {
		who, err := r.Cloud.Identity(ctx)
		if err != nil {
			return []string{"proven replicas are not tagged, because the account is unknown: " + sentence(err)}
		}
		account = who.Account
	}
	var mu sync.Mutex
	var warnings []string
	each(r.Workers, slices.Sorted(maps.Keys(byRegion)), func(region string) {
		w := r.tagIn(ctx, region, account, byRegion[region])
		mu.Lock()
		defer mu.Unlock()
		warnings = append(warnings, w...)
	})
	slices.Sort(warnings)
	return warnings
}

func (r *Runner) tagIn(ctx context.Context, region, account string, replicas []string) []string {
	refused, err := r.Cloud.Tag(ctx, region, account, replicas, plan.StateTag, plan.StateVerified)
	if err != nil {
		return []string{fmt.Sprintf("some proven replicas in %s are not tagged: %s", region, sentence(err))}
	}
	if ids := slices.Sorted(maps.Keys(refused)); len(ids) > 0 {
		return []string{fmt.Sprintf("%d proven replicas in %s are not tagged; the first is %s: %s", len(ids), region, ids[0], sentence(refused[ids[0]]))}
	}
	return nil
}
