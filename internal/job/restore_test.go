package job_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/job"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

var fromGZ = plan.RestoreOrder{From: gz, To: bj}

// replicas puts n proven replicas of disks of the source region into the other one. The
// source region itself is empty.
func (rig *rig) replicas(n int) {
	for i := range n {
		l := plan.Lineage{Source: fmt.Sprintf("snap-s%d", i), Disk: fmt.Sprintf("disk-d%d", i), Region: gz, Created: time.Now().Add(-time.Hour).UTC().Truncate(time.Second)}
		rig.cloud.AddSnapshot(sim.Snapshot{
			Region: bj, Name: l.Name(), CopyFromRemote: true, SizeGiB: 20 + i%3, Tags: map[string]string{plan.StateTag: plan.StateVerified, "env": "prod"},
		})
	}
}

// restore plans and carries out a restore.
func (rig *rig) restore(ctx context.Context, t *testing.T, o plan.RestoreOrder) *job.Report {
	t.Helper()
	p, err := rig.PlanRestore(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	return rig.Restore(ctx, p)
}

// wantOneDiskEach demands one disk for each of n replicas, marked and unattached.
func (rig *rig) wantOneDiskEach(t *testing.T, n int) {
	t.Helper()
	made := map[string]int{}
	for _, d := range rig.cloud.Disks(bj) {
		replica, _ := rig.cloud.Snapshot(bj, d.Snapshot)
		l, _ := plan.ParseName(replica.Name)
		if made[d.Snapshot]++; plan.RestoredFrom(&cloud.Disk{Tags: d.Tags}) != d.Snapshot || d.Tags["env"] != "prod" || d.Tags[plan.StateTag] != "" || d.Name != l.Disk ||
			d.SizeGiB < replica.SizeGiB || d.Charge != "POSTPAID_BY_HOUR" || d.State != "UNATTACHED" {
			t.Errorf("%+v", d)
		}
	}
	for replica, n := range made {
		if n != 1 {
			t.Errorf("%s was restored %d times", replica, n)
		}
	}
	if len(made) != n {
		t.Errorf("%d replicas were restored, want %d", len(made), n)
	}
}

func wantCounts(t *testing.T, r *job.Report, want map[plan.Outcome]int) {
	t.Helper()
	if !maps.Equal(r.Counts, want) {
		t.Errorf("%v, want %v:", r.Counts, want)
		for _, a := range r.Actions()[:min(5, len(r.Actions()))] {
			t.Errorf("%+v", a)
		}
	}
}

func TestARestoreOf300DisksKilledTwiceIsFinishedWithOneDiskEach(t *testing.T) {
	for _, lost := range []sim.FaultKind{sim.NoFault, sim.LoseReply, sim.LoseCall} {
		inCloud(t, sim.Options{DiskTime: 20 * time.Second, Quirks: sim.Quirks{DiskLag: 3 * time.Second}}, func(t *testing.T, rig *rig) {
			rig.replicas(300)
			for _, deadAt := range []int{100, 90} {
				ctx, kill := context.WithCancel(t.Context())
				n := 0
				rig.cloud.SetInject(func(c sim.Call) sim.Fault {
					if c.Action != "CreateDisks" || n > deadAt {
						return sim.Fault{}
					}
					if n++; n > deadAt {
						kill()
						return sim.Fault{Kind: lost}
					}
					return sim.Fault{}
				})
				r := rig.restore(ctx, t, fromGZ)
				if r.Counts[plan.Pending] < deadAt/2 || r.Counts[plan.Planned] < 50 || r.Counts[plan.Failed] > 0 {
					t.Errorf("killed: %v", r.Counts)
				}
				time.Sleep(time.Second)
			}
			r := rig.restore(t.Context(), t, fromGZ)
			if r.Counts[plan.Restored] < 100 || r.Counts[plan.Restored]+r.Counts[plan.Exists] != 300 {
				t.Errorf("finished: %v", r.Counts)
			}
			wantCounts(t, rig.restore(t.Context(), t, fromGZ), map[plan.Outcome]int{plan.Exists: 300})
			rig.wantOneDiskEach(t, 300)
		})
	}
}

func TestTwoOperatorsAtOnceMakeOneDiskEach(t *testing.T) {
	inCloud(t, sim.Options{}, func(t *testing.T, rig *rig) {
		rig.replicas(40)
		second := *rig.Runner
		var both sync.WaitGroup
		reports := make([]*job.Report, 2)
		for i, r := range []*job.Runner{rig.Runner, &second} {
			both.Go(func() {
				o := fromGZ
				if i == 1 {
					o.Type = "CLOUD_SSD" // the token refuses another disk
				}
				p, err := r.PlanRestore(t.Context(), o)
				if err != nil {
					t.Error(err)
					return
				}
				reports[i] = r.Restore(t.Context(), p)
			})
		}
		both.Wait()
		restored, existing := 0, 0
		for _, r := range reports {
			restored, existing = restored+r.Counts[plan.Restored], existing+r.Counts[plan.Exists]
		}
		if restored != 40 || existing != 40 {
			t.Errorf("%v and %v", reports[0].Counts, reports[1].Counts)
		}
		rig.wantOneDiskEach(t, 40)
	})
}

func TestLostAnswersMakeNoSecondDisk(t *testing.T) {
	for _, kind := range []sim.FaultKind{sim.LoseCall, sim.LoseReply} {
		for seed := range uint64(5) {
			inCloud(t, sim.Options{}, func(t *testing.T, rig *rig) {
				rig.replicas(30)
				rng := rand.New(rand.NewPCG(seed, uint64(kind)))
				rig.cloud.SetInject(func(c sim.Call) sim.Fault {
					if c.Action == "CreateDisks" && rng.IntN(2) == 0 {
						return sim.Fault{Kind: kind}
					}
					return sim.Fault{}
				})
				if r := rig.restore(t.Context(), t, fromGZ); r.Counts[plan.Failed] > 0 || kind == sim.LoseReply && r.Counts[plan.Restored] != 30 {
					t.Errorf("seed %d: %v", seed, r.Counts)
				}
				rig.cloud.SetInject(nil)
				rig.restore(t.Context(), t, fromGZ)
				rig.wantOneDiskEach(t, 30)
			})
		}
	}
}

func TestTheLostRegionCostsSeconds(t *testing.T) {
	for name, fault := range map[string]sim.Fault{"refuses": {Kind: sim.LoseCall}, "hangs": {Kind: sim.Slow, Delay: time.Hour}} {
		inCloud(t, sim.Options{}, func(t *testing.T, rig *rig) {
			rig.replicas(3)
			rig.cloud.SetInject(func(c sim.Call) sim.Fault {
				if c.Region == gz {
					return fault
				}
				return sim.Fault{}
			})
			began := time.Now()
			r := rig.restore(t.Context(), t, fromGZ)
			wantCounts(t, r, map[plan.Outcome]int{plan.Restored: 3})
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("%s: %s", name, took)
			}
			if len(r.Warnings) != 1 || !strings.HasPrefix(r.Warnings[0], gz+" can't be seen") {
				t.Errorf("%s: %q", name, r.Warnings)
			}
			for _, a := range r.Actions() {
				if a.Seconds < 2 || a.Seconds > 5 {
					t.Errorf("%s took %v s", a.NewDisk, a.Seconds)
				}
			}
		})
	}
}

