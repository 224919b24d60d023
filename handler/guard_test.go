package handler_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// Promises that no story of the other tests would notice the loss of. They
// were found by planting mistakes (internal/mutants) and seeing one survive.

func TestEachInvocationSignsWithTheCredentialsItBrought(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.disk(time.Hour)
		b.run(copyTimer)
		before := b.cloud.Count("")
		b.cloud.RemoveKey("AKIDrole")
		b.cloud.AddKey(sim.Key{ID: "AKIDnext", Secret: "next-key", Token: "next-token"})
		b.brought = map[string]string{"TENCENTCLOUD_SECRETID": "AKIDnext", "TENCENTCLOUD_SECRETKEY": "next-key", "TENCENTCLOUD_SESSIONTOKEN": "next-token"}
		b.run(copyTimer)
		for _, c := range b.cloud.Calls()[before:] {
			if c.SecretID != "AKIDnext" {
				t.Errorf("%s was signed by %s", c.Action, c.SecretID)
			}
		}
	})
}

func TestNothingIsCopiedToOrDeletedInARegionThatCouldNotBeSeen(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["MAX_AGE"] = "0"
		b.disk(days(3)...)
		b.copyAll()
		disk, newer := b.disk(time.Minute)
		b.env["KEEP_LAST"] = "1"
		writes := func() int { return b.cloud.Count("CopySnapshotCrossRegions") + b.cloud.Count("DeleteSnapshots") }
		before, there := writes(), len(b.replicas(bj))
		b.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Action == "DescribeSnapshots" && c.Region == bj {
				return sim.Fault{Kind: sim.Refuse, Code: "InternalError"}
			}
			return sim.Fault{}
		})
		for _, event := range []string{copyTimer, created(newer[0], disk), `{"job":"retain","force":true}`} {
			if _, err := b.invoke(event); err == nil || !strings.Contains(err.Error(), bj) {
				t.Errorf("%s: error %v does not name the region", event, err)
			}
		}
		if got := len(b.replicas(bj)); got != there {
			t.Errorf("%d replicas in a region that could not be seen, there were %d", got, there)
		}
		if writes() == before || len(b.replicas(sh)) != 2 {
			t.Errorf("the other region had to wait for it: %v", b.replicas(sh))
		}
	})
}

func TestASourceThatIsNotWholeWaits(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		disk, s := b.disk(time.Hour)
		b.cloud.ChangeSnapshot(gz, s[0], func(s *sim.Snapshot) { s.Percent = 99 })
		wantCounts(t, b.run(copyTimer), "waiting=2")
		wantCounts(t, b.run(created(s[0], disk)), "waiting=2")
		wantCounts(t, b.run(fmt.Sprintf(`{"snapshotId":%q}`, s[0])), "waiting=2")
		b.wantUntouched()
	})
}

func TestAConflictMeansThatTheCopyIsUnderWay(t *testing.T) {
	for _, kind := range []sim.FaultKind{sim.Refuse, sim.RefuseRows} {
		t.Run(kind.String(), func(t *testing.T) {
			story(t, sim.Options{}, func(b *bench) {
				b.disk(time.Hour)
				b.cloud.SetInject(func(c sim.Call) sim.Fault {
					if c.Action == "CopySnapshotCrossRegions" {
						return sim.Fault{Kind: kind, Code: "ResourceInUse.CopySnapshotConflict"}
					}
					return sim.Fault{}
				})
				r := b.run(copyTimer)
				wantCounts(t, r, "in-progress=2")
				if n := b.cloud.Count("CopySnapshotCrossRegions"); n != 1 || r.Settled {
					t.Errorf("%d requests, settled %v", n, r.Settled)
				}
			})
		})
	}
}

func TestNoEventLiftsADryRunOfTheSettings(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		disk, s := b.disk(days(12)...)
		b.copyAll()
		b.env["DRY_RUN"], b.env["KEEP_LAST"] = "true", "1"
		b.disk(time.Minute)
		before := b.cloud.Count("CopySnapshotCrossRegions")
		for _, event := range []string{
			copyTimer, retainTimer, verifyTimer, created(s[0], disk), `{"job":"copy","dryRun":false}`, `{"job":"retain","dryRun":false,"force":true}`,
			`{"Type":"Timer","Message":"{\"job\":\"copy\",\"dryRun\":false}"}`,
		} {
			if r, _ := b.invoke(event); !r.DryRun {
				t.Errorf("%s: the reply says it was no dry run", event)
			}
		}
		if b.cloud.Count("CopySnapshotCrossRegions") != before || b.cloud.Count("DeleteSnapshots")+b.cloud.Count("TagResources") > 0 {
			t.Error("something was changed")
		}
	})
}

