package storm

import (
	"slices"
	"sync"
	"time"

	"snapferry/internal/sim"
)

// A ledger holds the copies that the service accepted, and demands that no
// second copy of a source is accepted in a region unless the first vanished,
// was deleted or came out spoilt.
type ledger struct {
	*record
	w       *world
	nemesis *nemesis

	mu        sync.Mutex
	asked     map[pair]asked // who asked for a copy last
	accepted  map[pair][]*accepted
	replica   map[place]*accepted
	deletions map[place]time.Time // when the function first asked for a replica's deletion
	calm      time.Time           // when the faults stopped and others left the account alone; zero: not yet
}

// An asked copy is one that was asked for, and its source then.
type asked struct {
	inv *invocation
	src sim.Snapshot
}

// An accepted copy is one that the service has begun.
type accepted struct {
	sim.Copy
	at   time.Time
	fate sim.Fate
	of   sim.Snapshot // its source
	old  bool         // its source has grown since, and shows another size
	odd  bool         // a double that odd lists excuse
}

// maxSpoilt is how many replicas of a source are made in a region at most if
// each comes out spoilt.
const maxSpoilt = 3

func (l *ledger) ask(at pair, by asked) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked[at] = by
}

// shows reports whether lists already show a replica at a time.
func (l *ledger) shows(at place, when time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.replica[at]
	return a == nil || when.After(a.at.Add(l.w.cloud.Hidden))
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
	inv.spare[to]--
	return inv.spare[to] >= 0
}

// accept takes down a copy. It is called with the simulator's lock held.
func (l *ledger) accept(c sim.Copy, fate sim.Fate) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := pair{c.Source, c.From, c.To}
	by := l.asked[at]
	b := &accepted{Copy: c, at: time.Now(), fate: fate, of: by.src}
	l.log("copy of %s from %s to %s accepted: %s, %s", c.Source, c.From, c.To, c.Replica, fate)
	spoilt := 0
	b.odd = by.inv.mayDouble(c.To)
	for _, a := range l.accepted[at] {
		if !l.stands(a) {
			if l.deletedInCalm(a) {
				l.violate("%s was copied to %s as %s, after retention had deleted its replica %s", b.Source, b.To, b.Replica, a.Replica)
			}
			continue
		}
		spoilt++
		switch since := b.at.Sub(a.at); {
		case b.odd:
		case a.fate == sim.Finishes && !a.old || a.fate == sim.Vanishes:
			l.violate("%s was copied from %s to %s as %s, %s after the copy %s, which %s", b.Source, b.From, b.To, b.Replica, since, a.Replica, a.fate)
		case since < l.w.timeout-tolerance:
			l.violate("%s was copied from %s to %s as %s, only %s after the spoilt %s", b.Source, b.From, b.To, b.Replica, since, a.Replica)
		}
	}
	if spoilt >= maxSpoilt {
		l.violate("%s was copied from %s to %s as %s, a fourth replica", b.Source, b.From, b.To, b.Replica)
	}
	l.accepted[at] = append(l.accepted[at], b)
	l.replica[place{c.To, c.Replica}] = b
}

// stands reports whether a copy is in progress or there, as far as the
// function can be asked to know.
func (l *ledger) stands(a *accepted) bool {
	where := place{a.To, a.Replica}
	vanished := a.fate == sim.Vanishes && time.Since(a.at) >= l.w.cloud.CopyTime/2
	return !vanished && !renamed(a.fate) && l.deletions[where].IsZero() && !l.nemesis.took(where)
}

// renamed reports whether a replica gets another name than the one asked for. Then
// watch demands that no sweep that sees it copies to its region.
func renamed(f sim.Fate) bool {
	return slices.Contains([]sim.Fate{sim.NameAdded, sim.NameCut, sim.NameLowered}, f)
}

// unmarked reports whether the service never says of a replica that it is a copy.
func (l *ledger) unmarked(at place) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.replica[at]
	return a != nil && a.fate == sim.Unmarked
}

// faithful reports whether a replica really holds the point of the disk that its
// name says.
func (l *ledger) faithful(at place, of *label) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.replica[at]
	if a == nil {
		return !l.nemesis.forged(at)
	}
	return a.fate == sim.Finishes && a.Source == of.source && a.of.Disk == of.disk && a.of.Created.Truncate(time.Second).Equal(of.created)
}

// enlarge notes that the sources of a disk grow with it: replicas made before have
// another size now.
func (l *ledger) enlarge(disk place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.replica {
		a.old = a.old || a.From == disk.region && a.of.Disk == disk.id
	}
}

// deletedInCalm reports whether the function asked for the deletion of a good
// copy when nothing disturbed it. Then it must not want the copy again.
func (l *ledger) deletedInCalm(a *accepted) bool {
	return a.fate == sim.Finishes && !l.calm.IsZero() && l.deletions[place{a.To, a.Replica}].After(l.calm)
}

// rest notes that nothing disturbs the account any more.
func (l *ledger) rest() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calm = time.Now()
}

// delete notes that the function asks for a deletion.
func (l *ledger) delete(at place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.deletions[at].IsZero() {
		l.deletions[at] = time.Now()
	}
}

// spoilt reports how many replicas of a pair came out spoilt and are still there.
func (l *ledger) spoilt(t *truth, only func(*accepted) bool) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for at, a := range l.replica {
		if (a.fate != sim.Finishes || a.old) && t.here[at] != nil && only(a) {
			n++
		}
	}
	return n
}

// check demands that no source has two complete replicas in a region, but for
// those that others made.
func (l *ledger) check(t *truth) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for at, reps := range t.replicas {
		var whole []string
		for _, rep := range reps {
			where := place{rep.Region, rep.ID}
			a := l.replica[where]
			if t.complete(rep) && a != nil && a.fate == sim.Finishes && !a.odd {
				whole = append(whole, rep.ID)
			}
		}
		if len(whole) > 1 {
			l.violate("%s has %d complete replicas in %s: %v", at.source, len(whole), at.to, whole)
		}
	}
}
