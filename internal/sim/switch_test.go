package sim_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"snapferry/internal/sim"
)

// A habit is a quirk, and what a client sees without and with it.
type habit struct {
	name    string
	quirks  sim.Quirks
	see     func(t *testing.T, c *sim.Cloud) string
	off, on string
}

var habits = []habit{
	{"the recycle bin", sim.Quirks{RecycleTime: time.Hour, DeleteLag: time.Second}, func(t *testing.T, c *sim.Cloud) string {
		id := c.AddSnapshot(sim.Snapshot{CopyFromRemote: true})
		noError(t, remove(client(t, c, gz), id, id))
		first := shown(t, c, "SnapshotState") + code(remove(client(t, c, gz), id))
		time.Sleep(time.Hour)
		return first + ", " + shown(t, c, "SnapshotState")
	}, "[]InvalidSnapshotId.NotFound, []", "[TORECYCLE]UnsupportedOperation.StateError, []"},
	{"an unknown id refuses all", sim.Quirks{UnknownIDRefuses: true}, func(t *testing.T, c *sim.Cloud) string {
		snaps := fmt.Sprintf(`{"SnapshotIds":[%q,"snap-00000000"]}`, c.AddSnapshot(sim.Snapshot{}))
		disks := fmt.Sprintf(`{"DiskIds":[%q,"disk-00000000"]}`, c.AddDisk(sim.Disk{}))
		known := strings.Replace(disks, `,"disk-00000000"`, "", 1)
		var codes []string
		for _, a := range []ask{{action: "DescribeSnapshots", params: snaps}, {action: "DescribeDisks", params: disks}, {action: "DescribeDisks", params: known}} {
			a.region = gz
			codes = append(codes, a.code(t, c))
		}
		return strings.Join(codes, " ")
	}, "  ", "InvalidSnapshotId.NotFound InvalidDiskId.NotFound "},
	{"a replica's tags are never shown", sim.Quirks{TagsUnseen: true}, func(t *testing.T, c *sim.Cloud) string {
		source, replica := c.AddSnapshot(sim.Snapshot{}), c.AddSnapshot(sim.Snapshot{CopyFromRemote: true})
		failed, err := put(t, c, map[string]string{"a": "b"}, resource(c, gz, source), resource(c, gz, replica))
		truth, _ := c.Snapshot(gz, replica)
		return fmt.Sprint(failed, code(err), truth.Tags, shown(t, c, "Tags"))
	}, "map[a:b][[map[Key:a Value:b]] [map[Key:a Value:b]]]", "map[a:b][[map[Key:a Value:b]] []]"},
	{"only so many copies at once", sim.Quirks{CopiesAtOnce: 1}, func(t *testing.T, c *sim.Cloud) string {
		here, there := c.AddSnapshot(sim.Snapshot{}), c.AddSnapshot(sim.Snapshot{Region: "ap-seoul"})
		outOf := copied(t, c, gz, here, sh) + " " + copied(t, c, gz, here, bj)
		into := copied(t, c, "ap-seoul", there, sh) + " " + copied(t, c, "ap-seoul", there, bj)
		time.Sleep(time.Minute)
		return outOf + ", " + into + ", " + copied(t, c, gz, here, "ap-tokyo")
	}, "Success Success, Success Success, Success", "Success ResourceBusy, ResourceBusy Success, Success"},
	{"instant snapshots are refused", sim.Quirks{InstantRefused: true}, func(t *testing.T, c *sim.Cloud) string {
		a := ask{action: "CreateSnapshot", region: gz, params: `{"DiskId":"` + c.AddDisk(sim.Disk{}) + `","LocalSnap":true}`}
		id, _ := a.send(t, c)["SnapshotId"].(string)
		time.Sleep(time.Minute)
		c.AddSnapshot(sim.Snapshot{})
		return shown(t, c, "SnapshotMode") + copied(t, c, gz, id, sh)
	}, "[INSTANT_SNAPSHOT STANDARD_SNAPSHOT]Success", "[INSTANT_SNAPSHOT STANDARD_SNAPSHOT]UnsupportedOperation.SnapshotNotSupportCopy"},
	{"the size follows the disk", sim.Quirks{SizeFollows: true}, func(t *testing.T, c *sim.Cloud) string {
		disk := c.AddDisk(sim.Disk{SizeGiB: 50})
		c.AddSnapshot(sim.Snapshot{Disk: disk})
		c.ChangeDisk(gz, disk, func(d *sim.Disk) { d.SizeGiB = 80 })
		return shown(t, c, "DiskSize")
	}, "[50]", "[80]"},
	{"the disk's id goes with the disk", sim.Quirks{DiskIDGoes: true}, func(t *testing.T, c *sim.Cloud) string {
		disk := c.AddDisk(sim.Disk{State: "UNATTACHED", ID: "disk-x1", Tags: map[string]string{"a": "b"}})
		c.AddSnapshot(sim.Snapshot{Disk: disk})
		before := shown(t, c, "DiskId")
		want(t, "terminated", terminate(t, c, disk, ""), "")
		return before + fmt.Sprint(*mustList(t, client(t, c, gz), "disk-id", disk).TotalCount) + shown(t, c, "DiskId")
	}, "[disk-x1]1[disk-x1]", "[disk-x1]0[]"},
	{"local times", sim.Quirks{LocalTimes: sim.LocalZone{Region: gz, Hours: -5}}, func(t *testing.T, c *sim.Cloud) string {
		c.AddDisk(sim.Disk{Created: noon})
		c.AddSnapshot(sim.Snapshot{Region: sh, Created: noon})
		c.AddSnapshot(sim.Snapshot{Created: noon})
		disks := ask{action: "DescribeDisks", region: gz, params: "{}"}.send(t, c)["DiskSet"].([]any)
		return fmt.Sprint(shown(t, c, "CreateTime"), disks[0].(map[string]any)["CreateTime"], *mustList(t, client(t, c, sh)).SnapshotSet[0].CreateTime)
	}, "[2026-11-23 12:00:00]2026-11-23 12:00:002026-11-23 12:00:00", "[2026-11-22 23:00:00]2026-11-22 23:00:002026-11-23 12:00:00"},
}

