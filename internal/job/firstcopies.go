package job

import (
	"sync"
	"time"

	"snapferry/internal/plan"
)

// forgetAfter is when a disk is forgotten that verify does not see any more.
const forgetAfter = 24 * time.Hour

// FirstCopies remembers since when verify has found disks without a replica in time.
// Copies that vanish for ever ring by it. It holds nothing of other jobs and silences
// nothing: if it is lost, such an alarm only comes later. The zero value is ready to
// use, and nil remembers nothing. It is safe for concurrent use.
type FirstCopies struct {
	mu  sync.Mutex
	all map[plan.Ref]firstCopy
}

// A firstCopy has times of the calendar (Round), as a refusal has.
type firstCopy struct{ since, seen time.Time }

// Note remembers what verify says of a disk in a region. Only a replica ends the wait.
func (f *FirstCopies) Note(d *plan.Decision, now time.Time) {
	if f == nil || d.Kind != plan.KindProtect {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	ref := plan.Ref{Region: d.To, Disk: d.Disk}
	one, waits := f.all[ref]
	switch d.Outcome {
	case plan.Protected, plan.Late, plan.GoneDisk:
		delete(f.all, ref)
		return
	case plan.Arriving:
		if !waits {
			one.since = now.Round(0)
		}
	default:
		if !waits {
			return
		}
	}
	if f.all == nil {
		f.all = map[plan.Ref]firstCopy{}
	}
	one.seen = now.Round(0)
	f.all[ref] = one
}

// Since returns since when each disk waits, by disk and target region.
func (f *FirstCopies) Since(now time.Time) map[plan.Ref]time.Time {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	since := make(map[plan.Ref]time.Time, len(f.all))
	for ref, one := range f.all {
		if now.Sub(one.seen) > forgetAfter {
			delete(f.all, ref)
			continue
		}
		since[ref] = one.since
	}
	return since
}
