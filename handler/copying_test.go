package handler_test

import (
	"fmt"
	"testing"
	"time"

	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

func TestASweepCopiesWhatIsMissingAndVerifyProvesIt(t *testing.T) {
	story(t, sim.Options{CopyTime: 40 * time.Minute}, func(rig *rig) {
		_, s := rig.disk(time.Hour, 25*time.Hour)
		wantCounts(t, rig.run(copyTimer), "started=4")
		wantCounts(t, rig.run(copyTimer), "in-progress=4")
		wantCounts(t, rig.run(verifyTimer), "copying=4")
		time.Sleep(time.Hour)
		r := rig.run(verifyTimer)
		wantCounts(t, r, "verified=4")
		wantSettled(t, r, true)
		wantCounts(t, rig.run(copyTimer), "exists=4")
		rig.wantReplicas(bj, s[0]+" NORMAL", s[1]+" NORMAL")
		rig.wantReplicas(sh, s[0]+" NORMAL", s[1]+" NORMAL")
		for _, rep := range rig.cloud.Snapshots(bj) {
			if rep.Tags[plan.StateTag] != plan.StateVerified {
				t.Errorf("%s is not tagged: %v", rep.ID, rep.Tags)
			}
		}
		tags := rig.cloud.Count("TagResources")
		rig.run(verifyTimer)
		wantNumber(t, "calls to tag, none of them again", rig.cloud.Count("TagResources"), tags)
	})
}

func TestASourceThatIsNotWholeWaits(t *testing.T) {
	for _, state := range []string{"CREATING", "NORMAL"} {
		story(t, sim.Options{}, func(rig *rig) {
			disk, s := rig.disk(time.Hour)
			rig.cloud.ChangeSnapshot(gz, s[0], func(s *sim.Snapshot) { s.State, s.Percent = state, 99 })
			for _, event := range []string{copyTimer, created(s[0], disk), fmt.Sprintf(`{"snapshotId":%q}`, s[0])} {
				r := rig.run(event)
				wantCounts(t, r, "waiting=2")
				wantSettled(t, r, false)
			}
			wantCounts(t, rig.run(created("snap-notseen1", disk)), "waiting=1")
			rig.wantUntouched()
			rig.cloud.ChangeSnapshot(gz, s[0], func(s *sim.Snapshot) { s.State, s.Percent = "NORMAL", 100 })
			wantCounts(t, rig.run(copyTimer), "started=2")
		})
	}
}

// After an unclear answer the run looks again. What it finds is not asked for again.
func TestALostAnswerIsNotFollowedByASecondCopy(t *testing.T) {
	for _, kind := range []sim.FaultKind{sim.LoseReply, sim.BadGatewayDone, sim.Truncate, sim.HangAfter} {
		t.Run(kind.String(), func(t *testing.T) {
			story(t, sim.Options{CopyTime: 10 * time.Minute}, func(rig *rig) {
				_, s := rig.disk(time.Hour)
				rig.timeout = time.Minute
				rig.fail(1, "CopySnapshotCrossRegions", "", sim.Fault{Kind: kind})
				r := rig.run(copyTimer)
				wantCounts(t, r, "in-progress=2")
				wantWords(t, r.Actions[0].Reason, "after an unclear answer", "COPYING_FROM_REMOTE")
				wantCounts(t, rig.run(copyTimer), "in-progress=2")
				wantNumber(t, "copy requests", rig.cloud.Count("CopySnapshotCrossRegions"), 1)
				time.Sleep(time.Hour)
				wantCounts(t, rig.run(copyTimer), "exists=2")
				rig.wantReplicas(bj, s[0]+" NORMAL")
				rig.wantReplicas(sh, s[0]+" NORMAL")
			})
		})
	}
}

// A copy that began without an answer may not be listed yet. Then its source says
// that it is in progress. Without time to look again, nobody knows.
func TestAfterALostAnswerEachRegionIsAskedOnceAlone(t *testing.T) {
	for name, c := range map[string]struct {
		hidden, timeout time.Duration
		faults          int
		want            string
		requests        int
	}{
		"nothing was done":                 {0, time.Minute, 1, "started=2", 3},
		"nothing is clear":                 {0, time.Minute, 3, "unknown=2", 3},
		"begun, and not listed yet":        {10 * time.Minute, time.Minute, -1, "in-progress=2", 1},
		"the time is up before it is seen": {0, 15 * time.Second, -2, "unknown=2", 1},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, sim.Options{CopyTime: time.Hour, Hidden: c.hidden}, func(rig *rig) {
				rig.disk(time.Hour)
				rig.timeout = c.timeout
				fault := map[int]sim.FaultKind{-1: sim.LoseReply, -2: sim.HangAfter}[c.faults]
				if c.faults > 0 {
					fault = sim.LoseCall
				}
				rig.fail(max(c.faults, 1), "CopySnapshotCrossRegions", "", sim.Fault{Kind: fault})
				wantCounts(t, rig.run(copyTimer), c.want)
				wantNumber(t, "copy requests", rig.cloud.Count("CopySnapshotCrossRegions"), c.requests)
			})
		})
	}
}

