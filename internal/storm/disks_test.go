package storm

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"snapferry/internal/sim"
)

// diskChanges are the requests by which drills and restores may change something.
var diskChanges = map[string][]string{
	"drill":   {"CreateDisks", "TerminateDisks", "TagResources"},
	"restore": {"CreateDisks"},
}

// watchDisks looks at a request of a drill or restore that changes something.
func (d *director) watchDisks(inv *invocation, c sim.Call, q *params) {
	switch c.Action {
	case "CreateDisks":
		d.watchMake(inv, c.Region, c.Params)
	case "TerminateDisks":
		d.watchEnd(inv, c.Region, q.DiskIds)
	default:
		d.watchDrilled(inv, q)
	}
}

// A making is what is read of CreateDisks.
type making struct {
	SnapshotId, DiskName, ClientToken string
	Tags                              []struct{ Key, Value string }
}

var drillName = regexp.MustCompile(`^ferry-drill_(snap-[0-9a-z]+)_([0-9]{8}T[0-9]{6}Z)$`)

// drillMarks are the replica and the time that a disk's two marks as one of a drill
// say; "" if it lacks one.
func drillMarks(name string, tags map[string]string) (replica string, born time.Time) {
	p := drillName.FindStringSubmatch(name)
	if p == nil || tags["ferry:drill"] != p[1] {
		return "", born
	}
	born, err := time.Parse(labelTime, p[2])
	if err != nil {
		return "", born
	}
	return p[1], born
}

// mayEnd reports whether a drill may end a disk.
func mayEnd(disk *sim.Disk) bool {
	replica, _ := drillMarks(disk.Name, disk.Tags)
	return replica != "" && disk.Tags["ferry:restore"] == "" && disk.State == "UNATTACHED" && disk.Charge == "POSTPAID_BY_HOUR"
}

// watchMake demands that a disk is made of the newest proven replica of a disk, and is
// marked as what it is for.
func (d *director) watchMake(inv *invocation, region string, body []byte) {
	var q making
	if json.Unmarshal(body, &q) != nil {
		return // watch has said so
	}
	inv.made[q.ClientToken] = true
	if most := inv.set.env["DRILL_COUNT"]; inv.job == "drill" && fmt.Sprint(len(inv.made)) > most {
		d.violate("%s makes %d disks, and DRILL_COUNT is %s", inv.key, len(inv.made), most)
	}
	t, at := d.observe(), place{region, q.SnapshotId}
	rep := t.here[at]
	if rep == nil {
		return // gone since
	}
	l := t.names.ours(rep)
	tags := map[string]string{}
	for _, tag := range q.Tags {
		tags[tag.Key] = tag.Value
	}
	d.watchMarks(inv, t, rep, q.DiskName, tags)
	switch {
	case inv.lies > 0 || d.nemesis.disturbed(inv.began, t.bearing(rep)...):
	case l == nil:
		d.violate("%s makes a disk of %s in %s, which is not ours: %q", inv.key, rep.ID, region, rep.Name)
	case inv.order != nil && inv.order.Unproven:
	case !t.proven(rep) || !d.ledger.faithful(at, l):
		d.violate("%s makes a disk of %s in %s, which is not proven: %q, %s, %v", inv.key, rep.ID, region, rep.Name, rep.State, rep.Tags)
	default:
		d.demandNewest(inv, t, rep)
	}
}

// demandNewest demands that there was no newer proven replica, of the time of the
// order, when an invocation began.
func (d *director) demandNewest(inv *invocation, t *truth, rep *sim.Snapshot) {
	l, newest := t.names.ours(rep), inv.began.Add(1000*time.Hour)
	if inv.order != nil && !inv.order.At.IsZero() {
		newest = inv.order.At
	}
	if l.created.After(newest) {
		d.violate("%s restores %s, which is newer than %s", inv.key, rep.Name, newest)
	}
	for _, o := range inv.before.series[l.series(rep.Region)] {
		at, ol := place{o.Region, o.ID}, inv.before.names.ours(o)
		if ol.created.After(l.created) && !ol.created.After(newest) && inv.before.proven(o) && marked(o) && !t.untold &&
			d.ledger.shows(at, inv.began) && t.here[at] != nil && !d.nemesis.disturbed(inv.began, t.bearing(o)...) {
			d.violate("%s makes a disk of %s, and %s is newer: %q", inv.key, rep.Name, o.ID, o.Name)
		}
	}
}

