package handler_test

import (
	"strings"
	"testing"
	"time"

	"snapferry/internal/sim"
)

// The oldest replica was refused in every run, and with DELETE_LIMIT=1 nothing
// else was ever deleted.
func TestRefusedDeletionsUseUpNoneOfTheLimit(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"] = bj
		_, s := b.disk(days(9)...)
		b.copyAll()
		b.env["KEEP_LAST"], b.env["DELETE_LIMIT"] = "5", "1"
		b.cloud.SetInject(func(c sim.Call) sim.Fault {
			for _, rep := range b.cloud.Snapshots(bj) {
				if c.Action == "DeleteSnapshots" && strings.Contains(rep.Name, s[8][5:]) && strings.Contains(string(c.Params), rep.ID) {
					return sim.Fault{Kind: sim.Refuse, Code: "UnsupportedOperation.SnapshotHasBindedImage"}
				}
			}
			return sim.Fault{}
		})
		for range 3 {
			_, _ = b.invoke(retainTimer)
		}
		if got := len(b.replicas(bj)); got != 6 {
			t.Errorf("%d replicas are left after three runs, 6 should be: the refused one and five that are kept", got)
		}
	})
}

// An event looked for the replica of its own snapshot only. What a keep rule
// makes of that depends on replicas whose sources are gone: the event copied
// what retention had deleted, and retention deleted it again.
func TestAnEventDoesNotBringBackWhatRetentionDeleted(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"] = bj
		disk, s := b.disk(days(4)...)
		b.copyAll()
		b.env["KEEP_LAST"] = "2"
		wantCounts(t, b.run(retainTimer), "deleted=2 kept=2")
		for _, newer := range s[:2] {
			b.cloud.RemoveSnapshot(gz, newer)
		}
		for _, older := range s[2:] {
			r := b.run(created(older, disk))
			if r.Counts["started"] > 0 {
				t.Errorf("copied again:\n%s", actions(r))
			}
		}
		wantCounts(t, b.run(copyTimer), "skipped=2")
	})
}

// The source's region counted as unseen where only its disks could not be
// read, and a replica of the wrong size as verified.
func TestReplicasAreComparedEvenWhereDisksCantBeRead(t *testing.T) {
	story(t, sim.Options{Fate: fate(sim.WrongSize)}, func(b *bench) {
		b.env["TARGET_REGIONS"] = bj
		b.disk(time.Hour)
		b.run(copyTimer)
		time.Sleep(time.Hour)
		b.cloud.AddKey(sim.Key{ID: "AKIDrole", Secret: "role-key", Token: "role-token", Deny: []string{"DescribeDisks"}})
		r, err := b.invoke(verifyTimer)
		if err == nil || r.Counts["mismatch"] != 1 || r.Counts["verified"] != 0 {
			t.Errorf("%v: %v", err, r.Counts)
		}
		if r, _ := b.invoke(copyTimer); r.Counts["started"] > 0 {
			t.Error("copied although the disk's tags could not be read")
		}
	})
}

// A replica is not verified by a look that could not see its source's region.
func TestAReplicaOfARegionThatCantBeSeenIsNotVerified(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"] = bj
		b.disk(time.Hour)
		b.run(copyTimer)
		time.Sleep(time.Hour)
		b.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Region == gz {
				return sim.Fault{Kind: sim.Refuse, Code: "InternalError"}
			}
			return sim.Fault{}
		})
		r, err := b.invoke(verifyTimer)
		if err == nil || r.Counts["verified"] != 0 || b.cloud.Count("TagResources") > 0 {
			t.Errorf("%v: %v", err, r.Counts)
		}
	})
}

// Each snapshot was asked for in one request first, which was refused each
// time, and in one for each region then.
func TestAServiceThatTakesOneRegionAtATimeIsUnderstoodOnce(t *testing.T) {
	story(t, sim.Options{Quirks: sim.Quirks{MaxRegions: 1}}, func(b *bench) {
		b.h.Workers = 1
		for range 20 {
			b.disk(time.Hour)
		}
		wantCounts(t, b.run(copyTimer), "started=40")
		if got := b.cloud.Count("CopySnapshotCrossRegions"); got != 41 {
			t.Errorf("%d requests for 40 copies", got)
		}
	})
}

func TestAFullRegionRefusingTheWholeCallIsAskedOnce(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.h.Workers = 1
		for range 5 {
			b.disk(time.Hour)
		}
		asked := 0
		b.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Action == "CopySnapshotCrossRegions" && strings.Contains(string(c.Params), bj) {
				asked++
				return sim.Fault{Kind: sim.Refuse, Code: "InsufficientSnapshotQuota"}
			}
			return sim.Fault{}
		})
		r, err := b.invoke(copyTimer)
		if err == nil || r.Counts["failed"] != 1 || r.Counts["started"] != 5 || r.Counts["deferred"] != 4 {
			t.Errorf("%v: %v", err, r.Counts)
		}
		if asked != 2 {
			t.Errorf("%d requests named the full region: one with the other region, one alone", asked)
		}
	})
}

