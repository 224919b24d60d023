package plan_test

import (
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// Only what was compared with its source makes another replica superfluous.
func TestOnlyAProvenReplicaDisplacesAnother(t *testing.T) {
	a, b, c := replica("a", "disk-a", gz, 1), replica("b", "disk-a", gz, 2), replica("c", "disk-a", gz, 3)
	resized := func(s cloud.Snapshot, gib int) cloud.Snapshot {
		return changed(s, func(s *cloud.Snapshot) { s.SizeGiB = gib })
	}
	for name, c := range map[string]struct {
		seen []cloud.Snapshot
		want string
	}{
		"two are proven":                   {[]cloud.Snapshot{a, b}, "snap-rb"},
		"the newer one was never compared": {[]cloud.Snapshot{untagged(a), b}, ""},
		"a copy says that it is the older one": {[]cloud.Snapshot{a, b, untagged(changed(b, func(s *cloud.Snapshot) {
			l, _ := plan.ParseName(s.Name)
			l.Created = t0
			s.ID, s.Name = "snap-0", l.Name()
		}))}, "snap-rb"},
		"it is compared now":                   {[]cloud.Snapshot{untagged(a), source("a", "disk-a", 1), b}, "snap-rb"},
		"the older one was never compared":     {[]cloud.Snapshot{a, untagged(b)}, "snap-rb"},
		"the older one, whose source is odd":   {[]cloud.Snapshot{a, untagged(b), resized(source("b", "disk-a", 2), 0)}, ""},
		"neither was":                          {[]cloud.Snapshot{untagged(a), untagged(b)}, ""},
		"the older one is another account's":   {[]cloud.Snapshot{a, source("a", "disk-a", 1), sharedIn(changed(a, func(s *cloud.Snapshot) { s.ID, s.Created = "snap-0", t0.AddDate(0, 0, -1).Add(time.Minute) }))}, ""},
		"the newer one is smaller":             {[]cloud.Snapshot{resized(a, 25), b}, ""},
		"smaller than one that is not proven":  {[]cloud.Snapshot{a, b, untagged(resized(c, 90))}, "snap-rb snap-rc"},
		"encrypted, and the older one is not":  {[]cloud.Snapshot{changed(a, func(s *cloud.Snapshot) { s.Encrypted = true }), b}, ""},
		"its source is there and has its size": {[]cloud.Snapshot{resized(a, 25), resized(source("a", "disk-a", 1), 25), b}, "snap-rb"},
	} {
		got := deletions(rulesKeeping(1), observed{Snapshots: c.seen})
		if g := strings.Join(got, " "); g != c.want && g != "snap-rc snap-rb" {
			t.Errorf("%s: %q would be deleted, want %q", name, g, c.want)
		}
	}
}

// A replica with an odd look is there: a second copy of the same source needs more
// than one odd row. After COPY_TIMEOUT a wrong one no longer counts. But a value that
// is left out is not a wrong one.
func TestAnOddRowIsNoReasonForASecondCopy(t *testing.T) {
	for name, change := range map[string]func(*cloud.Snapshot){
		"no size":                    func(s *cloud.Snapshot) { s.SizeGiB = 0 },
		"no state":                   func(s *cloud.Snapshot) { s.State = "" },
		"no percent":                 func(s *cloud.Snapshot) { s.Percent = -1 },
		"no name":                    func(s *cloud.Snapshot) { s.Name = "" },
		"not shown as a copy":        func(s *cloud.Snapshot) { s.CopyFromRemote = false },
		"a state of updates":         func(s *cloud.Snapshot) { s.State = "UPDATING" },
		"another size":               func(s *cloud.Snapshot) { s.SizeGiB = 7 },
		"a name in another case":     func(s *cloud.Snapshot) { s.Name = strings.ToLower(s.Name) },
		"a name that is cut":         func(s *cloud.Snapshot) { s.Name = s.Name[:30] },
		"a name with something more": func(s *cloud.Snapshot) { s.Name += "-copy" },
	} {
		wrong := name == "not shown as a copy" || name == "a state of updates" || name == "another size"
		for kind, age := range map[string]time.Duration{"proven": 23 * time.Hour, "young": time.Hour, "old": 7 * time.Hour} {
			if wrong && kind == "old" {
				continue
			}
			rules := rulesKeeping(0)
			rep := changed(replica("a", "disk-a", gz, 1), func(s *cloud.Snapshot) { s.Created = t0.Add(-age) })
			if kind != "proven" {
				rep = untagged(rep)
			}
			o := observed{Snapshots: []cloud.Snapshot{source("a", "disk-a", 1), changed(rep, change)}}
			for _, d := range decide(rules, o, plan.Order{}) {
				if d.Outcome == plan.Planned || d.Outcome == plan.WouldDelete {
					t.Errorf("%s, %s: %s is %s (%s)", name, kind, d.Kind, d.Outcome, d.Reason)
				}
			}
			alarms := 0
			decisions, _ := verify(rules, o, plan.Order{})
			for _, d := range decisions {
				if d.Outcome.Alarms() && d.Kind == plan.KindVerify {
					alarms++
				}
			}
			if alarms == 0 {
				t.Errorf("%s, %s: no alarm\n%s", name, kind, show(decisions))
			}
		}
	}
}

// Where the target is a source region, too, a replica is never copied on.
func TestAnOddReplicaIsNotCopiedBack(t *testing.T) {
	rules := rulesKeeping(0)
	rules.Sources, rules.Targets = []string{gz, bj}, []string{gz, bj}
	rep := changed(replica("a", "disk-a", gz, 1), func(s *cloud.Snapshot) { s.CopyFromRemote = false })
	for _, d := range decide(rules, observed{Snapshots: []cloud.Snapshot{source("a", "disk-a", 1), rep}}, plan.Order{}) {
		if d.Outcome == plan.Planned {
			t.Errorf("%s is copied to %s: %s", d.Snapshot, d.To, d.Reason)
		}
	}
}

// What we can't copy is a failure, and no property of the snapshot.
func TestWhatCantBeReadIsAnAlarm(t *testing.T) {
	for name, change := range map[string]func(*cloud.Snapshot){
		"the id":            func(s *cloud.Snapshot) { s.ID = "" },
		"the creation time": func(s *cloud.Snapshot) { s.Created = time.Time{} },
	} {
		o := observed{Snapshots: []cloud.Snapshot{changed(source("a", "disk-a", 1), change), source("b", "disk-b", 1)}}
		failed, planned := 0, 0
		for _, d := range decide(rulesKeeping(0), o, plan.Order{}) {
			switch d.Outcome {
			case plan.Failed:
				failed++
			case plan.Planned:
				planned++
			}
		}
		if failed != 1 || planned != 1 {
			t.Errorf("%s: %d failures and %d copies, want 1 and 1 of the other disk", name, failed, planned)
		}
	}
}
