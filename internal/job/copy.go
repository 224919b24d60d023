package job

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"

	"snapferry/internal/plan"
)

// Copy observes, plans, and requests the missing copies. With dry it stops after
// the plan.
//
// If the process dies between two requests, the requested copies continue. The
// next run finds them by name, and requests the others.
//
// A sweep also warns about target regions that are nearly full, and checks the name
// of the first new replica. An event does not, because it must need few calls.
func (r *Runner) Copy(ctx context.Context, o plan.Order, dry bool) *Report {
	seen, isSweep := r.observe(ctx, o), len(o.Refs) == 0
	report := r.report(plan.KindCopy, seen)
	t := r.task(o)
	t.Copies = true
	p := plan.Make(&r.Rules, seen.world, t, r.Now(), report.note, report.warn)
	report.Unsettled = p.Unsettled
	p.Copies = r.brake(ctx, seen, &p, o.Force, report)
	if dry {
		r.noteCopies(ctx, seen, &p, &o, report)
		return report.end()
	}
	var both sync.WaitGroup
	var warned []Action
	if isSweep {
		both.Go(func() { _, warned = r.quotas(ctx, seen.world, plan.Targets(&r.Rules, seen.world, &o), false) })
	}
	r.copyAll(ctx, o, seen, p.Copies, report)
	both.Wait()
	report.warnOf(warned)
	return report.end()
}

// Plan observes, plans copies and deletions together, and changes nothing.
func (r *Runner) Plan(ctx context.Context, o plan.Order) *Report {
	seen, isSweep := r.observe(ctx, o), len(o.Refs) == 0
	report := r.report(plan.KindCopy, seen)
	t := r.task(o)
	// For single snapshots only a few replicas were observed: enough to plan
	// copies, not deletions.
	t.Copies, t.Deletions = true, isSweep
	p := plan.Make(&r.Rules, seen.world, t, r.Now(), report.note, report.warn)
	report.Unsettled = p.Unsettled
	p.Copies = r.brake(ctx, seen, &p, o.Force, report)
	r.noteCopies(ctx, seen, &p, &o, report)
	report.noteAll(plan.Limit(p.Deletions, &r.Rules, report.note, report.warn))
	return report.end()
}

// noteCopies notes the planned copies of a dry run, no more than the quotas leave
// room for.
func (r *Runner) noteCopies(ctx context.Context, seen *observation, p *plan.Plan, o *plan.Order, report *Report) {
	quotas, warned := r.quotas(ctx, seen.world, plan.Targets(&r.Rules, seen.world, o), len(o.Refs) > 0)
	copies := fit(p.Copies, quotas, report.note)
	slices.SortFunc(copies, func(a, b plan.Decision) int { return byDisk(&a, &b) })
	report.noteAll(copies)
	report.warnOf(warned)
}

// byDisk compares decisions for a report. The order of the work is another one in
// every run.
func byDisk(a, b *plan.Decision) int {
	return cmp.Or(cmp.Compare(a.Disk, b.Disk), b.Point.Compare(a.Point), cmp.Compare(a.Snapshot, b.Snapshot), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
}

// applyCopies carries out the planned copies. The source regions are worked on side
// by side: none waits for another.
func (r *Runner) applyCopies(ctx context.Context, seen *observation, planned []plan.Decision, report *Report, checkName bool) *copyRun {
	tasks := copyTasks(planned)
	run := newCopyRun(r, seen, len(tasks))
	run.checkName = checkName
	byRegion := map[string][]*copyTask{}
	for _, t := range tasks {
		byRegion[t.from()] = append(byRegion[t.from()], t)
	}
	for _, own := range byRegion {
		run.begin(own)
	}
	var all sync.WaitGroup
	for _, own := range byRegion {
		all.Go(func() { run.work(ctx, own, r.atOnce(len(byRegion))) })
	}
	all.Wait()
	if run.checkName && run.first.Replica != "" && !r.late(ctx) {
		if why := run.otherName(ctx); why != "" {
			report.add(Action{Kind: plan.KindCopy, From: run.first.From, To: run.first.To, Replica: run.first.Replica, Outcome: plan.Failed, Reason: why})
		}
	}
	slices.SortFunc(tasks, func(a, b *copyTask) int { return byDisk(&a.decisions[0], &b.decisions[0]) })
	for _, t := range tasks {
		for i := range t.decisions {
			report.add(t.results[i].after(&t.decisions[i]))
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

// copyTasks groups planned copies by snapshot, in their order. A snapshot may be its
// disk's newest point in one region only: then it has two tasks.
func copyTasks(planned []plan.Decision) (tasks []*copyTask) {
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
			tasks = append(tasks, t)
		}
		t.decisions = append(t.decisions, d)
	}
	return tasks
}

// finish logs the new results of a task.
func (c *copyRun) finish(ctx context.Context, t *copyTask) {
	finished := true
	for i := range t.decisions {
		if t.results[i].Outcome == "" {
			finished = false
			continue
		}
		if t.logged[i] {
			continue
		}
		t.logged[i] = true
		a := t.results[i].after(&t.decisions[i])
		level := slog.LevelInfo
		if a.Outcome == plan.Failed || a.Outcome == plan.Unknown {
			level = slog.LevelWarn
		}
		c.logAction(ctx, level, &a)
	}
	if !finished {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	c.progress(c.done, c.total)
}
