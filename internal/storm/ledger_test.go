package storm

import (
	"maps"
	"slices"
	"sync"
	"time"

	"snapferry/internal/sim"
)

// A ledger holds the copies that the service accepted, and demands that no
// second copy of a source is accepted in a region unless the first is gone or came
// out spoilt.
type ledger struct {
	*director

	freshly sync.Mutex
	fresh   []*accepted // what judge has not looked at yet

	mu      sync.Mutex
	asked   map[pair]asked // who asked for a copy last
	copies  map[pair][]*accepted
	replica map[place]*accepted
	calm    time.Time           // when the faults stopped and others left the account alone; zero: not yet
	deleted map[pair]bool       // the function has deleted a good replica since then
	ended   map[place]time.Time // when a deletion was asked for last
}

// An asked copy is one that was asked for, and its source then.
type asked struct {
	inv *invocation
	src sim.Snapshot
}

// An accepted copy is one that the service has begun.
type accepted struct {
	sim.Copy
	asked
	at    time.Time
	fate  sim.Fate
	grown bool // its source has grown since, and shows another size
}

func (a *accepted) pair() pair   { return pair{a.Source, a.From, a.To} }
func (a *accepted) place() place { return place{a.To, a.Replica} }

// maxSpoilt is how many replicas of a source are made in a region at most if
// each comes out spoilt.
const maxSpoilt = 3

func (l *ledger) ask(at pair, by asked) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked[at] = by
}

// accept takes down a copy. It is called with the simulator's lock held.
func (l *ledger) accept(c sim.Copy, fate sim.Fate) {
	l.log("copy of %s from %s to %s accepted: %s, %s", c.Source, c.From, c.To, c.Replica, fate)
	l.freshly.Lock()
	defer l.freshly.Unlock()
	l.fresh = append(l.fresh, &accepted{Copy: c, at: time.Now(), fate: fate})
}

// judge looks at the copies that were accepted since it was last called.
func (l *ledger) judge() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.freshly.Lock()
	fresh := l.fresh
	l.fresh = nil
	l.freshly.Unlock()
	for _, a := range fresh {
		at := a.pair()
		a.asked = l.asked[at]
		l.judgeOne(a, at)
		l.copies[at] = append(l.copies[at], a)
		l.replica[a.place()] = a
	}
}

func (l *ledger) judgeOne(b *accepted, at pair) {
	if l.deleted[at] {
		l.violate("%s was copied to %s as %s, after retention had deleted its replica", b.Source, b.To, b.Replica)
	}
	excused, spoilt := b.inv.mayDouble(b.To), 0
	for _, a := range l.copies[at] {
		if rep, there := l.cloud.Snapshot(a.To, a.Replica); !there || !l.names.named(&rep) || l.names.read(rep.Name).pair(rep.Region) != at {
			continue
		}
		spoilt++
		switch since := b.at.Sub(a.at); {
		case excused:
		case a.fate == sim.Finishes && !a.grown || a.fate == sim.Vanishes:
			l.violate("%s was copied from %s to %s as %s, %s after the copy %s, which %s", b.Source, b.From, b.To, b.Replica, since, a.Replica, a.fate)
		case since < l.w.timeout-tolerance:
			l.violate("%s was copied from %s to %s as %s, only %s after the spoilt %s", b.Source, b.From, b.To, b.Replica, since, a.Replica)
		}
	}
	if spoilt >= maxSpoilt {
		l.violate("%s was copied from %s to %s as %s, a fourth replica", b.Source, b.From, b.To, b.Replica)
	}
}

// brake is how many copies a run may ask for that was shown an empty region: the
// brake on mass copying is for more.
const brake = 10

// mayDouble reports whether odd lists excuse that an invocation has a copy made in a
// region, though there is one. It counts.
func (inv *invocation) mayDouble(to string) bool {
	if inv == nil {
		return false
	}
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.spare[to]--
	return inv.spare[to] >= 0
}

// excuse says how many copies to a region odd lists excuse.
func (inv *invocation) excuse(to string, copies int) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.spare[to] = copies
}

// of is what is known about a replica; nil: somebody else made it.
func (l *ledger) of(at place) *accepted {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.replica[at]
}

// shows reports whether lists already show a replica at a time.
func (l *ledger) shows(at place, when time.Time) bool {
	a := l.of(at)
	return a == nil || when.After(a.at.Add(l.w.cloud.Hidden))
}

// faithful reports whether a replica really holds the point of the disk that its
// name says. A source may have lost its disk's id between the look and the request.
func (l *ledger) faithful(at place, what *label) bool {
	a := l.of(at)
	if a == nil {
		return !l.nemesis.forged(at)
	}
	return a.fate == sim.Finishes && a.Source == what.source && (a.src.Disk == what.disk || a.src.Disk == "") && a.src.Created.Truncate(time.Second).Equal(what.created)
}

// enlarge notes that the sources of a disk grow with it: replicas made before have
// another size now.
func (l *ledger) enlarge(disk place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.replica {
		a.grown = a.grown || a.From == disk.region && a.src.Disk == disk.id
	}
}

// rest notes that nothing disturbs the account any more.
func (l *ledger) rest() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calm = time.Now()
}

// delete notes that the function asks for a deletion. It must not want a good copy
// again that it deletes when nothing disturbs it. The result says that the same was
// asked a moment ago: two runs may do so at once, since neither sees the other.
func (l *ledger) delete(at place) (again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	again = time.Since(l.ended[at]) < 5*time.Second
	l.ended[at] = time.Now()
	if a := l.replica[at]; a != nil && a.fate == sim.Finishes && !l.calm.IsZero() {
		l.deleted[a.pair()] = true
	}
	return again
}

// spoilt reports how many replicas came out spoilt and are still there.
func (l *ledger) spoilt(t *truth, only func(*accepted) bool) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(slices.DeleteFunc(slices.Collect(maps.Values(l.replica)), func(a *accepted) bool {
		return a.fate == sim.Finishes && !a.grown || t.here[a.place()] == nil || !only(a)
	}))
}
