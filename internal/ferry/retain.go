package ferry

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A Deleter removes replicas. Delete takes one id; one that is already gone is
// no error. It sends nothing from notAfter on. Unshare withdraws shares; it is
// idempotent.
type Deleter interface {
	Delete(ctx context.Context, region, id string, notAfter time.Time) error
	Unshare(ctx context.Context, region string, ids, accounts []string) error
	// SharedWith returns the accounts that a snapshot is shared with.
	SharedWith(ctx context.Context, region, id string) ([]string, error)
}

// Retain looks, plans, and deletes what the keep rules no longer want, one
// replica after the other. With dry it stops after the plan.
//
// If we die between two deletions, the replicas already deleted are gone and
// the next run plans on what is left.
func (f *Ferry) Retain(ctx context.Context, d Deleter, o plan.Order, dry bool) Report {
	v := f.look(ctx, plan.Order{})
	rules := f.Rules
	if !dry {
		rules.DeleteLimit = 0 // counted here: what the service refuses uses none of it up
	}
	all := plan.Make(rules, v.world, plan.Order{Force: o.Force, Targets: o.Targets}, f.Now())
	unsettled := slices.ContainsFunc(all, func(a plan.Action) bool {
		return a.Kind == plan.Copy && slices.Contains([]plan.Outcome{plan.Planned, plan.InProgress, plan.Waiting, plan.Failed}, a.Outcome)
	})
	actions := only(plan.Delete, all)
	if !dry {
		f.clear(ctx, d, v, actions)
	}
	return Report{Actions: append(kindOf(v.failed, plan.Delete), actions...), Unsettled: unsettled}
}

// A clearing is the deleting part of one run.
type clearing struct {
	f     *Ferry
	d     Deleter
	lanes map[laneKey]*laneLook
	left  int    // deletions until the limit; below zero there is none
	stop  string // why nothing more is deleted
}

// laneKey names the replicas that are ranked together: those of one disk in
// one region. Among them are the ones that justify a deletion.
type laneKey struct{ from, disk, to string }

func laneOf(a *plan.Action) laneKey { return laneKey{a.From, a.Disk, a.To} }

// A laneLook is what was seen of a lane, and since when that may have changed.
type laneLook struct {
	at    time.Time
	world plan.World
}

// clear carries out the planned deletions in their order: doubles first, then
// the oldest.
func (f *Ferry) clear(ctx context.Context, d Deleter, v *view, actions []plan.Action) {
	c := &clearing{f: f, d: d, left: f.Rules.DeleteLimit}
	if c.left == 0 {
		c.left = -1
	}
	var work []*plan.Action
	for i := range actions {
		if actions[i].Outcome == plan.WouldDelete {
			work = append(work, &actions[i])
		}
	}
	c.lanes = lanesOf(v, work)
	for n, a := range work {
		c.one(ctx, a)
		level := slog.LevelInfo
		if a.Outcome != plan.Deleted {
			level = slog.LevelWarn
		}
		f.Log.Log(ctx, level, "delete", "snapshot", a.Snapshot, "region", a.From, "target", a.To, "replica", a.Replica, "outcome", a.Outcome, "reason", a.Reason)
		if f.Progress != nil {
			f.Progress(n+1, len(work))
		}
	}
}

// lanesOf takes the lanes that are worked on out of the look that the plan was
// made on: the replicas, their sources, and the disk.
func lanesOf(v *view, work []*plan.Action) map[laneKey]*laneLook {
	lanes := map[laneKey]*laneLook{}
	bySource := map[plan.Ref][]*laneLook{}
	for _, a := range work {
		k := laneOf(a)
		if lanes[k] != nil {
			continue
		}
		lanes[k] = &laneLook{at: v.looked[a.To], world: plan.World{Blind: v.world.Blind, Untagged: v.world.Untagged}}
		source := plan.Ref{Region: a.From, Disk: a.Disk}
		bySource[source] = append(bySource[source], lanes[k])
	}
	for _, s := range v.world.Snapshots {
		if l, ours := plan.Ours(&s); !ours {
			for _, look := range bySource[plan.Ref{Region: s.Region, Disk: s.Disk}] {
				look.world.Snapshots = append(look.world.Snapshots, s)
			}
		} else if look := lanes[laneKey{l.Region, l.Disk, s.Region}]; look != nil {
			look.world.Snapshots = append(look.world.Snapshots, s)
		}
	}
	for _, d := range v.world.Disks {
		for _, look := range bySource[plan.Ref{Region: d.Region, Disk: d.ID}] {
			look.world.Disks = append(look.world.Disks, d)
		}
	}
	return lanes
}

