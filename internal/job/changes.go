package job

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A Change is a call that deleted or changed snapshots of a target region.
type Change struct {
	Region, Action        string
	Snapshots             []string
	SecretID, PrincipalID string // of the caller; "" if unknown
	Caller                string // for people
}

// settledAfter is how old a snapshot must be for its missing replica to be blamed on
// a deletion. A younger one may just not be copied yet.
const settledAfter = 30 * time.Minute

// CopyAfter is Copy after calls that deleted or changed snapshots of target regions.
// A replica that the service still shows is an alarm that names the caller. If it
// shows none of the ids any more, somebody deleted them. Then the run sweeps: it
// copies again what is missing there, and names the caller. Calls of this function
// are ignored.
//
// If the process dies here, the next sweep copies what is missing. Only the name of
// the caller is lost, and the platform delivers the event again.
func (r *Runner) CopyAfter(ctx context.Context, o plan.Order, changes []Change, dry bool) *Report {
	deleted := r.lookAt(ctx, changes)
	if len(deleted) > 0 {
		o = plan.Order{}
	}
	if len(o.Refs) == 0 && len(deleted) == 0 {
		return NewReport(r.MaxActions, r.Noted...)
	}
	report := r.Copy(ctx, o, dry)
	for _, region := range slices.Sorted(maps.Keys(deleted)) {
		missing := 0
		for _, a := range report.Actions() {
			wanted := a.Kind == plan.KindCopy && a.To == region && (a.Outcome.Class() == plan.UnderWay && a.Outcome != plan.InProgress || a.Outcome == plan.Unknown || a.Outcome == plan.Deferred)
			if wanted && r.Now().Sub(a.Point) > settledAfter {
				missing++
			}
		}
		if missing > 0 {
			c := deleted[region]
			report.add(Action{Kind: plan.KindCopy, To: region, Outcome: plan.Failed, Reason: fmt.Sprintf(
				"%s called %s for %s: %d wanted replicas are missing in %s and are copied again; find out why they were deleted", c.who(), c.Action, c.list(), missing, region)})
		}
	}
	return report
}

// lookAt notes an action for each change that needs no sweep, and returns the others
// by region: the service shows none of their snapshots any more.
func (r *Runner) lookAt(ctx context.Context, changes []Change) map[string]*Change {
	deleted := map[string]*Change{}
	own, err := r.Cloud.Identity(ctx)
	for i := range changes {
		c := &changes[i]
		note := func(o plan.Outcome, replica, reason string) {
			r.Noted = append(r.Noted, Action{Kind: plan.KindCopy, To: c.Region, Replica: replica, Outcome: o, Reason: reason})
		}
		if err == nil && c.by(own) {
			note(plan.Ignored, "", c.Action+" was called by this function itself")
			continue
		}
		found, err := r.Cloud.SnapshotsByID(ctx, c.Region, c.Snapshots)
		switch {
		case err != nil:
			note(plan.Failed, "", fmt.Sprintf("%s called %s for %s, and they could not be read: %s", c.who(), c.Action, c.list(), sentence(err)))
		case len(found) == 0 && c.Action == "DeleteSnapshots":
			deleted[c.Region] = c
		default:
			for j := range found {
				if l, ours := plan.Ours(&found[j]); ours {
					note(plan.Failed, found[j].ID, fmt.Sprintf("%s called %s for this replica of %s: find out why; if it goes, the next sweep copies it again", c.who(), c.Action, l.Source))
				} else {
					note(plan.Ignored, found[j].ID, "it is no replica of snapferry now; verify tells what is missing")
				}
			}
		}
	}
	return deleted
}

// by reports whether a change was made with an identity. The sessions of a role have
// different names after a colon.
func (c *Change) by(own cloud.Identity) bool {
	role := func(principal string) string {
		id, _, _ := strings.Cut(principal, ":")
		return id
	}
	return own.SecretID != "" && c.SecretID == own.SecretID || own.Principal != "" && role(c.PrincipalID) == role(own.Principal)
}

func (c *Change) who() string {
	if c.Caller == "" {
		return "somebody"
	}
	return fmt.Sprintf("%q", c.Caller)
}

// list names the snapshots, at most three.
func (c *Change) list() string {
	if n := len(c.Snapshots); n > 3 {
		return fmt.Sprintf("%s and %d more", strings.Join(c.Snapshots[:3], ", "), n-3)
	}
	return strings.Join(c.Snapshots, ", ")
}
