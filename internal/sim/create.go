package sim

import (
	"maps"
	"strconv"
	"time"
)

// soonest is how far ahead a snapshot's deadline has to be at least.
const soonest = 24 * time.Hour

func (c *Cloud) createSnapshot(q *query) ([]byte, *refusal) {
	var id, name, deadline, backup, usage string
	var tags []tag
	ref := read(q.body, param{"DiskId", &id}, param{"SnapshotName", &name}, param{"Deadline", &deadline},
		param{"DiskBackupId", &backup}, param{"Tags", &tags}, param{"DiskUsage", &usage})
	switch {
	case ref != nil:
		return nil, ref
	case id == "":
		return nil, missing("DiskId")
	case backup != "":
		return nil, refuse("UnsupportedOperation", "Snapshots of backup points are not imitated.")
	case usage != "" && usage != dataDisk && usage != systemDisk:
		return nil, badValue("DiskUsage can't be %q.", usage)
	}
	want := Snapshot{Name: name, Disk: id, Usage: usage}
	if ref := checkName(name); ref != nil {
		return nil, ref
	}
	if want.Deadline, ref = readDeadline(deadline, q.now); ref != nil {
		return nil, ref
	}
	if want.Tags, ref = c.readTags(tags); ref != nil {
		return nil, ref
	}
	if ref := c.canCreate(q, id); ref != nil {
		return nil, ref
	}
	s := c.create(q, want)
	return fields(struct{ SnapshotId string }{s.ID}), nil
}

func readDeadline(text string, now time.Time) (time.Time, *refusal) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, badValue("Deadline %q is not of the form 2022-01-08T09:47:55+00:00.", text)
	}
	if at.Before(now.Add(soonest)) {
		return at, badValue("Deadline %q is less than a day ahead.", text)
	}
	return at, nil
}

func (c *Cloud) canCreate(q *query, diskIDs ...string) *refusal {
	if ref := checkIDs("disk", diskIDs); ref != nil {
		return ref
	}
	for _, id := range diskIDs {
		if q.region.disks.byID[id] == nil {
			return refuse("InvalidDiskId.NotFound", "There is no disk %s.", id)
		}
	}
	if q.region.full() {
		return refuse("InsufficientSnapshotQuota", "Region %s holds as many snapshots as it may.", q.region.name)
	}
	return nil
}

// create makes a snapshot of a disk that exists.
func (c *Cloud) create(q *query, s Snapshot) *snapshot {
	d := q.region.disks.byID[s.Disk]
	orString(&s.Name, unnamed)
	orString(&s.Usage, d.Usage)
	s.ID, s.Region, s.Zone, s.Created = c.newSnapshotID(q.region), q.region.name, d.Zone, q.now
	s.State, s.Type, s.SizeGiB, s.Encrypted = stateCreating, privateSnapshot, d.SizeGiB, d.Encrypted
	n := &snapshot{Snapshot: s, course: creating, start: q.now, first: c.opt.CreateTime}
	c.noteTags(s.Tags)
	c.keep(q.region, n)
	return n
}

// A group is a snapshot group: snapshots of several disks, made together.
type group struct {
	id, name string
	created  time.Time
	members  []*snapshot
}

func (c *Cloud) createSnapshotGroup(q *query) ([]byte, *refusal) {
	var ids []string
	var name string
	var tags []tag
	ref := read(q.body, param{"DiskIds", &ids}, param{"SnapshotGroupName", &name}, param{"Tags", &tags})
	if ref == nil && len(ids) == 0 {
		ref = missing("DiskIds")
	}
	if ref == nil {
		ref = checkName(name)
	}
	if ref != nil {
		return nil, ref
	}
	given, ref := c.readTags(tags)
	if ref != nil {
		return nil, ref
	}
	if ref := c.canCreate(q, ids...); ref != nil {
		return nil, ref
	}
	orString(&name, unnamed)
	g := &group{id: c.ids.make("csnap"), name: name, created: q.now}
	for i, id := range ids {
		member := Snapshot{Name: name + "_" + strconv.Itoa(i), Disk: id, Tags: maps.Clone(given)}
		g.members = append(g.members, c.create(q, member))
	}
	q.region.groups = append(q.region.groups, g)
	return fields(struct{ SnapshotGroupId string }{g.id}), nil
}