// shown is one field of all snapshots in Guangzhou as a client sees them.
func shown(t *testing.T, c *sim.Cloud, field string) string {
	t.Helper()
	_, rows := page(t, c, "DescribeSnapshots", 0)
	values := []any{}
	for _, row := range rows {
		values = append(values, row[field])
	}
	return fmt.Sprint(values)
}

// page asks for three rows of a list in Guangzhou, oldest first.
func page(t *testing.T, c *sim.Cloud, action string, offset int) (total int, rows []map[string]any) {
	t.Helper()
	params := fmt.Sprintf(`{"Order":"ASC","Limit":3,"Offset":%d}`, offset)
	reply, err := json.Marshal(ask{action: action, region: gz, params: params}.send(t, c))
	noError(t, err)
	var got struct {
		TotalCount           int
		SnapshotSet, DiskSet []map[string]any
	}
	noError(t, json.Unmarshal(reply, &got))
	return got.TotalCount, append(got.SnapshotSet, got.DiskSet...)
}

// copied is what the copy of a snapshot to one region is answered with.
func copied(t *testing.T, c *sim.Cloud, from, id, to string) string {
	t.Helper()
	rows, err := startCopy(t, client(t, c, from), id, "n", to)
	if err != nil {
		return code(err)
	}
	return *rows[0].Code
}

func TestHabitsAreSwitchedOnAndOff(t *testing.T) {
	for _, h := range habits {
		t.Run(h.name, func(t *testing.T) {
			for _, tc := range []struct {
				when         string
				first, later sim.Quirks
				want         string
			}{
				{"never", sim.Quirks{}, sim.Quirks{}, h.off},
				{"always", h.quirks, h.quirks, h.on},
				{"switched on", sim.Quirks{}, h.quirks, h.on},
				{"switched off", h.quirks, sim.Quirks{}, h.off},
			} {
				bubble(t, sim.Options{Quirks: tc.first}, func(t *testing.T, c *sim.Cloud) {
					c.SetQuirks(func(q *sim.Quirks) { *q = tc.later })
					want(t, tc.when, h.see(t, c), tc.want)
				})
			}
		})
	}
}

func TestWhatOneAnswerTellsWrong(t *testing.T) {
	const all = "7 a1:50 b2:50 c3:50"
	cases := map[string]struct {
		list sim.ListFault
		want string // TotalCount, then the rows of the first page with their sizes
	}{
		"nothing":             {sim.ListFault{}, all},
		"more are counted":    {sim.ListFault{Add: 1}, "8 a1:50 b2:50 c3:50"},
		"fewer are counted":   {sim.ListFault{Add: -2}, "5 a1:50 b2:50 c3:50"},
		"none are counted":    {sim.ListFault{Add: -9}, "0 a1:50 b2:50 c3:50"},
		"as many as a limit":  {sim.ListFault{Most: 4}, "4 a1:50 b2:50 c3:50"},
		"a limit not reached": {sim.ListFault{Most: 100}, all},
		"an empty page":       {sim.ListFault{Absent: true}, "7"},
		"an empty list":       {sim.ListFault{Absent: true, Add: math.MinInt32}, "0"},
		"a row is missing":    {sim.ListFault{Absent: true, Only: "b2"}, "7 a1:50 c3:50"},
		"a field is left out": {sim.ListFault{Fields: `{"DiskSize":null}`}, "7 a1:<nil> b2:<nil> c3:<nil>"},
		"a field of one row":  {sim.ListFault{Fields: `{"DiskSize":0}`, Only: "c3"}, "7 a1:50 b2:50 c3:0"},
	}
	for name, tc := range cases {
		for action, field := range map[string]string{"DescribeSnapshots": "SnapshotId", "DescribeDisks": "DiskId"} {
			t.Run(action+" "+name, func(t *testing.T) {
				c := newCloud(sim.Options{Rate: -1})
				for i, id := range []string{"a1", "b2", "c3", "d4", "e5", "f6", "g7"} {
					at := noon.Add(time.Duration(i) * time.Second)
					c.AddSnapshot(sim.Snapshot{ID: "snap-" + id, Created: at})
					c.AddDisk(sim.Disk{ID: "disk-" + id, Created: at})
				}
				see := func() string {
					total, rows := page(t, c, action, 0)
					text := fmt.Sprint(total)
					for _, row := range rows {
						text += fmt.Sprint(" ", row[field].(string)[len("snap-"):], ":", row["DiskSize"])
					}
					return text
				}
				c.SetInject(func(sim.Call) sim.Fault { return sim.Fault{List: tc.list} })
				want(t, "told", see(), tc.want)
				c.SetInject(nil)
				want(t, "the next one", see(), all)
			})
		}
	}
}

