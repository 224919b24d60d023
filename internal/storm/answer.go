package storm

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"snapferry/handler"
	"snapferry/internal/sim"
)

// alarms are the outcomes that make a run an error.
var alarms = []string{"failed", "stuck", "unexpected", "mismatch", "missing"}

// answer looks at what an invocation returned.
func (p *play) answer(inv *invocation, out []byte, err error) {
	now := time.Now()
	if !now.Before(inv.deadline) {
		p.violate("invocation %s (%s) answers %s after its deadline", inv.key, inv.job, now.Sub(inv.deadline))
	}
	if err == nil {
		inv.log.reply = out
	}
	var failed *handler.Failure
	if err != nil && !errors.As(err, &failed) {
		p.note("  %s: %s: %v", inv.key[9:], inv.job, err)
		if inv.faults == 0 && inv.sent > 0 {
			p.violate("invocation %s (%s) breaks off without a fault: %v", inv.key, inv.job, err)
		}
		return
	}
	var r handler.Reply
	if e := json.Unmarshal(inv.log.reply, &r); e != nil {
		p.violate("invocation %s (%s) replies %q: %v", inv.key, inv.job, inv.log.reply, e)
		return
	}
	inv.reply = &r
	p.note("  %s: %s replies: settled %t, %v, %d calls, %.1f s, error %v", inv.key[9:], inv.job, r.Settled, r.Counts, r.APICalls, r.Seconds, err)
	p.checkReply(inv, &r, err)
}

// checkReply holds a reply against the truth before and after it.
func (p *play) checkReply(inv *invocation, r *handler.Reply, err error) {
	n := 0
	for _, o := range alarms {
		for outcome, count := range r.Counts {
			if string(outcome) == o {
				n += count
			}
		}
	}
	if (n > 0) != (err != nil) {
		p.violate("invocation %s (%s): %v, and the error is %v", inv.key, inv.job, r.Counts, err)
	}
	if r.APICalls != inv.sent {
		p.violate("invocation %s (%s) says %d calls, and made %d", inv.key, inv.job, r.APICalls, inv.sent)
	}
	after := p.look()
	p.checkWords(inv, r, after)
	p.checkDeletions(inv, after)
	if r.Settled && inv.sweep() {
		p.checkSettled(inv, after)
	}
	if inv.job == "verify" && inv.alone >= 0 && inv.faults == 0 {
		p.checkAlarms(inv, r, after)
	}
}

// sweep reports whether an invocation is about everything.
func (inv *invocation) sweep() bool {
	return inv.event == timerEvent(inv.job) || inv.event == fmt.Sprintf(`{"job":%q}`, inv.job)
}

// checkWords demands that what is said of single replicas is true.
func (p *play) checkWords(inv *invocation, r *handler.Reply, after *truth) {
	for _, a := range r.Actions {
		if a.Replica == "" && a.Outcome != "started" {
			continue
		}
		where := place{a.To, a.Replica}
		p.mu.Lock()
		_, accepted := p.replica[where]
		lingers, misled := p.lingers(after, where, inv.began), inv.misled[where]
		p.mu.Unlock()
		rep := after.here[where]
		switch a.Outcome {
		case "started":
			if !accepted {
				p.violate("%s to %s is said to have started as %q, and no such copy was accepted", a.Snapshot, a.To, a.Replica)
			}
		case "verified", "exists":
			if (rep == nil || !after.complete(rep)) && !lingers && !inv.wasComplete(where) {
				p.violate("%s %s: %s in %s is said to be %s, and is not complete", inv.key, inv.job, a.Replica, a.To, a.Outcome)
			}
		case "deleted":
			if rep != nil && !misled {
				p.violate("%s in %s is said to be deleted, and is there", a.Replica, a.To)
			}
		}
	}
}

// wasComplete reports whether a replica was complete when the invocation began.
func (inv *invocation) wasComplete(at place) bool {
	was := inv.before.here[at]
	return was != nil && inv.before.complete(was)
}

// checkSettled demands that what is said to be settled is.
func (p *play) checkSettled(inv *invocation, after *truth) {
	later := p.w.required(after)
	for at := range p.w.required(inv.before) {
		if later[at] == nil || inv.before.standing(at) == complete || after.standing(at) == complete {
			continue
		}
		p.mu.Lock()
		excused := p.takenForSettled(inv, at, after)
		p.mu.Unlock()
		if !excused {
			p.violate("invocation %s (%s) says that all is settled, and %s is not in %s: %v", inv.key, inv.job, at.source, at.to, after.describe(at))
		}
	}
}

