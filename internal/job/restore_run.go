package job

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

const (
	// diskPatience is how long disks are waited for after the last one was asked for.
	diskPatience = 10 * time.Minute
	// The pauses between two looks at the disks grow.
	firstLook, slowestLook = 250 * time.Millisecond, 10 * time.Second
)

// A diskTask is the making of one disk of a replica.
type diskTask struct {
	action  Action
	request cloud.DiskRequest
	asked   time.Time // zero: no request was sent
	sure    bool      // the disk's id is known: action.NewDisk
	unclear bool      // the answer was lost, or another run asked first: the disk is looked for by its tag
	over    bool      // action has the result
	old     bool      // an earlier drill left it long ago
	seenAt  time.Time // when the look began that saw the disk last
	state   string    // of the disk when it was seen last; "" if it was never seen
}

// A diskRun makes disks in one region, and waits until they are ready.
type diskRun struct {
	*Runner
	region, tag string // tag is the key of the tag that the disks carry
	again       string // what to do about a disk that is pending
	// ready is called with a disk that is ready, and ends the task. A task that it leaves
	// open is looked at again.
	ready func(ctx context.Context, t *diskTask, d *cloud.Disk)

	mu    sync.Mutex // guards the fields below, and every task
	tasks []*diskTask
	stop  string // why no more disks are asked for; "" if they are
	full  bool   // the key of the restored disks' tag has no room for more values

	earlier int // disks that earlier restores made
}

// PlannedRestore is the report of a restore that is only planned.
func (r *Runner) PlannedRestore(p *RestorePlan) *Report {
	report := NewReport(r.MaxActions, r.Noted...)
	report.warn(p.Warnings...)
	for i := range p.All {
		report.add(restoreAction(&p.All[i]))
	}
	return report.end()
}

func restoreAction(d *plan.Restoration) Action {
	a := actionOf(&d.Decision)
	a.NewDisk, a.Zone, a.Type = d.Made, d.Zone, d.Type
	return a
}

// Restore makes the planned disks and waits until they are ready, within bounds. It
// looks again first, because a person may have thought about the plan for a while. If
// the process dies at any point, the next run finds the disks by their tag, and the
// token of each request keeps it from making a second one.
func (r *Runner) Restore(ctx context.Context, p *RestorePlan) *Report {
	report := NewReport(r.MaxActions, r.Noted...)
	report.warn(p.Warnings...)
	run := &diskRun{Runner: r, region: p.To, tag: plan.RestoreTag, again: againRestore, ready: func(_ context.Context, t *diskTask, d *cloud.Disk) { t.restored(d) }}
	run.prepare(ctx, p)
	run.make(ctx)
	for _, t := range run.tasks {
		r.logAction(ctx, slog.LevelInfo, &t.action)
		report.add(t.action)
	}
	return report.end()
}

// RestoreRequests are the requests that Restore would send now, for those who send them
// with another tool. The report has all else.
func (r *Runner) RestoreRequests(ctx context.Context, p *RestorePlan) (requests []cloud.DiskRequest, rest *Report) {
	rest = NewReport(r.MaxActions, r.Noted...)
	rest.warn(p.Warnings...)
	run := &diskRun{Runner: r, region: p.To, tag: plan.RestoreTag}
	run.prepare(ctx, p)
	for _, t := range run.tasks {
		if !t.over && t.request.Token != "" {
			if len(requests)+run.earlier >= plan.MaxTagValues {
				t.request = plan.WithSpareTag(t.request)
			}
			requests = append(requests, t.request)
		} else {
			rest.add(t.action)
		}
	}
	return requests, rest.end()
}

// inUse are the states of disks that were ready and are being used.
var inUse = []string{"ATTACHING", "DETACHING", "EXPANDING", "ROLLBACKING"}

const againRestore = "; run the same command again: it finds the disk, and makes no second one"

