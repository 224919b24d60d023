package handler_test

import (
	"fmt"
	"testing"
	"time"

	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// hourly runs the timers once an hour. It returns the hours in which verify rang.
func (rig *rig) hourly(hours int, timers []string, change func(hour int)) (rang []int) {
	for hour := range hours {
		if change != nil {
			change(hour)
		}
		for _, event := range timers {
			if _, err := rig.invoke(event); err != nil && event == verifyTimer {
				rang = append(rang, hour)
			}
		}
		rig.logs.clear()
		time.Sleep(time.Hour)
	}
	return rang
}

// rotate makes a snapshot of a disk each hour, and removes the oldest beyond a
// number.
func (rig *rig) rotate(disk string, keep int) func(hour int) {
	var have []string
	return func(int) {
		if have = append(have, rig.snapshot(disk)); len(have) > keep {
			rig.cloud.RemoveSnapshot(gz, have[0])
			have = have[1:]
		}
	}
}

// The alarm belongs to the disk: no snapshot needs to be old for it.
func TestADiskWithoutAReplicaRingsWhateverItsSnapshotsDo(t *testing.T) {
	for name, c := range map[string]struct {
		fault  sim.Fault
		timers []string
		from   int // the first hour that rings
	}{
		"the copy function is off":  {timers: []string{verifyTimer}, from: 1},
		"every copy is refused":     {sim.Fault{Kind: sim.Refuse, Code: "InvalidSnapshot.NotSupported"}, []string{copyTimer, verifyTimer}, 1},
		"copying breaks":            {sim.Fault{Kind: sim.Refuse, Code: "InternalError"}, []string{copyTimer, verifyTimer}, 1},
		"another region is refused": {sim.Fault{Kind: sim.Refuse, Code: "ResourceBusy"}, []string{copyTimer, verifyTimer}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, sim.Options{}, func(rig *rig) {
				rig.env["TARGET_REGIONS"] = bj
				disk, _ := rig.disk()
				rig.fail(-1, "CopySnapshotCrossRegions", "", c.fault)
				rang := rig.hourly(24, c.timers, rig.rotate(disk, 5))
				if len(rang) == 0 || rang[0] != c.from || len(rang) != 24-c.from {
					t.Errorf("verify rang in the hours %v, want each from the hour %d on", rang, c.from)
				}
				r := rig.alarm(t, verifyTimer, "unprotected", disk)
				if r.Settled || r.Protection.Unprotected != 1 {
					t.Errorf("settled %t, %+v", r.Settled, r.Protection)
				}
			})
		})
	}
}

// Copies that vanish while the disk's snapshots rotate ring neither as missing nor as
// stuck, and no snapshot of the disk is ever old.
func TestCopiesThatVanishForEverRing(t *testing.T) {
	story(t, sim.Options{Fate: fate(sim.Vanishes), CopyTime: 100 * time.Minute}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		disk := rig.cloud.AddDisk(sim.Disk{Region: gz, SizeGiB: 50})
		rotate := rig.rotate(disk, 5)
		rang := rig.hourly(36, []string{copyTimer, verifyTimer}, rotate)
		if len(rang) != 36-12 || rang[0] != 12 {
			t.Errorf("verify rang in the hours %v, want each from the hour 12 on, which is twice COPY_TIMEOUT", rang)
		}
		rotate(36)
		rig.run(copyTimer)
		wantWords(t, rig.alarm(t, verifyTimer, "unprotected", disk).Actions[0].Reason, "probably vanish", "is under way")
		rig.cloud.SetFate(nil)
		rig.hourly(3, []string{copyTimer}, rotate)
		rig.run(verifyTimer)
	})
}

func TestADiskWhoseSnapshotsCantBeCopiedAnyMoreRings(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"], rig.env["RPO"] = bj, "1d"
		disk := rig.cloud.AddDisk(sim.Disk{Region: gz, SizeGiB: 50})
		rang := rig.hourly(40, []string{copyTimer, verifyTimer}, func(hour int) {
			rig.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: disk, SizeGiB: 50, Created: time.Now(), Encrypted: hour > 5})
		})
		if len(rang) == 0 || rang[0] != 29 {
			t.Errorf("verify rang in the hours %v, want from the hour 29 on: a day after the last point", rang)
		}
		wantWords(t, rig.alarm(t, verifyTimer, "late").Actions[0].Reason, "encrypted")
	})
}

// An outage that is longer than MAX_AGE leaves no disk without its newest point.
func TestAWeeklySnapshotIsCopiedAfterALongOutage(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		_, s := rig.disk(4*24*time.Hour, 11*24*time.Hour)
		rig.copied()
		rig.wantReplicas(bj, s[0]+" NORMAL")
		r := rig.alarm(t, verifyTimer, "late") // the point is older than RPO, which is MAX_AGE
		wantWords(t, r.Warnings, "1 points", "MAX_AGE=12d")
	})
}

