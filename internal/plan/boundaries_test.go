package plan_test

import (
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// Each limit is tried at its last value that passes, and at the next one.
func TestWhatSpeaksAgainstACopyBeginsWhereItSays(t *testing.T) {
	ages := func(age time.Duration) cloud.Snapshot {
		s := source("a", "disk-a", 0)
		s.Created = t0.Add(-age)
		return s
	}
	named := func(letters int) cloud.Snapshot {
		return source(strings.Repeat("a", letters), "disk-abcdefghijk", 1)
	}
	arriving := func(age time.Duration) cloud.Snapshot {
		r := replica("a", "disk-a", gz, 1)
		r.State, r.Percent, r.Created, r.Tags = cloud.Copying, 40, t0.Add(-age), nil
		return r
	}
	spoilt := func(id string) cloud.Snapshot {
		r := arriving(7 * time.Hour)
		r.ID += id
		return r
	}
	one := source("a", "disk-a", 1)
	for name, c := range map[string]struct {
		seen    []cloud.Snapshot
		partial bool
		want    plan.Outcome
	}{
		"as old as MAX_AGE":               {[]cloud.Snapshot{ages(48 * time.Hour)}, false, plan.Planned},
		"older than MAX_AGE":              {[]cloud.Snapshot{ages(48*time.Hour + time.Second)}, false, plan.Skipped},
		"a name of 60 bytes":              {[]cloud.Snapshot{named(12)}, false, plan.Planned},
		"a name of 61 bytes":              {[]cloud.Snapshot{named(13)}, false, plan.Failed},
		"arriving for COPY_TIMEOUT":       {[]cloud.Snapshot{one, arriving(6 * time.Hour)}, false, plan.InProgress},
		"arriving for more":               {[]cloud.Snapshot{one, arriving(6*time.Hour + time.Second)}, false, plan.Planned},
		"two came out spoilt":             {[]cloud.Snapshot{one, spoilt("1"), spoilt("2")}, false, plan.Planned},
		"three came out spoilt":           {[]cloud.Snapshot{one, spoilt("1"), spoilt("2"), spoilt("3")}, false, plan.Failed},
		"ten minutes old, in an event":    {[]cloud.Snapshot{ages(10 * time.Minute)}, true, plan.Planned},
		"older than that, in an event":    {[]cloud.Snapshot{ages(10*time.Minute + time.Second)}, true, plan.Waiting},
		"newest of two, in an event":      {[]cloud.Snapshot{ages(0), source("b", "disk-a", 1)}, true, plan.Planned},
		"NORMAL at 99 percent, as source": {[]cloud.Snapshot{func() cloud.Snapshot { s := one; s.Percent = 99; return s }()}, false, plan.Waiting},
	} {
		rules := rulesKeeping(1)
		rules.MaxAge = 48 * time.Hour
		w := observed{Snapshots: c.seen}.pack(rules)
		w.Partial = c.partial
		var got *plan.Decision
		note := func(d plan.Decision) {
			if d.Snapshot == c.seen[0].ID {
				got = &d
			}
		}
		for _, d := range plan.Make(&rules, w, plan.Task{Copies: true}, t0, note, quiet).Copies {
			note(d)
		}
		if got == nil || got.Outcome != c.want {
			t.Errorf("%s: got %+v, want %s", name, got, c.want)
		}
	}
}

func TestWhatHoldsADeletionBackBeginsWhereItSays(t *testing.T) {
	three := func(change func(*cloud.Snapshot)) observed {
		all := []cloud.Snapshot{replica("a", "disk-a", gz, 1), replica("b", "disk-a", gz, 2), replica("c", "disk-a", gz, 3)}
		change(&all[2])
		return observed{Snapshots: all}
	}
	nothing := func(*cloud.Snapshot) {}
	for name, c := range map[string]struct {
		world    observed
		limit    int
		accounts []string
		want     string
	}{
		"as many as DELETE_LIMIT":      {three(nothing), 2, nil, "snap-rc snap-rb"},
		"more than DELETE_LIMIT":       {three(nothing), 1, nil, "snap-rc"},
		"shared with our own accounts": {three(func(s *cloud.Snapshot) { s.SharedOut = 2 }), 0, []string{"1", "2"}, "snap-rc snap-rb"},
		"shared with one more":         {three(func(s *cloud.Snapshot) { s.SharedOut = 3 }), 0, []string{"1", "2"}, "snap-rb"},
		"needed by one image":          {three(func(s *cloud.Snapshot) { s.Images = 1 }), 0, nil, "snap-rb"},
		"at 99 percent":                {three(func(s *cloud.Snapshot) { s.Percent = 99 }), 0, nil, "snap-rb"},
	} {
		rules := rulesKeeping(1)
		rules.DeleteLimit, rules.ShareAccounts = c.limit, c.accounts
		if got := strings.Join(deletions(rules, c.world), " "); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// A limit of work that all of it fits into defers nothing.
func TestWorkUpToTheLimitIsDone(t *testing.T) {
	rules := rulesKeeping(0)
	for limit, deferred := range map[int]int{0: 0, 1: 2, 2: 1, 3: 0, 4: 0} {
		n := 0
		w := observed{Snapshots: []cloud.Snapshot{source("a", "disk-a", 1), source("b", "disk-b", 1), source("c", "disk-c", 1)}}.pack(rules)
		p := plan.Make(&rules, w, plan.Task{Copies: true, MaxWork: limit}, t0, func(plan.Decision) { n++ }, quiet)
		if n != deferred || len(p.Copies) != 3-deferred {
			t.Errorf("limit %d: %d are planned and %d deferred, want %d deferred of 3", limit, len(p.Copies), n, deferred)
		}
	}
}

// All replicas are judged, and as many are tagged as the limit of work allows.
func TestVerificationTagsUpToTheLimit(t *testing.T) {
	rules := rulesKeeping(0)
	for limit, want := range map[int]int{0: 3, 1: 1, 2: 2, 3: 3, 4: 3} {
		var o observed
		for _, id := range []string{"a", "b", "c"} {
			o.Snapshots = append(o.Snapshots, source(id, "disk-"+id, 1), untagged(replica(id, "disk-"+id, gz, 1)))
		}
		w, verified := o.pack(rules), 0
		w.Expect(7) // room for more loses nothing
		lacks, _ := plan.Verify(&rules, w, plan.Task{MaxWork: limit}, t0, func(d plan.Decision) {
			if d.Outcome == plan.Verified {
				verified++
			}
		}, func(...string) {})
		if len(lacks.Untagged) != want || verified != 3 {
			t.Errorf("limit %d: %d are verified and %d are to be tagged, want 3 and %d", limit, verified, len(lacks.Untagged), want)
		}
	}
}
