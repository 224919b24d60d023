package plan_test

import (
	"fmt"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

func TestWithoutAnyTagEveryDiskHasItsTurn(t *testing.T) {
	r := rulesKeeping(0)
	for _, c := range []struct{ disks, count, days int }{{1, 1, 2}, {7, 1, 14}, {7, 2, 8}, {20, 3, 14}, {3, 5, 2}} {
		o := observed{}
		for i := range c.disks {
			o.Snapshots = append(o.Snapshots, replica(fmt.Sprint("a", i), fmt.Sprint("disk-", i), gz, 2), replica(fmt.Sprint("b", i), fmt.Sprint("disk-", i), gz, 1))
		}
		drilled := map[string]bool{}
		for day := range c.days {
			due := plan.Drills(&r, o.pack(r), &plan.Order{}, c.count, t0.AddDate(0, 0, day))
			if len(due) != min(c.count, c.disks) {
				t.Errorf("%+v: %d are due", c, len(due))
			}
			for _, d := range due {
				if drilled[d.Disk] = true; d.Replica != "snap-rb"+d.Disk[len("disk-"):] {
					t.Errorf("%+v: not the newest: %s", c, d.Replica)
				}
			}
		}
		if len(drilled) != c.disks {
			t.Errorf("%+v: %d disks had their turn", c, len(drilled))
		}
	}
}

// One disk's drill fails every time, and the replicas of another soon vanish with their
// tags: neither keeps the others from their turns.
func TestNoDiskKeepsTheOthersFromTheirDrills(t *testing.T) {
	r := rulesKeeping(0)
	const disks = 6
	week, last, longest := map[string]string{}, map[string]int{}, 0
	for day := range 200 {
		o, now := observed{}, t0.AddDate(0, 0, day)
		for i := range disks {
			o.Snapshots = append(o.Snapshots, changed(replica(fmt.Sprint("b", i), fmt.Sprint("disk-", i), gz, 1), func(s *cloud.Snapshot) { s.Tags[plan.DrilledTag] = week[s.ID] }))
		}
		for _, d := range plan.Drills(&r, o.pack(r), &plan.Order{}, 1, now) {
			longest = max(longest, day-last[d.Disk])
			if last[d.Disk] = day; d.Disk != "disk-3" && d.Disk != "disk-4" {
				week[d.Replica] = plan.Week(now)
			}
		}
	}
	for i := range disks {
		longest = max(longest, 200-last[fmt.Sprint("disk-", i)])
	}
	if longest > 3*disks { // a turn may fall into a week in which it was drilled already
		t.Errorf("a disk waited for %d days: %v", longest, last)
	}
}

func TestTheLeastRecentlyDrilledComesFirstAndNoneTwiceAWeek(t *testing.T) {
	r := rulesKeeping(0)
	drilledIn := func(id string, week string) cloud.Snapshot {
		return changed(replica(id, "disk-"+id, gz, 1), func(s *cloud.Snapshot) { s.Tags[plan.DrilledTag] = week })
	}
	ago := func(weeks int) string { return plan.Week(t0.AddDate(0, 0, -7*weeks)) }
	o := observed{Snapshots: []cloud.Snapshot{
		drilledIn("a", ago(1)), drilledIn("b", ago(3)), drilledIn("c", ago(0)), replica("d", "disk-d", gz, 1), drilledIn("e", "2999-W01"), drilledIn("f", "nonsense"),
		untagged(replica("g", "disk-g", gz, 1)), arriving(replica("h", "disk-h", gz, 1)), system(replica("i", "disk-i", gz, 1)), replica("j", "", gz, 1),
		drilledIn("k", ago(2)), changed(replica("l", "disk-k", gz, 3), func(s *cloud.Snapshot) { s.Tags[plan.DrilledTag] = ago(0) }),
	}, Unlisted: map[string]string{gz: "lost"}}
	got := ""
	for _, d := range plan.Drills(&r, o.pack(r), &plan.Order{}, 9, t0) {
		got += d.Disk[len("disk-"):]
	}
	if len(got) != 5 || got[3:] != "ba" {
		t.Errorf("got %q, want d, e and f in some order, then b, then a", got)
	}
}

func TestOnlyADiskWithBothMarksMayBeEnded(t *testing.T) {
	good := cloud.Disk{Name: plan.DrillName("snap-r", t0), Tags: map[string]string{plan.DrillTag: "snap-r"}, State: "UNATTACHED", Postpaid: true}
	if !plan.MayEnd(&good) {
		t.Error("a drill's disk may not be ended")
	}
	for name, change := range map[string]func(*cloud.Disk){
		"no tag": func(d *cloud.Disk) { d.Tags = nil }, "a restored one": func(d *cloud.Disk) { d.Tags = map[string]string{plan.RestoreTag: "snap-r"} },
		"a drill's that a restore claims": func(d *cloud.Disk) { d.Tags = map[string]string{plan.DrillTag: "snap-r", plan.RestoreTag: "snap-r"} },
		"another replica's tag":           func(d *cloud.Disk) { d.Tags = map[string]string{plan.DrillTag: "snap-x"} }, "no name": func(d *cloud.Disk) { d.Name = "" },
		"no time": func(d *cloud.Disk) { d.Name = "ferry-drill_snap-r_soon" }, "no id": func(d *cloud.Disk) { d.Name, d.Tags = plan.DrillName("", t0), map[string]string{plan.DrillTag: ""} },
		"not ready": func(d *cloud.Disk) { d.State = "DUMPING" }, "unknown state": func(d *cloud.Disk) { d.State = "" },
		"attached": func(d *cloud.Disk) { d.Attached = true }, "on a machine": func(d *cloud.Disk) { d.Instance = "ins-a" }, "not paid by the hour": func(d *cloud.Disk) { d.Postpaid = false },
	} {
		d := good
		change(&d)
		if plan.MayEnd(&d) {
			t.Errorf("%s: it may be ended", name)
		}
	}
}

func TestAllDrillsOfAnHourAskForTheSameDisk(t *testing.T) {
	d := plan.Restoration{Decision: plan.Decision{Replica: "snap-abcdefghijklmnopqrstuvwxyz0", To: "ap-abcdefghijklmnopq"}, Zone: "ap-abcdefghijklmnopq-123"}
	hour := t0.Truncate(time.Hour)
	first, last, next := d.DrillRequest(hour), d.DrillRequest(hour.Add(59*time.Minute)), d.DrillRequest(hour.Add(time.Hour))
	if first.Token != last.Token || first.Name != last.Name || first.Token == next.Token || len(first.Token) > 64 {
		t.Errorf("%+v, %+v, %+v", first, last, next)
	}
}
