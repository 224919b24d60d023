package sim

import "time"

// A lifecycle is what a snapshot goes through by itself.
type lifecycle int

const (
	steady   lifecycle = iota // State and Percent are as stored
	creating                  // CREATING, then NORMAL
	copying                   // COPYING_FROM_REMOTE, CHECKING_COPIED, then as its fate says
)

// A snapshot is a Snapshot and what only the service knows of it. Guarded by the
// Cloud's lock.
type snapshot struct {
	Snapshot
	seq       int // number of arrival
	lifecycle lifecycle
	start     time.Time
	first     time.Duration // CREATING or COPYING_FROM_REMOTE
	second    time.Duration // CHECKING_COPIED
	fate      Fate
	source    *snapshot // of a copy made here
	madeAs    string    // the name that the copy was made with
	quirks    *Quirks   // of a copy made here
	visible   time.Time // answers do not show it before
	vanish    time.Time // when it disappears by its fate; zero: never
	deleted   bool      // lists may still show it
	removed   bool      // lists do not show it any more
	modified  time.Time
	shared    time.Time
	underway  []*snapshot // its replicas that were in progress when copyingTo was last called
	replicas  []*snapshot // all that were ever made of it
}

// place implements item.
func (s *snapshot) place() (id string, created time.Time, seq int) { return s.ID, s.Created, s.seq }

// now brings State and Percent up to date. A lifecycle that is over ends
// here, so that later calls cost nothing.
func (s *snapshot) now(t time.Time) {
	if s.lifecycle == steady {
		return
	}
	passed := t.Sub(s.start)
	if passed < s.first || s.lifecycle == copying && s.fate == Hangs {
		s.Percent = percent(passed, s.first)
		if s.fate == Hangs {
			s.Percent = min(s.Percent, 42)
		}
		return
	}
	if s.lifecycle == copying && passed < s.first+s.second {
		s.State, s.Percent = stateChecking, 100
		return
	}
	s.lifecycle, s.State, s.Percent = steady, stateNormal, 100
	if s.fate == Strange {
		s.State = stateStrange
	}
}

func percent(passed, whole time.Duration) int {
	if whole <= 0 || passed <= 0 {
		return 0
	}
	return int(min(99, passed*100/whole))
}

// goneAt is when the snapshot disappears by itself; zero: never.
func (s *snapshot) goneAt() time.Time {
	if s.vanish.IsZero() || !s.Deadline.IsZero() && s.Deadline.Before(s.vanish) {
		return s.Deadline
	}
	return s.vanish
}

func (s *snapshot) gone(t time.Time) bool {
	at := s.goneAt()
	return s.removed || !at.IsZero() && !t.Before(at)
}

// beingCopied tells whether the snapshot is a copy in progress, as the service sees it.
func (s *snapshot) beingCopied(t time.Time) bool {
	if s.gone(t) {
		return false
	}
	s.now(t)
	if s.fate == Hangs && s.quirks.HungReleases && t.Sub(s.start) >= s.first+s.second {
		return false
	}
	return s.State == stateCopying || s.State == stateChecking
}

// copyingTo drops the copies that have ended and returns the regions of the rest.
func (s *snapshot) copyingTo(t time.Time) []string {
	if len(s.underway) == 0 {
		return nil
	}
	kept := s.underway[:0]
	var to []string
	for _, r := range s.underway {
		if r.beingCopied(t) {
			kept, to = append(kept, r), append(to, r.Region)
		}
	}
	clear(s.underway[len(kept):])
	s.underway = kept
	return to
}

// markedAsCopy is CopyFromRemote as the API shows it.
func (s *snapshot) markedAsCopy() bool {
	return s.CopyFromRemote && s.fate != Unmarked && !(s.lifecycle == copying && s.quirks.LateCopyMark)
}

// view is a deep copy of the truth at t.
func (s *snapshot) view(t time.Time) Snapshot {
	s.now(t)
	v := s.Snapshot.clone()
	v.CopyingTo = s.copyingTo(t)
	return v
}
