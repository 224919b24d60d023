package sim_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"snapferry/internal/sim"
)

func TestAFreshCopyIsHiddenAndThenGrows(t *testing.T) {
	bubble(t, sim.Options{CopyTime: 10 * time.Minute, Hidden: time.Minute}, func(t *testing.T, c *sim.Cloud) {
		id := c.AddSnapshot(sim.Snapshot{SizeGiB: 70, Tags: map[string]string{"a": "b"}})
		mustCopy(t, client(t, c, gz), id, "a name", sh)
		want(t, "hidden", *mustList(t, client(t, c, sh)).TotalCount, 0)
		want(t, "truth knows it", len(c.Snapshots(sh)), 1)
		for _, step := range []struct {
			after time.Duration
			want  string
		}{
			{time.Minute, "COPYING_FROM_REMOTE 10"},
			{4 * time.Minute, "COPYING_FROM_REMOTE 50"},
			{5 * time.Minute, "CHECKING_COPIED 100"},
			{2 * time.Minute, "NORMAL 100"},
		} {
			time.Sleep(step.after)
			row := mustList(t, client(t, c, sh), "snapshot-name", "a name").SnapshotSet[0]
			want(t, "state", fmt.Sprint(*row.SnapshotState, " ", *row.Percent), step.want)
		}
		want(t, "complaints", kinds(c), "")
	})
}

func TestCopyRefusals(t *testing.T) {
	cases := []struct {
		name   string
		source sim.Snapshot
		to     string
		want   string
		misuse string
	}{
		{"unknown destination", sim.Snapshot{}, "ap-nowhere", "InvalidParameterValue", ""},
		{"own region", sim.Snapshot{}, gz, "InvalidParameterValue", ""},
		{"shared", sim.Snapshot{Type: "SHARED_SNAPSHOT"}, sh, "InvalidSnapshot.NotSupported", ""},
		{"replica", sim.Snapshot{CopyFromRemote: true}, sh, "InvalidSnapshot.NotSupported", ""},
		{"creating", sim.Snapshot{State: "CREATING", Percent: 5}, sh, "ResourceUnavailable.SnapshotCreating", "unready-copy"},
		{"rolling back", sim.Snapshot{State: "ROLLBACKING", Percent: 100}, sh, "UnsupportedOperation.StateError", "unready-copy"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := newCloud(sim.Options{})
			id := c.AddSnapshot(tc.source)
			_, err := startCopy(t, client(t, c, gz), id, "n", tc.to)
			wantCode(t, err, tc.want)
			want(t, "complaints", kinds(c), tc.misuse)
			want(t, "copies", len(c.Copies()), 0)
		})
	}
	c := newCloud(sim.Options{})
	id := c.AddSnapshot(sim.Snapshot{})
	_, err := startCopy(t, client(t, c, gz), "snap-", "n", sh)
	wantCode(t, err, "InvalidParameterValue")
	_, err = startCopy(t, client(t, c, gz), id, "n")
	wantCode(t, err, "MissingParameter")
}

func TestCopyFailsRegionByRegion(t *testing.T) {
	bubble(t, sim.Options{}, func(t *testing.T, c *sim.Cloud) {
		id := c.AddSnapshot(sim.Snapshot{})
		k := client(t, c, gz)
		mustCopy(t, k, id, "n", sh)
		c.SetQuota(bj, 0)
		rows := mustCopy(t, k, id, "n", sh, bj, "ap-shanghai-fsi", "ap-seoul", "ap-seoul")
		var got []string
		for _, r := range rows {
			got = append(got, *r.DestinationRegion+" "+*r.Code)
			want(t, "an id only where it worked", *r.SnapshotId != "", *r.Code == "Success")
		}
		exp := []string{
			sh + " ResourceInUse.CopySnapshotConflict", bj + " InsufficientSnapshotQuota",
			"ap-shanghai-fsi UnsupportedOperation.SnapshotNotSupportCopy", "ap-seoul Success",
			"ap-seoul ResourceInUse.CopySnapshotConflict",
		}
		if !slices.Equal(got, exp) {
			t.Errorf("got %q\nwant %q", got, exp)
		}
	})
}

func TestNewCopiesOfSpoiltOrForeignOnesAreFine(t *testing.T) {
	bubble(t, sim.Options{}, func(t *testing.T, c *sim.Cloud) {
		id := c.AddSnapshot(sim.Snapshot{})
		for _, change := range []func(*sim.Snapshot){
			func(s *sim.Snapshot) { s.Name = "renamed" },
			func(s *sim.Snapshot) { s.State = "TORECYCLE" },
			func(s *sim.Snapshot) { s.SizeGiB = 1 },
			func(s *sim.Snapshot) { s.Deadline = time.Now() },
		} {
			rows := mustCopy(t, client(t, c, gz), id, "n", sh)
			time.Sleep(time.Hour)
			want(t, "changed", c.ChangeSnapshot(sh, *rows[0].SnapshotId, change), true)
		}
		want(t, "complaints", kinds(c), "")
	})
}

