package sim

import (
	"maps"
	"slices"
)

// AddSnapshot puts a snapshot into the world, whatever the quota, and returns its
// id. Zero fields get sensible values: ap-guangzhou, NORMAL at 100 %, the size,
// usage and zone of its disk if that is known, else 50 GiB of a data disk that is
// no more; created now. It stays in the state it is given.
func (c *Cloud) AddSnapshot(s Snapshot) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	s = s.clone()
	orString(&s.Region, "ap-guangzhou")
	r := c.region(s.Region)
	if s.ID == "" {
		s.ID = c.newSnapshotID(r)
	}
	if s.Disk == "" && !s.CopyFromRemote {
		s.Disk = c.ids.make("disk")
	}
	if d, ok := r.disks.byID[s.Disk]; ok {
		orString(&s.Usage, d.Usage)
		orString(&s.Zone, d.Zone)
		s.Encrypted = s.Encrypted || d.Encrypted
		if s.SizeGiB == 0 {
			s.SizeGiB = d.SizeGiB
		}
	}
	orString(&s.Name, unnamed)
	orString(&s.Zone, s.Region+"-1")
	orString(&s.State, stateNormal)
	orString(&s.Usage, dataDisk)
	orString(&s.Type, privateSnapshot)
	if s.Percent == 0 && s.State == stateNormal {
		s.Percent = 100
	}
	if s.SizeGiB == 0 {
		s.SizeGiB = 50
	}
	if s.Created.IsZero() {
		s.Created = c.time()
	}
	c.noteTags(s.Tags)
	c.keep(r, &snapshot{Snapshot: s})
	return s.ID
}

func (c *Cloud) newSnapshotID(r *region) string {
	for {
		id := c.ids.make("snap")
		if r.snapshots.byID[id] == nil {
			return id
		}
	}
}

// keep stores a new snapshot; one with the same id makes way.
func (c *Cloud) keep(r *region, s *snapshot) {
	if old, ok := r.snapshots.byID[s.ID]; ok {
		r.remove(old)
	}
	c.seq++
	s.seq, s.CopyingTo, s.modified = c.seq, nil, s.Created
	r.insert(s)
}

// Snapshots returns the truth about a region as of now, in order of creation,
// hidden snapshots included; for "" about all regions, one after the other.
func (c *Cloud) Snapshots(region string) []Snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.time()
	var all []Snapshot
	for _, name := range c.names {
		if region != "" && name != region {
			continue
		}
		r := c.regions[name]
		r.sweep(now)
		for _, s := range r.snapshots.all() {
			if !s.deleted {
				all = append(all, s.view(now))
			}
		}
	}
	return all
}

// Snapshot returns the truth about one snapshot, hidden or not.
func (c *Cloud) Snapshot(region, id string) (Snapshot, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.lookup(region, id)
	if !ok {
		return Snapshot{}, false
	}
	return s.view(c.time()), true
}

func (c *Cloud) lookup(region, id string) (*snapshot, bool) {
	r, ok := c.regions[region]
	if !ok {
		return nil, false
	}
	r.sweep(c.time())
	s, ok := r.snapshots.byID[id]
	if !ok || s.deleted {
		return nil, false
	}
	return s, true
}

// ChangeSnapshot lets f change a snapshot as other tools, people and the service
// itself do. A new State or Percent stays from then on. ID, Region and CopyingTo
// can't be changed. It tells whether there is such a snapshot; f must not call
// the Cloud.
func (c *Cloud) ChangeSnapshot(region, id string, f func(*Snapshot)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.lookup(region, id)
	if !ok {
		return false
	}
	now := c.time()
	before := s.view(now)
	after := before.clone()
	f(&after)
	after.ID, after.Region, after.CopyingTo = s.ID, s.Region, nil
	if after.State != before.State || after.Percent != before.Percent {
		s.course = settled
	}
	r := c.regions[region]
	r.remove(s)
	s.removed, s.modified = false, now
	s.Snapshot = after.clone()
	c.noteTags(s.Tags)
	r.insert(s)
	return true
}

// RemoveSnapshot makes a snapshot disappear, whatever state it is in, as when its
// owner deletes it: lists go on showing it for as long as Quirks.DeleteLag says.
func (c *Cloud) RemoveSnapshot(region, id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.lookup(region, id)
	if ok {
		c.discard(c.regions[region], s, c.time())
	}
	return ok
}

// SetQuota sets how many snapshots a region holds; negative: 64 and 64 more for
// each of its disks, as by default.
func (c *Cloud) SetQuota(region string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.region(region).quota = n
}

// noteTags counts the values of each tag key, which the tag service limits.
func (c *Cloud) noteTags(tags map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if c.tagValues[key] == nil {
			c.tagValues[key] = map[string]bool{}
		}
		c.tagValues[key][tags[key]] = true
	}
}
