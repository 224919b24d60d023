package job_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/job"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// A doubtCloud answers some requests otherwise than the simulator.
type doubtCloud struct {
	job.Cloud
	count     func() (int, error) // of snapshots
	short     string              // the list of this region stays incomplete …
	rows      int                 // … and shows so many snapshots
	diskLists int                 // lists of disks stay incomplete, and show so many; 0: whole lists
}

func (c doubtCloud) CountSnapshots(ctx context.Context, region string) (int, error) {
	if c.count == nil {
		return c.Cloud.CountSnapshots(ctx, region)
	}
	return c.count()
}

func (c doubtCloud) Snapshots(ctx context.Context, region string, take func([]cloud.Snapshot, int)) error {
	if region != c.short {
		return c.Cloud.Snapshots(ctx, region, take)
	}
	_ = c.Cloud.Snapshots(ctx, region, func(page []cloud.Snapshot, total int) { take(page[:c.rows], total) })
	return fmt.Errorf("list snapshots: %w", cloud.ErrIncomplete)
}

func (c doubtCloud) Disks(ctx context.Context, region string, take func([]cloud.Disk, int)) error {
	if c.diskLists == 0 {
		return c.Cloud.Disks(ctx, region, take)
	}
	_ = c.Cloud.Disks(ctx, region, func(page []cloud.Disk, total int) { take(page[:c.diskLists], total) })
	return fmt.Errorf("list disks: %w", cloud.ErrIncomplete)
}

// replicated runs a test in a cloud in which n disks have their replicas.
func replicated(t *testing.T, n int, test func(t *testing.T, rig *rig)) {
	t.Helper()
	inCloud(t, sim.Options{}, func(t *testing.T, rig *rig) {
		rig.cloud.SetQuota(bj, 1000)
		rig.sources(n)
		rig.copy(t, n)
		time.Sleep(time.Hour)
		test(t, rig)
	})
}

