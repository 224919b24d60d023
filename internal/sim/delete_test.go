package sim_test

import (
	"testing"
	"time"

	cbs "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cbs/v20170312"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"

	"snapferry/internal/sim"
)

func remove(c *cbs.Client, ids ...string) error {
	r := cbs.NewDeleteSnapshotsRequest()
	r.SnapshotIds = common.StringPtrs(ids)
	_, err := c.DeleteSnapshots(r)
	return err
}

func TestDeleteRefusals(t *testing.T) {
	cases := []struct {
		name string
		s    sim.Snapshot
		want string
	}{
		{"of another account", sim.Snapshot{Type: "SHARED_SNAPSHOT"}, "InvalidSnapshot.NotSupported"},
		{"locked", sim.Snapshot{Locked: true}, "UnsupportedOperation"},
		{"copying", sim.Snapshot{State: "COPYING_FROM_REMOTE"}, "ResourceBusy"},
		{"checking", sim.Snapshot{State: "CHECKING_COPIED"}, "ResourceBusy"},
		{"in the bin", sim.Snapshot{State: "TORECYCLE"}, "UnsupportedOperation.StateError"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := newCloud(sim.Options{})
			tc.s.CopyFromRemote = true
			id := c.AddSnapshot(tc.s)
			wantCode(t, remove(client(t, c, gz), id), tc.want)
			want(t, "left", len(c.Snapshots(gz)), 1)
		})
	}
}

func TestDeletionsThatAreComplainedOf(t *testing.T) {
	c := newCloud(sim.Options{})
	original := c.AddSnapshot(sim.Snapshot{})
	replica := c.AddSnapshot(sim.Snapshot{CopyFromRemote: true, Images: 1})
	wantCode(t, remove(client(t, c, gz)), "MissingParameter")
	wantCode(t, remove(client(t, c, gz), original), "")
	r := cbs.NewDeleteSnapshotsRequest()
	r.SnapshotIds = []*string{&replica}
	r.DeleteBindImages = common.BoolPtr(true)
	_, err := client(t, c, gz).DeleteSnapshots(r)
	wantCode(t, err, "")
	want(t, "complaints", kinds(c), "delete-original delete-images")
	want(t, "left", len(c.Snapshots(gz)), 0)
}

func TestQuirkDeleteLag(t *testing.T) {
	bubble(t, sim.Options{Quirks: sim.Quirks{DeleteLag: time.Minute}}, func(t *testing.T, c *sim.Cloud) {
		id := c.AddSnapshot(sim.Snapshot{CopyFromRemote: true})
		k := client(t, c, gz)
		wantCode(t, remove(k, id), "")
		want(t, "truth", len(c.Snapshots(gz)), 0)
		for _, n := range []int64{1, 0} {
			res := mustList(t, k)
			want(t, "listed", int64(*res.TotalCount), n)
			wantCode(t, remove(k, id), "InvalidSnapshotId.NotFound")
			time.Sleep(time.Minute)
		}
	})
}

func TestQuirkDeleteAnyState(t *testing.T) {
	c := newCloud(sim.Options{Quirks: sim.Quirks{DeleteAnyState: true}})
	id := c.AddSnapshot(sim.Snapshot{CopyFromRemote: true, State: "COPY_FAILED"})
	wantCode(t, remove(client(t, c, gz), id, id), "") // named twice
}
