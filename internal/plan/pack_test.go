package plan_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// What is packed comes out as it went in: ids of any length, states that
// nobody has heard of, times at both ends.
func TestWhatIsPackedComesOutAsItWentIn(t *testing.T) {
	rules := plan.Rules{Sources: []string{gz}, Targets: []string{bj}, SelectTags: []plan.Tag{{Key: "env", Value: "prod"}, {Key: "env", Value: "x"}}, Zone: time.UTC}
	for _, id := range []string{"a", "0", "Zz09", "ckgjwkqh", "abcdefghij", "abcdefghijk"} {
		src := cloud.Snapshot{
			ID: "snap-" + id, Region: gz, Disk: "disk-" + id, State: "SOMETHING_NEW", Percent: 7, SizeGiB: 32_000, Created: time.Unix(1, 0).UTC(),
			Encrypted: true, SharedIn: true, SystemDisk: true, CopyingTo: []string{bj}, Tags: map[string]string{"env": "prod", plan.TargetsTag: bj},
		}
		rep := cloud.Snapshot{
			ID: "snap-r" + id, Region: bj, State: cloud.Normal, Percent: 100, SizeGiB: 1, Created: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
			CopyFromRemote: true, Locked: true, SharedOut: 3, Images: 2, Tags: map[string]string{plan.StateTag: plan.StateVerified, "env": "x"},
			Name: plan.LineageOf(&src).Name(),
		}
		given := src
		given.Name, given.Tags = "whatever", map[string]string{"env": "prod", plan.TargetsTag: bj, "unread": "x"}
		other := rep // its name says another disk than its source has
		other.ID, other.Name = "snap-o"+id, strings.Replace(rep.Name, "_"+id+"_"+id+"_", "_"+id+"_another_", 1)
		for _, order := range [][]cloud.Snapshot{{given, rep, other}, {other, rep, given}} {
			w := observed{Snapshots: order}.pack(rules)
			d := plan.Decision{Snapshot: src.ID, Disk: src.Disk, From: gz, To: bj}
			got, replicas := w.Replicas(&d)
			if got == nil || !reflect.DeepEqual(*got, src) {
				t.Errorf("%s: the source came out as %+v, want %+v", id, got, src)
			}
			if len(replicas) != 2 || !reflect.DeepEqual(replicas[0], other) || !reflect.DeepEqual(replicas[1], rep) {
				t.Errorf("%s: the replicas came out as\n%+v, want\n%+v and\n%+v", id, replicas, other, rep)
			}
		}
	}
}

// A region that is observed once more has each snapshot once: as it was seen
// last, or as it was seen before where the newer list leaves it out.
func TestARegionObservedTwiceHasEachSnapshotOnce(t *testing.T) {
	rules := rulesKeeping(0)
	old, again := source("a", "disk-a", 1), source("b", "disk-b", 1)
	w := plan.NewWorld(&rules, time.Time{})
	w.Begin(gz)
	w.Add(gz, []cloud.Snapshot{old})
	w.Add(gz, []cloud.Snapshot{again})
	w.Begin(gz)
	again.Percent = 50
	w.Add(gz, []cloud.Snapshot{again})
	sources, _, _ := w.Series(&plan.Decision{Disk: "disk-b", From: gz, To: bj})
	if len(sources) != 1 || sources[0].Percent != 50 {
		t.Errorf("what was seen again is there as %+v, want it once, as it was seen last", sources)
	}
	if sources, _, _ = w.Series(&plan.Decision{Disk: "disk-a", From: gz, To: bj}); len(sources) != 1 {
		t.Errorf("what was left out is there %d times, want once", len(sources))
	}
}

// The regions that only tags name are observed after the sources were looked
// through for those tags.
func TestWhatIsAddedAfterAPlanIsInItsOrder(t *testing.T) {
	rules := rulesKeeping(0)
	w := observed{Snapshots: []cloud.Snapshot{source("a", "disk-a", 1), source("b", "disk-b", 1)}}.pack(rules)
	planned := func() plan.Plan {
		return plan.Make(&rules, w, plan.Task{Copies: true}, t0, func(plan.Decision) {}, quiet)
	}
	if n := len(planned().Copies); n != 2 {
		t.Fatalf("%d copies are planned, want 2", n)
	}
	w.Add(bj, []cloud.Snapshot{replica("a", "disk-a", gz, 1)})
	if all := planned().Copies; len(all) != 1 || all[0].Snapshot != "snap-b" {
		t.Errorf("with a replica of snap-a the plan is to copy %+v, want snap-b", all)
	}
}

