package job

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

const (
	gz = "ap-guangzhou"
	bj = "ap-beijing"
)

var t0 = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// Lists lag: a replica that one read shows may be absent from the next.
func TestANewerReadForgetsNoReplicaThatWasSeen(t *testing.T) {
	var s targetSeen
	s.add(t0, "a", []cloud.Snapshot{{ID: "snap-1", Name: "a", Percent: 10}, {ID: "snap-2", Name: "a"}, {ID: "snap-3", Name: "other"}})
	s.add(t0.Add(time.Second), "a", []cloud.Snapshot{{ID: "snap-1", Name: "a", Percent: 20}})
	s.add(t0.Add(2*time.Second), "a", nil)
	if len(s.replicas) != 2 || s.replicas[0].ID != "snap-2" || s.replicas[1].ID != "snap-1" || s.replicas[1].Percent != 20 {
		t.Errorf("got %+v, want snap-2 and the newest of snap-1", s.replicas)
	}
	if !s.at.Equal(t0.Add(2 * time.Second)) {
		t.Errorf("seen at %s, want the time of the newest read", s.at)
	}
}

// What was read in several requests is as old as the first of them.
func TestAnObservationIsAsOldAsItsFirstRead(t *testing.T) {
	v := &observation{world: plan.NewWorld(&plan.Rules{Sources: []string{gz}}, t0), at: map[string]time.Time{}, failed: map[string]error{}}
	for _, second := range []int{3, 1, 4} {
		v.begin(bj, t0.Add(time.Duration(second)*time.Second))
	}
	if got := v.at[bj]; !got.Equal(t0.Add(time.Second)) {
		t.Errorf("observed at %s, want the first of three reads", got)
	}
}

// A sourcesCloud has all sources but snap-7, and counts how often it is asked.
type sourcesCloud struct {
	Cloud
	ids    int
	names  atomic.Int32 // several regions are asked at once
	during func()       // called while sources are read
}

func (c *sourcesCloud) SnapshotsByID(_ context.Context, region string, ids []string) (found []cloud.Snapshot, err error) {
	c.ids++
	if c.during != nil {
		c.during()
	}
	for _, id := range ids {
		if id != "snap-7" {
			found = append(found, cloud.Snapshot{ID: id, Region: region})
		}
	}
	return found, nil
}

func (c *sourcesCloud) SnapshotsByName(context.Context, string, []string) ([]cloud.Snapshot, error) {
	c.names.Add(1)
	return nil, nil
}

// Sources are read again for many tasks in one request, replicas for each task
// and region, and nothing is read while what was read is young.
func TestARecheckReadsWhatIsOldAndNoMore(t *testing.T) {
	service := &sourcesCloud{}
	run, queue := tasks(service, idsTogether+10)
	for _, c := range []struct {
		after      time.Duration
		ids, names int
	}{{0, 0, 0}, {maxAge - 2*slack, 2, 100}, {maxAge - 2*slack + time.Second, 2, 100}, {2 * maxAge, 4, 200}} {
		run.Now = func() time.Time { return t0.Add(c.after) }
		for i, task := range queue {
			task.pending()
			if err := task.observe(t.Context()); err != nil {
				t.Fatal(err)
			}
			if c.ids > 0 && (task.source == nil) != (i == 7) {
				t.Errorf("after %s: the source of task %d is %+v", c.after, i, task.source)
			}
		}
		if service.ids != c.ids || int(service.names.Load()) != c.names {
			t.Errorf("after %s: %d requests for sources and %d for replicas, want %d and %d", c.after, service.ids, service.names.Load(), c.ids, c.names)
		}
	}
}

// A task that has an unclear answer needs a read that begins after it. One that
// another task has begun before does not count.
func TestAReadBegunBeforeAnUnclearAnswerDoesNotCount(t *testing.T) {
	service := &sourcesCloud{}
	run, queue := tasks(service, 2)
	run.Now = func() time.Time { return t0.Add(time.Minute) }
	service.during = func() {
		run.Now = func() time.Time { return t0.Add(time.Minute + time.Second) }
		queue[1].forget(0)
	}
	if err := run.readSources(t.Context(), queue[0]); err != nil || queue[0].sourceAt.IsZero() {
		t.Fatalf("the first source was read at %s: %v", queue[0].sourceAt, err)
	}
	if at := queue[1].sourceAt; !at.IsZero() {
		t.Errorf("the source counts as read at %s", at)
	}
}

// A namesCloud answers a read of several names with the replicas it has.
type namesCloud struct {
	Cloud
	found []cloud.Snapshot
}

func (c *namesCloud) SnapshotsByName(context.Context, string, []string) ([]cloud.Snapshot, error) {
	return c.found, nil
}

// Two replicas of one name do not show that a second name was looked at.
func TestSeveralNamesAreAskedForOnceEachKnownOneCameBack(t *testing.T) {
	named := func(from, to int) (all []cloud.Snapshot) {
		for i := from; i < to; i++ {
			all = append(all, cloud.Snapshot{ID: fmt.Sprintf("snap-%d", i), Name: fmt.Sprint("name", i)})
		}
		return all
	}
	double := append(named(0, namesTogether-1), cloud.Snapshot{ID: "snap-double", Name: "name0"})
	for name, c := range map[string]struct {
		found []cloud.Snapshot
		want  bool
	}{
		"all came back":               {named(0, namesTogether), true},
		"one is missing":              {named(1, namesTogether), false},
		"one is missing, one doubled": {double, false},
		"none came back":              {nil, false},
	} {
		r := &Runner{Cloud: &namesCloud{found: c.found}, Now: func() time.Time { return t0 }}
		run := newCopyRun(r, &observation{world: plan.NewWorld(&plan.Rules{Sources: []string{gz}}, t0)}, 0)
		var queue []*copyTask
		for i := range 3 * namesTogether {
			queue = append(queue, &copyTask{decisions: []plan.Decision{{Snapshot: fmt.Sprint("snap-", i), From: gz, To: bj}}})
		}
		run.begin(queue)
		if run.takesMany(t.Context(), queue[0], bj) {
			t.Errorf("%s: several names are asked for before any is known", name)
		}
		for i := range namesTogether {
			run.started(t.Context(), &copyTask{decisions: []plan.Decision{{Snapshot: fmt.Sprint("snap-", i), From: gz, To: bj}}}, 0)
		}
		if got := run.takesMany(t.Context(), queue[0], bj); got != c.want {
			t.Errorf("%s: several names are asked for: %t, want %t", name, got, c.want)
		}
	}
}
