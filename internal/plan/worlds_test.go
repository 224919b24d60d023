package plan_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

const (
	gz = "ap-guangzhou"
	bj = "ap-beijing"
	sh = "ap-shanghai"
)

// randomRules are rules that a person might set.
func randomRules(rng *rand.Rand) plan.Rules {
	r := plan.Rules{Sources: []string{gz}, Targets: []string{bj, sh}, CopyTimeout: 6 * time.Hour, Keep: randomKeep(rng), Zone: time.UTC}
	if rng.IntN(3) == 0 {
		r.Sources = []string{gz, sh} // shanghai is both source and target
	}
	if rng.IntN(2) == 0 {
		r.MaxAge = time.Duration(1+rng.IntN(30)) * 24 * time.Hour
	}
	if rng.IntN(4) == 0 {
		r.SelectTags = []plan.Tag{{Key: "env", Value: "prod"}}
	}
	if rng.IntN(5) == 0 {
		r.SelectDisks = []string{"disk-a", "disk-b"}
	}
	return r
}

// randomWorld is a world in any state that interrupted runs, other people and
// the service can leave behind.
func randomWorld(rng *rand.Rand, r plan.Rules) observed {
	w := observed{}
	tag := func() map[string]string {
		t := map[string]string{}
		if rng.IntN(2) == 0 {
			t["env"] = []string{"prod", "dev"}[rng.IntN(2)]
		}
		if rng.IntN(12) == 0 {
			t[plan.SkipTag] = "x"
		}
		if rng.IntN(12) == 0 {
			t[plan.TargetsTag] = []string{"ap-nanjing", bj + "+nonsense", gz, ""}[rng.IntN(4)]
		}
		return t
	}
	for d := range 1 + rng.IntN(4) {
		disk := "disk-" + string(rune('a'+d))
		home := r.Sources[rng.IntN(len(r.Sources))]
		if rng.IntN(10) == 0 {
			disk = ""
		} else if rng.IntN(5) > 0 {
			w.Disks = append(w.Disks, cloud.Disk{ID: disk, Region: home, Tags: tag()})
		}
		for n := range rng.IntN(7) {
			src := cloud.Snapshot{
				ID: fmt.Sprintf("snap-%d%d", d, n), Region: home, Name: "daily", Disk: disk, State: cloud.Normal, Percent: 100, SizeGiB: 50,
				Created: t0.Add(-time.Duration(rng.IntN(40*24*60)) * time.Minute), Tags: tag(),
			}
			disturb(rng, &src)
			for _, to := range []string{bj, sh, "ap-nanjing"} {
				if to != home {
					w.Snapshots = append(w.Snapshots, randomReplicas(rng, src, to)...)
				}
			}
			if rng.IntN(4) > 0 {
				w.Snapshots = append(w.Snapshots, src)
			}
		}
	}
	return w
}

func disturb(rng *rand.Rand, s *cloud.Snapshot) {
	switch rng.IntN(20) {
	case 0:
		s.State, s.Percent = cloud.Creating, 30
	case 1:
		s.Encrypted = true
	case 2:
		s.SharedIn = true
	case 3:
		s.State = cloud.ToRecycle
	case 4:
		s.CopyFromRemote = true
	case 5:
		s.CopyingTo = []string{bj}
	}
}

// randomReplicas are none, one or several replicas of a source, and things
// that only look like one.
func randomReplicas(rng *rand.Rand, src cloud.Snapshot, to string) (out []cloud.Snapshot) {
	for n := range []int{0, 0, 1, 1, 1, 2, 3}[rng.IntN(7)] {
		rep := cloud.Snapshot{
			ID: fmt.Sprintf("%s%s%d", src.ID, to[3:5], n), Region: to, Name: plan.LineageOf(&src).Name(), State: cloud.Normal, Percent: 100,
			SizeGiB: 50, CopyFromRemote: true, Created: src.Created.Add(time.Duration(1+rng.IntN(20*60)) * time.Minute),
		}
		switch rng.IntN(16) {
		case 0:
			rep.State, rep.Percent = cloud.Copying, 40
		case 1:
			rep.State = cloud.Checking
		case 2:
			rep.State = "COPY_FAILED"
		case 3:
			rep.SizeGiB = 10
		case 4:
			rep.Locked = true
		case 5:
			rep.Images = 1
		case 6:
			rep.SharedOut = 2
		case 7:
			rep.CopyFromRemote = false
		case 8:
			rep.Name = "copied by hand"
		case 9:
			rep.Created = src.Created
			rep.State, rep.Percent = cloud.Copying, 40
		}
		out = append(out, rep)
	}
	return out
}

func seeds() uint64 {
	if testing.Short() {
		return 1000
	}
	return 10_000
}

func TestTheOrderOfTheInputChangesNothing(t *testing.T) {
	for seed := range seeds() {
		rng := rand.New(rand.NewPCG(seed, 3))
		r := randomRules(rng)
		w := randomWorld(rng, r)
		want := decide(r, w, plan.Order{})
		wantVerified, wantWarnings := verify(r, w, plan.Order{})
		rng.Shuffle(len(w.Snapshots), func(i, j int) { w.Snapshots[i], w.Snapshots[j] = w.Snapshots[j], w.Snapshots[i] })
		rng.Shuffle(len(w.Disks), func(i, j int) { w.Disks[i], w.Disks[j] = w.Disks[j], w.Disks[i] })
		if got := decide(r, w, plan.Order{}); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: shuffled, the plan is\n%s\nand was\n%s", seed, show(got), show(want))
		}
		verified, warnings := verify(r, w, plan.Order{})
		if !reflect.DeepEqual(verified, wantVerified) || !reflect.DeepEqual(warnings, wantWarnings) {
			t.Fatalf("seed %d: shuffled, verification is\n%s\nand was\n%s", seed, show(verified), show(wantVerified))
		}
	}
}