func TestAConflictMeansThatTheCopyIsUnderWay(t *testing.T) {
	for _, kind := range []sim.FaultKind{sim.Refuse, sim.RefuseRows} {
		t.Run(kind.String(), func(t *testing.T) {
			story(t, sim.Options{}, func(rig *rig) {
				rig.disk(time.Hour)
				rig.fail(-1, "CopySnapshotCrossRegions", "", sim.Fault{Kind: kind, Code: "ResourceInUse.CopySnapshotConflict"})
				r := rig.run(copyTimer)
				wantCounts(t, r, "in-progress=2")
				wantSettled(t, r, false)
				wantNumber(t, "requests", rig.cloud.Count("CopySnapshotCrossRegions"), 1)
			})
		})
	}
}

func TestARefusalForGoodIsRememberedForSixHours(t *testing.T) {
	story(t, sim.Options{Quirks: sim.Quirks{SystemDiskRefused: true}}, func(rig *rig) {
		disk := rig.cloud.AddDisk(sim.Disk{Region: gz, Usage: "SYSTEM_DISK"})
		rig.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: disk, Usage: "SYSTEM_DISK", Created: time.Now()})
		r := rig.run(copyTimer)
		wantCounts(t, r, "ineligible=2")
		wantWords(t, r.Actions[0].Reason, "SnapshotNotSupportCopy")
		for range 5 {
			time.Sleep(time.Hour)
			wantCounts(t, rig.run(copyTimer), "ineligible=2")
		}
		wantNumber(t, "requests in five hours, for both regions and for each", rig.cloud.Count("CopySnapshotCrossRegions"), 3)
		time.Sleep(time.Hour)
		rig.run(copyTimer)
		wantNumber(t, "requests in six hours", rig.cloud.Count("CopySnapshotCrossRegions"), 6)
	})
}

func TestWhatCantBeCopiedShowsWithItsReason(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		for _, s := range []sim.Snapshot{
			{Encrypted: true},
			{Type: "SHARED_SNAPSHOT"},
			{State: "TORECYCLE"},
			{CopyFromRemote: true, Name: "Copied snap-1 from ap-seoul"},
		} {
			s.Region, s.Created = gz, time.Now()
			rig.cloud.AddSnapshot(s)
		}
		r := rig.run(copyTimer)
		wantCounts(t, r, "ineligible=4")
		wantWords(t, actions(r), "encrypted", "another account", "TORECYCLE", "replica")
		rig.wantUntouched()
	})
}

func TestTagsOnSnapshotsAndDisksDecideWhatGoesWhere(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["SELECT_TAGS"] = "env=prod"
		add := func(disk, snapshot map[string]string) string {
			d := rig.cloud.AddDisk(sim.Disk{Region: gz, Tags: disk})
			return rig.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: d, SizeGiB: 50, Created: time.Now(), Tags: snapshot})
		}
		prod := map[string]string{"env": "prod"}
		byDisk := add(prod, nil)
		bySnapshot := add(nil, prod)
		add(prod, map[string]string{"env": "dev"}) // the snapshot's value wins
		add(nil, nil)
		add(map[string]string{"env": "prod", plan.SkipTag: ""}, nil)
		add(prod, map[string]string{plan.SkipTag: "yes"})
		elsewhere := add(map[string]string{"env": "prod", plan.TargetsTag: "ap-nanjing+nowhere!+ap-guangzhou"}, nil)
		r := rig.run(copyTimer)
		rig.wantReplicas(bj, byDisk+" COPYING_FROM_REMOTE", bySnapshot+" COPYING_FROM_REMOTE")
		rig.wantReplicas(sh, byDisk+" COPYING_FROM_REMOTE", bySnapshot+" COPYING_FROM_REMOTE")
		rig.wantReplicas("ap-nanjing", elsewhere+" COPYING_FROM_REMOTE")
		for _, a := range r.Actions {
			if a.Snapshot == elsewhere {
				wantWords(t, a.Reason, `"nowhere!" is not a region`, "ap-guangzhou is its own region")
			}
		}
		time.Sleep(time.Hour)
		if r = rig.run(copyTimer); r.Counts["exists"] != 5 || r.Counts["started"] != 0 {
			t.Errorf("a sweep later the counts are %v, want all five found and none started", r.Counts)
		}
		r = rig.alarm(t, verifyTimer)
		wantCounts(t, r, "verified=5")
		if p := r.Protection; p.Disks != 5 || p.Protected != 3 || p.Unprotected != 2 {
			t.Errorf("protection: %+v; only the two disks that their snapshots' tags leave out are unprotected", p)
		}
	})
}

