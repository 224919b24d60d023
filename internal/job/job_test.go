package job_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/job"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

const gz, bj = "ap-guangzhou", "ap-beijing"

// A rig is a simulated cloud, and a run that copies from one region to another.
type rig struct {
	*job.Runner
	cloud *sim.Cloud
}

// inCloud runs a test in a time of its own. Complaints of the simulator fail it.
func inCloud(t *testing.T, o sim.Options, test func(t *testing.T, rig *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		key := sim.Key{ID: "AKIDjob", Secret: "secret"}
		w := sim.New(o)
		w.AddKey(key)
		test(t, &rig{&job.Runner{
			Cloud: tencent.New(tencent.Options{ID: key.ID, Key: key.Secret, Transport: w.Transport(), Pacer: tencent.NewPacer(20)}),
			Rules: plan.Rules{Sources: []string{gz}, Targets: []string{bj}, MaxAge: 100 * time.Hour, Zone: time.UTC, CopyTimeout: 6 * time.Hour},
			Now:   time.Now, Log: slog.New(slog.DiscardHandler), Refused: &job.Refusals{}, Workers: 8,
		}, w})
		if got := w.Complaints(); len(got) > 0 {
			t.Errorf("the service complains: %q", got)
		}
	})
}

// sources adds n disks with a snapshot each.
func (rig *rig) sources(n int) {
	for range n {
		disk := rig.cloud.AddDisk(sim.Disk{Region: gz})
		rig.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: disk, Created: time.Now().Add(-time.Hour)})
	}
}

// copy is a sweep that must start so many copies.
func (rig *rig) copy(t *testing.T, want int) *job.Report {
	t.Helper()
	r := rig.Copy(t.Context(), plan.Order{}, false)
	if r.Counts[plan.Started] != want {
		t.Fatalf("%v, want %d started", r.Counts, want)
	}
	return r
}

func TestEveryMeaningHasAnOutcomeForCopiesAndDeletions(t *testing.T) {
	for m := cloud.MayHaveHappened; m <= cloud.OutOfTime; m++ {
		for _, kind := range []plan.Kind{plan.KindCopy, plan.KindDelete} {
			if o := job.OutcomeOf[m][kind]; !slices.Contains(plan.Outcomes(), o) {
				t.Errorf("an answer that means %d makes %q of a %s", m, o, kind)
			}
		}
	}
	if got, want := len(job.OutcomeOf), int(cloud.OutOfTime)+1; got != want {
		t.Errorf("%d meanings have outcomes, there are %d", got, want)
	}
}

// named are the names that each request to the target region asked for.
func (rig *rig) named() (names [][]string) {
	for _, c := range rig.cloud.Calls() {
		var p struct {
			Filters []struct{ Values []string }
		}
		if c.Action == "DescribeSnapshots" && c.Region == bj && json.Unmarshal(c.Params, &p) == nil && len(p.Filters) == 1 {
			names = append(names, p.Filters[0].Values)
		}
	}
	return names
}

func TestNamesAreAskedForTogetherOnlyAfterKnownReplicasAllCameBack(t *testing.T) {
	several := func(names []string) bool { return len(names) > 1 }
	for name, c := range map[string]struct {
		o        sim.Options
		known    int // replicas that are there before
		together bool
	}{
		"all names are compared":                   {sim.Options{}, 20, true},
		"the first copies of the run are known":    {sim.Options{}, 0, true},
		"only the first name is compared":          {sim.Options{Quirks: sim.Quirks{NameValues: 1}}, 20, false},
		"all names but the last are compared":      {sim.Options{Quirks: sim.Quirks{NameValues: job.NamesTogether - 1}}, 20, false},
		"the first copies are not to be found yet": {sim.Options{Hidden: time.Hour}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.KeepCalls = 10_000
			inCloud(t, c.o, func(t *testing.T, rig *rig) {
				rig.cloud.SetQuota(bj, 1000)
				rig.sources(c.known)
				rig.copy(t, c.known)
				time.Sleep(time.Minute)
				there := map[string]bool{}
				for _, s := range rig.cloud.Snapshots(bj) {
					there[s.Name] = true
				}
				before := len(rig.named())
				rig.sources(500)
				rig.copy(t, 500)
				requests := rig.named()[before:]
				first := slices.IndexFunc(requests, several)
				if first < 0 || c.known > 0 && (first > 0 || slices.ContainsFunc(requests[first], func(n string) bool { return !there[n] })) {
					t.Fatalf("request %d is the first for several names, and not for known replicas alone: %q", first, requests[:first+1])
				}
				if n := len(slices.DeleteFunc(requests, func(names []string) bool { return !several(names) })); (n > job.MaxTrials) != c.together {
					t.Errorf("%d requests asked for several names", n)
				}
			})
		})
	}
}

