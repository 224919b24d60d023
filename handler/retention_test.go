package handler_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

func TestRetentionDeletesWhatNoRuleKeepsAndCopyingDoesNotBringItBack(t *testing.T) {
	story(t, sim.Options{CopyTime: 40 * time.Minute}, func(rig *rig) {
		_, s := rig.disk(days(9)...)
		rig.copyAll()
		wantCounts(t, rig.run(retainTimer), "kept=18")
		rig.env["KEEP_LAST"] = "5"
		wantCounts(t, rig.run(`{"job":"retain","dryRun":true}`), "kept=10 would-delete=8")
		wantCounts(t, rig.run(retainTimer), "deleted=8 kept=10")
		rig.wantReplicas(bj, s[0]+" NORMAL", s[1]+" NORMAL", s[2]+" NORMAL", s[3]+" NORMAL", s[4]+" NORMAL")
		r := rig.run(copyTimer)
		wantCounts(t, r, "exists=10 skipped=8")
		wantSettled(t, r, true)
		wantCounts(t, rig.run(retainTimer), "kept=10")
		wantNumber(t, "originals left of 9", len(rig.cloud.Snapshots(gz)), 9)
	})
}

func TestMassDeletionIsRefusedUnlessForced(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.history(12, "2")
		r := rig.alarm(t, retainTimer, "10 of the 12 proven replicas in ap-beijing", "force")
		wantCounts(t, r, "deferred=10 failed=1 kept=2")
		wantNumber(t, "deletions were requested", rig.cloud.Count("DeleteSnapshots"), 0)
		r = rig.run(`{"job":"retain","force":true}`)
		wantCounts(t, r, "deleted=10 kept=2")
		wantWords(t, r.Warnings, "10 of the 12 proven replicas in ap-beijing would be deleted: only force allows this")
	})
}

func TestTheDeleteLimitHoldsTheRestForTheNextRun(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		_, s := rig.history(9, "6")
		rig.env["DELETE_LIMIT"] = "2"
		wantCounts(t, rig.run(`{"job":"retain","dryRun":true}`), "deferred=1 kept=6 would-delete=2")
		r := rig.run(retainTimer)
		wantCounts(t, r, "deferred=1 deleted=2 kept=6")
		wantWords(t, r.Warnings, "DELETE_LIMIT=2 leaves 1 deletions over", "displaced 1 of")
		for _, replica := range rig.replicas(bj) {
			if strings.HasPrefix(replica, s[8]) || strings.HasPrefix(replica, s[7]) {
				t.Errorf("%s is left: the oldest go first", replica)
			}
		}
		r = rig.run(retainTimer)
		wantCounts(t, r, "deleted=1 kept=6")
		wantNumber(t, "warnings when nothing is left over", len(r.Warnings), 0)
	})
}

func TestADeletionWithoutAClearAnswerUsesUpTheLimit(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		rig.disk(days(9)...)
		rig.copyAll()
		rig.env["KEEP_LAST"], rig.env["DELETE_LIMIT"] = "6", "1"
		rig.fail(1, "DeleteSnapshots", bj, sim.Fault{Kind: sim.LoseReply})
		wantCounts(t, rig.run(retainTimer), "deferred=2 kept=6 unknown=1")
	})
}

func TestARetentionForOneRegionLeavesTheOthersAlone(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.disk(days(3)...)
		rig.copyAll()
		rig.env["KEEP_LAST"] = "1"
		wantCounts(t, rig.run(`{"job":"retain","targetRegions":["ap-beijing"]}`), "deleted=2 kept=1")
		if here, there := len(rig.replicas(bj)), len(rig.replicas(sh)); here != 1 || there != 3 {
			t.Errorf("%d replicas are left in %s and %d in %s, want 1 and 3", here, bj, there, sh)
		}
	})
}

// Otherwise one replica that is refused in every run would use up DELETE_LIMIT=1
// for ever.
func TestRefusedDeletionsUseUpNoneOfTheLimit(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		_, s := rig.history(9, "5")
		rig.env["DELETE_LIMIT"] = "1"
		rig.cloud.SetInject(func(c sim.Call) sim.Fault {
			for _, rep := range rig.cloud.Snapshots(bj) {
				if c.Action == "DeleteSnapshots" && strings.Contains(rep.Name, s[8][5:]) && strings.Contains(string(c.Params), rep.ID) {
					return sim.Fault{Kind: sim.Refuse, Code: "UnsupportedOperation.SnapshotHasBindedImage"}
				}
			}
			return sim.Fault{}
		})
		for range 3 {
			_, _ = rig.invoke(retainTimer)
		}
		wantNumber(t, "replicas are left after three runs, 6 should be: the refused one and five that are kept", len(rig.replicas(bj)), 6)
	})
}

