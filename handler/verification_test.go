package handler_test

import (
	"strings"
	"testing"
	"time"

	"snapferry/internal/sim"
)

// An older replica protects the disk, so that only the copy that goes wrong can ring.
func TestEveryWayForACopyToGoWrongIsAnAlarm(t *testing.T) {
	for name, c := range map[string]struct {
		fate sim.Fate
		want string
	}{
		"it hangs":                          {sim.Hangs, "stuck=1"},
		"it ends in a state nobody knows":   {sim.Strange, "unexpected=1"},
		"it comes out smaller":              {sim.WrongSize, "mismatch=1"},
		"it comes out encrypted":            {sim.WrongEncrypt, "mismatch=1"},
		"it vanishes and nobody copies any": {sim.Vanishes, "missing=1"},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, sim.Options{CopyTime: time.Hour}, func(rig *rig) {
				rig.env["TARGET_REGIONS"] = bj
				disk, _ := rig.disk(time.Minute)
				rig.run(copyTimer)
				time.Sleep(2 * time.Hour)
				rig.cloud.SetFate(fate(c.fate))
				rig.snapshot(disk)
				wantCounts(t, rig.run(verifyTimer), "verified=1 waiting=1")
				rig.run(copyTimer)
				wantCounts(t, rig.run(verifyTimer), "copying=1 verified=1")
				time.Sleep(7 * time.Hour)
				r := rig.alarm(t, verifyTimer)
				wantSettled(t, r, false)
				wantCounts(t, r, c.want+" verified=1")
				wantNumber(t, "protected disks", r.Protection.Protected, 1)
			})
		})
	}
}

func TestAnAttemptThatSucceedsEndsTheAlarm(t *testing.T) {
	story(t, sim.Options{CopyTime: time.Hour, Fate: fate(sim.WrongSize)}, func(rig *rig) {
		rig.env["TARGET_REGIONS"], rig.env["MAX_AGE"] = bj, "0"
		_, s := rig.disk(time.Minute)
		rig.run(copyTimer)
		time.Sleep(7 * time.Hour)
		rig.cloud.SetFate(nil)
		wantCounts(t, rig.run(copyTimer), "started=1")
		time.Sleep(2 * time.Hour)
		r := rig.run(verifyTimer)
		wantCounts(t, r, "verified=1")
		wantSettled(t, r, true)
		wantNumber(t, "warnings", len(r.Warnings), 1)
		wantWords(t, r.Warnings, "spoilt")
		rig.env["KEEP_LAST"] = "3"
		wantCounts(t, rig.run(retainTimer), "deleted=1 kept=1")
		rig.wantReplicas(bj, s[0]+" NORMAL")
	})
}

func TestOnlyWhatIsProvenIsTagged(t *testing.T) {
	for name, o := range map[string]sim.Options{
		"still arriving": {CopyTime: 24 * time.Hour, Quirks: sim.Quirks{TagBeforeNormal: true}},
		"smaller":        {Fate: fate(sim.WrongSize)},
		"encrypted":      {Fate: fate(sim.WrongEncrypt)},
		"strange":        {Fate: fate(sim.Strange), Quirks: sim.Quirks{TagBeforeNormal: true}},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, o, func(rig *rig) {
				rig.disk(time.Hour)
				rig.run(copyTimer)
				for range 3 {
					time.Sleep(time.Hour)
					_, _ = rig.invoke(verifyTimer)
				}
				wantNumber(t, "requests to tag", rig.cloud.Count("TagResources"), 0)
			})
		})
	}
}

// A wrong replica that is tagged would discredit every good one after it.
func TestOnlyWhatWasComparedWithItsSourceIsTagged(t *testing.T) {
	story(t, sim.Options{Fate: fate(sim.WrongEncrypt)}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		disk, s := rig.disk(time.Hour)
		rig.copied()
		rig.cloud.RemoveSnapshot(gz, s[0])
		rig.run(verifyTimer)
		if tags := rig.cloud.Snapshots(bj)[0].Tags; len(tags) > 0 {
			t.Errorf("tagged %v without having been compared", tags)
		}
		rig.cloud.SetFate(nil)
		newer := rig.snapshot(disk)
		rig.copied()
		rig.run(verifyTimer)
		rig.cloud.RemoveSnapshot(gz, newer)
		wantCounts(t, rig.run(verifyTimer), "unproven=1 verified=1")
	})
}