// prepare looks at the replicas and at the disks of earlier restores again, and makes a
// task of each restoration.
func (run *diskRun) prepare(ctx context.Context, p *RestorePlan) {
	all := append([]plan.Restoration{}, p.All...)
	var ids []string
	for i := range all {
		if all[i].Outcome == plan.Planned {
			ids = append(ids, all[i].Replica)
		}
	}
	restored, err := run.restored(ctx, p.To, p.All)
	plan.FindRestored(all, p.Zone, restored)
	run.earlier = len(restored)
	if isIncomplete(err) {
		err = nil // the tokens keep what is not shown from being made again
	}
	seen := map[string]*cloud.Snapshot{}
	if err == nil && len(ids) > 0 {
		var replicas []cloud.Snapshot
		replicas, err = run.Cloud.SnapshotsByID(ctx, p.To, ids)
		for i := range replicas {
			seen[replicas[i].ID] = &replicas[i]
		}
	}
	ready := map[string]*cloud.Disk{}
	for i := range restored {
		ready[restored[i].ID] = &restored[i]
	}
	for i := range all {
		d := &all[i]
		t := &diskTask{action: restoreAction(d)}
		run.tasks = append(run.tasks, t)
		why := ""
		switch {
		case d.Outcome == plan.Exists:
			t.sure = true
			disk := ready[d.Made]
			t.over = disk == nil || disk.Ready() || slices.Contains(inUse, disk.State)
		case d.Outcome != plan.Planned:
			t.over = true
		case err != nil:
			why = "nothing was made, because the region could not be looked at again: " + sentence(err)
		default:
			if why = plan.StillRestorable(&d.Decision, seen[d.Replica]); why == "" {
				t.request = d.Request(p.Names[d.Disk], seen[d.Replica].Tags)
			}
		}
		if why != "" {
			t.end(plan.Failed, why)
		}
	}
}

// restored notes that the disk of a task is ready.
func (t *diskTask) restored(d *cloud.Disk) {
	switch {
	case t.action.Outcome == plan.Exists:
	case d.SizeGiB < t.action.SizeGiB:
		t.end(plan.Failed, fmt.Sprintf("%s has %d GiB instead of %d: do not use it", d.ID, d.SizeGiB, t.action.SizeGiB))
	default:
		t.end(plan.Restored, t.action.Reason)
	}
	t.over = true
}

func (t *diskTask) end(o plan.Outcome, why string) {
	t.action.Outcome, t.action.Reason, t.over = o, why, true
}

// make asks for the disks and at the same time waits for them.
func (run *diskRun) make(ctx context.Context) {
	// A task belongs to the goroutine that asks until its disk is waited for.
	due := slices.DeleteFunc(slices.Clone(run.tasks), func(t *diskTask) bool { return t.over || t.request.Token == "" })
	asked := make(chan struct{})
	var asking sync.WaitGroup
	asking.Go(func() {
		defer close(asked)
		each(run.Workers, due, func(t *diskTask) { run.ask(ctx, t) })
	})
	run.await(ctx, asked)
	asking.Wait()
	run.mu.Lock()
	defer run.mu.Unlock()
	for _, t := range run.tasks {
		if !t.over {
			t.giveUp(run.again)
		}
	}
}

// ask asks for the disk of one task.
func (run *diskRun) ask(ctx context.Context, t *diskTask) {
	if !run.begin(ctx, t) {
		return
	}
	id, err := run.Cloud.CreateDisk(ctx, t.request)
	if meaning(err) == cloud.TagKeyFull && run.useSpare(t) {
		id, err = run.Cloud.CreateDisk(ctx, t.request)
	}
	run.mu.Lock()
	defer run.mu.Unlock()
	if err == nil {
		t.sure, t.action.NewDisk, t.asked = true, id, run.Now() // the wait for the rate limit is not the service's
		return
	}
	switch m := meaning(err); m {
	case cloud.MayHaveHappened:
		t.unclear, t.action.Reason = true, "no clear answer: "+sentence(err)
	case cloud.TokenTaken:
		t.unclear, t.action.Reason = true, "another run asked for it: "+sentence(err)
		if run.tag == plan.RestoreTag {
			t.action.Outcome = plan.Exists
		}
	case cloud.OutOfTime:
		t.asked = time.Time{}
	case cloud.StopRun, cloud.Denied:
		run.stop = short(err)
		t.end(plan.Failed, sentence(err))
	default:
		t.end(plan.Failed, sentence(err))
	}
}

// useSpare lets the request of a task, and all that follow, use the spare key of their
// tag. It reports whether that is new.
func (run *diskRun) useSpare(t *diskTask) bool {
	run.mu.Lock()
	defer run.mu.Unlock()
	if run.tag != plan.RestoreTag || t.request.Tags[plan.RestoreTag] == "" {
		return false
	}
	run.full, t.request = true, plan.WithSpareTag(t.request)
	return true
}

// begin reports whether the disk of a task is to be asked for now.
func (run *diskRun) begin(ctx context.Context, t *diskTask) bool {
	run.mu.Lock()
	defer run.mu.Unlock()
	if run.late(ctx) {
		return false
	}
	if run.stop != "" {
		t.end(plan.Failed, "not asked for, because of an earlier answer: "+run.stop)
		return false
	}
	if t.asked = run.Now(); run.full {
		t.request = plan.WithSpareTag(t.request)
	}
	return true
}