// A key that may create and copy made copies of an empty disk under names that say
// the victim. Retention then deleted every real replica.
func TestForgedReplicasDisplaceNothing(t *testing.T) {
	for name, when := range map[string]time.Duration{"of the past": -time.Minute, "of the future": 365 * 24 * time.Hour} {
		for _, exists := range []bool{true, false} {
			t.Run(fmt.Sprint(name, exists), func(t *testing.T) {
				story(t, sim.Options{}, func(rig *rig) {
					disk, s := rig.history(7, "7")
					rig.run(verifyTimer)
					_, empty := rig.disk(time.Hour)
					for n := range 7 {
						source := fmt.Sprintf("snap-none%d", n)
						if exists {
							source = empty[0]
						}
						l := plan.Lineage{Source: source, Disk: disk, Region: gz, Created: time.Now().Add(when - time.Duration(n)*time.Second).UTC().Truncate(time.Second)}
						rig.cloud.AddSnapshot(sim.Snapshot{Region: bj, Name: l.Name(), SizeGiB: 50, CopyFromRemote: true, Created: time.Now()})
					}
					rig.hourly(12, []string{copyTimer, verifyTimer, retainTimer}, nil)
					for _, id := range s {
						found := false
						for _, r := range rig.replicas(bj) {
							found = found || r == id+" NORMAL"
						}
						if !found {
							t.Errorf("the replica of %s was deleted", id)
						}
					}
				})
			})
		}
	}
}

// One odd sweep over proven replicas orders no second copies.
func TestOneOddLookOrdersNothing(t *testing.T) {
	for _, fields := range []string{
		`{"DiskSize":0}`, `{"DiskSize":null}`, `{"SnapshotState":null}`, `{"SnapshotState":"UPDATING"}`, `{"Percent":null}`, `{"SnapshotName":null}`,
		`{"SnapshotName":""}`, `{"CopyFromRemote":false}`, `{"CopyFromRemote":null}`, `{"Encrypt":true}`, `{"DiskSize":7}`, `{"CreateTime":null}`,
	} {
		t.Run(fields, func(t *testing.T) {
			story(t, sim.Options{}, func(rig *rig) {
				rig.env["TARGET_REGIONS"] = bj
				rig.disks(20, 30*time.Hour, 20*time.Hour, 10*time.Hour)
				rig.copied()
				rig.run(verifyTimer)
				time.Sleep(24 * time.Hour) // longer than COPY_TIMEOUT
				rig.cloud.SetInject(func(c sim.Call) sim.Fault {
					if c.Action == "DescribeSnapshots" && c.Region == bj {
						return sim.Fault{List: sim.ListFault{Fields: fields}}
					}
					return sim.Fault{}
				})
				_, _ = rig.invoke(copyTimer)
				if fields != `{"CreateTime":null}` { // a proven replica's age does not matter
					rig.alarm(t, verifyTimer)
				}
				rig.cloud.SetInject(nil)
				wantNumber(t, "replicas", len(rig.cloud.Snapshots(bj)), 60)
				r := rig.run(verifyTimer)
				wantCounts(t, r, "verified=60")
			})
		})
	}
}

// verify does not believe what the copy job's instance remembers of refusals.
func TestVerifyRingsInTheInstanceThatRememberedTheRefusal(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		rig.disk(time.Hour)
		rig.fail(-1, "CopySnapshotCrossRegions", "", sim.Fault{Kind: sim.Refuse, Code: "InvalidSnapshot.NotSupported"})
		wantCounts(t, rig.run(copyTimer), "ineligible=1")
		r := rig.alarm(t, verifyTimer, "unprotected")
		wantCounts(t, r, "waiting=1")
	})
}

// One tag with a slip made every run of every function an error that named no disk.
func TestARegionThatOnlyATagNamesAndNobodyHasCostsOnlyItsDisk(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		bad := rig.cloud.AddDisk(sim.Disk{Region: gz, SizeGiB: 50, Tags: map[string]string{plan.TargetsTag: "ap-mars"}})
		rig.snapshot(bad)
		_, s := rig.disk(time.Hour)
		wantCounts(t, rig.run(copyTimer), "skipped=1 started=1")
		time.Sleep(time.Hour)
		r := rig.alarm(t, verifyTimer, bad, "ap-mars")
		wantCounts(t, r, "verified=1")
		if p := r.Protection; p.Protected != 1 || p.Unprotected != 1 {
			t.Errorf("protection %+v", p)
		}
		rig.run(retainTimer)
		rig.wantReplicas(bj, s[0]+" NORMAL")
	})
}
