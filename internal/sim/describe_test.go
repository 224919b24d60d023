package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	cbs "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cbs/v20170312"

	"snapferry/internal/sim"
)

// noon is when the snapshots of these tests begin.
var noon = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

func TestTheNewestComeFirstUnlessAskedOtherwise(t *testing.T) {
	c := newCloud(sim.Options{})
	older, newer := c.AddSnapshot(sim.Snapshot{Created: noon}), c.AddSnapshot(sim.Snapshot{Created: noon.Add(time.Minute)})
	res, err := client(t, c, gz).DescribeSnapshots(cbs.NewDescribeSnapshotsRequest())
	noError(t, err)
	want(t, "ids", idsOf(res.Response.SnapshotSet), newer+" "+older)
	want(t, "oldest first", idsOf(mustList(t, client(t, c, gz)).SnapshotSet), older+" "+newer)
}

func TestFilters(t *testing.T) {
	c := newCloud(sim.Options{Rate: -1})
	disk := c.AddDisk(sim.Disk{Usage: "SYSTEM_DISK", Zone: gz + "-3"})
	add := func(s sim.Snapshot, n int) string {
		s.Created = noon.Add(time.Duration(n) * time.Hour)
		return c.AddSnapshot(s)
	}
	plain := add(sim.Snapshot{Name: "plain"}, 0)
	system := add(sim.Snapshot{Name: "system", Disk: disk}, 1)
	secret := add(sim.Snapshot{Name: "plain", Encrypted: true}, 2)
	shared := add(sim.Snapshot{Name: "plainer", Type: "SHARED_SNAPSHOT", State: "TORECYCLE"}, 3)
	k := client(t, c, gz)
	cases := []struct{ filters, want string }{
		{"snapshot-id " + plain + ",snap-00000000", plain},
		{"snapshot-name plain", plain + " " + secret},
		{"snapshot-name plain,system,plain", plain + " " + system + " " + secret},
		{"snapshot-name plain encrypt TRUE", secret},
		{"snapshot-state NORMAL", plain + " " + system + " " + secret},
		{"snapshot-state TORECYCLE", shared},
		{"disk-usage SYSTEM_DISK", system},
		{"disk-id " + disk, system},
		{"snapshot-type SHARED_SNAPSHOT", shared},
		{"zone " + gz + "-3", system},
		{"project-id 0 encrypt FALSE", plain + " " + system + " " + shared},
		{"project-id 7", ""},
	}
	for _, tc := range cases {
		t.Run(tc.filters, func(t *testing.T) {
			res := mustList(t, k, strings.Fields(tc.filters)...)
			want(t, "ids", idsOf(res.SnapshotSet), tc.want)
			want(t, "TotalCount", int(*res.TotalCount), len(strings.Fields(tc.want)))
		})
	}
}

func TestListingRefusals(t *testing.T) {
	many := `"snap-a1"` + strings.Repeat(`,"snap-a1"`, 100)
	cases := []struct{ params, want string }{
		{`{"Limit":0}`, "InvalidParameterValue"},
		{`{"Limit":"20"}`, "InvalidParameter"},
		{`{"Offset":-1}`, "InvalidParameter"},
		{`{"limit":20}`, "UnknownParameter"},
		{`{"Nonsense":1}`, "UnknownParameter"},
		{`{"Order":"UP"}`, "InvalidParameterValue"},
		{`{"OrderField":"SIZE"}`, "InvalidParameterValue"},
		{`{"SnapshotIds":"snap-a1"}`, "InvalidParameter"},
		{`{"SnapshotIds":["snap-A!"]}`, "InvalidParameterValue"},
		{`{"SnapshotIds":["disk-a1"]}`, "InvalidParameterValue"},
		{`{"SnapshotIds":["snap-a1","snap-unknown1"]}`, ""},
		{`{"SnapshotIds":[` + many + `]}`, "InvalidParameterValue.LimitExceeded"},
		{`{"Filters":[{"Name":"zone"}]}`, "InvalidFilter"},
		{`{"Filters":[{"Name":"zone","Value":["z"]}]}`, "UnknownParameter"},
		{`{"Filters":[{"Name":"snapshot-state","Values":["DONE"]}]}`, "InvalidParameterValue"},
		{`{"Filters":[{"Name":"snapshot-id","Values":["x"]}]}`, "InvalidParameterValue"},
		{`[]`, "InvalidParameter"},
		{``, ""},
		{`{"Limit":null}`, ""},
	}
	for _, tc := range cases {
		t.Run(fmt.Sprintf("%.60s", tc.params), func(t *testing.T) {
			c := newCloud(sim.Options{})
			a := ask{action: "DescribeSnapshots", region: gz, params: tc.params}
			want(t, "code", a.code(t, c), tc.want)
			want(t, "complaints", kinds(c), "")
		})
	}
}

func TestRowsShowWhatIsThere(t *testing.T) {
	c := newCloud(sim.Options{})
	id := c.AddSnapshot(sim.Snapshot{
		Name: `odd "name" \ über`, Disk: "disk-a1", SizeGiB: 70, Policy: "asp-1", Locked: true, Images: 2,
		SharedWith: []string{"1", "2"}, Created: noon, Deadline: noon.AddDate(99, 0, 0), Tags: map[string]string{"b": "2", "a": "1"},
	})
	res := mustList(t, client(t, c, gz), "snapshot-id", id)
	s := res.SnapshotSet[0]
	want(t, "name", *s.SnapshotName, `odd "name" \ über`)
	want(t, "UTC+8", *s.CreateTime, "2026-11-23 12:00:00")
	want(t, "deadline", *s.DeadlineTime, "2125-11-23 12:00:00")
	want(t, "permanent", *s.IsPermanent, false)
	want(t, "shares", *s.ShareReference, 2)
	want(t, "images", len(s.Images), int(*s.ImageCount))
	want(t, "first tag", *s.Tags[0].Key, "a")
	raw := ask{action: "DescribeSnapshots", region: gz, params: "{}"}.send(t, c)
	row := raw["SnapshotSet"].([]any)[0].(map[string]any)
	want(t, "locked", row["IsLocked"], any(true))
	want(t, "policy", row["AutoSnapshotPolicyId"], any("asp-1"))
	for _, field := range []string{"LatestModifyTime", "SnapshotMode"} {
		if _, ok := row[field]; !ok {
			t.Errorf("no %s", field)
		}
	}
}

func TestExpiredSnapshotsGoByThemselves(t *testing.T) {
	bubble(t, sim.Options{}, func(t *testing.T, c *sim.Cloud) {
		c.AddSnapshot(sim.Snapshot{Deadline: time.Now().Add(time.Hour)})
		c.AddSnapshot(sim.Snapshot{Deadline: time.Now().Add(2 * time.Hour)})
		c.AddSnapshot(sim.Snapshot{})
		for n := 3; n > 0; n-- {
			want(t, "left", len(c.Snapshots(gz)), n)
			if n > 1 {
				time.Sleep(time.Hour)
			}
		}
		time.Sleep(1000 * time.Hour)
		want(t, "left", len(c.Snapshots("")), 1)
	})
}