func TestADiskIsNamedAfterItsSourceWhileThatCanBeSeen(t *testing.T) {
	inCloud(t, sim.Options{}, func(t *testing.T, rig *rig) {
		rig.replicas(2)
		rig.cloud.AddDisk(sim.Disk{Region: gz, ID: "disk-d0", Name: "web"})
		wantCounts(t, rig.restore(t.Context(), t, fromGZ), map[plan.Outcome]int{plan.Restored: 2})
		var names []string
		for _, d := range rig.cloud.Disks(bj) {
			names = append(names, d.Name)
		}
		if slices.Sort(names); !slices.Equal(names, []string{"disk-d1", "web"}) {
			t.Errorf("%q", names)
		}
	})
}

// What can be restored is. The rest says what to do, and the same command again carries
// on.
func TestWhatStandsInTheWayIsToldByDiskAndTheNextRunCarriesOn(t *testing.T) {
	refuse := func(code string) func(*rig) {
		n := 0
		return func(rig *rig) {
			rig.cloud.SetInject(func(c sim.Call) sim.Fault {
				if c.Action != "CreateDisks" {
					return sim.Fault{}
				}
				if n++; n > 6 {
					return sim.Fault{Kind: sim.Refuse, Code: code}
				}
				return sim.Fault{}
			})
		}
	}
	for _, c := range []struct {
		name, reason string
		most         int // requests
		spoil        func(*rig)
	}{
		{"the quota of disks is reached", "--zone", 10, func(rig *rig) { rig.cloud.SetDiskQuota(bj, 6) }},
		{"no capacity", "ResourceInsufficient", 10, refuse("ResourceInsufficient")},
		{"no balance", "pay money", 7, refuse("InvalidAccount.InsufficientBalance")},
		{"no permission", "grant the named action", 7, refuse("UnauthorizedOperation")},
	} {
		inCloud(t, sim.Options{}, func(t *testing.T, rig *rig) {
			rig.Workers = 1
			rig.replicas(10)
			c.spoil(rig)
			r := rig.restore(t.Context(), t, fromGZ)
			wantCounts(t, r, map[plan.Outcome]int{plan.Restored: 6, plan.Failed: 4})
			if first := r.Actions()[0]; !strings.Contains(first.Reason, c.reason) || first.Disk == "" {
				t.Errorf("%s: %+v", c.name, first)
			}
			if n := rig.cloud.Count("CreateDisks"); n > c.most {
				t.Errorf("%s: %d requests", c.name, n)
			}
			rig.cloud.SetInject(nil)
			rig.cloud.SetDiskQuota(bj, -1)
			wantCounts(t, rig.restore(t.Context(), t, fromGZ), map[plan.Outcome]int{plan.Restored: 4, plan.Exists: 6})
			rig.wantOneDiskEach(t, 10)
		})
	}
}

