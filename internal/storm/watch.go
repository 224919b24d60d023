package storm

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"snapferry/internal/sim"
)

// lookAge is how old a look may be when a request that relies on it is sent
// (outside contract, section 1).
const lookAge = 5 * time.Second

// looks are when an invocation last looked at things.
type looks struct {
	list  map[string]time.Time // whole regions: when the first page was asked for
	ids   map[place]time.Time
	names map[place]time.Time
	disks map[place]time.Time
}

// params are what is read of requests.
type params struct {
	SnapshotIds []string
	Filters     []struct {
		Name   string
		Values []string
	}
	Offset             uint64
	SnapshotId         string
	SnapshotName       string
	DestinationRegions []string
	AccountIds         []string
	Permission         string
	ResourceList       []string
	Tags               []struct{ TagKey, TagValue string }
}

// allowed are the requests that each job may make.
var allowed = map[string][]string{
	"copy":   {"DescribeSnapshots", "DescribeDisks", "DescribeSnapshotOverview", "CopySnapshotCrossRegions"},
	"verify": {"DescribeSnapshots", "DescribeDisks", "GetCallerIdentity", "TagResources"},
	"retain": {"DescribeSnapshots", "DescribeDisks", "DescribeSnapshotSharePermission", "ModifySnapshotsSharePermission", "DeleteSnapshots"},
	"plan":   {"DescribeSnapshots", "DescribeDisks", "DescribeSnapshotOverview"},
}

// dry reports whether an invocation may change nothing.
func (inv *invocation) dry() bool {
	return inv.job == "plan" || strings.Contains(inv.event, `"dryRun":true`)
}

// watch looks at a request as it arrives.
func (p *play) watch(inv *invocation, c sim.Call) {
	if !slices.Contains(allowed[inv.job], c.Action) {
		p.violate("a %s job asks for %s in %s: %s", inv.job, c.Action, c.Region, c.Params)
	}
	if inv.dry() && !strings.HasPrefix(c.Action, "Describe") {
		p.violate("invocation %s is to change nothing, and asks for %s in %s: %s", inv.key, c.Action, c.Region, c.Params)
	}
	var q params
	if err := json.Unmarshal(c.Params, &q); err != nil {
		p.violate("%s is asked with %s", c.Action, c.Params)
		return
	}
	switch c.Action {
	case "CopySnapshotCrossRegions":
		p.watchCopy(inv, c.Region, &q)
	case "DeleteSnapshots":
		for _, id := range q.SnapshotIds {
			p.watchDelete(inv, place{c.Region, id})
		}
	case "TagResources":
		p.watchTag(&q)
	case "ModifySnapshotsSharePermission":
		p.watchShare(c.Region, &q)
	}
}

// watchShare demands that shares are only withdrawn, the operator's own and
// from replicas that may be deleted.
func (p *play) watchShare(region string, q *params) {
	t := p.look()
	for _, account := range q.AccountIds {
		if q.Permission != "CANCEL" || !slices.Contains(p.w.accounts, account) {
			p.violate("%s is asked for of %s with account %s", q.Permission, q.SnapshotIds, account)
		}
	}
	for _, id := range q.SnapshotIds {
		at := place{region, id}
		rep := t.here[at]
		if rep == nil {
			continue // deleted since
		}
		p.mu.Lock()
		delete(p.known, at) // it looks different from now on
		p.mu.Unlock()
		l := t.book.ours(rep)
		if l == nil && !p.meddledLately(lane{}, at) {
			p.violate("the shares of %s in %s are withdrawn, which is not ours: %q", id, region, rep.Name)
		}
		if l == nil || p.meddledLately(l.lane(region), at) {
			continue
		}
		if why := p.w.keepsReplica(t, rep, *l); why != "" {
			p.violate("the shares of %s in %s are withdrawn, %s (%s)", id, region, why, rep.Name)
		}
	}
}

// saw takes down a look at snapshots, once it is known that it is answered.
// Called with the play's lock held.
func (p *play) saw(inv *invocation, c sim.Call) {
	var q params
	if json.Unmarshal(c.Params, &q) == nil { // else watch has said so
		inv.looks.note(p.w, c.Region, &q)
	}
}

// note takes down what a list will show.
func (l *looks) note(w *world, region string, q *params) {
	if l.list == nil {
		*l = looks{map[string]time.Time{}, map[place]time.Time{}, map[place]time.Time{}, map[place]time.Time{}}
	}
	now := time.Now()
	if q.Offset > 0 {
		return // a look counts from its first page
	}
	for _, id := range q.SnapshotIds {
		l.ids[place{region, id}] = now
	}
	for _, f := range q.Filters {
		into := map[string]map[place]time.Time{"snapshot-name": l.names, "disk-id": l.disks}[f.Name]
		if n := w.cloud.Quirks.NameValues; f.Name == "snapshot-name" && n > 0 {
			f.Values = f.Values[:min(n, len(f.Values))] // the service ignores the rest
		}
		for _, v := range f.Values {
			into[place{region, v}] = now
		}
	}
	if len(q.SnapshotIds)+len(q.Filters) == 0 {
		l.list[region] = now
	}
}