// takenForSettled reports whether a run that can't know better may take a pair
// that is not complete for settled: others changed what decides about it, the
// service refuses it for good, or has said so, or goes on listing a replica
// that is gone. Called with the lock held.
func (p *play) takenForSettled(inv *invocation, at pair, after *truth) bool {
	if p.changedSince(inv.began, place{at.from, at.source}) {
		return true
	}
	src := after.here[place{at.from, at.source}]
	if (inv.job == "copy" || inv.job == "plan") && (p.believes(inv, at) || src.Usage == "SYSTEM_DISK" && p.w.cloud.Quirks.SystemDiskRefused) {
		return true
	}
	return p.shownStill(at, src, after, inv.began)
}

// shownStill reports whether lists may have gone on showing what is gone to a
// run that began at some time: a replica of a pair, or another source of its
// disk, which the keep rules then rank. Called with the lock held.
func (p *play) shownStill(at pair, src *sim.Snapshot, after *truth, began time.Time) bool {
	if when := p.thinned[place{at.from, src.Disk}]; !when.IsZero() && began.Before(when.Add(p.w.cloud.Quirks.DeleteLag)) {
		return true
	}
	for where, c := range p.replica {
		if c.Source == at.source && where.region == at.to && p.lingers(after, where, began) {
			return true
		}
	}
	return false
}

// explained says why a pair can't be completed, in words of the package
// comment's list; "" if nothing is known against it.
func (p *play) explained(at pair, t *truth) string {
	src := t.here[place{at.from, at.source}]
	quirks := &p.w.cloud.Quirks
	if src != nil && src.Usage == "SYSTEM_DISK" && quirks.SystemDiskRefused {
		return "refused for good"
	}
	hangs := func(c *copied) bool { return c.fate == sim.Hangs && t.here[place{c.To, c.Replica}] != nil } // renamed ones too
	if !quirks.HungReleases && slices.ContainsFunc(p.copied[at], hangs) {
		return "hangs, and the service goes on calling it in progress"
	}
	left := 0
	for _, rep := range t.replicas[at] {
		if t.complete(rep) {
			continue
		}
		left++
		if quirks.SourceCreateTime {
			return "of an unknown age"
		}
	}
	if left >= 3 {
		return "three spoilt replicas"
	}
	return ""
}

// checkAlarms demands of a verify run that nothing disturbed that it reports
// every pair that is overdue, and no complete one as if it were not.
func (p *play) checkAlarms(inv *invocation, r *handler.Reply, after *truth) {
	said, unseen := map[pair]string{}, map[string]bool{}
	for _, a := range r.Actions {
		if slices.Contains(alarms, string(a.Outcome)) {
			said[pair{a.Snapshot, a.From, a.To}] = string(a.Outcome)
			unseen[a.From] = unseen[a.From] || a.Snapshot == "" // the region is reported as a whole
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for at, outcome := range said {
		if inv.before.standing(at) == complete && after.standing(at) == complete && !p.doubtful(after, at) {
			p.violateLocked("invocation %s reports %s in %s as %s, and it is complete", inv.key, at.source, at.to, outcome)
		}
	}
	if r.Omitted > 0 {
		return // not all of them are told
	}
	later := p.w.required(after)
	for at, src := range p.w.required(inv.before) {
		overdue := inv.began.Add(p.w.skew).Sub(src.Created) > p.w.timeout+tolerance
		expiring := p.w.maxAge > 0 && after.at.Add(p.w.skew+tolerance).Sub(src.Created) > p.w.maxAge
		told := said[at] != "" || unseen[at.from] || unseen[at.to]
		there := inv.before.standing(at) == complete || after.standing(at) == complete || p.shownStill(at, src, after, inv.began)
		if later[at] == nil || !overdue || expiring || told || there || p.trying(at, after.at) {
			continue
		}
		p.violateLocked("invocation %s does not report that %s is still not in %s after %s", inv.key, at.source, at.to, inv.began.Add(p.w.skew).Sub(src.Created))
	}
}

// doubtful reports whether a replica of a pair came out wrong. Where its
// source is gone it counts as complete, and may well be doubted. Called with
// the lock held.
func (p *play) doubtful(t *truth, at pair) bool {
	return slices.ContainsFunc(t.replicas[at], func(rep *sim.Snapshot) bool {
		c := p.replica[place{rep.Region, rep.ID}]
		return c != nil && c.fate != sim.Finishes
	})
}

// trying reports whether a copy of a pair that is young enough is under way.
// Called with the lock held.
func (p *play) trying(at pair, now time.Time) bool {
	return slices.ContainsFunc(p.copied[at], func(c *copied) bool {
		return p.stands(c, now) && now.Sub(c.at) < p.w.timeout+tolerance
	})
}
