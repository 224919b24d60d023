package storm

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// A step is one thing that happens at one time. It is a plain value: what it
// chooses among (a replica to rename) it chooses by its dice when it is
// played, so that a storm can be cut after any step.
type step struct {
	number uint64        // among those of the storm
	at     time.Duration // since the storm began
	kind   kind
	n      int   // a snapshot, or an instance of the copy function
	snaps  []int // of an event
	limit  time.Duration
	slow   time.Duration // every request of the invocation takes that long
	die    int           // the invocation dies at its request of that number; 0: lives
	keys   time.Duration // the invocation's key expires after that time; 0: doesn't
	rate   float64       // of faults, or of copies that go wrong
	dice   uint64
}

// A kind says what happens.
type kind int

const (
	makeSnap   kind = iota
	readySnap       // its snapshot becomes NORMAL
	event           // CloudAudit records of snapshots made, to the copy function
	groupEvent      // the same, naming only disks
	oddEvent        // a record that asks for nothing
	copyTimer
	verifyTimer
	retainTimer
	manualCopy
	planOnly
	faultRate // a share of the requests breaks from now on
	fateRate  // a share of the copies goes wrong from now on
	lieRate   // a share of the lists lies from now on
	outages   // something fails for hours
	operator  // the operator changes the settings
	rivalTimer
	quota   // a target region gets little room, or all it wants
	others  // another tool, or a person, does something
	sharing // all replicas that have arrived are shared with the operator's other account
	drillTimer
	restoring   // an operator restores disks
	othersDisks // somebody makes, attaches, renames or tags disks in a target region
	diskQuota   // a target region takes a few more disks, or all
)

var kindNames = [...]string{
	"snapshot made", "snapshot ready", "event", "group event", "odd event", "copy timer", "verify timer", "retain timer",
	"manual copy", "plan", "faults", "fates", "lies", "outage", "other settings", "timer of somebody else's", "quota", "nemesis", "shared",
	"drill timer", "restore", "disks of others", "disk quota",
}

// String is a step in a trace.
func (s step) String() string {
	switch s.kind {
	case makeSnap, readySnap:
		return fmt.Sprintf("%s #%d", kindNames[s.kind], s.n)
	case faultRate, fateRate, lieRate:
		return fmt.Sprintf("%s %.2f", kindNames[s.kind], s.rate)
	}
	return fmt.Sprintf("%s, instance %d, snapshots %v, limit %s, slow by %s, dies at request %d, key expires after %s",
		kindNames[s.kind], s.n, s.snaps, s.limit, s.slow, s.die, s.keys)
}

// schedule draws the steps of a storm, in order.
func (w *world) schedule(d draw) []step {
	span := d.between(20*time.Hour, 60*time.Hour)
	var steps []step
	add := func(s step) {
		// Never two at the same instant: which one comes first would be left
		// to the scheduler.
		s.at, s.dice = s.at.Truncate(time.Millisecond)+time.Duration(len(steps)), d.Uint64()
		steps = append(steps, s)
	}
	some := func(least, most int, k kind) {
		for range d.upTo(least, most) {
			add(w.call(d, step{at: d.between(0, span), kind: k}))
		}
	}
	w.drawMaking(d, span, add)
	for range d.upTo(6, 11) {
		first := w.call(d, step{at: d.between(0, span), kind: copyTimer})
		add(first)
		for range oneOf(d, 0, 0, 1, 1, 2) { // the next timer, an event, a person: while the first still runs
			add(w.call(d, step{at: first.at + d.between(0, time.Minute), kind: oneOf(d, copyTimer, copyTimer, copyTimer, retainTimer, manualCopy)}))
		}
	}
	some(2, 5, verifyTimer)
	some(2, 4, retainTimer)
	some(0, 3, manualCopy)
	some(0, 1, planOnly)
	some(0, 2, oddEvent)
	some(0, 3, quota)
	some(0, 1, outages)
	if d.chance(0.3) {
		some(1, 1, operator)
	}
	if w.rival != nil {
		some(3, 7, rivalTimer)
	}
	if d.chance(0.75) {
		some(1, 10, others)
	}
	for range d.upTo(1, 4) {
		add(step{at: d.between(0, span), kind: faultRate, rate: oneOf(d, 0, 0.02, 0.05, 0.15, 0.4)})
	}
	if d.chance(0.5) {
		for range d.upTo(1, 3) {
			add(step{at: d.between(0, span), kind: lieRate, rate: oneOf(d, 0, 0.05, 0.2, 0.5)})
		}
	}
	for range d.upTo(1, 3) {
		add(step{at: d.between(0, span), kind: fateRate, rate: oneOf(d, 0, 0, 0.05, 0.05, 0.1, 0.1, 0.3, 0.3, 1)})
	}
	slices.SortFunc(steps, func(a, b step) int { return cmp.Compare(a.at, b.at) })
	for i := range steps {
		steps[i].number = uint64(i)
	}
	if w.disaster {
		steps = append(steps, w.drawDisaster(draws(w.seed, 8), span, uint64(len(steps)))...)
		slices.SortFunc(steps, func(a, b step) int { return cmp.Compare(a.at, b.at) })
	}
	return steps
}

