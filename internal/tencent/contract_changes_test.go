package tencent_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// deleteFacts are about deleting, renaming and sharing replicas.
var deleteFacts = []fact{
	{name: "a deleted replica is gone, and deleting it again says NotFound", cite: "§1 DeleteSnapshots DOC", reach: writes, check: func(t *testing.T, c *contract) {
		id := c.finished(t)
		noError(t, c.cloud.Delete(t.Context(), c.target, id, cloud.While{}))
		for end := time.Now().Add(c.patience); c.row(t, c.target, id) != nil; time.Sleep(c.pause) {
			if time.Now().After(end) {
				t.Fatalf("%s is still there after %s", id, c.patience)
			}
		}
		c.refused(t, "InvalidSnapshotId.NotFound", "cbs", "DeleteSnapshots", c.target, params{"SnapshotIds": []string{id}})
		noError(t, c.cloud.Delete(t.Context(), c.target, id, cloud.While{}))
	}},
	{name: "a batch of deletions is all or nothing", cite: "§1 DeleteSnapshots DOC", reach: writes, check: func(t *testing.T, c *contract) {
		id := c.finished(t)
		c.refused(t, "InvalidSnapshotId.NotFound", "cbs", "DeleteSnapshots", c.target, params{"SnapshotIds": []string{id, "snap-aaaaaaaa"}})
		if c.row(t, c.target, id) == nil {
			t.Errorf("%s is gone", id)
		}
	}},
	{name: "a shared snapshot can't be deleted until its shares are withdrawn", cite: "§1 DeleteSnapshots DOC", reach: simulated, check: func(t *testing.T, c *contract) {
		id := c.finished(t)
		share := params{"SnapshotIds": []string{id}, "AccountIds": []string{"100000000002"}, "Permission": "SHARE"}
		if _, code := c.ask(t, "cbs", "ModifySnapshotsSharePermission", c.target, share); code != "" {
			t.Fatalf("share: %s", code)
		}
		c.refused(t, "UnsupportedOperation.SnapHasShared", "cbs", "DeleteSnapshots", c.target, params{"SnapshotIds": []string{id}})
		noError(t, c.cloud.Unshare(t.Context(), c.target, []string{id}, []string{"100000000002"}))
		noError(t, c.cloud.Delete(t.Context(), c.target, id, cloud.While{}))
	}},
	{name: "a snapshot that images need can't be deleted", cite: "§1 DeleteSnapshots DOC", reach: simulated, check: func(t *testing.T, c *contract) {
		id := c.world.AddSnapshot(sim.Snapshot{Region: c.target, CopyFromRemote: true, Images: 1})
		c.refused(t, "UnsupportedOperation.SnapshotHasBindedImage", "cbs", "DeleteSnapshots", c.target, params{"SnapshotIds": []string{id}})
	}},
	{name: "a new name of 61 bytes is refused", cite: "§1 ModifySnapshotAttribute DOC", reach: writes, check: func(t *testing.T, c *contract) {
		c.refused(t, "Invalid", "cbs", "ModifySnapshotAttribute", c.target,
			params{"SnapshotId": c.finished(t), "SnapshotName": c.runName + strings.Repeat("x", 61-len(c.runName))})
	}},
	{name: "a deadline is at least a day ahead", cite: "§1 ModifySnapshotAttribute DOC", reach: writes, check: func(t *testing.T, c *contract) {
		soon := time.Now().UTC().Add(time.Hour).Format("2006-01-02T15:04:05+00:00")
		c.refused(t, "Invalid", "cbs", "ModifySnapshotAttribute", c.target, params{"SnapshotId": c.finished(t), "IsPermanent": false, "Deadline": soon})
	}},
}