func TestTiesComeInAnotherOrderOnEachPage(t *testing.T) {
	c := newCloud(sim.Options{Rate: -1})
	c.SetInject(func(sim.Call) sim.Fault { return sim.Fault{List: sim.ListFault{Ties: true}} })
	first := c.AddSnapshot(sim.Snapshot{Created: noon.Add(-time.Second)})
	for i := range 20 {
		c.AddSnapshot(sim.Snapshot{Created: noon.Add(time.Duration(i) * time.Millisecond)})
	}
	last := c.AddSnapshot(sim.Snapshot{Created: noon.Add(time.Second)})
	orders, seen := map[string]bool{}, map[string]bool{}
	for range 5 { // readings
		ids := strings.Fields(idsOf(mustList(t, client(t, c, gz)).SnapshotSet))
		want(t, "another second stays", ids[0]+" "+ids[21], first+" "+last)
		orders[strings.Join(ids, " ")] = true
		_, rows := page(t, c, "DescribeSnapshots", 9)
		for _, row := range rows {
			seen[row["SnapshotId"].(string)] = true
		}
	}
	if len(orders) < 5 || len(seen) <= 3 {
		t.Errorf("%d orders in five readings; %d rows seen on one page", len(orders), len(seen))
	}
}

// TestABadDestinationForAWhile: every call that names it fails as a whole, and
// then the hour is over.
func TestABadDestinationForAWhile(t *testing.T) {
	for _, f := range []sim.Fault{
		{Kind: sim.Refuse, Code: "InternalError.ComponentError"},
		{Kind: sim.Refuse, Code: "UnauthorizedOperation"},
		{Kind: sim.BadGateway},
		{Kind: sim.LoseCall},
	} {
		bubble(t, sim.Options{}, func(t *testing.T, c *sim.Cloud) {
			over := time.Now().Add(time.Hour)
			c.SetInject(func(call sim.Call) sim.Fault {
				if call.CopiesTo(bj) && time.Now().Before(over) {
					return f
				}
				return sim.Fault{}
			})
			id, k := c.AddSnapshot(sim.Snapshot{}), client(t, c, gz)
			_, err := startCopy(t, k, id, "n", sh, bj)
			want(t, "refused, nothing done", err != nil && len(c.Copies()) == 0, true)
			want(t, "the other alone", *mustCopy(t, k, id, "n", sh)[0].Code, "Success")
			time.Sleep(time.Hour)
			want(t, "an hour later", *mustCopy(t, k, id, "n", bj)[0].Code, "Success")
		})
	}
}

func TestPermissionsByRegion(t *testing.T) {
	c := newCloud(sim.Options{})
	c.AddKey(sim.Key{ID: testKey.ID, Secret: testKey.Secret, Deny: []string{"DescribeSnapshots in " + sh, "DescribeDisks"}})
	for where, exp := range map[string]string{gz: "", sh: "UnauthorizedOperation"} {
		want(t, where, ask{action: "DescribeSnapshots", region: where, params: "{}"}.code(t, c), exp)
		want(t, where, ask{action: "DescribeDisks", region: where, params: "{}"}.code(t, c), "UnauthorizedOperation")
	}
	c.AddKey(testKey)
	want(t, "given back", ask{action: "DescribeSnapshots", region: sh, params: "{}"}.code(t, c), "")
}

func TestCopiesTakeTheirOwnTime(t *testing.T) {
	o := sim.Options{CopyTime: time.Hour, CheckTime: time.Second, CopySpread: time.Hour}
	bubble(t, o, func(t *testing.T, c *sim.Cloud) {
		id := c.AddSnapshot(sim.Snapshot{})
		for _, to := range []string{sh, bj, "ap-seoul", "ap-tokyo", "ap-nanjing", "ap-chengdu"} {
			mustCopy(t, client(t, c, gz), id, "n", to)
		}
		arrived := func() (n int) {
			return len(slices.DeleteFunc(c.Snapshots(""), func(s sim.Snapshot) bool { return !s.CopyFromRemote || s.State != "NORMAL" }))
		}
		time.Sleep(time.Hour)
		want(t, "after the shortest time", arrived(), 0)
		time.Sleep(30 * time.Minute)
		some := arrived()
		want(t, "some, not all", some > 0 && some < 6, true)
		time.Sleep(31 * time.Minute)
		want(t, "after the longest time", arrived(), 6)
	})
}
