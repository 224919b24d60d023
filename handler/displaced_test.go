package handler_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"snapferry/internal/sim"
)

// Two sets of rules of which one copies what the other deletes made and deleted the
// same replicas for ever, without an alarm.
func TestTwoSetsOfRulesThatFightRaiseAnAlarm(t *testing.T) {
	for name, c := range map[string]struct {
		copy, retain  map[string]string
		hourly, fight bool
	}{
		"copy keeps more than retain":          {map[string]string{"KEEP_LAST": "3"}, map[string]string{"KEEP_LAST": "2"}, false, true},
		"two deployments select the same disk": {map[string]string{"SELECT_TAGS": "env=prod"}, map[string]string{"KEEP_LAST": "2"}, false, true},
		"both have the same rules":             {map[string]string{"KEEP_LAST": "2"}, map[string]string{"KEEP_LAST": "2"}, false, false},
		"the same, with hourly snapshots":      {map[string]string{"KEEP_LAST": "2"}, map[string]string{"KEEP_LAST": "2"}, true, false},
		"retain keeps more than copy":          {map[string]string{"KEEP_LAST": "2"}, map[string]string{"KEEP_LAST": "3"}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, sim.Options{CopyTime: 3 * time.Minute}, func(rig *rig) {
				rig.env["TARGET_REGIONS"] = bj
				disk := rig.cloud.AddDisk(sim.Disk{Region: gz, SizeGiB: 50, Tags: map[string]string{"env": "prod"}})
				for _, age := range days(3) {
					rig.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: disk, SizeGiB: 50, Created: time.Now().Add(-age)})
				}
				maps.Copy(c.copy, rig.brought)
				maps.Copy(c.retain, rig.brought)
				const hours = 12
				alarms := 0
				for minute := 0; minute < hours*60; minute += 5 {
					if minute%60 == 20 && c.hourly {
						rig.snapshot(disk)
					}
					if _, err := rig.send(rig.h, copyTimer, c.copy); err != nil {
						t.Errorf("copy: %v", err)
					}
					time.Sleep(4 * time.Minute)
					if minute%60 == 30 {
						if _, err := rig.send(rig.h, retainTimer, c.retain); err != nil {
							wantWords(t, err, "two sets of rules fight", "same keep rules")
							alarms++
						}
					}
					time.Sleep(time.Minute)
				}
				if made := len(rig.cloud.Copies()); c.fight != (alarms >= hours/2-1) || !c.fight && alarms > 0 || made > 3+hours {
					t.Errorf("%d alarms and %d copies in %d hours", alarms, made, hours)
				}
			})
		})
	}
}

// A new disk each day with one snapshot; both are gone the next day. Each replica is
// its disk's last, so that no keep rule ever deletes one.
func TestReplicasOfShortLivedDisksDoNotFillARegion(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"], rig.env["KEEP_LAST"], rig.env["KEEP_GONE"], rig.env["RPO"] = bj, "1", "7d", "0"
		rig.disk(time.Minute)
		for range 20 {
			disk, s := rig.disk(time.Minute)
			rig.copied()
			rig.run(verifyTimer)
			rig.cloud.RemoveSnapshot(gz, s[0])
			rig.cloud.RemoveDisk(gz, disk)
			time.Sleep(22 * time.Hour)
			rig.run(retainTimer)
			time.Sleep(time.Hour)
		}
		if n := len(rig.replicas(bj)); n != 8 {
			t.Errorf("%d replicas are left, want that of the disk that exists and those of a week", n)
		}
		// The first deletion takes so long that the second one needs a newer look.
		time.Sleep(48 * time.Hour)
		rig.fail(1, "DeleteSnapshots", bj, sim.Fault{Kind: sim.Slow, Delay: 6 * time.Second})
		wantCounts(t, rig.run(retainTimer), "deleted=3 kept=5")
	})
}

func TestRetentionOfARegionThatIsNoTargetAnyMoreDoesWhatThePlanSays(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.disk(days(3)...)
		rig.copyAll()
		rig.env["TARGET_REGIONS"], rig.env["KEEP_LAST"] = bj, "1"
		for event, want := range map[string]string{
			`{"job":"plan","targetRegions":["ap-shanghai"]}`:                 "exists=3 kept=1 would-delete=2",
			`{"job":"retain","targetRegions":["ap-shanghai"],"dryRun":true}`: "kept=1 would-delete=2",
		} {
			wantCounts(t, rig.run(event), want)
		}
		wantCounts(t, rig.run(`{"job":"retain","targetRegions":["ap-shanghai"]}`), "deleted=2 kept=1")
		wantNumber(t, "replicas left in the region that was not named", len(rig.replicas(bj)), 3)
	})
}

