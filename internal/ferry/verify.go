package ferry

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"snapferry/internal/plan"
)

// Verify looks, judges every replica that the order covers, and tags those
// that are proven. With dry it tags nothing. A replica that could not be tagged is no less proven:
// that is a warning, and the next run tries again.
//
// If we die between judging and tagging, the next run finds the tag missing
// and sets it.
func (f *Ferry) Verify(ctx context.Context, o plan.Order, dry bool) Report {
	o.Explicit = false
	v := f.look(ctx, plan.Order{Targets: o.Targets})
	actions, notes := plan.Verify(f.Rules, v.world, o, f.Now())
	if !dry {
		notes = append(notes, f.tag(ctx, actions)...)
	}
	for _, a := range actions {
		if Alarming(a.Outcome) {
			f.Log.Log(ctx, slog.LevelWarn, "verify", "snapshot", a.Snapshot, "region", a.From, "target", a.To, "replica", a.Replica, "outcome", a.Outcome, "reason", a.Reason)
		}
	}
	return Report{Actions: append(kindOf(v.failed, plan.Check), actions...), Warnings: notes}
}

// Alarming reports whether an outcome makes the whole run an error, so that
// the platform's error metric can ring.
func Alarming(o plan.Outcome) bool {
	switch o {
	case plan.Failed, plan.Stuck, plan.Unexpected, plan.Mismatch, plan.Missing:
		return true
	}
	return false
}

// tag marks the replicas that are proven, and returns warnings.
func (f *Ferry) tag(ctx context.Context, actions []plan.Action) []string {
	byRegion := map[string][]string{}
	for _, a := range actions {
		if a.Tag {
			byRegion[a.To] = append(byRegion[a.To], a.Replica)
		}
	}
	if len(byRegion) == 0 || f.late(ctx) {
		return nil
	}
	account := f.Account
	if account == "" {
		var err error
		if account, err = f.Cloud.Account(ctx); err != nil {
			return []string{fmt.Sprintf("verified replicas are not tagged, the account is unknown: %s", sentence(err))}
		}
	}
	var mu sync.Mutex
	var warnings []string
	each(f.Workers, slices.Sorted(maps.Keys(byRegion)), func(region string) {
		w := f.tagIn(ctx, region, account, byRegion[region])
		mu.Lock()
		defer mu.Unlock()
		warnings = append(warnings, w...)
	})
	slices.Sort(warnings)
	return warnings
}

func (f *Ferry) tagIn(ctx context.Context, region, account string, replicas []string) []string {
	refused, err := f.Cloud.Tag(ctx, region, account, replicas, plan.StateTag, plan.StateVerified)
	if err != nil {
		return []string{fmt.Sprintf("verified replicas in %s are not all tagged: %s", region, sentence(err))}
	}
	if ids := slices.Sorted(maps.Keys(refused)); len(ids) > 0 {
		return []string{fmt.Sprintf("%d verified replicas in %s are not tagged, the first is %s: %s", len(ids), region, ids[0], sentence(refused[ids[0]]))}
	}
	return nil
}