func TestASnapshotIsFoundWhereItsEventIsWrongAboutTheDisk(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"], b.env["KEEP_LAST"] = bj, "3"
		other, _ := b.disk(48 * time.Hour)
		_, s := b.disk(time.Minute)
		wantCounts(t, b.run(created(s[0], other)), "started=1")
	})
}

func TestAShareOfSomebodyElseKeepsAReplicaWithoutAnAlarm(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"] = bj
		b.disk(days(3)...)
		b.copyAll()
		b.env["KEEP_LAST"], b.env["SHARE_ACCOUNTS"] = "1", "100000000007"
		for i, rep := range b.cloud.Snapshots(bj) {
			with := []string{"100000000007", "100000000009"}[i%2]
			b.cloud.ChangeSnapshot(bj, rep.ID, func(s *sim.Snapshot) { s.SharedWith = []string{with} })
		}
		wantCounts(t, b.run(retainTimer), "deleted=1 kept=2")
		if got := len(b.replicas(bj)); got != 2 {
			t.Errorf("%d replicas are left", got)
		}
		shared := 0
		for _, rep := range b.cloud.Snapshots(bj) {
			shared += len(rep.SharedWith)
		}
		if shared != 2 {
			t.Errorf("%d shares are left of the replicas that stay, 2 were there", shared)
		}
	})
}

// A copy came out smaller, its source was deleted, and with nothing left to
// compare it with it passed for good: retention deleted the good one for it.
func TestASpoiltReplicaDoesNotPassForGoodOnceItsSourceIsGone(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"], b.env["KEEP_LAST"] = bj, "1"
		disk, s := b.disk(48 * time.Hour)
		b.copyAll()
		b.run(verifyTimer)
		b.cloud.SetFate(fate(sim.WrongSize))
		newer := b.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: disk, SizeGiB: 50, Created: time.Now()})
		b.run(copyTimer)
		time.Sleep(time.Hour)
		b.cloud.RemoveSnapshot(gz, s[0])
		if r, err := b.invoke(verifyTimer); err == nil || r.Counts["mismatch"] != 1 {
			t.Errorf("%v: %v", err, r.Counts)
		}
		wantCounts(t, b.run(retainTimer), "kept=2")
		b.cloud.RemoveSnapshot(gz, newer)
		r := b.run(verifyTimer)
		if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "faithful") {
			t.Errorf("warnings %q", r.Warnings)
		}
		wantCounts(t, b.run(retainTimer), "kept=2")
		b.wantNewest(bj, s[0])
	})
}

// Requests that waited for their turn while the first refusal came were sent
// all the same.
func TestNothingIsAskedOfAFullRegionAfterItsFirstRefusal(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"], b.env["SOURCE_REGIONS"] = bj, gz+","+sh
		b.cloud.SetQuota(bj, 3)
		for range 20 {
			b.disk(time.Hour)
			d := b.cloud.AddDisk(sim.Disk{Region: sh, SizeGiB: 50})
			b.cloud.AddSnapshot(sim.Snapshot{Region: sh, Disk: d, SizeGiB: 50, Created: time.Now().Add(-time.Hour)})
		}
		r, err := b.invoke(copyTimer)
		if err == nil || r.Counts["failed"] != 1 || r.Counts["started"] != 3 {
			t.Errorf("%v: %v", err, r.Counts)
		}
		if got := b.cloud.Count("CopySnapshotCrossRegions"); got > 5 {
			t.Errorf("%d requests: three copies, a refusal, and at most one that was on its way from the other region", got)
		}
	})
}

func TestAGroupOfSnapshotsCostsNoMoreForAFullRegion(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		for i := range 1000 {
			b.cloud.AddSnapshot(sim.Snapshot{Region: bj, Created: time.Now().Add(-time.Duration(i) * time.Minute)})
		}
		b.cloud.SetQuota(bj, 5000)
		var events []string
		for range 4 {
			disk, s := b.disk(time.Minute)
			events = append(events, created(s[0], disk))
		}
		r := b.run(`{"EventList":[` + strings.Join(events, ",") + `]}`)
		wantCounts(t, r, "started=8")
		if r.APICalls > 4*5 {
			t.Errorf("%d calls for four snapshots and two targets", r.APICalls)
		}
	})
}

// Verified without a source to compare it with, one wrong replica was tagged,
// and the tag then discredited every good one after it.
func TestOnlyWhatWasComparedWithItsSourceIsTagged(t *testing.T) {
	story(t, sim.Options{Fate: fate(sim.WrongEncrypt)}, func(b *bench) {
		b.env["TARGET_REGIONS"] = bj
		disk, s := b.disk(time.Hour)
		b.run(copyTimer)
		time.Sleep(time.Hour)
		b.cloud.RemoveSnapshot(gz, s[0])
		b.run(verifyTimer)
		if tags := b.cloud.Snapshots(bj)[0].Tags; len(tags) > 0 {
			t.Errorf("tagged %v without having been compared", tags)
		}
		b.cloud.SetFate(nil)
		newer := b.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: disk, SizeGiB: 50, Created: time.Now()})
		b.run(copyTimer)
		time.Sleep(time.Hour)
		b.cloud.RemoveSnapshot(gz, newer)
		wantCounts(t, b.run(verifyTimer), "verified=2")
	})
}