func TestARestoreThatCantBePlannedSaysWhy(t *testing.T) {
	for want, spoil := range map[string]func(*rig){
		"no replica at all":                              func(*rig) {},
		"3 from ap-shanghai":                             func(rig *rig) { rig.replicasFrom("ap-shanghai", 3) },
		"the recovery region can't be read":              func(rig *rig) { rig.deny("DescribeSnapshots") },
		"which disks are restored already":               func(rig *rig) { rig.replicas(1); rig.deny("DescribeDisks") },
		"which disks can be had: name --zone and --type": func(rig *rig) { rig.replicas(1); rig.deny("DescribeDiskConfigQuota") },
	} {
		inCloud(t, sim.Options{}, func(t *testing.T, rig *rig) {
			spoil(rig)
			if _, err := rig.PlanRestore(t.Context(), fromGZ); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		})
	}
	inCloud(t, sim.Options{}, func(t *testing.T, rig *rig) {
		rig.replicas(1)
		rig.deny("DescribeDiskConfigQuota")
		o := fromGZ
		o.Zone, o.Type = bj+"-2", "CLOUD_SSD"
		wantCounts(t, rig.restore(t.Context(), t, o), map[plan.Outcome]int{plan.Restored: 1})
	})
}

func (rig *rig) replicasFrom(region string, n int) {
	for i := range n {
		l := plan.Lineage{Source: fmt.Sprintf("snap-o%d", i), Disk: "disk-o", Region: region, Created: time.Now().Add(-time.Hour)}
		rig.cloud.AddSnapshot(sim.Snapshot{Region: bj, Name: l.Name(), CopyFromRemote: true})
	}
}

func (rig *rig) deny(action string) {
	rig.cloud.AddKey(sim.Key{ID: "AKIDjob", Secret: "secret", Deny: []string{action}})
}

// A person may think about the plan for an hour.
func TestAPlanThatIsOldIsLookedAtAgain(t *testing.T) {
	inCloud(t, sim.Options{}, func(t *testing.T, rig *rig) {
		rig.replicas(3)
		p, err := rig.PlanRestore(t.Context(), fromGZ)
		if err != nil {
			t.Fatal(err)
		}
		rig.cloud.RemoveSnapshot(bj, p.All[0].Replica)
		rig.cloud.AddDisk(sim.Disk{Region: bj, Zone: p.All[1].Zone, Tags: map[string]string{plan.RestoreTag: p.All[1].Replica}})
		wantCounts(t, rig.Restore(t.Context(), p), map[plan.Outcome]int{plan.Failed: 1, plan.Exists: 1, plan.Restored: 1})
	})
}

