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

// TestAnOddReplicaThatIsNotReadAgainIsThere: the second look did not show the replica
// at all, and the first one, which showed it odd, decided.
func TestAnOddReplicaThatIsNotReadAgainIsThere(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		rig.disk(time.Hour)
		rig.copied()
		time.Sleep(24 * time.Hour) // longer than COPY_TIMEOUT
		looks := 0
		rig.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Region != bj || c.Action != "DescribeSnapshots" {
				return sim.Fault{}
			}
			if looks++; looks == 1 {
				return sim.Fault{List: sim.ListFault{Fields: `{"SnapshotState":"UPDATING"}`}}
			}
			return sim.Fault{List: sim.ListFault{Absent: true, Add: -9}}
		})
		_, _ = rig.invoke(copyTimer)
		wantNumber(t, "copies", len(rig.cloud.Copies()), 1)
		if looks < 2 {
			t.Error("there was no second look: the test shows nothing")
		}
	})
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

// TestAnEmptyListOfDisksIsAWarning: it makes every disk gone, and the last snapshot of
// a disk that is gone is copied. But if the list is a mistake, what is tagged
// ferry:skip is copied, too.
func TestAnEmptyListOfDisksIsAWarning(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		rig.disks(2, time.Hour)
		rig.fail(-1, "DescribeDisks", gz, sim.Fault{List: sim.ListFault{Absent: true, Add: -9}})
		r := rig.run(copyTimer)
		wantCounts(t, r, "started=2")
		wantWords(t, r.Warnings, "lists no disks in ap-guangzhou", "2 disks")
	})
}
