package plan_test

import (
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A replica's name says what it is a copy of, and whoever makes a copy chooses
// it. A wrong name in one region must not cost a replica in another.
func TestANameInOneRegionDecidesNothingInAnother(t *testing.T) {
	rules := rulesKeeping(2)
	rules.Targets = []string{bj, sh}
	for name, wrong := range map[string]plan.Lineage{
		"another time": {Source: "snap-a", Disk: "disk-d", Region: gz, Created: t0.AddDate(0, 0, -90)},
		"another disk": {Source: "snap-a", Disk: "disk-e", Region: gz, Created: t0},
	} {
		var w observed
		for days, id := range []string{"a", "b", "c"} {
			r := replica(id, "disk-d", gz, days)
			r.Region = sh
			w.Snapshots = append(w.Snapshots, r)
		}
		liar := replica("a", "disk-d", gz, 0)
		liar.ID, liar.Name = "snap-liar", wrong.Name()
		w.Snapshots = append(w.Snapshots, liar)
		if got := strings.Join(deletions(rules, w), " "); got != "snap-rc" {
			t.Errorf("%s: %q would be deleted, want the oldest, snap-rc", name, got)
		}
	}
}

// Packed times reach from 1970 to 2106. A name beyond is an impossible time, and
// its replica is left alone.
func TestAReplicaOfAnImpossibleTimeIsLeftAlone(t *testing.T) {
	for _, year := range []int{1969, 2107, 2226, 9999} {
		w := observed{Snapshots: []cloud.Snapshot{replica("a", "disk-d", gz, 0), replica("b", "disk-d", gz, 1)}}
		odd := replica("c", "disk-d", gz, 2)
		odd.Name = plan.Lineage{Source: "snap-c", Disk: "disk-d", Region: gz, Created: time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)}.Name()
		w.Snapshots = append(w.Snapshots, odd)
		if got := deletions(rulesKeeping(2), w); len(got) > 0 {
			t.Errorf("a name of %d: %q would be deleted, want nothing", year, got)
		}
	}
}

// Where a replica's CreateTime is its source's, it tells no age, whatever time
// its name says: it may still be arriving, and no second copy is made.
func TestACreateTimeEqualToTheSourcesTellsNoAge(t *testing.T) {
	src := source("a", "disk-d", 2)
	rep := untagged(replica("a", "disk-d", gz, 3))
	rep.State, rep.Percent, rep.Created = cloud.Copying, 40, src.Created
	for _, d := range decide(rulesKeeping(0), observed{Snapshots: []cloud.Snapshot{src, rep}}, plan.Order{}) {
		if d.Kind == plan.KindCopy && d.Outcome != plan.InProgress {
			t.Errorf("a copy is %s (%s), want in-progress", d.Outcome, d.Reason)
		}
	}
}

// A key that may create and copy, but not delete, once emptied a disk: it made
// copies of an empty disk under names that say the victim disk and next year.
// Within hours retention deleted every real replica.
func TestAReplicaOfTheFutureDisplacesNothing(t *testing.T) {
	for name, keep := range map[string]plan.Keep{
		"last": {Last: 1}, "daily": {Daily: 1}, "within": {Within: 30 * 24 * time.Hour}, "yearly": {Yearly: 1},
	} {
		rules := rulesKeeping(0)
		rules.Keep = keep
		real := []cloud.Snapshot{source("a", "disk-d", 0), replica("a", "disk-d", gz, 0)}
		fresh := source("n", "disk-n", 0) // of another disk, not copied yet
		w := observed{Snapshots: append(real, fresh)}
		for i, id := range []string{"x", "y", "z"} {
			for _, disk := range []string{"disk-d", "disk-n"} {
				forged := replica(id+disk[5:], disk, gz, -365-i)
				forged.Created = t0.Add(-time.Hour)
				w.Snapshots = append(w.Snapshots, forged)
			}
		}
		planned := ""
		for _, d := range decide(rules, w, plan.Order{}) {
			switch {
			case d.Outcome == plan.WouldDelete:
				t.Errorf("%s: %s would be deleted: %s", name, d.Replica, d.Reason)
			case d.Outcome == plan.Planned:
				planned += d.Snapshot
			}
		}
		if planned != "snap-n" {
			t.Errorf("%s: %q is copied, want snap-n", name, planned)
		}
		alarms := 0
		decisions, _ := verify(rules, w, plan.Order{})
		for _, d := range decisions {
			if d.Outcome == plan.Unexpected && strings.Contains(d.Reason, "in the future") {
				alarms++
			}
		}
		if alarms != 6 {
			t.Errorf("%s: %d forged replicas are unexpected, want 6", name, alarms)
		}
	}
}

// While its source is there, a replica's name is compared with it. One that says
// another disk or time counts as there, so that no second copy is made at once;
// after COPY_TIMEOUT it is copied again, and the liar is left alone.
func TestANameThatItsSourceContradictsIsUnexpected(t *testing.T) {
	src := source("a", "disk-d", 0)
	for name, l := range map[string]plan.Lineage{
		"another time": {Source: "snap-a", Disk: "disk-d", Region: gz, Created: src.Created.Add(-time.Hour)},
		"another disk": {Source: "snap-a", Disk: "disk-e", Region: gz, Created: src.Created},
		"no disk":      {Source: "snap-a", Region: gz, Created: src.Created},
	} {
		for age, want := range map[time.Duration]plan.Outcome{time.Hour: plan.InProgress, 7 * time.Hour: plan.Planned} {
			liar := replica("a", "disk-d", gz, 0)
			liar.Name, liar.Created = l.Name(), t0.Add(-age)
			w := observed{Snapshots: []cloud.Snapshot{src, liar}}
			for _, d := range decide(rulesKeeping(1), w, plan.Order{}) {
				if d.Kind == plan.KindCopy && d.Outcome != want || d.Kind == plan.KindDelete && d.Outcome != plan.Kept {
					t.Errorf("%s, %s old: %s is %s (%s), want %s and kept", name, age, d.Kind, d.Outcome, d.Reason, want)
				}
			}
			w.Snapshots = append(w.Snapshots, replica("a", "disk-d", gz, 0)) // the real one comes
			decisions, _ := verify(rulesKeeping(1), w, plan.Order{})
			alarms := 0
			for _, d := range decisions {
				if d.Outcome == plan.Unexpected {
					alarms++
				}
			}
			if alarms != 1 {
				t.Errorf("%s, %s old: %d alarms beside a proven replica, want 1", name, age, alarms)
			}
		}
	}
	gone := src // a source that shows no disk any more contradicts no name
	gone.Disk = ""
	for _, d := range decide(rulesKeeping(0), observed{Snapshots: []cloud.Snapshot{gone, replica("a", "disk-d", gz, 0)}}, plan.Order{}) {
		if d.Kind == plan.KindCopy && d.Outcome != plan.Exists {
			t.Errorf("without its disk the source's copy is %s (%s), want exists", d.Outcome, d.Reason)
		}
	}
}
