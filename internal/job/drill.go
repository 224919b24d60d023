package job

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// againDrill follows the reason of a disk that is pending.
const againDrill = "; the next run looks at it, and ends it"

// oldDrill is the age of a drill's disk that says that nothing will come of it.
const oldDrill = 72 * time.Hour

// Drill restores at most count replicas for a test. It looks whether each disk becomes
// ready with the size of its replica, tags the replica with the week, and ends the disk.
// It waits within its time. Disks that earlier runs left are finished first. Nothing but
// a disk with both marks of a drill, unattached and paid by the hour, is ever ended.
//
// If the process dies at any point, the next run finds the disk by its marks.
func (r *Runner) Drill(ctx context.Context, o plan.Order, count int, dry bool) *Report {
	seen := r.observe(ctx, plan.Order{Targets: o.Targets})
	report := r.report(plan.KindDrill, seen)
	runs := map[string]*diskRun{}
	for _, region := range plan.Targets(&r.Rules, seen.world, &plan.Order{Targets: o.Targets}) {
		if seen.world.Unlisted[region] != "" {
			continue
		}
		run, err := r.drillRun(ctx, region)
		if err != nil {
			report.add(Action{Kind: plan.KindDrill, To: region, Outcome: plan.Failed, Reason: "the disks of earlier drills can't be seen, so none is made: " + sentence(err)})
			continue
		}
		runs[region] = run
		for _, t := range run.tasks {
			if !t.over && t.state != cloud.Unattached {
				count-- // it stands until it is ready
			}
		}
	}
	if count > 0 {
		r.addDrills(ctx, runs, plan.Drills(&r.Rules, seen.world, &o, count, r.Now()))
	}
	regions := sortedKeys(runs)
	if !dry {
		each(len(regions), regions, func(region string) { runs[region].make(ctx) })
	}
	for _, region := range regions {
		for _, t := range runs[region].tasks {
			if dry && !t.over {
				t.end(plan.Planned, t.action.Reason)
			}
			if t.old && t.action.Outcome == plan.Pending {
				t.end(plan.Failed, t.action.Reason+"; the drill began more than three days ago: look at the disk in the console, and terminate it, because it costs money")
			}
			r.logAction(ctx, slog.LevelInfo, &t.action)
			report.add(t.action)
		}
	}
	return report.end()
}

// drillRun is a run in one region, with a task for each disk that earlier drills left.
func (r *Runner) drillRun(ctx context.Context, region string) (*diskRun, error) {
	run := &diskRun{Runner: r, region: region, tag: plan.DrillTag, again: againDrill}
	run.ready = run.finishDrill
	tagged, err := r.Cloud.DisksTagged(ctx, region, plan.DrillTag)
	if err != nil {
		return nil, err
	}
	for i := range tagged {
		d := &tagged[i]
		replica, born, marked := plan.DrillMarks(d)
		if !marked || !d.Exists() {
			continue
		}
		t := &diskTask{sure: true, state: d.State, action: Action{
			Kind: plan.KindDrill, To: region, Replica: replica, NewDisk: d.ID, SizeGiB: d.SizeGiB, Zone: d.Zone, Type: d.Type, Outcome: plan.Planned, Reason: "an earlier drill left it",
		}}
		if d.Ready() && !d.Free() || d.Attached {
			t.end(plan.Pending, d.ID+" is attached or paid by the month, so it is left alone: take one of its marks away, its tag or its name, or detach it")
		} else {
			t.old = r.Now().Sub(born) > oldDrill
		}
		run.tasks = append(run.tasks, t)
	}
	return run, nil
}