// watchMarks demands that a disk is marked as one of a drill, or carries the tag of
// restores and its replica's own tags.
func (d *director) watchMarks(inv *invocation, t *truth, rep *sim.Snapshot, name string, tags map[string]string) {
	want := map[string]string{"ferry:drill": rep.ID}
	if inv.job == "drill" {
		replica, born := drillMarks(name, tags)
		if age := t.now.Sub(born); replica != rep.ID || age > time.Hour+tolerance || age < -tolerance {
			d.violate("%s makes a disk of %s with the marks %q, %v", inv.key, rep.ID, name, tags)
		}
	} else {
		want = map[string]string{"ferry:restore": rep.ID}
		for key, value := range rep.Tags {
			if !strings.HasPrefix(key, "ferry:") && !t.untold {
				want[key] = value
			}
		}
	}
	if !maps.Equal(tags, want) && !d.nemesis.disturbed(inv.began, place{rep.Region, rep.ID}) {
		d.violate("%s makes a disk of %s with the tags %v instead of %v", inv.key, rep.ID, tags, want)
	}
}

// watchEnd demands that only a drill's disk is ended, after a young look.
func (d *director) watchEnd(inv *invocation, region string, ids []string) {
	for _, disk := range d.cloud.Disks(region) {
		if !slices.Contains(ids, disk.ID) {
			continue
		}
		d.demandYoung(inv, "the end of "+disk.ID, disksOf+region)
		d.ended = append(d.ended, disk)
		if !mayEnd(&disk) && !d.nemesis.disturbed(time.Now(), place{region, disk.ID}) {
			d.violate("%s ends %s in %s, which it must not: %q, %v, %s, %s", inv.key, disk.ID, region, disk.Name, disk.Tags, disk.State, disk.Charge)
		}
	}
}

// watchDrilled demands that a replica is tagged as drilled in a week only if there was a
// disk of a drill of it in that week, with its size and encryption.
func (d *director) watchDrilled(inv *invocation, q *params) {
	if len(q.Tags) != 1 || q.Tags[0].TagKey != "ferry:drilled" {
		d.violate("%s tags %v with %v", inv.key, q.ResourceList, q.Tags)
		return
	}
	for _, name := range q.ResourceList {
		parts := strings.Split(name, ":")
		id, isSnapshot := strings.CutPrefix(parts[5], "snapshot/")
		rep, there := d.cloud.Snapshot(parts[3], id)
		if !isSnapshot || there && !slices.ContainsFunc(slices.Concat(d.cloud.Disks(parts[3]), d.ended), func(disk sim.Disk) bool {
			replica, born := drillMarks(disk.Name, disk.Tags)
			year, week := born.ISOWeek()
			return disk.Region == parts[3] && replica == id && disk.SizeGiB >= rep.SizeGiB && disk.Encrypted == rep.Encrypted &&
				q.Tags[0].TagValue == fmt.Sprintf("%d-W%02d", year, week)
		}) && !d.nemesis.disturbed(inv.began, place{parts[3], id}) {
			d.violate("%s tags %s as drilled in %s, and there was no such drill", inv.key, name, q.Tags[0].TagValue)
		}
	}
}

// squeezeDisks lets a target region take few more disks, or all.
func (d *director) squeezeDisks(s step) {
	region := d.w.targets[s.dice%uint64(len(d.w.targets))]
	most := -1
	if s.dice>>8&3 > 0 {
		most = len(d.cloud.Disks(region)) + int(s.dice>>16%4)
	}
	d.cloud.SetDiskQuota(region, most)
}

