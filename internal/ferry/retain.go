package ferry

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"snapferry/internal/plan"
)

// A Deleter removes replicas. Delete takes one id; one that is already gone is
// no error. It sends nothing from notAfter on. Unshare withdraws shares; it is
// idempotent.
type Deleter interface {
	Delete(ctx context.Context, region, id string, notAfter time.Time) error
	Unshare(ctx context.Context, region string, ids, accounts []string) error
}

// Retain looks, plans, and deletes what the keep rules no longer want, one
// replica at a time. With dry it stops after the plan.
//
// If we die between two deletions, the replicas already deleted are gone and
// the next run plans on what is left.
func (f *Ferry) Retain(ctx context.Context, d Deleter, o plan.Order, dry bool) Report {
	v := f.look(ctx, plan.Order{})
	all := plan.Make(f.Rules, v.world, plan.Order{Force: o.Force, Targets: o.Targets}, f.Now())
	unsettled := slices.ContainsFunc(all, func(a plan.Action) bool {
		return a.Kind == plan.Copy && (a.Outcome == plan.Planned || a.Outcome == plan.InProgress || a.Outcome == plan.Waiting)
	})
	actions := only(plan.Delete, all)
	if !dry {
		f.clear(ctx, d, v, actions)
	}
	return Report{Actions: append(kindOf(v.failed, plan.Delete), actions...), Unsettled: unsettled}
}

// A clearing is the deleting part of one run.
type clearing struct {
	f *Ferry
	d Deleter
	v *view

	mu   sync.Mutex
	stop string // why nothing more is deleted
}

// clear carries out the planned deletions, region by region in parallel and
// one after the other within a region.
func (f *Ferry) clear(ctx context.Context, d Deleter, v *view, actions []plan.Action) {
	c := &clearing{f: f, d: d, v: v}
	byRegion := map[string][]*plan.Action{}
	var regions []string
	for i := range actions {
		if a := &actions[i]; a.Outcome == plan.WouldDelete {
			if byRegion[a.To] == nil {
				regions = append(regions, a.To)
			}
			byRegion[a.To] = append(byRegion[a.To], a)
		}
	}
	each(f, regions, func(region string) {
		looks := map[laneOf]*laneLook{}
		for _, a := range byRegion[region] {
			c.one(ctx, a, looks)
			level := slog.LevelInfo
			if a.Outcome != plan.Deleted {
				level = slog.LevelWarn
			}
			f.Log.Log(ctx, level, "delete", "snapshot", a.Snapshot, "region", a.From, "target", a.To, "replica", a.Replica, "outcome", a.Outcome, "reason", a.Reason)
		}
	})
}

// laneOf names the replicas that are ranked together: those of one disk in one
// region. Among them are the ones that justify a deletion.
type laneOf struct{ from, disk string }

// A laneLook is what was seen of a lane, and since when that may have changed.
type laneLook struct {
	at    time.Time
	world plan.World
}

// one deletes one replica, or says why not. It decides again first if the look
// that the plan was made on, at this replica and at those that justify its
// deletion, has become too old.
func (c *clearing) one(ctx context.Context, a *plan.Action, looks map[laneOf]*laneLook) {
	key := laneOf{a.From, a.Disk}
	if looks[key] == nil {
		looks[key] = c.firstLook(a)
	}
	look := looks[key]
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
		err := c.send(ctx, a, look)
		if err != nil && meaning(err) == plan.TooOld {
			look.at = time.Time{}
			continue
		}
		if err == nil {
			a.Outcome = plan.Deleted
			look.forget(a.Replica)
		} else {
			c.settle(a, "", err, plan.Failed)
		}
		return
	}
	a.Outcome, a.Reason = plan.Deferred, "the look at it was too old each time its turn came"
}

// firstLook takes a lane out of the look that the plan was made on.
func (c *clearing) firstLook(a *plan.Action) *laneLook {
	look := &laneLook{at: c.v.looked[a.To], world: plan.World{Disks: c.v.world.Disks, Blind: c.v.world.Blind}}
	for _, s := range c.v.world.Snapshots {
		l, ours := plan.Ours(&s)
		if (ours && s.Region == a.To && l.Region == a.From && l.Disk == a.Disk) || (!ours && s.Region == a.From && s.Disk == a.Disk) {
			look.world.Snapshots = append(look.world.Snapshots, s)
		}
	}
	return look
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
	look.world.Snapshots = append(slices.DeleteFunc(look.world.Snapshots, func(s plan.Snapshot) bool { return s.Region == region }), found...)
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

func (l *laneLook) forget(id string) {
	l.world.Snapshots = slices.DeleteFunc(l.world.Snapshots, func(s plan.Snapshot) bool { return s.ID == id })
}

// send withdraws the shares that this product made, and deletes.
func (c *clearing) send(ctx context.Context, a *plan.Action, look *laneLook) error {
	i := slices.IndexFunc(look.world.Snapshots, func(s plan.Snapshot) bool { return s.ID == a.Replica })
	if look.world.Snapshots[i].SharedOut > 0 {
		if err := c.d.Unshare(ctx, a.To, []string{a.Replica}, c.f.Accounts); err != nil {
			return fmt.Errorf("before deleting: %w", err)
		}
	}
	return c.d.Delete(ctx, a.To, a.Replica, look.at.Add(lookAge))
}

// held says why nothing more is deleted; "" if the work goes on.
func (c *clearing) held(ctx context.Context) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.stop != "":
		return "the run was stopped: " + c.stop
	case c.f.late(ctx):
		return "no time left in this run"
	}
	return ""
}

// settle ends a deletion as an error demands. refused is the outcome of a
// plain refusal.
func (c *clearing) settle(a *plan.Action, when string, err error, refused plan.Outcome) {
	why := when + sentence(err)
	a.Reason = why
	switch meaning(err) {
	case plan.Gone:
		a.Outcome = plan.Deleted
	case plan.Later, plan.OutOfTime, plan.TooOld:
		a.Outcome = plan.Deferred
	case plan.StopRun:
		c.mu.Lock()
		defer c.mu.Unlock()
		a.Outcome = plan.Deferred
		if c.stop == "" {
			c.stop, a.Outcome = short(err), plan.Failed
		}
	case plan.MayHaveHappened:
		a.Outcome = plan.Unknown
		if refused == plan.Deferred {
			a.Outcome = plan.Deferred // a look that failed changed nothing
		}
	default:
		a.Outcome = refused
	}
}
