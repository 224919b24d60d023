package storm

import (
	"time"

	"snapferry/internal/sim"
)

// A copied is a copy that the service accepted.
type copied struct {
	sim.Copy
	at   time.Time
	fate sim.Fate
	gone bool // no longer in its region
}

// stands reports whether a copy was still there, or in progress, at some time.
func (p *play) stands(c *copied, at time.Time) bool {
	where := place{c.To, c.Replica}
	by := func(when time.Time) bool { return !when.IsZero() && !when.After(at) }
	switch {
	case by(p.touched[where]):
		return false
	case c.fate == sim.Vanishes && !at.Before(c.at.Add(p.w.cloud.CopyTime/2)):
		return false
	}
	return !c.gone || !by(p.deletions[where])
}

// tolerance is how much clocks and the course of a run may blur a time that
// is measured between the service and the function.
const tolerance = 10 * time.Minute

// checkAccepted demands of the copies accepted since the last check that each
// was the only one of its source in its region, but for attempts that came
// out spoilt. Called with the lock held, after gone copies were noted.
func (p *play) checkAccepted() {
	for _, b := range p.unchecked {
		at := pair{b.Source, b.From, b.To}
		standing := 0
		for _, a := range p.copied[at] {
			if a == b {
				break
			}
			if !p.stands(a, b.at) {
				p.checkFight(a, b)
				continue
			}
			standing++
			switch since := b.at.Sub(a.at); {
			case a.fate == sim.Finishes || a.fate == sim.Vanishes:
				p.violateLocked("%s was copied from %s to %s as %s, %s after the copy %s, which %s", b.Source, b.From, b.To, b.Replica, since, a.Replica, a.fate)
			case since < p.w.timeout-tolerance:
				p.violateLocked("%s was copied from %s to %s as %s, only %s after the spoilt %s", b.Source, b.From, b.To, b.Replica, since, a.Replica)
			}
		}
		if standing >= 3 {
			p.violateLocked("%s was copied from %s to %s as %s, a fourth replica", b.Source, b.From, b.To, b.Replica)
		}
	}
	p.unchecked = p.unchecked[:0]
}

// checkFight demands that what retention deleted is not copied again, unless
// others changed the lane since: planned apart, the two would fight for ever.
func (p *play) checkFight(a, b *copied) {
	where := place{a.To, a.Replica}
	l := p.book.read(a.Name)
	if l == nil || p.wished[pair{b.Source, b.From, b.To}] || a.fate != sim.Finishes || !p.touched[where].IsZero() || p.meddled[l.lane(a.To)].After(a.at) {
		return
	}
	p.violateLocked("%s was copied to %s as %s, after retention had deleted its replica %s", b.Source, b.To, b.Replica, a.Replica)
}