func TestANewerReadForgetsNoReplicaSeenEarlier(t *testing.T) {
	replica := func(id string, s cloud.State) cloud.Snapshot { return cloud.Snapshot{ID: id, Name: "n", State: s} }
	got := job.Remember("n",
		[]cloud.Snapshot{replica("snap-1", "COPYING_FROM_REMOTE"), {ID: "snap-9", Name: "another"}},
		nil, // a list that lags
		[]cloud.Snapshot{replica("snap-2", "COPYING_FROM_REMOTE"), replica("snap-1", cloud.Normal)},
		[]cloud.Snapshot{replica("snap-2", cloud.Normal)})
	if want := []cloud.Snapshot{replica("snap-1", cloud.Normal), replica("snap-2", cloud.Normal)}; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestAReportCountsEveryActionAndKeepsTheFirst(t *testing.T) {
	r := job.Full(3, plan.Started, 500)
	if r.Counts[plan.Started] != 500 || len(r.Actions()) != 3 {
		t.Errorf("%v, %d actions", r.Counts, len(r.Actions()))
	}
	if last := r.Warnings[len(r.Warnings)-1]; len(r.Warnings) != 201 || last != "300 more warnings" {
		t.Errorf("%d warnings, the last is %q", len(r.Warnings), last)
	}
	inCloud(t, sim.Options{}, func(t *testing.T, rig *rig) {
		rig.MaxActions = 2
		rig.sources(7)
		rig.copy(t, 7)
		r := rig.Copy(t.Context(), plan.Order{}, false)
		if want := map[plan.Outcome]int{plan.InProgress: 7}; !maps.Equal(r.Counts, want) || len(r.Actions()) != 2 {
			t.Errorf("%v, %d actions", r.Counts, len(r.Actions()))
		}
	})
}

func TestANearlyFullRegionIsAWarningWithTheDaysThatAreLeft(t *testing.T) {
	for _, c := range []struct {
		held, recent, disks int // in the target region; recent ones came within a week
		keep                int
		want                string // "": no warning
	}{
		{51, 51, 0, 0, ""},
		{52, 0, 0, 0, "ap-beijing holds 52 of about 64 snapshots (64 + 64 for each of its 0 disks); no replicas were added in the last week: raise the quota or keep fewer replicas before more come"},
		{56, 56, 0, 0, "56 replicas were added in the last week, and at this rate it is full in 1 days: raise the quota or keep fewer replicas"},
		{57, 7, 0, 3, "7 replicas were added in the last week, and at this rate it is full in 7 days, or later if the keep rules delete replicas: raise the quota or keep fewer replicas"},
		{57, 7, 1, 0, ""},
		{64, 7, 0, 0, "the quota is used up: raise the quota"},
		{65, 7, 0, 0, "so either its quota was raised, or nothing more can be copied there: raise the quota"},
	} {
		inCloud(t, sim.Options{}, func(t *testing.T, rig *rig) {
			rig.Rules.Keep.Last = c.keep
			for i := range c.held {
				age := 24 * time.Hour
				if i >= c.recent {
					age = 8 * 24 * time.Hour
				}
				l := plan.Lineage{Source: fmt.Sprintf("snap-%d", i), Region: gz, Created: time.Now().Add(-age)}
				rig.cloud.AddSnapshot(sim.Snapshot{Region: bj, Name: l.Name(), CopyFromRemote: true})
			}
			for range c.disks {
				rig.cloud.AddDisk(sim.Disk{Region: bj})
			}
			for name, r := range map[string]*job.Report{
				"plan": rig.Plan(t.Context(), plan.Order{}), "check": rig.Check(t.Context(), job.Known{}), "copy": rig.Copy(t.Context(), plan.Order{}, true),
			} {
				got := r.Warnings
				for _, a := range r.Actions() {
					if reason, ok := strings.CutPrefix(a.Reason, "quota: "); ok && a.Outcome == plan.Warning {
						got = append(got, reason)
					}
				}
				if text := strings.Join(got, "\n"); !strings.Contains(text, c.want) || (c.want == "") != (text == "") {
					t.Errorf("%s with %+v: warnings %q", name, c, text)
				}
			}
		})
	}
}
