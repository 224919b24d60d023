package tencent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"snapferry/internal/cloud"

	cbs "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cbs/v20170312"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	tag "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/tag/v20180813"
)

// How many resources and tags one TagResources takes (API 2018-08-13), and how many
// snapshots one request shares (not documented).
const (
	maxTagged = 10
	maxTags   = 10
	maxShared = 10
)

// manyRefused is how many refused tags in a row show that the others would be refused
// too.
const manyRefused = 100

// An empty answer says only that the request succeeded.
type empty struct{}

// Delete requests the deletion of one snapshot. The service may delete it later. A
// missing snapshot is no error. The request is sent only while its condition
// holds, and is not repeated if it may have been processed. If an image depends on
// the snapshot, the service refuses.
func (c *Cloud) Delete(ctx context.Context, region, id string, while cloud.While) error {
	t := call{op: "delete " + id, region: region, once: true, while: while}
	_, err := do[empty](ctx, c, t, func() tchttp.Request {
		r := cbs.NewDeleteSnapshotsRequest()
		// One at a time: a batch is all or nothing.
		r.SnapshotIds = common.StringPtrs([]string{id})
		return r
	})
	// If the process dies here, the next run does not see the snapshot, or deletes
	// it again.
	if e := (*Error)(nil); errors.As(err, &e) && e.Meaning() == cloud.Gone {
		return nil
	}
	return err
}

// Tag puts tags on snapshots. It is idempotent. failed has the snapshots that the
// service refused to tag, with the reason. One snapshot may make the service refuse
// the request for ten, so each of them is then asked for by itself. If it is not
// because of the snapshots, or if very many are refused in a row, Tag returns an
// error. After an error some snapshots may have the tags.
func (c *Cloud) Tag(ctx context.Context, region, account string, ids []string, tags map[string]string) (failed map[string]error, err error) {
	for keys := range slices.Chunk(slices.Sorted(maps.Keys(tags)), maxTags) {
		some := make([]*tag.Tag, len(keys))
		for i, key := range keys {
			some[i] = &tag.Tag{TagKey: &key, TagValue: common.StringPtr(tags[key])}
		}
		refused, err := together(ids, maxTagged, func(ids []string, failed map[string]error) error {
			return c.tagTogether(ctx, region, account, ids, some, failed)
		})
		if failed == nil {
			failed = refused
		}
		maps.Copy(failed, refused)
		if err != nil {
			return failed, err
		}
	}
	return failed, nil
}

// together carries out an idempotent change of snapshots, most at a time. failed has
// the refused ones. If a request for several is refused, each is asked for by
// itself.
func together(ids []string, most int, do func(ids []string, failed map[string]error) error) (failed map[string]error, err error) {
	failed = map[string]error{}
	inRow := 0
	for ids := range slices.Chunk(unique(ids), most) {
		err := do(ids, failed)
		switch e := (*Error)(nil); {
		case err == nil:
			inRow = 0
			continue
		case errors.As(err, &e) && (e.Meaning() == cloud.StopRun || e.Meaning() == cloud.OutOfTime):
			return failed, err
		case len(ids) == 1:
			failed[ids[0]] = err
			continue
		}
		alone, general := map[string]error{}, 0
		for _, id := range ids {
			if one := do([]string{id}, alone); one != nil {
				alone[id] = one
				if isGeneral(one) {
					general++
				}
			}
		}
		if general == len(ids) {
			return failed, err
		}
		maps.Copy(failed, alone)
		if inRow += len(ids); len(alone) < len(ids) {
			inRow = 0
		}
		if inRow >= manyRefused {
			return failed, err
		}
	}
	return failed, nil
}

// isGeneral reports whether an error is probably not about a single snapshot.
func isGeneral(err error) bool {
	e := (*Error)(nil)
	return errors.As(err, &e) && slices.Contains([]cloud.Meaning{cloud.Denied, cloud.StopRun, cloud.OutOfTime, cloud.Later, cloud.MayHaveHappened}, e.Meaning())
}

