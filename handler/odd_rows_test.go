package handler_test

import (
	"testing"
	"time"

	"snapferry/internal/sim"
)

// TestOneOddRowMakesNoSecondCopy: one answer in which a replica that nobody has
// verified yet looked odd ordered it again, hours later.
func TestOneOddRowMakesNoSecondCopy(t *testing.T) {
	for fields, event := range map[string]func(snapshot, disk string) string{
		`{"SnapshotState":"UPDATING"}`: func(string, string) string { return copyTimer }, // read again before it counts as spoilt
		`{"SnapshotName":null}`:        created,                                          // an event looks for it by name
	} {
		t.Run(fields, func(t *testing.T) {
			story(t, sim.Options{}, func(rig *rig) {
				rig.env["TARGET_REGIONS"] = bj
				disk, snapshots := rig.disk(time.Hour)
				rig.copied()
				time.Sleep(24 * time.Hour) // longer than COPY_TIMEOUT
				rig.fail(1, "DescribeSnapshots", bj, sim.Fault{List: sim.ListFault{Fields: fields}})
				_, _ = rig.invoke(event(snapshots[0], disk))
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
