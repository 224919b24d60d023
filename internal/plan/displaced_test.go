package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A pointSeen is a source and its replica. The ages are in minutes.
type pointSeen struct{ age, made int }

func (p pointSeen) snapshots(i int) []cloud.Snapshot {
	ago := func(minutes int) time.Time { return t0.Add(-time.Duration(minutes) * time.Minute) }
	src := source(fmt.Sprint(i), "disk-a", 0)
	src.Created = ago(p.age)
	rep := replica(fmt.Sprint(i), "disk-a", gz, 0)
	rep.Name, rep.Created = plan.LineageOf(&src).Name(), ago(p.made)
	return []cloud.Snapshot{src, rep}
}

// With KEEP_LAST=3 for copying and KEEP_LAST=2 here, the third point is copied and
// deleted for ever. The last point of each case is the one that no rule keeps.
func TestAReplicaThatOtherRulesJustMadeIsAnAlarm(t *testing.T) {
	const day = 24 * 60
	old := []pointSeen{{1 * day, day - 9}, {2 * day, day - 9}}
	for name, c := range map[string]struct {
		points []pointSeen
		change func(*plan.Rules, *observed)
		want   plan.Outcome
	}{
		"made 20 minutes ago":              {append(old, pointSeen{3 * day, 20}), nil, plan.Failed},
		"made an hour ago":                 {append(old, pointSeen{3 * day, 60}), nil, plan.WouldDelete},
		"made 59 minutes ago":              {append(old, pointSeen{3 * day, 59}), nil, plan.Failed},
		"all made in one sweep":            {[]pointSeen{{1 * day, 20}, {2 * day, 20}, {3 * day, 20}}, nil, plan.Failed},
		"an hourly rotation":               {[]pointSeen{{10, 2}, {35, 30}, {58, 50}}, nil, plan.WouldDelete},
		"the newer ones came late":         {[]pointSeen{{1 * day, 10}, {2 * day, 15}, {3 * day, 20}}, nil, plan.WouldDelete},
		"a newer one came after the plan":  {[]pointSeen{{24, 21}, {1 * day, day - 9}, {2 * day, 20}}, nil, plan.WouldDelete},
		"a newer one came before the plan": {[]pointSeen{{25, 21}, {1 * day, day - 9}, {2 * day, 20}}, nil, plan.Failed},
		"its CreateTime is its source's":   {[]pointSeen{{50, 49}, {55, 52}, {58, 58}}, nil, plan.WouldDelete},
		"its source is gone": {append(old, pointSeen{3 * day, 20}), func(_ *plan.Rules, w *observed) {
			w.Snapshots = slices.DeleteFunc(w.Snapshots, func(s cloud.Snapshot) bool { return s.ID == "snap-2" })
		}, plan.WouldDelete},
		"its source is too old to be copied": {append(old, pointSeen{3 * day, 20}), func(r *plan.Rules, _ *observed) { r.MaxAge = 71 * time.Hour }, plan.WouldDelete},
		"it is a duplicate": {append(old, pointSeen{2 * day, 20}), func(_ *plan.Rules, w *observed) {
			w.Snapshots[5].Name = w.Snapshots[3].Name
		}, plan.WouldDelete},
	} {
		r, w := rulesKeeping(2), observed{}
		for i, p := range c.points {
			w.Snapshots = append(w.Snapshots, p.snapshots(i)...)
		}
		if c.change != nil {
			c.change(&r, &w)
		}
		for _, d := range decide(r, w, plan.Order{}) {
			if d.Kind == plan.KindDelete && d.Replica == "snap-r2" && (d.Outcome != c.want || strings.Contains(d.Reason, "two sets of rules fight") != (c.want == plan.Failed)) {
				t.Errorf("%s: got %s (%s), want %s", name, d.Outcome, d.Reason, c.want)
			}
		}
	}
}

func in(region string, s cloud.Snapshot) cloud.Snapshot {
	s.Region, s.ID = region, s.ID+region[3:5]
	return s
}

// goneWorld has a disk that exists, and four replicas of another one, 30 and 40 days
// old.
func goneWorld() observed {
	w := observed{Disks: []cloud.Disk{{ID: "disk-b", Region: gz}}}
	for _, days := range []int{30, 40} {
		r := replica(fmt.Sprint("g", days), "disk-g", gz, days)
		w.Snapshots = append(w.Snapshots, r, in(sh, untagged(r)))
	}
	return w
}