// Decisions about one disk depend on that disk alone: the plan of the whole
// world is the plans of its disks put together.
func TestThePlanOfAWorldIsThePlansOfItsDisks(t *testing.T) {
	for seed := range seeds() {
		rng := rand.New(rand.NewPCG(seed, 6))
		r := randomRules(rng)
		r.DeleteLimit = 0
		o := randomWorld(rng, r)
		want := byText(decide(r, o, plan.Order{Force: true, Targets: []string{bj, sh}}))
		parts := map[string]*observed{}
		home := map[string]string{} // where a source's replicas belong: to its disk, or to the source alone
		for _, s := range o.Snapshots {
			if l, named := plan.ParseName(s.Name); (!named || l.Region == s.Region) && s.Disk != "" {
				home[s.ID] = s.Disk
			}
		}
		for _, s := range o.Snapshots {
			key := s.ID
			if l, named := plan.ParseName(s.Name); named && l.Region != s.Region {
				if key = l.Source; l.Disk != "" {
					key = l.Disk
				}
				if home[l.Source] != "" {
					key = home[l.Source]
				}
			} else if s.Disk != "" {
				key = s.Disk
			}
			if parts[key] == nil {
				parts[key] = &observed{Disks: o.Disks}
			}
			parts[key].Snapshots = append(parts[key].Snapshots, s)
		}
		var got []plan.Decision
		for _, part := range parts {
			got = append(got, decide(r, *part, plan.Order{Force: true, Targets: []string{bj, sh}})...)
		}
		if got = byText(got); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d: disk by disk the plan is\n%s\nand of the whole world\n%s", seed, show(got), show(want))
		}
	}
}

// A run has at most as much work as it may have: the most urgent. The rest is
// told, and put off.
func TestWorkBeyondTheLimitIsDeferred(t *testing.T) {
	rules := rulesKeeping(0)
	var o observed
	for day := range 30 {
		o.Snapshots = append(o.Snapshots, source(string(rune('a'+day%26))+string(rune('a'+day/26)), "disk-a", day))
	}
	var noted []plan.Decision
	p := plan.Make(&rules, o.pack(rules), plan.Task{Copies: true, MaxWork: 5}, t0, func(d plan.Decision) { noted = append(noted, d) }, quiet)
	if len(p.Copies) != 5 || len(noted) != 25 {
		t.Fatalf("%d copies are planned and %d noted, want 5 and 25", len(p.Copies), len(noted))
	}
	for i, d := range p.Copies {
		if want := t0.AddDate(0, 0, -i); !d.Point.Equal(want) {
			t.Errorf("copy %d is of %s, want the newest first: %s", i, d.Point, want)
		}
	}
	for _, d := range noted {
		if d.Outcome != plan.Deferred {
			t.Errorf("%s is %s, want deferred", d.Snapshot, d.Outcome)
		}
	}
}

// A tag that selects may have another value on every snapshot, such as Name.
// What a rule does not tell apart is kept once.
func TestValuesThatNoRuleReadsTakeNoMemory(t *testing.T) {
	const n = 20_000
	rules := rulesKeeping(7)
	rules.SelectTags = []plan.Tag{{Key: "Name", Value: "*"}, {Key: "env", Value: "prod"}}
	w := plan.NewWorld(&rules, time.Time{})
	w.Expect(n)
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	for i := range n {
		s := source(fmt.Sprintf("%08d", i), fmt.Sprintf("disk-%08d", i), 1)
		s.Tags = map[string]string{"Name": fmt.Sprintf("web server %d", i), "env": "prod", plan.SkipTag: fmt.Sprint("ticket ", i)}
		w.Add(gz, []cloud.Snapshot{s})
	}
	if grown := heap() - before; grown > n*10 {
		t.Errorf("%d bytes a snapshot beside its row", grown/n)
	}
	runtime.KeepAlive(w)
}
