package storm

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"snapferry/internal/sim"
)

const copyAction = "CopySnapshotCrossRegions"

// observationAge is how old an observation may be when a request that relies on it is
// sent.
const observationAge = 5 * time.Second

// params are what is read of requests.
type params struct {
	SnapshotIds        []string
	Offset             uint64
	SnapshotId         string
	SnapshotName       string
	DestinationRegions []string
	AccountIds         []string
	Permission         string
	ResourceList       []string
	DiskIds            []string
	Tags               []struct{ TagKey, TagValue string }
}

// dry reports whether an invocation may change nothing.
func (inv *invocation) dry() bool {
	return inv.job == "plan" || strings.Contains(inv.event, `"dryRun":true`)
}

// watch looks at a request as it arrives.
func (d *director) watch(inv *invocation, c sim.Call) {
	if inv.dry() && !strings.HasPrefix(c.Action, "Describe") {
		d.violate("%s is to change nothing, and asks for %s in %s: %s", inv.key, c.Action, c.Region, c.Params)
	}
	var q params
	if err := json.Unmarshal(c.Params, &q); err != nil {
		d.violate("%s is asked with %s", c.Action, c.Params)
		return
	}
	switch may := diskChanges[inv.job]; {
	case reads(c.Action):
	case may != nil && !slices.Contains(may, c.Action):
		d.violate("%s (%s) asks for %s in %s: %s", inv.key, inv.job, c.Action, c.Region, c.Params)
	case may != nil:
		d.watchDisks(inv, c, &q)
	default:
		d.watchSnapshots(inv, c, &q)
	}
}

// reads reports whether an action changes nothing.
func reads(action string) bool {
	return strings.HasPrefix(action, "Describe") || action == "GetCallerIdentity"
}

// watchSnapshots looks at a request that changes something.
func (d *director) watchSnapshots(inv *invocation, c sim.Call, q *params) {
	switch c.Action {
	case copyAction:
		d.watchCopy(inv, c.Region, q)
	case "DeleteSnapshots":
		for _, id := range q.SnapshotIds {
			at := place{c.Region, id}
			again := d.ledger.delete(at)
			d.demandYoung(inv, "the deletion of "+id, c.Region)
			t := d.observe()
			if rep := t.here[at]; rep != nil {
				d.log("%s deletes %s in %s, %q", inv.key, id, c.Region, rep.Name)
			}
			if !again {
				d.watchDelete(inv, t, "deletes", at)
			}
		}
	case "TagResources":
		d.watchTag(inv, q)
	case "ModifySnapshotsSharePermission":
		d.watchShare(inv, c.Region, q)
	default:
		d.violate("%s asks for %s", inv.key, c.Action)
	}
}

// observations are the lists by which a run observes snapshots, and disks.
var observations = map[string]string{"DescribeSnapshots": "", "DescribeDisks": disksOf}

const disksOf = "disks of "

// remember takes down what will come of a request: an observation, which counts
// from its first page, or copies of which nobody knows whether they began.
func (inv *invocation) remember(c sim.Call, w way) {
	var q params
	if json.Unmarshal(c.Params, &q) != nil {
		return // watch has said so
	}
	answered := !w.dies && (w.Kind == sim.NoFault || w.Kind == sim.Slow)
	if what, looks := observations[c.Action]; looks && q.Offset == 0 && answered {
		inv.observed[what+c.Region] = time.Now()
	}
	if c.Action == copyAction && w.unclear() {
		for _, to := range q.DestinationRegions {
			inv.unclear[pair{q.SnapshotId, c.Region, to}] = unclear{time.Now(), len(q.DestinationRegions) == 1}
		}
	}
}

// An unclear answer to a copy request.
type unclear struct {
	at    time.Time // of the request
	alone bool      // it named one region
}

// demandLook demands that a copy without a clear answer is asked for again only
// once, by itself, and after a look at its source and its target.
func (d *director) demandLook(inv *invocation, from, to string, q *params) {
	u, asked := inv.unclear[pair{q.SnapshotId, from, to}]
	looked := !inv.observed[from].Before(u.at) && !inv.observed[to].Before(u.at)
	if asked && (u.alone || !looked || len(q.DestinationRegions) > 1) {
		d.violate("%s asks for the copy of %s to %v again, after an answer that was not clear: it was alone %t, it looked again %t", inv.key, q.SnapshotId, q.DestinationRegions, u.alone, looked)
	}
}