func TestATagNeitherMakesNorUnmakesAReplica(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		_, s := rig.disk(time.Hour)
		proven := map[string]string{plan.StateTag: plan.StateVerified}
		rig.cloud.AddSnapshot(sim.Snapshot{Region: bj, Name: "tagged by a tool", SizeGiB: 50, CopyFromRemote: true, Created: time.Now(), Tags: proven})
		wantCounts(t, rig.run(copyTimer), "started=1")
		time.Sleep(time.Hour)
		wantCounts(t, rig.run(copyTimer), "exists=1") // never verified: it carries no tag
		rig.wantReplicas(bj, s[0]+" NORMAL")
	})
}

func TestNothingIsCopiedToOrDeletedInARegionThatCouldNotBeSeen(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["MAX_AGE"] = "0"
		rig.disk(days(3)...)
		rig.copyAll()
		disk, newer := rig.disk(time.Minute)
		rig.env["KEEP_LAST"] = "1"
		writes := func() int { return rig.cloud.Count("CopySnapshotCrossRegions") + rig.cloud.Count("DeleteSnapshots") }
		before, there := writes(), len(rig.replicas(bj))
		rig.fail(-1, "DescribeSnapshots", bj, sim.Fault{Kind: sim.Refuse, Code: "InternalError"})
		for _, event := range []string{copyTimer, created(newer[0], disk), `{"job":"retain","force":true}`} {
			rig.alarm(t, event, bj)
		}
		wantNumber(t, "replicas in a region that could not be seen", len(rig.replicas(bj)), there)
		if writes() == before || len(rig.replicas(sh)) != 2 {
			t.Errorf("the other region had to wait for it: %v", rig.replicas(sh))
		}
	})
}

// An older replica protects the disk, so that only the spoilt ones leave work to do.
func TestASpoiltReplicaIsReplacedOnceItsTimeIsOver(t *testing.T) {
	for name, f := range map[string]sim.Fate{"state": sim.Strange, "size": sim.WrongSize} {
		t.Run(name, func(t *testing.T) {
			story(t, sim.Options{CopyTime: time.Hour}, func(rig *rig) {
				rig.env["TARGET_REGIONS"], rig.env["MAX_AGE"], rig.env["RPO"] = bj, "0", "0"
				disk, _ := rig.disk(time.Minute)
				rig.run(copyTimer)
				time.Sleep(2 * time.Hour)
				rig.cloud.SetFate(fate(f))
				rig.snapshot(disk)
				time.Sleep(time.Minute)
				rig.run(copyTimer)
				for range 4 * 24 { // four days of sweeps
					time.Sleep(time.Hour)
					_, _ = rig.invoke(copyTimer)
				}
				wantNumber(t, "attempts, at most three are made", len(rig.cloud.Copies())-1, 3)
				wantNumber(t, "failures after three attempts", rig.alarm(t, copyTimer).Counts["failed"], 1)
				rig.env["KEEP_LAST"] = "3"
				wantSettled(t, rig.run(retainTimer), false)
			})
		})
	}
}

// A replica that shows its source's time has an unknown age. It is never replaced,
// even if the service would accept another copy, and it is an alarm.
func TestAReplicaWhoseAgeNobodyKnowsIsNeverReplaced(t *testing.T) {
	for name, f := range map[string]sim.Fate{"hangs": sim.Hangs, "strange": sim.Strange, "smaller": sim.WrongSize} {
		t.Run(name, func(t *testing.T) {
			o := sim.Options{Fate: fate(f), Quirks: sim.Quirks{SourceCreateTime: true, HungReleases: true}}
			story(t, o, func(rig *rig) {
				rig.env["MAX_AGE"] = "0"
				rig.disk(time.Minute)
				for range 10 {
					_, _ = rig.invoke(copyTimer)
					time.Sleep(5 * time.Hour)
				}
				wantNumber(t, "copies for one snapshot and two regions", len(rig.cloud.Copies()), 2)
				rig.alarm(t, verifyTimer)
			})
		})
	}
}

// One refused request for several regions is enough for the whole run.
func TestAServiceThatTakesOneRegionAtATimeIsUnderstoodOnce(t *testing.T) {
	story(t, sim.Options{Quirks: sim.Quirks{MaxRegions: 1}}, func(rig *rig) {
		rig.h.Workers = 1
		rig.disks(20, time.Hour)
		wantCounts(t, rig.run(copyTimer), "started=40")
		wantNumber(t, "requests for 40 copies", rig.cloud.Count("CopySnapshotCrossRegions"), 41)
	})
}
