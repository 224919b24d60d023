package handler_test

import (
	"fmt"
	"strings"
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
		if !r.Settled {
			t.Error("not settled with every replica verified")
		}
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
		if got := rig.cloud.Count("TagResources"); got != tags {
			t.Errorf("tagged again: %d calls, had %d", got, tags)
		}
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
				if r.Settled {
					t.Error("settled while a source waits")
				}
			}
			wantCounts(t, rig.run(created("snap-notseen1", disk)), "waiting=1")
			rig.wantUntouched()
			rig.cloud.ChangeSnapshot(gz, s[0], func(s *sim.Snapshot) { s.State, s.Percent = "NORMAL", 100 })
			wantCounts(t, rig.run(copyTimer), "started=2")
		})
	}
}

func TestALostAnswerIsNotFollowedByASecondCopy(t *testing.T) {
	for _, kind := range []sim.FaultKind{sim.LoseReply, sim.BadGatewayDone, sim.Truncate, sim.HangAfter} {
		t.Run(kind.String(), func(t *testing.T) {
			story(t, sim.Options{CopyTime: 10 * time.Minute}, func(rig *rig) {
				_, s := rig.disk(time.Hour)
				rig.timeout = time.Minute
				rig.fail(1, "CopySnapshotCrossRegions", "", sim.Fault{Kind: kind})
				wantCounts(t, rig.run(copyTimer), "unknown=2")
				wantCounts(t, rig.run(copyTimer), "in-progress=2")
				time.Sleep(time.Hour)
				wantCounts(t, rig.run(copyTimer), "exists=2")
				rig.wantReplicas(bj, s[0]+" NORMAL")
				rig.wantReplicas(sh, s[0]+" NORMAL")
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
				if n := rig.cloud.Count("CopySnapshotCrossRegions"); n != 1 || r.Settled {
					t.Errorf("%d requests, settled %v", n, r.Settled)
				}
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
		if !strings.Contains(r.Actions[0].Reason, "SnapshotNotSupportCopy") {
			t.Errorf("reason %q", r.Actions[0].Reason)
		}
		for range 5 {
			time.Sleep(time.Hour)
			wantCounts(t, rig.run(copyTimer), "ineligible=2")
		}
		if got := rig.cloud.Count("CopySnapshotCrossRegions"); got != 1 {
			t.Errorf("asked %d times in five hours", got)
		}
		time.Sleep(time.Hour)
		rig.run(copyTimer)
		if got := rig.cloud.Count("CopySnapshotCrossRegions"); got != 2 {
			t.Errorf("asked %d times in six hours", got)
		}
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
		for _, want := range []string{"encrypted", "another account", "TORECYCLE", "replica"} {
			if !strings.Contains(actions(r), want) {
				t.Errorf("no reason names %q:\n%s", want, actions(r))
			}
		}
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
			if a.Snapshot == elsewhere && !(strings.Contains(a.Reason, `"nowhere!" is no region`) && strings.Contains(a.Reason, "ap-guangzhou is its own region")) {
				t.Errorf("reason %q", a.Reason)
			}
		}
		time.Sleep(time.Hour)
		if r = rig.run(copyTimer); r.Counts["exists"] != 5 || r.Counts["started"] != 0 {
			t.Errorf("a sweep later the counts are %v, want all five found and none started", r.Counts)
		}
		wantCounts(t, rig.run(verifyTimer), "verified=5")
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
			if _, err := rig.invoke(event); err == nil || !strings.Contains(err.Error(), bj) {
				t.Errorf("%s: error %v does not name the region", event, err)
			}
		}
		if got := len(rig.replicas(bj)); got != there {
			t.Errorf("%d replicas in a region that could not be seen, there were %d", got, there)
		}
		if writes() == before || len(rig.replicas(sh)) != 2 {
			t.Errorf("the other region had to wait for it: %v", rig.replicas(sh))
		}
	})
}

func TestASpoiltReplicaIsReplacedOnceItsTimeIsOver(t *testing.T) {
	for name, f := range map[string]sim.Fate{"state": sim.Strange, "size": sim.WrongSize} {
		t.Run(name, func(t *testing.T) {
			story(t, sim.Options{CopyTime: time.Hour, Fate: fate(f)}, func(rig *rig) {
				rig.env["TARGET_REGIONS"], rig.env["MAX_AGE"] = bj, "0"
				rig.disk(time.Minute)
				rig.run(copyTimer)
				for range 4 * 24 { // four days of sweeps
					time.Sleep(time.Hour)
					_, _ = rig.invoke(copyTimer)
				}
				if got := len(rig.cloud.Copies()); got != 3 {
					t.Errorf("%d attempts, at most three are made", got)
				}
				if r, err := rig.invoke(copyTimer); err == nil || r.Counts["failed"] != 1 {
					t.Errorf("after three attempts: %v, %v", r.Counts, err)
				}
				rig.env["KEEP_LAST"] = "3"
				if r := rig.run(retainTimer); r.Settled {
					t.Errorf("retention says that all is settled: %v", r.Counts)
				}
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
				if got := len(rig.cloud.Copies()); got != 2 {
					t.Errorf("%d copies for one snapshot and two regions", got)
				}
				if _, err := rig.invoke(verifyTimer); err == nil {
					t.Error("no alarm")
				}
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
		if got := rig.cloud.Count("CopySnapshotCrossRegions"); got != 41 {
			t.Errorf("%d requests for 40 copies", got)
		}
	})
}
