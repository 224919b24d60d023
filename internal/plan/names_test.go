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
	rep := replica("a", "disk-d", gz, 3)
	rep.State, rep.Percent, rep.Created = cloud.Copying, 40, src.Created
	for _, d := range decide(rulesKeeping(0), observed{Snapshots: []cloud.Snapshot{src, rep}}, plan.Order{}) {
		if d.Kind == plan.KindCopy && d.Outcome != plan.InProgress {
			t.Errorf("a copy is %s (%s), want in-progress", d.Outcome, d.Reason)
		}
	}
}
