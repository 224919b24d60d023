package plan

import (
	"cmp"
	"slices"
	"time"
)

// A Decision is what the plan says of one snapshot and one region, with or
// without work. It is never changed afterwards: what became of the work is
// another value. Reason is for people; nothing may branch on it.
type Decision struct {
	Kind                              Kind
	Snapshot, Disk, From, To, Replica string
	Point                             time.Time // the point in time that the snapshot preserves
	SizeGiB                           int       // of the snapshot's disk, not of its data
	Outcome                           Outcome
	Reason                            string

	// behind counts, for a copy, the newer points of its disk that are wanted
	// in the same region.
	behind int
	// newest is the newest point of the disk that has a replica in the region;
	// zero if it has none.
	newest time.Time
	// surplus says of a deletion that the same point has another, complete
	// replica in the region.
	surplus bool
	// complete says of a deletion that its replica is complete.
	complete bool
}

// Name is the name that a replica of the decision's snapshot has.
func (d *Decision) Name() string {
	return Lineage{Source: d.Snapshot, Disk: d.Disk, Region: d.From, Created: d.Point}.Name()
}

// IsNewest reports whether a planned copy is about its disk's newest wanted
// point. Those are copied first.
func (d *Decision) IsNewest() bool { return d.behind == 0 }

// sortWork puts work of one kind in the order in which it is to be carried
// out. The order depends on nothing but the decisions themselves.
func sortWork(work []Decision) {
	slices.SortFunc(work, func(a, b Decision) int {
		return cmp.Or(a.urgency(&b), cmp.Compare(a.Disk, b.Disk), b.Point.Compare(a.Point), cmp.Compare(a.Snapshot, b.Snapshot),
			cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Replica, b.Replica))
	})
}

// urgency compares two decisions of one kind. Copies: each disk's newest point
// first, then by how far the disk is behind. Deletions: surplus replicas
// first, then the oldest.
func (d *Decision) urgency(o *Decision) int {
	switch {
	case d.Kind != KindDelete:
		return cmp.Or(cmp.Compare(d.behind, o.behind), d.newest.Compare(o.newest))
	case d.surplus != o.surplus:
		if d.surplus {
			return -1
		}
		return 1
	}
	return d.Point.Compare(o.Point)
}

// work collects decisions of one kind, at most limit of them: the most urgent.
type work struct {
	limit int // 0: no limit
	all   []Decision
	drop  func(Decision) // takes what is beyond the limit
}

func (w *work) add(d Decision) {
	w.all = append(w.all, d)
	if w.limit > 0 && len(w.all) >= 2*w.limit {
		w.sorted()
	}
}

// sorted returns the work in its order, and drops what is beyond the limit.
func (w *work) sorted() []Decision {
	sortWork(w.all)
	if w.limit == 0 || len(w.all) <= w.limit {
		return w.all
	}
	for _, d := range w.all[w.limit:] {
		w.drop(d)
	}
	w.all = w.all[:w.limit:w.limit]
	return w.all
}