func TestNothingForeignIsEverDeleted(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"], rig.env["KEEP_LAST"] = bj, "1"
		disk, s := rig.disk(days(3)...)
		like := func(created time.Time) string {
			return plan.Lineage{Source: "snap-gone0001", Disk: disk, Region: gz, Created: created}.Name()
		}
		at := time.Now().Add(-100 * 24 * time.Hour)
		for _, foreign := range []sim.Snapshot{
			{Region: bj, Name: "ferry_x", CopyFromRemote: true},
			{Region: bj, Name: "nightly", CopyFromRemote: true},
			{Region: bj, Name: like(at)}, // ours by name, but made here
			{Region: bj, Name: strings.Replace(like(at), "_ap-", "_ap_", 1), CopyFromRemote: true},
			{Region: bj, Name: "ferry_gone_" + disk[5:] + "_ap-guangzhou_20230230T000000Z", CopyFromRemote: true},
			{Region: bj, Name: like(at) + "x", CopyFromRemote: true},
			{Region: bj, Name: strings.Replace(like(at), disk[5:], "none", 1), CopyFromRemote: true},
			{Region: bj, Name: strings.Replace(like(at), gz, sh, 1), CopyFromRemote: true}, // another deployment's source
			{Region: gz, Name: like(at), CopyFromRemote: true},                             // in the very region it names
			{Region: bj, Name: like(at), CopyFromRemote: true, Locked: true},
			{Region: bj, Name: like(at.Add(time.Second)), CopyFromRemote: true, Images: 1},
			{Region: bj, Name: like(at.Add(2 * time.Second)), CopyFromRemote: true, SharedWith: []string{"100000000009"}},
		} {
			foreign.Created, foreign.SizeGiB = at, 50
			foreign.Tags = map[string]string{"ferry:state": "verified"}
			rig.cloud.AddSnapshot(foreign)
		}
		rig.copied()
		before := len(rig.cloud.Snapshots(bj))
		rig.run(retainTimer)
		wantNumber(t, "snapshots left", len(rig.cloud.Snapshots(bj)), before)
		rig.wantNewest(bj, s[0])
	})
}

// wantNewest demands that a source's replica is there.
func (rig *rig) wantNewest(region, source string) {
	rig.t.Helper()
	for _, r := range rig.replicas(region) {
		if r == source+" NORMAL" {
			return
		}
	}
	rig.t.Errorf("no replica of %s in %s: %v", source, region, rig.replicas(region))
}

func TestWholeHistoriesOfUnknownDisksAndOfOthersAreLeftAlone(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"], rig.env["KEEP_LAST"] = bj, "1"
		rig.disk(time.Hour)
		for i, l := range []plan.Lineage{{Region: gz}, {Region: sh, Disk: "disk-a"}, {Region: "ap-nanjing"}} {
			for age := range 4 {
				l.Source, l.Created = fmt.Sprintf("snap-%d%d", i, age), time.Now().Add(-time.Duration(age+1)*24*time.Hour)
				rig.cloud.AddSnapshot(sim.Snapshot{Region: bj, Name: l.Name(), CopyFromRemote: true, Created: l.Created, Tags: map[string]string{plan.StateTag: plan.StateVerified}})
			}
		}
		rig.copied()
		rig.run(`{"job":"retain","force":true}`)
		wantNumber(t, "replicas are left of 13", len(rig.cloud.Snapshots(bj)), 13)
	})
}

func TestADoubleGoesFirstAndTheOlderOneStays(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.history(3, "3")
		all := rig.cloud.Snapshots(bj)
		first := all[0]
		double := rig.cloud.AddSnapshot(sim.Snapshot{Region: bj, Name: first.Name, SizeGiB: 50, CopyFromRemote: true, Created: time.Now()})
		r := rig.run(verifyTimer)
		wantNumber(t, "warnings", len(r.Warnings), 1)
		wantWords(t, r.Warnings, double)
		wantCounts(t, rig.run(retainTimer), "deleted=1 kept=3")
		if _, left := rig.cloud.Snapshot(bj, double); left {
			t.Error("the double is left")
		}
	})
}

