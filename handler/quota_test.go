package handler_test

import (
	"strings"
	"testing"
	"time"

	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// The quotas are read beside the copies. Both look at the same world: with
// -race this shows that neither writes what the other reads.
func TestQuotasAreReadBesideCopiesIntoEmptyRegions(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.disk(time.Hour)
		rig.cloud.AddDisk(sim.Disk{Region: gz, SizeGiB: 50, ID: "disk-tagged", Tags: map[string]string{plan.TargetsTag: "ap-nanjing"}})
		rig.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: "disk-tagged", SizeGiB: 50, Created: time.Now().Add(-time.Hour)})
		wantCounts(t, rig.run(copyTimer), "started=3")
	})
}

// A person who asks what a copy of one snapshot would do is told that the
// target region is full.
func TestThePlanOfOneSnapshotWarnsOfAFullRegion(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		_, snaps := rig.disk(time.Hour)
		for range 64 {
			rig.cloud.AddSnapshot(sim.Snapshot{Region: bj, SizeGiB: 50, Created: time.Now().Add(-time.Hour)})
		}
		r := rig.run(`{"job":"plan","snapshotId":"` + snaps[0] + `"}`)
		if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "64 of about 64") {
			t.Errorf("warnings: %q, want one of the full region", r.Warnings)
		}
	})
}