// doubt notes that the answer to a copy request will not be clear. Called with
// the play's lock held.
func (inv *invocation) doubt(c sim.Call) {
	var q params
	if json.Unmarshal(c.Params, &q) != nil {
		return // watch has said so
	}
	if inv.doubted == nil {
		inv.doubted = map[pair]bool{}
	}
	for _, to := range q.DestinationRegions {
		inv.doubted[pair{q.SnapshotId, c.Region, to}] = true
	}
}

// latest is the last of some times.
func latest(all ...time.Time) time.Time { return slices.MaxFunc(all, time.Time.Compare) }

// watchCopy demands that a copy is wanted, well named, and asked for on a
// young look at its source and its targets.
func (p *play) watchCopy(inv *invocation, from string, q *params) {
	s, there := p.cloud.Snapshot(from, q.SnapshotId)
	tags := map[string]string{}
	for _, d := range p.cloud.Disks(from) {
		if d.ID == s.Disk {
			tags = maps.Clone(d.Tags)
		}
	}
	maps.Copy(tags, s.Tags)
	p.mu.Lock()
	defer p.mu.Unlock()
	now, l := time.Now(), &inv.looks
	young := func(what string, at time.Time) {
		if at.IsZero() {
			p.violateLocked("invocation %s asks to copy %s to %v without a look at %s", inv.key, q.SnapshotId, q.DestinationRegions, what)
		} else if now.Sub(at) > lookAge+time.Millisecond {
			p.violateLocked("invocation %s asks to copy %s to %v on a look at %s that is %s old", inv.key, q.SnapshotId, q.DestinationRegions, what, now.Sub(at))
		}
	}
	if there {
		young("its source", latest(l.list[from], l.ids[place{from, q.SnapshotId}], l.disks[place{from, s.Disk}]))
	}
	wished := strings.Contains(inv.event, `"snapshotId"`) // by an operator: then selection, age and keep rules don't count
	for _, to := range q.DestinationRegions {
		p.wished[pair{q.SnapshotId, from, to}] = p.wished[pair{q.SnapshotId, from, to}] || wished
		if inv.doubted[pair{q.SnapshotId, from, to}] {
			p.violateLocked("invocation %s asks to copy %s to %s again, after an answer that was not clear", inv.key, q.SnapshotId, to)
		}
		young(to, latest(l.list[to], l.names[place{to, q.SnapshotName}]))
	}
	if !there {
		return // deleted since
	}
	if want := (label{s.ID, s.Disk, from, s.Created}).name(); q.SnapshotName != want {
		p.violateLocked("the replica of %s is to be called %q, not %q", s.ID, q.SnapshotName, want)
	}
	if p.changedSince(inv.began, place{from, s.ID}, place{from, s.Disk}) {
		return // others changed what decides about it
	}
	want := p.w.wants(&s, tags, wished)
	if s.CopyFromRemote {
		want = nil
	}
	for _, to := range q.DestinationRegions {
		if !slices.Contains(want, to) {
			p.violateLocked("invocation %s asks to copy %s to %s: it belongs in %v", inv.key, s.ID, to, want)
		}
	}
	if age := now.Add(p.w.skew).Sub(s.Created); p.w.maxAge > 0 && age > p.w.maxAge+25*time.Minute && !wished {
		p.violateLocked("invocation %s asks to copy %s, which is %s old", inv.key, s.ID, age)
	}
}

// changedSince reports whether others changed one of the things.
func (p *play) changedSince(at time.Time, things ...place) bool {
	return slices.ContainsFunc(things, func(t place) bool { return p.changed[t].After(at) })
}

// watchTag demands that nothing but a complete replica is tagged, and only as
// verified.
func (p *play) watchTag(q *params) {
	t := p.look()
	for _, name := range q.ResourceList {
		parts := strings.Split(name, ":")
		at := place{parts[3], parts[5][strings.IndexByte(parts[5], '/')+1:]}
		rep := t.here[at]
		if rep == nil {
			continue // deleted since
		}
		if ours := t.book.ours(rep) != nil; !ours && p.meddledLately(lane{}, at) {
			continue
		} else if !ours {
			p.violate("%s in %s is tagged, and is not ours: %q", rep.ID, rep.Region, rep.Name)
		} else if !t.complete(rep) {
			p.violate("%s in %s is tagged, and is not complete: %s", rep.ID, rep.Region, rep.State)
		}
	}
	if len(q.Tags) != 1 || q.Tags[0].TagKey != "ferry:state" || q.Tags[0].TagValue != "verified" {
		p.violate("%v is tagged with %v", q.ResourceList, q.Tags)
	}
}

// meddledLately reports whether others did something about a lane, or to a
// replica, so short a time ago that a look need not know it.
func (p *play) meddledLately(l lane, at place) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	recent := func(when time.Time) bool { return !when.IsZero() && time.Since(when) < time.Minute }
	return recent(p.meddled[l]) || recent(p.touched[at])
}
