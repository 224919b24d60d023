package handler_test

import (
	"strings"
	"testing"
	"time"

	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

const retainTimer = `{"Type":"Timer","TriggerName":"retain","Time":"2026-11-23T00:00:00Z","Message":"retain"}`

// days are the ages of one snapshot a day.
func days(n int) []time.Duration {
	var ages []time.Duration
	for i := range n {
		ages = append(ages, time.Duration(i)*24*time.Hour+time.Hour)
	}
	return ages
}

// copyAll copies all there is and lets the copies finish.
func (b *bench) copyAll() {
	b.t.Helper()
	b.env["MAX_AGE"] = "0"
	b.run(copyTimer)
	time.Sleep(2 * time.Hour)
	if r := b.run(copyTimer); !r.Settled {
		b.t.Fatalf("not settled:\n%s", actions(r))
	}
}

func TestRetentionDeletesWhatNoRuleKeepsAndCopyingDoesNotBringItBack(t *testing.T) {
	story(t, sim.Options{CopyTime: 40 * time.Minute}, func(b *bench) {
		_, s := b.disk(days(9)...)
		b.copyAll()
		wantCounts(t, b.run(retainTimer), "kept=18")
		b.env["KEEP_LAST"] = "5"
		wantCounts(t, b.run(`{"job":"retain","dryRun":true}`), "kept=10 would-delete=8")
		wantCounts(t, b.run(retainTimer), "deleted=8 kept=10")
		b.wantReplicas(bj, s[0]+" NORMAL", s[1]+" NORMAL", s[2]+" NORMAL", s[3]+" NORMAL", s[4]+" NORMAL")
		r := b.run(copyTimer)
		wantCounts(t, r, "exists=10 skipped=8")
		if !r.Settled {
			t.Error("retention and copying do not come to rest")
		}
		wantCounts(t, b.run(retainTimer), "kept=10")
		if got := len(b.cloud.Snapshots(gz)); got != 9 {
			t.Errorf("%d originals left of 9", got)
		}
	})
}

func TestMassDeletionIsRefusedUnlessForced(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"] = bj
		b.disk(days(12)...)
		b.copyAll()
		b.env["KEEP_LAST"] = "2"
		r, err := b.invoke(retainTimer)
		if err == nil || !strings.Contains(err.Error(), "10 of the 12 complete replicas in ap-beijing") || !strings.Contains(err.Error(), "force") {
			t.Errorf("error %v", err)
		}
		wantCounts(t, r, "deferred=10 failed=1 kept=2")
		if got := b.cloud.Count("DeleteSnapshots"); got != 0 {
			t.Errorf("%d deletions were requested", got)
		}
		wantCounts(t, b.run(`{"job":"retain","force":true}`), "deleted=10 kept=2")
	})
}

func TestTheDeleteLimitHoldsTheRestForTheNextRun(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"] = bj
		_, s := b.disk(days(9)...)
		b.copyAll()
		b.env["KEEP_LAST"], b.env["DELETE_LIMIT"] = "6", "2"
		wantCounts(t, b.run(retainTimer), "deferred=1 deleted=2 kept=6")
		for _, replica := range b.replicas(bj) {
			if strings.HasPrefix(replica, s[8]) || strings.HasPrefix(replica, s[7]) {
				t.Errorf("%s is left: the oldest go first", replica)
			}
		}
		wantCounts(t, b.run(retainTimer), "deleted=1 kept=6")
	})
}

func TestNothingForeignIsEverDeleted(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"], b.env["KEEP_LAST"] = bj, "1"
		disk, s := b.disk(days(3)...)
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
			b.cloud.AddSnapshot(foreign)
		}
		b.run(copyTimer)
		time.Sleep(time.Hour)
		before := len(b.cloud.Snapshots(bj))
		b.run(retainTimer)
		if got := len(b.cloud.Snapshots(bj)); got != before {
			t.Errorf("%d snapshots of %d are left", got, before)
		}
		b.wantNewest(bj, s[0])
	})
}

// wantNewest demands that a source's replica is there.
func (b *bench) wantNewest(region, source string) {
	b.t.Helper()
	for _, r := range b.replicas(region) {
		if r == source+" NORMAL" {
			return
		}
	}
	b.t.Errorf("no replica of %s in %s: %v", source, region, b.replicas(region))
}

