package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// changed returns a snapshot after a change.
func changed(s cloud.Snapshot, change func(*cloud.Snapshot)) cloud.Snapshot {
	change(&s)
	return s
}

// sharedIn is a snapshot of another account, which shares it with this one.
func sharedIn(s cloud.Snapshot) cloud.Snapshot {
	s.SharedIn = true
	return s
}

func tagged(s cloud.Snapshot, key, value string) cloud.Snapshot {
	return changed(s, func(s *cloud.Snapshot) { s.Tags = map[string]string{key: value} })
}

// protection verifies a world and returns "disk to state" for each row, and the
// reasons.
func protection(r plan.Rules, o observed) (states, reasons string) {
	decisions, _ := verify(r, o, plan.Order{})
	for _, d := range decisions {
		if d.Kind == plan.KindProtect {
			states += fmt.Sprintf("%s %s %s, ", strings.TrimPrefix(d.Disk, "disk-"), strings.TrimPrefix(d.To, "ap-"), d.Outcome)
			reasons += d.Reason + "\n"
		}
	}
	return strings.TrimSuffix(states, ", "), reasons
}

// An alarm belongs to a disk. Whatever happened to its snapshots, an unprotected disk
// is called unprotected, and the reason says what to do.
func TestEachDiskHasAState(t *testing.T) {
	one := []cloud.Disk{{ID: "disk-a", Region: gz}}
	pair := func(days int) []cloud.Snapshot {
		return []cloud.Snapshot{source("a", "disk-a", days), replica("a", "disk-a", gz, days)}
	}
	arriving := func(age time.Duration, percent int) cloud.Snapshot {
		return changed(untagged(replica("a", "disk-a", gz, 1)), func(s *cloud.Snapshot) {
			s.State, s.Percent, s.Created = cloud.Copying, percent, t0.Add(-age)
		})
	}
	ready := func(age time.Duration) cloud.Snapshot {
		return changed(source("a", "disk-a", 0), func(s *cloud.Snapshot) { s.Created = t0.Add(-age) })
	}
	creating := func(age time.Duration) cloud.Snapshot {
		return changed(ready(age), func(s *cloud.Snapshot) { s.State, s.Percent = cloud.Creating, 40 })
	}
	encrypted := changed(source("b", "disk-a", 0), func(s *cloud.Snapshot) { s.Encrypted = true })
	unread := map[string]string{gz: "denied"}
	for name, c := range map[string]struct {
		world         observed
		change        func(*plan.Rules)
		state, reason string
	}{
		"proven and young":                    {world: observed{Snapshots: pair(1), Disks: one}, state: "a beijing protected"},
		"as old as RPO":                       {world: observed{Snapshots: pair(3), Disks: one}, state: "a beijing protected"},
		"older than RPO":                      {world: observed{Snapshots: pair(4), Disks: one}, state: "a beijing late", reason: "no newer snapshot"},
		"older, without an RPO":               {world: observed{Snapshots: pair(4), Disks: one}, change: func(r *plan.Rules) { r.RPO = 0 }, state: "a beijing protected"},
		"encrypted since":                     {world: observed{Snapshots: append(pair(4), encrypted), Disks: one}, state: "a beijing late", reason: "is encrypted"},
		"a newer one is not copied":           {world: observed{Snapshots: append(pair(4), source("b", "disk-a", 0)), Disks: one}, state: "a beijing late", reason: "log of the copy function"},
		"never copied":                        {world: observed{Snapshots: []cloud.Snapshot{source("a", "disk-a", 1)}, Disks: one}, state: "a beijing unprotected", reason: "log of the copy function"},
		"too old by MAX_AGE":                  {world: observed{Snapshots: []cloud.Snapshot{source("a", "disk-a", 9)}, Disks: one}, state: "a beijing unprotected", reason: "not copied yet"},
		"no snapshot":                         {world: observed{Disks: one}},
		"all its snapshots are deleted":       {world: observed{Snapshots: pair(4)[1:], Disks: one}, state: "a beijing late", reason: "it has no snapshot: make one"},
		"the same, and it is not proven":      {world: observed{Snapshots: []cloud.Snapshot{untagged(pair(1)[1])}, Disks: one}},
		"the same, and its replica is young":  {world: observed{Snapshots: pair(1)[1:], Disks: one}, state: "a beijing protected"},
		"no snapshot, but selected by id":     {world: observed{Disks: one}, change: func(r *plan.Rules) { r.SelectDisks = []string{"disk-a"} }, state: "a beijing unprotected", reason: "make one"},
		"tagged ferry:skip":                   {world: observed{Snapshots: pair(9), Disks: []cloud.Disk{{ID: "disk-a", Region: gz, Tags: map[string]string{plan.SkipTag: ""}}}}},
		"its only snapshot is skipped":        {world: observed{Snapshots: []cloud.Snapshot{tagged(source("a", "disk-a", 1), plan.SkipTag, "")}, Disks: one}, state: "a beijing unprotected", reason: "tagged ferry:skip"},
		"on its way":                          {world: observed{Snapshots: []cloud.Snapshot{source("a", "disk-a", 1), arriving(time.Hour, 0)}, Disks: one}, state: "a beijing copying", reason: "snap-ra"},
		"on its way for longer than RPO":      {world: observed{Snapshots: []cloud.Snapshot{source("a", "disk-a", 9), arriving(time.Hour, 0)}, Disks: one}, state: "a beijing unprotected"},
		"on its way for longer and advancing": {world: observed{Snapshots: []cloud.Snapshot{source("a", "disk-a", 1), source("z", "disk-a", 9), arriving(time.Hour, 5)}, Disks: one}, state: "a beijing copying"},
		"stuck":                               {world: observed{Snapshots: []cloud.Snapshot{source("a", "disk-a", 1), arriving(7*time.Hour, 50)}, Disks: one}, state: "a beijing unprotected", reason: "attempt 2"},
		"fresh":                               {world: observed{Snapshots: []cloud.Snapshot{ready(29 * time.Minute)}, Disks: one}, state: "a beijing copying"},
		"not fresh any more":                  {world: observed{Snapshots: []cloud.Snapshot{ready(30 * time.Minute)}, Disks: one}, state: "a beijing unprotected"},
		"being created":                       {world: observed{Snapshots: []cloud.Snapshot{creating(6 * time.Hour)}, Disks: one}, state: "a beijing copying"},
		"being created for too long":          {world: observed{Snapshots: []cloud.Snapshot{creating(7 * time.Hour)}, Disks: one}, state: "a beijing unprotected", reason: "CREATING"},
		"its replica was never compared":      {world: observed{Snapshots: []cloud.Snapshot{untagged(replica("a", "disk-a", gz, 1)), source("b", "disk-a", 4)}, Disks: one}, state: "a beijing unprotected", reason: "snap-ra of 2026-11-22T13:21:00Z is not counted"},
		"gone":                                {world: observed{Snapshots: pair(9)}, state: "a beijing gone"},
		"gone, and nothing proven":            {world: observed{Snapshots: []cloud.Snapshot{untagged(replica("a", "disk-a", gz, 1))}}, state: "a beijing gone", reason: "no replica of it is proven"},
		"the source region is out of reach":   {world: observed{Snapshots: []cloud.Snapshot{replica("a", "disk-a", gz, 1), replica("b", "disk-b", gz, 9)}, Unlisted: unread, DisksUnread: unread}, state: "a beijing protected, b beijing late"},
		"the same, and it was never proven":   {world: observed{Snapshots: []cloud.Snapshot{untagged(replica("a", "disk-a", gz, 1))}, Unlisted: unread, DisksUnread: unread}, state: "a beijing unprotected"},
		"the target region is out of reach":   {world: observed{Snapshots: pair(1), Disks: one, Unlisted: map[string]string{bj: "denied"}}},
		"by its newest snapshot's tag": {
			world: observed{Snapshots: append(pair(1), tagged(source("b", "disk-a", 0), plan.TargetsTag, sh)), Disks: one}, state: "a shanghai unprotected",
		},
		"a slip in its tag": {
			world: observed{Snapshots: []cloud.Snapshot{tagged(source("a", "disk-a", 1), plan.TargetsTag, "mars")}, Disks: one}, state: "a  unprotected", reason: `"mars" is not a region`,
		},
		"the source list is incomplete": {
			world: observed{Snapshots: []cloud.Snapshot{source("a", "disk-a", 1)}, Disks: one, Incomplete: unread}, state: "a beijing unprotected", reason: "not copied yet",
		},
		"shared by another account": {
			world: observed{Snapshots: []cloud.Snapshot{source("a", "disk-a", 1), sharedIn(pair(1)[1])}, Disks: one}, state: "a beijing unprotected", reason: "belongs to another account",
		},
		"its tag names a region, and it has no snapshot": {
			world:  observed{Snapshots: []cloud.Snapshot{in(sh, pair(1)[1])}, Disks: []cloud.Disk{{ID: "disk-a", Region: gz, Tags: map[string]string{plan.TargetsTag: sh}}}},
			change: func(r *plan.Rules) { r.SelectDisks = []string{"disk-a"} }, state: "a shanghai protected",
		},
		"forged for the future": {world: observed{Snapshots: append(pair(4), replica("z", "disk-a", gz, -300)), Disks: one}, state: "a beijing late"},
	} {
		rules := rulesKeeping(0)
		rules.MaxAge, rules.RPO = 72*time.Hour, 72*time.Hour
		if c.change != nil {
			c.change(&rules)
		}
		states, reasons := protection(rules, c.world)
		if states != c.state || !strings.Contains(reasons, c.reason) {
			t.Errorf("%s: got %q because of %q, want %q and %q", name, states, reasons, c.state, c.reason)
		}
		// A sweep is settled only if no disk is late or unprotected.
		p := plan.Make(&rules, c.world.pack(rules), plan.Task{Copies: true}, t0, func(plan.Decision) {}, quiet)
		if strings.Contains(states, "late") || strings.Contains(states, "unprotected") {
			if !p.Unsettled {
				t.Errorf("%s: a sweep calls itself settled", name)
			}
		}
	}
}

