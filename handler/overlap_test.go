package handler_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"snapferry/handler"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// Copies take only seconds here, and the service's conflict answer ends with
// them. Only the recheck keeps the runs from copying the same snapshots. They take
// longer than the five seconds that a look may be old, and the three of a slow request:
// nobody can see a copy that begins and ends in between.
func TestRunsThatOverlapForMinutesDoubleNothing(t *testing.T) {
	for name, q := range map[string]sim.Quirks{
		"names exact, all values looked at":      {},
		"names fuzzy":                            {FuzzyName: true},
		"only the first name is looked at":       {NameValues: 1},
		"some names are looked at":               {NameValues: 4},
		"conflicts refuse the whole call":        {TopLevelConflict: true},
		"replicas show their source's time":      {SourceCreateTime: true},
		"the copy mark comes late":               {LateCopyMark: true},
		"calls take one region at a time":        {MaxRegions: 1},
		"the rate counts by the calendar second": {BucketRate: true},
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && q != (sim.Quirks{}) && q != (sim.Quirks{NameValues: 4}) {
				t.Skip("the long way through all open questions is for the full run")
			}
			story(t, sim.Options{CopyTime: 12 * time.Second, Quirks: q}, func(rig *rig) {
				rig.quota(5000)
				rig.disks(20, time.Hour)
				rig.run(copyTimer) // replicas that are known, to try several names by
				time.Sleep(time.Minute)
				rig.disks(380, time.Hour)
				slow := rig.another("AKIDslow")
				rig.cloud.SetInject(func(c sim.Call) sim.Fault {
					if c.SecretID == "AKIDslow" && c.Action == "CopySnapshotCrossRegions" {
						return sim.Fault{Kind: sim.Slow, Delay: 3 * time.Second}
					}
					return sim.Fault{}
				})
				var runs sync.WaitGroup
				for i, h := range []*handler.Handler{slow, rig.h, rig.h} {
					runs.Go(func() {
						time.Sleep(time.Duration(i) * 7 * time.Second)
						if _, err := rig.send(h, copyTimer, rig.brought); err != nil {
							t.Error(err)
						}
					})
				}
				runs.Wait()
				time.Sleep(time.Minute)
				wantCounts(t, rig.run(copyTimer), "exists=800")
				wantNumber(t, "copies for 400 snapshots and two regions", len(rig.cloud.Copies()), 800)
			})
		})
	}
}

// Several names in one request save requests, and lose nothing.
func TestManyNamesAreAskedForTogetherOnlyWhereAllAreLookedAt(t *testing.T) {
	reads := func(q sim.Quirks) (n int) {
		story(t, sim.Options{CopyTime: time.Hour, Quirks: q}, func(rig *rig) {
			rig.env["TARGET_REGIONS"] = bj
			rig.cloud.SetQuota(bj, 5000)
			for i := range 20 {
				disk := rig.cloud.AddDisk(sim.Disk{Region: gz})
				id := fmt.Sprintf("snap-known%03d", i)
				created := time.Now().Add(-time.Hour)
				rig.cloud.AddSnapshot(sim.Snapshot{ID: id, Region: gz, Disk: disk, SizeGiB: 50, Created: created})
				known := plan.Lineage{Source: id, Disk: disk, Region: gz, Created: created}.Name()
				rig.cloud.AddSnapshot(sim.Snapshot{Region: bj, Name: known, SizeGiB: 50, CopyFromRemote: true, Created: time.Now()})
			}
			rig.disks(400, time.Hour)
			wantCounts(t, rig.run(copyTimer), "exists=20 started=400")
			n = rig.cloud.Count("DescribeSnapshots")
		})
		return n
	}
	all, one := reads(sim.Quirks{}), reads(sim.Quirks{NameValues: 1})
	if all*3 > one {
		t.Errorf("%d reads where all names are compared, %d where only one is", all, one)
	}
}

func TestARunLongerThanALookLooksAgain(t *testing.T) {
	story(t, sim.Options{CopyTime: time.Hour}, func(rig *rig) {
		rig.cloud.SetQuota(bj, 1000)
		rig.env["TARGET_REGIONS"] = bj
		rig.disks(300, time.Hour)
		// Another run begins a copy of a late one while this one is under way.
		disturbed := false
		var victim string
		rig.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Action == "CopySnapshotCrossRegions" && !disturbed {
				disturbed = true
				s := slices.MaxFunc(rig.cloud.Snapshots(gz), func(x, y sim.Snapshot) int { return strings.Compare(x.Disk, y.Disk) })
				victim = s.ID
				name := plan.Lineage{Source: s.ID, Disk: s.Disk, Region: gz, Created: s.Created}.Name()
				rig.cloud.AddSnapshot(sim.Snapshot{Region: bj, Name: name, SizeGiB: 50, CopyFromRemote: true, State: "NORMAL", Percent: 100, Created: time.Now()})
			}
			return sim.Fault{}
		})
		r := rig.run(copyTimer)
		wantCounts(t, r, "exists=1 started=299")
		n := 0
		for _, rep := range rig.replicas(bj) {
			if strings.HasPrefix(rep, victim) {
				n++
			}
		}
		wantNumber(t, "replicas of the snapshot that another run copied", n, 1)
	})
}

func TestASlowRetentionLooksAgainBeforeItDeletes(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.history(9, "6")
		// Each deletion takes long; meanwhile somebody deletes the newest replicas, which justified the plan.
		gone := false
		rig.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Action != "DeleteSnapshots" {
				return sim.Fault{}
			}
			if !gone {
				gone = true
				all := rig.cloud.Snapshots(bj)
				for _, s := range all[:2] { // copied first: the newest points
					rig.cloud.RemoveSnapshot(bj, s.ID)
				}
			}
			return sim.Fault{Kind: sim.Slow, Delay: 6 * time.Second}
		})
		rig.run(retainTimer)
		wantNumber(t, "replicas left of those that the rules keep", len(rig.replicas(bj)), 6)
	})
}
