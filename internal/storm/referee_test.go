package storm

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"snapferry/internal/sim"
)

func TestANameIsReadAsItWasWritten(t *testing.T) {
	const name = "ferry_ckgjwkqh_omp7wl2m_ap-guangzhou_20261123T132100Z"
	l, ok := readName(name)
	if !ok || l.source != "snap-ckgjwkqh" || l.disk != "disk-omp7wl2m" || l.from != "ap-guangzhou" || l.name() != name {
		t.Errorf("read %+v, %t; written again %q", l, ok, l.name())
	}
	unknown, ok := readName("ferry_ckgjwkqh_none_ap-guangzhou_20261123T132100Z")
	if !ok || unknown.disk != "" {
		t.Errorf("an unknown disk: %+v, %t", unknown, ok)
	}
}

func TestLookalikesAreNotOurs(t *testing.T) {
	var b names
	replica := sim.Snapshot{Region: "ap-beijing", Name: "ferry_ckgjwkqh_omp7wl2m_ap-guangzhou_20261123T132100Z", CopyFromRemote: true, State: "NORMAL"}
	if b.ours(&replica) == nil {
		t.Error("a replica is not ours")
	}
	for name, change := range map[string]func(*sim.Snapshot){
		"made here":               func(s *sim.Snapshot) { s.CopyFromRemote = false },
		"in the region it names":  func(s *sim.Snapshot) { s.Region = "ap-guangzhou" },
		"of a day that is none":   func(s *sim.Snapshot) { s.Name = "ferry_ckgjwkqh_omp7wl2m_ap-guangzhou_20260230T132100Z" },
		"with something after it": func(s *sim.Snapshot) { s.Name += "x" },
		"of other letters":        func(s *sim.Snapshot) { s.Name = "FERRY" + s.Name[5:] },
	} {
		s := replica
		if change(&s); b.ours(&s) != nil {
			t.Errorf("a snapshot %s is taken for ours", name)
		}
	}
	replica.CopyFromRemote, replica.State = false, "COPYING_FROM_REMOTE"
	if b.ours(&replica) == nil {
		t.Error("a replica that is arriving is not ours")
	}
}

func TestRulesKeepTheNewestOfEachPeriodAndTheOldestOfAll(t *testing.T) {
	at := func(day, hour int) point {
		return point{created: time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC)}
	}
	points := []point{at(23, 20), at(23, 8), at(22, 9), at(20, 9), at(20, 1)}
	for name, c := range map[string]struct {
		rules []rule
		want  []bool
	}{
		"no rule":                            {nil, []bool{true, true, true, true, true}},
		"the last two":                       {[]rule{{period: "KEEP_LAST", n: 2}}, []bool{true, true, false, false, false}},
		"two days":                           {[]rule{{period: "KEEP_DAILY", n: 2}}, []bool{true, false, true, false, false}},
		"more days than there are":           {[]rule{{period: "KEEP_DAILY", n: 5}}, []bool{true, false, true, true, true}},
		"within a day and a half":            {[]rule{{period: "KEEP_WITHIN", within: 36 * time.Hour}}, []bool{true, true, true, false, false}},
		"exactly that much older is not":     {[]rule{{period: "KEEP_WITHIN", within: 12 * time.Hour}}, []bool{true, false, false, false, false}},
		"and a second younger is":            {[]rule{{period: "KEEP_WITHIN", within: 35*time.Hour + time.Second}}, []bool{true, true, true, false, false}},
		"what any rule keeps stays":          {[]rule{{period: "KEEP_LAST", n: 1}, {period: "KEEP_WEEKLY", n: 2}}, []bool{true, false, true, false, false}},
		"a month, and the oldest for a next": {[]rule{{period: "KEEP_MONTHLY", n: 2}}, []bool{true, false, false, false, true}},
	} {
		w := &world{rules: c.rules, zone: time.UTC}
		if got := w.keeps(points); !slices.Equal(got, c.want) {
			t.Errorf("%s: keeps %v, want %v", name, got, c.want)
		}
	}
}

func TestWorldsShowEveryHabitBothWays(t *testing.T) {
	const n = 200
	drawn := map[string]int{}
	for seed := range uint64(n) {
		w := newWorld(seed)
		q := w.cloud.Quirks
		for habit, on := range map[string]bool{
			"fuzzy names": q.FuzzyName, "the source's time": q.SourceCreateTime, "no system disks": q.SystemDiskRefused,
			"conflicts at the top": q.TopLevelConflict, "rates in buckets": q.BucketRate, "late marks": q.LateCopyMark,
			"hung copies release": q.HungReleases, "any state is deleted": q.DeleteAnyState, "late deletions": q.DeleteLag > 0,
			"hidden replicas": w.cloud.Hidden > 0, "one region a request": q.MaxRegions == 1, "several names": q.NameValues != 1,
			"keep rules": len(w.rules) > 0,
		} {
			if on {
				drawn[habit]++
			}
		}
		if again := newWorld(seed); !reflect.DeepEqual(w, again) {
			t.Errorf("seed %d draws two worlds", seed)
		}
		if !slices.IsSortedFunc(w.steps, func(a, b step) int { return int(a.at - b.at) }) {
			t.Errorf("seed %d: steps out of order", seed)
		}
	}
	if len(drawn) != 13 {
		t.Errorf("only these habits are drawn at all: %v", drawn)
	}
	for habit, got := range drawn {
		if got > n*9/10 || got < n/10 {
			t.Errorf("%s: in %d of %d worlds", habit, got, n)
		}
	}
}

