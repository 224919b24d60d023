package sim

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A disk is a Disk and what only the service knows of it.
type disk struct {
	Disk
	seq   int       // number of arrival
	ready time.Time // made through the API: not UNATTACHED before
}

// place implements item.
func (d *disk) place() (id string, created time.Time, seq int) { return d.ID, d.Created, d.seq }

// now is the disk at t. UNK: what a disk shows until it is ready.
func (d *disk) now(t time.Time) Disk {
	v := d.Disk
	if t.Before(d.ready) {
		v.State = diskDumping
	}
	return v
}

// view is a deep copy of the truth at t.
func (d *disk) view(t time.Time) Disk { return d.now(t).clone() }

type placement struct {
	Zone                                                    string
	ProjectId                                               int
	ProjectName, CageId, CdcName, CdcId, DedicatedClusterId string
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

type describeDisksParams struct {
	listing
	DiskIds                      []string `api:"disk"`
	ReturnBindAutoSnapshotPolicy ignored
}

func (c *Cloud) describeDisks(q *query, p *describeDisksParams) (any, *refusal) {
	if ref := c.checkListing(q, &p.listing, p.DiskIds, "CREATE_TIME", "DEADLINE"); ref != nil {
		return nil, ref
	}
	if ref := checkNames(p.Filters, Disk{}.values); ref != nil {
		return nil, ref
	}
	found := c.matchingDisks(q, p)
	if id := refusedFor(c, p.DiskIds, found); id != "" { // UNK: the code
		return nil, noDisk(id)
	}
	total, shown := answered(c, q, p.paging, found)
	rows := make([]json.RawMessage, 0, len(shown))
	zone := c.zone(q.region.name)
	for _, d := range shown {
		row := encode(q.diskRow(d.now(q.now), zone))
		rows = append(rows, q.fault.List.retold(d.ID, row))
	}
	return listed("DiskSet", total, rows), nil
}

// matchingDisks returns what the answer counts, oldest first.
func (c *Cloud) matchingDisks(q *query, p *describeDisksParams) []*disk {
	candidates := q.region.disks.all()
	if len(p.DiskIds) > 0 {
		candidates = q.region.disks.pick(p.DiskIds)
	}
	if c.opt.Quirks.DiskLag > 0 { // UNK
		candidates = slices.DeleteFunc(slices.Clone(candidates), func(d *disk) bool {
			return !d.ready.IsZero() && q.now.Sub(d.Created) < c.opt.Quirks.DiskLag
		})
	}
	if len(p.Filters) == 0 {
		return candidates
	}
	var found []*disk
	for _, d := range candidates {
		if fitsAll(p.Filters, d.now(q.now).values) {
			found = append(found, d)
		}
	}
	return found
}

// values implements valuesOf.
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
		return []string{strings.ToUpper(strconv.FormatBool(d.Usage == dataDisk))}, true
	case "instance-id":
		return []string{d.instance()}, true
	case "tag-key":
		return slices.Collect(maps.Keys(d.Tags)), true
	case "tag-value":
		return slices.Collect(maps.Values(d.Tags)), true
	case "instance-ip-address", "instance-name", "dedicated-cluster-id", "cluster-group-id":
		return nil, true // nothing of the kind is imitated
	}
	return nil, false
}

// instance is the server an attached disk hangs on: each on one of its own.
func (d Disk) instance() string {
	if d.State != diskAttached {
		return ""
	}
	return "ins-" + strings.TrimPrefix(d.ID, "disk-")
}