// MAX_AGE bounds the history of a disk. It never leaves a disk without a replica.
func TestMaxAgeNeverHoldsBackTheNewestOfADisk(t *testing.T) {
	rules := rulesKeeping(0)
	rules.MaxAge = 72 * time.Hour
	disks := []cloud.Disk{{ID: "disk-a", Region: gz}}
	old := []cloud.Snapshot{source("a", "disk-a", 9), source("b", "disk-a", 8)}
	bad := changed(source("c", "disk-a", 7), func(s *cloud.Snapshot) { s.Encrypted = true })
	for name, c := range map[string]struct {
		world observed
		want  string
	}{
		"only old ones":                {observed{Snapshots: old, Disks: disks}, "snap-b"},
		"a newer one can't be copied":  {observed{Snapshots: append(old, bad), Disks: disks}, "snap-b"},
		"a newer one can":              {observed{Snapshots: append(old, source("d", "disk-a", 1)), Disks: disks}, "snap-d"},
		"a newer one is there":         {observed{Snapshots: append(old, source("d", "disk-a", 4), replica("d", "disk-a", gz, 4)), Disks: disks}, ""},
		"the disk does not exist":      {observed{Snapshots: old}, ""},
		"what the disk is, is unknown": {observed{Snapshots: []cloud.Snapshot{source("a", "", 9)}}, ""},
	} {
		got := ""
		for _, d := range decide(rules, c.world, plan.Order{}) {
			if d.Outcome == plan.Planned {
				got += d.Snapshot
			}
		}
		if got != c.want {
			t.Errorf("%s: %q is copied, want %q", name, got, c.want)
		}
	}
	_, warnings := verify(rules, observed{Snapshots: append(old, source("d", "disk-a", 1)), Disks: disks}, plan.Order{})
	if got := strings.Join(warnings, "\n"); !strings.Contains(got, "2 points") || !strings.Contains(got, "MAX_AGE=10d") {
		t.Errorf("warnings %q, want the two old points and the MAX_AGE that brings them", got)
	}
}