func TestNoOlderSnapshotIsAskedForBeforeEveryNewestIsAnswered(t *testing.T) {
	story(t, sim.Options{Rate: -1}, func(b *bench) {
		b.env["TARGET_REGIONS"] = bj
		newest := map[string]bool{}
		for range 12 {
			_, s := b.disk(time.Hour, 2*time.Hour)
			newest[s[0]] = true
		}
		asked, late := 0, 0
		b.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Action != "CopySnapshotCrossRegions" {
				return sim.Fault{}
			}
			asked++
			ours := false
			for id := range newest {
				ours = ours || strings.Contains(string(c.Params), id)
			}
			if !ours && len(b.cloud.Copies()) < len(newest) {
				late++
			}
			if asked == 1 { // the very first is answered last
				return sim.Fault{Kind: sim.Slow, Delay: 4 * time.Second}
			}
			return sim.Fault{}
		})
		b.run(copyTimer)
		if late > 0 || asked != 24 {
			t.Errorf("of %d requests, %d for an older snapshot went before a newest was answered", asked, late)
		}
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
			story(t, o, func(b *bench) {
				b.disk(time.Hour)
				b.run(copyTimer)
				for range 3 {
					time.Sleep(time.Hour)
					_, _ = b.invoke(verifyTimer)
				}
				if n := b.cloud.Count("TagResources"); n > 0 {
					t.Errorf("%d requests to tag", n)
				}
			})
		})
	}
}

func TestOneThingLeftToDoIsNotSettled(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.disk(time.Hour)
		b.run(copyTimer)
		time.Sleep(time.Hour)
		disk, _ := b.disk()
		b.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: disk, SizeGiB: 50, State: "CREATING", Percent: 30, Created: time.Now()})
		for event, counts := range map[string]string{copyTimer: "exists=2 waiting=2", verifyTimer: "verified=2 waiting=2"} {
			r := b.run(event)
			wantCounts(t, r, counts)
			if r.Settled {
				t.Errorf("%s: settled with %v", event, r.Counts)
			}
		}
	})
}

func TestABadRecordCostsTheOthersOfItsBatchNothing(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		disk, s := b.disk(time.Hour)
		batch := `{"EventList":[7,` + created("snap-x; rm -rf", disk) + `,` + created(s[0], disk) + `]}`
		r, err := b.invoke(batch)
		if err == nil || !strings.Contains(err.Error(), "2 failed") {
			t.Errorf("error %v", err)
		}
		wantCounts(t, r, "failed=2 started=2")
		b.wantReplicas(bj, s[0]+" COPYING_FROM_REMOTE")
	})
}

func TestATagNeitherMakesNorUnmakesAReplica(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"] = bj
		_, s := b.disk(time.Hour)
		proven := map[string]string{plan.StateTag: plan.StateVerified}
		b.cloud.AddSnapshot(sim.Snapshot{Region: bj, Name: "tagged by a tool", SizeGiB: 50, CopyFromRemote: true, Created: time.Now(), Tags: proven})
		wantCounts(t, b.run(copyTimer), "started=1")
		time.Sleep(time.Hour)
		wantCounts(t, b.run(copyTimer), "exists=1") // never verified: it carries no tag
		b.wantReplicas(bj, s[0]+" NORMAL")
	})
}

// Where a replica shows its source's time its age is unknown, so nothing may
// take it for spoilt, not even when the service would take another copy.
func TestAReplicaWhoseAgeNobodyKnowsIsNeverReplaced(t *testing.T) {
	for name, f := range map[string]sim.Fate{"hangs": sim.Hangs, "strange": sim.Strange, "smaller": sim.WrongSize} {
		t.Run(name, func(t *testing.T) {
			o := sim.Options{Fate: fate(f), Quirks: sim.Quirks{SourceCreateTime: true, HungReleases: true}}
			story(t, o, func(b *bench) {
				b.env["MAX_AGE"] = "0"
				b.disk(time.Minute)
				for range 10 {
					_, _ = b.invoke(copyTimer)
					time.Sleep(5 * time.Hour)
				}
				if got := len(b.cloud.Copies()); got != 2 {
					t.Errorf("%d copies for one snapshot and two regions", got)
				}
			})
		})
	}
}

func TestWholeHistoriesOfUnknownDisksAndOfOthersAreLeftAlone(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"], b.env["KEEP_LAST"] = bj, "1"
		b.disk(time.Hour)
		for i, l := range []plan.Lineage{{Region: gz}, {Region: sh, Disk: "disk-a"}, {Region: "ap-nanjing"}} {
			for age := range 4 {
				l.Source, l.Created = fmt.Sprintf("snap-%d%d", i, age), time.Now().Add(-time.Duration(age+1)*24*time.Hour)
				b.cloud.AddSnapshot(sim.Snapshot{Region: bj, Name: l.Name(), CopyFromRemote: true, Created: l.Created})
			}
		}
		b.run(copyTimer)
		time.Sleep(time.Hour)
		b.run(`{"job":"retain","force":true}`)
		if got := len(b.cloud.Snapshots(bj)); got != 13 {
			t.Errorf("%d replicas are left of 13", got)
		}
	})
}
