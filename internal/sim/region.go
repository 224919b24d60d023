package sim

import (
	"cmp"
	"slices"
	"time"
)

// A region holds what one region holds. Guarded by the Cloud's lock.
type region struct {
	name     string
	list     []*snapshot // by creation, then arrival
	byID     map[string]*snapshot
	byName   map[string][]*snapshot
	nextGone time.Time // no snapshot disappears by itself before; zero: never
	disks    []*disk
	groups   []*group
	buses    []*bus // oldest first
	quota    int    // negative: by the number of disks
}

func newRegion(name string) *region {
	return &region{name: name, byID: map[string]*snapshot{}, byName: map[string][]*snapshot{}, quota: -1}
}

func byCreation(a, b *snapshot) int {
	if c := a.Created.Compare(b.Created); c != 0 {
		return c
	}
	return cmp.Compare(a.seq, b.seq)
}

// insert puts s in its place; new ones nearly always belong at the end.
func (r *region) insert(s *snapshot) {
	i := len(r.list)
	if i > 0 && byCreation(r.list[i-1], s) > 0 {
		i, _ = slices.BinarySearchFunc(r.list, s, byCreation)
	}
	r.list = slices.Insert(r.list, i, s)
	r.byID[s.ID] = s
	r.byName[s.Name] = append(r.byName[s.Name], s)
	r.expect(s)
}

// expect notes when s disappears by itself. Call it when that has changed.
func (r *region) expect(s *snapshot) {
	if at := s.goneAt(); !at.IsZero() && (r.nextGone.IsZero() || at.Before(r.nextGone)) {
		r.nextGone = at
	}
}

func (r *region) remove(s *snapshot) {
	r.list = slices.DeleteFunc(r.list, func(o *snapshot) bool { return o == s })
	r.forget(s)
}

// forget drops s from everything but the list.
func (r *region) forget(s *snapshot) {
	s.removed = true
	delete(r.byID, s.ID)
	r.forgetName(s)
}

func (r *region) forgetName(s *snapshot) {
	rest := slices.DeleteFunc(r.byName[s.Name], func(o *snapshot) bool { return o == s })
	if len(rest) == 0 {
		delete(r.byName, s.Name)
		return
	}
	r.byName[s.Name] = rest
}

func (r *region) rename(s *snapshot, name string) {
	r.forgetName(s)
	s.Name = name
	r.byName[name] = append(r.byName[name], s)
}

// sweep drops what has disappeared by t. Lists are exact after it.
func (r *region) sweep(t time.Time) {
	if r.nextGone.IsZero() || t.Before(r.nextGone) {
		return
	}
	r.nextGone = time.Time{}
	r.list = slices.DeleteFunc(r.list, func(s *snapshot) bool {
		if !s.gone(t) {
			r.expect(s)
			return false
		}
		r.forget(s)
		return true
	})
}

// find returns the snapshot as the API sees it: not hidden, not deleted.
func (r *region) find(id string, t time.Time) (*snapshot, bool) {
	s, ok := r.byID[id]
	if !ok || s.deleted || t.Before(s.visible) {
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
		quota = 64 + 64*len(r.disks)
	}
	return len(r.list) >= quota
}

func (r *region) disk(id string) (*disk, bool) {
	i := slices.IndexFunc(r.disks, func(d *disk) bool { return d.ID == id })
	if i < 0 {
		return nil, false
	}
	return r.disks[i], true
}
