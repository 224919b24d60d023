package job

import (
	"context"
	"log/slog"
	"sync"

	"snapferry/internal/plan"
)

// Copy observes, plans, and requests the missing copies. With dry it stops after
// the plan.
//
// If the process dies between two requests, the requested copies continue. The
// next run finds them by name, and requests the others.
//
// A sweep also warns about target regions that are nearly full. An event does
// not, because it must need few calls.
func (r *Runner) Copy(ctx context.Context, o plan.Order, dry bool) *Report {
	seen := r.observe(ctx, o)
	report := r.report(plan.KindCopy, seen)
	t := r.task(o)
	t.Copies = true
	p := plan.Make(&r.Rules, seen.world, t, r.Now(), report.note, report.warn)
	report.Unsettled = p.Unsettled
	var both sync.WaitGroup
	var warnings []string
	if len(o.Refs) == 0 {
		both.Go(func() { warnings = r.quotaWarnings(ctx, seen.world, plan.Targets(&r.Rules, seen.world, &o), false) })
	}
	if dry {
		report.noteAll(p.Copies)
	} else {
		r.copyAll(ctx, o, seen, p.Copies, report)
	}
	both.Wait()
	report.warn(warnings...)
	return report.end()
}

// Plan observes, plans copies and deletions together, and changes nothing.
func (r *Runner) Plan(ctx context.Context, o plan.Order) *Report {
	seen := r.observe(ctx, o)
	report := r.report(plan.KindCopy, seen)
	t := r.task(o)
	// For single snapshots only a few replicas were observed: enough to plan
	// copies, not deletions.
	t.Copies, t.Deletions = true, len(o.Refs) == 0
	p := plan.Make(&r.Rules, seen.world, t, r.Now(), report.note, report.warn)
	report.Unsettled = p.Unsettled
	report.noteAll(p.Copies)
	report.noteAll(plan.Limit(p.Deletions, &r.Rules, report.note, report.warn))
	report.warn(r.quotaWarnings(ctx, seen.world, plan.Targets(&r.Rules, seen.world, &o), len(o.Refs) > 0)...)
	return report.end()
}

// applyCopies carries out the planned copies in order, each disk's newest
// first. No older snapshot is requested before all of those are answered. So a
// full region or a short run does not stop the copy of a disk's newest point.
func (r *Runner) applyCopies(ctx context.Context, seen *observation, planned []plan.Decision, report *Report) *copyRun {
	newest, older := copyTasks(planned)
	run := newCopyRun(r, seen, len(newest)+len(older))
	for _, tier := range [][]*copyTask{newest, older} {
		byRegion := map[string][]*copyTask{}
		for _, t := range tier {
			byRegion[t.from()] = append(byRegion[t.from()], t)
		}
		var all sync.WaitGroup
		for _, queue := range byRegion {
			run.begin(queue)
			all.Go(func() {
				each(r.atOnce(len(byRegion)), queue, func(t *copyTask) {
					run.carryOut(ctx, t)
					run.finish(ctx, t)
				})
			})
		}
		all.Wait()
	}
	for _, tier := range [][]*copyTask{newest, older} {
		for _, t := range tier {
			for i := range t.decisions {
				report.add(t.results[i].after(&t.decisions[i]))
			}
		}
	}
	return run
}

// atOnce is how many tasks of a source region run at once. All tasks of one target
// region must be able to send within about two seconds. With more tasks, each
// would wait for the rate limit until its observation is too old, and would have
// to observe again and again.
func (r *Runner) atOnce(regions int) int {
	if r.Rate == 0 {
		return r.Workers
	}
	return min(r.Workers, max(1, 2*r.Rate/regions))
}

// copyTasks groups planned copies by snapshot, in their order, and separates the
// newest of each disk from the others.
func copyTasks(planned []plan.Decision) (newest, older []*copyTask) {
	type key struct {
		region, snapshot string
		newest           bool
	}
	at := map[key]*copyTask{}
	for _, d := range planned {
		k := key{d.From, d.Snapshot, d.IsNewest()}
		t := at[k]
		if t == nil {
			t = &copyTask{}
			at[k] = t
			if k.newest {
				newest = append(newest, t)
			} else {
				older = append(older, t)
			}
		}
		t.decisions = append(t.decisions, d)
	}
	return newest, older
}

// finish logs the results of a task.
func (c *copyRun) finish(ctx context.Context, t *copyTask) {
	for i := range t.decisions {
		a := t.results[i].after(&t.decisions[i])
		level := slog.LevelInfo
		if a.Outcome == plan.Failed || a.Outcome == plan.Unknown {
			level = slog.LevelWarn
		}
		c.logAction(ctx, level, &a)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	c.progress(c.done, c.total)
}