// addDrills adds a task for each new drill.
func (r *Runner) addDrills(ctx context.Context, runs map[string]*diskRun, due []plan.Restoration) {
	for _, region := range sortedKeys(runs) {
		run := runs[region]
		var here []plan.Restoration
		for _, d := range due {
			// A disk of the replica that an earlier run left is this replica's drill.
			if d.To == region && !slices.ContainsFunc(run.tasks, func(t *diskTask) bool { return !t.over && t.action.Replica == d.Replica }) {
				here = append(here, d)
			}
		}
		if len(here) == 0 {
			continue
		}
		offers, err := r.Cloud.Offers(ctx, region)
		if err == nil {
			plan.Place(here, &plan.RestoreOrder{To: region}, slices.Concat([]cloud.Offer{}, offers))
		}
		for i := range here {
			t := &diskTask{action: restoreAction(&here[i])}
			switch {
			case err != nil:
				t.end(plan.Failed, "it can't be seen which disks can be had: "+sentence(err))
			case here[i].Outcome != plan.Planned:
				t.over = true
			default:
				t.request = here[i].DrillRequest(r.Now())
			}
			run.tasks = append(run.tasks, t)
		}
	}
}

// finishDrill looks at a disk that is ready, tags its replica, and ends the disk.
func (run *diskRun) finishDrill(ctx context.Context, t *diskTask, d *cloud.Disk) {
	replica, born, _ := plan.DrillMarks(d)
	if !plan.MayEnd(d) || replica != t.action.Replica {
		t.end(plan.Pending, d.ID+" is attached to something, or has lost a mark: it is left alone")
		return
	}
	outcome, why := run.drilled(ctx, t, d, plan.Week(born))
	err := run.Cloud.TerminateDisk(ctx, run.region, d.ID, cloud.While{Until: t.seenAt.Add(maxAge)})
	switch m := meaning(err); {
	case err == nil:
		t.end(outcome, why)
	case m == cloud.TooOld:
	case m == cloud.OutOfTime, m == cloud.Later:
		t.end(plan.Pending, why+"; it stands: "+sentence(err)+againDrill)
	case m == cloud.MayHaveHappened:
		t.end(outcome, why+"; its end got no clear answer"+againDrill)
	default:
		t.end(plan.Failed, fmt.Sprintf("%s; %s stands and costs money: %s", why, d.ID, sentence(err)))
	}
}

// drilled checks a drill's disk and tags its replica. A replica that is gone, or that
// shows this drill already, needs no more than that its disk is ended.
func (run *diskRun) drilled(ctx context.Context, t *diskTask, d *cloud.Disk, week string) (plan.Outcome, string) {
	found, err := run.Cloud.SnapshotsByID(ctx, run.region, []string{t.action.Replica})
	switch {
	case err != nil:
		return plan.Failed, "its replica could not be read: " + sentence(err)
	case len(found) == 0:
		return plan.Cleaned, "its replica is gone"
	case t.request.Token == "" && plan.DrilledSince(found[0].Tags[plan.DrilledTag], week, run.Now()):
		return plan.Cleaned, "an earlier run drilled it"
	}
	replica := &found[0]
	if l, ours := plan.Ours(replica); ours {
		t.action.Snapshot, t.action.Disk, t.action.From, t.action.Point = l.Source, l.Disk, l.Region, l.Created
	} else {
		return plan.Cleaned, "its snapshot is no replica any more"
	}
	if d.SizeGiB < replica.SizeGiB || d.Encrypted != replica.Encrypted {
		return plan.Failed, fmt.Sprintf("the disk has %d GiB, encrypted: %t, and its replica %d GiB, encrypted: %t: do not rely on it, and copy its source again", d.SizeGiB, d.Encrypted, replica.SizeGiB, replica.Encrypted)
	}
	if err := run.tagDrilled(ctx, replica.ID, week); err != nil {
		return plan.Failed, "the disk is as its replica, but the replica could not be tagged: " + sentence(err)
	}
	took := "a later run finished it"
	if t.action.Seconds > 0 || !t.asked.IsZero() {
		took = fmt.Sprintf("%d GiB of %s were ready after %s", d.SizeGiB, d.Type, time.Duration(t.action.Seconds*float64(time.Second)))
	}
	return plan.Restored, took + "; the disk is ended"
}

func (run *diskRun) tagDrilled(ctx context.Context, replica, week string) error {
	account := run.Account
	if account == "" {
		who, err := run.Cloud.Identity(ctx)
		if err != nil {
			return err
		}
		account = who.Account
	}
	refused, err := run.Cloud.Tag(ctx, run.region, account, []string{replica}, map[string]string{plan.DrilledTag: week})
	if err == nil {
		err = refused[replica]
	}
	return err
}