// tagFacts are about the tag service.
var tagFacts = []fact{
	{name: "a replica takes a tag under qcs::cvm", cite: "§2 TagResources REC", reach: writes, check: func(t *testing.T, c *contract) {
		id := c.finished(t)
		failed, err := c.cloud.Tag(t.Context(), c.target, c.account(t), []string{id}, map[string]string{plan.StateTag: plan.StateVerified})
		noError(t, err)
		if len(failed) > 0 {
			t.Fatalf("got %v", failed)
		}
		c.wantTag(t, id, plan.StateTag, plan.StateVerified)
	}},
	{name: "a tag under qcs::cbs is taken without a word and does nothing", cite: "§2 TagResources REC", reach: writes, provokes: "tag-prefix", check: func(t *testing.T, c *contract) {
		id := c.finished(t)
		_, code := c.ask(t, "tag", "TagResources", c.target, c.tagging(t, id, "snapferry-contract", "x", "cbs"))
		if code != "" {
			t.Errorf("got code %q", code)
		}
		time.Sleep(c.pause)
		c.wantTag(t, id, "snapferry-contract", "")
	}},
	{name: "what can't be tagged is named in an answer of success", cite: "§2 TagResources DOC", reach: writes, check: func(t *testing.T, c *contract) {
		id := c.finished(t)
		failed, err := c.cloud.Tag(t.Context(), c.target, c.account(t), []string{id, "snap-aaaaaaaa"}, map[string]string{plan.StateTag: plan.StateVerified})
		noError(t, err)
		if len(failed) != 1 || failed["snap-aaaaaaaa"] == nil {
			t.Errorf("got %v", failed)
		}
	}},
	{name: "a call tags at most ten resources", cite: "§2 TagResources DOC", reach: writes, check: func(t *testing.T, c *contract) {
		p := c.tagging(t, "snap-aaaaaaaa", "snapferry-contract", "x", "cvm")
		var list []string
		for i := range 11 {
			list = append(list, strings.Replace(p["ResourceList"].([]string)[0], "aaaaaaaa", fmt.Sprintf("aaaaaaa%c", 'a'+i), 1))
		}
		p["ResourceList"] = list
		c.refused(t, "", "tag", "TagResources", c.target, p)
	}},
	{name: "an empty value and a reserved key are refused", cite: "§2 TagResources DOC", reach: writes, check: func(t *testing.T, c *contract) {
		id := c.finished(t)
		c.refused(t, "Invalid", "tag", "TagResources", c.target, c.tagging(t, id, "snapferry-contract", "", "cvm"))
		c.refused(t, "", "tag", "TagResources", c.target, c.tagging(t, id, "qcs:snapferry", "x", "cvm"))
	}},
	{name: "a tag key has at most a thousand values", cite: "§2 TagResources DOC", reach: simulated, check: func(t *testing.T, c *contract) {
		for i := range 1000 {
			c.world.AddSnapshot(sim.Snapshot{Region: c.target, CopyFromRemote: true, Tags: map[string]string{"k": fmt.Sprint(i)}})
		}
		id := c.world.Snapshots(c.target)[0].ID
		if _, code := c.ask(t, "tag", "TagResources", c.target, c.tagging(t, id, "k", "7", "cvm")); code != "" {
			t.Errorf("a value that is there: %s", code)
		}
		c.refused(t, "LimitExceeded", "tag", "TagResources", c.target, c.tagging(t, id, "k", "1000", "cvm"))
	}},
}

func (c *contract) account(t *testing.T) string {
	t.Helper()
	who, err := c.cloud.Identity(t.Context())
	noError(t, err)
	return who.Account
}

// tagging are the parameters that tag one snapshot in the target region.
func (c *contract) tagging(t *testing.T, id, key, value, prefix string) params {
	t.Helper()
	return params{
		"ResourceList": []string{fmt.Sprintf("qcs::%s:%s:uin/%s:snapshot/%s", prefix, c.target, c.account(t), id)},
		"Tags":         []params{{"TagKey": key, "TagValue": value}},
	}
}

// wantTag demands a tag on a replica, "" for none.
func (c *contract) wantTag(t *testing.T, id, key, want string) {
	t.Helper()
	seen, err := c.cloud.SnapshotsByID(t.Context(), c.target, []string{id})
	noError(t, err)
	if len(seen) != 1 || seen[0].Tags[key] != want {
		t.Errorf("got %+v, want %s %q", seen, key, want)
	}
}