func TestCopyWithoutNameGetsTheUsualOne(t *testing.T) {
	var heard []string
	c := newCloud(sim.Options{Misuse: func(s string) { heard = append(heard, s) }})
	id := c.AddSnapshot(sim.Snapshot{})
	mustCopy(t, client(t, c, gz), id, "", sh)
	want(t, "name", c.Snapshots(sh)[0].Name, "Copied "+id+" from "+gz)
	want(t, "complaints", kinds(c), "unnamed-copy")
	if !slices.Equal(heard, c.Complaints()) {
		t.Errorf("Misuse heard %q", heard)
	}
}

func TestFates(t *testing.T) {
	cases := map[sim.Fate]struct {
		state string
		check func(s sim.Snapshot) bool
		again string // answer to another copy
	}{
		sim.Finishes:     {"NORMAL", func(s sim.Snapshot) bool { return s.SizeGiB == 50 && s.Percent == 100 }, "Success"},
		sim.Hangs:        {"COPYING_FROM_REMOTE", func(s sim.Snapshot) bool { return s.Percent < 100 }, "ResourceInUse.CopySnapshotConflict"},
		sim.Vanishes:     {"", nil, "Success"},
		sim.Strange:      {"COPY_FAILED", func(sim.Snapshot) bool { return true }, "Success"},
		sim.WrongSize:    {"NORMAL", func(s sim.Snapshot) bool { return s.SizeGiB < 50 }, "Success"},
		sim.WrongEncrypt: {"NORMAL", func(s sim.Snapshot) bool { return s.Encrypted }, "Success"},
		sim.NameAdded:    {"NORMAL", func(s sim.Snapshot) bool { return s.Name == "Nightly07_1" }, "Success"},
		sim.NameCut:      {"NORMAL", func(s sim.Snapshot) bool { return s.Name == "Nightly" }, "Success"},
		sim.NameLowered:  {"NORMAL", func(s sim.Snapshot) bool { return s.Name == "nightly07" }, "Success"},
		sim.Unmarked:     {"NORMAL", func(s sim.Snapshot) bool { return s.CopyFromRemote }, "Success"},
	}
	for fate, tc := range cases {
		t.Run(fate.String(), func(t *testing.T) {
			bubble(t, sim.Options{Fate: func(sim.Copy) sim.Fate { return fate }}, func(t *testing.T, c *sim.Cloud) {
				id := c.AddSnapshot(sim.Snapshot{})
				rows := mustCopy(t, client(t, c, gz), id, "Nightly07", sh)
				time.Sleep(time.Second)
				want(t, "first state", c.Snapshots(sh)[0].State, "COPYING_FROM_REMOTE")
				name := c.Snapshots(sh)[0].Name
				time.Sleep(24 * time.Hour)
				for _, row := range mustList(t, client(t, c, sh), "snapshot-name", name).SnapshotSet {
					want(t, "shown as a copy", *row.CopyFromRemote, fate != sim.Unmarked)
				}
				s, ok := c.Snapshot(sh, *rows[0].SnapshotId)
				want(t, "exists", ok, tc.state != "")
				want(t, "name from the start", ok && s.Name != name, false)
				want(t, "state", s.State, tc.state)
				if ok && !tc.check(s) {
					t.Errorf("ended as %+v", s)
				}
				rows = mustCopy(t, client(t, c, gz), id, "n", sh)
				want(t, "again", *rows[0].Code, tc.again)
				complete := fate == sim.Finishes || fate >= sim.NameAdded
				want(t, "complains only of a needless copy", kinds(c) != "", complete)
			})
		})
	}
}

func TestChangingACopyUnderWay(t *testing.T) {
	bubble(t, sim.Options{}, func(t *testing.T, c *sim.Cloud) {
		id := c.AddSnapshot(sim.Snapshot{})
		rows := mustCopy(t, client(t, c, gz), id, "n", sh, bj)
		c.ChangeSnapshot(sh, *rows[0].SnapshotId, func(s *sim.Snapshot) { s.State, s.Percent = "TORECYCLE", 3 })
		c.RemoveSnapshot(bj, *rows[1].SnapshotId)
		s, _ := c.Snapshot(gz, id)
		want(t, "none under way", len(s.CopyingTo), 0)
		time.Sleep(time.Hour)
		s, _ = c.Snapshot(sh, *rows[0].SnapshotId)
		want(t, "state stays", s.State, "TORECYCLE")
		want(t, "absent", c.RemoveSnapshot(bj, *rows[1].SnapshotId), false)
	})
}
