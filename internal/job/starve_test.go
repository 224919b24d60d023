package job_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/job"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

const (
	sh = "ap-shanghai"
	nj = "ap-nanjing"
)

// disks adds n disks with snapshots of these ages, and returns the snapshots.
func (rig *rig) disks(region string, n int, ages ...time.Duration) (ids []string) {
	for range n {
		disk := rig.cloud.AddDisk(sim.Disk{Region: region})
		for _, age := range ages {
			ids = append(ids, rig.cloud.AddSnapshot(sim.Snapshot{Region: region, Disk: disk, Created: time.Now().Add(-age)}))
		}
	}
	return ids
}

// run is a sweep of a function that has so much time.
func (rig *rig) run(t *testing.T, limit time.Duration) *job.Report {
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	return rig.Copy(ctx, plan.Order{}, false)
}

// strike breaks the requests of an action that it is true for.
func (rig *rig) strike(action string, f sim.Fault, of func(region, params string) bool) {
	rig.cloud.SetInject(func(c sim.Call) sim.Fault {
		if c.Action == action && of(c.Region, string(c.Params)) {
			return f
		}
		return sim.Fault{}
	})
}

// copied is how many of the snapshots were copied to a region.
func (rig *rig) copied(to string, ids []string) (n int) {
	began := map[string]bool{}
	for _, c := range rig.cloud.Copies() {
		began[c.Source] = began[c.Source] || c.To == to
	}
	for _, id := range ids {
		if began[id] {
			n++
		}
	}
	return n
}

const copyAction = "CopySnapshotCrossRegions"

// The hanging ones never get a replica, so they are always the most urgent. The
// function has five minutes.
func TestSnapshotsWhoseRequestsHangDoNotStarveHealthyDisks(t *testing.T) {
	for _, targets := range [][]string{{bj}, {bj, sh}} {
		inCloud(t, sim.Options{CopyTime: time.Hour}, func(t *testing.T, rig *rig) {
			rig.Rules.Targets = targets
			for _, to := range targets {
				rig.cloud.SetQuota(to, 1000)
			}
			rig.disks(gz, 100, 2*time.Hour)
			rig.run(t, 15*time.Minute)
			time.Sleep(2 * time.Hour)
			var healthy []string
			for _, s := range rig.cloud.Snapshots(gz) {
				healthy = append(healthy, rig.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: s.Disk, Created: time.Now()}))
			}
			hangs := map[string]bool{}
			for _, id := range rig.disks(gz, 150, time.Hour) {
				hangs[id] = true
			}
			rig.strike(copyAction, sim.Fault{Kind: sim.HangBefore}, func(_, params string) bool {
				_, rest, _ := strings.Cut(params, `"SnapshotId":"`)
				id, _, _ := strings.Cut(rest, `"`)
				return hangs[id]
			})
			for range 3 {
				rig.run(t, 5*time.Minute)
			}
			for _, to := range targets {
				if n := rig.copied(to, healthy); n != len(healthy) {
					t.Errorf("to %v: %d of %d snapshots of healthy disks were copied to %s", targets, n, len(healthy), to)
				}
			}
		})
	}
}

// What is wrong with one region, for one API, costs the others nothing: neither
// their newest points nor their older ones.
func TestWhatIsWrongWithOneRegionDoesNotCostTheOthersTheirCopies(t *testing.T) {
	into := func(_, params string) bool { return strings.Contains(params, `"`+bj+`"`) }
	from := func(region, _ string) bool { return region == gz }
	search := func(region, params string) bool { return region == bj && strings.Contains(params, "snapshot-name") }
	for name, c := range map[string]struct {
		action  string
		fault   sim.Fault
		strikes func(region, params string) bool
	}{
		"a target hangs":                {copyAction, sim.Fault{Kind: sim.HangBefore}, into},
		"a target answers with a page":  {copyAction, sim.Fault{Kind: sim.BadGateway}, into},
		"a target has an error":         {copyAction, sim.Fault{Kind: sim.Refuse, Code: "InternalError.ComponentError"}, into},
		"a target is busy":              {copyAction, sim.Fault{Kind: sim.Refuse, Code: "ResourceBusy"}, into},
		"a target refuses":              {copyAction, sim.Fault{Kind: sim.Refuse, Code: "UnsupportedOperation"}, into},
		"a target's search hangs":       {"DescribeSnapshots", sim.Fault{Kind: sim.HangBefore}, search},
		"a target's search has errors":  {"DescribeSnapshots", sim.Fault{Kind: sim.Refuse, Code: "InternalError"}, search},
		"a source region hangs":         {copyAction, sim.Fault{Kind: sim.HangBefore}, from},
		"a source region has no rights": {copyAction, sim.Fault{Kind: sim.Refuse, Code: "UnauthorizedOperation"}, from},
	} {
		t.Run(name, func(t *testing.T) {
			inCloud(t, sim.Options{CopyTime: time.Hour}, func(t *testing.T, rig *rig) {
				rig.Rules.Sources, rig.Rules.Targets = []string{gz, nj}, []string{bj, sh}
				rig.cloud.SetQuota(bj, 1000)
				rig.cloud.SetQuota(sh, 1000)
				all, others := rig.disks(gz, 100, time.Hour, 2*time.Hour, 3*time.Hour), rig.disks(nj, 10, time.Hour, 2*time.Hour, 3*time.Hour)
				to, healthy := sh, slices.Concat(all, others)
				if strings.HasPrefix(name, "a source") {
					to, healthy = bj, others
				}
				rig.strike(c.action, c.fault, c.strikes)
				r := rig.run(t, 90*time.Second)
				if n := rig.copied(to, healthy); n != len(healthy) {
					t.Errorf("%d of %d were copied to %s: %v", n, len(healthy), to, r.Counts)
				}
				// One request for each copy, and a few more until the cause is found.
				if n := rig.cloud.Count(copyAction); to == sh && n > 2*len(healthy)+50 {
					t.Errorf("%d copy requests", n)
				}
			})
		})
	}
}

