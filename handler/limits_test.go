package handler_test

import (
	"strings"
	"testing"
	"time"

	"snapferry/handler"
	"snapferry/internal/sim"
)

func TestEachDisksNewestComesBeforeAllOlderOnes(t *testing.T) {
	story(t, sim.Options{Rate: -1}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		newest := map[string]bool{}
		for range 12 {
			_, s := rig.disk(time.Hour, 2*time.Hour)
			newest[s[0]] = true
		}
		asked, late := 0, 0
		rig.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Action != "CopySnapshotCrossRegions" {
				return sim.Fault{}
			}
			asked++
			ours := false
			for id := range newest {
				ours = ours || strings.Contains(string(c.Params), id)
			}
			if !ours && len(rig.cloud.Copies()) < len(newest) {
				late++
			}
			if asked == 1 { // the first request is answered last
				return sim.Fault{Kind: sim.Slow, Delay: 4 * time.Second}
			}
			return sim.Fault{}
		})
		rig.run(copyTimer)
		if late > 0 || asked != 24 {
			t.Errorf("of %d requests, %d for an older snapshot went before a newest was answered", asked, late)
		}
	})
}

func TestAFullRegionIsAskedOnceAndCostsNoDiskItsNewest(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		rig.cloud.SetQuota(bj, 3)
		var newest []string
		for range 3 {
			_, s := rig.disk(time.Hour, 2*time.Hour, 3*time.Hour)
			newest = append(newest, s[0])
		}
		wantCounts(t, rig.alarm(t, copyTimer, "InsufficientSnapshotQuota"), "deferred=5 failed=1 started=3")
		rig.wantReplicas(bj, newest[0]+" COPYING_FROM_REMOTE", newest[1]+" COPYING_FROM_REMOTE", newest[2]+" COPYING_FROM_REMOTE")
	})
}

// Requests that wait for their turn when the first refusal comes are not sent.
func TestNothingIsAskedOfAFullRegionAfterItsFirstRefusal(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"], rig.env["SOURCE_REGIONS"] = bj, gz+","+sh
		rig.cloud.SetQuota(bj, 3)
		for range 20 {
			rig.disk(time.Hour)
			d := rig.cloud.AddDisk(sim.Disk{Region: sh, SizeGiB: 50})
			rig.cloud.AddSnapshot(sim.Snapshot{Region: sh, Disk: d, SizeGiB: 50, Created: time.Now().Add(-time.Hour)})
		}
		wantCounts(t, rig.alarm(t, copyTimer), "deferred=36 failed=1 started=3")
		if got := rig.cloud.Count("CopySnapshotCrossRegions"); got > 5 {
			t.Errorf("%d requests: three copies, a refusal, and at most one that was on its way from the other region", got)
		}
	})
}

func TestAFullRegionRefusingTheWholeCallIsAskedOnce(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.h.Workers = 1
		rig.disks(5, time.Hour)
		asked := 0
		rig.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Action == "CopySnapshotCrossRegions" && strings.Contains(string(c.Params), bj) {
				asked++
				return sim.Fault{Kind: sim.Refuse, Code: "InsufficientSnapshotQuota"}
			}
			return sim.Fault{}
		})
		wantCounts(t, rig.alarm(t, copyTimer), "deferred=4 failed=1 started=5")
		wantNumber(t, "requests that name the full region, one with the other region and one alone", asked, 2)
	})
}

func TestAShortInvocationAnswersInTimeAndTheNextOnesFinish(t *testing.T) {
	story(t, sim.Options{CopyTime: time.Hour}, func(rig *rig) {
		rig.quota(1000)
		rig.env["MAX_AGE"] = "0"
		rig.disks(50, days(10)...)
		rig.timeout = 2 * time.Second
		r := rig.run(copyTimer)
		if r.Counts["deferred"] == 0 || r.Settled {
			t.Errorf("counts %v, settled %v: 500 snapshots in two seconds?", r.Counts, r.Settled)
		}
		rig.timeout = time.Minute
		var last handler.Reply
		for range 5 {
			last = rig.run(copyTimer)
		}
		wantCounts(t, last, "in-progress=1000")
		wantNumber(t, "copies for 500 snapshots and two regions", len(rig.cloud.Copies()), 1000)
		wantNumber(t, "requests over the rate", rig.cloud.Throttled(), 0)
	})
}

// Eight workers share the pace. What each of them observed must not become too
// old while it waits for its turn.
func TestAtALowPaceTheWorkGoesOn(t *testing.T) {
	story(t, sim.Options{CopyTime: time.Hour, Rate: 1}, func(rig *rig) {
		rig.env["API_RATE"], rig.env["TARGET_REGIONS"] = "1", bj+","+sh+",ap-nanjing"
		rig.h = rig.function(1, sim.Key{})
		rig.disks(100, time.Hour)
		rig.quota(1000)
		rig.cloud.SetQuota("ap-nanjing", 1000)
		rig.timeout = 5 * time.Minute
		if r := rig.run(copyTimer); r.Counts["started"] < 200 {
			t.Errorf("%v in five minutes at a request a second", r.Counts)
		}
	})
}

func TestASettledReplyLineFitsThePlatformsLog(t *testing.T) {
	story(t, sim.Options{CopyTime: time.Hour}, func(rig *rig) {
		rig.disks(60, time.Hour, 2*time.Hour)
		rig.quota(1000)
		r := rig.run(copyTimer)
		if len(r.Actions) != 200 || r.Omitted != 40 {
			t.Errorf("%d actions listed, %d omitted", len(r.Actions), r.Omitted)
		}
		rig.wantShortLines()
	})
}

// For some errors of one target region the service refuses the whole request.
// The other region got nothing once, for as long as that lasted.
func TestARegionThatRefusesDoesNotCostTheOthersTheirCopies(t *testing.T) {
	for code, want := range map[string]string{
		"ResourceBusy": "deferred=3 started=3", "ResourceUnavailable": "deferred=3 started=3", "UnauthorizedOperation": "deferred=2 failed=1 started=3",
		"InsufficientSnapshotQuota": "deferred=2 failed=1 started=3", "InvalidParameterValue": "failed=3 started=3",
	} {
		t.Run(code, func(t *testing.T) {
			story(t, sim.Options{}, func(rig *rig) {
				rig.h.Workers = 1 // several may be refused at once otherwise, before the region is closed
				for range 3 {
					rig.disk(time.Hour)
				}
				rig.cloud.SetInject(func(c sim.Call) sim.Fault {
					if c.Action == "CopySnapshotCrossRegions" && strings.Contains(string(c.Params), `"`+bj+`"`) {
						return sim.Fault{Kind: sim.Refuse, Code: code}
					}
					return sim.Fault{}
				})
				r, _ := rig.invoke(copyTimer)
				wantCounts(t, r, want)
				wantNumber(t, "replicas in the other region", len(rig.replicas(sh)), 3)
				wantNumber(t, "replicas", len(rig.replicas(bj)), 0)
			})
		})
	}
}
