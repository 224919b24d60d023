package tencent

import (
	"context"
	"slices"
	"strings"

	"snapferry/internal/cloud"

	cbs "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cbs/v20170312"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
)

// Disks calls take with every disk of a region and its tags, as Snapshots does. A
// disk whose id can't be read is left out, and makes the list incomplete.
func (c *Cloud) Disks(ctx context.Context, region string, take func(page []cloud.Disk, total int)) error {
	return c.disks(ctx, call{op: "list disks", region: region}, nil, take)
}

// DisksByID returns the disks with these ids, with their tags. Unknown ids are left
// out.
func (c *Cloud) DisksByID(ctx context.Context, region string, ids []string) ([]cloud.Disk, error) {
	return byID(unique(ids), waysToAsk, func(ids []string, w way) ([]cloud.Disk, error) {
		found, err := collect(func(take func([]cloud.Disk, int)) error {
			return c.disks(ctx, call{op: "read disks", region: region}, func(r *cbs.DescribeDisksRequest) {
				if w.byFilter {
					r.Filters = filter("disk-id", ids)
				} else {
					r.DiskIds = common.StringPtrs(ids)
				}
			}, take)
		})
		return slices.DeleteFunc(found, func(d cloud.Disk) bool { return !slices.Contains(ids, d.ID) }), err
	})
}

// disks reads all pages of a request that narrow restricts; nil: of all disks.
func (c *Cloud) disks(ctx context.Context, t call, narrow func(*cbs.DescribeDisksRequest), take func([]cloud.Disk, int)) error {
	p := pager[cloud.Disk]{call: t, prefix: cloud.DiskPrefix, id: func(d *cloud.Disk) string { return d.ID }, doubtEmpty: narrow == nil}
	p.fetch = func(ctx context.Context, offset int, order string) page[cloud.Disk] {
		a, err := do[diskPage](ctx, c, t, func() tchttp.Request {
			r := cbs.NewDescribeDisksRequest()
			if narrow != nil {
				narrow(r)
			}
			r.Limit, r.Offset = common.Uint64Ptr(pageSize), common.Uint64Ptr(uint64(offset))
			r.OrderField, r.Order = common.StringPtr("CREATE_TIME"), &order
			return r
		})
		if err != nil {
			return page[cloud.Disk]{err: err}
		}
		if a.TotalCount == nil && a.DiskSet == nil {
			return page[cloud.Disk]{err: t.unclear("the answer has neither TotalCount nor DiskSet")}
		}
		rows := make([]cloud.Disk, len(a.DiskSet))
		for i := range a.DiskSet {
			rows[i] = a.DiskSet[i].toDisk(t.region)
		}
		return page[cloud.Disk]{rows: rows, total: orUnknown(a.TotalCount)}
	}
	return p.read(ctx, take)
}

type diskPage struct {
	TotalCount *int
	DiskSet    []diskRow
}

type diskRow struct {
	DiskId, DiskName, InstanceId        string
	DiskType, DiskState, DiskChargeType string
	CreateTime                          string
	DiskSize                            int
	Attached, Encrypt                   bool
	InstanceIdList                      []string
	Placement                           struct{ Zone string }
	Tags                                tagRows
}

func (r *diskRow) toDisk(region string) cloud.Disk {
	return cloud.Disk{
		ID: formed(cloud.IsDiskID, r.DiskId), Region: region, Name: r.DiskName, Instance: r.InstanceId, SizeGiB: r.DiskSize, Tags: r.Tags.toMap(),
		Zone: formed(func(s string) bool { return cloud.IsZoneOf(region, s) }, r.Placement.Zone), Type: formed(cloud.IsDiskType, r.DiskType),
		State: strings.Map(stateLetter, r.DiskState), Attached: r.Attached || len(r.InstanceIdList) > 0,
		Postpaid: r.DiskChargeType == postpaid, Encrypted: r.Encrypt, Created: parseTime(r.CreateTime),
	}
}

// DisksTagged returns the disks of a region that have a tag with this key. If the
// service does not show all of them, the error wraps cloud.ErrIncomplete.
func (c *Cloud) DisksTagged(ctx context.Context, region, key string) (found []cloud.Disk, err error) {
	t := call{op: "list disks tagged " + key, region: region}
	err = c.disks(ctx, t, func(r *cbs.DescribeDisksRequest) { r.Filters = filter("tag-key", []string{key}) }, func(page []cloud.Disk, _ int) {
		found = append(found, page...)
	})
	return slices.DeleteFunc(found, func(d cloud.Disk) bool {
		_, tagged := d.Tags[key]
		return !tagged
	}), err
}

// CountDisks returns how many disks a region has. The snapshot quota depends on
// this number.
func (c *Cloud) CountDisks(ctx context.Context, region string) (int, error) {
	t := call{op: "count disks", region: region}
	a, err := do[diskPage](ctx, c, t, func() tchttp.Request {
		r := cbs.NewDescribeDisksRequest()
		r.Limit = common.Uint64Ptr(1)
		return r
	})
	if err != nil {
		return 0, err
	}
	if a.TotalCount == nil {
		return 0, t.unclear("the answer has no TotalCount")
	}
	return *a.TotalCount, nil
}

// CountSnapshots returns how many snapshots a region holds, of all makers. The
// service does not report how many more the quota allows: FreeQuota in the same
// answer is the number of GiB that are free of charge.
func (c *Cloud) CountSnapshots(ctx context.Context, region string) (int, error) {
	t := call{op: "count snapshots", region: region}
	a, err := do[overview](ctx, c, t, func() tchttp.Request { return cbs.NewDescribeSnapshotOverviewRequest() })
	if err != nil {
		return 0, err
	}
	if a.TotalNums == nil {
		return 0, t.unclear("the answer has no TotalNums")
	}
	return int(*a.TotalNums), nil
}

type overview struct{ TotalNums *float64 }
