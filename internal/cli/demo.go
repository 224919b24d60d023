package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"snapferry/handler"
	"snapferry/internal/cloud"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

type demoCommand struct {
	Fast bool `help:"Make no pauses; without a terminal there are none anyway."`
}

// A demo is one demonstration. It uses the production code: the handler, the
// vendor's client, real events.
type demo struct {
	*demoCloud
	a     *app
	pause time.Duration // between steps; 0 is none

	disk     string // the disk that gets a new snapshot
	slip     string // the disk whose ferry:targets tag has a slip; "" after it was mended
	snapshot string // the new snapshot
	event    []byte // the event about the new snapshot
	deleted  int    // how many replicas retention deleted
	isLost   bool   // the answer to its first copy request
}

// Run shows one step after the other. It fails if a result is not as promised.
func (c *demoCommand) Run(a *app) error {
	d := &demo{demoCloud: newDemoCloud(), a: a}
	if a.out.terminal() && !c.Fast {
		d.pause = 350 * time.Millisecond
	}
	a.out.say("The real program on a simulated cloud. No account, network or settings needed.")
	for i, step := range []struct {
		title string
		run   func(context.Context) error
	}{
		{"Four disks in ap-guangzhou, each with a snapshot of last night.", d.makeDisks},
		{"A person creates a snapshot. Its event arrives while the snapshot is CREATING.", d.create},
		{"A timer starts a sweep. One answer is lost, so it looks before it asks again.", d.sweep},
		{"The next sweep requests nothing again. It finds all replicas.", d.recheck},
		{"Verify rings: nobody copies one of the disks. A person mends the cause.", d.find},
		{"Time passes in the cloud.", d.watch},
		{"Verify compares each replica with its source, and tags the proven ones.", d.verify},
		{"The event of step 2 arrives again. Nothing is copied twice.", d.repeat},
		{"With KEEP_LAST=1, retain deletes a replica when a newer one is proven.", d.retain},
		{"The result in the cloud:", d.conclude},
		{"The region is lost. One command brings every disk back in another region.", d.restore},
		{"The status page still shows it all, from the replicas alone.", d.page},
	} {
		if err := d.wait(a.ctx); err != nil {
			return err
		}
		a.out.line("")
		a.out.line("%s %s", a.out.paint(bold, fmt.Sprintf("%d.", i+1)), a.out.paint(bold, a.out.in(step.title)))
		if err := step.run(a.ctx); err != nil {
			return errors.Join(err, a.interrupted())
		}
	}
	return nil
}

// wait pauses, so that a person can read.
func (d *demo) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
	case <-time.After(d.pause):
	}
	if ctx.Err() != nil {
		return errInterrupted
	}
	return nil
}

// say prints a line, indented.
func (d *demo) say(format string, args ...any) {
	d.a.out.line("%s", wrapped(d.a.out.in(fmt.Sprintf(format, args...)), indent, d.a.out.columns()))
}

// indent stands before each line below a title.
const indent = "   "

func (d *demo) makeDisks(context.Context) error {
	names := []string{"web", "database", "logs", "billing"}
	disks := make([]string, len(names))
	for i, name := range names {
		disks[i] = d.cloud.AddDisk(sim.Disk{Region: demoRegion, Name: name, SizeGiB: 50 * (i + 1)})
	}
	for i := range names {
		id := d.cloud.AddSnapshot(sim.Snapshot{Disk: disks[i], Name: "nightly", Created: d.now().Add(-8 * time.Hour)})
		d.a.out.line("%s%s  %-8s  %3d GiB  %s", indent, disks[i], names[i], 50*(i+1), d.a.out.in("snapshot "+id))
	}
	d.disk, d.slip = disks[1], disks[3]
	d.tagTargets(strings.Join(d.targets, ","))
	d.say("snapferry copies them to %s.", strings.Join(d.targets, " and "))
	d.say("%s has the tag ferry:targets=%s, with a slip: a comma instead of +.", names[3], strings.Join(d.targets, ","))
	return nil
}

func (d *demo) tagTargets(value string) {
	d.cloud.ChangeDisk(demoRegion, d.slip, func(disk *sim.Disk) { disk.Tags = map[string]string{plan.TargetsTag: value} })
}

