package handler_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

const drillTimer = `{"Type":"Timer","TriggerName":"drill","Time":"2026-11-23T00:00:00Z","Message":"drill"}`

// proven copies n disks to Beijing and tags their replicas.
func (rig *rig) proven(n int) {
	rig.t.Helper()
	rig.env["TARGET_REGIONS"], rig.env["MAX_AGE"], rig.env["RPO"] = bj, "0", "0"
	rig.quota(1000)
	rig.disks(n, time.Hour)
	rig.copied()
	rig.run(verifyTimer)
}

// strangers are disks that a drill must never touch. They look like its own but for one
// thing each.
func (rig *rig) strangers() map[string]sim.Disk {
	replica := rig.cloud.Snapshots(bj)[0].ID
	all := map[string]sim.Disk{}
	for _, change := range []func(*sim.Disk){
		func(d *sim.Disk) { d.State = "ATTACHED" },
		func(d *sim.Disk) { d.Charge = "PREPAID" },
		func(d *sim.Disk) { d.Tags = nil },
		func(d *sim.Disk) { d.Name = "data" },
		func(d *sim.Disk) { d.Name = strings.Replace(d.Name, replica, "snap-other", 1) },
		func(d *sim.Disk) { d.Name += "x" },
		func(d *sim.Disk) { d.Tags = map[string]string{plan.RestoreTag: replica} },
		func(d *sim.Disk) { d.Tags[plan.RestoreTag] = replica },
	} {
		d := sim.Disk{Region: bj, State: "UNATTACHED", Name: plan.DrillName(replica, time.Now()), Tags: map[string]string{plan.DrillTag: replica}}
		change(&d)
		id := rig.cloud.AddDisk(d)
		all[id] = d
	}
	return all
}

func TestDrillsOfAMonthGiveEveryDiskItsTurnAndLeaveNothing(t *testing.T) {
	for _, unseen := range []bool{false, true} {
		story(t, sim.Options{DiskTime: 40 * time.Second, CopyTime: time.Minute}, func(rig *rig) {
			const disks, count = 20, 2
			rig.proven(disks)
			strangers := rig.strangers()
			rig.cloud.SetQuirks(func(q *sim.Quirks) { q.TagsUnseen = unseen })
			rig.env["DRILL_COUNT"] = fmt.Sprint(count)
			most, drilled := 0, map[string]int{}
			for day := range 30 {
				// The first run of some days dies early: what it made is left.
				rig.timeout = 15 * time.Minute
				if day%5 == 3 {
					rig.timeout = 20 * time.Second
				}
				r := rig.run(drillTimer)
				most = max(most, len(rig.cloud.Disks(bj))-len(strangers))
				for _, a := range r.Actions {
					if a.Outcome == plan.Restored {
						drilled[a.Disk]++
					}
				}
				time.Sleep(24 * time.Hour)
			}
			rig.timeout = 15 * time.Minute
			rig.run(drillTimer)
			if len(drilled) != disks {
				t.Errorf("tags unseen: %t: %d of %d disks had their turn", unseen, len(drilled), disks)
			}
			if most > count {
				t.Errorf("%d disks of drills stood at once", most)
			}
			left := map[string]bool{}
			for _, d := range rig.cloud.Disks(bj) {
				if left[d.ID] = true; strangers[d.ID].Name == "" && strangers[d.ID].Tags == nil {
					t.Errorf("a drill left %+v", d)
				}
			}
			for id, d := range strangers {
				if !left[id] {
					t.Errorf("a drill ended %+v", d)
				}
			}
			for _, s := range rig.cloud.Snapshots(bj) {
				if s.Tags[plan.StateTag] != plan.StateVerified {
					t.Errorf("%s has the tags %v", s.ID, s.Tags)
				}
			}
		})
	}
}

func TestADrillThatDiesAnywhereLeavesNothingForEver(t *testing.T) {
	for _, kind := range []sim.FaultKind{sim.LoseCall, sim.LoseReply, sim.Refuse} {
		for n := 0; ; n++ {
			fired := false
			story(t, sim.Options{DiskTime: 5 * time.Second, CopyTime: time.Minute}, func(rig *rig) {
				rig.proven(2)
				first := rig.cloud.Count("")
				rig.cloud.SetInject(func(c sim.Call) sim.Fault {
					if c.N < first+n || fired && kind == sim.Refuse {
						return sim.Fault{}
					}
					fired = true // from here on every request breaks: the instance is gone
					return sim.Fault{Kind: kind}
				})
				_, _ = rig.invoke(drillTimer)
				rig.cloud.SetInject(nil)
				time.Sleep(25 * time.Hour)
				rig.run(drillTimer)
				if all := rig.cloud.Disks(bj); len(all) > 0 {
					t.Errorf("request %d broken by %d: %+v", n, kind, all)
				}
			})
			if !fired {
				break
			}
		}
	}
}