// giveUp ends a task whose disk is not ready.
func (t *diskTask) giveUp(again string) {
	switch {
	case t.asked.IsZero() && !t.sure:
		t.end(plan.Planned, "not asked for: the time is over or the run was interrupted"+again)
	case t.unclear && !t.sure:
		t.end(plan.Pending, t.action.Reason+again)
	case t.state == "":
		t.end(plan.Pending, t.action.NewDisk+" does not show yet"+again+"; if it was terminated, choose another zone")
	default:
		t.end(plan.Pending, fmt.Sprintf("%s is %s%s", t.action.NewDisk, t.state, again))
	}
}

// await looks at the disks until all are ready, their time is over, or the run is. asked
// is closed when the last disk was asked for.
func (run *diskRun) await(ctx context.Context, asked <-chan struct{}) {
	var end time.Time // zero: disks are still being asked for
	for pause := firstLook; ; pause = min(pause*3/2, slowestLook) {
		select {
		case <-asked:
			if end.IsZero() {
				end = run.Now().Add(diskPatience)
			}
		default:
		}
		run.look(ctx)
		if !end.IsZero() && (run.left() == 0 || run.Now().After(end)) || ctx.Err() != nil {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// left counts the tasks without a result, and reports the progress.
func (run *diskRun) left() int {
	run.mu.Lock()
	defer run.mu.Unlock()
	left := 0
	for _, t := range run.tasks {
		if !t.over {
			left++
		}
	}
	run.progress(len(run.tasks)-left, len(run.tasks))
	return left
}

// look looks at the disks that are waited for: by id, or by their tag where the id is
// unknown. What can't be read now is read the next time.
func (run *diskRun) look(ctx context.Context) {
	byID, byTag := run.waitedFor()
	began := run.Now()
	var found []cloud.Disk
	if len(byID) > 0 {
		found, _ = run.Cloud.DisksByID(ctx, run.region, slices.Sorted(maps.Keys(byID)))
	}
	if len(byTag) > 0 {
		tagged, _ := run.disksTagged(ctx, run.region, run.keys(byTag))
		found = append(found, tagged...)
	}
	for i := range found {
		d := &found[i]
		t := byID[d.ID]
		if lost := byTag[run.replicaOf(d)+" "+d.Zone]; t == nil && lost != nil && !lost.over && run.isOf(d, lost) {
			t, lost.sure, lost.action.NewDisk = lost, true, d.ID
		}
		if t == nil || t.over {
			continue
		}
		if t.state = d.State; !d.Ready() {
			continue
		}
		t.seenAt = began
		if !t.asked.IsZero() && t.action.Seconds == 0 {
			t.action.Seconds = run.Now().Sub(t.asked).Round(100 * time.Millisecond).Seconds()
		}
		run.ready(ctx, t, d)
	}
}

// keys are the tag keys under which disks without a known id are looked for.
func (run *diskRun) keys(byTag map[string]*diskTask) []string {
	if run.tag != plan.RestoreTag {
		return []string{run.tag}
	}
	var replicas []string
	for _, t := range byTag {
		replicas = append(replicas, t.request.Snapshot)
	}
	return plan.RestoreTags(replicas)
}

// replicaOf is the replica that a disk was made of, as its tag says.
func (run *diskRun) replicaOf(d *cloud.Disk) string {
	if run.tag == plan.RestoreTag {
		return plan.RestoredFrom(d)
	}
	return d.Tags[run.tag]
}

// isOf reports whether a disk with the tag and zone of a task is the task's. A replica
// may be drilled more than once, and the name tells which drill made a disk.
func (run *diskRun) isOf(d *cloud.Disk, t *diskTask) bool {
	return d.Exists() && (run.tag == plan.RestoreTag || d.Name == t.request.Name)
}

// waitedFor are the tasks whose disks are waited for, by id or by tag and zone. No other
// goroutine changes them any more.
func (run *diskRun) waitedFor() (byID, byTag map[string]*diskTask) {
	run.mu.Lock()
	defer run.mu.Unlock()
	byID, byTag = map[string]*diskTask{}, map[string]*diskTask{}
	for _, t := range run.tasks {
		switch {
		case t.over:
		case t.sure:
			byID[t.action.NewDisk] = t
		case t.unclear:
			byTag[t.request.Snapshot+" "+t.request.Zone] = t
		}
	}
	return byID, byTag
}
