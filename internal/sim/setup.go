package sim

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// AddSnapshot adds a snapshot, whatever the quota, and returns its id. Zero
// fields get sensible values: ap-guangzhou, NORMAL at 100 %, created now, and the
// size, usage and zone of its disk. If there is no such disk, it is a snapshot of
// 50 GiB of a data disk that was deleted. It stays in the state it is given.
func (c *Cloud) AddSnapshot(s Snapshot) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	s = s.clone()
	s.Region = cmp.Or(s.Region, "ap-guangzhou")
	r := c.region(s.Region)
	if s.ID == "" {
		s.ID = newID(&c.ids, "snap", &r.snapshots)
	}
	if s.Disk == "" && !s.CopyFromRemote {
		s.Disk = c.ids.make("disk")
	}
	if d, ok := r.disks.byID[s.Disk]; ok {
		s.Usage = cmp.Or(s.Usage, d.Usage)
		s.Zone = cmp.Or(s.Zone, d.Zone)
		s.Encrypted = s.Encrypted || d.Encrypted
		s.SizeGiB = cmp.Or(s.SizeGiB, d.SizeGiB)
	}
	s.Name = cmp.Or(s.Name, unnamed)
	s.Zone = cmp.Or(s.Zone, s.Region+"-1")
	s.State = cmp.Or(s.State, stateNormal)
	s.Usage = cmp.Or(s.Usage, dataDisk)
	s.Type = cmp.Or(s.Type, privateSnapshot)
	if s.Percent == 0 && s.State == stateNormal {
		s.Percent = 100
	}
	s.SizeGiB = cmp.Or(s.SizeGiB, 50)
	s.Created = cmp.Or(s.Created, c.time())
	c.noteTags(s.Tags)
	c.addSnapshot(r, &snapshot{Snapshot: s})
	return s.ID
}

// addSnapshot stores a new snapshot; one with the same id makes way.
func (c *Cloud) addSnapshot(r *region, s *snapshot) {
	if old, ok := r.snapshots.byID[s.ID]; ok {
		r.remove(old)
	}
	c.seq++
	s.seq, s.CopyingTo, s.modified = c.seq, nil, s.Created
	r.insert(s)
}

// Snapshots returns the truth about a region's snapshots, also hidden ones, in
// order of creation. For "" it returns those of all regions, one after the other.
func (c *Cloud) Snapshots(region string) []Snapshot {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.time()
	var all []Snapshot
	for _, r := range c.named(region) {
		r.sweep(now)
		for _, s := range r.snapshots.all() {
			if !s.deleted {
				all = append(all, s.view(now))
			}
		}
	}
	return all
}

// named returns one region, or for "" all, in order.
func (c *Cloud) named(name string) []*region {
	var list []*region
	for _, known := range c.names {
		if name == "" || name == known {
			list = append(list, c.regions[known])
		}
	}
	return list
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

// ChangeSnapshot lets f change a snapshot, as other tools, people and the service
// itself do. A new State or Percent stays. ID, Region and CopyingTo can't be
// changed. It tells whether there is such a snapshot. f must not call the Cloud.
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
		s.lifecycle = steady
	}
	r := c.regions[region]
	r.remove(s)
	s.removed, s.modified = false, now
	s.Snapshot = after.clone()
	c.noteTags(s.Tags)
	r.insert(s)
	return true
}

// RemoveSnapshot deletes a snapshot, whatever state it is in. It tells whether there
// was such a snapshot. What is seen of it afterwards is up to Quirks.DeleteLag and
// Quirks.RecycleTime.
func (c *Cloud) RemoveSnapshot(region, id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.lookup(region, id)
	if ok {
		c.discard(c.regions[region], s, c.time())
	}
	return ok
}

// AddDisk adds a disk and returns its id. Zero fields get sensible
// values: ap-guangzhou, its first zone, a 50 GiB CLOUD_PREMIUM data disk, ATTACHED.
func (c *Cloud) AddDisk(d Disk) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	d = d.clone()
	d.Region = cmp.Or(d.Region, "ap-guangzhou")
	r := c.region(d.Region)
	if d.ID == "" {
		d.ID = newID(&c.ids, "disk", &r.disks)
	}
	d.Zone = cmp.Or(d.Zone, d.Region+"-1")
	d.Name = cmp.Or(d.Name, unnamed)
	d.Type = cmp.Or(d.Type, "CLOUD_PREMIUM")
	d.Usage = cmp.Or(d.Usage, dataDisk)
	d.State = cmp.Or(d.State, diskAttached)
	d.Charge = cmp.Or(d.Charge, postpaid)
	d.SizeGiB = cmp.Or(d.SizeGiB, 50)
	d.Created = cmp.Or(d.Created, c.time())
	c.noteTags(d.Tags)
	c.addDisk(r, &disk{Disk: d})
	return d.ID
}

// addDisk stores a new disk; one with the same id makes way.
func (c *Cloud) addDisk(r *region, d *disk) {
	if old, ok := r.disks.byID[d.ID]; ok {
		r.disks.remove(old)
	}
	c.seq++
	d.seq = c.seq
	r.disks.add(d)
}

// Disks returns the truth about a region's disks in order of creation. For "" it
// returns those of all regions, one after the other.
func (c *Cloud) Disks(region string) []Disk {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.time()
	var all []Disk
	for _, r := range c.named(region) {
		for _, d := range r.disks.all() {
			all = append(all, d.view(now))
		}
	}
	return all
}

// ChangeDisk lets f change a disk, enlarge or encrypt it for example. ID and
// Region can't be changed. It tells whether there is such a disk; f must not call the Cloud.
func (c *Cloud) ChangeDisk(region, id string, f func(*Disk)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, d := c.lookupDisk(region, id)
	if d == nil {
		return false
	}
	v := d.view(c.time())
	f(&v)
	v.ID, v.Region = d.ID, d.Region
	r.disks.remove(d)
	d.Disk, d.ready = v.clone(), time.Time{}
	r.disks.add(d)
	if c.opt.Quirks.SizeFollows { // UNK
		for _, s := range r.byDisk[d.ID] {
			s.SizeGiB = max(s.SizeGiB, d.SizeGiB)
		}
	}
	c.noteTags(d.Tags)
	return true
}

// RemoveDisk makes a disk disappear, whatever state it is in; its snapshots stay.
func (c *Cloud) RemoveDisk(region, id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, d := c.lookupDisk(region, id)
	if d != nil {
		c.removeDisk(r, d)
	}
	return d != nil
}

func (c *Cloud) lookupDisk(name, id string) (*region, *disk) {
	r, ok := c.regions[name]
	if !ok {
		return nil, nil
	}
	return r, r.disks.byID[id]
}

// SetQuota sets how many snapshots a region holds. A negative number is the
// default: 64 and 64 more for each of its disks.
func (c *Cloud) SetQuota(region string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.region(region).quota = n
}

// SetDiskQuota sets how many disks a region holds when CreateDisks is asked for
// another. A negative number is no limit, which is the default.
func (c *Cloud) SetDiskQuota(region string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if delete(c.diskQuotas, region); n >= 0 {
		c.diskQuotas[region] = n
	}
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