// tagTogether tags at most maxTagged snapshots with one request, and notes in
// failed what a successful answer refused.
func (c *Cloud) tagTogether(ctx context.Context, region, account string, ids []string, tags []*tag.Tag, failed map[string]error) error {
	key := *tags[0].TagKey
	if len(tags) > 1 {
		key = fmt.Sprintf("%d tags", len(tags))
	}
	t := call{op: fmt.Sprintf("tag %d snapshots with %s", len(ids), key), region: region}
	if len(ids) == 1 {
		t.op = fmt.Sprintf("tag %s with %s", ids[0], key)
	}
	a, err := do[tagAnswer](ctx, c, t, func() tchttp.Request {
		r := tag.NewTagResourcesRequest()
		for _, id := range ids {
			r.ResourceList = append(r.ResourceList, common.StringPtr(resource(region, account, id)))
		}
		r.Tags = tags
		return r
	})
	if err != nil {
		return err
	}
	c.noteFailed(failed, t, key, ids, a)
	return nil
}

// resource is the tag service's name of a snapshot. With the prefix cbs instead of
// cvm the service reports success and does nothing.
func resource(region, account, id string) string {
	return fmt.Sprintf("qcs::cvm:%s:uin/%s:snapshot/%s", region, account, id)
}

type tagAnswer struct {
	FailedResources []struct{ Resource, Code, Message string }
	RequestId       string
}

// noteFailed notes what TagResources refused in a successful answer. If the answer
// names another resource than the requested ones, all of them count as refused.
func (c *Cloud) noteFailed(failed map[string]error, t call, key string, ids []string, a *tagAnswer) {
	for _, f := range a.FailedResources {
		meant := ids
		if id := f.Resource[strings.LastIndexByte(f.Resource, '/')+1:]; slices.Contains(ids, id) {
			meant = []string{id}
		}
		for _, id := range meant {
			t.op = fmt.Sprintf("tag %s with %s", id, key)
			e := t.err()
			e.Code, e.Message, e.permissions = c.clean(f.Code, maxCode), c.clean(f.Message, maxMessage), c.o.Permissions
			e.RequestID = c.clean(a.RequestId, maxRequestID)
			failed[id] = e
		}
	}
}

// SharedWith returns the accounts that a snapshot is shared with.
func (c *Cloud) SharedWith(ctx context.Context, region, id string) ([]string, error) {
	t := call{op: "read the shares of " + id, region: region}
	a, err := do[shares](ctx, c, t, func() tchttp.Request {
		r := cbs.NewDescribeSnapshotSharePermissionRequest()
		r.SnapshotId = &id
		return r
	})
	if err != nil {
		return nil, err
	}
	accounts := make([]string, len(a.SharePermissionSet))
	for i, s := range a.SharePermissionSet {
		accounts[i] = s.AccountId
	}
	return accounts, nil
}

type shares struct{ SharePermissionSet []struct{ AccountId string } }

// Share shares snapshots with accounts, at most 50. It is idempotent. failed has the
// snapshots that the service refused to share, as Tag does.
func (c *Cloud) Share(ctx context.Context, region string, ids, accounts []string) (failed map[string]error, err error) {
	return together(ids, maxShared, func(ids []string, _ map[string]error) error {
		return c.setShares(ctx, call{op: "share " + strings.Join(ids, ", "), region: region}, ids, accounts, "SHARE")
	})
}

// Unshare ends the shares of snapshots with accounts, at most 50. The service does
// not delete shared snapshots.
func (c *Cloud) Unshare(ctx context.Context, region string, ids, accounts []string) error {
	if len(ids) == 0 || len(accounts) == 0 {
		return nil
	}
	return c.setShares(ctx, call{op: "end the shares of " + strings.Join(ids, ", "), region: region, once: true}, ids, accounts, "CANCEL")
}

func (c *Cloud) setShares(ctx context.Context, t call, ids, accounts []string, permission string) error {
	_, err := do[empty](ctx, c, t, func() tchttp.Request {
		r := cbs.NewModifySnapshotsSharePermissionRequest()
		r.SnapshotIds, r.AccountIds, r.Permission = common.StringPtrs(ids), common.StringPtrs(accounts), &permission
		return r
	})
	return err
}
