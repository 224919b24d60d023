package handler_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"snapferry/handler"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

func TestASweepCopiesWhatIsMissingAndVerifyProvesIt(t *testing.T) {
	story(t, sim.Options{CopyTime: 40 * time.Minute}, func(b *bench) {
		_, s := b.disk(time.Hour, 25*time.Hour)
		wantCounts(t, b.run(copyTimer), "started=4")
		wantCounts(t, b.run(copyTimer), "in-progress=4")
		wantCounts(t, b.run(verifyTimer), "copying=4")
		time.Sleep(time.Hour)
		r := b.run(verifyTimer)
		wantCounts(t, r, "verified=4")
		if !r.Settled {
			t.Error("not settled with every replica verified")
		}
		wantCounts(t, b.run(copyTimer), "exists=4")
		b.wantReplicas(bj, s[0]+" NORMAL", s[1]+" NORMAL")
		b.wantReplicas(sh, s[0]+" NORMAL", s[1]+" NORMAL")
		for _, rep := range b.cloud.Snapshots(bj) {
			if rep.Tags[plan.StateTag] != plan.StateVerified {
				t.Errorf("%s is not tagged: %v", rep.ID, rep.Tags)
			}
		}
		tags := b.cloud.Count("TagResources")
		b.run(verifyTimer)
		if got := b.cloud.Count("TagResources"); got != tags {
			t.Errorf("tagged again: %d calls, had %d", got, tags)
		}
	})
}

func TestAnEventCostsFewCallsAndADoubledOneMakesNoSecondReplica(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		disk, s := b.disk(time.Minute, 24*time.Hour)
		r := b.run(created(s[0], disk))
		wantCounts(t, r, "started=2")
		if r.APICalls > 5 {
			t.Errorf("%d calls for one snapshot and two targets, at most 3 + 2 are promised", r.APICalls)
		}
		wantCounts(t, b.run(created(s[0], disk)), "in-progress=2")
		time.Sleep(time.Minute)
		wantCounts(t, b.run(created(s[0], disk)), "exists=2")
		b.wantReplicas(bj, s[0]+" NORMAL")
	})
}

func TestAnEventWithKeepRulesCostsAsFewCalls(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["KEEP_LAST"] = "1"
		disk, s := b.disk(time.Minute, 24*time.Hour)
		r := b.run(created(s[0], disk))
		wantCounts(t, r, "started=2")
		if r.APICalls > 5 {
			t.Errorf("%d calls", r.APICalls)
		}
		// Its event comes late: a newer one exists, which retention would keep instead.
		wantCounts(t, b.run(created(s[1], disk)), "skipped=2")
	})
}

func TestASourceStillCreatingWaitsForTheTimer(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		disk, _ := b.disk()
		id := b.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: disk, SizeGiB: 50, State: "CREATING", Percent: 30, Created: time.Now()})
		r := b.run(created(id, disk))
		wantCounts(t, r, "waiting=2")
		if r.Settled {
			t.Error("settled while a source waits")
		}
		wantCounts(t, b.run(created("snap-notseen1", disk)), "waiting=1")
		b.cloud.ChangeSnapshot(gz, id, func(s *sim.Snapshot) { s.State, s.Percent = "NORMAL", 100 })
		wantCounts(t, b.run(copyTimer), "started=2")
	})
}

func TestALostAnswerIsNotFollowedByASecondCopy(t *testing.T) {
	for _, kind := range []sim.FaultKind{sim.LoseReply, sim.BadGatewayDone, sim.Truncate, sim.HangAfter} {
		t.Run(kind.String(), func(t *testing.T) {
			story(t, sim.Options{CopyTime: 10 * time.Minute}, func(b *bench) {
				_, s := b.disk(time.Hour)
				b.timeout = time.Minute
				once := true
				b.cloud.SetInject(func(c sim.Call) sim.Fault {
					if c.Action == "CopySnapshotCrossRegions" && once {
						once = false
						return sim.Fault{Kind: kind}
					}
					return sim.Fault{}
				})
				r := b.run(copyTimer)
				wantCounts(t, r, "unknown=2")
				wantCounts(t, b.run(copyTimer), "in-progress=2")
				time.Sleep(time.Hour)
				wantCounts(t, b.run(copyTimer), "exists=2")
				b.wantReplicas(bj, s[0]+" NORMAL")
				b.wantReplicas(sh, s[0]+" NORMAL")
			})
		})
	}
}

