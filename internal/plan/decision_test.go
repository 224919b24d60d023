package plan_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"snapferry/internal/plan"
)

// What fails or hangs must not be first for ever. But a disk without any replica
// comes before one that has an old replica, in every run.
func TestDisksOfEqualUrgencyHaveAnotherOrderInEveryMinute(t *testing.T) {
	const n = 20
	w := observed{}
	for i := range n {
		s := source(fmt.Sprintf("new%02d", i), fmt.Sprintf("disk-%02d", i), 1)
		w.Snapshots = append(w.Snapshots, s)
		if i%2 == 0 { // an older point of the same disk has its replica
			old := fmt.Sprintf("old%02d", i)
			w.Snapshots = append(w.Snapshots, source(old, s.Disk, 5), replica(old, s.Disk, gz, 5))
		}
	}
	rules := rulesKeeping(0)
	order := func(at time.Time) (disks []string) {
		for _, d := range plan.Make(&rules, w.pack(rules), plan.Task{Copies: true}, at, func(plan.Decision) {}, quiet).Copies {
			disks = append(disks, d.Disk)
		}
		return disks
	}
	first := map[string]int{}
	for minute := range 200 {
		at := t0.Add(time.Duration(minute) * time.Minute)
		disks := order(at)
		if !slices.Equal(disks, order(at.Add(30*time.Second))) {
			t.Fatalf("minute %d has two orders", minute)
		}
		first[disks[0]]++
		for i, disk := range disks {
			if hasReplica := disk[len(disk)-1]%2 == 0; hasReplica != (i >= n/2) {
				t.Fatalf("minute %d: %s, which has a replica: %t, is number %d", minute, disk, hasReplica, i)
			}
		}
	}
	if len(first) != n/2 {
		t.Errorf("%d of %d disks were ever the first: %v", len(first), n/2, first)
	}
}
