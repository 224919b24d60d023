package tencent_test

import (
	"slices"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

func onlyThatName(t *testing.T, c *contract) {
	c.world.AddSnapshot(sim.Snapshot{Region: c.source, Name: "daily 07 again"})
	for _, names := range [][]string{{"daily 07"}, {"daily 07", "daily 09", "daily 11", "daily 13"}} {
		found, err := c.cloud.SnapshotsByName(t.Context(), c.source, names)
		noError(t, err)
		if len(found) == 0 || found[0].Name != names[0] {
			t.Errorf("%q: the first name is always compared, got %v", names, found)
		}
		for _, s := range found {
			if !slices.Contains(names, s.Name) {
				t.Errorf("%q: got %q", names, s.Name)
			}
		}
	}
}

func theNameHasTheTime(t *testing.T, c *contract) {
	seen, err := c.cloud.SnapshotsByID(t.Context(), c.source, []string{c.snapshot})
	noError(t, err)
	want := plan.LineageOf(&seen[0])
	noError(t, copyOne(t.Context(), c.cloud, c.order(want.Name(), c.target)))
	time.Sleep(time.Hour)
	found, err := c.cloud.SnapshotsByName(t.Context(), c.target, []string{want.Name()})
	noError(t, err)
	if len(found) != 1 {
		t.Fatalf("found %v", found)
	}
	if got, ok := plan.Ours(&found[0]); !ok || got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func creatingIsRefusedForNow(t *testing.T, c *contract) {
	c.world.ChangeSnapshot(c.source, c.snapshot, func(s *sim.Snapshot) { s.State, s.Percent = "CREATING", 40 })
	err := copyOne(t.Context(), c.cloud, c.order(name, c.target))
	if m := meaning(t, err); m != cloud.NotReady && m != cloud.Later && m != cloud.WrongRequest {
		t.Errorf("%v means %d: nothing happened, and it may be asked again later", err, m)
	}
	wantNumber(t, "copies made", len(c.world.Copies()), 0)
}

func tagsAreTakenInTheEnd(t *testing.T, c *contract) {
	id := c.begin(t)
	for range 2 {
		failed, err := c.cloud.Tag(t.Context(), c.target, c.account(t), []string{id}, map[string]string{plan.StateTag: plan.StateVerified})
		noError(t, err)
		truth, _ := c.world.Snapshot(c.target, id)
		if tagged := truth.Tags[plan.StateTag] != ""; tagged == (failed[id] != nil) {
			t.Errorf("told %v, tagged: %v", failed, tagged)
		}
		c.arrive(t, id)
	}
	c.wantTag(t, id, plan.StateTag, plan.StateVerified)
}

func aConflictIsNoCopy(t *testing.T, c *contract) {
	c.begin(t)
	results, err := c.cloud.Copy(t.Context(), c.order(name, c.target, sh))
	if err != nil {
		wantMeaning(t, err, cloud.AlreadyUnderWay)
	} else {
		wantMeaning(t, results[0].Err, cloud.AlreadyUnderWay)
		noError(t, results[1].Err)
	}
	if made := len(c.world.Snapshots(sh)); len(c.world.Snapshots(c.target)) != 1 || (made == 1) != (err == nil) {
		t.Errorf("told %v; %d replicas in %s", err, made, sh)
	}
}

func tooManyRegionsAreRefusedWhole(t *testing.T, c *contract) {
	to := []string{c.target, sh, "ap-tokyo"}
	results, err := c.cloud.Copy(t.Context(), c.order(name, to...))
	if err == nil {
		for _, r := range results {
			noError(t, r.Err)
		}
	} else {
		wantMeaning(t, err, cloud.WrongRequest)
		wantNumber(t, "copies of a refused call", len(c.world.Copies()), 0)
		for _, region := range to {
			noError(t, copyOne(t.Context(), c.cloud, c.order(name, region)))
		}
	}
	wantNumber(t, "copies", len(c.world.Copies()), len(to))
}

// countSnapshots sends n requests, one after the other.
func countSnapshots(t *testing.T, c *tencent.Cloud, region string, n int) {
	t.Helper()
	for range n {
		_, err := c.CountSnapshots(t.Context(), region)
		noError(t, err)
	}
}

func thePaceFitsAnySecond(t *testing.T, c *contract) {
	for range 3 {
		countSnapshots(t, c.cloud, c.source, 30)
		time.Sleep(700 * time.Millisecond)
	}
	wantNumber(t, "requests over the rate", c.world.Throttled(), 0)
}

// ourTurnComesBesideAGreedyClient: another client with a pace of its own takes
// what the second has; ours is refused, waits, and gets its answer.
func ourTurnComesBesideAGreedyClient(t *testing.T, c *contract) {
	countSnapshots(t, tencent.New(c.keys), c.source, 20)
	countSnapshots(t, c.cloud, c.source, 1)
	if c.world.Throttled() == 0 {
		t.Error("the rate was never used up, which shows nothing")
	}
}

func systemDisksAreCopiedOrRefusedForGood(t *testing.T, c *contract) {
	c.snapshot = c.world.AddSnapshot(sim.Snapshot{Usage: "SYSTEM_DISK"})
	if err := copyOne(t.Context(), c.cloud, c.order(name, c.target)); err != nil {
		wantMeaning(t, err, cloud.NeverThis)
	}
}

func aReplicaIsOursFromTheStart(t *testing.T, c *contract) {
	noError(t, copyOne(t.Context(), c.cloud, c.order(name, c.target)))
	for range 15 { // it takes twelve seconds
		seen, err := list(t.Context(), c.cloud, c.target)
		noError(t, err)
		if _, ours := plan.Ours(&seen[0]); !ours {
			t.Errorf("not ours: %+v", seen[0])
		}
		time.Sleep(time.Second)
	}
}

func aHungCopyIsAnsweredForWhatItIs(t *testing.T, c *contract) {
	first := c.begin(t)
	time.Sleep(time.Hour)
	results, err := c.cloud.Copy(t.Context(), c.order(name, c.target))
	noError(t, err)
	if results[0].Err != nil {
		wantMeaning(t, results[0].Err, cloud.AlreadyUnderWay)
	} else if results[0].Replica == first || len(c.world.Snapshots(c.target)) != 2 {
		t.Errorf("got %+v, the first one is %s", results[0], first)
	}
}

func anArrivingReplicaIsDeletedOrLeftAlone(t *testing.T, c *contract) {
	id := c.begin(t)
	err := c.cloud.Delete(t.Context(), c.target, id, cloud.While{})
	_, there := c.world.Snapshot(c.target, id)
	if there != (err != nil) {
		t.Errorf("told %v; still there: %v", err, there)
	}
	if err != nil {
		wantMeaning(t, err, cloud.Later)
	}
}

func aDeletionCountsOnceAnswered(t *testing.T, c *contract) {
	id := c.finished(t)
	for range 3 {
		noError(t, c.cloud.Delete(t.Context(), c.target, id, cloud.While{}))
		time.Sleep(10 * time.Second)
	}
	time.Sleep(time.Minute)
	seen, err := c.cloud.SnapshotsByID(t.Context(), c.target, []string{id})
	noError(t, err)
	wantNumber(t, "replicas still listed", len(seen), 0)
}
