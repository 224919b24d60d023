package sim

import (
	"cmp"
	"maps"
	"strconv"
	"time"
)

// soonest is how far ahead a snapshot's deadline has to be at least.
const soonest = 24 * time.Hour

type createParams struct {
	DiskId                               string `api:"required,disk"`
	SnapshotName, Deadline, DiskBackupId string
	DiskUsage                            string
	LocalSnap                            bool // an instant snapshot
	Tags                                 []tag
}

func (c *Cloud) createSnapshot(q *query, p *createParams) (any, *refusal) {
	if p.DiskBackupId != "" {
		return nil, refuse("UnsupportedOperation", "Snapshots of backup points are not imitated.")
	}
	ref := notOneOf("DiskUsage", p.DiskUsage, dataDisk, systemDisk)
	if ref == nil {
		ref = checkName(p.SnapshotName)
	}
	if ref != nil {
		return nil, ref
	}
	want := Snapshot{Name: p.SnapshotName, Disk: p.DiskId, Usage: p.DiskUsage, Instant: p.LocalSnap}
	if want.Deadline, ref = readDeadline(p.Deadline, q.now); ref != nil {
		return nil, ref
	}
	if want.Tags, ref = c.readTags(p.Tags); ref != nil {
		return nil, ref
	}
	if ref := canCreate(q.region, p.DiskId); ref != nil {
		return nil, ref
	}
	return struct{ SnapshotId string }{c.create(q.region, want, q.now).ID}, nil
}

// CreateSnapshot does what the API of that name does, without a request: the
// snapshot is CREATING for Options.CreateTime. It returns the snapshot's id.
func (c *Cloud) CreateSnapshot(region, disk, name string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, now := c.region(region), c.time()
	r.sweep(now)
	ref := checkName(name)
	if ref == nil {
		ref = canCreate(r, disk)
	}
	if ref != nil {
		return "", ref
	}
	return c.create(r, Snapshot{Name: name, Disk: disk}, now).ID, nil
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

func canCreate(r *region, diskIDs ...string) *refusal {
	for _, id := range diskIDs {
		if r.disks.byID[id] == nil {
			return noDisk(id)
		}
	}
	if r.full() {
		return overQuota(r)
	}
	return nil
}

func noDisk(id string) *refusal {
	return refuse("InvalidDiskId.NotFound", "There is no disk %s.", id)
}

// create makes a snapshot of a disk that exists.
func (c *Cloud) create(r *region, s Snapshot, now time.Time) *snapshot {
	d := r.disks.byID[s.Disk]
	s.Name = cmp.Or(s.Name, unnamed)
	s.Usage = cmp.Or(s.Usage, d.Usage)
	s.ID, s.Region, s.Zone, s.Created = newID(&c.ids, "snap", &r.snapshots), r.name, d.Zone, now
	s.State, s.Type, s.SizeGiB, s.Encrypted = stateCreating, privateSnapshot, d.SizeGiB, d.Encrypted
	n := &snapshot{Snapshot: s, lifecycle: creating, start: now, first: c.opt.CreateTime}
	c.noteTags(s.Tags)
	c.addSnapshot(r, n)
	return n
}

// A group is a snapshot group: snapshots of several disks, made together.
type group struct {
	id, name string
	created  time.Time
	members  []*snapshot
}

type createGroupParams struct {
	DiskIds           []string `api:"required,disk"`
	SnapshotGroupName string
	Tags              []tag
}

func (c *Cloud) createSnapshotGroup(q *query, p *createGroupParams) (any, *refusal) {
	if ref := checkName(p.SnapshotGroupName); ref != nil {
		return nil, ref
	}
	tags, ref := c.readTags(p.Tags)
	if ref == nil {
		ref = canCreate(q.region, p.DiskIds...)
	}
	if ref != nil {
		return nil, ref
	}
	g := &group{id: c.ids.make("csnap"), name: p.SnapshotGroupName, created: q.now}
	g.name = cmp.Or(g.name, unnamed)
	for i, id := range p.DiskIds {
		member := Snapshot{Name: g.name + "_" + strconv.Itoa(i), Disk: id, Tags: maps.Clone(tags)}
		g.members = append(g.members, c.create(q.region, member, q.now))
	}
	q.region.groups = append(q.region.groups, g)
	return struct{ SnapshotGroupId string }{g.id}, nil
}

// A groupRow is a snapshot group as the API shows it.
type groupRow struct {
	SnapshotGroupId, SnapshotGroupName    string
	SnapshotGroupType, SnapshotGroupState string
	ContainRootSnapshot, IsPermanent      bool
	SnapshotIdSet                         []string
	CreateTime, ModifyTime                string // unlike all other times of CBS in RFC 3339
	Images                                []image
	Percent, ImageCount                   int
	DeadlineTime, AutoSnapshotPolicyId    *string
}

type describeGroupsParams struct {
	Filters       []filter
	Limit, Offset *uint64
}

func (c *Cloud) describeSnapshotGroups(q *query, p *describeGroupsParams) (any, *refusal) {
	l := listing{paging: paging{Limit: p.Limit, Offset: p.Offset}, Filters: p.Filters}
	if ref := c.checkListing(q, &l, nil); ref != nil {
		return nil, ref
	}
	if ref := checkNames(p.Filters, groupRow{}.values); ref != nil {
		return nil, ref
	}
	rows := []groupRow{}
	for _, g := range q.region.groups {
		if row, exists := g.row(q.now); exists && fitsAll(p.Filters, row.values) {
			rows = append(rows, row)
		}
	}
	return listed("SnapshotGroupSet", len(rows), page(l.paging, rows)), nil
}

// row describes the group by what is left of its snapshots; without any it is gone.
func (g *group) row(now time.Time) (groupRow, bool) {
	at := rfc3339(g.created.UTC())
	row := groupRow{
		SnapshotGroupId: g.id, SnapshotGroupName: g.name, SnapshotGroupType: "NORMAL", SnapshotGroupState: stateNormal,
		Percent: 100, CreateTime: at, ModifyTime: at, IsPermanent: true, Images: []image{},
	}
	for _, s := range g.members {
		if s.gone(now) || s.deleted {
			continue
		}
		s.now(now)
		row.SnapshotIdSet = append(row.SnapshotIdSet, s.ID)
		row.Percent = min(row.Percent, s.Percent)
		row.ContainRootSnapshot = row.ContainRootSnapshot || s.Usage == systemDisk
		if s.State == stateCreating || s.State == stateRollback {
			row.SnapshotGroupState = s.State
		}
		row.Images = append(row.Images, s.images()...)
	}
	row.ImageCount = len(row.Images)
	return row, len(row.SnapshotIdSet) > 0
}

// rfc3339 never abbreviates UTC to Z, as the service doesn't.
func rfc3339(t time.Time) string { return t.Format("2006-01-02T15:04:05-07:00") }

// values implements valuesOf.
func (r groupRow) values(filter string) ([]string, bool) {
	switch filter {
	case "snapshot-group-id":
		return []string{r.SnapshotGroupId}, true
	case "snapshot-group-state":
		return []string{r.SnapshotGroupState}, true
	case "snapshot-group-name":
		return []string{r.SnapshotGroupName}, true
	case "snapshot-id":
		return r.SnapshotIdSet, true
	}
	return nil, false
}