func TestEachDisksNewestComesBeforeAllOlderOnes(t *testing.T) {
	story(t, sim.Options{Rate: -1}, func(b *bench) {
		newest := map[string]bool{}
		for range 5 {
			_, s := b.disk(time.Hour, 2*time.Hour, 3*time.Hour)
			newest[s[0]] = true
		}
		b.run(copyTimer)
		for i, c := range b.cloud.Copies() {
			if got := newest[c.Source]; got != (i < 10) {
				t.Fatalf("request %d copied %s, newest of its disk: %v", i, c.Source, got)
			}
		}
	})
}

func TestAFullRegionIsAskedOnceAndCostsNoDiskItsNewest(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"] = bj
		b.cloud.SetQuota(bj, 3)
		var newest []string
		for range 3 {
			_, s := b.disk(time.Hour, 2*time.Hour, 3*time.Hour)
			newest = append(newest, s[0])
		}
		r, err := b.invoke(copyTimer)
		if err == nil || !strings.Contains(err.Error(), "InsufficientSnapshotQuota") {
			t.Fatalf("error %v does not name the quota", err)
		}
		b.wantReplicas(bj, newest[0]+" COPYING_FROM_REMOTE", newest[1]+" COPYING_FROM_REMOTE", newest[2]+" COPYING_FROM_REMOTE")
		if r.Counts["failed"] != 1 || r.Counts["started"] != 3 || r.Counts["deferred"] != 5 {
			t.Errorf("counts %v", r.Counts)
		}
	})
}

func TestOneRegionsRefusalDoesNotCostTheOthers(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"] = "ap-nowhere," + bj
		b.disk(time.Hour)
		r, err := b.invoke(copyTimer)
		if err == nil {
			t.Fatal("no error for a region that can't be listed")
		}
		if r.Counts["started"] != 1 || len(b.replicas(bj)) != 1 {
			t.Errorf("%v\n%s", err, actions(r))
		}
	})
}

func TestAShortInvocationAnswersInTimeAndTheNextOnesFinish(t *testing.T) {
	story(t, sim.Options{CopyTime: time.Hour}, func(b *bench) {
		b.cloud.SetQuota(bj, 1000)
		b.cloud.SetQuota(sh, 1000)
		for range 50 {
			ages := make([]time.Duration, 10)
			for i := range ages {
				ages[i] = time.Duration(i+1) * time.Hour
			}
			b.disk(ages...)
		}
		b.timeout = 2 * time.Second
		r := b.run(copyTimer)
		if r.Counts["deferred"] == 0 || r.Settled {
			t.Errorf("counts %v, settled %v: 500 snapshots in two seconds?", r.Counts, r.Settled)
		}
		b.timeout = time.Minute
		var last handler.Reply
		for range 5 {
			last = b.run(copyTimer)
		}
		wantCounts(t, last, "in-progress=1000")
		if got := len(b.cloud.Copies()); got != 1000 {
			t.Errorf("%d copies for 500 snapshots and two regions", got)
		}
		if b.cloud.Throttled() > 0 {
			t.Errorf("%d requests were over the rate", b.cloud.Throttled())
		}
	})
}

func TestARunLongerThanALookLooksAgain(t *testing.T) {
	story(t, sim.Options{CopyTime: time.Hour}, func(b *bench) {
		b.cloud.SetQuota(bj, 1000)
		b.env["TARGET_REGIONS"] = bj
		for range 300 {
			b.disk(time.Hour)
		}
		// Another run begins a copy of a late one while this one is under way.
		meddled := false
		var victim string
		b.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Action == "CopySnapshotCrossRegions" && !meddled {
				meddled = true
				s := slices.MaxFunc(b.cloud.Snapshots(gz), func(x, y sim.Snapshot) int { return strings.Compare(x.Disk, y.Disk) })
				victim = s.ID
				name := plan.Lineage{Source: s.ID, Disk: s.Disk, Region: gz, Created: s.Created}.Name()
				b.cloud.AddSnapshot(sim.Snapshot{Region: bj, Name: name, SizeGiB: 50, CopyFromRemote: true, State: "NORMAL", Percent: 100, Created: time.Now()})
			}
			return sim.Fault{}
		})
		r := b.run(copyTimer)
		if r.Counts["started"] != 299 || r.Counts["exists"] != 1 {
			t.Errorf("counts %v", r.Counts)
		}
		n := 0
		for _, rep := range b.replicas(bj) {
			if strings.HasPrefix(rep, victim) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d replicas of the snapshot that another run copied", n)
		}
	})
}