// drawDisaster draws drills, restores, and what happens to disks in target regions
// meanwhile. They are numbered from first.
func (w *world) drawDisaster(d draw, span time.Duration, first uint64) (steps []step) {
	add := func(s step) {
		if s = w.call(d, s); d.chance(0.25) {
			s.die = d.upTo(1, 40)
		}
		s.number = first + uint64(len(steps))
		s.at, s.dice = s.at.Truncate(time.Millisecond)+500*time.Microsecond+time.Duration(len(steps)), d.Uint64()
		steps = append(steps, s)
	}
	for range d.upTo(2, 5) {
		at, regions := d.between(span/8, span), d.Uint64()&0xffff // two operators restore the same, mostly
		kinds := []kind{oneOf(d, drillTimer, drillTimer, restoring)}
		for range oneOf(d, 0, 1, 1, 2) { // while the first still runs
			kinds = append(kinds, oneOf(d, drillTimer, restoring, othersDisks))
		}
		for i, k := range kinds {
			add(step{at: at + time.Duration(i)*d.between(0, time.Minute), kind: k})
			if last := &steps[len(steps)-1]; d.chance(0.7) {
				last.dice = last.dice&^0xffff | regions
			}
		}
	}
	for range d.upTo(1, 6) {
		add(step{at: d.between(0, span), kind: oneOf(d, othersDisks, othersDisks, othersDisks, diskQuota)})
	}
	return steps
}

// drawMaking draws the making of snapshots and what becomes known of it.
// Events get lost, come twice, late, before the snapshot shows, and in batches.
func (w *world) drawMaking(d draw, span time.Duration, add func(step)) {
	var batch []int
	for i, s := range w.snaps {
		if s.age > 0 {
			continue
		}
		at := d.between(0, span*9/10)
		add(step{at: at, kind: makeSnap, n: i})
		add(step{at: at + s.ready, kind: readySnap, n: i})
		for range oneOf(d, 0, 0, 0, 0, 1, 1, 2) {
			after := d.between(0, time.Minute)
			switch d.IntN(4) {
			case 0:
				after = d.between(0, 3*time.Hour)
			case 1:
				after = s.ready + d.between(0, 5*time.Minute)
			}
			if d.chance(0.3) {
				batch = append(batch, i)
				continue
			}
			add(w.call(d, step{at: at + after, kind: oneOf(d, event, event, event, groupEvent), snaps: []int{i}}))
		}
		if len(batch) > 0 && d.chance(0.3) {
			add(w.call(d, step{at: at + d.between(0, time.Hour), kind: event, snaps: batch}))
			batch = nil
		}
	}
}

// call draws how an invocation goes.
func (w *world) call(d draw, s step) step {
	s.n = d.IntN(len(w.copies))
	s.limit = oneOf(d, 15*time.Minute, 15*time.Minute, 5*time.Minute, time.Minute)
	if s.kind == event {
		s.limit = 5 * time.Minute // EventBridge allows no more
	}
	if w.large {
		s.limit = oneOf(d, 15*time.Minute, 5*time.Minute, time.Minute, 30*time.Second)
	}
	if d.chance(0.1) {
		s.slow = d.between(300*time.Millisecond, 8*time.Second)
	}
	if d.chance(0.06) {
		s.die = d.upTo(1, 25)
	}
	if d.chance(0.04) {
		s.keys = d.between(50*time.Millisecond, 10*time.Second)
	}
	if d.chance(0.03) {
		s.limit = oneOf(d, 3*time.Second, 10*time.Second)
	}
	return s
}