// counts are a report's counts, sorted.
func counts(r *job.Report) string {
	var parts []string
	for o, n := range r.Counts {
		parts = append(parts, fmt.Sprintf("%s=%d", o, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// A list that showed too little was enough to order everything again.
func TestManyCopiesAreStoppedWhereTheServiceCountsMoreThanItLists(t *testing.T) {
	for name, c := range map[string]struct {
		listed, missing, counted int // counted -1: the count is refused
		force                    bool
		want, warning            string
	}{
		"an empty list":        {0, 20, 20, false, "deferred=20 failed=1", ""},
		"forced":               {0, 20, 20, true, "started=20", "20 of 20 wanted replicas are missing in ap-beijing, but the service counts 20 snapshots there and lists 0: they are copied only because of force"},
		"a short list":         {9, 11, 20, false, "deferred=11 exists=9 failed=1", ""},
		"twice the list":       {10, 11, 20, false, "deferred=11 exists=10 failed=1", ""},
		"less than twice":      {11, 12, 21, false, "exists=11 started=12", ""},
		"ten copies":           {3, 10, 20, false, "exists=3 started=10", ""},
		"half of all":          {11, 11, 30, false, "exists=11 started=11", ""},
		"a first deployment":   {0, 20, 0, false, "started=20", ""},
		"the count is refused": {0, 20, -1, false, "started=20", "20 of 20 wanted replicas are missing in ap-beijing, and the service does not say how many snapshots there are, so they are copied: denied"},
	} {
		t.Run(name, func(t *testing.T) {
			replicated(t, c.listed, func(t *testing.T, rig *rig) {
				rig.sources(c.missing)
				rig.Cloud = doubtCloud{Cloud: rig.Cloud, count: func() (int, error) {
					if c.counted < 0 {
						return 0, errors.New("denied")
					}
					return c.counted, nil
				}}
				for _, dry := range []bool{true, false} {
					r := rig.Copy(t.Context(), plan.Order{Force: c.force}, dry)
					if got := strings.Replace(counts(r), "planned", "started", 1); got != c.want {
						t.Errorf("dry %t: %s, want %s", dry, got, c.want)
					}
					if got := strings.Join(r.Warnings, "\n"); got != c.warning {
						t.Errorf("dry %t: warnings %q, want %q", dry, got, c.warning)
					}
					for _, a := range r.Actions() {
						if a.Outcome == plan.Failed && !strings.Contains(a.Reason, "run copy once with force") {
							t.Errorf("dry %t: %s", dry, a.Reason)
						}
					}
				}
			})
		})
	}
}

// Replicas that an incomplete list does not show are found by name. What an
// incomplete list of sources or disks shows is copied.
func TestAnIncompleteListMakesNobodyBlind(t *testing.T) {
	for name, c := range map[string]struct {
		cloud doubtCloud
		want  string
	}{
		"of a target region": {doubtCloud{short: bj, rows: 15}, "exists=20 failed=1 started=5"},
		"of a source region": {doubtCloud{short: gz, rows: 22}, "exists=20 failed=1 started=2"},
		"of disks":           {doubtCloud{diskLists: 23}, "deferred=2 exists=20 failed=1 started=3"},
	} {
		replicated(t, 20, func(t *testing.T, rig *rig) {
			time.Sleep(time.Minute)
			rig.sources(5)
			c.cloud.Cloud = rig.Cloud
			rig.Cloud = c.cloud
			if got := counts(rig.Copy(t.Context(), plan.Order{}, false)); got != c.want {
				t.Errorf("%s: %s, want %s", name, got, c.want)
			}
		})
	}
}

// Everything rests on the names. A service that changes them gets one request, not
// one for each snapshot in every run.
func TestTheNameOfTheFirstReplicaOfASweepIsChecked(t *testing.T) {
	long := strings.Repeat("Copied by the service ", 3)
	for name, c := range map[string]struct {
		shown  string
		hidden time.Duration
		event  bool
		looks  int
		want   string
	}{
		"changed":        {long[:60], 0, false, 1, "deferred=3 failed=1"},
		"left out":       {"", 0, false, 2, "started=4"}, // the second look is at the end
		"not listed yet": {"x", time.Minute, false, 2, "started=4"},
		"after an event": {"x", 0, true, 0, "started=1"},
	} {
		inCloud(t, sim.Options{Hidden: c.hidden}, func(t *testing.T, rig *rig) {
			rig.Workers = 1
			ids := rig.disks(gz, 4, time.Hour)
			looks, o := 0, plan.Order{}
			if c.event {
				o.Refs = []plan.Ref{{Region: gz, Snapshot: ids[0]}}
			}
			rig.cloud.SetInject(func(call sim.Call) sim.Fault {
				for _, s := range rig.cloud.Snapshots(bj) {
					rig.cloud.ChangeSnapshot(bj, s.ID, func(s *sim.Snapshot) { s.Name = c.shown })
				}
				if call.Region == bj && strings.Contains(string(call.Params), "SnapshotIds") {
					looks++
				}
				return sim.Fault{}
			})
			r := rig.Copy(t.Context(), o, false)
			if got := counts(r); got != c.want || looks != c.looks {
				t.Errorf("%s: %s with %d looks, want %s with %d", name, got, looks, c.want, c.looks)
			}
			for _, a := range r.Actions() {
				if a.Outcome == plan.Failed && (!strings.Contains(a.Reason, `with the name "ferry_`) || !strings.Contains(a.Reason, strconv.Quote(c.shown))) {
					t.Errorf("%s: %s", name, a.Reason)
				}
			}
		})
	}
}

func TestADryRunPromisesNoMoreThanTheQuotaHolds(t *testing.T) {
	inCloud(t, sim.Options{}, func(t *testing.T, rig *rig) {
		rig.sources(100)
		for range 4 { // of others
			rig.cloud.AddSnapshot(sim.Snapshot{Region: bj})
		}
		for kind, r := range map[string]*job.Report{"plan": rig.Plan(t.Context(), plan.Order{}), "copy": rig.Copy(t.Context(), plan.Order{}, true)} {
			if got, want := counts(r), "deferred=40 planned=60"; got != want {
				t.Errorf("%s: %s, want %s", kind, got, want)
			}
			for _, a := range r.Actions() {
				if a.Outcome == plan.Deferred && !strings.Contains(a.Reason, "no room: ap-beijing holds 4 of about 64 snapshots") {
					t.Fatalf("%s: %s", kind, a.Reason)
				}
			}
		}
	})
}

// An event with many snapshots lists the region, as a sweep does.
func TestAnEventWithManySnapshotsHasTheSameBrake(t *testing.T) {
	replicated(t, 60, func(t *testing.T, rig *rig) {
		var o plan.Order
		for _, s := range rig.cloud.Snapshots(gz) {
			o.Refs = append(o.Refs, plan.Ref{Region: gz, Snapshot: s.ID})
		}
		rig.strike("DescribeSnapshots", sim.Fault{List: sim.ListFault{Absent: true, Add: -1000}}, func(region, _ string) bool { return region == bj })
		for _, o := range []plan.Order{o, {}} {
			if got, want := counts(rig.Copy(t.Context(), o, false)), "deferred=60 failed=1"; got != want {
				t.Errorf("%d refs: %s, want %s", len(o.Refs), got, want)
			}
		}
	})
}

// The first copies may be refused, and older snapshots follow.
func TestTheNameOfTheFirstReplicaIsCheckedAlsoAfterRefusals(t *testing.T) {
	inCloud(t, sim.Options{Fate: func(sim.Copy) sim.Fate { return sim.NameCut }}, func(t *testing.T, rig *rig) {
		rig.Rules.Keep.Last, rig.Workers = 1, 1
		rig.disks(gz, 4, 2*time.Hour)
		for _, s := range rig.cloud.Snapshots(gz) {
			rig.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: s.Disk, Created: time.Now().Add(-time.Hour)})
		}
		rig.strike(copyAction, sim.Fault{Kind: sim.Refuse, Code: "InvalidSnapshot.NotSupported"}, func(_, params string) bool {
			return strings.Contains(params, time.Now().Add(-time.Hour).UTC().Format("20060102T1504"))
		})
		if got, want := counts(rig.Copy(t.Context(), plan.Order{}, false)), "deferred=3 failed=1 ineligible=4"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

// A new replica may be absent from the answer to the first look at its name. Then later
// copies of the run look again, and so does its end.
func TestTheNameOfAReplicaThatIsListedLateIsCheckedLater(t *testing.T) {
	for name, c := range map[string]struct {
		hidden       time.Duration
		failed, most int // copies that are made
	}{
		"while the run copies": {4 * time.Second, 1, 130},
		"at its end":           {9500 * time.Millisecond, 1, 200},
		"never":                {time.Hour, 0, 200},
	} {
		t.Run(name, func(t *testing.T) {
			inCloud(t, sim.Options{Fate: func(sim.Copy) sim.Fate { return sim.NameAdded }, Hidden: c.hidden}, func(t *testing.T, rig *rig) {
				rig.cloud.SetQuota(bj, 1000)
				rig.sources(200)
				r := rig.Copy(t.Context(), plan.Order{}, false)
				if made := len(rig.cloud.Copies()); r.Counts[plan.Failed] != c.failed || made > c.most {
					t.Errorf("%d copies and %s, want at most %d copies and %d failed", made, counts(r), c.most, c.failed)
				}
			})
		})
	}
}
