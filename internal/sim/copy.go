package sim

import (
	"cmp"
	"slices"
	"time"
)

type copyParams struct {
	SnapshotId         string   `api:"required,snap"`
	DestinationRegions []string `api:"required"`
	SnapshotName       string
}

// A copyResult is one region's row in the answer to a copy.
type copyResult struct{ DestinationRegion, SnapshotId, Code, Message string }

func (c *Cloud) copySnapshotCrossRegions(q *query, p *copyParams) (any, *refusal) {
	s, ref := c.checkCopy(q, p)
	if ref != nil {
		return nil, ref
	}
	if c.opt.Quirks.TopLevelConflict && q.fault.Kind != RefuseRows {
		for _, to := range p.DestinationRegions {
			if slices.Contains(s.copyingTo(q.now), to) {
				return nil, conflict(s.ID, to)
			}
		}
	}
	var reply struct{ SnapshotCopyResultSet []copyResult }
	for _, to := range p.DestinationRegions {
		row := copyResult{DestinationRegion: to, Code: "Success"}
		id, ref := c.copyTo(q, s, p.SnapshotName, to)
		if ref != nil {
			row.Code, row.Message = ref.Code, ref.Message
		}
		row.SnapshotId = id
		reply.SnapshotCopyResultSet = append(reply.SnapshotCopyResultSet, row)
	}
	return reply, nil
}

// checkCopy checks what concerns the whole call, and returns the source.
func (c *Cloud) checkCopy(q *query, p *copyParams) (*snapshot, *refusal) {
	if ref := c.checkDestinations(q.region.name, p.DestinationRegions); ref != nil {
		return nil, ref
	}
	if p.SnapshotName == "" {
		p.SnapshotName = "Copied " + p.SnapshotId + " from " + q.region.name
		c.complain("unnamed-copy", "a copy of %s was asked for without a SnapshotName: nobody will recognise it", p.SnapshotId)
	} else if ref := checkName(p.SnapshotName); ref != nil {
		return nil, ref
	}
	s, ref := q.snapshot(p.SnapshotId)
	if ref != nil {
		return nil, ref
	}
	return s, c.checkSource(s)
}

func (c *Cloud) checkDestinations(from string, to []string) *refusal {
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

func conflict(id, to string) *refusal {
	return refuse("ResourceInUse.CopySnapshotConflict", "Snapshot %s is being copied to %s.", id, to)
}

// checkSource refuses snapshots that can't be copied anywhere, now or ever.
func (c *Cloud) checkSource(s *snapshot) *refusal {
	if s.State != stateNormal || s.Percent != 100 {
		c.complain("unready-copy", "a copy of %s was asked for while it was %s at %d %%", s.ID, s.State, s.Percent)
	}
	switch {
	case s.CopyFromRemote:
		return notSupported("Snapshot %s is a copy itself.", s.ID)
	case s.Type == sharedSnapshot:
		return notSupported("Snapshot %s is shared by another account.", s.ID)
	case s.Encrypted:
		return notSupported("Snapshot %s is encrypted.", s.ID)
	case s.Usage == systemDisk && c.opt.Quirks.SystemDiskRefused: // UNK: the two documents differ
		return refuse("UnsupportedOperation.SnapshotNotSupportCopy", "Snapshot %s is of a system disk.", s.ID)
	case s.Instant && c.opt.Quirks.InstantRefused: // UNK
		return refuse("UnsupportedOperation.SnapshotNotSupportCopy", "Snapshot %s is an instant snapshot.", s.ID)
	case s.State == stateCreating: // UNK
		return refuse(cmp.Or(c.opt.Quirks.CreatingCode, "ResourceUnavailable.SnapshotCreating"), "Snapshot %s is being created.", s.ID)
	case s.State != stateNormal:
		return wrongState(s)
	}
	return nil
}

func notSupported(format string, args ...any) *refusal {
	return refuse("InvalidSnapshot.NotSupported", format, args...)
}

func wrongState(s *snapshot) *refusal {
	return refuse("UnsupportedOperation.StateError", "Snapshot %s is %s.", s.ID, s.State)
}

// copyTo starts the copy to one region and returns the replica's id.
func (c *Cloud) copyTo(q *query, s *snapshot, name, to string) (string, *refusal) {
	r := c.regions[to]
	r.sweep(q.now)
	switch {
	case q.fault.Kind == RefuseRows:
		return "", q.fault.refusal()
	case finance(to) != finance(q.region.name): // UNK: the code
		return "", refuse("UnsupportedOperation.SnapshotNotSupportCopy", "Finance regions are closed: no copy from %s to %s.", q.region.name, to)
	case slices.Contains(s.copyingTo(q.now), to):
		return "", conflict(s.ID, to)
	case r.full():
		return "", overQuota(r)
	case c.tooManyAtOnce(q, to): // UNK, also the code
		return "", refuse("ResourceBusy", "Too many copies from %s or to %s are in progress.", q.region.name, to)
	}
	for _, old := range s.replicas {
		if old.Region == to && !old.deleted && !old.gone(q.now) && old.complete(q.now) {
			c.complain("second-copy", "%s was copied to %s again, though %s is a complete copy of it", s.ID, to, old.ID)
			break
		}
	}
	return c.replicate(q, s, name, r), nil
}

// tooManyAtOnce tells whether as many copies as may be are in progress out of the
// request's region or into another.
func (c *Cloud) tooManyAtOnce(q *query, to string) bool {
	most := c.opt.Quirks.CopiesAtOnce
	if most <= 0 {
		return false
	}
	out, in := 0, 0
	for _, copied := range c.copies {
		s, ok := c.regions[copied.To].snapshots.byID[copied.Replica]
		if !ok || !s.beingCopied(q.now) {
			continue
		}
		if copied.From == q.region.name {
			out++
		}
		if copied.To == to {
			in++
		}
	}
	return out >= most || in >= most
}

func overQuota(r *region) *refusal {
	return refuse("InsufficientSnapshotQuota", "Region %s holds as many snapshots as it may.", r.name)
}

// complete tells whether a replica is ready, like its source, and known by the
// name that the service gave it: one that others have renamed can't be recognised.
func (s *snapshot) complete(t time.Time) bool {
	s.now(t)
	return s.Name == s.madeAs && s.State == stateNormal && s.SizeGiB == s.source.SizeGiB && s.Encrypted == s.source.Encrypted
}

func (c *Cloud) replicate(q *query, s *snapshot, name string, r *region) string {
	copied := Copy{Source: s.ID, From: q.region.name, To: r.name, Replica: newID(&c.ids, "snap", &r.snapshots), Name: name, At: q.now}
	c.copies = append(c.copies, copied)
	n := &snapshot{
		Snapshot: Snapshot{
			ID: copied.Replica, Region: r.name, Zone: r.name + "-1", State: stateCopying,
			Usage: s.Usage, Type: privateSnapshot, SizeGiB: s.SizeGiB, Encrypted: s.Encrypted,
			CopyFromRemote: true, Created: q.now,
		},
		lifecycle: copying, start: q.now, first: c.opt.CopyTime, second: c.opt.CheckTime, source: s,
		quirks: &c.opt.Quirks, visible: q.now.Add(c.opt.Hidden),
	}
	if c.opt.CopySpread > 0 {
		n.first += time.Duration(draw(n.ID, 0) % uint64(c.opt.CopySpread))
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
	n.Name = n.fate.rename(name)
	n.madeAs = n.Name
	c.addSnapshot(r, n)
	s.underway, s.replicas = append(s.underway, n), append(s.replicas, n)
	return n.ID
}
