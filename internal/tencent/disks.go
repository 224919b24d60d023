package tencent

import (
	"context"
	"slices"

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
		for i, d := range a.DiskSet {
			rows[i] = cloud.Disk{ID: formed(cloud.IsDiskID, d.DiskId), Region: t.region, Name: d.DiskName, Instance: d.InstanceId, SizeGiB: d.DiskSize, Tags: d.Tags.toMap()}
		}
		return page[cloud.Disk]{rows: rows, total: orUnknown(a.TotalCount)}
	}
	return p.read(ctx, take)
}

type diskPage struct {
	TotalCount *int
	DiskSet    []struct {
		DiskId, DiskName, InstanceId string
		DiskSize                     int
		Tags                         tagRows
	}
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