func TestADrillTellsWhatItDid(t *testing.T) {
	story(t, sim.Options{DiskTime: 12 * time.Second, CopyTime: time.Minute}, func(rig *rig) {
		rig.proven(1)
		if r := rig.run(`{"job":"drill","dryRun":true}`); r.Counts[plan.Planned] != 1 || len(rig.cloud.Disks(bj)) != 0 {
			t.Errorf("%+v", r)
		}
		r := rig.run(drillTimer)
		if r.Counts[plan.Restored] != 1 || !r.Settled {
			t.Fatalf("%s", actions(r))
		}
		a := r.Actions[0]
		if a.Disk == "" || a.Snapshot == "" || a.Replica == "" || a.NewDisk == "" || a.SizeGiB != 50 || a.Seconds < 12 || a.Seconds > 16 || !strings.Contains(a.Reason, "50 GiB of CLOUD_PREMIUM were ready after") {
			t.Errorf("%+v", a)
		}
		if s := rig.cloud.Snapshots(bj)[0]; s.Tags[plan.DrilledTag] != plan.Week(time.Now()) {
			t.Errorf("%v", s.Tags)
		}
		if r := rig.run(drillTimer); len(r.Actions) != 0 {
			t.Errorf("again in the same week: %s", actions(r))
		}
		rig.cloud.ChangeSnapshot(bj, a.Replica, func(s *sim.Snapshot) { delete(s.Tags, plan.DrilledTag) })
		time.Sleep(time.Hour)
		rig.deny("CreateDisks")
		rig.alarm(t, drillTimer, "drill: 1 failed", "CreateDisks", "grant the named action")
		rig.deny()
	})
}

func TestADrillThatGivesAnotherSizeIsAnAlarm(t *testing.T) {
	story(t, sim.Options{DiskTime: 12 * time.Second, CopyTime: time.Minute}, func(rig *rig) {
		rig.proven(1)
		rig.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Action == "DescribeDisks" && c.Region == bj {
				return sim.Fault{List: sim.ListFault{Fields: `{"DiskSize":10}`}}
			}
			return sim.Fault{}
		})
		rig.alarm(t, drillTimer, "drill: 1 failed", "the disk has 10 GiB", "do not rely on it")
		if s := rig.cloud.Snapshots(bj)[0]; s.Tags[plan.DrilledTag] != "" || len(rig.cloud.Disks(bj)) != 0 {
			t.Errorf("%v, %d disks", s.Tags, len(rig.cloud.Disks(bj)))
		}
	})
}

// A disk that never becomes ready costs money and keeps all further drills from being
// made. Somebody must hear of it.
func TestADrillsDiskThatIsNeverReadyRings(t *testing.T) {
	story(t, sim.Options{DiskTime: 90 * 24 * time.Hour, CopyTime: time.Minute}, func(rig *rig) {
		rig.proven(2)
		if r := rig.run(drillTimer); r.Counts[plan.Pending] != 1 {
			t.Errorf("%s", actions(r))
		}
		time.Sleep(73 * time.Hour)
		rig.alarm(t, drillTimer, "drill: 1 failed", "terminate it")
	})
}

func TestTwoDrillsAtOnceMakeNoMoreDisksThanOne(t *testing.T) {
	story(t, sim.Options{DiskTime: 12 * time.Second, CopyTime: time.Minute, Quirks: sim.Quirks{DiskLag: 5 * time.Second}}, func(rig *rig) {
		rig.proven(5)
		most := 0
		rig.cloud.SetInject(func(c sim.Call) sim.Fault {
			most = max(most, len(rig.cloud.Disks(bj)))
			return sim.Fault{}
		})
		done := make(chan error)
		for _, h := range []int{0, 1} {
			go func() {
				f := rig.h
				if h == 1 {
					f = rig.another("AKIDtwo")
					time.Sleep(2 * time.Second) // the first run's disk does not show yet
				}
				_, err := rig.send(f, drillTimer, maps.Clone(rig.brought))
				done <- err
			}()
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if most != 1 || len(rig.cloud.Disks(bj)) != 0 {
			t.Errorf("%d disks at once, %d left", most, len(rig.cloud.Disks(bj)))
		}
	})
}

func TestDrillsWaitForDisksThatAreSlow(t *testing.T) {
	story(t, sim.Options{DiskTime: 50 * time.Hour, CopyTime: time.Minute}, func(rig *rig) {
		rig.proven(9)
		rig.env["DRILL_COUNT"] = "2"
		done := 0
		for range 10 {
			r := rig.run(drillTimer)
			if n := len(rig.cloud.Disks(bj)); n > 2 {
				t.Fatalf("%d disks stand:\n%s", n, actions(r))
			}
			done += r.Counts[plan.Restored]
			time.Sleep(24 * time.Hour)
		}
		if done < 4 {
			t.Errorf("%d drills were finished by later runs", done)
		}
	})
}
