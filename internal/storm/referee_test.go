package storm

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"snapferry/internal/sim"
)

func TestOnlyReplicasAreTakenForOurs(t *testing.T) {
	const name = "ferry_ckgjwkqh_omp7wl2m_ap-guangzhou_20261123T132100Z"
	for what, c := range map[string]struct {
		s    sim.Snapshot
		ours bool
	}{
		"a replica":              {sim.Snapshot{Name: name, CopyFromRemote: true}, true},
		"of an unknown disk":     {sim.Snapshot{Name: strings.Replace(name, "omp7wl2m", "none", 1), CopyFromRemote: true}, true},
		"arriving":               {sim.Snapshot{Name: name, State: "COPYING_FROM_REMOTE"}, true},
		"made here":              {sim.Snapshot{Name: name}, false},
		"in the region it names": {sim.Snapshot{Name: strings.Replace(name, "guangzhou", "beijing", 1), CopyFromRemote: true}, false},
		"of a day that is none":  {sim.Snapshot{Name: strings.Replace(name, "1123", "0230", 1), CopyFromRemote: true}, false},
		"with something more":    {sim.Snapshot{Name: name + "x", CopyFromRemote: true}, false},
		"of other letters":       {sim.Snapshot{Name: "FERRY" + name[5:], CopyFromRemote: true}, false},
	} {
		c.s.Region = "ap-beijing"
		l := new(names).ours(&c.s)
		if (l != nil) != c.ours || l != nil && l.name() != c.s.Name {
			t.Errorf("%s: read as %+v, want ours %t", what, l, c.ours)
		}
	}
}

// undrawn are the habits that no world shows. The service's times mean UTC+8: what a
// point is worth in a region that shows other ones, nobody promises. And no storm makes
// disks through the API yet.
var undrawn = []string{"LocalTimes", "DiskLag"}

// TestWorldsShowEveryHabitBothWays finds the habits by reflection: a new one
// is to be drawn too.
func TestWorldsShowEveryHabitBothWays(t *testing.T) {
	const n = 200
	shown := map[string]int{}
	for seed := range uint64(n) {
		w := newWorld(seed)
		quirks := reflect.ValueOf(w.cloud.Quirks)
		for i := range quirks.NumField() {
			if !quirks.Field(i).IsZero() {
				shown[quirks.Type().Field(i).Name]++
			}
		}
		if again := newWorld(seed); !reflect.DeepEqual(w, again) {
			t.Errorf("seed %d draws two worlds", seed)
		}
	}
	for field := range reflect.TypeFor[sim.Quirks]().Fields() {
		if slices.Contains(undrawn, field.Name) {
			continue
		}
		if got := shown[field.Name]; got < n/10 || got > n*9/10 {
			t.Errorf("%s is shown in %d of %d worlds", field.Name, got, n)
		}
	}
}

// scene is a storm in which nothing has happened yet.
func scene(lag time.Duration) *director {
	return newDirector(&world{cloud: sim.Options{Quirks: sim.Quirks{DeleteLag: lag}}, deployment: deployment{sources: []string{"ap-guangzhou"}}})
}

// TestWhatOthersDoExcusesForAWhileOnly: a series that anybody had ever changed
// was never looked at again.
func TestWhatOthersDoExcusesForAWhileOnly(t *testing.T) {
	d := scene(3 * time.Minute)
	its := series{"ap-guangzhou", "disk-omp7wl2m", "ap-beijing"}
	d.nemesis.mark(its)
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