func (q *query) diskRow(d Disk, zone *time.Location) diskRow {
	row := diskRow{
		DiskId: d.ID, DiskName: d.Name, DiskType: d.Type, DiskState: d.State, DiskUsage: d.Usage, DiskSize: d.SizeGiB,
		DiskChargeType: d.Charge, Encrypt: d.Encrypted, Attached: d.State == diskAttached, Portable: d.Usage == dataDisk,
		Placement: placement{Zone: d.Zone}, SnapshotAbility: true, RollbackPercent: 100, MigratePercent: 100,
		InstanceIdList: []string{}, CreateTime: showTime(d.Created, zone), Tags: tagList(d.Tags), InstanceId: d.instance(),
	}
	if d.Charge == prepaid {
		days := 30
		row.RenewFlag, row.IsReturnable, row.DifferDaysOfDeadline = "NOTIFY_AND_MANUAL_RENEW", true, &days
		row.DeadlineTime = showTime(q.now.AddDate(0, 0, days), zone)
	}
	if row.Attached {
		row.InstanceType, row.AttachMode, row.LastAttachInsId = "CVM", "PF", row.InstanceId
		row.InstanceIdList = []string{row.InstanceId}
	}
	for _, s := range q.region.byDisk[d.ID] {
		row.SnapshotCount++
		row.SnapshotSize += s.SizeGiB * 1024 // MiB
	}
	return row
}

type terminateParams struct {
	DiskIds        []string `api:"required,disk"`
	DeleteSnapshot *int
}

// maxTerminated is how many disks one call terminates (documented).
const maxTerminated = 100

func (c *Cloud) terminateDisks(q *query, p *terminateParams) (any, *refusal) {
	if len(p.DiskIds) > maxTerminated {
		return nil, refuse("InvalidParameterValue.LimitExceeded", "There are %d disks; at most %d are allowed.", len(p.DiskIds), maxTerminated)
	}
	if p.DeleteSnapshot != nil {
		c.complain("delete-snapshot", "TerminateDisks was sent DeleteSnapshot, which takes a disk's snapshots with it")
	}
	for _, id := range p.DiskIds {
		if ref := c.checkTermination(q, id); ref != nil {
			return nil, ref
		}
	}
	for _, id := range p.DiskIds {
		d, ok := q.region.disks.byID[id]
		switch {
		case !ok: // the same id twice in a call
		case d.Charge == prepaid:
			d.State = diskRecycle // it waits in the recycle bin
		default:
			c.removeDisk(q.region, d)
		}
	}
	return nil, nil
}

func (c *Cloud) removeDisk(r *region, d *disk) {
	r.disks.remove(d)
	if !c.opt.Quirks.DiskIDGoes { // UNK
		return
	}
	for _, s := range r.byDisk[d.ID] {
		s.Disk = ""
	}
	delete(r.byDisk, d.ID)
}

func (c *Cloud) checkTermination(q *query, id string) *refusal {
	d, ok := q.region.disks.byID[id]
	if !ok {
		return noDisk(id)
	}
	v := d.now(q.now)
	c.complainOfTermination(v)
	switch {
	case v.Usage != dataDisk:
		return refuse("InvalidDisk.NotPortable", "Disk %s is a system disk.", id)
	case v.State == diskAttached:
		return refuse("ResourceUnavailable.Attached", "Disk %s is attached.", id)
	case v.State == diskRecycle:
		return refuse("ResourceUnavailable.RepeatRefund", "Disk %s has been returned already.", id)
	case v.State != diskUnattached:
		return refuse("InvalidDisk.Busy", "Disk %s is %s.", id, v.State)
	}
	return nil
}

// complainOfTermination complains of the termination of a disk that somebody may need:
// one that is attached, paid for by the month, or not marked twice, by its tag
// ferry:drill and its name, as made for a test.
func (c *Cloud) complainOfTermination(d Disk) {
	made := d.Tags["ferry:drill"]
	switch {
	case d.State == diskAttached:
		c.complain("attached-disk", "the termination of %s was asked for, which is attached", d.ID)
	case d.Charge == prepaid:
		c.complain("prepaid-disk", "the termination of %s was asked for, which is paid for by the month", d.ID)
	case made == "" || !strings.HasPrefix(d.Name, "ferry-drill_"+made+"_"):
		c.complain("unmarked-disk", "the termination of %s was asked for, which nothing marks as made for a test", d.ID)
	}
}
