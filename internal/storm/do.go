package storm

import (
	"fmt"
	"time"

	"snapferry/internal/sim"
)

// do plays a step. What takes time goes on beside the steps that follow.
func (p *play) do(i int, s step) {
	p.mu.Lock()
	p.events++
	if p.story {
		p.result.Trace = append(p.result.Trace, fmt.Sprintf("%3d %s", i+1, s))
	}
	p.mu.Unlock()
	switch s.kind {
	case makeSnap:
		n := p.w.snaps[s.n]
		n.State, n.Percent = "CREATING", 1+int(s.dice%98)
		p.put(&n)
		p.expire(n.Region, n.Disk)
	case readySnap:
		n := &p.w.snaps[s.n]
		p.cloud.ChangeSnapshot(n.Region, n.ID, func(s *sim.Snapshot) { s.State, s.Percent = "NORMAL", 100 })
	case event, groupEvent:
		p.begin(i, s, p.copies[s.n], "copy", p.w.records(s))
	case oddEvent:
		p.begin(i, s, p.copies[s.n], "copy", p.w.odd(s))
	case copyTimer:
		p.begin(i, s, p.copies[s.n], "copy", timerEvent("copy"))
	case verifyTimer:
		p.begin(i, s, p.verify, "verify", timerEvent("verify"))
	case retainTimer:
		p.begin(i, s, p.retain, "retain", timerEvent("retain"))
	case manualCopy:
		p.manual(i, s)
	case planOnly:
		p.begin(i, s, p.copies[s.n], "plan", `{"job":"plan"}`)
	case faults:
		p.weather(&p.faults, s.rate)
	case fates:
		p.weather(&p.fates, s.rate)
	case quota:
		p.squeeze(s)
	case meddle:
		p.meddle(s)
	case sharing:
		p.shareAll()
	}
}

// expire deletes a disk's oldest sources, as an automatic policy does.
func (p *play) expire(region, disk string) {
	if p.w.policy == 0 || disk == "" {
		return
	}
	var mine []sim.Snapshot
	for _, s := range p.cloud.Snapshots(region) {
		if s.Disk == disk {
			mine = append(mine, s)
		}
	}
	for _, s := range mine[:max(0, len(mine)-p.w.policy)] {
		if len(s.CopyingTo) > 0 || s.State == "CREATING" {
			continue // the service refuses
		}
		p.disturb(region, s.ID, "")
		p.loseSource(&s)
		p.note("  the policy deletes source %s in %s", s.ID, region)
	}
}

// manual is an operator's request.
func (p *play) manual(i int, s step) {
	n := &p.w.snaps[s.dice%uint64(len(p.w.snaps))]
	var event string
	switch s.dice >> 8 % 8 {
	case 0, 1:
		event = fmt.Sprintf(`{"job":"copy","snapshotId":%q}`, n.ID)
	case 2:
		event = fmt.Sprintf(`{"snapshotId":%q,"sourceRegion":%q}`, n.ID, n.Region)
	case 3:
		event = fmt.Sprintf(`{"job":"copy","targetRegions":[%q]}`, p.w.targets[0])
	case 4:
		event = `{"job":"copy","dryRun":true}`
	case 5:
		p.begin(i, s, p.retain, "retain", `{"job":"retain","dryRun":true}`)
		return
	case 6:
		p.begin(i, s, p.retain, "retain", `{"job":"retain","force":true}`)
		return
	default:
		event = `{"job":"copy"}`
	}
	p.begin(i, s, p.copies[s.n], "copy", event)
}

func (p *play) weather(what *float64, rate float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*what = rate
}

// squeeze leaves a target region little room, or all it wants.
func (p *play) squeeze(s step) {
	region := p.w.targets[s.dice%uint64(len(p.w.targets))]
	room := plenty
	if s.dice>>8&1 == 0 {
		room = len(p.cloud.Snapshots(region)) + int(s.dice>>16%8)
	}
	p.cloud.SetQuota(region, room)
}

// tries is how often the platform delivers an event that ended in an error.
const tries = 3

// begin starts an invocation. Events that fail come again after a minute, and
// another one.
func (p *play) begin(i int, s step, f *function, job, event string) {
	before := p.latest
	if !before.at.Equal(time.Now()) {
		before = nil // it will look itself
	}
	p.running.Go(func() {
		for try := range tries {
			inv := &invocation{number: uint64(i*tries + try + 1), f: f, job: job, event: event, slow: s.slow}
			keys := time.Duration(0)
			if try == 0 {
				inv.before = before
				inv.die, keys = s.die, s.keys
			}
			if !p.invoke(inv, s.limit, keys) || s.kind != eventKind(s.kind) {
				return
			}
			time.Sleep(time.Minute)
		}
	})
}

// eventKind is k where the platform delivers such a step again after an error.
func eventKind(k kind) kind {
	if k == event || k == groupEvent || k == oddEvent {
		return k
	}
	return -1
}
