package storm

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"snapferry/handler"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// drawOrder draws what an operator restores.
func (d *director) drawOrder(dice uint64) *plan.RestoreOrder {
	o := &plan.RestoreOrder{From: d.set.sources[dice&0xff%uint64(len(d.set.sources))]}
	others := slices.DeleteFunc(slices.Clone(d.set.targets), func(r string) bool { return r == o.From })
	o.To = others[dice>>8&0xff%uint64(len(others))]
	o.Zone = []string{"", "", "", o.To + "-1", "", "", "", o.To + "-3"}[dice>>16&7]
	o.Type = []string{"", "CLOUD_SSD"}[dice>>19&1]
	o.Unproven = dice>>20&7 == 0
	if dice>>23&3 == 0 {
		o.Disks = []string{d.w.disks[dice>>26%uint64(len(d.w.disks))].ID}
	}
	if dice>>32&3 == 0 {
		o.At = time.Now().Add(-between(mix(dice), time.Hour, 40*time.Hour)).Truncate(time.Second)
	}
	return o
}

// restore is an operator's snapferry restore: a plan, some thought, and a yes.
func (d *director) restore(ctx context.Context, h *handler.Handler, inv *invocation) ([]byte, error) {
	h.KeepAll = true
	at := ""
	if !inv.order.At.IsZero() {
		at = inv.order.At.Format(time.RFC3339)
	}
	r, err := h.PlanRestore(ctx, *inv.order, at)
	if err != nil {
		return nil, err
	}
	if err := rest(ctx, between(mix(inv.number, 9), time.Second, 3*time.Minute)); err != nil {
		return nil, err
	}
	reply, err := r.Run(ctx)
	out, _ := json.Marshal(reply) // a reply always can be
	return out, err
}

// context is what an invocation has of time. A restore has all, until it is
// interrupted.
func (inv *invocation) context(limit time.Duration) (context.Context, context.CancelFunc) {
	if inv.order == nil {
		return context.WithDeadline(context.Background(), inv.deadline)
	}
	inv.deadline = inv.began.Add(1000 * time.Hour)
	ctx, cancel := context.WithCancel(context.Background())
	stop := time.AfterFunc(limit, cancel)
	return ctx, func() { stop.Stop(); cancel() }
}

// ofWholeReplica reports whether an action is about a replica that did not come out
// spoilt: others leave disks that look like a drill's, of any replica.
func (d *director) ofWholeReplica(a *action) bool {
	made := d.ledger.of(place{a.To, a.Replica})
	return made == nil || made.fate == sim.Finishes
}

// settleDisks demands, when nothing goes wrong any more, that drills end what they and
// dead runs have left, and that a restore restores every disk, once.
func (d *director) settleDisks() {
	time.Sleep(d.w.slowestCopy())
	var last time.Time
	for round := range uint64(rounds) {
		last = time.Now()
		if r := d.tick(3<<32+round, d.drills[0], "drill"); r == nil || r.alarms(d.ofWholeReplica) {
			d.violate("a drill fails, and nothing goes wrong: %+v", r)
		}
		time.Sleep(70 * time.Minute) // a token lasts for an hour
	}
	slow := d.w.cloud.DiskTime+d.w.cloud.Quirks.DiskLag > 8*time.Minute // so that a run need not see the end of it
	for _, disk := range d.cloud.Disks("") {
		if mayEnd(&disk) && slices.Contains(d.set.targets, disk.Region) && (!slow || disk.Created.Before(last.Add(d.w.skew))) {
			d.violate("after %d drills there still is %s in %s, %q, made %s", rounds, disk.ID, disk.Region, disk.Name, disk.Created)
		}
	}
	o := d.drawOrder(mix(d.w.seed, 10))
	o = &plan.RestoreOrder{From: o.From, To: o.To}
	for try := range uint64(4) {
		if try == 2 {
			o.Zone = o.To + "-3" // never sold out
		}
		was := d.cloud.Count("CreateDisks")
		inv := &invocation{number: 4<<32 + try, f: d.operators[0], job: "restore", order: o}
		d.invoke(inv, 5*time.Hour, 0)
		if again := d.cloud.Count("CreateDisks") - was; again > 0 && try&1 == 1 {
			d.violate("the second restore from %s to %s, zone %q, asks for %d disks", o.From, o.To, o.Zone, again)
		}
		d.demandRestored(o, inv.reply)
	}
	d.demandSingle()
}

// demandRestored demands that every disk that has a replica that is surely proven has a
// disk made of it or of a newer one.
func (d *director) demandRestored(o *plan.RestoreOrder, said *reply) {
	t, sizes := d.observe(), map[string]int{}
	for _, disk := range d.cloud.Disks(o.To) {
		if id := disk.Tags["ferry:restore"]; o.Zone == "" || disk.Zone == o.Zone {
			sizes[id] = max(sizes[id], disk.SizeGiB)
		}
	}
	for s, reps := range t.series {
		if s.from != o.From || s.to != o.To || s.disk == "" {
			continue
		}
		var best *sim.Snapshot
		for _, rep := range reps {
			if t.surelyProven(rep) && (best == nil || t.names.ours(rep).created.After(t.names.ours(best).created)) {
				best = rep
			}
		}
		if best == nil || best.Usage == "SYSTEM_DISK" || slices.ContainsFunc(reps, func(rep *sim.Snapshot) bool {
			return t.proven(rep) && sizes[rep.ID] >= rep.SizeGiB && !t.names.ours(rep).created.Before(t.names.ours(best).created)
		}) {
			continue
		}
		d.violate("nothing goes wrong, and %s is not restored in %s from %s or a newer one, zone %q: %+v", s.disk, s.to, best.Name, o.Zone, said.ofDisk(s.disk))
	}
}

// surelyProven reports whether any run can see that a replica is proven.
func (t *truth) surelyProven(rep *sim.Snapshot) bool {
	l := t.names.ours(rep)
	src := t.here[place{l.from, l.source}]
	return t.proven(rep) && (marked(rep) && !t.untold || src != nil && src.Disk == l.disk)
}

// ofDisk is what a reply says of a disk.
func (r *reply) ofDisk(disk string) (all []action) {
	if r == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.Actions), func(a action) bool { return a.Disk != disk })
}

// demandSingle demands that restores have made one disk for a replica and zone.
func (d *director) demandSingle() {
	all := map[string][]string{}
	for _, disk := range d.cloud.Disks("") {
		if replica := disk.Tags["ferry:restore"]; replica != "" && !d.nemesis.hasTagged(place{disk.Region, disk.ID}) {
			what := replica + " in " + disk.Zone
			all[what] = append(all[what], disk.ID)
		}
	}
	for _, what := range slices.Sorted(maps.Keys(all)) {
		if len(all[what]) > 1 {
			d.violate("%s", fmt.Sprint("there are several disks of ", what, ": ", all[what]))
		}
	}
}
