package plan_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// small is a replica that came out smaller.
func small(s cloud.Snapshot) cloud.Snapshot {
	return changed(s, func(s *cloud.Snapshot) { s.SizeGiB = 10 })
}

func system(s cloud.Snapshot) cloud.Snapshot {
	return changed(s, func(s *cloud.Snapshot) { s.SystemDisk = true })
}

func arriving(s cloud.Snapshot) cloud.Snapshot {
	return changed(s, func(s *cloud.Snapshot) { s.State, s.Percent, s.Tags = cloud.Copying, 40, nil })
}

func TestARestoreTakesTheNewestProvenReplicaOfEachDisk(t *testing.T) {
	lost := map[string]string{gz: "the region is lost"}
	unproven := plan.RestoreOrder{Unproven: true}
	for name, c := range map[string]struct {
		o       plan.RestoreOrder
		seen    []cloud.Snapshot
		replica string
		outcome plan.Outcome
		reason  string
	}{
		"the newest": {seen: []cloud.Snapshot{replica("a", "disk-a", gz, 2), replica("b", "disk-a", gz, 1)}, replica: "snap-rb", outcome: plan.Planned, reason: "its newest proven replica"},
		"the newest at that time": {
			o:    plan.RestoreOrder{At: t0.AddDate(0, 0, -2)},
			seen: []cloud.Snapshot{replica("a", "disk-a", gz, 2), replica("b", "disk-a", gz, 1)}, replica: "snap-ra", outcome: plan.Planned, reason: "at or before 2026-11-21T13:21:00Z",
		},
		"not what is arriving":     {seen: []cloud.Snapshot{replica("a", "disk-a", gz, 2), arriving(replica("b", "disk-a", gz, 1))}, replica: "snap-ra", outcome: plan.Planned},
		"a newer unproven is told": {seen: []cloud.Snapshot{replica("a", "disk-a", gz, 2), untagged(replica("b", "disk-a", gz, 1))}, replica: "snap-ra", outcome: plan.Planned, reason: "snap-rb of "},
		"proven before unproven":   {o: unproven, seen: []cloud.Snapshot{replica("a", "disk-a", gz, 2), untagged(replica("b", "disk-a", gz, 1))}, replica: "snap-ra", outcome: plan.Planned},
		"only an unproven one":     {seen: []cloud.Snapshot{untagged(replica("b", "disk-a", gz, 1))}, replica: "snap-rb", outcome: plan.Failed, reason: "--unproven"},
		"the unproven one, asked for": {
			o: unproven, seen: []cloud.Snapshot{untagged(replica("b", "disk-a", gz, 1))}, replica: "snap-rb", outcome: plan.Planned, reason: "not proven: it was never compared with its source, which can't be seen now",
		},
		"only a doubtful one": {
			seen: []cloud.Snapshot{untagged(replica("a", "disk-a", gz, 2)), small(untagged(replica("b", "disk-a", gz, 1)))}, replica: "snap-rb", outcome: plan.Failed, reason: "probably damaged",
		},
		"not a doubtful one":      {seen: []cloud.Snapshot{replica("a", "disk-a", gz, 2), small(replica("b", "disk-a", gz, 1))}, replica: "snap-ra", outcome: plan.Planned, reason: "probably damaged"},
		"never what is shared in": {o: unproven, seen: []cloud.Snapshot{sharedIn(replica("a", "disk-a", gz, 1))}, outcome: plan.Failed, reason: "no complete replica"},
		"never what no copy made": {o: unproven, seen: []cloud.Snapshot{changed(replica("a", "disk-a", gz, 1), func(s *cloud.Snapshot) { s.CopyFromRemote = false })}, outcome: plan.Failed},
		"never from the future":   {o: unproven, seen: []cloud.Snapshot{replica("a", "disk-a", gz, -1)}, outcome: plan.Failed},
		"nothing complete":        {seen: []cloud.Snapshot{arriving(replica("a", "disk-a", gz, 1))}, outcome: plan.Failed, reason: "COPYING_FROM_REMOTE, 40 %"},
		"before every point": {
			o: plan.RestoreOrder{At: t0.AddDate(0, 0, -9)}, seen: []cloud.Snapshot{replica("a", "disk-a", gz, 2)}, outcome: plan.Failed, reason: "its oldest proven one is of ",
		},
		"a system disk": {seen: []cloud.Snapshot{system(replica("a", "disk-a", gz, 2))}, replica: "snap-ra", outcome: plan.Manual, reason: "make an image of snap-ra (CreateImage"},
		"an unknown disk": {
			o: plan.RestoreOrder{Disks: []string{"disk-a"}}, seen: []cloud.Snapshot{replica("b", "disk-b", gz, 1)}, outcome: plan.Failed, reason: "no replica of this disk",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.From, c.o.To = gz, bj
			r := rulesKeeping(0)
			all := plan.Restorations(&r, observed{Snapshots: c.seen, Unlisted: lost}.pack(r), &c.o, t0, quiet)
			if len(all) != 1 {
				t.Fatalf("%+v", all)
			}
			if d := all[0]; d.Disk != "disk-a" || d.Replica != c.replica || d.Outcome != c.outcome || !strings.Contains(d.Reason, c.reason) {
				t.Errorf("got %+v, want %s of %s: %q", d, c.outcome, c.replica, c.reason)
			}
		})
	}
}