func TestDisksThatAreNotReadyInTimeArePending(t *testing.T) {
	inCloud(t, sim.Options{DiskTime: time.Hour}, func(t *testing.T, rig *rig) {
		rig.replicas(2)
		began := time.Now()
		r := rig.restore(t.Context(), t, fromGZ)
		wantCounts(t, r, map[plan.Outcome]int{plan.Pending: 2})
		if a := r.Actions()[0]; !strings.Contains(a.Reason, "DUMPING") || a.NewDisk == "" {
			t.Errorf("%+v", a)
		}
		if took := time.Since(began); took < 10*time.Minute || took > 11*time.Minute {
			t.Errorf("waited for %s", took)
		}
		wantCounts(t, rig.restore(t.Context(), t, fromGZ), map[plan.Outcome]int{plan.Pending: 2})
		time.Sleep(time.Hour)
		wantCounts(t, rig.restore(t.Context(), t, fromGZ), map[plan.Outcome]int{plan.Exists: 2})
	})
}

// A tag key holds 1,000 values. The disks beyond are made, too, and found again.
func TestAFullTagKeyStopsNoDiskAndMakesNoSecond(t *testing.T) {
	for _, lost := range []sim.FaultKind{sim.NoFault, sim.LoseReply, sim.LoseCall} {
		inCloud(t, sim.Options{Quirks: sim.Quirks{DiskLag: 3 * time.Second}}, func(t *testing.T, rig *rig) {
			for i := range plan.MaxTagValues - 3 {
				rig.cloud.AddDisk(sim.Disk{Region: sh, Tags: map[string]string{plan.RestoreTag: fmt.Sprintf("snap-x%d", i)}})
			}
			rig.replicas(20)
			n := 0
			rig.cloud.SetInject(func(c sim.Call) sim.Fault {
				if c.Action == "CreateDisks" {
					if n++; n%3 == 0 {
						return sim.Fault{Kind: lost}
					}
				}
				return sim.Fault{}
			})
			rig.restore(t.Context(), t, fromGZ)
			rig.cloud.SetInject(nil)
			r := rig.restore(t.Context(), t, fromGZ)
			if r.Counts[plan.Restored]+r.Counts[plan.Exists] != 20 {
				t.Errorf("%v: %+v", r.Counts, r.Actions()[0])
			}
			wantCounts(t, rig.restore(t.Context(), t, fromGZ), map[plan.Outcome]int{plan.Exists: 20})
			rig.wantOneDiskEach(t, 20)
			if n := len(slices.DeleteFunc(rig.cloud.Disks(bj), func(d sim.Disk) bool { return d.Tags[plan.RestoreTag] != "" })); n != 17 {
				t.Errorf("%d disks have the spare key", n)
			}
		})
	}
}

func TestTheTokenIsOfReplicaAndZoneAndShort(t *testing.T) {
	inCloud(t, sim.Options{}, func(t *testing.T, rig *rig) {
		rig.replicas(2)
		for _, zone := range []string{"", bj + "-2", bj + "-2"} {
			o := fromGZ
			o.Zone = zone
			rig.restore(t.Context(), t, o)
		}
		tokens := map[string]int{}
		for _, c := range rig.cloud.Calls() {
			var p struct{ ClientToken string }
			if c.Action == "CreateDisks" && json.Unmarshal(c.Params, &p) == nil {
				tokens[p.ClientToken]++
			}
		}
		if len(tokens) != 4 || len(rig.cloud.Disks(bj)) != 4 {
			t.Errorf("%v, %d disks", tokens, len(rig.cloud.Disks(bj)))
		}
	})
	long := plan.Restoration{Decision: plan.Decision{Replica: "snap-" + strings.Repeat("a", 27), To: "ap-abcdefghijklmnopq"}, Zone: "ap-abcdefghijklmnopq-123"}
	if !cloud.IsZoneOf(long.To, long.Zone) || len(long.Request("", nil).Token) > 64 {
		t.Errorf("token %q", long.Request("", nil).Token)
	}
	typed := long
	if typed.Type = "CLOUD_SSD"; typed.Request("", nil).Token != long.Request("", nil).Token {
		t.Error("another type makes a second disk")
	}
}
