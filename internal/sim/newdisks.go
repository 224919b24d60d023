package sim

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A diskOrder holds the parameters of CreateDisks that matter here.
type diskOrder struct {
	zone           string
	charge, kind   string
	name, snapshot string
	token, encrypt string
	count, size    *int
	tags           []tag
	prepaid        ignored
	given          map[string]string
}

// madeDisks remembers what a client token stood for.
type madeDisks struct {
	body string
	ids  []string
}

const (
	maxToken     = 64    // bytes of a ClientToken (documented)
	maxDisks     = 20    // disks made by a call (UNK)
	largestDisk  = 32000 // GiB
	smallPremium = 10    // GiB, of CLOUD_PREMIUM
	smallSSD     = 20    // GiB, of the others
)

// diskTypes are the kinds of disk that can be made alone, with their smallest size.
var diskTypes = []struct {
	name     string
	smallest int
}{
	{"CLOUD_PREMIUM", smallPremium}, {"CLOUD_BSSD", smallSSD}, {"CLOUD_SSD", smallSSD}, {"CLOUD_HSSD", smallSSD},
}

func smallest(kind string) (int, bool) {
	for _, t := range diskTypes {
		if t.name == kind {
			return t.smallest, true
		}
	}
	return 0, false
}

func (c *Cloud) createDisks(q *query) ([]byte, *refusal) {
	o, ref := c.readOrder(q)
	if ref != nil {
		return nil, ref
	}
	var reply struct{ DiskIdSet []string }
	// The service forgets a token after some time (UNK); here it never does.
	if made, known := c.tokens[q.region.name+"/"+o.token]; known && o.token != "" {
		if made.body != string(q.body) {
			return nil, refuse("InvalidParameter.InvalidClientToken", "The ClientToken %q was used for another request.", o.token)
		}
		reply.DiskIdSet = made.ids
		return fields(reply), nil
	}
	d, ref := c.design(q, o)
	if ref != nil {
		return nil, ref
	}
	for range *o.count {
		d.ID = c.ids.make("disk")
		d.Tags = maps.Clone(o.given)
		c.addDisk(q.region, &disk{Disk: d, ready: q.now.Add(c.opt.DiskTime)})
		reply.DiskIdSet = append(reply.DiskIdSet, d.ID)
	}
	c.noteTags(o.given)
	if o.token != "" {
		c.tokens[q.region.name+"/"+o.token] = madeDisks{string(q.body), reply.DiskIdSet}
	}
	return fields(reply), nil
}

func (c *Cloud) readOrder(q *query) (diskOrder, *refusal) {
	var o diskOrder
	var place *place
	var none ignored
	ref := read(q.body, param{"Placement", &place}, param{"DiskChargeType", &o.charge}, param{"DiskType", &o.kind},
		param{"DiskName", &o.name}, param{"Tags", &o.tags}, param{"SnapshotId", &o.snapshot}, param{"DiskCount", &o.count},
		param{"DiskSize", &o.size}, param{"ClientToken", &o.token}, param{"Encrypt", &o.encrypt},
		param{"DiskChargePrepaid", &o.prepaid}, param{"ThroughputPerformance", &none}, param{"KmsKeyId", &none},
		param{"Shareable", &none}, param{"DeleteSnapshot", &none}, param{"AutoMountConfiguration", &none},
		param{"DiskBackupQuota", &none}, param{"BurstPerformance", &none}, param{"EncryptType", &none})
	if ref != nil {
		return o, ref
	}
	if place != nil {
		o.zone = place.Zone
	}
	if o.count == nil {
		one := 1
		o.count = &one
	}
	if ref := c.checkOrder(q, &o); ref != nil {
		return o, ref
	}
	o.given, ref = c.readTags(o.tags)
	return o, ref
}

// A place is a Placement as a request gives it.
type place struct{ Zone string }

// UnmarshalJSON implements json.Unmarshaler, strictly.
func (p *place) UnmarshalJSON(b []byte) error {
	var none ignored
	return unmarshal(b, param{"Zone", &p.Zone}, param{"ProjectId", &none}, param{"ProjectName", &none}, param{"CageId", &none},
		param{"CdcName", &none}, param{"CdcId", &none}, param{"DedicatedClusterId", &none})
}