// While the source region can be seen, a replica is held against its source.
func TestARestoreBelievesNoNameWhileTheSourceIsThere(t *testing.T) {
	r := rulesKeeping(0)
	forged := replica("b", "disk-a", gz, 1)
	for name, c := range map[string]struct {
		src  cloud.Snapshot
		want string
	}{
		"as its source":       {source("b", "disk-a", 1), "snap-rb"},
		"of another time":     {source("b", "disk-a", 9), "snap-ra"},
		"it lost its disk":    {source("b", "", 1), "snap-rb"},
		"smaller than it was": {changed(source("b", "disk-a", 1), func(s *cloud.Snapshot) { s.SizeGiB = 60 }), "snap-ra"},
	} {
		w := observed{Snapshots: []cloud.Snapshot{replica("a", "disk-a", gz, 2), source("a", "disk-a", 2), forged, c.src}}.pack(r)
		if all := plan.Restorations(&r, w, &plan.RestoreOrder{From: gz, To: bj}, t0, quiet); len(all) != 1 || all[0].Replica != c.want {
			t.Errorf("%s: %+v", name, all)
		}
	}
}

func TestReplicasThatNameNoDiskAreToldTogether(t *testing.T) {
	r := rulesKeeping(0)
	var warnings []string
	seen := observed{Snapshots: []cloud.Snapshot{replica("a", "", gz, 2), replica("b", "", gz, 1), replica("c", "disk-c", gz, 1)}, Unlisted: map[string]string{gz: "lost"}}
	all := plan.Restorations(&r, seen.pack(r), &plan.RestoreOrder{From: gz, To: bj}, t0, func(w ...string) { warnings = append(warnings, w...) })
	if len(all) != 1 || len(warnings) != 1 || !strings.HasPrefix(warnings[0], "2 replicas in ap-beijing do not say") {
		t.Errorf("%+v, %q", all, warnings)
	}
}

func offer(zone, kind string, price float64) cloud.Offer {
	return cloud.Offer{Zone: bj + "-" + zone, Type: kind, Available: true, MinGiB: 20, MaxGiB: 1000, StepGiB: 10, PricePerHour: price}
}

