package storm

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"snapferry/internal/sim"
)

// An outage is something that fails for hours: one region, one API, one permission,
// one destination, or the copies of one disk.
type outage struct {
	until time.Time
	what  string
	way   way
	hits  func(sim.Call) bool
	sick  func(pair, *sim.Snapshot) bool // the pairs that it concerns
}

func (f *faults) breakDown(o outage) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sick = o
}

// sickWays are the ways in which requests fail for hours.
var sickWays = []sim.Fault{
	{Kind: sim.Refuse, Code: "InternalError.ComponentError"},
	{Kind: sim.Refuse, Code: "ResourceBusy"},
	{Kind: sim.Refuse, Code: "ResourceUnavailable"},
	{Kind: sim.Refuse, Code: "FailedOperation"},
	{Kind: sim.BadGateway},
	{Kind: sim.LoseCall},
	{Kind: sim.HangBefore},
	{Kind: sim.Refuse, Code: "UnauthorizedOperation"}, // the last one: no permission depends on a disk
}

// drawOutage draws one.
func (d *director) drawOutage(dice uint64) outage {
	from := d.set.sources[dice>>8%uint64(len(d.set.sources))]
	to := d.set.targets[dice>>16%uint64(len(d.set.targets))]
	disk := d.w.disks[dice>>24%uint64(len(d.w.disks))]
	o := outage{way: way{Fault: sickWays[dice>>32%uint64(len(sickWays))]}, until: time.Now().Add(between(mix(dice), time.Hour, 6*time.Hour))}
	switch dice % 4 {
	case 0, 1:
		o.what = "copies to " + to
		o.hits = func(c sim.Call) bool { return c.CopiesTo(to) }
		o.sick = func(at pair, _ *sim.Snapshot) bool { return at.to == to }
	case 2:
		o.way.Fault = sickWays[dice>>32%uint64(len(sickWays)-1)]
		o.what = "copies of " + disk.ID
		o.hits = func(c sim.Call) bool {
			var q params
			if c.Action != copyAction || json.Unmarshal(c.Params, &q) != nil {
				return false
			}
			s, _ := d.cloud.Snapshot(c.Region, q.SnapshotId)
			return s.Disk == disk.ID
		}
		o.sick = func(_ pair, src *sim.Snapshot) bool { return src.Disk == disk.ID }
	default:
		region := []string{from, to}[dice>>40&1]
		o.what = "everything in " + region
		o.hits = func(c sim.Call) bool { return c.Region == region }
		o.sick = func(at pair, _ *sim.Snapshot) bool { return at.from == region || at.to == region }
	}
	o.what += fmt.Sprintf(" (%s)", o.way)
	return o
}

// sicken has something fail for hours, and nothing else for the first of them. In
// that time three timer rounds have to bring what is healthy on its way.
func (d *director) sicken(s step) {
	o := d.drawOutage(s.dice)
	d.log("from now on, fail for hours: %s", o.what)
	d.running.Wait()
	was := d.faults.calm()
	d.faults.breakDown(o)
	d.makeRoom()
	before := d.observe()
	var last *reply
	for round := range uint64(rounds) {
		last = d.tick(uint64(1)<<33+s.number*16+round, d.copies[0], "copy")
		time.Sleep(5 * time.Minute)
	}
	d.tick(uint64(1)<<33+s.number*16+8, d.verify, "verify")
	after := d.observe()
	later := d.set.required(after)
	for at, src := range d.set.required(before) {
		if later[at] == nil || len(after.there[at]) > 0 || o.sick(at, src) || d.w.refuses(src) || d.w.cloud.Quirks.CopiesAtOnce > 0 || d.anyOdd(after, at.to) {
			continue
		}
		d.violate("%d timer rounds have not brought %s of %s to %s, because others fail: %s; the last run says of it: %+v", rounds, at.source, at.from, at.to, o.what, last.of(at))
	}
	d.faults.set(was[0], was[1])
	d.faults.lie(was[2])
}

// calm stops all faults, and returns how many there were.
func (f *faults) calm() (was [3]float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	was = [3]float64{f.requests, f.copies, f.lists}
	f.requests, f.copies, f.lists = 0, 0, 0
	return was
}

// anyOdd reports whether a region holds copies with odd names, which block it.
func (d *director) anyOdd(t *truth, region string) bool {
	return slices.ContainsFunc(d.cloud.Snapshots(region), func(s sim.Snapshot) bool { return t.names.odd(&s) })
}

// of is what a reply says of a copy.
func (r *reply) of(at pair) (all []action) {
	if r == nil {
		return nil
	}
	for _, a := range r.Actions {
		if a.Snapshot == at.source && a.To == at.to {
			all = append(all, a)
		}
	}
	return all
}
