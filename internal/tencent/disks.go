package tencent

import (
	"context"
	"slices"
	"snapferry/internal/cloud"

	cbs "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cbs/v20170312"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
)

// Disks returns those of the disks that are there, with their tags.
func (c *Cloud) Disks(ctx context.Context, region string, ids []string) ([]cloud.Disk, error) {
	var all []cloud.Disk
	for ids := range slices.Chunk(unique(ids), maxIDs) {
		some, err := c.disks(ctx, trip{op: "look at disks", region: region}, ids)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func (c *Cloud) disks(ctx context.Context, t trip, ids []string) ([]cloud.Disk, error) {
	b := book[cloud.Disk]{t: t, id: func(d *cloud.Disk) string { return d.ID }}
	b.fetch = func(ctx context.Context, offset int) (page[cloud.Disk], error) {
		a, err := ask[diskPage](ctx, c, t, func() tchttp.Request {
			r := cbs.NewDescribeDisksRequest()
			r.DiskIds = common.StringPtrs(ids)
			r.Limit, r.Offset = common.Uint64Ptr(pageSize), common.Uint64Ptr(uint64(offset))
			return r
		})
		if err != nil {
			return page[cloud.Disk]{}, err
		}
		if a.TotalCount == nil && a.DiskSet == nil {
			return page[cloud.Disk]{}, t.unclear("the answer has neither TotalCount nor DiskSet")
		}
		p := page[cloud.Disk]{total: orUnsaid(a.TotalCount)}
		for _, d := range a.DiskSet {
			p.rows = append(p.rows, cloud.Disk{ID: d.DiskId, Region: t.region, Tags: d.Tags.plain()})
		}
		return p, nil
	}
	return b.read(ctx)
}

type diskPage struct {
	TotalCount *int
	DiskSet    []struct {
		DiskId string
		Tags   tagRows
	}
}

// CountDisks returns how many disks a region has. The quota of snapshots
// grows with them.
func (c *Cloud) CountDisks(ctx context.Context, region string) (int, error) {
	t := trip{op: "count disks", region: region}
	a, err := ask[diskPage](ctx, c, t, func() tchttp.Request {
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

// CountSnapshots returns how many snapshots a region holds, whoever made them.
// How many more the quota allows is not said by the service: the FreeQuota of
// the same answer is GiB free of charge.
func (c *Cloud) CountSnapshots(ctx context.Context, region string) (int, error) {
	t := trip{op: "count snapshots", region: region}
	a, err := ask[overview](ctx, c, t, func() tchttp.Request { return cbs.NewDescribeSnapshotOverviewRequest() })
	if err != nil {
		return 0, err
	}
	if a.TotalNums == nil {
		return 0, t.unclear("the answer has no TotalNums")
	}
	return int(*a.TotalNums), nil
}

type overview struct{ TotalNums *float64 }
