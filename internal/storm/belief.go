package storm

import (
	"encoding/json"
	"slices"
	"time"

	"snapferry/internal/sim"
)

// beliefLife is how long an instance may believe that a pair is refused for
// good: six hours from the answer on.
const beliefLife = 6*time.Hour + time.Minute

// never are the refusals for good of a copy.
var never = []string{"InvalidSnapshot.NotSupported", "UnsupportedOperation.SnapshotNotSupportCopy"}

// A belief is what an instance was told about a pair.
type belief struct {
	f *function
	pair
}

// believe notes what a refusal that was made up lets the function think. All
// others say that nothing was done, or nothing clear: after them no run may
// take a thing for settled. Called with the lock held.
func (p *play) believe(inv *invocation, c sim.Call, f sim.Fault) {
	var q params
	if f.Kind != sim.Refuse && f.Kind != sim.RefuseRows || json.Unmarshal(c.Params, &q) != nil {
		return // watch has said so
	}
	for _, to := range q.DestinationRegions {
		at := pair{q.SnapshotId, c.Region, to}
		if slices.Contains(never, f.Code) {
			p.believed[belief{inv.f, at}], p.lied = time.Now(), time.Now()
		} else if f.Code == notFound {
			inv.misled[place{to, q.SnapshotId}] = true
		}
	}
	for _, id := range q.SnapshotIds {
		if c.Action == "DeleteSnapshots" && f.Code == notFound {
			inv.misled[place{c.Region, id}] = true
		}
	}
}

// notFound makes a run think for itself that a source, or a replica, is gone.
const notFound = "InvalidSnapshotId.NotFound"

// believes reports whether an invocation may take a pair for one that can't
// be copied, because of an answer that was made up. Called with the lock held.
func (p *play) believes(inv *invocation, at pair) bool {
	told := p.believed[belief{inv.f, at}]
	return inv.misled[place{at.to, at.source}] || !told.IsZero() && inv.began.Before(told.Add(beliefLife))
}

// lingers reports whether lists may have gone on showing a thing that is gone,
// or no longer what it was, to a run that began at some time: a deletion shows
// when its lag is over, and may have been under way for a minute before it was
// carried out. Called with the lock held.
func (p *play) lingers(t *truth, at place, began time.Time) bool {
	lag := p.w.cloud.Quirks.DeleteLag
	touched, deleted := p.touched[at], p.lastDeletion[at]
	switch {
	case touched.After(began) || deleted.After(began):
		return true // it was there, or on its way, when the run looked
	case t.here[at] != nil:
		return false // no more than renamed
	}
	return !touched.IsZero() && began.Before(touched.Add(lag)) || !deleted.IsZero() && began.Before(deleted.Add(lag+time.Minute))
}

// bereaved reports whether others deleted a replica of a lane, or did
// something else about it, so short a time ago that a look need not show it.
func (p *play) bereaved(t *truth, l lane, now time.Time) bool {
	if when := p.meddled[l]; !when.IsZero() && now.Sub(when) < time.Minute {
		return true
	}
	for at, home := range p.homes {
		when := p.touched[at]
		if home == l && t.here[at] == nil && !when.IsZero() && now.Sub(when) < time.Minute+p.w.cloud.Quirks.DeleteLag {
			return true
		}
	}
	return false
}
