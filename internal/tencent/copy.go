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

// Copy begins to copy a snapshot to other regions, in one call, and returns at
// once. It is not idempotent: two calls make two replicas in each region. So a
// request is repeated only after an answer that says it was not looked at, and
// only while r.While holds.
//
// There is one result for each region, in the order asked. A region that the
// answer leaves out may have got its copy. With an error there are no results:
// its Meaning holds for all regions.
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
	// If we die here the copies exist and nobody has noted their ids. The next
	// run finds them by their name.
	results := make([]cloud.CopyResult, len(r.To))
	for i, to := range r.To {
		t.op = fmt.Sprintf("copy %s from %s to %s", r.Source, r.From, to)
		results[i] = c.copied(t, a, to)
	}
	return results, nil
}

// copied reads what an answer says of one region.
func (c *Cloud) copied(t call, a *copyAnswer, to string) cloud.CopyResult {
	row := a.row(to)
	if row != nil && row.began() {
		return cloud.CopyResult{Region: to, Replica: row.SnapshotId}
	}
	e := t.unclear("the answer leaves this region out")
	if row != nil && row.Code == "" {
		e = t.unclear("the answer has no code for this region")
	} else if row != nil {
		e.Code, e.Message = c.clean(row.Code, maxCode), c.clean(row.Message, maxMessage)
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

// row finds what is said of a region; nil if nothing is. Where several rows
// speak of it, one that began counts: there is a copy then.
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