func TestADiskGetsTheTypeAndZoneThatCanBeHad(t *testing.T) {
	none := offer("1", "CLOUD_PREMIUM", 1)
	none.Available = false
	tiny := offer("1", "CLOUD_PREMIUM", 1)
	tiny.MaxGiB = 40
	all := []cloud.Offer{offer("1", "CLOUD_SSD", 4), offer("1", "CLOUD_PREMIUM", 2), offer("2", "CLOUD_PREMIUM", 2)}
	made := func(zone, id, state string) []cloud.Disk {
		return []cloud.Disk{{ID: id, Zone: bj + "-" + zone, State: state, Tags: map[string]string{plan.RestoreTag: "snap-r"}}}
	}
	for name, c := range map[string]struct {
		zone, kind string
		size       int
		offers     []cloud.Offer
		restored   []cloud.Disk
		want       string // outcome zone type size, or a part of the reason
	}{
		"the cheapest":                {size: 50, offers: all, want: "planned 1 CLOUD_PREMIUM 50"},
		"the type asked for":          {kind: "CLOUD_SSD", size: 50, offers: all, want: "planned 1 CLOUD_SSD 50"},
		"the zone asked for":          {zone: "2", size: 50, offers: all, want: "planned 2 CLOUD_PREMIUM 50"},
		"in steps":                    {size: 51, offers: all, want: "planned 1 CLOUD_PREMIUM 60"},
		"at least the smallest":       {size: 5, offers: all, want: "planned 1 CLOUD_PREMIUM 20"},
		"a zone that sells it":        {size: 50, offers: []cloud.Offer{none, offer("3", "CLOUD_SSD", 3)}, want: "planned 3 CLOUD_SSD 50"},
		"a type that takes the size":  {size: 50, offers: []cloud.Offer{tiny, offer("1", "CLOUD_SSD", 3)}, want: "planned 1 CLOUD_SSD 50"},
		"without prices, by rank":     {size: 50, offers: []cloud.Offer{offer("1", "CLOUD_HSSD", 0), offer("1", "CLOUD_BSSD", 0)}, want: "planned 1 CLOUD_BSSD 50"},
		"a price before none":         {size: 50, offers: []cloud.Offer{offer("1", "CLOUD_BSSD", 0), offer("1", "CLOUD_HSSD", 9)}, want: "planned 1 CLOUD_HSSD 50"},
		"never what needs a machine":  {size: 50, offers: []cloud.Offer{offer("1", "CLOUD_TSSD", 1), offer("1", "CLOUD_HSSD", 9)}, want: "planned 1 CLOUD_HSSD 50"},
		"a zone without says who has": {zone: "3", size: 50, offers: all, want: "these zones have: ap-beijing-1, ap-beijing-2"},
		"nobody has it":               {kind: "CLOUD_HSSD", size: 50, offers: all, want: "no other zone has one"},
		"too large for all":           {size: 5000, offers: all, want: "no other zone has one"},
		"unseen offers, as asked":     {zone: "2", kind: "CLOUD_SSD", size: 50, want: "planned 2 CLOUD_SSD 50"},
		"restored earlier":            {size: 50, offers: all, restored: made("2", "disk-x", "ATTACHED"), want: "exists 2  0"},
		"restored in another zone":    {zone: "1", size: 50, offers: all, restored: made("2", "disk-x", "ATTACHED"), want: "it was restored in ap-beijing-2 as disk-x"},
		"restored, and in the bin":    {size: 50, offers: all, restored: made("2", "disk-x", "TORECYCLE"), want: "planned 1 CLOUD_PREMIUM 50"},
		"tagged, and too small":       {size: 50, offers: all, restored: []cloud.Disk{{ID: "disk-x", Zone: bj + "-1", SizeGiB: 40, Tags: map[string]string{plan.RestoreTag: "snap-r"}}}, want: "planned 1 CLOUD_PREMIUM 50"},
		"named, and not listed":       {zone: "7", kind: "CLOUD_NEW", size: 50, offers: all, want: "planned 7 CLOUD_NEW 50"},
		"named, and sold out":         {zone: "1", kind: "CLOUD_PREMIUM", size: 50, offers: []cloud.Offer{none, offer("2", "CLOUD_PREMIUM", 1)}, want: "these zones have: ap-beijing-2"},
	} {
		t.Run(name, func(t *testing.T) {
			o := plan.RestoreOrder{From: gz, To: bj, Type: c.kind}
			if c.zone != "" {
				o.Zone = bj + "-" + c.zone
			}
			d := []plan.Restoration{{Decision: plan.Decision{To: bj, Replica: "snap-r", SizeGiB: c.size, Outcome: plan.Planned}}}
			plan.FindRestored(d, o.Zone, c.restored)
			plan.Place(d, &o, c.offers)
			got := strings.ReplaceAll(strings.Join([]string{string(d[0].Outcome), d[0].Zone, d[0].Type}, " "), bj+"-", "")
			if got += " " + strconv.Itoa(d[0].SizeGiB); got != c.want && !strings.Contains(d[0].Reason, c.want) {
				t.Errorf("got %q (%s), want %q", got, d[0].Reason, c.want)
			}
		})
	}
}

