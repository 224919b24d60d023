package sim

import "time"

func (c *Cloud) deleteSnapshots(q *query) ([]byte, *refusal) {
	var ids []string
	var images *bool
	ref := read(q.body, param{"SnapshotIds", &ids}, param{"DeleteBindImages", &images})
	if ref != nil {
		return nil, ref
	}
	if images != nil {
		c.complain("delete-images", "DeleteSnapshots was sent DeleteBindImages, which destroys images")
	}
	if len(ids) == 0 {
		return nil, missing("SnapshotIds")
	}
	if ref := checkIDs("snap", ids); ref != nil {
		return nil, ref
	}
	doomed := make([]*snapshot, 0, len(ids))
	for _, id := range ids {
		s, ok := q.region.find(id, q.now)
		if !ok {
			return nil, noSnapshot(id)
		}
		if !s.CopyFromRemote {
			c.complain("delete-original", "%s in %s is no replica, and its deletion was asked for", id, q.region.name)
		}
		if ref := c.undeletable(q, s, images != nil && *images); ref != nil {
			return nil, ref
		}
		doomed = append(doomed, s)
	}
	for _, s := range doomed { // all or nothing: nothing was refused
		c.discard(q.region, s, q.now)
	}
	return nil, nil
}

// undeletable tells why a snapshot has to stay.
func (c *Cloud) undeletable(q *query, s *snapshot, withImages bool) *refusal {
	switch {
	case s.Type == sharedSnapshot:
		return refuse("InvalidSnapshot.NotSupported", "Snapshot %s belongs to another account.", s.ID)
	case len(s.copyingTo(q.now)) > 0:
		return refuse("ResourceBusy", "Snapshot %s is being copied to another region.", s.ID)
	case s.Locked: // UNK: the code
		return refuse("UnsupportedOperation", "Snapshot %s is locked.", s.ID)
	case len(s.SharedWith) > 0:
		return refuse("UnsupportedOperation.SnapHasShared", "Snapshot %s is shared with other accounts.", s.ID)
	case s.Images > 0 && !withImages:
		return refuse("UnsupportedOperation.SnapshotHasBindedImage", "Images are bound to snapshot %s.", s.ID)
	case s.State == stateNormal || s.CopyFromRemote && c.opt.Quirks.DeleteAnyState: // UNK
		return nil
	case s.State == stateCreating || s.State == stateRollback || s.State == stateCopying || s.State == stateChecking: // UNK: the code
		return refuse("ResourceBusy", "Snapshot %s is %s.", s.ID, s.State)
	}
	return refuse("UnsupportedOperation.StateError", "Snapshot %s is %s.", s.ID, s.State)
}

// discard deletes a snapshot; with DeleteLag lists go on showing it (UNK).
func (c *Cloud) discard(r *region, s *snapshot, now time.Time) {
	if s.removed {
		return // the same id twice in a call
	}
	if c.opt.Quirks.DeleteLag <= 0 {
		r.remove(s)
		return
	}
	s.deleted = true
	s.vanish = now.Add(c.opt.Quirks.DeleteLag)
	r.expect(s)
}