func TestADoubleGoesFirstAndTheOlderOneStays(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"], b.env["KEEP_LAST"] = bj, "3"
		b.disk(days(3)...)
		b.copyAll()
		all := b.cloud.Snapshots(bj)
		first := all[0]
		double := b.cloud.AddSnapshot(sim.Snapshot{Region: bj, Name: first.Name, SizeGiB: 50, CopyFromRemote: true, Created: time.Now()})
		r := b.run(verifyTimer)
		if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], double) {
			t.Errorf("the double is not reported: %q", r.Warnings)
		}
		wantCounts(t, b.run(retainTimer), "deleted=1 kept=3")
		if _, left := b.cloud.Snapshot(bj, double); left {
			t.Error("the double is left")
		}
	})
}

func TestTheLastCompleteReplicaStaysWhileItsSuccessorIsCopying(t *testing.T) {
	story(t, sim.Options{CopyTime: 2 * time.Hour}, func(b *bench) {
		b.env["TARGET_REGIONS"], b.env["KEEP_LAST"] = bj, "1"
		disk, s := b.disk(time.Hour)
		b.run(copyTimer)
		time.Sleep(3 * time.Hour)
		newer := b.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: disk, SizeGiB: 50, Created: time.Now()})
		wantCounts(t, b.run(copyTimer), "exists=1 started=1")
		wantCounts(t, b.run(retainTimer), "kept=2")
		b.wantReplicas(bj, s[0]+" NORMAL", newer+" COPYING_FROM_REMOTE")
		time.Sleep(3 * time.Hour)
		wantCounts(t, b.run(retainTimer), "deleted=1 kept=1")
		b.wantReplicas(bj, newer+" NORMAL")
		if r := b.run(copyTimer); !r.Settled {
			t.Errorf("not at rest:\n%s", actions(r))
		}
	})
}

func TestDeletingAReplicaThatIsGoneOrRefusedDoesNotStopTheRest(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"] = bj
		b.disk(days(9)...)
		b.copyAll()
		b.env["KEEP_LAST"] = "6"
		n := 0
		b.cloud.SetInject(func(c sim.Call) sim.Fault {
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
		r, err := b.invoke(retainTimer)
		if err == nil {
			t.Error("a refused deletion is no error")
		}
		wantCounts(t, r, "deleted=1 failed=1 kept=6 unknown=1")
		wantCounts(t, b.run(retainTimer), "deleted=1 kept=6")
	})
}

func TestASlowRetentionLooksAgainBeforeItDeletes(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"] = bj
		b.disk(days(9)...)
		b.copyAll()
		b.env["KEEP_LAST"] = "6"
		// Each deletion takes long; meanwhile somebody deletes the newest replicas, which justified the plan.
		gone := false
		b.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Action != "DeleteSnapshots" {
				return sim.Fault{}
			}
			if !gone {
				gone = true
				all := b.cloud.Snapshots(bj)
				for _, s := range all[:2] { // copied first: the newest points
					b.cloud.RemoveSnapshot(bj, s.ID)
				}
			}
			return sim.Fault{Kind: sim.Slow, Delay: 6 * time.Second}
		})
		r := b.run(retainTimer)
		if got := len(b.replicas(bj)); got != 6 {
			t.Errorf("%d replicas are left, the rules keep 6:\n%s", got, actions(r))
		}
	})
}

func TestThePlansTotalsAreWhatTheRealRunsThenDo(t *testing.T) {
	story(t, sim.Options{CopyTime: 40 * time.Minute}, func(b *bench) {
		b.disk(days(9)...)
		b.disk(days(4)...)
		b.copyAll()
		b.env["KEEP_DAILY"] = "7"
		b.disk(days(3)...)
		writes := b.cloud.Count("CopySnapshotCrossRegions")
		p := b.run(`{"job":"plan"}`)
		if p.Job != "plan" || !p.DryRun || b.cloud.Count("CopySnapshotCrossRegions") != writes || b.cloud.Count("DeleteSnapshots") != 0 {
			t.Errorf("a plan changed something, or does not say that it is one: %+v", p)
		}
		deleted := b.run(retainTimer).Counts["deleted"]
		started := b.run(copyTimer).Counts["started"]
		if deleted == 0 || started == 0 || p.Counts["would-delete"] != deleted || p.Counts["planned"] != started {
			t.Errorf("planned %v; then %d deleted, %d started", p.Counts, deleted, started)
		}
	})
}
