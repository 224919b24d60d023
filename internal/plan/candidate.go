package plan

import (
	"fmt"
	"slices"
	"time"

	"snapferry/internal/cloud"
)

// A candidate is a source that may need a copy in one region.
type candidate struct {
	src      *cloud.Snapshot
	tags     tags
	to       string
	explicit bool // requested by id: selection and MAX_AGE do not apply
	replicas []verdict
	now      time.Time

	// Reasons that others found, "" for none: the rules do not select it; it is
	// older than MAX_AGE; the disks of the source region could not be read; the
	// target region could not be listed; the service recently refused this copy
	// for good.
	unselected                             reason
	tooOld, disksUnread, unlisted, refused string
}

// A reason is a reason against a copy; an empty text is none.
type reason struct {
	Outcome
	text string
}

// decide says whether a copy is wanted and missing. It does not know the keep
// rules. The first reason wins. In a recheck only what may have changed since
// the plan is set.
func (c *candidate) decide() (o Outcome, text, replica string) {
	overruled := ""
	if c.explicit {
		if overruled = join(c.unselected.text, c.tooOld); overruled != "" {
			overruled = "requested by id although " + overruled
		}
		c.unselected, c.tooOld = reason{}, ""
	}
	for _, against := range []reason{
		c.unselected,
		{Skipped, c.tags.skip()},
		{Ineligible, ineligible(c.src)},
		{Failed, unnameable(c.src)},
		{Ineligible, unreachable(c.src.Region, c.to)},
		{Deferred, c.disksUnread},
		{Deferred, c.unlisted},
	} {
		if against.text != "" {
			return against.Outcome, against.text, ""
		}
	}
	if o, text, replica = attempt(c.src, c.to, c.replicas); o != Planned {
		return o, text, replica
	}
	for _, against := range []reason{
		{Ineligible, c.refused},
		{Skipped, c.tooOld},
		{Waiting, notReady(c.src, c.now)},
	} {
		if against.text != "" {
			return against.Outcome, against.text, replica
		}
	}
	return Planned, join(text, overruled), replica
}

// attempt decides whether a copy of src is missing in a region. seen are all
// replicas of src that were observed there.
func attempt(src *cloud.Snapshot, to string, seen []verdict) (o Outcome, text, replica string) {
	if i := slices.IndexFunc(seen, func(v verdict) bool { return v.proven() }); i >= 0 {
		return Exists, "a proven replica exists", seen[i].replica.ID
	}
	if i := slices.IndexFunc(seen, func(v verdict) bool { return isVerified(v.replica) && !v.lies }); i >= 0 {
		return Exists, "its replica was proven earlier and looks different now, so see verify: " + seen[i].reason, seen[i].replica.ID
	}
	if i := slices.IndexFunc(seen, func(v verdict) bool { return !v.spoilt }); i >= 0 {
		return InProgress, seen[i].reason, seen[i].replica.ID
	}
	switch n := len(seen); {
	case slices.Contains(src.CopyingTo, to):
		return InProgress, "the service is copying it to " + to, ""
	case n == 0:
		return Planned, "no replica in " + to, ""
	case n >= maxAttempts:
		return Failed, fmt.Sprintf("%d replicas of it are spoilt (%s): find the cause and delete them; then it is copied again", n, seen[n-1].reason), seen[n-1].replica.ID
	default:
		return Planned, fmt.Sprintf("attempt %d: replica %s is %s", n+1, seen[n-1].replica.ID, seen[n-1].reason), ""
	}
}

// Recheck decides a planned copy anew on a newer observation. src is the source
// as it is now (nil: gone). seen are the snapshots of the target region that may
// be its replicas. The outcome is Planned if no new reason speaks against the
// copy.
func Recheck(r *Rules, d *Decision, src *cloud.Snapshot, seen []cloud.Snapshot, now time.Time) (o Outcome, text, replica string) {
	if src == nil {
		return Skipped, "the source is gone", ""
	}
	if d.Disk == "" && src.Disk != "" {
		return Waiting, "its disk was unknown for a moment and is " + src.Disk + ": the next sweep names its replica so", ""
	}
	c := candidate{src: src, tags: tags{snapshot: src.Tags}, to: d.To, now: now}
	for i := range seen {
		if l, ok := named(&seen[i]); ok && seen[i].Region == d.To && l.Source == src.ID && l.Region == src.Region {
			c.replicas = append(c.replicas, judge(&seen[i], l, src, r.CopyTimeout, now))
		}
	}
	slices.SortFunc(c.replicas, oldestFirst)
	if o, text, replica = c.decide(); o == Planned {
		return Planned, d.Reason, d.Replica
	}
	return o, text, replica
}
