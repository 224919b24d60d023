package handler_test

import (
	"testing"
	"time"

	"snapferry/internal/plan"
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

// TestASourceWithoutADiskIsReadAgain: one answer in which a source showed no disk gave
// its replica the name of an unknown disk. That name lied from then on, and the source
// was copied a second time. A source that has really lost its disk is copied.
func TestASourceWithoutADiskIsReadAgain(t *testing.T) {
	for name, answers := range map[string]int{"once": 1, "always": -1} {
		t.Run(name, func(t *testing.T) {
			story(t, sim.Options{}, func(rig *rig) {
				rig.env["TARGET_REGIONS"] = bj
				disk, snapshots := rig.disk(time.Hour)
				rig.fail(answers, "DescribeSnapshots", gz, sim.Fault{List: sim.ListFault{Fields: `{"DiskId":""}`}})
				rig.copied()
				if answers < 0 {
					disk = ""
				} else {
					rig.wantReplicas(bj)
				}
				rig.copied()
				rig.wantReplicas(bj, snapshots[0]+" NORMAL")
				if l, _ := plan.ParseName(rig.cloud.Snapshots(bj)[0].Name); l.Disk != disk {
					t.Errorf("the replica's name says disk %q, want %q", l.Disk, disk)
				}
			})
		})
	}
}
