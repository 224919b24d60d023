package plan

import (
	"cmp"
	"slices"
	"time"
)

// A Decision is what the plan says about one snapshot and one region. It may ask
// for work or not. It does not change afterwards: the result of the work is
// another value. Reason is for people; no code may branch on it.
type Decision struct {
	Kind                              Kind
	Snapshot, Disk, From, To, Replica string
	Point                             time.Time // the point in time that the snapshot preserves
	SizeGiB                           int       // of the snapshot's disk, not of its data
	Outcome                           Outcome
	Reason                            string

	// tooOld is set for a copy that only MAX_AGE holds back.
	tooOld bool
	// behind is set for a copy: how many newer points of its disk are wanted in
	// the same region.
	behind int
	// newest is the newest point of the disk that has a replica in the region;
	// zero if it has none.
	newest time.Time
	// repeated is set where there are replicas already: if a copy is planned, all of
	// them are spoilt.
	repeated bool
	// surplus is set for a deletion: the same point has another, proven replica
	// in the region.
	surplus bool
	// proven is set for a deletion: its replica is proven.
	proven bool
	// expired is set for a deletion by KEEP_GONE.
	expired bool
	// recent is set for a deletion: newer points displaced its replica within the
	// last day.
	recent bool
}

// Name is the name of the replicas of the decision's snapshot.
func (d *Decision) Name() string {
	return Lineage{Source: d.Snapshot, Disk: d.Disk, Region: d.From, Created: d.Point}.Name()
}

// IsNewest reports whether a planned copy is of its disk's newest wanted point.
// Those points are copied first.
func (d *Decision) IsNewest() bool { return d.behind == 0 }

// IsRepeated reports whether a planned copy replaces spoilt replicas.
func (d *Decision) IsRepeated() bool { return d.repeated }

// sortWork sorts work of one kind by urgency. Disks of equal urgency have another
// order in every minute, so that work that fails or hangs is not first for ever.
// The order depends only on the decisions and the time.
func sortWork(work []Decision, now time.Time) {
	minute := now.Unix() / 60
	slices.SortFunc(work, func(a, b Decision) int {
		return cmp.Or(a.urgency(&b), cmp.Compare(a.turn(minute), b.turn(minute)), cmp.Compare(a.Disk, b.Disk), b.Point.Compare(a.Point), cmp.Compare(a.Snapshot, b.Snapshot),
			cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Replica, b.Replica))
	})
}

// urgency compares two decisions of one kind. Copies: each disk's newest point
// first, then the disks whose replicas are oldest. Deletions: surplus replicas
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

// turn is the place of a decision's disk among those of equal urgency. It looks
// random, but depends only on the disk and the minute.
func (d *Decision) turn(minute int64) uint64 {
	h := uint64(minute)
	for _, c := range []byte(d.Disk) {
		h = (h ^ uint64(c)) * 0x100000001b3 // FNV-1a
	}
	h ^= h >> 32
	return h * 0x9e3779b97f4a7c15 // spreads the last letters, too
}

// work collects the most urgent decisions of one kind, at most limit.
type work struct {
	limit int // 0: no limit
	now   time.Time
	all   []Decision
	drop  func(Decision) // called with each decision beyond the limit
}

func (w *work) add(d Decision) {
	w.all = append(w.all, d)
	if w.limit > 0 && len(w.all) >= 2*w.limit {
		w.sorted()
	}
}

// sorted returns the work by urgency, and drops decisions beyond the limit.
func (w *work) sorted() []Decision {
	sortWork(w.all, w.now)
	if w.limit == 0 || len(w.all) <= w.limit {
		return w.all
	}
	for _, d := range w.all[w.limit:] {
		w.drop(d)
	}
	w.all = w.all[:w.limit:w.limit]
	return w.all
}
