package storm

import (
	"time"

	"snapferry/handler"
	"snapferry/internal/sim"
)

// rounds is how many timer rounds everything may take to settle once the
// faults have stopped.
const rounds = 3

// settle stops the faults, plays timer rounds, and demands that everything is
// settled after them.
func (p *play) settle() {
	p.mu.Lock()
	p.calm = true
	p.noteLocked("the faults stop")
	lied := p.lied
	p.mu.Unlock()
	for _, region := range append(append([]string{}, somewhere...), closed, like) {
		p.cloud.SetQuota(region, plenty)
	}
	for _, n := range p.w.snaps { // those whose time to be ready had not come
		p.cloud.ChangeSnapshot(n.Region, n.ID, func(s *sim.Snapshot) {
			if s.State == "CREATING" {
				s.State, s.Percent = "NORMAL", 100
			}
		})
	}
	if !lied.IsZero() { // what was refused for good is believed that long
		time.Sleep(time.Until(lied.Add(6*time.Hour + tolerance)))
	}
	o := p.w.cloud
	pause := max(p.w.timeout, o.CopyTime+o.CheckTime+o.Hidden) + 2*tolerance
	var copied, verified *invocation
	for round := range rounds {
		if round > 0 {
			time.Sleep(pause)
		}
		at := uint64(1)<<32 + uint64(round)*8
		copied = p.tick(at, p.copies[0], "copy")
		verified = p.tick(at+1, p.verify, "verify")
		p.tick(at+2, p.retain, "retain")
		if p.check(); len(p.violations()) > 0 || p.done != nil && p.done() {
			return
		}
	}
	p.checkEnd(copied.reply, verified.reply)
}

// tick is a timer at a quiet time.
func (p *play) tick(number uint64, f *function, job string) *invocation {
	inv := &invocation{number: number, f: f, job: job, event: timerEvent(job)}
	p.invoke(inv, 15*time.Minute, 0)
	time.Sleep(time.Second)
	return inv
}

// checkEnd demands that every pair is complete and marked so, or that it is
// known why not and has been reported.
func (p *play) checkEnd(copied, verified *handler.Reply) {
	if copied == nil || verified == nil {
		p.violate("no reply in the last round")
		return
	}
	t := p.look()
	said := map[pair]bool{}
	for _, a := range verified.Actions {
		for _, o := range alarms {
			if string(a.Outcome) == o {
				said[pair{a.Snapshot, a.From, a.To}] = true
			}
		}
	}
	left := 0
	for at, src := range p.w.required(t) {
		if t.standing(at) == complete {
			p.checkMarked(t, at)
			continue
		}
		left++
		p.mu.Lock()
		why := p.explained(at, t)
		p.mu.Unlock()
		switch overdue := t.at.Add(p.w.skew).Sub(src.Created) > p.w.timeout+tolerance; {
		case why == "":
			p.violate("%s from %s is not in %s after %d rounds: %v", at.source, at.from, at.to, rounds, p.w.describe(t, at))
		case overdue && !said[at] && verified.Omitted == 0:
			p.violate("%s from %s is not in %s (%s), and the last verify run does not report it", at.source, at.from, at.to, why)
		}
	}
	for at := range t.replicas {
		if t.standing(at) != complete {
			left++ // of no required source: nobody need have put it right
		}
	}
	if left == 0 && (!copied.Settled || !verified.Settled) {
		p.violate("all is in place, and the last runs do not say settled: copy %t %v, verify %t %v", copied.Settled, copied.Counts, verified.Settled, verified.Counts)
	}
}

// checkMarked demands that of a complete pair a complete replica says so.
func (p *play) checkMarked(t *truth, at pair) {
	for _, rep := range t.replicas[at] {
		if t.complete(rep) && rep.Tags["ferry:state"] == "verified" {
			return
		}
	}
	p.violate("%s is complete in %s, and no replica is tagged as verified: %v", at.source, at.to, p.w.describe(t, at))
}

// describe shows the replicas of a pair.
func (w *world) describe(t *truth, at pair) []string {
	var out []string
	for _, rep := range t.replicas[at] {
		out = append(out, rep.ID+" "+rep.State+" since "+rep.Created.Format(time.DateTime))
	}
	return out
}