func TestOnlyOurCompleteReplicasAreDeletedAndNeverTheLast(t *testing.T) {
	deleted := 0
	for seed := range seeds() {
		rng := rand.New(rand.NewPCG(seed, 4))
		r := randomRules(rng)
		w := randomWorld(rng, r)
		actions := decide(r, w, plan.Order{Force: true})
		before := complete(w)
		after := apply(w, actions, false)
		for _, a := range actions {
			if a.Outcome != plan.WouldDelete {
				continue
			}
			deleted++
			s := find(w, a.To, a.Replica)
			l, ours := plan.Ours(s)
			if !ours || s.State != cloud.Normal || s.Locked || s.Images > 0 || s.SharedOut > 0 || l.Disk == "" || r.Keep.None() {
				t.Fatalf("seed %d: %+v is deleted: %s", seed, *s, a.Reason)
			}
			if src := find(w, l.Region, l.Source); src != nil && src.SizeGiB != s.SizeGiB && len(complete(after)[seriesKey{l.Region, l.Disk, a.To}]) == 0 {
				t.Fatalf("seed %d: a spoilt replica goes though none is complete: %+v", seed, *s)
			}
		}
		for k, had := range before {
			has := complete(after)[k]
			if keeps := kept(r, had); len(has) < min(len(had), keeps) || len(has) == 0 {
				t.Fatalf("seed %d: %v: %d points had complete replicas, %d have, the rules keep %d\n%s", seed, k, len(had), len(has), keeps, show(actions))
			}
		}
	}
	if deleted == 0 {
		t.Error("no world had anything deleted: the test shows nothing")
	}
}

func TestPlansComeToRestAndNeverFight(t *testing.T) {
	for seed := range seeds() {
		rng := rand.New(rand.NewPCG(seed, 5))
		r := randomRules(rng)
		w := randomWorld(rng, r)
		gone := map[string]bool{}
		for round := 0; ; round++ {
			actions := decide(r, w, plan.Order{Force: true})
			work := 0
			for _, a := range actions {
				point := a.Snapshot + " " + a.To
				switch a.Outcome {
				case plan.Planned:
					work++
					if gone[point] {
						t.Fatalf("seed %d: %s is copied again after its deletion", seed, point)
					}
				case plan.WouldDelete:
					work++
					gone[point] = gone[point] || !plan.Surplus(a) // doubles and spoilt ones leave another replica
				}
			}
			if work == 0 {
				break
			}
			if round > 3 {
				t.Fatalf("seed %d: no rest after %d rounds:\n%s", seed, round, show(actions))
			}
			w = apply(w, actions, true)
		}
	}
}

// apply carries a plan out: copies arrive whole, if they are wanted to, and
// what is to be deleted goes.
func apply(w observed, actions []plan.Decision, copies bool) observed {
	out := w
	out.Snapshots = slices.Clone(w.Snapshots)
	for _, a := range actions {
		switch {
		case a.Outcome == plan.WouldDelete:
			out.Snapshots = slices.DeleteFunc(out.Snapshots, func(s cloud.Snapshot) bool { return s.ID == a.Replica && s.Region == a.To })
		case a.Outcome == plan.Planned && copies:
			src := find(w, a.From, a.Snapshot)
			out.Snapshots = append(out.Snapshots, cloud.Snapshot{
				ID: "snap-new" + a.Snapshot[5:] + a.To[3:5], Region: a.To, Name: a.Name(), State: cloud.Normal, Percent: 100,
				SizeGiB: src.SizeGiB, CopyFromRemote: true, Created: t0,
			})
		}
	}
	return out
}

type seriesKey struct{ from, disk, to string }

// complete are the points of each series that have a complete replica, newest
// first: a second, plainer reading of what counts.
func complete(w observed) map[seriesKey][]time.Time {
	seen := map[string]bool{}
	out := map[seriesKey][]time.Time{}
	for i := range w.Snapshots {
		s := &w.Snapshots[i]
		l, ours := plan.Ours(s)
		if !ours || s.State != cloud.Normal || s.Percent != 100 || seen[l.Source+s.Region] {
			continue
		}
		if src := find(w, l.Region, l.Source); src != nil && (src.SizeGiB != s.SizeGiB || src.Encrypted != s.Encrypted) {
			continue
		}
		seen[l.Source+s.Region] = true
		k := seriesKey{l.Region, l.Disk, s.Region}
		out[k] = append(out[k], l.Created)
	}
	for _, times := range out {
		slices.SortFunc(times, func(a, b time.Time) int { return b.Compare(a) })
	}
	return out
}

func kept(r plan.Rules, times []time.Time) (n int) {
	for _, rule := range r.Keep.Apply(times, r.Zone, t0) {
		if rule != "" {
			n++
		}
	}
	return n
}

func find(w observed, region, id string) *cloud.Snapshot {
	for i := range w.Snapshots {
		if w.Snapshots[i].ID == id && w.Snapshots[i].Region == region {
			return &w.Snapshots[i]
		}
	}
	return nil
}

func show(actions []plan.Decision) (out string) {
	for _, a := range actions {
		out += fmt.Sprintf("%s %s %s %s→%s %s: %s (%s)\n", a.Kind, a.Outcome, a.Snapshot, a.From, a.To, a.Replica, a.Reason, a.Point.Format(time.DateTime))
	}
	return out
}
