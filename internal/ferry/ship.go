package ferry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// looksAgain bounds how often one shipment looks again because the look had
// become too old while it waited for its turn. It stays undone then: the next
// run begins with a new look.
const looksAgain = 5

// ship requests the copies of one shipment.
func (c *crossing) ship(ctx context.Context, s *shipment) {
	defer c.finish(ctx, s)
	for range looksAgain {
		c.hold(ctx, s)
		if len(s.planned()) == 0 {
			return
		}
		if err := c.look.again(ctx, s); err != nil {
			c.unseen(s, err)
			return
		}
		to := s.planned()
		if len(to) == 0 {
			return
		}
		if c.request(ctx, s, to) {
			return
		}
	}
	for _, a := range s.planned() {
		a.Outcome, a.Reason = plan.Deferred, "the look at it was too old each time its turn came"
	}
}

// planned are the actions that still ask for a copy.
func (s *shipment) planned() []*plan.Action {
	var left []*plan.Action
	for _, a := range s.actions {
		if a.Outcome == plan.Planned {
			left = append(left, a)
		}
	}
	return left
}

// request sends one copy request for some regions and takes every row for
// what it says. It reports false if nothing was sent because the look had
// become too old.
//
// If we die after the request was sent, its replicas exist or are being made,
// and nobody has noted their ids. The next run finds them by their name.
func (c *crossing) request(ctx context.Context, s *shipment, to []*plan.Action) bool {
	r := cloud.CopyRequest{Source: s.first.Snapshot, From: s.first.From, Name: s.first.Name, NotAfter: s.since.Add(lookAge)}
	for _, a := range to {
		r.To = append(r.To, a.To)
	}
	// While this waited for its turn, another answer may have closed a region.
	r.Still = func() bool { return c.open(r.To) }
	if len(to) > 1 && c.oneByOne() {
		return c.apart(ctx, s, to)
	}
	rows, err := c.f.Cloud.Copy(ctx, r)
	if err != nil {
		switch m := meaning(err); {
		case m == cloud.TooOld:
			return false
		case len(to) > 1 && (m == cloud.WrongRequest || m == cloud.RegionFull):
			// The service refused all for what may be one region's fault, and
			// did nothing: ask for each region by itself.
			return c.apart(ctx, s, to)
		default:
			c.settle(to, err)
			return true
		}
	}
	for i, a := range to {
		if rows[i].Err != nil {
			c.settle([]*plan.Action{a}, rows[i].Err)
			continue
		}
		a.Outcome, a.Replica = plan.Started, rows[i].Replica
	}
	return true
}

// apart requests one region after the other. A region that is refused as
// wrong, while another one takes the same request, is at fault itself: it is
// not asked again in this run.
func (c *crossing) apart(ctx context.Context, s *shipment, to []*plan.Action) bool {
	accepted := 0
	for _, a := range to {
		if c.hold(ctx, s); a.Outcome != plan.Planned {
			continue
		}
		if !c.request(ctx, s, []*plan.Action{a}) {
			return false // what was settled stays settled; the rest is looked at again
		}
		if a.Outcome == plan.Started {
			accepted++
		}
	}
	if accepted == len(to) {
		c.mu.Lock()
		c.alone = true
		c.mu.Unlock()
	}
	for _, a := range to {
		if accepted > 0 && a.Outcome == plan.Failed {
			c.close(a.To, "it refused a request that another region took")
		}
	}
	return true
}

// open reports whether copies are still requested for all of some regions.
func (c *crossing) open(regions []string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.run == "" && !slices.ContainsFunc(regions, func(r string) bool { return c.full[r] != "" })
}

func (c *crossing) oneByOne() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.alone
}

// close lets nothing more be requested for a region in this run. It reports
// whether it is the first to say so.
func (c *crossing) close(region, why string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.full[region] != "" {
		return false
	}
	c.full[region] = why
	return true
}

// stop lets nothing more be requested at all.
func (c *crossing) stop(why string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.run != "" {
		return false
	}
	c.run = why
	return true
}

// hold defers what must not be requested any more.
func (c *crossing) hold(ctx context.Context, s *shipment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range s.planned() {
		switch {
		case c.run != "":
			a.Outcome, a.Reason = plan.Deferred, "the run was stopped: "+c.run
		case c.full[a.To] != "":
			a.Outcome, a.Reason = plan.Deferred, a.To+" takes no more copies in this run: "+c.full[a.To]
		case c.f.late(ctx):
			a.Outcome, a.Reason = plan.Deferred, "no time left in this run"
		}
	}
}

// settle ends actions as an error demands.
func (c *crossing) settle(actions []*plan.Action, err error) {
	m, why := meaning(err), sentence(err)
	for _, a := range actions {
		a.Reason = why
		switch m {
		case cloud.AlreadyUnderWay:
			a.Outcome = plan.InProgress
		case cloud.NotReady:
			a.Outcome = plan.Waiting
		case cloud.Later, cloud.OutOfTime:
			a.Outcome = plan.Deferred
		case cloud.NeverThis:
			a.Outcome = plan.Ineligible
			c.f.Refused.Note(a.Snapshot, a.To, why, c.f.Now())
		case cloud.Gone:
			a.Outcome = plan.Skipped
		case cloud.RegionFull:
			a.Outcome = plan.Deferred
			if c.close(a.To, "its quota is used up") {
				a.Outcome = plan.Failed
			}
		case cloud.StopRun:
			a.Outcome = plan.Deferred
			if c.stop(short(err)) {
				a.Outcome = plan.Failed
			}
		case cloud.MayHaveHappened:
			a.Outcome = plan.Unknown
			a.Reason = fmt.Sprintf("no clear answer, the next run looks for the replica: %s", why)
		default:
			a.Outcome = plan.Failed
		}
	}
}

// unseen puts off what could not be looked at again: nothing was requested.
func (c *crossing) unseen(s *shipment, err error) {
	if meaning(err) == cloud.StopRun {
		c.settle(s.planned(), err)
		return
	}
	for _, a := range s.planned() {
		a.Outcome, a.Reason = plan.Deferred, "could not be looked at again before copying: "+sentence(err)
	}
}

// short is an error's code where it has one: the failed action has the rest.
func short(err error) string {
	var c interface{ ErrorCode() string }
	if errors.As(err, &c) && c.ErrorCode() != "" {
		return c.ErrorCode()
	}
	return err.Error()
}

// finish logs what became of a shipment, as it happens: a run that is killed
// has said what it did.
func (c *crossing) finish(ctx context.Context, s *shipment) {
	for _, a := range s.actions {
		level := slog.LevelInfo
		if a.Outcome == plan.Failed || a.Outcome == plan.Unknown {
			level = slog.LevelWarn
		}
		c.f.Log.Log(ctx, level, "copy", "snapshot", a.Snapshot, "region", a.From, "target", a.To, "replica", a.Replica, "outcome", a.Outcome, "reason", a.Reason)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	if c.f.Progress != nil {
		c.f.Progress(c.done, c.total)
	}
}