// The keep rules rank what can be copied. A snapshot that the service refuses for
// good must not stand for its disk, not even in the run that finds out.
func TestTheOlderSnapshotFollowsOneThatIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		keep, maxAge, refuse string // the newest ones that are refused
		want                 string
		requests             int
	}{
		"the newest one":                  {"1", "0", "0", "ineligible=1 skipped=1 started=1", 2},
		"the two newest ones":             {"1", "0", "01", "ineligible=2 started=1", 3},
		"all of them":                     {"1", "0", "012", "ineligible=3", 3},
		"one of two that are kept":        {"2", "0", "1", "ineligible=1 started=2", 3},
		"the only one within MAX_AGE":     {"9", "12h", "0", "ineligible=1 skipped=1 started=1", 2},
		"a name that is changed then":     {"1", "0", "0renamed", "failed=1 ineligible=1 skipped=1", 2},
		"nothing":                         {"1", "0", "", "skipped=2 started=1", 1},
		"a region that is full meanwhile": {"1", "0", "0full", "deferred=1 failed=1 ineligible=1 skipped=1", 2},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, sim.Options{}, func(rig *rig) {
				rig.h.Workers = 1       // the order of the answers decides
				time.Sleep(time.Minute) // in this minute the refused one is first
				rig.env["TARGET_REGIONS"], rig.env["KEEP_LAST"], rig.env["MAX_AGE"] = bj, c.keep, c.maxAge
				_, s := rig.disk(days(3)...)
				if strings.HasSuffix(c.refuse, "renamed") {
					rig.cloud.SetFate(fate(sim.NameAdded))
				}
				if strings.HasSuffix(c.refuse, "full") {
					rig.disk(2 * time.Hour)
				}
				rig.cloud.SetInject(func(call sim.Call) sim.Fault {
					if call.Action != "CopySnapshotCrossRegions" {
						return sim.Fault{}
					}
					for i := range s {
						if strings.Contains(string(call.Params), s[i]) {
							if strings.Contains(c.refuse, fmt.Sprint(i)) {
								return sim.Fault{Kind: sim.Refuse, Code: "UnsupportedOperation.SnapshotNotSupportCopy"}
							}
							return sim.Fault{}
						}
					}
					return sim.Fault{Kind: sim.Refuse, Code: "InsufficientSnapshotQuota"}
				})
				r, _ := rig.invoke(copyTimer)
				wantCounts(t, r, c.want)
				wantNumber(t, "requests", rig.cloud.Count("CopySnapshotCrossRegions"), c.requests)
			})
		})
	}
}

func TestAShareThatWasEndedForNothingIsTold(t *testing.T) {
	for code, want := range map[string]string{"UnsupportedOperation.SnapshotHasBindedImage": "is still there", "InternalError": "may still be there"} {
		story(t, sim.Options{}, func(rig *rig) {
			rig.history(3, "2")
			rig.env["SHARE_ACCOUNTS"] = "100000000007"
			for _, rep := range rig.cloud.Snapshots(bj) {
				rig.cloud.ChangeSnapshot(bj, rep.ID, func(s *sim.Snapshot) { s.SharedWith = []string{"100000000007"} })
			}
			rig.fail(1, "DeleteSnapshots", bj, sim.Fault{Kind: sim.Refuse, Code: code})
			r, _ := rig.invoke(retainTimer)
			wantWords(t, r.Actions[0].Reason, code, "its share with account 100000000007 was ended before", want)
		})
	}
}

// restic's forget leaves points from the future out when it looks for the newest
// one that --keep-within counts back from.
func TestAPointFromTheFutureDoesNotEndTheOthersKeepWithin(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"], rig.env["KEEP_WITHIN"], rig.env["MAX_AGE"] = bj, "4d", "0"
		disk, _ := rig.disk(days(4)...)
		rig.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: disk, SizeGiB: 50, Created: time.Now().Add(4*24*time.Hour + 2*time.Minute)})
		rig.copied()
		// Now the last one is two minutes in the future, which may be a clock's skew.
		time.Sleep(4*24*time.Hour - time.Hour)
		rig.run(copyTimer)
		time.Sleep(30 * time.Second)
		wantCounts(t, rig.run(retainTimer), "kept=5")
	})
}
