package sim

import (
	"slices"
	"time"
)

// A copyResult is one region's row in the answer to a copy.
type copyResult struct{ DestinationRegion, SnapshotId, Code, Message string }

// A copyOrder is a copy call that passed its checks.
type copyOrder struct {
	source *snapshot
	name   string
	to     []string
}

func (c *Cloud) copySnapshotCrossRegions(q *query) ([]byte, *refusal) {
	o, ref := c.readCopy(q)
	if ref != nil {
		return nil, ref
	}
	if c.opt.Quirks.TopLevelConflict && q.fault.Kind != RefuseRows {
		for _, to := range o.to {
			if slices.Contains(o.source.copyingTo(q.now), to) {
				return nil, conflict(o.source.ID, to)
			}
		}
	}
	var reply struct{ SnapshotCopyResultSet []copyResult }
	for _, to := range o.to {
		row := copyResult{DestinationRegion: to, Code: "Success"}
		id, ref := c.copyTo(q, o, to)
		if ref != nil {
			row.Code, row.Message = ref.Code, ref.Message
		}
		row.SnapshotId = id
		reply.SnapshotCopyResultSet = append(reply.SnapshotCopyResultSet, row)
	}
	return fields(reply), nil
}

// readCopy checks what concerns the whole call.
func (c *Cloud) readCopy(q *query) (copyOrder, *refusal) {
	var o copyOrder
	var id string
	var name *string
	ref := read(q.body, param{"SnapshotId", &id}, param{"DestinationRegions", &o.to}, param{"SnapshotName", &name})
	if ref == nil {
		ref = c.checkTargets(q.region.name, o.to)
	}
	if ref == nil && id == "" {
		ref = missing("SnapshotId")
	}
	if ref == nil {
		ref = checkIDs("snap", []string{id})
	}
	if ref != nil {
		return o, ref
	}
	o.name = "Copied " + id + " from " + q.region.name
	if name == nil || *name == "" {
		c.complain("unnamed-copy", "a copy of %s was asked for without a SnapshotName: nobody will recognise it", id)
	} else if o.name = *name; checkName(o.name) != nil {
		return o, checkName(o.name)
	}
	s, ok := q.region.find(id, q.now)
	if !ok {
		return o, noSnapshot(id)
	}
	o.source = s
	return o, c.checkSource(s)
}

func (c *Cloud) checkTargets(from string, to []string) *refusal {
	if len(to) == 0 {
		return missing("DestinationRegions")
	}
	if most := c.opt.Quirks.MaxRegions; most > 0 && len(to) > most { // UNK: how many a call takes
		return tooMany("DestinationRegions", len(to), most)
	}
	for _, r := range to {
		if _, known := c.regions[r]; !known {
			return badValue("The destination %q is no region.", r)
		}
		if r == from {
			return badValue("The destination %s is the snapshot's own region.", r)
		}
	}
	return nil
}

func noSnapshot(id string) *refusal {
	return refuse("InvalidSnapshotId.NotFound", "There is no snapshot %s.", id)
}

func conflict(id, to string) *refusal {
	return refuse("ResourceInUse.CopySnapshotConflict", "Snapshot %s is being copied to %s.", id, to)
}

// checkSource refuses snapshots that can't be copied anywhere, now or ever.
func (c *Cloud) checkSource(s *snapshot) *refusal {
	const never = "InvalidSnapshot.NotSupported"
	if s.State != stateNormal || s.Percent != 100 {
		c.complain("unready-copy", "a copy of %s was asked for while it was %s at %d %%", s.ID, s.State, s.Percent)
	}
	switch {
	case s.CopyFromRemote:
		return refuse(never, "Snapshot %s is a copy itself.", s.ID)
	case s.Type == sharedSnapshot:
		return refuse(never, "Snapshot %s is shared by another account.", s.ID)
	case s.Encrypted:
		return refuse(never, "Snapshot %s is encrypted.", s.ID)
	case s.Usage == systemDisk && c.opt.Quirks.SystemDiskRefused: // UNK: the two documents differ
		return refuse("UnsupportedOperation.SnapshotNotSupportCopy", "Snapshot %s is of a system disk.", s.ID)
	case s.State == stateCreating: // UNK
		return refuse(c.opt.Quirks.CreatingCode, "Snapshot %s is being created.", s.ID)
	case s.State != stateNormal:
		return refuse("UnsupportedOperation.StateError", "Snapshot %s is %s.", s.ID, s.State)
	}
	return nil
}

// copyTo starts the copy to one region and returns the replica's id.
func (c *Cloud) copyTo(q *query, o copyOrder, to string) (string, *refusal) {
	r, s := c.regions[to], o.source
	r.sweep(q.now)
	switch {
	case q.fault.Kind == RefuseRows:
		return "", q.fault.refusal()
	case finance(to) != finance(q.region.name): // UNK: the code
		return "", refuse("UnsupportedOperation.SnapshotNotSupportCopy", "Finance regions are closed: no copy from %s to %s.", q.region.name, to)
	case slices.Contains(s.copyingTo(q.now), to):
		return "", conflict(s.ID, to)
	case r.full():
		return "", refuse("InsufficientSnapshotQuota", "Region %s holds as many snapshots as it may.", to)
	}
	for _, old := range s.made {
		if old.Region == to && !old.deleted && !old.gone(q.now) && old.faithful(q.now) {
			c.complain("second-copy", "%s was copied to %s again, though %s is a complete copy of it", s.ID, to, old.ID)
			break
		}
	}
	return c.replicate(q, o, r), nil
}

// faithful tells whether a copy is complete, like its source, and known by the
// name it was made with: one that others have renamed can't be recognised.
func (s *snapshot) faithful(t time.Time) bool {
	s.now(t)
	return s.Name == s.asked && s.State == stateNormal && s.SizeGiB == s.source.SizeGiB && s.Encrypted == s.source.Encrypted
}

func (c *Cloud) replicate(q *query, o copyOrder, r *region) string {
	s := o.source
	copied := Copy{Source: s.ID, From: q.region.name, To: r.name, Replica: c.newSnapshotID(r), Name: o.name, At: q.now}
	c.copies = append(c.copies, copied)
	n := &snapshot{
		Snapshot: Snapshot{
			ID: copied.Replica, Region: r.name, Name: o.name, Zone: r.name + "-1", State: stateCopying,
			Usage: s.Usage, Type: privateSnapshot, SizeGiB: s.SizeGiB, Encrypted: s.Encrypted,
			CopyFromRemote: true, Created: q.now,
		},
		course: copying, start: q.now, first: c.opt.CopyTime, second: c.opt.CheckTime, source: s, asked: o.name,
		release: c.opt.Quirks.HungReleases, lateMark: c.opt.Quirks.LateCopyMark, visible: q.now.Add(c.opt.Hidden),
	}
	if c.opt.Quirks.SourceCreateTime { // UNK
		n.Created = s.Created
	}
	if c.fate != nil {
		n.fate = c.fate(copied)
	}
	switch n.fate {
	case Vanishes:
		n.vanish = q.now.Add(n.first / 2)
	case WrongSize:
		n.SizeGiB = s.SizeGiB / 2
	case WrongEncrypt:
		n.Encrypted = !s.Encrypted
	}
	c.keep(r, n)
	s.copies, s.made = append(s.copies, n), append(s.made, n)
	return n.ID
}
