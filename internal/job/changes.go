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
			report.add(Action{Kind: plan.KindCopy, To: region, Outcome: plan.Failed, Reason: fmt.Sprintf(
				"%s: %d wanted replicas are missing in %s and are copied again; find out why they were deleted", sentences(deleted[region]), missing, region)})
		}
	}
	return report
}

// lookAt notes an action for each change that needs no sweep, and returns the others
// by region: the service shows none of their snapshots any more. All changes of a
// region need one read, so that a large event or a sick region takes little time.
func (r *Runner) lookAt(ctx context.Context, changes []Change) map[string][]*Change {
	byRegion := map[string][]*Change{}
	own, err := r.Cloud.Identity(ctx)
	for i := range changes {
		c := &changes[i]
		if err == nil && c.by(own) {
			r.noteChange(c, plan.Ignored, "", c.Action+" was called by this function itself")
			continue
		}
		byRegion[c.Region] = append(byRegion[c.Region], c)
	}
	deleted := map[string][]*Change{}
	for _, region := range slices.Sorted(maps.Keys(byRegion)) {
		var ids []string
		for _, c := range byRegion[region] {
			ids = append(ids, c.Snapshots...)
		}
		found, err := r.Cloud.SnapshotsByID(ctx, region, ids)
		for _, c := range byRegion[region] {
			if err != nil {
				r.noteChange(c, plan.Failed, "", fmt.Sprintf("%s, and they could not be read: %s", c, sentence(err)))
			} else if r.isDeleted(c, found) {
				deleted[region] = append(deleted[region], c)
			}
		}
	}
	return deleted
}

// isDeleted reports whether a change deleted snapshots, and none of them is among
// those that were found. If not, it notes what was found.
func (r *Runner) isDeleted(c *Change, found []cloud.Snapshot) bool {
	none := true
	for i := range found {
		s := &found[i]
		if !slices.Contains(c.Snapshots, s.ID) {
			continue
		}
		none = false
		if l, ours := plan.Ours(s); ours {
			r.noteChange(c, plan.Failed, s.ID, fmt.Sprintf("%s called %s for this replica of %s: find out why; if it goes, the next sweep copies it again", c.who(), c.Action, l.Source))
		} else {
			r.noteChange(c, plan.Ignored, s.ID, "it is no replica of snapferry now; verify tells what is missing")
		}
	}
	return none && c.Action == "DeleteSnapshots"
}

func (r *Runner) noteChange(c *Change, o plan.Outcome, replica, reason string) {
	r.Noted = append(r.Noted, Action{Kind: plan.KindCopy, To: c.Region, Replica: replica, Outcome: o, Reason: reason})
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

// String says who called what.
func (c *Change) String() string {
	return fmt.Sprintf("%s called %s for %s", c.who(), c.Action, c.list())
}

// sentences says who called what, one change of each caller and at most three.
func sentences(changes []*Change) string {
	var parts []string
	callers := map[string]bool{}
	for _, c := range changes {
		if !callers[c.who()] {
			callers[c.who()] = true
			parts = append(parts, c.String())
		}
	}
	if n := len(parts); n > 3 {
		parts = append(parts[:3], fmt.Sprintf("%d more callers", n-3))
	}
	return strings.Join(parts, "; ")
}

// list names the snapshots, at most three.
func (c *Change) list() string {
	if n := len(c.Snapshots); n > 3 {
		return fmt.Sprintf("%s and %d more", strings.Join(c.Snapshots[:3], ", "), n-3)
	}
	return strings.Join(c.Snapshots, ", ")
}