// Without its source nobody can see that a replica is too small. It must not
// justify the deletion of a good one then.
func TestASpoiltReplicaDoesNotPassForGoodOnceItsSourceIsGone(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"], rig.env["KEEP_LAST"] = bj, "1"
		disk, s := rig.disk(48 * time.Hour)
		rig.copyAll()
		rig.run(verifyTimer)
		rig.cloud.SetFate(fate(sim.WrongSize))
		newer := rig.snapshot(disk)
		rig.copied()
		rig.cloud.RemoveSnapshot(gz, s[0])
		wantNumber(t, "mismatches", rig.alarm(t, verifyTimer).Counts["mismatch"], 1)
		wantCounts(t, rig.run(retainTimer), "kept=2")
		rig.cloud.RemoveSnapshot(gz, newer)
		r := rig.run(verifyTimer)
		wantNumber(t, "warnings", len(r.Warnings), 1)
		wantWords(t, r.Warnings, "damaged")
		wantNumber(t, "unproven", r.Counts["unproven"], 1)
		wantCounts(t, rig.run(retainTimer), "kept=2")
		rig.wantNewest(bj, s[0])
	})
}

func TestADeletedSourceCostsNoReplica(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		_, s := rig.history(3, "3")
		rig.run(verifyTimer)
		for _, id := range s {
			rig.cloud.RemoveSnapshot(gz, id)
		}
		wantCounts(t, rig.run(retainTimer), "kept=3")
		r := rig.run(verifyTimer)
		wantCounts(t, r, "verified=3")
		wantSettled(t, r, true)
	})
}

// A region whose disks can't be read still shows its snapshots. They are enough
// to compare replicas with, but not to copy.
func TestReplicasAreComparedEvenWhereDisksCantBeRead(t *testing.T) {
	story(t, sim.Options{Fate: fate(sim.WrongSize)}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		rig.disk(time.Hour)
		rig.copied()
		rig.deny("DescribeDisks")
		r := rig.alarm(t, verifyTimer)
		wantNumber(t, "mismatches", r.Counts["mismatch"], 1)
		wantNumber(t, "verified", r.Counts["verified"], 0)
		r, _ = rig.invoke(copyTimer)
		wantNumber(t, "copies although the disk's tags could not be read", r.Counts["started"], 0)
	})
}

func TestAReplicaOfARegionThatCantBeSeenIsNotVerified(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		rig.disk(time.Hour)
		rig.copied()
		rig.fail(-1, "", gz, sim.Fault{Kind: sim.Refuse, Code: "InternalError"})
		wantNumber(t, "verified", rig.alarm(t, verifyTimer).Counts["verified"], 0)
		wantNumber(t, "requests to tag", rig.cloud.Count("TagResources"), 0)
	})
}

func TestOneThingLeftToDoIsNotSettled(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.disk(time.Hour)
		rig.copied()
		disk, _ := rig.disk()
		rig.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: disk, SizeGiB: 50, State: "CREATING", Percent: 30, Created: time.Now()})
		for event, counts := range map[string]string{copyTimer: "exists=2 waiting=2", verifyTimer: "verified=2 waiting=2"} {
			r := rig.run(event)
			wantCounts(t, r, counts)
			wantSettled(t, r, false)
		}
	})
}

// One request tags ten replicas, and one of them may make the service refuse it.
func TestOneReplicaThatCantBeTaggedCostsTheOthersNothing(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		for range 35 {
			rig.disk(time.Hour)
		}
		rig.copied()
		bad := rig.cloud.Snapshots(bj)[3].ID
		rig.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Action == "TagResources" && strings.Contains(string(c.Params), bad) {
				return sim.Fault{Kind: sim.Refuse, Code: "FailedOperation"}
			}
			return sim.Fault{}
		})
		wantCounts(t, rig.alarm(t, verifyTimer), "failed=1 verified=35")
		tagged := 0
		for _, s := range rig.cloud.Snapshots(bj) {
			tagged += len(s.Tags)
		}
		wantNumber(t, "tagged replicas", tagged, 34)
	})
}

// Without its tag nothing proves a replica when its source is gone.
func TestARefusedTagIsAFailure(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.deny("TagResources")
		rig.disk(time.Hour)
		rig.copied()
		r := rig.alarm(t, verifyTimer)
		wantCounts(t, r, "failed=2 verified=2")
		wantWords(t, r.Actions[0].Reason, "name/tag:TagResources")
	})
}

func TestTheAccountIsAskedForWhereTheEnvironmentDoesNotTell(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		delete(rig.brought, "TENCENTCLOUD_UIN")
		rig.disk(time.Hour)
		rig.copied()
		wantCounts(t, rig.run(verifyTimer), "verified=2")
		if rig.cloud.Count("GetCallerIdentity") != 1 || len(rig.cloud.Snapshots(bj)[0].Tags) != 1 {
			t.Error("the replicas are not tagged")
		}
	})
}

// What is asked about one source region says nothing about the disks of the others.
func TestADiskOfAnotherSourceRegionIsNotMissed(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"], rig.env["SOURCE_REGIONS"] = bj, gz+","+sh
		mine, _ := rig.disk(time.Hour)
		rig.env["SELECT_DISKS"] = mine + "," + rig.cloud.AddDisk(sim.Disk{Region: sh, SizeGiB: 50})
		rig.copied()
		rig.run(`{"job":"verify","sourceRegion":"ap-guangzhou"}`)
		rig.alarm(t, verifyTimer, "it has no snapshot")
	})
}