func TestTheLastCompleteReplicaStaysWhileItsSuccessorIsCopying(t *testing.T) {
	story(t, sim.Options{CopyTime: 2 * time.Hour}, func(rig *rig) {
		rig.env["TARGET_REGIONS"], rig.env["KEEP_LAST"] = bj, "1"
		disk, s := rig.disk(time.Hour)
		rig.run(copyTimer)
		time.Sleep(3 * time.Hour)
		newer := rig.snapshot(disk)
		wantCounts(t, rig.run(copyTimer), "exists=1 started=1")
		wantCounts(t, rig.run(retainTimer), "kept=2")
		rig.wantReplicas(bj, s[0]+" NORMAL", newer+" COPYING_FROM_REMOTE")
		time.Sleep(3 * time.Hour)
		wantCounts(t, rig.run(retainTimer), "deleted=1 kept=1")
		rig.wantReplicas(bj, newer+" NORMAL")
		wantSettled(t, rig.run(copyTimer), true)
	})
}

func TestDeletingAReplicaThatIsGoneOrRefusedDoesNotStopTheRest(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.history(9, "6")
		n := 0
		rig.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Action != "DeleteSnapshots" {
				return sim.Fault{}
			}
			n++
			switch n {
			case 1:
				return sim.Fault{Kind: sim.Refuse, Code: "UnsupportedOperation.SnapHasShared"}
			case 2:
				return sim.Fault{Kind: sim.LoseReply}
			}
			return sim.Fault{}
		})
		wantCounts(t, rig.alarm(t, retainTimer), "deleted=1 failed=1 kept=6 unknown=1")
		wantCounts(t, rig.run(retainTimer), "deleted=1 kept=6")
	})
}

// The keep rules need all replicas of a disk, also those whose sources are gone.
// An event that ranks less copies what retention deleted.
func TestAnEventDoesNotBringBackWhatRetentionDeleted(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		disk, s := rig.history(4, "2")
		wantCounts(t, rig.run(retainTimer), "deleted=2 kept=2")
		rig.run(verifyTimer)
		for _, newer := range s[:2] {
			rig.cloud.RemoveSnapshot(gz, newer)
		}
		for _, older := range s[2:] {
			wantNumber(t, "copies made again", rig.run(created(older, disk)).Counts["started"], 0)
		}
		wantCounts(t, rig.run(copyTimer), "skipped=2")
	})
}

func TestAShareOfSomebodyElseKeepsAReplicaWithoutAnAlarm(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.history(3, "1")
		rig.env["SHARE_ACCOUNTS"] = "100000000007"
		for i, rep := range rig.cloud.Snapshots(bj) {
			with := []string{"100000000007", "100000000009"}[i%2]
			rig.cloud.ChangeSnapshot(bj, rep.ID, func(s *sim.Snapshot) { s.SharedWith = []string{with} })
		}
		wantCounts(t, rig.run(retainTimer), "deleted=1 kept=2")
		wantNumber(t, "replicas are left", len(rig.replicas(bj)), 2)
		shared := 0
		for _, rep := range rig.cloud.Snapshots(bj) {
			shared += len(rep.SharedWith)
		}
		wantNumber(t, "shares left of the replicas that stay", shared, 2)
	})
}

func TestThePlansTotalsAreWhatTheRealRunsThenDo(t *testing.T) {
	story(t, sim.Options{CopyTime: 40 * time.Minute}, func(rig *rig) {
		rig.disk(days(9)...)
		rig.disk(days(4)...)
		rig.copyAll()
		rig.env["KEEP_DAILY"] = "7"
		rig.disk(days(3)...)
		writes := rig.cloud.Count("CopySnapshotCrossRegions")
		p := rig.run(`{"job":"plan"}`)
		if p.Job != "plan" || !p.DryRun || rig.cloud.Count("CopySnapshotCrossRegions") != writes || rig.cloud.Count("DeleteSnapshots") != 0 {
			t.Errorf("a plan changed something, or does not say that it is one: %+v", p)
		}
		deleted := rig.run(retainTimer).Counts["deleted"]
		started := rig.run(copyTimer).Counts["started"]
		if deleted == 0 || started == 0 || p.Counts["would-delete"] != deleted || p.Counts["planned"] != started {
			t.Errorf("planned %v; then %d deleted, %d started", p.Counts, deleted, started)
		}
	})
}