// find shows how verify finds the disk that is not copied. The person corrects its
// tag, and the next sweep copies it.
func (d *demo) find(ctx context.Context) error {
	reply, err := d.timer(ctx, cloud.Verify)
	if failed := (*handler.Failure)(nil); !errors.As(err, &failed) || reply.Protection.Unprotected != 1 {
		return d.broken(fmt.Sprintf("verify does not ring: %v", err))
	}
	d.say("timer → verify: %s", protection(reply.Protection))
	for _, a := range reply.Actions {
		if a.Outcome == plan.Unprotected {
			d.say("%s is %s: %s", a.Disk, d.a.out.outcome(a.Outcome), a.Reason)
		}
	}
	d.tagTargets(strings.Join(d.targets, "+"))
	d.slip = ""
	d.say("The person corrects the tag to %s.", strings.Join(d.targets, "+"))
	if reply, err = d.showTimer(ctx, cloud.Copy); err != nil {
		return err
	}
	return d.want(reply, plan.Started, len(d.targets))
}

func (d *demo) create(ctx context.Context) (err error) {
	if d.snapshot, d.event, err = d.createSnapshot(d.disk); err != nil {
		return failure{fmt.Errorf("demo: %w", err)}
	}
	d.say("CreateSnapshot on %s: %s", d.disk, d.snapshot)
	d.advance(3 * time.Second)
	reply, err := d.showEvent(ctx)
	if err != nil {
		return err
	}
	for _, a := range reply.Actions[:min(1, len(reply.Actions))] {
		d.say("%s: %s", a.Snapshot, a.Reason)
	}
	return d.want(reply, plan.Waiting, len(d.targets))
}

// sweep loses the first answer about the new snapshot.
func (d *demo) sweep(ctx context.Context) error {
	d.advance(30 * time.Second)
	d.cloud.SetInject(func(c sim.Call) sim.Fault {
		if c.Action != "CopySnapshotCrossRegions" || sourceOf(c) != d.snapshot || d.isLost {
			return sim.Fault{}
		}
		d.isLost = true
		return sim.Fault{Kind: sim.LoseReply}
	})
	reply, err := d.showTimer(ctx, cloud.Copy)
	if err != nil {
		return err
	}
	if !d.isLost {
		return d.broken("no answer was lost")
	}
	d.sayReplicas(reply)
	return d.want(reply, plan.InProgress, len(d.targets))
}

func (d *demo) recheck(ctx context.Context) error {
	d.advance(5 * time.Second)
	reply, err := d.showTimer(ctx, cloud.Copy)
	if err != nil {
		return err
	}
	d.sayReplicas(reply)
	return d.want(reply, plan.InProgress, d.expected()-len(d.targets))
}

// sayReplicas prints what a reply says about the new snapshot.
func (d *demo) sayReplicas(r handler.Reply) {
	for _, a := range r.Actions {
		if a.Snapshot == d.snapshot {
			d.say("%s is in %s: %s, %s", a.Snapshot, a.To, a.Replica, a.Reason)
		}
	}
}

// watch shows the states of the replicas until all copies have ended.
func (d *demo) watch(context.Context) error {
	const step, most = 20 * time.Second, 20
	for range most {
		states := d.states()
		d.say("%s  %s", d.now().Format(time.TimeOnly), d.a.out.in(states))
		if states == fmt.Sprintf("%d replicas NORMAL", d.expected()) {
			return nil
		}
		if err := d.wait(d.a.ctx); err != nil {
			return err
		}
		d.advance(step)
	}
	return d.broken("the copies do not end")
}

func (d *demo) verify(ctx context.Context) error {
	reply, err := d.showTimer(ctx, cloud.Verify)
	if err != nil {
		return err
	}
	d.say("%s", protection(reply.Protection))
	return d.want(reply, plan.Verified, d.expected())
}

func (d *demo) repeat(ctx context.Context) error {
	reply, err := d.showEvent(ctx)
	if err != nil {
		return err
	}
	return d.want(reply, plan.Exists, len(d.targets))
}

// retain deletes the replicas that the keep rule does not keep, and shows that the
// next sweep does not copy them again.
func (d *demo) retain(ctx context.Context) error {
	d.env["KEEP_LAST"] = "1"
	reply, err := d.showTimer(ctx, cloud.Retain)
	if err != nil {
		return err
	}
	for _, a := range reply.Actions {
		if a.Outcome == plan.Deleted {
			d.deleted++
			d.say("%s in %s, a replica of %s: %s", a.Replica, a.To, a.Snapshot, a.Reason)
		}
	}
	if err := d.want(reply, plan.Deleted, len(d.targets)); err != nil {
		return err
	}
	if reply, err = d.showTimer(ctx, cloud.Copy); err != nil {
		return err
	}
	return d.want(reply, plan.Skipped, d.deleted)
}

// showTimer starts a job as a timer does, and prints the counts of the reply.
func (d *demo) showTimer(ctx context.Context, job cloud.Job) (handler.Reply, error) {
	reply, err := d.timer(ctx, job)
	if err == nil {
		d.say("timer → %s", d.counts(reply))
	}
	return reply, err
}

