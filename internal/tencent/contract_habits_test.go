package tencent_test

import (
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// see reads the contract's snapshot, and returns the truth about it too.
func (c *contract) see(t *testing.T) (cloud.Snapshot, sim.Snapshot) {
	t.Helper()
	seen, err := c.cloud.SnapshotsByID(t.Context(), c.source, []string{c.snapshot})
	noError(t, err)
	if len(seen) != 1 {
		t.Fatalf("got %v", seen)
	}
	truth, _ := c.world.Snapshot(c.source, c.snapshot)
	return seen[0], truth
}

func aDeletedReplicaIsGoneOrInTheBin(t *testing.T, c *contract) {
	id := c.finished(t)
	noError(t, c.cloud.Delete(t.Context(), c.target, id, cloud.While{}))
	seen, err := list(t.Context(), c.cloud, c.target)
	noError(t, err)
	for _, s := range seen {
		if s.State != cloud.ToRecycle {
			t.Errorf("listed as %+v", s)
		}
	}
}

func anUnknownIDIsLeftOutOrRefusesAll(t *testing.T, c *contract) {
	seen, err := c.cloud.SnapshotsByID(t.Context(), c.source, []string{"snap-00000000", c.snapshot})
	if err != nil {
		wantMeaning(t, err, cloud.Gone)
	} else if len(seen) != 1 || seen[0].ID != c.snapshot {
		t.Errorf("got %v", seen)
	}
}

func tagsAreTakenThoughNotShown(t *testing.T, c *contract) {
	id := c.finished(t)
	failed, err := c.cloud.Tag(t.Context(), c.target, c.account(t), []string{id}, map[string]string{plan.StateTag: plan.StateVerified})
	noError(t, err)
	truth, _ := c.world.Snapshot(c.target, id)
	if len(failed) > 0 || truth.Tags[plan.StateTag] != plan.StateVerified {
		t.Errorf("told %v, the tags are %v", failed, truth.Tags)
	}
}

func theNextCopyIsTakenOrRefusedForNow(t *testing.T, c *contract) {
	c.begin(t)
	c.snapshot = c.world.AddSnapshot(sim.Snapshot{})
	if err := copyOne(t.Context(), c.cloud, c.order(name, c.target)); err != nil {
		wantMeaning(t, err, cloud.Later)
		wantNumber(t, "copies", len(c.world.Copies()), 1)
	}
}

func instantSnapshotsAreCopiedOrRefusedForGood(t *testing.T, c *contract) {
	c.snapshot = c.world.AddSnapshot(sim.Snapshot{Instant: true})
	if err := copyOne(t.Context(), c.cloud, c.order(name, c.target)); err != nil {
		wantMeaning(t, err, cloud.NeverThis)
	}
}

func theSizeIsTheOneShown(t *testing.T, c *contract) {
	c.world.ChangeDisk(c.source, c.world.Disks(c.source)[0].ID, func(d *sim.Disk) { d.SizeGiB *= 2 })
	seen, truth := c.see(t)
	wantNumber(t, "size", seen.SizeGiB, truth.SizeGiB)
}

func theDiskIsTheOneShown(t *testing.T, c *contract) {
	c.world.RemoveDisk(c.source, c.world.Disks(c.source)[0].ID)
	if seen, truth := c.see(t); seen.Disk != truth.Disk {
		t.Errorf("got disk %q, want %q", seen.Disk, truth.Disk)
	}
}

// aTimeIsReadAsUTC8: no answer says its zone, so that another zone is off by
// whole hours and by nothing else.
func aTimeIsReadAsUTC8(t *testing.T, c *contract) {
	seen, truth := c.see(t)
	if off := seen.Created.Sub(truth.Created.Truncate(time.Second)); off%time.Hour != 0 || off.Abs() > 24*time.Hour {
		t.Errorf("got %s, want %s", seen.Created, truth.Created)
	}
}
