package job

import (
	"sync"
	"time"

	"snapferry/internal/plan"
)

// refusalLife is how long a refusal for good is remembered. A region may support
// more snapshots later, for example those of system disks. A few requests a day
// cost little.
const refusalLife = 6 * time.Hour

// Refusals remembers which copies the service refused for good, so that an
// instance does not request them again every few minutes. If it is lost, each such copy is requested once more. The zero
// value is ready to use. It is safe for concurrent use.
type Refusals struct {
	mu  sync.Mutex
	all map[plan.Ref]refusal
}

type refusal struct {
	until time.Time
	why   string
}

// Note remembers a refusal. Its end is a time of the calendar (Round): while the
// platform freezes an instance between two invocations, the monotonic clock stands.
func (r *Refusals) Note(snapshot, to, why string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all = map[plan.Ref]refusal{}
	}
	r.all[plan.Ref{Region: to, Snapshot: snapshot}] = refusal{now.Round(0).Add(refusalLife), why}
}

// Known returns the refusals that still hold, and forgets the others.
func (r *Refusals) Known(now time.Time) map[plan.Ref]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := make(map[plan.Ref]string, len(r.all))
	for ref, one := range r.all {
		if !now.Before(one.until) {
			delete(r.all, ref)
			continue
		}
		known[ref] = one.why
	}
	return known
}