// demandYoung demands that a request relies on an observation of a region that
// is young enough. What was observed there, the packages' tests ask.
func (d *director) demandYoung(inv *invocation, what, region string) {
	if age := time.Since(inv.observed[region]); age > observationAge+time.Millisecond {
		d.violate("%s asks for %s on an observation of %s that is %s old", inv.key, what, region, age)
	}
}

// watchCopy demands that a copy is wanted, is well named, relies on a young
// observation of its source and of each target, and is not asked for blindly after
// an answer that was not clear.
func (d *director) watchCopy(inv *invocation, from string, q *params) {
	s, there := d.cloud.Snapshot(from, q.SnapshotId)
	for _, to := range q.DestinationRegions {
		d.ledger.ask(pair{q.SnapshotId, from, to}, asked{inv, s})
		if s.Disk == "" && strings.Contains(inv.event, `"snapshotId"`) {
			inv.excuse(to, 1) // its replica may be named after the disk that it had
		}
		d.demandYoung(inv, "the copy of "+q.SnapshotId+" to "+to, to)
		d.demandLook(inv, from, to, q)
	}
	if !there {
		return // deleted since
	}
	d.demandYoung(inv, "the copy of "+s.ID, from)
	disk := s.Disk
	if l := readName(q.SnapshotName); l != nil && disk == "" {
		disk = l.disk // it was there when the run looked, if others have just deleted it
	}
	disturbed := d.nemesis.disturbed(inv.began, place{from, s.ID}, place{from, disk})
	if want := (label{s.ID, s.Disk, from, s.Created}).name(); q.SnapshotName != want && !disturbed {
		d.violate("the replica of %s is called %q, and should be %q", s.ID, q.SnapshotName, want)
	}
	if strings.Contains(inv.event, `"snapshotId"`) || disturbed {
		return // an operator asks for it, or others changed what decides about it
	}
	t := d.recent()
	want := inv.set.wants(t, &s)
	for _, to := range q.DestinationRegions {
		if !want.byReplicas && !slices.Contains(want.to, to) && !(inv.lies > 0 && s.CopyFromRemote) { // a replica without its name or its mark
			d.violate("%s asks to copy %s to %s: it belongs in %v", inv.key, s.ID, to, want.to)
		}
		near := t.nearly(to, q.SnapshotName)
		if near == nil || !inv.sweeps() || inv.lies > 0 || !d.ledger.shows(place{to, near.ID}, inv.began) || d.nemesis.disturbed(inv.began, place{to, near.ID}) {
			continue
		}
		if now, _ := d.cloud.Snapshot(to, near.ID); t.names.odd(&now) {
			d.violate("%s asks to copy %s to %s, where %s has nearly the replica's name: %q", inv.key, s.ID, to, near.ID, near.Name)
		}
	}
}

// watchTag demands that nothing but a complete replica is tagged, and only as
// verified.
func (d *director) watchTag(inv *invocation, q *params) {
	t := d.observe()
	for _, name := range q.ResourceList {
		parts := strings.Split(name, ":")
		at := place{parts[3], parts[5][strings.IndexByte(parts[5], '/')+1:]}
		if rep := t.here[at]; rep != nil && !t.complete(rep) && !d.nemesis.disturbed(inv.began, t.bearing(rep)...) {
			d.violate("%s in %s is tagged, and is no complete replica of ours: %q, %s", rep.ID, rep.Region, rep.Name, rep.State)
		}
	}
	if len(q.Tags) != 1 || q.Tags[0].TagKey != "ferry:state" || q.Tags[0].TagValue != "verified" {
		d.violate("%v is tagged with %v", q.ResourceList, q.Tags)
	}
}

// watchShare demands that only complete replicas are shared, and that shares are only
// withdrawn from replicas that may be deleted: with the operator's own accounts.
func (d *director) watchShare(inv *invocation, region string, q *params) {
	for _, account := range q.AccountIds {
		if !slices.Contains(inv.set.accounts, account) {
			d.violate("%s is asked for of %s with account %s", q.Permission, q.SnapshotIds, account)
		}
	}
	t := d.observe()
	for _, id := range q.SnapshotIds {
		at := place{region, id}
		if q.Permission != "SHARE" {
			d.watchDelete(inv, t, "withdraws the shares of", at)
		} else if rep := t.here[at]; rep != nil && !t.complete(rep) && !d.nemesis.disturbed(inv.began, t.bearing(rep)...) {
			d.violate("%s shares %s in %s, which is no complete replica of ours: %q", inv.key, id, region, rep.Name)
		}
	}
}
