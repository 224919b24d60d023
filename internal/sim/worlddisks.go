package sim

import "time"

// AddDisk puts a disk into the world and returns its id. Zero fields get sensible
// values: ap-guangzhou, its first zone, a 50 GiB CLOUD_PREMIUM data disk, ATTACHED.
func (c *Cloud) AddDisk(d Disk) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	d = d.clone()
	orString(&d.Region, "ap-guangzhou")
	r := c.region(d.Region)
	for d.ID == "" {
		id := c.ids.make("disk")
		if r.disks.byID[id] == nil {
			d.ID = id
		}
	}
	orString(&d.Zone, d.Region+"-1")
	orString(&d.Name, unnamed)
	orString(&d.Type, "CLOUD_PREMIUM")
	orString(&d.Usage, dataDisk)
	orString(&d.State, diskAttached)
	orString(&d.Charge, postpaid)
	if d.SizeGiB == 0 {
		d.SizeGiB = 50
	}
	if d.Created.IsZero() {
		d.Created = c.time()
	}
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

// Disks returns the truth about a region's disks, in order of creation; for ""
// about all regions, one after the other.
func (c *Cloud) Disks(region string) []Disk {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.time()
	var all []Disk
	for _, name := range c.names {
		if region != "" && name != region {
			continue
		}
		for _, d := range c.regions[name].disks.all() {
			all = append(all, d.view(now))
		}
	}
	return all
}

// ChangeDisk lets f change a disk. ID and Region can't be changed. It tells
// whether there is such a disk; f must not call the Cloud.
func (c *Cloud) ChangeDisk(region, id string, f func(*Disk)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.regions[region]
	if !ok {
		return false
	}
	d, ok := r.disks.byID[id]
	if !ok {
		return false
	}
	v := d.view(c.time())
	f(&v)
	v.ID, v.Region = d.ID, d.Region
	r.disks.remove(d)
	d.Disk, d.ready = v.clone(), time.Time{}
	r.disks.add(d)
	c.noteTags(d.Tags)
	return true
}

// RemoveDisk makes a disk disappear; its snapshots stay.
func (c *Cloud) RemoveDisk(region, id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.regions[region]
	if !ok {
		return false
	}
	d, ok := r.disks.byID[id]
	if ok {
		r.disks.remove(d)
	}
	return ok
}
