package job

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A Change is a call that deleted or changed snapshots of a region.
type Change struct {
	Region, Action        string
	Snapshots             []string
	SecretID, PrincipalID string // of the caller; "" if unknown
	Caller                string // for people
}

// settledAfter is how old a snapshot must be for its missing replica to be blamed on
// a deletion. A younger one may just not be copied yet.
const settledAfter = 30 * time.Minute

// CopyAfter is Copy after calls that deleted or changed snapshots. Those of regions
// that are no target region are ignored.
// A replica that the service still shows is an alarm that names the caller. If it
// does not show one any more, somebody deleted it. Then the run sweeps: it copies
// again what is missing there, and names the callers. Calls of this function are
// ignored.
//
// If the process dies here, the next sweep copies what is missing. Only the name of
// the caller is lost, and the platform delivers the event again.
func (r *Runner) CopyAfter(ctx context.Context, o plan.Order, changes []Change, dry bool) *Report {
	deleted := r.lookAt(ctx, together(changes))
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
			a := Action{Kind: plan.KindCopy, To: region, Outcome: plan.Failed, Reason: fmt.Sprintf(
				"%s; %d wanted replicas are missing in %s and are copied again: find out whether they were deleted, and why", list(deleted[region]), missing, region)}
			r.logAction(ctx, slog.LevelError, &a)
			report.add(a)
		}
	}
	return report
}

// together joins the changes of one caller in one region, so that a thousand
// deletions need few looks.
func together(changes []Change) (joined []Change) {
	type call struct{ region, action, secretID, principalID, caller string }
	at := map[call]int{}
	for _, c := range changes {
		k := call{c.Region, c.Action, c.SecretID, c.PrincipalID, c.Caller}
		i, found := at[k]
		if !found {
			at[k] = len(joined)
			c.Snapshots = slices.Clone(c.Snapshots)
			joined = append(joined, c)
			continue
		}
		joined[i].Snapshots = append(joined[i].Snapshots, c.Snapshots...)
	}
	for i := range joined {
		joined[i].Snapshots = union(joined[i].Snapshots)
	}
	return joined
}

// lookAt notes an action for each snapshot that the service still shows. It returns
// by region who deleted the others.
func (r *Runner) lookAt(ctx context.Context, changes []Change) map[string][]string {
	deleted := map[string][]string{}
	own, unknown := r.Cloud.Identity(ctx)
	tagged := sync.OnceValue(func() []string { return r.taggedTargets(ctx) })
	for i := range changes {
		c := &changes[i]
		note := func(o plan.Outcome, replica, reason string, of ...plan.Lineage) {
			a := Action{Kind: plan.KindCopy, To: c.Region, Replica: replica, Outcome: o, Reason: reason}
			for _, l := range of {
				a.Disk, a.From, a.Point = l.Disk, l.Region, l.Created
			}
			r.logAction(ctx, slog.LevelInfo, &a)
			r.Noted = append(r.Noted, a)
		}
		if unknown == nil && c.by(own) {
			note(plan.Ignored, "", c.Action+" was called by this function itself")
			continue
		}
		if !slices.Contains(r.Rules.Targets, c.Region) && !slices.Contains(tagged(), c.Region) {
			note(plan.Ignored, "", c.Region+" is not in TARGET_REGIONS, and no "+plan.TargetsTag+" tag names it")
			continue
		}
		who := fmt.Sprintf("%s called %s", c.who(), c.Action)
		if unknown != nil {
			who += " (perhaps this function itself: " + sentence(unknown) + ")"
		}
		found, err := r.Cloud.SnapshotsByID(ctx, c.Region, c.Snapshots)
		if err != nil {
			note(plan.Failed, "", fmt.Sprintf("%s for %s, and they could not be read: %s", who, list(c.Snapshots), sentence(err)))
			continue
		}
		// What is in the recycle bin is deleted.
		found = slices.DeleteFunc(found, func(s cloud.Snapshot) bool { return s.State == cloud.ToRecycle })
		for j := range found {
			if l, ours := plan.Ours(&found[j]); ours {
				note(plan.Failed, found[j].ID, fmt.Sprintf("%s for this replica of %s: find out why; if it goes, the next sweep copies it again", who, l.Source), l)
			} else {
				note(plan.Ignored, found[j].ID, "it is no replica of snapferry now; verify tells what is missing")
			}
		}
		shown := idsOf(found)
		gone := slices.DeleteFunc(slices.Clone(c.Snapshots), func(id string) bool { return slices.Contains(shown, id) })
		switch {
		case len(gone) == 0:
		case c.Action == "DeleteSnapshots":
			deleted[c.Region] = append(deleted[c.Region], fmt.Sprintf("%s for %s", who, list(gone)))
		case len(found) == 0:
			note(plan.Ignored, "", list(gone)+" can't be found any more; verify tells what is missing")
		}
	}
	return deleted
}

// taggedTargets are the target regions with those that tags name, as far as the
// sources can be read.
func (r *Runner) taggedTargets(ctx context.Context) []string {
	v := r.newObservation()
	each(r.Workers, r.Rules.Sources, func(region string) {
		r.list(ctx, v, region)
		r.listDisks(ctx, v, region)
	})
	return plan.Targets(&r.Rules, v.world, &plan.Order{})
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

// list names some snapshots or calls, at most three.
func list(all []string) string {
	if n := len(all); n > 3 {
		return fmt.Sprintf("%s and %d more", strings.Join(all[:3], ", "), n-3)
	}
	return strings.Join(all, ", ")
}