// showEvent delivers the event of the new snapshot, and prints the counts of the
// reply.
func (d *demo) showEvent(ctx context.Context) (handler.Reply, error) {
	reply, err := d.invoke(ctx, d.event)
	if err == nil {
		d.say("event → %s", d.counts(reply))
	}
	return reply, err
}

// counts is the job and the counts of a reply, coloured.
func (d *demo) counts(r handler.Reply) string {
	var parts []string
	for _, part := range strings.Split(counted(r), ", ") {
		n, outcome, _ := strings.Cut(part, " ")
		parts = append(parts, n+" "+d.a.out.outcome(plan.Outcome(outcome)))
	}
	return string(r.Job) + ": " + strings.Join(parts, ", ")
}

// want fails the demo if a reply has another count.
func (d *demo) want(r handler.Reply, o plan.Outcome, n int) error {
	if got := r.Counts[o]; got != n {
		return d.broken(fmt.Sprintf("%d %s instead of %d", got, o, n))
	}
	return nil
}

func (d *demo) broken(what string) error {
	return failure{fmt.Errorf("demo: %s: please report it", what)}
}

// conclude shows what the simulated cloud contains. It fails if not every snapshot
// has exactly one replica in each region, proven and tagged.
func (d *demo) conclude(context.Context) error {
	made := d.copiesMade()
	t := columns{say: d.a.out.in, names: []string{"Disk", "Snapshot", "Region", "Replica", "State", "Verified"}, width: d.a.out.columns() - len(indent)}
	proven, last := 0, ""
	for _, o := range made {
		verified := d.a.out.paint(red, d.a.out.in("no"))
		if o.proven {
			verified = d.a.out.paint(green, d.a.out.in("yes"))
			proven++
		}
		cells := []string{o.source.Disk, o.source.ID, o.replica.Region, o.replica.ID, o.replica.State, verified}
		if o.source.ID == last {
			cells[0], cells[1] = "", ""
		}
		last = o.source.ID
		t.rows = append(t.rows, cells)
	}
	d.a.out.line("%s%s", indent, strings.ReplaceAll(t.render(), "\n", "\n"+indent))
	copies, complaints := d.cloud.Copies(), d.cloud.Complaints()
	for _, text := range complaints {
		d.say("complaint: %s", text)
	}
	duplicates := len(copies) - distinct(copies)
	d.a.out.line("")
	d.a.out.say("copies accepted by the service: %d, deleted by retention: %d, replicas: %d, duplicates: %d, complaints: %d",
		len(copies), d.deleted, len(made), duplicates, len(complaints))
	if want := d.expected(); len(copies) != want || len(made) != want-d.deleted || proven != len(made) || duplicates > 0 || len(complaints) > 0 {
		return d.broken("the promises do not hold")
	}
	return nil
}

// page writes the status page to a file of the system's temporary directory.
func (d *demo) page(ctx context.Context) error {
	m, err := d.handler.Status(ctx)
	if err != nil {
		return d.broken(err.Error())
	}
	d.say("%s", m.Verdict)
	file, err := os.CreateTemp("", "snapferry-demo-*.html")
	if err != nil {
		return failure{fmt.Errorf("demo: %w", err)}
	}
	if err := errors.Join(m.Page(file, d.a.out.language), file.Close()); err != nil {
		return failure{fmt.Errorf("demo: write %s: %w", file.Name(), err)}
	}
	d.say("The page is in %s", file.Name())
	return nil
}

// A copyMade is a replica in the simulated cloud, with its source.
type copyMade struct {
	source, replica sim.Snapshot
	proven          bool
}

// copiesMade returns all replicas by disk, newest source first. It reads their
// sources from the simulator's own record.
func (d *demo) copiesMade() []copyMade {
	sources := map[string]string{}
	for _, c := range d.cloud.Copies() {
		sources[c.Replica] = c.Source
	}
	var all []copyMade
	for _, r := range d.replicas() {
		source, _ := d.cloud.Snapshot(demoRegion, sources[r.ID])
		all = append(all, copyMade{source, r, r.State == "NORMAL" && r.Tags["ferry:state"] == "verified"})
	}
	slices.SortFunc(all, func(a, b copyMade) int {
		return cmp.Or(cmp.Compare(a.source.Disk, b.source.Disk), b.source.Created.Compare(a.source.Created),
			cmp.Compare(a.replica.Region, b.replica.Region), cmp.Compare(a.replica.ID, b.replica.ID))
	})
	return all
}

// distinct is how many of the copies differ by source or region.
func distinct(copies []sim.Copy) int {
	seen := map[[2]string]bool{}
	for _, c := range copies {
		seen[[2]string{c.Source, c.To}] = true
	}
	return len(seen)
}
