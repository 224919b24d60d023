package tencent

import (
	"context"
	"slices"
	"strings"
	"time"

	"snapferry/internal/cloud"

	cbs "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cbs/v20170312"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
)

const (
	maxFilterIDs = 10 // values that a disk-id filter takes (API 2017-03-12)
	maxIDs       = 99 // of one request; it takes 100, but a full page would cost a second request
)

// Snapshots calls take with every snapshot of a region, page by page, each snapshot
// once. total is the number of snapshots that the service reports, 0 if it reports
// none. A row whose id can't be read has the ID "". If the error wraps
// cloud.ErrIncomplete, take has seen all that the service shows. After any other
// error take has seen only a part of the list.
//
// An empty list costs two requests: it is believed when it is empty twice.
func (c *Cloud) Snapshots(ctx context.Context, region string, take func(page []cloud.Snapshot, total int)) error {
	return c.snapshots(ctx, call{op: "list snapshots", region: region}, nil, take)
}

// SnapshotsOfDisks returns every snapshot of some disks. With an error it returns
// no snapshots, because a part of a list would look like deletions.
func (c *Cloud) SnapshotsOfDisks(ctx context.Context, region string, disks []string) ([]cloud.Snapshot, error) {
	var all []cloud.Snapshot
	for ids := range slices.Chunk(unique(disks), maxFilterIDs) {
		t := call{op: "list snapshots of disks", region: region}
		some, err := c.some(ctx, t, func(r *cbs.DescribeSnapshotsRequest) { r.Filters = filter("disk-id", ids) })
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// SnapshotsByID returns the snapshots with these ids. Unknown ids are left out. A
// new replica may be absent for a while.
func (c *Cloud) SnapshotsByID(ctx context.Context, region string, ids []string) ([]cloud.Snapshot, error) {
	return byID(unique(ids), waysToAsk, func(ids []string, w way) ([]cloud.Snapshot, error) {
		found, err := c.some(ctx, call{op: "read snapshots", region: region}, func(r *cbs.DescribeSnapshotsRequest) {
			if w.byFilter {
				r.Filters = filter("snapshot-id", ids)
			} else {
				r.SnapshotIds = common.StringPtrs(ids)
			}
		})
		return slices.DeleteFunc(found, func(s cloud.Snapshot) bool { return !slices.Contains(ids, s.ID) }), err
	})
}

// SnapshotsByName returns the snapshots that have exactly one of the names. All
// names are in one filter. It is unknown how many values the filter takes, and it
// may ignore the others without an error. So with several names, a snapshot that
// is absent in the answer may exist. Without names it returns nothing.
func (c *Cloud) SnapshotsByName(ctx context.Context, region string, names []string) ([]cloud.Snapshot, error) {
	if len(names) == 0 {
		return nil, nil
	}
	t := call{op: "find snapshots by name", region: region}
	found, err := c.some(ctx, t, func(r *cbs.DescribeSnapshotsRequest) { r.Filters = filter("snapshot-name", names) })
	if err != nil {
		return nil, err
	}
	// The filter may match parts of names. A row that shows no name matched it.
	return slices.DeleteFunc(found, func(s cloud.Snapshot) bool { return s.Name != "" && !slices.Contains(names, s.Name) }), nil
}

// some returns the snapshots of a request that narrow restricts.
func (c *Cloud) some(ctx context.Context, t call, narrow func(*cbs.DescribeSnapshotsRequest)) ([]cloud.Snapshot, error) {
	return collect(func(take func([]cloud.Snapshot, int)) error { return c.snapshots(ctx, t, narrow, take) })
}

// snapshots reads all pages of a request that narrow restricts; nil: of all
// snapshots.
func (c *Cloud) snapshots(ctx context.Context, t call, narrow func(*cbs.DescribeSnapshotsRequest), take func([]cloud.Snapshot, int)) error {
	p := pager[cloud.Snapshot]{
		call: t, prefix: cloud.SnapshotPrefix, id: func(s *cloud.Snapshot) string { return s.ID }, keepNoID: true, doubtEmpty: narrow == nil,
	}
	p.fetch = func(ctx context.Context, offset int, order string) page[cloud.Snapshot] {
		a, err := do[snapshotPage](ctx, c, t, func() tchttp.Request {
			r := cbs.NewDescribeSnapshotsRequest()
			if narrow != nil {
				narrow(r)
			}
			r.Limit, r.Offset = common.Uint64Ptr(pageSize), common.Uint64Ptr(uint64(offset))
			r.OrderField, r.Order = common.StringPtr("CREATE_TIME"), &order
			return r
		})
		if err != nil {
			return page[cloud.Snapshot]{err: err}
		}
		if a.TotalCount == nil && a.SnapshotSet == nil {
			return page[cloud.Snapshot]{err: t.unclear("the answer has neither TotalCount nor SnapshotSet")}
		}
		rows := make([]cloud.Snapshot, len(a.SnapshotSet))
		for i := range a.SnapshotSet {
			rows[i] = a.SnapshotSet[i].toSnapshot(t.region)
		}
		return page[cloud.Snapshot]{rows: rows, total: orUnknown(a.TotalCount)}
	}
	return p.read(ctx, take)
}

// A snapshotPage has only the needed fields of DescribeSnapshots' answer, to save
// memory: a region may have thousands of rows. The SDK's own type has no IsLocked.
// null leaves any field zero.
type snapshotPage struct {
	TotalCount  *int
	SnapshotSet []snapshotRow
}

type snapshotRow struct {
	SnapshotId, SnapshotName, SnapshotState, SnapshotType string
	DiskId, DiskUsage, CreateTime                         string
	Percent                                               *int
	DiskSize, ShareReference, ImageCount                  int
	Encrypt, CopyFromRemote, IsLocked                     bool
	Images                                                []struct{}
	CopyingToRegions                                      []string
	Tags                                                  tagRows
}

// toSnapshot converts a row. Text from outside gets into requests, log lines and
// terminals. So an id of a wrong form becomes "", and a state keeps only its
// letters.
func (r *snapshotRow) toSnapshot(region string) cloud.Snapshot {
	return cloud.Snapshot{
		ID: formed(cloud.IsSnapshotID, r.SnapshotId), Region: region, Name: r.SnapshotName,
		Disk: formed(cloud.IsDiskID, r.DiskId), SystemDisk: r.DiskUsage == "SYSTEM_DISK",
		State: cloud.State(strings.Map(stateLetter, r.SnapshotState)), Percent: orUnknown(r.Percent), SizeGiB: r.DiskSize,
		Created:   parseTime(r.CreateTime),
		Encrypted: r.Encrypt, CopyFromRemote: r.CopyFromRemote,
		SharedIn: r.SnapshotType == "SHARED_SNAPSHOT", SharedOut: r.ShareReference,
		Images: max(len(r.Images), r.ImageCount), Locked: r.IsLocked,
		CopyingTo: slices.DeleteFunc(r.CopyingToRegions, func(s string) bool { return s == "" }),
		Tags:      r.Tags.toMap(),
	}
}

// formed returns the id if its form is valid, else "".
func formed(valid func(string) bool, id string) string {
	if !valid(id) {
		return ""
	}
	return id
}

func letterOrDigit(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

func stateLetter(r rune) rune {
	if letterOrDigit(r) || r == '_' {
		return r
	}
	return -1
}

type tagRows []struct{ Key, Value string }

// toMap returns the tags as a map, nil if there are none.
func (rows tagRows) toMap() map[string]string {
	var m map[string]string
	for _, r := range rows {
		if r.Key == "" {
			continue
		}
		if m == nil {
			m = make(map[string]string, len(rows))
		}
		m[r.Key] = r.Value
	}
	return m
}

// wallTime is the time format of CBS. It has no zone and means UTC+8, in every
// region.
const wallTime = "2006-01-02 15:04:05"

var wallZone = time.FixedZone("UTC+8", 8*60*60)

// parseTime reads a time of the service, in UTC; zero if it can't be read.
// Other APIs write RFC 3339.
func parseTime(s string) time.Time {
	s = strings.TrimSpace(s)
	if t, err := time.ParseInLocation(wallTime, s, wallZone); err == nil {
		return t.UTC()
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC()
	}
	return time.Time{}
}

func filter(name string, values []string) []*cbs.Filter {
	return []*cbs.Filter{{Name: &name, Values: common.StringPtrs(values)}}
}

// unique drops duplicates and keeps the order.
func unique(ids []string) []string {
	seen := make(map[string]bool, len(ids))
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		duplicate := seen[id]
		seen[id] = true
		return duplicate
	})
}

// orUnknown is a number of the service, -1 if it left it out.
func orUnknown(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}
