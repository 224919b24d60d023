package tencent

import (
	"context"
	"fmt"
	"strings"

	"snapferry/internal/cloud"

	cbs "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cbs/v20170312"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
)

// Copy starts copies of a snapshot in other regions, with one request, and returns
// at once. It is not idempotent: two calls make two replicas in each region. So the
// request is repeated only if the service says that it did not process it, and
// only while r.While holds.
//
// There is one result for each region of r.To, in the same order. A region that is
// missing in the answer may have started its copy. After an error there are no
// results: its Meaning holds for all regions.
func (c *Cloud) Copy(ctx context.Context, r cloud.CopyRequest) ([]cloud.CopyResult, error) {
	if len(r.To) == 0 {
		return nil, nil
	}
	t := call{
		op:     fmt.Sprintf("copy %s from %s to %s", r.Source, r.From, strings.Join(r.To, ", ")),
		region: r.From, named: true, once: true, while: r.While,
	}
	a, err := do[copyAnswer](ctx, c, t, func() tchttp.Request {
		q := cbs.NewCopySnapshotCrossRegionsRequest()
		q.SnapshotId, q.SnapshotName = &r.Source, &r.Name
		q.DestinationRegions = common.StringPtrs(r.To)
		return q
	})
	if err != nil {
		return nil, err
	}
	// If the process dies here, the copies exist, and the next run finds them by
	// name.
	results := make([]cloud.CopyResult, len(r.To))
	for i, to := range r.To {
		t.op = fmt.Sprintf("copy %s from %s to %s", r.Source, r.From, to)
		results[i] = c.copied(t, a, to)
	}
	return results, nil
}

// copied is the result of one region.
func (c *Cloud) copied(t call, a *copyAnswer, to string) cloud.CopyResult {
	row := a.row(to)
	if row != nil && row.began() {
		return cloud.CopyResult{Region: to, Replica: row.SnapshotId}
	}
	e := t.unclear("this region is missing in the answer")
	if row != nil && row.Code == "" {
		e = t.unclear("the answer has no code for this region")
	} else if row != nil {
		e.Code, e.Message, e.permissions = c.clean(row.Code, maxCode), c.clean(row.Message, maxMessage), c.o.Permissions
	}
	e.RequestID = c.clean(a.RequestId, maxRequestID)
	return cloud.CopyResult{Region: to, Err: e}
}

type copyAnswer struct {
	SnapshotCopyResultSet []copyRow
	RequestId             string
}

type copyRow struct{ SnapshotId, DestinationRegion, Code, Message string }

func (r *copyRow) began() bool { return r.Code == "Success" }

// row is the row of a region; nil if there is none. If there are several, a row
// that says that a copy began comes first.
func (a *copyAnswer) row(region string) *copyRow {
	var found *copyRow
	for i := range a.SnapshotCopyResultSet {
		row := &a.SnapshotCopyResultSet[i]
		if row.DestinationRegion == region && (found == nil || row.began()) {
			found = row
		}
	}
	return found
}