// meddle is somebody who makes a disk in a target region, or changes one that is there.
func (n *nemesis) meddle(t *truth, dice uint64) string {
	region := n.w.targets[dice%uint64(len(n.w.targets))]
	var reps []*sim.Snapshot
	for at, all := range t.series {
		if at.to == region {
			reps = append(reps, slices.DeleteFunc(slices.Clone(all), func(s *sim.Snapshot) bool { return !t.complete(s) })...)
		}
	}
	disks := slices.DeleteFunc(n.cloud.Disks(region), func(disk sim.Disk) bool {
		return disk.State == "DUMPING" || slices.ContainsFunc(n.w.disks, func(o sim.Disk) bool { return o.ID == disk.ID })
	})
	switch {
	case len(disks) > 0 && dice>>8&1 == 0:
		return n.changeDisk(disks[dice>>16%uint64(len(disks))], dice>>32)
	case len(reps) > 0:
		slices.SortFunc(reps, func(a, b *sim.Snapshot) int { return strings.Compare(a.ID, b.ID) })
		return n.plant(t, reps[dice>>16%uint64(len(reps))], dice>>32)
	}
	return "others find no replica in " + region
}

// plant makes a disk that looks a little, or wholly, as if a drill or a restore had
// made it.
func (n *nemesis) plant(t *truth, rep *sim.Snapshot, dice uint64) string {
	name, drill := "ferry-drill_"+rep.ID+"_"+t.now.Add(-time.Hour).UTC().Format(labelTime), map[string]string{"ferry:drill": rep.ID}
	disks := []sim.Disk{
		{Name: "by hand"},
		{Name: name},
		{Tags: drill},
		{Name: name, Tags: drill},
		{Name: name, Tags: drill, State: "ATTACHED"},
		{Name: name, Tags: drill, Charge: "PREPAID"},
		{Name: name, Tags: map[string]string{"ferry:drill": rep.ID, "ferry:restore": rep.ID}},
		{Name: name, Tags: map[string]string{"ferry:drill": "snap-00000000"}},
		{Name: "restored by hand", Tags: map[string]string{"ferry:restore": rep.ID}},
	}
	disk := disks[dice%uint64(len(disks))]
	disk.Region, disk.Snapshot, disk.SizeGiB = rep.Region, rep.ID, rep.SizeGiB
	if disk.State == "" {
		disk.State = "UNATTACHED"
	}
	id := n.cloud.AddDisk(disk)
	n.tagDisk(place{rep.Region, id})
	n.mark(place{rep.Region, id}, place{rep.Region, rep.ID})
	return fmt.Sprintf("others make %s in %s: %q, %v, %s %s", id, rep.Region, disk.Name, disk.Tags, disk.State, disk.Charge)
}

// changeDisk changes a disk that somebody made.
func (n *nemesis) changeDisk(disk sim.Disk, dice uint64) string {
	at := place{disk.Region, disk.ID}
	n.mark(at, place{disk.Region, disk.Snapshot})
	ways := []func(*sim.Disk){
		func(d *sim.Disk) { d.Name = "kept by hand" },
		func(d *sim.Disk) { d.Charge = "PREPAID" },
		func(d *sim.Disk) { delete(d.Tags, "ferry:drill") },
		func(d *sim.Disk) { toggle(&d.Tags, "owner", "somebody") },
		func(d *sim.Disk) {
			if d.State = "ATTACHED"; disk.State == "ATTACHED" {
				d.State = "UNATTACHED"
			}
		},
		func(d *sim.Disk) {
			if d.Tags["ferry:drill"] != "" {
				d.Tags["ferry:restore"] = d.Tags["ferry:drill"] // somebody needs it
				n.tagDisk(at)
			}
		},
	}
	way := dice % uint64(len(ways))
	n.cloud.ChangeDisk(disk.Region, disk.ID, ways[way])
	return fmt.Sprintf("others change %s in %s, %q, in way %d", disk.ID, disk.Region, disk.Name, way)
}

func (n *nemesis) tagDisk(at place) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.tagged[at] = true
}

func (n *nemesis) hasTagged(at place) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.tagged[at]
}
