package sim

import (
	"slices"
	"strings"
	"time"
)

// A disk is a Disk with what the service alone knows of it.
type disk struct {
	Disk
	ready time.Time // made through the API: not UNATTACHED before
}

// view is a deep copy of the truth at t. UNK: what a disk shows until it is ready.
func (d *disk) view(t time.Time) Disk {
	v := d.clone()
	if t.Before(d.ready) {
		v.State = diskDumping
	}
	return v
}

type placement struct {
	Zone               string
	ProjectId          int
	ProjectName        string
	CageId             string
	CdcName            string
	CdcId              string
	DedicatedClusterId string
}

// A diskRow is a disk as DescribeDisks shows it.
type diskRow struct {
	DiskId, DiskName, DiskType, DiskState, DiskUsage string
	DiskSize                                         int
	DiskChargeType, RenewFlag                        string
	Placement                                        placement
	Encrypt, Attached, Portable, Shareable           bool
	DeleteWithInstance, AutoRenewFlagError           bool
	Rollbacking, Migrating, SnapshotAbility          bool
	DeadlineError, BackupDisk, BurstPerformance      bool
	IsReturnable                                     bool
	ReturnFailCode                                   int
	RollbackPercent, MigratePercent                  int
	ThroughputPerformance, DiskBackupQuota           int
	DiskBackupCount, DeleteSnapshot                  int
	SnapshotCount, SnapshotSize                      int
	InstanceId, InstanceType, AttachMode             string
	InstanceIdList                                   []string
	LastAttachInsId, ErrorPrompt                     string
	AutoSnapshotPolicyIds                            []string
	CreateTime, DeadlineTime                         string
	DifferDaysOfDeadline                             *int
	Tags                                             []tag
	EncryptType, KmsKeyId                            string
}

func (c *Cloud) describeDisks(q *query) ([]byte, *refusal) {
	var l listing
	var policies ignored
	ref := read(q.body, param{"DiskIds", &l.ids}, param{"Filters", &l.filters}, param{"Limit", &l.limit},
		param{"Offset", &l.offset}, param{"Order", &l.order}, param{"OrderField", &l.orderBy},
		param{"ReturnBindAutoSnapshotPolicy", &policies})
	if ref == nil {
		ref = c.check(q, &l, "disk", "CREATE_TIME", "DEADLINE")
	}
	if ref != nil {
		return nil, ref
	}
	found, ref := matchingDisks(q, &l)
	if ref != nil {
		return nil, ref
	}
	slices.SortStableFunc(found, func(a, b Disk) int { return a.Created.Compare(b.Created) })
	if l.order != "ASC" {
		slices.Reverse(found)
	}
	from, to := l.page(len(found))
	rows := make([]diskRow, 0, to-from)
	for _, d := range found[from:to] {
		rows = append(rows, q.diskRow(d))
	}
	q.region.countSnapshots(rows)
	return fields(struct {
		TotalCount int
		DiskSet    []diskRow
	}{len(found), rows}), nil
}

func matchingDisks(q *query, l *listing) ([]Disk, *refusal) {
	var found []Disk
	for _, f := range l.filters {
		if _, known := (Disk{}).values(f.Name); !known {
			return nil, unknownFilter(f.Name)
		}
	}
next:
	for _, d := range q.region.disks {
		if len(l.ids) > 0 && !slices.Contains(l.ids, d.ID) {
			continue
		}
		v := d.view(q.now)
		for _, f := range l.filters {
			values, _ := v.values(f.Name)
			if !slices.ContainsFunc(values, func(v string) bool { return slices.Contains(f.Values, v) }) {
				continue next
			}
		}
		found = append(found, v)
	}
	return found, nil
}

// values are what a filter of that name compares with; false if there is none.
func (d Disk) values(filter string) ([]string, bool) {
	if key, ok := strings.CutPrefix(filter, "tag:"); ok {
		if v, tagged := d.Tags[key]; tagged {
			return []string{v}, true
		}
		return nil, true
	}
	switch filter {
	case "disk-usage":
		return []string{d.Usage}, true
	case "disk-state":
		return []string{d.State}, true
	case "disk-charge-type":
		return []string{d.Charge}, true
	case "disk-id":
		return []string{d.ID}, true
	case "disk-name":
		return []string{d.Name}, true
	case "disk-type":
		return []string{d.Type}, true
	case "zone":
		return []string{d.Zone}, true
	case "project-id":
		return []string{"0"}, true
	case "portable":
		return []string{map[bool]string{true: "TRUE", false: "FALSE"}[d.Usage == dataDisk]}, true
	case "instance-id":
		return []string{d.instance()}, true
	case "tag-key", "tag-value":
		return d.tagParts(filter == "tag-key"), true
	case "instance-ip-address", "instance-name", "dedicated-cluster-id", "cluster-group-id":
		return nil, true // nothing of the kind is imitated
	}
	return nil, false
}

func (d Disk) tagParts(keys bool) []string {
	var parts []string
	for _, t := range tagList(d.Tags) {
		if keys {
			parts = append(parts, t.Key)
		} else {
			parts = append(parts, t.Value)
		}
	}
	return parts
}

// instance is the server an attached disk hangs on: each on one of its own.
func (d Disk) instance() string {
	if d.State != diskAttached {
		return ""
	}
	return "ins-" + strings.TrimPrefix(d.ID, "disk-")
}

func (q *query) diskRow(d Disk) diskRow {
	row := diskRow{
		DiskId: d.ID, DiskName: d.Name, DiskType: d.Type, DiskState: d.State, DiskUsage: d.Usage, DiskSize: d.SizeGiB,
		DiskChargeType: d.Charge, Encrypt: d.Encrypted, Attached: d.State == diskAttached, Portable: d.Usage == dataDisk,
		Placement: placement{Zone: d.Zone}, SnapshotAbility: true, RollbackPercent: 100, MigratePercent: 100,
		InstanceIdList: []string{}, CreateTime: showTime(d.Created), Tags: tagList(d.Tags), InstanceId: d.instance(),
	}
	if d.Charge == prepaid {
		days := 30
		row.RenewFlag, row.IsReturnable, row.DifferDaysOfDeadline = "NOTIFY_AND_MANUAL_RENEW", true, &days
		row.DeadlineTime = showTime(q.now.AddDate(0, 0, days))
	}
	if row.Attached {
		row.InstanceType, row.AttachMode, row.LastAttachInsId = "CVM", "PF", row.InstanceId
		row.InstanceIdList = []string{row.InstanceId}
	}
	return row
}

// countSnapshots fills in what the rows say of their disks' snapshots. It passes
// over the region once for a whole page.
func (r *region) countSnapshots(rows []diskRow) {
	of := make(map[string]*diskRow, len(rows))
	for i := range rows {
		of[rows[i].DiskId] = &rows[i]
	}
	for _, s := range r.list {
		if row := of[s.Disk]; row != nil {
			row.SnapshotCount++
			row.SnapshotSize += s.SizeGiB * 1024 // MiB
		}
	}
}
