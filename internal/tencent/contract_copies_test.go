package tencent_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// copyFacts are about asking for copies.
var copyFacts = []fact{
	{name: "a copy is answered with a row for its region and the replica's id", cite: "§1 CopySnapshotCrossRegions DOC", reach: writes, check: func(t *testing.T, c *contract) {
		rows, code := c.copyTo(t, c.runName, c.target)
		if code != "" || len(rows) != 1 || rows[0]["DestinationRegion"] != c.target || rows[0]["Code"] != "Success" {
			t.Fatalf("got %q, %v", code, rows)
		}
		if id, _ := rows[0]["SnapshotId"].(string); !strings.HasPrefix(id, "snap-") {
			t.Errorf("got replica %q", id)
		}
	}},
	{name: "an answer of success holds what went wrong in single regions", cite: "§1 CopySnapshotCrossRegions DOC", reach: simulated, check: func(t *testing.T, c *contract) {
		c.world.SetQuota(bj, 0)
		rows, code := c.copyTo(t, name, bj, sh)
		if code != "" || len(rows) != 2 || rows[0]["Code"] != "InsufficientSnapshotQuota" || rows[1]["Code"] != "Success" {
			t.Errorf("got %q, %v", code, rows)
		}
	}},
	{name: "an empty region has room for 64 snapshots", cite: "§1 Quota DOC", reach: simulated, check: func(t *testing.T, c *contract) {
		fill(c.world, c.target, 63)
		for _, want := range []string{"Success", "InsufficientSnapshotQuota"} {
			rows, code := c.copyTo(t, name, c.target)
			if code != "" || rows[0]["Code"] != want {
				t.Errorf("got %q, %v, want %s", code, rows, want)
			}
			c.snapshot = c.world.Snapshots(c.source)[0].ID
		}
	}},
	{name: "the same copy again is a conflict while the first is under way", cite: "§1 CopySnapshotCrossRegions DOC", reach: writes, check: func(t *testing.T, c *contract) {
		c.begin(t)
		wantMeaning(t, copyOne(t.Context(), c.cloud, c.order(c.runName, c.target)), cloud.AlreadyUnderWay)
	}},
	{
		name: "the same copy again, once the first has ended, makes a second replica", cite: "§1 CopySnapshotCrossRegions DOC", reach: writes,
		provokes: "second-copy",
		check: func(t *testing.T, c *contract) {
			first := c.finished(t)
			if second := c.begin(t); second == first {
				t.Errorf("%s stands for both", first)
			}
		},
	},
	{name: "a name of 60 bytes is taken and one of 61 refused", cite: "§1 ModifySnapshotAttribute DOC", reach: writes, check: func(t *testing.T, c *contract) {
		long := c.runName + strings.Repeat("x", plan.MaxName-len(c.runName))
		if _, code := c.copyTo(t, long+"y", c.target); !strings.HasPrefix(code, "Invalid") {
			t.Errorf("61 bytes: got code %q", code)
		}
		c.rest(t)
		if rows, code := c.copyTo(t, long, c.target); code != "" || len(rows) != 1 || rows[0]["Code"] != "Success" {
			t.Errorf("60 bytes: got code %q, %v", code, rows)
		}
	}},
	{name: "an unknown source is refused as not found", cite: "§1 CopySnapshotCrossRegions DOC", reach: writes, check: func(t *testing.T, c *contract) {
		r := c.order(c.runName, c.target)
		r.Source = "snap-aaaaaaaa"
		wantMeaning(t, copyOne(t.Context(), c.cloud, r), cloud.Gone)
	}},
	{name: "a source stays NORMAL while it is copied, and says where to", cite: "§1 Snapshot DOC", reach: writes, check: func(t *testing.T, c *contract) {
		c.begin(t)
		seen, err := c.cloud.SnapshotsByID(t.Context(), c.source, []string{c.snapshot})
		noError(t, err)
		if len(seen) != 1 || seen[0].State != cloud.Normal || !slices.Contains(seen[0].CopyingTo, c.target) {
			t.Errorf("got %+v", seen)
		}
	}},
	{name: "a source can't be deleted while it is copied", cite: "§1 CopySnapshotCrossRegions DOC", reach: simulated, provokes: "delete-original", check: func(t *testing.T, c *contract) {
		c.begin(t)
		c.refused(t, "ResourceBusy", "cbs", "DeleteSnapshots", c.source, params{"SnapshotIds": []string{c.snapshot}})
	}},
	{name: "an encrypted snapshot is never copied", cite: "§1 CopySnapshotCrossRegions DOC", reach: simulated, check: func(t *testing.T, c *contract) {
		c.snapshot = c.world.AddSnapshot(sim.Snapshot{Encrypted: true})
		wantMeaning(t, copyOne(t.Context(), c.cloud, c.order(name, c.target)), cloud.NeverThis)
	}},
	{name: "finance regions copy only among themselves", cite: "§1 CopySnapshotCrossRegions DOC", reach: simulated, check: func(t *testing.T, c *contract) {
		wantMeaning(t, copyOne(t.Context(), c.cloud, c.order(name, "ap-shanghai-fsi")), cloud.NeverThis)
	}},
}

