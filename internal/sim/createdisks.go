package sim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// createDisksParams are those of CreateDisks.
type createDisksParams struct {
	Placement                                           placementGiven
	DiskChargeType, DiskType                            string `api:"required"`
	DiskName                                            string
	SnapshotId                                          string `api:"snap"`
	ClientToken, Encrypt                                string
	DiskCount, DiskSize                                 *int
	Tags                                                []tag
	DiskChargePrepaid                                   ignored
	ThroughputPerformance, KmsKeyId, Shareable          ignored
	DeleteSnapshot, AutoMountConfiguration, EncryptType ignored
	DiskBackupQuota, BurstPerformance                   ignored
}

type placementGiven struct {
	Zone                                                               string
	ProjectId, ProjectName, CageId, CdcName, CdcId, DedicatedClusterId ignored
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

// diskTypes are the kinds of disk that can be made alone, with their smallest size
// and a price that is made up.
var diskTypes = []struct {
	name     string
	smallest int
	price    float64
}{
	{"CLOUD_PREMIUM", smallPremium, 0.01}, {"CLOUD_BSSD", smallSSD, 0.02}, {"CLOUD_SSD", smallSSD, 0.04}, {"CLOUD_HSSD", smallSSD, 0.05},
}

func smallest(kind string) (int, bool) {
	for _, t := range diskTypes {
		if t.name == kind {
			return t.smallest, true
		}
	}
	return 0, false
}

func (c *Cloud) createDisks(q *query, p *createDisksParams) (any, *refusal) {
	if ref := c.checkCreateDisks(q, p); ref != nil {
		return nil, ref
	}
	tags, ref := c.readTags(p.Tags)
	if ref != nil {
		return nil, ref
	}
	var reply struct{ DiskIdSet []string }
	// The service forgets a token after some time (UNK); here it never does.
	token, body := q.region.name+"/"+p.ClientToken, canonical(q.body)
	if p.ClientToken == "" {
		c.complain("no-token", "CreateDisks came without a ClientToken: sent again after a lost answer, it makes a second disk")
	} else if made, known := c.tokens[token]; known {
		if made.body != body {
			return nil, badToken("The ClientToken %q was used for another request.", p.ClientToken)
		}
		reply.DiskIdSet = made.ids
		return reply, nil
	}
	d, ref := c.newDisk(q, p)
	if ref != nil {
		return nil, ref
	}
	if quota, limited := c.diskQuotas[q.region.name]; limited && len(q.region.disks.all())+diskCount(p) > quota {
		return nil, refuse("InvalidParameterValue.LimitExceeded", "The region holds its %d disks already.", quota) // UNK: the code
	}
	for range diskCount(p) {
		d.ID, d.Tags = newID(&c.ids, "disk", &q.region.disks), maps.Clone(tags)
		c.addDisk(q.region, &disk{Disk: d, ready: q.now.Add(c.opt.DiskTime)})
		reply.DiskIdSet = append(reply.DiskIdSet, d.ID)
	}
	c.noteTags(tags)
	if p.ClientToken != "" {
		c.tokens[token] = madeDisks{body, reply.DiskIdSet}
	}
	return reply, nil
}

// canonical is a JSON object without spaces, its keys in order.
func canonical(body []byte) string {
	var all any
	if json.Unmarshal(body, &all) != nil {
		return string(body) // not reached: the parameters were read from it
	}
	return string(encode(all))
}

func diskCount(p *createDisksParams) int {
	n := 1
	set(&n, p.DiskCount)
	return n
}

func badToken(format string, args ...any) *refusal {
	return refuse("InvalidParameter.InvalidClientToken", format, args...)
}

func (c *Cloud) checkCreateDisks(q *query, p *createDisksParams) *refusal {
	_, known := smallest(p.DiskType)
	switch {
	case p.Placement.Zone == "":
		return missing("Placement.Zone")
	case !zoneOf(q.region.name, p.Placement.Zone):
		return badValue("Zone %q is not in %s.", p.Placement.Zone, q.region.name)
	case !known:
		return badValue("DiskType can't be %q.", p.DiskType)
	case diskCount(p) < 1 || diskCount(p) > maxDisks:
		return badValue("DiskCount must be from 1 to %d.", maxDisks)
	case len(p.ClientToken) > maxToken || strings.ContainsFunc(p.ClientToken, func(r rune) bool { return r > 127 }):
		return badToken("A ClientToken has at most %d ASCII characters.", maxToken)
	case p.DiskSize == nil && p.SnapshotId == "":
		return missing("DiskSize")
	}
	if ref := notOneOf("DiskChargeType", p.DiskChargeType, postpaid, prepaid); ref != nil {
		return ref
	}
	if ref := notOneOf("Encrypt", p.Encrypt, "ENCRYPT"); ref != nil {
		return ref
	}
	if p.DiskChargeType == prepaid {
		c.complain("prepaid", "CreateDisks was asked for a PREPAID disk, which is paid for by the month")
		if p.DiskChargePrepaid == nil {
			return missing("DiskChargePrepaid")
		}
	}
	return checkName(p.DiskName)
}

// zoneOf tells whether a zone is one of a region's: the region and a number.
func zoneOf(region, zone string) bool {
	n, ok := strings.CutPrefix(zone, region+"-")
	number, err := strconv.Atoi(n)
	return ok && err == nil && number > 0
}

// newDisk works out the disk from its snapshot and refuses what can't be made.
func (c *Cloud) newDisk(q *query, p *createDisksParams) (Disk, *refusal) {
	d := Disk{
		Region: q.region.name, Zone: p.Placement.Zone, Name: p.DiskName, Type: p.DiskType, Usage: dataDisk, State: diskUnattached,
		Charge: p.DiskChargeType, Snapshot: p.SnapshotId, Created: q.now, Encrypted: p.Encrypt != "",
	}
	d.Name = cmp.Or(d.Name, unnamed)
	if p.SnapshotId != "" {
		s, ref := restorable(q, p.SnapshotId)
		if ref != nil {
			return d, ref
		}
		d.SizeGiB, d.Encrypted = s.SizeGiB, d.Encrypted || s.Encrypted
	}
	if p.DiskSize != nil && *p.DiskSize < d.SizeGiB {
		return d, refuse("InvalidParameter.DiskSizeNotMatch", "A disk of %d GiB is smaller than its snapshot of %d.", *p.DiskSize, d.SizeGiB)
	}
	set(&d.SizeGiB, p.DiskSize)
	least, _ := smallest(d.Type)
	switch {
	case d.SizeGiB < least || d.SizeGiB > largestDisk:
		return d, refuse("InvalidParameter.DiskConfigNotSupported", "A %s disk has %d to %d GiB, not %d.", d.Type, least, largestDisk, d.SizeGiB)
	case c.soldOut(d.Zone, d.Type):
		return d, refuse("ResourceInsufficient", "There are no %s disks left in %s.", d.Type, d.Zone)
	}
	return d, nil
}

// soldOut tells whether a zone has none of a kind of disk left.
func (c *Cloud) soldOut(zone, kind string) bool {
	return slices.Contains(c.opt.SoldOut, zone) || slices.Contains(c.opt.SoldOut, zone+" "+kind)
}

func restorable(q *query, id string) (*snapshot, *refusal) {
	s, ref := q.snapshot(id)
	switch {
	case ref != nil:
		return nil, ref
	case s.Usage != dataDisk:
		return nil, refuse("InvalidParameter.ShouldConvertSnapshotToImage", "Snapshot %s is of a system disk.", id)
	case s.State != stateNormal: // UNK: the code
		return nil, refuse("ResourceUnavailable.SnapshotCreating", "Snapshot %s is %s.", id, s.State)
	}
	return s, nil
}

type price struct {
	UnitPrice, UnitPriceDiscount, OriginalPrice, DiscountPrice                 *float64
	UnitPriceHigh, UnitPriceDiscountHigh, OriginalPriceHigh, DiscountPriceHigh *string
	ChargeUnit                                                                 *string
}

// An offer is a kind of disk that can be had in a zone.
type offer struct {
	Available                          bool
	DiskChargeType, Zone               string
	InstanceFamily, DeviceClass        *string
	DiskType, DiskUsage                string
	StepSize, MinDiskSize, MaxDiskSize int
	ExtraPerformanceRange              []int
	Price                              price
}

// zonesPerRegion is how many zones a region offers disks in.
const zonesPerRegion = 3

type describeOffersParams struct {
	InquiryType                                       string `api:"required"`
	DiskChargeType, DiskUsage                         string
	Zones, DiskTypes                                  []string
	InstanceFamilies, Memory, CPU, DedicatedClusterId ignored
}

func (c *Cloud) describeDiskConfigQuota(q *query, p *describeOffersParams) (any, *refusal) {
	for _, ref := range []*refusal{
		notOneOf("InquiryType", p.InquiryType, "INQUIRY_CBS_CONFIG", "INQUIRY_CVM_CONFIG"),
		notOneOf("DiskChargeType", p.DiskChargeType, postpaid, prepaid),
		notOneOf("DiskUsage", p.DiskUsage, dataDisk, systemDisk),
	} {
		if ref != nil {
			return nil, ref
		}
	}
	if len(p.Zones) == 0 {
		for n := range zonesPerRegion {
			p.Zones = append(p.Zones, fmt.Sprintf("%s-%d", q.region.name, n+1))
		}
	}
	reply := struct{ DiskConfigSet []offer }{[]offer{}}
	for _, zone := range p.Zones {
		if !zoneOf(q.region.name, zone) {
			return nil, badValue("Zone %q is not in %s.", zone, q.region.name)
		}
		for _, t := range diskTypes {
			if len(p.DiskTypes) == 0 || slices.Contains(p.DiskTypes, t.name) {
				reply.DiskConfigSet = append(reply.DiskConfigSet, c.offers(p, zone, t.name, t.smallest, t.price)...)
			}
		}
	}
	return reply, nil
}

// offers lists one kind of disk in one zone, for each usage and charge asked for.
func (c *Cloud) offers(p *describeOffersParams, zone, kind string, least int, hourly float64) []offer {
	var list []offer
	for _, charge := range []string{postpaid, prepaid} {
		for _, usage := range []string{dataDisk, systemDisk} {
			if p.DiskChargeType != "" && p.DiskChargeType != charge || p.DiskUsage != "" && p.DiskUsage != usage {
				continue
			}
			list = append(list, offer{
				Available: !c.soldOut(zone, kind), DiskChargeType: charge, Zone: zone, DiskType: kind, DiskUsage: usage,
				StepSize: 1, MinDiskSize: least, MaxDiskSize: largestDisk, Price: priceOf(charge, hourly),
			})
		}
	}
	return list
}

// priceOf is a price by the hour, or a made-up one by the month. UNK: for which size.
func priceOf(charge string, hourly float64) price {
	if charge == prepaid {
		p, high := 3.5, "3.5"
		return price{OriginalPrice: &p, DiscountPrice: &p, OriginalPriceHigh: &high, DiscountPriceHigh: &high}
	}
	high, unit := fmt.Sprintf("%.4f", hourly), "HOUR"
	return price{UnitPrice: &hourly, UnitPriceDiscount: &hourly, UnitPriceHigh: &high, UnitPriceDiscountHigh: &high, ChargeUnit: &unit}
}