// scene is a storm in which nothing has happened yet.
func scene(lag time.Duration) *director {
	return newDirector(&world{cloud: sim.Options{Quirks: sim.Quirks{DeleteLag: lag}}, sources: []string{"ap-guangzhou"}})
}

func addReplica(d *director) place {
	id := d.cloud.AddSnapshot(sim.Snapshot{Region: "ap-beijing", Name: "ferry_ckgjwkqh_omp7wl2m_ap-guangzhou_20261123T132100Z", CopyFromRemote: true})
	return place{"ap-beijing", id}
}

func TestTwoCompleteReplicasAreADouble(t *testing.T) {
	d := scene(0)
	for range 2 {
		d.ledger.replica[addReplica(d)] = &accepted{fate: sim.Finishes}
	}
	d.ledger.check(d.observe())
	if len(d.violations) != 1 || !strings.Contains(d.violations[0], "has 2 complete replicas") {
		t.Errorf("said %q", d.violations)
	}
	d = scene(0)
	d.ledger.replica[addReplica(d)] = &accepted{fate: sim.Finishes}
	addReplica(d)
	if d.ledger.check(d.observe()); d.failed() {
		t.Errorf("a double that others made is blamed on the function: %q", d.violations)
	}
}

func TestOnlyTheNemesisMayChangeThings(t *testing.T) {
	for name, c := range map[string]struct {
		act  func(*director, place)
		want string
	}{
		"a new name": {func(d *director, at place) {
			d.cloud.ChangeSnapshot(at.region, at.id, func(s *sim.Snapshot) { s.Name = "other" })
		}, "was changed"},
		"it is gone":               {func(d *director, at place) { d.cloud.RemoveSnapshot(at.region, at.id) }, "is gone"},
		"its deletion was asked":   {func(d *director, at place) { d.ledger.delete(at); d.cloud.RemoveSnapshot(at.region, at.id) }, ""},
		"the nemesis renames it":   {func(d *director, _ place) { d.nemesis.renameReplica(d.observe(), 0) }, ""},
		"the nemesis deletes it":   {func(d *director, _ place) { d.nemesis.removeReplica(d.observe(), 0) }, ""},
		"it is tagged as verified": {func(d *director, at place) { tag(d, at, "ferry:state") }, ""},
		"it is tagged otherwise":   {func(d *director, at place) { tag(d, at, "env") }, "was changed"},
	} {
		d := scene(0)
		at := addReplica(d)
		d.guard.check(d.observe())
		c.act(d, at)
		d.guard.check(d.observe())
		if said := strings.Join(d.violations, "\n"); (said != "") != (c.want != "") || !strings.Contains(said, c.want) {
			t.Errorf("%s: said %q, want %q", name, said, c.want)
		}
	}
}

func tag(d *director, at place, key string) {
	d.cloud.ChangeSnapshot(at.region, at.id, func(s *sim.Snapshot) { toggle(&s.Tags, key, "verified") })
}

// TestWhatOthersDoExcusesForAWhileOnly: a series that anybody had ever changed
// was never looked at again.
func TestWhatOthersDoExcusesForAWhileOnly(t *testing.T) {
	d := scene(3 * time.Minute)
	its := series{"ap-guangzhou", "disk-omp7wl2m", "ap-beijing"}
	d.nemesis.note(its)
	for after, want := range map[time.Duration]bool{-time.Hour: true, 3 * time.Minute: true, 4*time.Minute + time.Second: false} {
		if got := d.nemesis.disturbed(time.Now().Add(after), its); got != want {
			t.Errorf("a run %s after it: excused %t, want %t", after, got, want)
		}
	}
	if d.nemesis.disturbed(time.Now(), series{"ap-guangzhou", "disk-other", "ap-beijing"}) {
		t.Error("another series is excused too")
	}
}

func TestASecretIsFoundWhereverItIsTold(t *testing.T) {
	for _, told := range []string{secret("key"), token("key"), webhookKey, pageToken} {
		j := newJournal("key")
		if _, err := j.Write([]byte(`{"msg":"reply","reply":{},"x":"` + told + `"}`)); err != nil || len(j.leaks) != 1 || j.reply == nil {
			t.Errorf("%s in a log line: %v, %v", told, j.leaks, err)
		}
	}
}