// replicaFacts are about what a copy becomes.
var replicaFacts = []fact{
	{name: "a copy is COPYING_FROM_REMOTE, then CHECKING_COPIED, then NORMAL", cite: "§1 Snapshot DOC", reach: writes, check: func(t *testing.T, c *contract) {
		states := c.arrive(t, c.begin(t))
		want := []string{"COPYING_FROM_REMOTE", "CHECKING_COPIED", "NORMAL"}
		if c.world == nil { // a real one may pass between two reads
			want = slices.DeleteFunc(want, func(s string) bool { return !slices.Contains(states, s) })
		}
		if !slices.Equal(states, want) {
			t.Errorf("got %v, want %v", states, want)
		}
	}},
	{name: "a replica has its name from the call that made it", cite: "§1 CopySnapshotCrossRegions DOC", reach: writes, check: func(t *testing.T, c *contract) {
		id := c.begin(t)
		for end := time.Now().Add(c.patience); c.row(t, c.target, id) == nil && time.Now().Before(end); {
			time.Sleep(c.pause) // a fresh one may be absent for a while
		}
		if row := c.row(t, c.target, id); row["SnapshotName"] != c.runName {
			t.Errorf("got %v", row)
		}
		found, err := c.cloud.SnapshotsByName(t.Context(), c.target, []string{c.runName})
		noError(t, err)
		if !slices.Contains(idsOf(found), id) {
			t.Errorf("%s is not found by its name: %v", id, found)
		}
	}},
	{name: "a finished replica shows no disk, no tags and no end, and that it is a copy", cite: "§1 Snapshot REC", reach: writes, check: func(t *testing.T, c *contract) {
		row := c.row(t, c.target, c.finished(t))
		if tags, _ := row["Tags"].([]any); row["DiskId"] != "" || len(tags) > 0 || row["IsPermanent"] != true || row["DeadlineTime"] != "" || row["CopyFromRemote"] != true {
			t.Errorf("got %v", row)
		}
	}},
	{name: "a finished replica has its source's size and encryption, and is whole", cite: "§1 Snapshot REC", reach: writes, check: func(t *testing.T, c *contract) {
		replica, source := c.row(t, c.target, c.finished(t)), c.row(t, c.source, c.snapshot)
		if replica["DiskSize"] != source["DiskSize"] || replica["Encrypt"] != source["Encrypt"] || replica["Percent"] != 100.0 {
			t.Errorf("got %v, of the source %v", replica, source)
		}
	}},
	{name: "a source says no more of a copy that has ended", cite: "§1 Snapshot DOC", reach: writes, check: func(t *testing.T, c *contract) {
		c.arrive(t, c.begin(t))
		if to, _ := c.row(t, c.source, c.snapshot)["CopyingToRegions"].([]any); slices.Contains(to, any(c.target)) {
			t.Errorf("got %v", to)
		}
	}},
}