// The tags of a disk that is gone are unknown, which is not none.
func TestTheLastSnapshotOfAGoneDisk(t *testing.T) {
	earlier := replica("z", "disk-a", gz, 2)
	elsewhere := changed(earlier, func(s *cloud.Snapshot) { s.Region = sh })
	last := source("a", "disk-a", 1)
	for name, c := range map[string]struct {
		seen     []cloud.Snapshot
		selected bool
		want     string
		warning  bool
	}{
		"without SELECT_TAGS":                 {[]cloud.Snapshot{last}, false, "snap-a→ap-beijing", false},
		"with SELECT_TAGS":                    {[]cloud.Snapshot{last}, true, "", true},
		"its own tags match":                  {[]cloud.Snapshot{tagged(last, "env", "prod")}, true, "snap-a→ap-beijing", false},
		"it has earlier replicas":             {[]cloud.Snapshot{last, earlier}, true, "snap-a→ap-beijing", false},
		"they are in a region of its own tag": {[]cloud.Snapshot{last, elsewhere, tagged(source("n", "disk-n", 1), plan.TargetsTag, sh)}, true, "snap-a→ap-shanghai", false},
		"it is tagged ferry:skip":             {[]cloud.Snapshot{tagged(last, plan.SkipTag, ""), earlier}, false, "", false},
	} {
		rules := rulesKeeping(0)
		if c.selected {
			rules.SelectTags = []plan.Tag{{Key: "env", Value: "prod"}}
		}
		got, warnings := "", 0
		p := plan.Make(&rules, observed{Snapshots: c.seen, Disks: []cloud.Disk{{ID: "disk-n", Region: gz}}}.pack(rules), plan.Task{Copies: true}, t0,
			func(plan.Decision) {}, func(w ...string) { warnings += len(w) })
		for _, d := range p.Copies {
			got += d.Snapshot + "→" + d.To
		}
		if strings.ReplaceAll(got, "snap-n→ap-shanghai", "") != c.want || (warnings > 0) != c.warning {
			t.Errorf("%s: copies %q and %d warnings, want %q and %t", name, got, warnings, c.want, c.warning)
		}
	}
}

