package tencent_test

import (
	"context"

	"snapferry/internal/cloud"
	"snapferry/internal/tencent"
)

// list collects a region's snapshots.
func list(ctx context.Context, c *tencent.Cloud, region string) (all []cloud.Snapshot, err error) {
	err = c.Snapshots(ctx, region, func(page []cloud.Snapshot, _ int) { all = append(all, page...) })
	if err != nil {
		return nil, err
	}
	return all, nil
}
