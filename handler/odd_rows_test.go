package handler_test

import (
	"testing"
	"time"

	"snapferry/internal/sim"
)

// TestOneOddRowMakesNoSecondCopy: one answer in which a replica that nobody has
// verified yet looked odd ordered it again, hours later.
func TestOneOddRowMakesNoSecondCopy(t *testing.T) {
	timer := func(string, string) string { return copyTimer }
	for name, c := range map[string]struct {
		fields, maxAge string
		event          func(snapshot, disk string) string
	}{
		"it is read again before it counts as spoilt": {`{"SnapshotState":"UPDATING"}`, "72h", timer},
		"so is the newest one, if older than MAX_AGE": {`{"SnapshotState":"UPDATING"}`, "7h", timer},
		"an event looks for it by name":               {`{"SnapshotName":null}`, "72h", created},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, sim.Options{}, func(rig *rig) {
				rig.env["TARGET_REGIONS"], rig.env["MAX_AGE"] = bj, c.maxAge
				disk, snapshots := rig.disk(time.Hour)
				rig.copied()
				time.Sleep(24 * time.Hour) // longer than COPY_TIMEOUT
				rig.fail(1, "DescribeSnapshots", bj, sim.Fault{List: sim.ListFault{Fields: c.fields}})
				_, _ = rig.invoke(c.event(snapshots[0], disk))
				wantNumber(t, "copies", len(rig.cloud.Copies()), 1)
			})
		})
	}
}

// TestAReplicaUnderAnotherNameIsReadAgainUnderThatName: when a disk was deleted its
// sources showed no disk any more. One odd list of replicas then ordered them all
// again: they were read a second time under names that none of them has.
func TestAReplicaUnderAnotherNameIsReadAgainUnderThatName(t *testing.T) {
	story(t, sim.Options{Quirks: sim.Quirks{DiskIDGoes: true, TagsUnseen: true}}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		disk, _ := rig.disk(time.Hour)
		rig.copied()
		time.Sleep(24 * time.Hour) // longer than COPY_TIMEOUT
		rig.cloud.RemoveDisk(gz, disk)
		rig.fail(1, "DescribeSnapshots", bj, sim.Fault{List: sim.ListFault{Fields: `{"SnapshotState":"UPDATING"}`}})
		_, _ = rig.invoke(copyTimer)
		wantNumber(t, "copies", len(rig.cloud.Copies()), 1)
	})
}
