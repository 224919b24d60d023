package sim

import "time"

// A region holds what one region holds. Guarded by the Cloud's lock.
type region struct {
	name       string
	snapshots  timeline[*snapshot]
	byName     index
	byDisk     index
	nextGone   time.Time // no snapshot disappears by itself before; zero: never
	allVisible time.Time // no snapshot is hidden from then on
	disks      timeline[*disk]
	groups     []*group
	buses      []*bus // oldest first
	quota      int    // negative: by the number of disks
}

func newRegion(name string) *region {
	return &region{
		name: name, quota: -1, byName: index{}, byDisk: index{},
		snapshots: newTimeline[*snapshot](), disks: newTimeline[*disk](),
	}
}

// insert puts s into the region.
func (r *region) insert(s *snapshot) {
	r.snapshots.add(s)
	r.byName.add(s.Name, s)
	if s.Disk != "" {
		r.byDisk.add(s.Disk, s)
	}
	if s.visible.After(r.allVisible) {
		r.allVisible = s.visible
	}
	r.noteEnd(s)
}

// noteEnd notes when s disappears by itself. Call it when that has changed.
func (r *region) noteEnd(s *snapshot) {
	if at := s.goneAt(); !at.IsZero() && (r.nextGone.IsZero() || at.Before(r.nextGone)) {
		r.nextGone = at
	}
}

func (r *region) remove(s *snapshot) {
	r.snapshots.remove(s)
	r.forget(s)
}

// forget drops s from everything but the timeline.
func (r *region) forget(s *snapshot) {
	s.removed = true
	r.byName.remove(s.Name, s)
	r.byDisk.remove(s.Disk, s)
}

func (r *region) rename(s *snapshot, name string) {
	r.byName.remove(s.Name, s)
	s.Name = name
	r.byName.add(name, s)
}

// sweep drops what has disappeared by t. Lists are exact after it.
func (r *region) sweep(t time.Time) {
	if r.nextGone.IsZero() || t.Before(r.nextGone) {
		return
	}
	r.nextGone = time.Time{}
	r.snapshots.removeIf(func(s *snapshot) bool {
		if !s.gone(t) {
			r.noteEnd(s)
			return false
		}
		r.forget(s)
		return true
	})
}

// find returns the snapshot as the API sees it: not hidden, not deleted.
func (r *region) find(id string, t time.Time) (*snapshot, bool) {
	s, ok := r.snapshots.byID[id]
	if !ok || !s.visibleAt(t) {
		return nil, false
	}
	s.now(t)
	return s, true
}

// full tells whether no further snapshot fits: 64 and 64 more for each disk,
// unless a quota was set.
func (r *region) full() bool {
	quota := r.quota
	if quota < 0 {
		quota = 64 + 64*len(r.disks.list)
	}
	return len(r.snapshots.list) >= quota
}
