package tencent

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"

	"snapferry/internal/cloud"

	cbs "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cbs/v20170312"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
)

// postpaid is the charge type of disks that are paid by the hour.
const postpaid = "POSTPAID_BY_HOUR"

// Offers returns the types of data disks that a region has, paid by the hour, in each
// of its zones, sorted by zone and type.
func (c *Cloud) Offers(ctx context.Context, region string) ([]cloud.Offer, error) {
	t := call{op: "list disk types", region: region}
	a, err := do[offerList](ctx, c, t, func() tchttp.Request {
		r := cbs.NewDescribeDiskConfigQuotaRequest()
		r.InquiryType, r.DiskUsage = common.StringPtr("INQUIRY_CBS_CONFIG"), common.StringPtr("DATA_DISK")
		r.DiskChargeType = common.StringPtr(postpaid)
		return r
	})
	if err != nil {
		return nil, err
	}
	var offers []cloud.Offer
	for _, o := range a.DiskConfigSet {
		// The published answer shows PREPAID although it was asked for the other.
		if !cloud.IsZoneOf(region, o.Zone) || !cloud.IsDiskType(o.DiskType) || o.DiskUsage != "" && o.DiskUsage != "DATA_DISK" {
			continue
		}
		offers = append(offers, cloud.Offer{
			Zone: o.Zone, Type: o.DiskType, MinGiB: o.MinDiskSize, MaxGiB: o.MaxDiskSize, StepGiB: o.StepSize, Available: o.Available,
			PricePerHour: o.Price.perHour(),
		})
	}
	return offers, nil
}

type offerList struct {
	DiskConfigSet []struct {
		Available                          bool
		Zone, DiskType, DiskUsage          string
		StepSize, MinDiskSize, MaxDiskSize int
		Price                              hourlyPrice
	}
}

type hourlyPrice struct {
	UnitPriceDiscountHigh string
	UnitPriceDiscount     float64
}

// perHour is the discounted price of an hour, 0 if it is unknown. The precise field
// is a text.
func (p *hourlyPrice) perHour() float64 {
	if high, err := strconv.ParseFloat(p.UnitPriceDiscountHigh, 64); err == nil && high > 0 && high < 1e6 {
		return high
	}
	return max(0, p.UnitPriceDiscount)
}

// CreateDisk asks for a disk and returns its id. The service makes the disk in the
// background. Because of the request's token, the same request may be sent again: it
// makes no second disk.
func (c *Cloud) CreateDisk(ctx context.Context, d cloud.DiskRequest) (string, error) {
	t := call{op: "make a disk of " + d.Snapshot + " in " + d.Zone, named: true, region: d.Region, while: d.While, once: d.Token == ""}
	a, err := do[struct{ DiskIdSet []string }](ctx, c, t, func() tchttp.Request {
		r := cbs.NewCreateDisksRequest()
		r.Placement = &cbs.Placement{Zone: &d.Zone}
		r.DiskType, r.DiskChargeType, r.SnapshotId, r.DiskName = &d.Type, common.StringPtr(postpaid), &d.Snapshot, &d.Name
		if d.SizeGiB > 0 {
			r.DiskSize = common.Uint64Ptr(uint64(d.SizeGiB))
		}
		for _, key := range slices.Sorted(maps.Keys(d.Tags)) { // a token allows no other order
			r.Tags = append(r.Tags, &cbs.Tag{Key: &key, Value: common.StringPtr(d.Tags[key])})
		}
		if d.Token != "" {
			r.ClientToken = &d.Token
		}
		return r
	})
	ofDisks(err)
	if err != nil {
		return "", err
	}
	if len(a.DiskIdSet) == 0 || !cloud.IsDiskID(a.DiskIdSet[0]) {
		return "", t.unclear("the answer has no disk id")
	}
	return a.DiskIdSet[0], nil
}

// ofDisks gives an error of CreateDisks the meaning and the hint that some codes have
// only there.
func ofDisks(err error) {
	var e *Error
	if !errors.As(err, &e) || e.own != 0 {
		return
	}
	switch {
	case e.Code == "LimitExceeded.TagValue":
		e.own, e.hint = cloud.TagKeyFull, hintDiskTags
	case e.Meaning() == cloud.RegionFull, e.Code == "InvalidParameterValue.LimitExceeded", e.Code == "InvalidParameter.DiskConfigNotSupported":
		e.own, e.hint = cloud.RegionFull, hintDisks
	}
}

// TerminateDisk ends one disk at once. The caller must have seen that it may: the
// service asks nobody. A missing disk is no error. The disk's snapshots stay.
func (c *Cloud) TerminateDisk(ctx context.Context, region, id string, while cloud.While) error {
	t := call{op: "terminate " + id, region: region, once: true, while: while}
	_, err := do[empty](ctx, c, t, func() tchttp.Request {
		r := cbs.NewTerminateDisksRequest()
		r.DiskIds = common.StringPtrs([]string{id})
		return r
	})
	if e := (*Error)(nil); errors.As(err, &e) && e.Meaning() == cloud.Gone {
		return nil
	}
	return err
}
