package job

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// An observation is what was observed in the cloud, and when.
type observation struct {
	world *plan.World
	// at is when the first read of each region began.
	at map[string]time.Time
	// listed has the regions of which a list was read, not single snapshots.
	listed map[string]bool
	// failed has the regions that could not be read, with the reason.
	failed map[string]error
	// configured are the regions that the settings and the order name. Only
	// ferry:targets tags name any other.
	configured []string

	mu sync.Mutex // guards all of the above while regions are read in parallel
}

// forecastOver is the period over which the growth of a region is measured.
const forecastOver = 7 * 24 * time.Hour

func (r *Runner) newObservation() *observation {
	return &observation{world: plan.NewWorld(&r.Rules, r.Now().Add(-forecastOver)), at: map[string]time.Time{}, listed: map[string]bool{}, failed: map[string]error{}}
}

// observe reads what a plan for the order needs: the sources, their disks, and
// their target regions.
func (r *Runner) observe(ctx context.Context, o plan.Order) *observation {
	ctx, cancel := r.half(ctx)
	defer cancel()
	v := r.newObservation()
	v.world.Refused = r.Refused.Known(r.Now())
	v.configured = union(r.Rules.Sources, r.Rules.Targets, o.Targets)
	if len(o.Refs) > 0 {
		r.observeRefs(ctx, v, o)
	} else {
		r.observeAll(ctx, v, o)
	}
	return v
}

// errSlow ends reads that take half of the time of a run.
var errSlow = errors.New("reading took half of the time of this run, and the other half is for what could be read")

// half ends after half of the time that a run has left. So a region that answers
// slowly does not leave the others without work.
func (r *Runner) half(ctx context.Context) (context.Context, context.CancelFunc) {
	end, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	now := r.Now()
	return context.WithDeadlineCause(ctx, now.Add(end.Sub(now)/2), errSlow)
}

// orSlow is the error of a read, or errSlow with it.
func orSlow(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), errSlow) {
		return fmt.Errorf("%w: %w", errSlow, err)
	}
	return err
}

// observeAll lists the source and target regions, and at the same time the disks
// of the source regions. Then it lists the regions that only tags name.
func (r *Runner) observeAll(ctx context.Context, v *observation, o plan.Order) {
	listed := v.configured
	var both sync.WaitGroup
	both.Go(func() { each(r.Workers, listed, func(region string) { r.list(ctx, v, region) }) })
	both.Go(func() { each(r.Workers, r.Rules.Sources, func(region string) { r.listDisks(ctx, v, region) }) })
	both.Wait()
	named := slices.DeleteFunc(plan.Targets(&r.Rules, v.world, &o), func(region string) bool { return slices.Contains(listed, region) })
	each(r.Workers, named, func(region string) { r.list(ctx, v, region) })
}

// list observes all snapshots of a region.
func (r *Runner) list(ctx context.Context, v *observation, region string) {
	v.begin(region, r.Now())
	v.mu.Lock()
	v.listed[region] = true
	v.mu.Unlock()
	expected := false
	err := r.Cloud.Snapshots(ctx, region, func(page []cloud.Snapshot, total int) {
		v.mu.Lock()
		defer v.mu.Unlock()
		if !expected {
			v.world.Expect(total)
			expected = true
		}
		v.world.Add(region, page)
	})
	switch err = orSlow(ctx, err); {
	case errors.Is(err, cloud.ErrIncomplete):
		v.incomplete(region, err)
	case err != nil:
		v.drop(region, err)
	}
}

func (r *Runner) listDisks(ctx context.Context, v *observation, region string) {
	err := r.Cloud.Disks(ctx, region, func(page []cloud.Disk, _ int) {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.world.AddDisks(region, page)
		if r.eachDisk != nil {
			r.eachDisk(page)
		}
	})
	if err = orSlow(ctx, err); err != nil {
		v.disksUnread(region, err)
	}
}

func (v *observation) begin(region string, now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if was, ok := v.at[region]; !ok || now.Before(was) {
		v.at[region] = now
	}
	v.world.Begin(region)
}

// add adds the snapshots that a read of a region found, or its error. It returns
// false after an error.
func (v *observation) add(region string, found []cloud.Snapshot, err error) bool {
	if err != nil {
		v.drop(region, err)
		return false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.world.Add(region, found)
	return true
}

// drop removes a region from the observation. If only a tag names it and the service
// does not have it, this is no failure of the run: the protection of the tag's disk
// says so.
func (v *observation) drop(region string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if meaning(err) == cloud.NoSuchRegion && !slices.Contains(v.configured, region) {
		v.world.NoRegion[region] = true
		return
	}
	if v.world.Unlisted[region] == "" {
		v.failed[region] = err // replaces the error of its disks: one is enough
	}
	v.world.Drop(region, err.Error())
}

// incomplete notes that a region may hold more than its list showed. Each copy into
// it needs a newer read of its own: that is the meaning of the zero time.
func (v *observation) incomplete(region string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.world.Incomplete[region], v.failed[region], v.at[region] = err.Error(), err, time.Time{}
}

// disksUnread notes that some disks of a region could not be read.
func (v *observation) disksUnread(region string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.world.DisksUnread[region] = err.Error()
	if v.failed[region] == nil {
		v.failed[region] = err
	}
}
