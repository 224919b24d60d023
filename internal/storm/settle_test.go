package storm

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"snapferry/internal/sim"
)

// rounds is how many timer rounds everything may take to settle once the
// faults have stopped.
const rounds = 3

// alarms are the outcomes by which a run says that something is wrong.
var alarms = []string{"failed", "stuck", "unexpected", "mismatch", "missing", "late", "unprotected"}

// settle stops the faults, plays timer rounds, and demands that everything is
// settled after them. One more copy run shows whether the function wants again
// what it has deleted.
func (d *director) settle() {
	d.log("the faults stop")
	d.faults.set(0, 0)
	d.faults.lie(0)
	d.faults.breakDown(outage{})
	d.ledger.rest()
	d.makeRoom()
	for _, s := range d.cloud.Snapshots("") { // so that no source goes, and no proof with it, while all settles
		if s.State == "TORECYCLE" {
			d.nemesis.remove(&s)
		}
	}
	for _, n := range d.w.snaps { // those whose time to be ready had not come
		d.cloud.ChangeSnapshot(n.Region, n.ID, func(s *sim.Snapshot) {
			if s.State == "CREATING" {
				s.State, s.Percent = "NORMAL", 100
			}
		})
	}
	if d.faults.exact != nil {
		time.Sleep(beliefTime) // till what a lie made the function believe has lapsed
	}
	pause := max(d.set.timeout, d.w.slowestCopy()) + 2*tolerance
	d.clearNames()
	var open []string
	most := rounds
	if few := d.w.cloud.Quirks.CopiesAtOnce; few > 0 {
		most += len(d.set.required(d.observe())) / few
	}
	for round := range most {
		if round > 0 {
			time.Sleep(pause)
		}
		number := uint64(1)<<32 + uint64(round)*8
		copied := d.tick(number, d.copies[0], "copy")
		verified := d.tick(number+1, d.verify, "verify")
		d.tick(number+2, d.retain, "retain")
		if open = d.open(copied, verified); len(open) == 0 || d.failed() {
			d.tick(number+3, d.copies[0], "copy")
			return
		}
	}
	for _, why := range open {
		d.violate("after %d rounds: %s", most, why)
	}
}

// slowestCopy is how long a copy takes at most till lists show it whole.
func (w *world) slowestCopy() time.Duration {
	return w.cloud.CopyTime + w.cloud.CopySpread + w.cloud.CheckTime + w.cloud.Hidden
}

// makeRoom gives every region plenty of room.
func (d *director) makeRoom() {
	for _, region := range append([]string{closed, like}, somewhere...) {
		d.cloud.SetQuota(region, plenty)
		d.cloud.SetDiskQuota(region, -1)
	}
}

// clearNames is an operator who looks after an alarm about a name that is nearly a
// replica's, and deletes what has such names. Nothing is copied to its region before,
// so verify has to name one for each region where a wanted replica is missing.
func (d *director) clearNames() {
	odd := slices.DeleteFunc(d.cloud.Snapshots(""), func(s sim.Snapshot) bool { return !d.names.odd(&s) })
	if len(odd) == 0 {
		return
	}
	time.Sleep(d.w.cloud.Hidden) // till lists show them
	verified, t := d.tick(2<<32, d.verify, "verify"), d.observe()
	for at, src := range d.set.required(t) {
		near := t.nearly(at.to, (label{src.ID, src.Disk, at.from, src.Created}).name())
		if near != nil && len(t.there[at]) == 0 && !verified.alarms(func(a *action) bool { return a.From == at.to && strings.Contains(a.Reason, "nearly the name") }) {
			d.violate("verify does not name %s in %s: %q is nearly the name of the replica of %s", near.ID, near.Region, near.Name, src.ID)
		}
	}
	for _, s := range odd {
		d.nemesis.remove(&s)
	}
	time.Sleep(d.w.cloud.Quirks.DeleteLag)
}

// alarms reports whether a reply has an alarm of some kind. A nil reply has none.
func (r *reply) alarms(of func(*action) bool) bool {
	return r != nil && slices.ContainsFunc(r.Actions, func(a action) bool { return slices.Contains(alarms, a.Outcome) && of(&a) })
}

// tick is a timer at a quiet time.
func (d *director) tick(number uint64, f *function, job string) *reply {
	inv := &invocation{number: number, f: f, job: job, event: timerEvent(job)}
	d.invoke(inv, 15*time.Minute, 0)
	time.Sleep(time.Second)
	return inv.reply
}

// open says what keeps the account from being settled. Every required pair has
// to be complete and marked so. If one can't be, verify has to report it.
func (d *director) open(copied, verified *reply) []string {
	if copied == nil || verified == nil {
		return []string{"a run gave no reply"}
	}
	t := d.observe()
	said := map[pair]bool{}
	for _, a := range verified.Actions {
		if slices.Contains(alarms, a.Outcome) {
			said[pair{a.Snapshot, a.From, a.To}] = true
		}
	}
	var out []string
	wrong := d.ledger.spoilt(t, func(*accepted) bool { return true })
	if verified.alarms(func(*action) bool { return true }) {
		wrong++
	}
	for at, src := range d.set.required(t) {
		if t.has(at) {
			if !t.marked(at) {
				out = append(out, fmt.Sprintf("%s is complete in %s, and no replica is tagged as verified: %v", at.source, at.to, t.describe(at)))
			}
			continue
		}
		wrong++
		overdue := t.at.Add(d.w.skew).Sub(src.Created) > d.set.timeout+tolerance
		if why := d.hindrance(at, src, t); why == "" {
			out = append(out, fmt.Sprintf("%s of %s (%s, %v) is not in %s: %v", at.source, at.from, src.Disk, t.tags(src), at.to, t.describe(at)))
		} else if overdue && !said[at] && verified.Omitted == 0 {
			out = append(out, fmt.Sprintf("%s of %s is not in %s (%s), and verify does not report it", at.source, at.from, at.to, why))
		}
	}
	if wrong == 0 && (!copied.Settled || !verified.Settled) {
		out = append(out, fmt.Sprintf("all is in place, and the runs do not say settled: copy %t %v, verify %t %v", copied.Settled, copied.Counts, verified.Settled, verified.Counts))
	}
	slices.Sort(out)
	return out
}

// hindrance says why a pair can't be completed, for the reasons that the
// package comment lists. It returns "" if nothing hinders that.
func (d *director) hindrance(at pair, src *sim.Snapshot, t *truth) string {
	quirks := d.w.cloud.Quirks
	hangs := d.ledger.spoilt(t, func(a *accepted) bool { return a.fate == sim.Hangs && pair{a.Source, a.From, a.To} == at })
	switch {
	case d.w.refuses(src):
		return "refused for good"
	case hangs > 0 && !quirks.HungReleases:
		return "hangs, and the service goes on calling it in progress"
	case slices.ContainsFunc(t.there[at], func(rep *sim.Snapshot) bool {
		return quirks.SourceCreateTime || rep.Created.Truncate(time.Second).Equal(src.Created.Truncate(time.Second))
	}):
		return "of an unknown age"
	case t.anyMarked(at):
		return "proven earlier, and different now"
	case len(t.there[at]) >= maxSpoilt:
		return "three spoilt replicas"
	}
	return ""
}
