package storm

import (
	"fmt"
	"slices"
	"strings"
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
		time.Sleep(time.Until(lied.Add(beliefLife + tolerance)))
	}
	o := p.w.cloud
	pause := max(p.w.timeout, o.CopyTime+o.CheckTime+o.Hidden) + 2*tolerance
	var open []string
	for round := range rounds {
		if round > 0 {
			time.Sleep(pause)
		}
		at := uint64(1)<<32 + uint64(round)*8
		copied := p.tick(at, p.copies[0], "copy")
		verified := p.tick(at+1, p.verify, "verify")
		retained := p.tick(at+2, p.retain, "retain")
		p.check()
		open = p.open(copied.reply, verified.reply)
		if retained.reply != nil {
			open = append(open, p.doubles(verified.reply, retained.reply)...)
		}
		if len(open) == 0 || len(p.violations()) > 0 {
			return
		}
	}
	for _, why := range open {
		p.violate("after %d rounds: %s", rounds, why)
	}
}

// tick is a timer at a quiet time.
func (p *play) tick(number uint64, f *function, job string) *invocation {
	inv := &invocation{number: number, f: f, job: job, event: timerEvent(job)}
	p.invoke(inv, 15*time.Minute, 0)
	time.Sleep(time.Second)
	return inv
}

// open says what keeps the world from being settled. Every pair has to be
// complete and marked so, or it has to be known why not, and reported.
func (p *play) open(copied, verified *handler.Reply) []string {
	if copied == nil || verified == nil {
		return []string{"a run gave no reply"}
	}
	t := p.look()
	p.mu.Lock()
	defer p.mu.Unlock()
	said := map[pair]bool{}
	for _, a := range verified.Actions {
		if slices.Contains(alarms, string(a.Outcome)) {
			said[pair{a.Snapshot, a.From, a.To}] = true
		}
	}
	var out []string
	left := 0
	for at, src := range p.w.required(t) {
		if t.standing(at) == complete {
			if !t.marked(at) {
				out = append(out, fmt.Sprintf("%s is complete in %s, and no replica is tagged as verified: %v", at.source, at.to, t.describe(at)))
			}
			continue
		}
		left++
		overdue := t.at.Add(p.w.skew).Sub(src.Created) > p.w.timeout+tolerance
		if why := p.explained(at, t); why == "" {
			out = append(out, fmt.Sprintf("%s of %s is not in %s: %v", at.source, at.from, at.to, t.describe(at)))
		} else if overdue && !said[at] && verified.Omitted == 0 {
			out = append(out, fmt.Sprintf("%s of %s is not in %s (%s), and verify does not report it", at.source, at.from, at.to, why))
		}
	}
	for at := range t.replicas {
		if t.standing(at) != complete || p.doubtful(t, at) {
			left++ // of no required source: nobody need have put it right
		}
	}
	for where, c := range p.replica {
		if c.fate == sim.Hangs && t.here[where] != nil {
			left++ // its source goes on calling it in progress, even if others renamed it
		}
	}
	if left == 0 && (!copied.Settled || !verified.Settled) {
		out = append(out, fmt.Sprintf("all is in place, and the runs do not say settled: copy %t %v, verify %t %v", copied.Settled, copied.Counts, verified.Settled, verified.Counts))
	}
	slices.Sort(out)
	return out
}

// doubles says which replicas that others doubled are neither reported nor,
// where there are keep rules, retired.
func (p *play) doubles(verified, retained *handler.Reply) []string {
	t := p.look()
	required := p.w.required(t)
	var out []string
	for where := range p.planted {
		rep := t.here[where]
		if rep == nil || !t.complete(rep) {
			continue
		}
		at := t.book.ours(rep).pair(where.region)
		twins := 0
		held := t.book.ours(rep).disk == "" // of an unknown disk nothing is ever deleted
		for _, r := range t.replicas[at] {
			if t.complete(r) {
				twins++
			}
			held = held || r.Locked || r.Images > 0 || len(r.SharedWith) > 0
		}
		if twins < 2 || required[at] == nil {
			continue
		}
		if told := strings.Join(verified.Warnings, "\n"); verified.Counts["verified"] > 0 && len(verified.Warnings) < 5 && !strings.Contains(told, where.id) {
			out = append(out, fmt.Sprintf("%s in %s is a double, and verify does not say so: %v", where.id, where.region, verified.Warnings))
		}
		if len(p.w.rules) > 0 && !held && retained.Counts["deferred"] == 0 {
			out = append(out, fmt.Sprintf("%s in %s is a double, and retention leaves it: %v", where.id, where.region, t.describe(at)))
		}
	}
	slices.Sort(out)
	return out
}

// marked reports whether a complete replica of a pair is tagged as verified.
func (t *truth) marked(at pair) bool {
	return slices.ContainsFunc(t.replicas[at], func(rep *sim.Snapshot) bool {
		return t.complete(rep) && rep.Tags["ferry:state"] == "verified"
	})
}

// describe shows the replicas of a pair.
func (t *truth) describe(at pair) []string {
	var out []string
	for _, rep := range t.replicas[at] {
		out = append(out, rep.ID+" "+rep.State+" since "+rep.Created.Format(time.DateTime))
	}
	return out
}
