package tencent_test

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

func TestTimesMeanUTCPlus8UnlessTheySayOtherwise(t *testing.T) {
	for text, want := range map[string]time.Time{
		"2026-11-23 21:21:00":       time.Date(2026, 11, 23, 13, 21, 0, 0, time.UTC),
		"2026-11-24 07:59:59":       time.Date(2026, 11, 23, 23, 59, 59, 0, time.UTC),
		"2026-11-23T13:21:00Z":      time.Date(2026, 11, 23, 13, 21, 0, 0, time.UTC),
		"2026-11-23T21:21:00+08:00": time.Date(2026, 11, 23, 13, 21, 0, 0, time.UTC),
		"":                          {},
		"0000-00-00 00:00:00":       {},
		"yesterday":                 {},
	} {
		got, err := list(t.Context(), client(always(`{"Response":{"TotalCount":1,"SnapshotSet":[{"SnapshotId":"snap-1","CreateTime":"`+text+`"}]}}`)), gz)
		noError(t, err)
		if !got[0].Created.Equal(want) || (!want.IsZero() && got[0].Created.Location() != time.UTC) {
			t.Errorf("%q: got %s, want %s", text, got[0].Created, want)
		}
	}
}

func TestRowsShowWhatThePlanNeeds(t *testing.T) {
	inCloud(t, sim.Options{}, func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
		source := w.AddSnapshot(sim.Snapshot{Name: "n", Disk: "disk-aaaaaaaa", Usage: "SYSTEM_DISK", Locked: true, SharedWith: []string{"100000000002", "100000000003"}, Images: 2, Tags: map[string]string{"env": "prod"}})
		shared := w.AddSnapshot(sim.Snapshot{Type: "SHARED_SNAPSHOT", Encrypted: true, State: "CREATING", Percent: 30})
		noError(t, copyOne(t.Context(), c, order(source, bj)))
		got, err := c.SnapshotsByID(t.Context(), gz, []string{shared, "snap-99999999", source, source})
		noError(t, err)
		if len(got) != 2 {
			t.Fatalf("got %d snapshots, want 2", len(got))
		}
		i := slices.IndexFunc(got, func(s cloud.Snapshot) bool { return s.ID == source })
		if s := got[i]; !s.SystemDisk || !s.Locked || s.SharedOut != 2 || s.Images != 2 || s.Tags["env"] != "prod" || !slices.Equal(s.CopyingTo, []string{bj}) || s.Region != gz || s.Name != "n" {
			t.Errorf("got %+v", s)
		}
		if s := got[1-i]; !s.SharedIn || !s.Encrypted || s.State != cloud.Creating || s.Percent != 30 {
			t.Errorf("got %+v", s)
		}
		if got, err := c.SnapshotsByID(t.Context(), gz, nil); len(got) != 0 || err != nil {
			t.Errorf("got %v, %v for no ids", got, err)
		}
	})
}

func TestIDsAndDisksGoInChunks(t *testing.T) {
	inCloud(t, sim.Options{}, func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
		ids := fill(w, gz, 230)
		var disks []string
		for range 23 {
			d := w.AddDisk(sim.Disk{})
			disks = append(disks, d)
			w.AddSnapshot(sim.Snapshot{Disk: d})
		}
		got, err := c.SnapshotsByID(t.Context(), gz, ids)
		noError(t, err)
		wantNumber(t, "snapshots", len(got), 230)
		wantNumber(t, "calls", c.Calls(), 3)
		got, err = c.SnapshotsOfDisks(t.Context(), gz, append(disks, disks[0]))
		noError(t, err)
		wantNumber(t, "snapshots of disks", len(got), 23)
		wantNumber(t, "calls", c.Calls(), 6)
	})
}

func TestNamesMatchExactly(t *testing.T) {
	for quirk, o := range map[string]sim.Options{
		"exact": {}, "fuzzy": {Quirks: sim.Quirks{FuzzyName: true}},
	} {
		t.Run(quirk, func(t *testing.T) {
			inCloud(t, o, func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
				one := w.AddSnapshot(sim.Snapshot{Name: "backup"})
				two := w.AddSnapshot(sim.Snapshot{Name: "weekly"})
				w.AddSnapshot(sim.Snapshot{Name: "backup-2"})
				got, err := c.SnapshotsByName(t.Context(), gz, []string{"weekly", "backup", "none"})
				noError(t, err)
				if !slices.Equal(idsOf(got), []string{one, two}) || c.Calls() != 1 {
					t.Errorf("got %v with %d calls, want %s and %s with one", idsOf(got), c.Calls(), one, two)
				}
			})
		})
	}
}

func TestDisksCarryTheirTags(t *testing.T) {
	inCloud(t, sim.Options{}, func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
		var ids []string
		for range 130 {
			ids = append(ids, w.AddDisk(sim.Disk{Tags: map[string]string{"ferry:skip": ""}}))
		}
		got, err := c.DisksByID(t.Context(), gz, append(ids, "disk-99999999"))
		noError(t, err)
		if len(got) != 130 || got[0].Region != gz || len(got[0].Tags) != 1 || c.Calls() != 2 {
			t.Errorf("got %d disks with %d calls, want 130 with 2", len(got), c.Calls())
		}
		n, err := c.CountDisks(t.Context(), gz)
		noError(t, err)
		wantNumber(t, "disks", n, 130)
	})
}

// The order of the pages and their size are part of the promise.
func TestListsAskForLargeAscendingPages(t *testing.T) {
	var asked string
	_, err := list(t.Context(), client(answers(func(_ *http.Request, body string) string {
		asked = cmp.Or(asked, body)
		return `{"Response":{"TotalCount":0,"SnapshotSet":null,"RequestId":"r"}}`
	})), gz)
	noError(t, err)
	for _, part := range []string{`"Limit":100`, `"Offset":0`, `"OrderField":"CREATE_TIME"`, `"Order":"ASC"`} {
		if !strings.Contains(asked, part) {
			t.Errorf("asked %s, want %s in it", asked, part)
		}
	}
}
