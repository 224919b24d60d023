package handler_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"snapferry/handler"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// Runs overlap for minutes here, and copies take only seconds: the service's
// conflict answer is over long before a slow run comes to a snapshot. Only
// looking again keeps the runs from doubling each other's work.
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
			story(t, sim.Options{CopyTime: 8 * time.Second, Quirks: q}, func(b *bench) {
				b.cloud.SetQuota(bj, 5000)
				b.cloud.SetQuota(sh, 5000)
				for range 20 {
					b.disk(time.Hour)
				}
				b.run(copyTimer) // replicas that are known, to try several names by
				time.Sleep(time.Minute)
				for range 380 {
					b.disk(time.Hour)
				}
				slow := b.another("AKIDslow")
				b.cloud.SetInject(func(c sim.Call) sim.Fault {
					if c.SecretID == "AKIDslow" && c.Action == "CopySnapshotCrossRegions" {
						return sim.Fault{Kind: sim.Slow, Delay: 3 * time.Second}
					}
					return sim.Fault{}
				})
				var runs sync.WaitGroup
				for i, h := range []*handler.Handler{slow, b.h, b.h} {
					runs.Go(func() {
						time.Sleep(time.Duration(i) * 7 * time.Second)
						if _, err := h.Invoke(b.context(), []byte(copyTimer)); err != nil {
							t.Error(err)
						}
					})
				}
				runs.Wait()
				time.Sleep(time.Minute)
				wantCounts(t, b.run(copyTimer), "exists=800")
				if got := len(b.cloud.Copies()); got != 800 {
					t.Errorf("%d copies for 400 snapshots and two regions", got)
				}
			})
		})
	}
}

// What several names in one request save, and that nothing is lost by it.
func TestManyNamesAreAskedForTogetherOnlyWhereAllAreLookedAt(t *testing.T) {
	looks := func(q sim.Quirks) (n int) {
		story(t, sim.Options{CopyTime: time.Hour, Quirks: q}, func(b *bench) {
			b.env["TARGET_REGIONS"] = bj
			b.cloud.SetQuota(bj, 5000)
			for i := range 20 {
				disk := b.cloud.AddDisk(sim.Disk{Region: gz})
				id := fmt.Sprintf("snap-known%03d", i)
				created := time.Now().Add(-time.Hour)
				b.cloud.AddSnapshot(sim.Snapshot{ID: id, Region: gz, Disk: disk, SizeGiB: 50, Created: created})
				known := plan.Lineage{Source: id, Disk: disk, Region: gz, Created: created}.Name()
				b.cloud.AddSnapshot(sim.Snapshot{Region: bj, Name: known, SizeGiB: 50, CopyFromRemote: true, Created: time.Now()})
			}
			for range 400 {
				b.disk(time.Hour)
			}
			wantCounts(t, b.run(copyTimer), "exists=20 started=400")
			n = b.cloud.Count("DescribeSnapshots")
		})
		return n
	}
	all, one := looks(sim.Quirks{}), looks(sim.Quirks{NameValues: 1})
	if all*3 > one {
		t.Errorf("%d looks where all names are looked at, %d where only one is", all, one)
	}
}

// Eight at a time, each waited so long for its turn that its look was too old
// each time, and nothing was ever copied.
func TestAtALowPaceTheWorkGoesOn(t *testing.T) {
	story(t, sim.Options{CopyTime: time.Hour, Rate: 1}, func(b *bench) {
		b.env["API_RATE"], b.env["TARGET_REGIONS"] = "1", bj+","+sh+",ap-nanjing"
		b.h.Connect = b.paced(1)
		for range 100 {
			b.disk(time.Hour)
		}
		for _, region := range []string{bj, sh, "ap-nanjing"} {
			b.cloud.SetQuota(region, 1000)
		}
		b.timeout = 5 * time.Minute
		r := b.run(copyTimer)
		if r.Counts["started"] < 200 {
			t.Errorf("%v in five minutes at a request a second", r.Counts)
		}
	})
}