// Replicas of a disk that is gone all go, but only if nothing leaves a doubt.
func TestReplicasOfADiskThatIsGoneGoOnlyWithoutADoubt(t *testing.T) {
	const all, none = "snap-rg30 snap-rg30sh snap-rg40 snap-rg40sh", ""
	failed := func(region string) map[string]string { return map[string]string{region: "x"} }
	for name, c := range map[string]struct {
		change func(*plan.Rules, *observed)
		want   string
	}{
		"all of them, without a keep rule": {func(*plan.Rules, *observed) {}, all},
		"also those that a rule keeps":     {func(r *plan.Rules, _ *observed) { r.Keep.Last = 9 }, all},
		"without KEEP_GONE none":           {func(r *plan.Rules, _ *observed) { r.KeepGone = 0 }, none},
		"one is as old as KEEP_GONE":       {func(r *plan.Rules, _ *observed) { r.KeepGone = 30 * 24 * time.Hour }, none},
		"one elsewhere is younger":         {func(_ *plan.Rules, w *observed) { w.Snapshots = append(w.Snapshots, replica("y", "disk-g", gz, 9)) }, none},
		"a forged one is of the future":    {func(_ *plan.Rules, w *observed) { w.Snapshots = append(w.Snapshots, replica("y", "disk-g", gz, -9)) }, all},
		"the disk exists":                  {func(_ *plan.Rules, w *observed) { w.Disks = append(w.Disks, cloud.Disk{ID: "disk-g", Region: gz}) }, none},
		"a snapshot of it exists":          {func(_ *plan.Rules, w *observed) { w.Snapshots = append(w.Snapshots, source("s", "disk-g", 50)) }, none},
		"a source shows no disk any more": {func(_ *plan.Rules, w *observed) {
			w.Snapshots = append(w.Snapshots, source("s", "", 50), replica("s", "disk-g", gz, 50))
		}, none},
		"the list of disks is empty":       {func(_ *plan.Rules, w *observed) { w.Disks = nil }, none},
		"only another region has disks":    {func(_ *plan.Rules, w *observed) { w.Disks[0].Region = sh }, none},
		"the disks were not read":          {func(_ *plan.Rules, w *observed) { w.DisksUnread = failed(gz) }, none},
		"the source region was not listed": {func(_ *plan.Rules, w *observed) { w.Unlisted = failed(gz) }, none},
		"another target was not listed":    {func(_ *plan.Rules, w *observed) { w.Unlisted = failed("ap-tokyo") }, none},
		"another target is incomplete":     {func(_ *plan.Rules, w *observed) { w.Incomplete = failed("ap-tokyo") }, none},
		"others may have selected it":      {func(r *plan.Rules, _ *observed) { r.SelectTags = []plan.Tag{{Key: "env", Value: "prod"}} }, none},
		"some can't be deleted": {func(_ *plan.Rules, w *observed) {
			w.Snapshots[0].Locked, w.Snapshots[1].State = true, cloud.Copying
		}, "snap-rg40 snap-rg40sh"},
	} {
		r, w := rulesKeeping(0), goneWorld()
		r.Sources, r.Targets, r.KeepGone = []string{gz, sh}, []string{bj, sh, "ap-tokyo"}, 29*24*time.Hour
		c.change(&r, &w)
		got := deletions(r, w)
		slices.Sort(got)
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v go, want %q", name, got, c.want)
		}
	}
}

// The newer observation of a deletion has one series and no lists. So it does not
// show that a disk is gone, but it can show that it is not.
func TestANewerObservationOfADiskThatIsGone(t *testing.T) {
	r := rulesKeeping(1)
	r.KeepGone = 29 * 24 * time.Hour
	planned := func(w observed, replica string) plan.Decision {
		all := decide(r, w, plan.Order{})
		return all[slices.IndexFunc(all, func(d plan.Decision) bool { return d.Replica == replica && d.Outcome == plan.WouldDelete })]
	}
	gone := goneWorld()
	exists := goneWorld()
	exists.Disks = append(exists.Disks, cloud.Disk{ID: "disk-g", Region: gz})
	old, last := planned(gone, "snap-rg40"), planned(gone, "snap-rg30")
	surplus := planned(exists, "snap-rg40")
	for name, c := range map[string]struct {
		decision plan.Decision
		seen     observed
		want     plan.Outcome
	}{
		"the last one goes":               {last, observed{Snapshots: gone.Snapshots}, plan.WouldDelete},
		"so does one beside it":           {old, observed{Snapshots: gone.Snapshots}, plan.WouldDelete},
		"the disk exists again":           {last, exists, plan.Kept},
		"another decision proves nothing": {surplus, observed{Snapshots: gone.Snapshots[2:]}, plan.Kept},
	} {
		if got, why := plan.RecheckDeletion(&r, c.seen.pack(r), &c.decision, t0); got != c.want {
			t.Errorf("%s: got %s (%s), want %s", name, got, why, c.want)
		}
	}
}

// What is left over grows only if as much comes in a day as the runs of a day delete.
func TestTheBacklogSaysHowMuchCameInADay(t *testing.T) {
	for first, recent := range map[int]string{0: "displaced 2 of", 1: "displaced 1 of", 2: "displaced 0 of"} {
		var o observed
		for i := range 4 {
			o.Snapshots = append(o.Snapshots, replica(fmt.Sprint(i), "disk-a", gz, first+i))
		}
		r := rulesKeeping(1)
		r.DeleteLimit = 1
		w, warnings := o.pack(r), ""
		p := plan.Make(&r, w, plan.Task{Deletions: true}, t0, func(plan.Decision) {}, quiet)
		plan.Limit(p.Deletions, &r, func(plan.Decision) {}, func(more ...string) { warnings += strings.Join(more, " ") })
		if !strings.Contains(warnings, "leaves 2 deletions over") || !strings.Contains(warnings, recent) {
			t.Errorf("the newest point is %d days old: %q, want %q", first, warnings, recent)
		}
	}
}

// Its replica is there, so it would be counted among the points that are kept.
func TestASourceFromTheFutureDisplacesNoCopy(t *testing.T) {
	r := rulesKeeping(1)
	w := observed{Snapshots: []cloud.Snapshot{source("f", "disk-a", -30), replica("f", "disk-a", gz, -30), source("a", "disk-a", 1)}}
	w.Snapshots[1].Created = t0.Add(-time.Hour)
	for _, d := range decide(r, w, plan.Order{}) {
		if d.Snapshot == "snap-a" && d.Outcome != plan.Planned {
			t.Errorf("got %s (%s), want planned", d.Outcome, d.Reason)
		}
	}
}
