package job

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A batch is one change that several replicas of one region need.
type batch struct {
	to       string
	replicas []plan.Decision
	tags     map[string]string // nil: the replicas are shared
	refused  string            // what a refusal means, for people
}

// complete gives proven replicas what they lack, and returns an action for each
// refusal. What could not be asked for in time is left to the next run.
func (r *Runner) complete(ctx context.Context, lacks *plan.Lacks) (refused []Action) {
	byRegion := map[string][]*batch{}
	for _, b := range batches(lacks) {
		byRegion[b.to] = append(byRegion[b.to], b)
	}
	if len(byRegion) == 0 || r.late(ctx) {
		return nil
	}
	account := r.Account
	if account == "" && len(lacks.Untagged)+len(lacks.Tags) > 0 {
		who, err := r.Cloud.Identity(ctx)
		if err != nil {
			return []Action{{Kind: plan.KindVerify, Outcome: plan.Failed, Reason: "proven replicas are not tagged, because the account is unknown: " + sentence(err)}}
		}
		account = who.Account
	}
	var mu sync.Mutex
	each(r.Workers, slices.Sorted(maps.Keys(byRegion)), func(region string) {
		for _, b := range byRegion[region] {
			some := r.carry(ctx, account, b)
			mu.Lock()
			refused = append(refused, some...)
			mu.Unlock()
		}
	})
	slices.SortFunc(refused, func(a, b Action) int {
		return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.Replica, b.Replica), cmp.Compare(a.Reason, b.Reason))
	})
	return refused
}

// batches groups what replicas lack: ferry:state comes first and alone, because no
// other tag must spoil it. Then come the copied tags, one batch for each set of tags,
// and the shares.
func batches(lacks *plan.Lacks) (all []*batch) {
	at := map[string]*batch{}
	add := func(d plan.Decision, tags map[string]string, refused string) {
		key := fmt.Sprint(d.To, refused, tags) // fmt prints maps sorted
		if at[key] == nil {
			at[key] = &batch{to: d.To, tags: tags, refused: refused}
			all = append(all, at[key])
		}
		at[key].replicas = append(at[key].replicas, d)
	}
	for _, d := range lacks.Untagged {
		add(d, map[string]string{plan.StateTag: plan.StateVerified}, "its tag was refused, so nothing will prove it when its source is gone: ")
	}
	for _, m := range lacks.Tags {
		add(m.Decision, m.Tags, "its copied tags ("+strings.Join(slices.Sorted(maps.Keys(m.Tags)), ", ")+") were refused: ")
	}
	for _, d := range lacks.Unshared {
		add(d, nil, "sharing it with SHARE_ACCOUNTS was refused: ")
	}
	return all
}

// carry carries out a batch. An error for all is one action, which names the first
// replica.
func (r *Runner) carry(ctx context.Context, account string, b *batch) (failed []Action) {
	ids := make([]string, len(b.replicas))
	for i := range b.replicas {
		ids[i] = b.replicas[i].Replica
	}
	var refused map[string]error
	var err error
	if b.tags != nil {
		refused, err = r.Cloud.Tag(ctx, b.to, account, ids, b.tags)
	} else {
		refused, err = r.Cloud.Share(ctx, b.to, ids, r.Rules.ShareAccounts)
	}
	failure := func(d *plan.Decision, why string) {
		a := actionOf(d)
		a.Outcome, a.Reason = plan.Failed, why
		failed = append(failed, a)
	}
	for i := range b.replicas {
		if why := refused[b.replicas[i].Replica]; why != nil {
			failure(&b.replicas[i], b.refused+sentence(why))
		}
	}
	if m := meaning(err); err != nil && m != cloud.OutOfTime && m != cloud.Later {
		failure(&b.replicas[0], fmt.Sprintf("%s%s; this is the first of %d replicas in %s", b.refused, sentence(err), len(ids), b.to))
	}
	return failed
}
