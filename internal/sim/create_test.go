package sim_test

import (
	"strings"
	"testing"
	"time"

	cbs "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cbs/v20170312"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"

	"snapferry/internal/sim"
)

func TestCreateSnapshotTakesItsTime(t *testing.T) {
	bubble(t, sim.Options{CreateTime: time.Minute}, func(t *testing.T, c *sim.Cloud) {
		disk := c.AddDisk(sim.Disk{SizeGiB: 80, Encrypted: true, Zone: gz + "-4"})
		k := client(t, c, gz)
		r := cbs.NewCreateSnapshotRequest()
		r.DiskId = &disk
		r.SnapshotName = common.StringPtr("daily")
		r.Deadline = common.StringPtr(time.Now().Add(48 * time.Hour).Format(time.RFC3339))
		r.Tags = []*cbs.Tag{{Key: common.StringPtr("a"), Value: common.StringPtr("b")}}
		res, err := k.CreateSnapshot(r)
		noError(t, err)
		id := *res.Response.SnapshotId
		time.Sleep(30 * time.Second)
		s, _ := c.Snapshot(gz, id)
		want(t, "state", s.State, "CREATING")
		want(t, "percent", s.Percent, 50)
		time.Sleep(30 * time.Second)
		s, _ = c.Snapshot(gz, id)
		want(t, "state", s.State, "NORMAL")
		want(t, "as its disk", s.Disk == disk && s.SizeGiB == 80 && s.Encrypted && s.Zone == gz+"-4" && s.Tags["a"] == "b", true)
		time.Sleep(48 * time.Hour)
		want(t, "expired", len(c.Snapshots(gz)), 0)
	})
}

func TestCreateSnapshotWithoutARequest(t *testing.T) {
	bubble(t, sim.Options{}, func(t *testing.T, c *sim.Cloud) {
		disk := c.AddDisk(sim.Disk{SizeGiB: 80})
		id, err := c.CreateSnapshot(gz, disk, "daily")
		s, _ := c.Snapshot(gz, id)
		want(t, "made", err == nil && s.State == "CREATING" && s.Disk == disk && s.Name == "daily" && s.SizeGiB == 80, true)
		time.Sleep(time.Minute)
		s, _ = c.Snapshot(gz, id)
		want(t, "state", s.State, "NORMAL")
		want(t, "requests", c.Count(""), 0)
		_, err = c.CreateSnapshot(gz, "disk-00000000", "")
		want(t, "no disk", err != nil && strings.HasPrefix(err.Error(), "InvalidDiskId.NotFound: "), true)
	})
}

func TestCreateSnapshotRefusals(t *testing.T) {
	c := newCloud(sim.Options{Rate: -1})
	disk := c.AddDisk(sim.Disk{})
	cases := []struct{ params, want string }{
		{`{}`, "MissingParameter"},
		{`{"DiskId":"disk-00000000"}`, "InvalidDiskId.NotFound"},
		{`{"DiskId":"vol-1"}`, "InvalidParameterValue"},
		{`{"DiskId":"` + disk + `","SnapshotName":"` + strings.Repeat("x", 61) + `"}`, "InvalidParameterValue"},
		{`{"DiskId":"` + disk + `","Deadline":"2020-01-01 00:00:00"}`, "InvalidParameterValue"},
		{`{"DiskId":"` + disk + `","Deadline":"2020-01-01T00:00:00+00:00"}`, "InvalidParameterValue"},
		{`{"DiskId":"` + disk + `","DiskUsage":"DISK"}`, "InvalidParameterValue"},
		{`{"DiskId":"` + disk + `","DiskBackupId":"dbp-1"}`, "UnsupportedOperation"},
		{`{"DiskId":"` + disk + `","Tags":[{"TagKey":"a"}]}`, "UnknownParameter"},
		{`{"DiskId":"` + disk + `","Tags":[{"Key":"qcs:a","Value":"b"}]}`, "InvalidParameterValue.ReservedTagKey"},
	}
	for _, tc := range cases {
		want(t, tc.params, ask{action: "CreateSnapshot", region: gz, params: tc.params}.code(t, c), tc.want)
	}
	c.SetQuota(gz, 0)
	a := ask{action: "CreateSnapshot", region: gz, params: `{"DiskId":"` + disk + `"}`}
	want(t, "full", a.code(t, c), "InsufficientSnapshotQuota")
}

func TestQuotaGrowsWithDisks(t *testing.T) {
	c := newCloud(sim.Options{Rate: -1})
	id := c.AddSnapshot(sim.Snapshot{})
	for range 64 {
		c.AddSnapshot(sim.Snapshot{Region: sh})
	}
	rows := mustCopy(t, client(t, c, gz), id, "n", sh)
	want(t, "64 without disks", *rows[0].Code, "InsufficientSnapshotQuota")
	c.AddDisk(sim.Disk{Region: sh})
	rows = mustCopy(t, client(t, c, gz), id, "n", sh)
	want(t, "64 more with one", *rows[0].Code, "Success")
}