// one deletes one replica, or says why not. It decides again first if the look
// that the plan was made on, at this replica and at those that justify its
// deletion, has become too old.
func (c *clearing) one(ctx context.Context, a *plan.Action) {
	look := c.lanes[laneOf(a)]
	for range looksAgain {
		if why := c.held(ctx); why != "" {
			a.Outcome, a.Reason = plan.Deferred, why
			return
		}
		if !c.f.Now().Add(slack).Before(look.at.Add(lookAge)) {
			if err := c.lookAgain(ctx, a.To, look); err != nil {
				c.settle(a, "could not be looked at again before deleting: ", err, plan.Deferred)
				return
			}
		}
		if c.recheck(a, look); a.Outcome != plan.WouldDelete {
			return
		}
		if look.find(a.Replica).SharedOut > 0 {
			if done := c.unshare(ctx, a, look); done {
				return
			}
		}
		err := c.d.Delete(ctx, a.To, a.Replica, look.at.Add(lookAge))
		switch {
		case err != nil && meaning(err) == cloud.TooOld:
			look.at = time.Time{}
			continue
		case err != nil:
			c.settle(a, "", err, plan.Failed)
		default:
			a.Outcome = plan.Deleted
			look.forget(a.Replica)
		}
		if a.Outcome == plan.Deleted || a.Outcome == plan.Unknown {
			c.left--
		}
		return
	}
	a.Outcome, a.Reason = plan.Deferred, "the look at it was too old each time its turn came"
}

// unshare withdraws the shares that this product makes, which must go before
// the replica can. It reports true if that ends the action: where one share is
// somebody else's, all stay, and so does the replica.
func (c *clearing) unshare(ctx context.Context, a *plan.Action, look *laneLook) bool {
	accounts, err := c.d.SharedWith(ctx, a.To, a.Replica)
	if err != nil {
		c.settle(a, "before deleting: ", err, plan.Failed)
		return true
	}
	for _, account := range accounts {
		if !slices.Contains(c.f.Accounts, account) {
			a.Outcome, a.Reason = plan.Kept, a.Reason+", but it is shared with an account that is not in SHARE_ACCOUNTS"
			return true
		}
	}
	if err := c.d.Unshare(ctx, a.To, []string{a.Replica}, accounts); err != nil {
		c.settle(a, "before deleting: ", err, plan.Failed)
		return true
	}
	if err := c.lookAgain(ctx, a.To, look); err != nil {
		c.settle(a, "could not be looked at again before deleting: ", err, plan.Deferred)
		return true
	}
	c.recheck(a, look)
	return a.Outcome != plan.WouldDelete
}

// lookAgain looks again at every replica of a lane, by id.
func (c *clearing) lookAgain(ctx context.Context, region string, look *laneLook) error {
	var ids []string
	for _, s := range look.world.Snapshots {
		if s.Region == region {
			ids = append(ids, s.ID)
		}
	}
	began := c.f.Now()
	found, err := c.f.Cloud.ByID(ctx, region, ids)
	if err != nil {
		return err
	}
	look.at = began
	look.world.Snapshots = append(slices.DeleteFunc(look.world.Snapshots, func(s cloud.Snapshot) bool { return s.Region == region }), found...)
	return nil
}

// recheck plans the lane anew. The guard and the limit were for the whole run
// and have been held already.
func (c *clearing) recheck(a *plan.Action, look *laneLook) {
	rules := c.f.Rules
	rules.DeleteLimit, rules.Targets = 0, []string{a.To}
	for _, now := range plan.Make(rules, look.world, plan.Order{Force: true}, c.f.Now()) {
		if now.Kind == plan.Delete && now.Replica == a.Replica && now.To == a.To {
			a.Outcome, a.Reason = now.Outcome, now.Reason
			return
		}
	}
	a.Outcome, a.Reason = plan.Kept, "it is gone, or no longer a replica of ours"
}

func (l *laneLook) find(id string) *cloud.Snapshot {
	if i := slices.IndexFunc(l.world.Snapshots, func(s cloud.Snapshot) bool { return s.ID == id }); i >= 0 {
		return &l.world.Snapshots[i]
	}
	return nil
}

func (l *laneLook) forget(id string) {
	l.world.Snapshots = slices.DeleteFunc(l.world.Snapshots, func(s cloud.Snapshot) bool { return s.ID == id })
}

// held says why nothing more is deleted; "" if the work goes on.
func (c *clearing) held(ctx context.Context) string {
	switch {
	case c.stop != "":
		return "the run was stopped: " + c.stop
	case c.left == 0:
		return "DELETE_LIMIT is reached for this run"
	case c.f.late(ctx):
		return "no time left in this run"
	}
	return ""
}

// settle ends a deletion as an error demands. refused is the outcome of a
// plain refusal.
func (c *clearing) settle(a *plan.Action, when string, err error, refused plan.Outcome) {
	a.Reason = when + sentence(err)
	switch meaning(err) {
	case cloud.Gone:
		a.Outcome = plan.Deleted
	case cloud.Later, cloud.OutOfTime, cloud.TooOld:
		a.Outcome = plan.Deferred
	case cloud.StopRun:
		a.Outcome = plan.Failed
		c.stop = short(err)
	case cloud.MayHaveHappened:
		a.Outcome = plan.Unknown
		if refused == plan.Deferred {
			a.Outcome = plan.Deferred // a look that failed changed nothing
		}
	default:
		a.Outcome = refused
	}
}
