package sim

import "time"

type deleteParams struct {
	SnapshotIds      []string `api:"required,snap"`
	DeleteBindImages *bool
}

func (c *Cloud) deleteSnapshots(q *query, p *deleteParams) (any, *refusal) {
	if p.DeleteBindImages != nil {
		c.complain("delete-images", "DeleteSnapshots was sent DeleteBindImages, which destroys images")
	}
	var list []*snapshot
	for _, id := range p.SnapshotIds {
		s, ref := q.snapshot(id)
		if ref != nil {
			return nil, ref
		}
		if !s.CopyFromRemote {
			c.complain("delete-original", "%s in %s is no replica, and its deletion was asked for", s.ID, q.region.name)
		}
		if ref := c.undeletable(q, s, p.DeleteBindImages != nil && *p.DeleteBindImages); ref != nil {
			return nil, ref
		}
		list = append(list, s)
	}
	for _, s := range list { // all or nothing: nothing was refused
		c.discard(q.region, s, q.now)
	}
	return nil, nil
}

// undeletable tells why a snapshot has to stay.
func (c *Cloud) undeletable(q *query, s *snapshot, withImages bool) *refusal {
	switch {
	case s.Type == sharedSnapshot:
		return notSupported("Snapshot %s belongs to another account.", s.ID)
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
	return wrongState(s)
}

// discard deletes a snapshot. With DeleteLag lists go on showing it; with
// RecycleTime it is still there, in another state (UNK).
func (c *Cloud) discard(r *region, s *snapshot, now time.Time) {
	lag, bin := c.opt.Quirks.DeleteLag, c.opt.Quirks.RecycleTime
	switch {
	case s.removed, s.State == stateRecycle && !s.vanish.IsZero():
		return // the same id twice in a call
	case bin > 0:
		s.lifecycle, s.State, s.vanish = steady, stateRecycle, now.Add(bin)
	case lag > 0:
		s.deleted, s.vanish = true, now.Add(lag)
	default:
		r.remove(s)
		return
	}
	r.noteEnd(s)
}