// Machines can only attach disks of their own zone.
func TestLaterDisksJoinThoseThatWereRestoredEarlier(t *testing.T) {
	all := []plan.Restoration{
		{Decision: plan.Decision{Outcome: plan.Exists}, Zone: bj + "-3"},
		{Decision: plan.Decision{Outcome: plan.Planned, SizeGiB: 50}},
		{Decision: plan.Decision{Outcome: plan.Planned, SizeGiB: 50}},
	}
	plan.Place(all, &plan.RestoreOrder{To: bj}, []cloud.Offer{offer("1", "CLOUD_PREMIUM", 1), offer("3", "CLOUD_SSD", 3)})
	if all[1].Zone != bj+"-3" || all[2].Zone != bj+"-3" {
		t.Errorf("%+v", all[1:])
	}
}

func TestARestoredDiskCarriesTheReplicasOwnTagsAndNoneOfOurs(t *testing.T) {
	d := plan.Restoration{Decision: plan.Decision{Disk: "disk-a", Replica: "snap-r", To: bj}, Zone: bj + "-1"}
	got := d.Request(strings.Repeat("数", 30), map[string]string{"env": "prod", plan.StateTag: "verified", plan.DrilledTag: "2026-W48", "qcs:x": "1", "empty": ""})
	if len(got.Tags) != 2 || got.Tags["env"] != "prod" || got.Tags[plan.RestoreTag] != "snap-r" || got.Name != strings.Repeat("数", 20) {
		t.Errorf("%+v", got)
	}
	if got := d.Request("we\x1b[31mb\n", nil); got.Name != "we[31mb" {
		t.Errorf("%q", got.Name)
	}
	if got := d.Request("\n", nil); got.Name != "disk-a" || len(got.Tags) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestAReplicaThatChangedIsNotRestored(t *testing.T) {
	rep := replica("a", "disk-a", gz, 1)
	d := plan.Decision{Snapshot: "snap-a", Disk: "disk-a", From: gz, To: bj, Replica: rep.ID, Point: t0.AddDate(0, 0, -1).Truncate(time.Second)}
	if why := plan.StillRestorable(&d, &rep); why != "" {
		t.Error(why)
	}
	for name, change := range map[string]func(*cloud.Snapshot){
		"another name": func(s *cloud.Snapshot) { s.Name = "x" }, "not NORMAL": func(s *cloud.Snapshot) { s.State = cloud.RollingBack },
		"not whole": func(s *cloud.Snapshot) { s.Percent = 9 }, "no copy": func(s *cloud.Snapshot) { s.CopyFromRemote = false },
	} {
		s := changed(rep, change)
		if plan.StillRestorable(&d, &s) == "" {
			t.Errorf("%s: it is restored", name)
		}
	}
	if plan.StillRestorable(&d, nil) == "" {
		t.Error("a replica that is gone is restored")
	}
}
