package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// lose makes the source region unreachable, as a lost region is.
func (d *demo) lose() {
	d.cloud.SetInject(func(c sim.Call) sim.Fault {
		if c.Region == demoRegion {
			return sim.Fault{Kind: sim.LoseCall}
		}
		return sim.Fault{}
	})
}

// restore loses the source region and brings every disk back in another one.
func (d *demo) restore(ctx context.Context) error {
	d.lose()
	to := d.targets[0]
	// While the service makes the disks, time passes in the simulated cloud, too.
	d.handler.Progress = func(int, int) { d.advance(7 * time.Second) }
	defer func() { d.handler.Progress = nil }()
	r, err := d.handler.PlanRestore(ctx, plan.RestoreOrder{From: demoRegion, To: to}, "")
	if err != nil {
		return d.broken(err.Error())
	}
	d.say("$ snapferry restore --from %s --to %s", demoRegion, to)
	d.say("%s", cost(r))
	reply, err := r.Run(ctx)
	if err != nil {
		return d.broken(err.Error())
	}
	t := columns{say: d.a.out.in, names: []string{"Disk", "From the point", "Replica", "New disk", "GiB"}, width: d.a.out.columns() - len(indent)}
	for _, a := range reply.All() {
		t.rows = append(t.rows, []string{a.Disk, a.Point.Format(time.TimeOnly) + " UTC", a.Replica, a.NewDisk, fmt.Sprint(a.SizeGiB)})
	}
	d.a.out.line("%s%s", indent, strings.ReplaceAll(t.render(), "\n", "\n"+indent))
	if err := d.want(reply, plan.Restored, len(d.sourceDisks())); err != nil {
		return err
	}
	d.say("%s", d.counts(reply))
	if r, err = d.handler.PlanRestore(ctx, plan.RestoreOrder{From: demoRegion, To: to}, ""); err != nil {
		return d.broken(err.Error())
	}
	again, _ := r.Planned()
	d.say("The same command again → %s", d.counts(again))
	if complaints := d.cloud.Complaints(); len(complaints) > 0 || len(d.cloud.Disks(to)) != len(d.sourceDisks()) {
		return d.broken(fmt.Sprintf("%d disks, complaints: %q", len(d.cloud.Disks(to)), complaints))
	}
	return d.want(again, plan.Exists, len(d.sourceDisks()))
}

// sourceDisks are the disks of the source region.
func (d *demo) sourceDisks() []sim.Disk { return d.cloud.Disks(demoRegion) }
