package sim

import "slices"

func (c *Cloud) terminateDisks(q *query) ([]byte, *refusal) {
	var ids []string
	var snapshots *int
	ref := read(q.body, param{"DiskIds", &ids}, param{"DeleteSnapshot", &snapshots})
	if ref == nil && len(ids) == 0 {
		ref = missing("DiskIds")
	}
	if ref == nil {
		ref = checkIDs("disk", ids)
	}
	if ref != nil {
		return nil, ref
	}
	if snapshots != nil {
		c.complain("delete-snapshot", "TerminateDisks was sent DeleteSnapshot, which takes a disk's snapshots with it")
	}
	for _, id := range ids {
		if ref := c.terminable(q, id); ref != nil {
			return nil, ref
		}
	}
	q.region.disks.removeIf(func(d *disk) bool {
		if !slices.Contains(ids, d.ID) {
			return false
		}
		d.State = diskRecycle
		return d.Charge != prepaid // those wait in the recycle bin
	})
	return nil, nil
}

func (c *Cloud) terminable(q *query, id string) *refusal {
	d, ok := q.region.disks.byID[id]
	if !ok {
		return refuse("InvalidDiskId.NotFound", "There is no disk %s.", id)
	}
	v := d.view(q.now)
	if len(v.Tags) == 0 {
		c.complain("untagged-disk", "the termination of %s was asked for, a disk without any tag", id)
	}
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