func TestSnapshotGroups(t *testing.T) {
	bubble(t, sim.Options{}, func(t *testing.T, c *sim.Cloud) {
		a, b := c.AddDisk(sim.Disk{Usage: "SYSTEM_DISK"}), c.AddDisk(sim.Disk{})
		k := client(t, c, gz)
		r := cbs.NewCreateSnapshotGroupRequest()
		r.DiskIds, r.SnapshotGroupName = []*string{&a, &b}, common.StringPtr("night")
		made, err := k.CreateSnapshotGroup(r)
		noError(t, err)
		want(t, "member's name", c.Snapshots(gz)[1].Name, "night_1")
		look := func(pairs ...string) *cbs.DescribeSnapshotGroupsResponseParams {
			t.Helper()
			r := cbs.NewDescribeSnapshotGroupsRequest()
			r.Filters = filters(pairs...)
			res, err := k.DescribeSnapshotGroups(r)
			noError(t, err)
			return res.Response
		}
		want(t, "state", *look().SnapshotGroupSet[0].SnapshotGroupState, "CREATING")
		time.Sleep(time.Minute)
		g := look("snapshot-group-id", *made.Response.SnapshotGroupId).SnapshotGroupSet[0]
		want(t, "state", *g.SnapshotGroupState, "NORMAL")
		want(t, "root", *g.ContainRootSnapshot, true)
		want(t, "members", len(g.SnapshotIdSet), 2)
		want(t, "by member", *look("snapshot-id", *g.SnapshotIdSet[1]).TotalCount, 1)
		want(t, "by other name", *look("snapshot-group-name", "day").TotalCount, 0)
		for _, s := range c.Snapshots(gz) {
			c.RemoveSnapshot(gz, s.ID)
		}
		want(t, "gone with its snapshots", *look().TotalCount, 0)
	})
}

func TestModifySnapshotAttribute(t *testing.T) {
	bubble(t, sim.Options{Rate: -1}, func(t *testing.T, c *sim.Cloud) {
		id := c.AddSnapshot(sim.Snapshot{Name: "old"})
		modify := func(params string) string {
			t.Helper()
			return ask{action: "ModifySnapshotAttribute", region: gz, params: `{"SnapshotId":"` + id + `"` + params + `}`}.code(t, c)
		}
		want(t, "nothing to do", modify(``), "MissingParameter")
		want(t, "no deadline", modify(`,"IsPermanent":false`), "MissingParameter")
		want(t, "renamed", modify(`,"SnapshotName":"new"`), "")
		for name, n := range map[string]uint64{"old": 0, "new": 1} {
			res := mustList(t, client(t, c, gz), "snapshot-name", name)
			want(t, name, *res.TotalCount, n)
		}
		later := time.Now().Add(25 * time.Hour)
		want(t, "deadline", modify(`,"IsPermanent":false,"Deadline":"`+later.Format(time.RFC3339)+`"`), "")
		s, _ := c.Snapshot(gz, id)
		want(t, "deadline kept", s.Deadline.Equal(later.Truncate(time.Second)), true)
		want(t, "permanent again", modify(`,"IsPermanent":true`), "")
		time.Sleep(100 * time.Hour)
		want(t, "still there", len(c.Snapshots(gz)), 1)
		id = "snap-00000000"
		want(t, "not found", modify(`,"SnapshotName":"new"`), "InvalidSnapshotId.NotFound")
	})
}

func TestSharing(t *testing.T) {
	c := newCloud(sim.Options{Rate: -1})
	id := c.AddSnapshot(sim.Snapshot{CopyFromRemote: true})
	system := c.AddSnapshot(sim.Snapshot{Usage: "SYSTEM_DISK"})
	share := func(id, permission string, accounts ...string) string {
		t.Helper()
		params := `{"SnapshotIds":["` + id + `"],"Permission":"` + permission + `","AccountIds":["` + strings.Join(accounts, `","`) + `"]}`
		return ask{action: "ModifySnapshotsSharePermission", region: gz, params: params}.code(t, c)
	}
	want(t, "system disk", share(system, "SHARE", "1"), "InvalidSnapshot.NotSupported")
	want(t, "own account", share(id, "SHARE", c.Account()), "InvalidParameterValue")
	want(t, "no account", share(id, "SHARE", "x"), "InvalidParameterValue")
	want(t, "no permission", share(id, "GIVE", "1"), "InvalidParameterValue")
	want(t, "too many", share(id, "SHARE", strings.Split(strings.Repeat("1,", 50)+"1", ",")...), "InvalidParameterValue.LimitExceeded")
	want(t, "shared", share(id, "SHARE", "1", "2", "1"), "")
	s, _ := c.Snapshot(gz, id)
	want(t, "accounts", strings.Join(s.SharedWith, " "), "1 2")
	want(t, "cancelled", share(id, "CANCEL", "1", "2", "3"), "")
}