// A slowRefusal takes six seconds for each copy request that names bj. By then the
// observation is too old.
type slowRefusal struct{ job.Cloud }

func (c slowRefusal) Copy(ctx context.Context, q cloud.CopyRequest) ([]cloud.CopyResult, error) {
	rows, err := c.Cloud.Copy(ctx, q)
	if slices.Contains(q.To, bj) {
		time.Sleep(6 * time.Second)
	}
	return rows, err
}

func TestASlowRefusalOfOneTargetDoesNotCostTheOtherItsCopies(t *testing.T) {
	inCloud(t, sim.Options{}, func(t *testing.T, rig *rig) {
		rig.Rules.Targets = []string{bj, sh}
		ids := rig.disks(gz, 20, time.Hour)
		rig.strike(copyAction, sim.Fault{Kind: sim.Refuse, Code: "ResourceBusy"}, func(_, params string) bool { return strings.Contains(params, bj) })
		rig.Cloud = slowRefusal{rig.Cloud}
		if r := rig.run(t, 5*time.Minute); rig.copied(sh, ids) != len(ids) {
			t.Errorf("%d of %d were copied: %s", rig.copied(sh, ids), len(ids), counts(r))
		}
	})
}

// A region whose list takes longer than a whole run.
func TestASlowListDoesNotCostTheOthersTheirCopies(t *testing.T) {
	inCloud(t, sim.Options{}, func(t *testing.T, rig *rig) {
		rig.Rules.Targets = []string{bj, sh}
		ids := rig.disks(gz, 20, time.Hour)
		rig.cloud.SetQuota(bj, 10_000)
		for range 9000 {
			rig.cloud.AddSnapshot(sim.Snapshot{Region: bj})
		}
		rig.strike("DescribeSnapshots", sim.Fault{Kind: sim.Slow, Delay: 19 * time.Second}, func(region, _ string) bool { return region == bj })
		r := rig.run(t, 5*time.Minute)
		if rig.copied(sh, ids) != len(ids) || r.Counts[plan.Failed] != 1 || !strings.HasPrefix(r.Actions()[0].Reason, "reading took half of the time of this run") {
			t.Errorf("%d of %d were copied: %s, %+v", rig.copied(sh, ids), len(ids), counts(r), r.Actions()[0])
		}
	})
}

// Some requests that name bj are refused in a row, while others are under way that
// succeed: with two regions sixteen of eight tasks, with one three, and three again.
func TestAShortTroubleDoesNotPutOlderPointsFirst(t *testing.T) {
	for _, targets := range [][]string{{bj}, {bj, sh}} {
		inCloud(t, sim.Options{CopyTime: time.Hour}, func(t *testing.T, rig *rig) {
			rig.Rules.Targets = targets
			rig.cloud.SetQuota(bj, 1000)
			rig.cloud.SetQuota(sh, 1000)
			const age = 26 * time.Hour
			rig.disks(gz, 100, time.Hour, age)
			asked, older, want := 0, 0, "deferred=6 started=194"
			if len(targets) == 2 {
				want = "deferred=8 started=392"
			}
			rig.cloud.SetInject(func(c sim.Call) sim.Fault {
				switch {
				case !c.CopiesTo(bj):
					return sim.Fault{}
				case asked < 3 || asked >= 10 && asked < 13 || len(targets) == 2 && asked < 16:
					asked++
					return sim.Fault{Kind: sim.Refuse, Code: "ResourceBusy"}
				}
				asked++
				return sim.Fault{Kind: sim.Slow, Delay: 300 * time.Millisecond}
			})
			r := rig.run(t, 5*time.Minute)
			for i, c := range rig.cloud.Copies() {
				if strings.Contains(c.Name, time.Now().Add(-age).UTC().Format("20060102T")) {
					older++
				} else if older > 0 {
					t.Fatalf("to %v: copy %d is of a newest point, after %d older ones", targets, i, older)
				}
			}
			if got := counts(r); got != want {
				t.Errorf("to %v: %s, want %s", targets, got, want)
			}
		})
	}
}