func (c *Cloud) checkOrder(q *query, o *diskOrder) *refusal {
	_, known := smallest(o.kind)
	switch {
	case o.zone == "":
		return missing("Placement.Zone")
	case o.charge == "":
		return missing("DiskChargeType")
	case o.kind == "":
		return missing("DiskType")
	case !zoneOf(q.region.name, o.zone):
		return badValue("Zone %q is not in %s.", o.zone, q.region.name)
	case o.charge != postpaid && o.charge != prepaid:
		return badValue("DiskChargeType can't be %q.", o.charge)
	case !known:
		return badValue("DiskType can't be %q.", o.kind)
	case *o.count < 1 || *o.count > maxDisks:
		return badValue("DiskCount must be from 1 to %d.", maxDisks)
	case o.encrypt != "" && o.encrypt != "ENCRYPT":
		return badValue("Encrypt can't be %q.", o.encrypt)
	case len(o.token) > maxToken || strings.ContainsFunc(o.token, func(r rune) bool { return r > 127 }):
		return refuse("InvalidParameter.InvalidClientToken", "A ClientToken has at most %d ASCII characters.", maxToken)
	case o.size == nil && o.snapshot == "":
		return missing("DiskSize")
	}
	if o.charge == prepaid {
		c.complain("prepaid", "CreateDisks was asked for a PREPAID disk, which is paid for by the month")
		if o.prepaid == nil {
			return missing("DiskChargePrepaid")
		}
	}
	return checkName(o.name)
}

// zoneOf tells whether a zone is one of a region's: the region and a number.
func zoneOf(region, zone string) bool {
	n, ok := strings.CutPrefix(zone, region+"-")
	number, err := strconv.Atoi(n)
	return ok && err == nil && number > 0
}

// design works out the disk from its snapshot and refuses what can't be made.
func (c *Cloud) design(q *query, o diskOrder) (Disk, *refusal) {
	d := Disk{
		Region: q.region.name, Zone: o.zone, Name: o.name, Type: o.kind, Usage: dataDisk, State: diskUnattached,
		Charge: o.charge, Snapshot: o.snapshot, Created: q.now, Encrypted: o.encrypt != "",
	}
	orString(&d.Name, unnamed)
	if o.snapshot != "" {
		s, ref := c.restorable(q, o.snapshot)
		if ref != nil {
			return d, ref
		}
		d.SizeGiB, d.Encrypted = s.SizeGiB, d.Encrypted || s.Encrypted
	}
	if o.size != nil {
		if *o.size < d.SizeGiB {
			return d, refuse("InvalidParameter.DiskSizeNotMatch", "A disk of %d GiB is smaller than its snapshot of %d.", *o.size, d.SizeGiB)
		}
		d.SizeGiB = *o.size
	}
	least, _ := smallest(d.Type)
	switch {
	case d.SizeGiB < least || d.SizeGiB > largestDisk:
		return d, refuse("InvalidParameter.DiskConfigNotSupported", "A %s disk has %d to %d GiB, not %d.", d.Type, least, largestDisk, d.SizeGiB)
	case slices.Contains(c.opt.SoldOut, d.Zone):
		return d, refuse("ResourceInsufficient", "There are no %s disks left in %s.", d.Type, d.Zone)
	}
	return d, nil
}

func (c *Cloud) restorable(q *query, id string) (*snapshot, *refusal) {
	if ref := checkIDs("snap", []string{id}); ref != nil {
		return nil, ref
	}
	s, ok := q.region.find(id, q.now)
	switch {
	case !ok:
		return nil, noSnapshot(id)
	case s.Usage != dataDisk:
		return nil, refuse("InvalidParameter.ShouldConvertSnapshotToImage", "Snapshot %s is of a system disk.", id)
	case s.State != stateNormal: // UNK: the code
		return nil, refuse("ResourceUnavailable.SnapshotCreating", "Snapshot %s is %s.", id, s.State)
	}
	return s, nil
}