// A selection that selects nothing is probably a slip.
func TestASelectionThatFindsNothingIsAnAlarm(t *testing.T) {
	world := observed{Snapshots: []cloud.Snapshot{source("a", "disk-a", 0)}, Disks: []cloud.Disk{{ID: "disk-a", Region: gz}}}
	for name, c := range map[string]struct {
		change func(*plan.Rules)
		want   string
	}{
		"a tag that is there": {func(r *plan.Rules) { r.SelectTags = []plan.Tag{{Key: "env", Value: "prod"}} }, ""},
		"a slip in a tag":     {func(r *plan.Rules) { r.SelectTags = []plan.Tag{{Key: "evn", Value: "*"}} }, "SELECT_TAGS selects no disk"},
		"a disk":              {func(r *plan.Rules) { r.SelectDisks = []string{"disk-a"} }, ""},
		"a slip in a disk":    {func(r *plan.Rules) { r.SelectDisks = []string{"disk-a", "disk-b"} }, "disk-b of SELECT_DISKS"},
	} {
		rules := rulesKeeping(0)
		c.change(&rules)
		w := world
		w.Disks = []cloud.Disk{{ID: "disk-a", Region: gz, Tags: map[string]string{"env": "prod"}}}
		got := ""
		decisions, _ := verify(rules, w, plan.Order{})
		for _, d := range decisions {
			if d.Outcome == plan.Failed {
				got += d.Reason
			}
		}
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
