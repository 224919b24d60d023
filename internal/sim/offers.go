package sim

import (
	"fmt"
	"slices"
)

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

func (c *Cloud) describeDiskConfigQuota(q *query) ([]byte, *refusal) {
	var inquiry, charge, usage string
	var zones, kinds []string
	var none ignored
	ref := read(q.body, param{"InquiryType", &inquiry}, param{"DiskChargeType", &charge}, param{"DiskUsage", &usage},
		param{"Zones", &zones}, param{"DiskTypes", &kinds}, param{"InstanceFamilies", &none}, param{"Memory", &none},
		param{"CPU", &none}, param{"DedicatedClusterId", &none})
	if ref == nil {
		ref = checkInquiry(inquiry, charge, usage)
	}
	if ref != nil {
		return nil, ref
	}
	if len(zones) == 0 {
		for n := range zonesPerRegion {
			zones = append(zones, fmt.Sprintf("%s-%d", q.region.name, n+1))
		}
	}
	reply := struct{ DiskConfigSet []offer }{[]offer{}}
	for _, zone := range zones {
		if !zoneOf(q.region.name, zone) {
			return nil, badValue("Zone %q is not in %s.", zone, q.region.name)
		}
		for _, t := range diskTypes {
			if len(kinds) == 0 || slices.Contains(kinds, t.name) {
				reply.DiskConfigSet = append(reply.DiskConfigSet, c.offers(zone, t.name, charge, usage)...)
			}
		}
	}
	return fields(reply), nil
}

func checkInquiry(inquiry, charge, usage string) *refusal {
	switch {
	case inquiry == "":
		return missing("InquiryType")
	case inquiry != "INQUIRY_CBS_CONFIG" && inquiry != "INQUIRY_CVM_CONFIG":
		return badValue("InquiryType can't be %q.", inquiry)
	case charge != "" && charge != postpaid && charge != prepaid:
		return badValue("DiskChargeType can't be %q.", charge)
	case usage != "" && usage != dataDisk && usage != systemDisk:
		return badValue("DiskUsage can't be %q.", usage)
	}
	return nil
}

// offers lists one kind of disk in one zone, for each usage and charge asked for.
func (c *Cloud) offers(zone, kind, charge, usage string) []offer {
	least, _ := smallest(kind)
	var list []offer
	for _, ch := range []string{postpaid, prepaid} {
		for _, u := range []string{dataDisk, systemDisk} {
			if charge != "" && charge != ch || usage != "" && usage != u {
				continue
			}
			list = append(list, offer{
				Available: !slices.Contains(c.opt.SoldOut, zone), DiskChargeType: ch, Zone: zone, DiskType: kind, DiskUsage: u,
				StepSize: 1, MinDiskSize: least, MaxDiskSize: largestDisk, Price: priceOf(ch),
			})
		}
	}
	return list
}

// priceOf makes prices up: by the hour or by the month.
func priceOf(charge string) price {
	if charge == prepaid {
		p, high := 3.5, "3.5"
		return price{OriginalPrice: &p, DiscountPrice: &p, OriginalPriceHigh: &high, DiscountPriceHigh: &high}
	}
	p, high, unit := 0.01, "0.0100", "HOUR"
	return price{UnitPrice: &p, UnitPriceDiscount: &p, UnitPriceHigh: &high, UnitPriceDiscountHigh: &high, ChargeUnit: &unit}
}
