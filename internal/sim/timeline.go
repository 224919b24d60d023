package sim

import (
	"cmp"
	"slices"
	"time"
)

// An item is a snapshot or a disk in its region's timeline.
type item interface {
	comparable
	// place returns the item's id and what it is ordered by: when it was made,
	// then its number of arrival.
	place() (id string, created time.Time, seq int)
}

// A timeline holds a region's snapshots or disks in order of creation, then
// arrival, so that a page of a long list is a slice of it.
type timeline[T item] struct {
	list   []T
	sorted int // the first so many are in order
	byID   map[string]T
}

func newTimeline[T item]() timeline[T] { return timeline[T]{byID: map[string]T{}} }

func byCreation[T item](a, b T) int {
	_, created, seq := a.place()
	_, otherCreated, otherSeq := b.place()
	if c := created.Compare(otherCreated); c != 0 {
		return c
	}
	return cmp.Compare(seq, otherSeq)
}

// add puts x into the timeline. Its id must not be in use.
func (l *timeline[T]) add(x T) {
	n := len(l.list)
	if l.sorted == n && (n == 0 || byCreation(l.list[n-1], x) < 0) {
		l.sorted++
	}
	l.list = append(l.list, x)
	id, _, _ := x.place()
	l.byID[id] = x
}

// fewUnsorted is how many items are put in place one by one. For more it is
// faster to sort everything.
const fewUnsorted = 8

// all returns the items in order. The caller must not change the slice.
func (l *timeline[T]) all() []T {
	if len(l.list)-l.sorted > fewUnsorted {
		slices.SortFunc(l.list, byCreation)
		l.sorted = len(l.list)
	}
	for ; l.sorted < len(l.list); l.sorted++ {
		x := l.list[l.sorted]
		i, _ := slices.BinarySearchFunc(l.list[:l.sorted], x, byCreation)
		copy(l.list[i+1:l.sorted+1], l.list[i:l.sorted])
		l.list[i] = x
	}
	return l.list
}

// remove takes x out. What x is ordered by must be as it was when x was added.
func (l *timeline[T]) remove(x T) {
	if i, found := slices.BinarySearchFunc(l.all(), x, byCreation); found {
		l.list = slices.Delete(l.list, i, i+1)
		l.sorted--
	}
	id, _, _ := x.place()
	delete(l.byID, id)
}

// removeIf takes out everything that unwanted says.
func (l *timeline[T]) removeIf(unwanted func(T) bool) {
	l.list = slices.DeleteFunc(l.all(), func(x T) bool {
		drop := unwanted(x)
		if drop {
			id, _, _ := x.place()
			delete(l.byID, id)
		}
		return drop
	})
	l.sorted = len(l.list)
}

// newID returns an id that no item of the timeline has.
func newID[T item](g *ids, kind string, l *timeline[T]) string {
	for {
		id := g.make(kind)
		if _, taken := l.byID[id]; !taken {
			return id
		}
	}
}

// pick returns the items with the given ids in order, each once.
func (l *timeline[T]) pick(ids []string) []T {
	var found []T
	for _, id := range ids {
		if x, ok := l.byID[id]; ok {
			found = append(found, x)
		}
	}
	return inOrder(found)
}

func inOrder[T item](list []T) []T {
	slices.SortFunc(list, byCreation)
	return slices.Compact(list)
}

// An index finds snapshots by something that several may share, as a name.
type index map[string][]*snapshot

func (x index) add(key string, s *snapshot) { x[key] = append(x[key], s) }

func (x index) remove(key string, s *snapshot) {
	rest := slices.DeleteFunc(x[key], func(o *snapshot) bool { return o == s })
	if x[key] = rest; len(rest) == 0 {
		delete(x, key)
	}
}

// pick returns the snapshots with the given keys in order, each once.
func (x index) pick(keys []string) []*snapshot {
	var found []*snapshot
	for _, key := range keys {
		found = append(found, x[key]...)
	}
	return inOrder(found)
}
