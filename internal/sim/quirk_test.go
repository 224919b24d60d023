package sim_test

import (
	"testing"
	"time"

	"snapferry/internal/sim"
)

func TestQuirksOfNameFilters(t *testing.T) {
	for name, tc := range map[string]struct {
		quirks sim.Quirks
		want   uint64
	}{
		"as usual":            {sim.Quirks{}, 2},
		"fuzzy":               {sim.Quirks{FuzzyName: true}, 3},
		"one value":           {sim.Quirks{NameValues: 1}, 1},
		"fuzzy, one value":    {sim.Quirks{FuzzyName: true, NameValues: 1}, 2},
		"more than there are": {sim.Quirks{NameValues: 9}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(sim.Options{Quirks: tc.quirks})
			for _, n := range []string{"one", "two", "one more"} {
				c.AddSnapshot(sim.Snapshot{Name: n})
			}
			res := mustList(t, client(t, c, gz), "snapshot-name", "one,two")
			want(t, "found", *res.TotalCount, tc.want)
		})
	}
}

func TestQuirksOfCopies(t *testing.T) {
	cases := []struct {
		name   string
		quirks sim.Quirks
		source sim.Snapshot
		to     []string
		want   string
	}{
		{"creating", sim.Quirks{CreatingCode: "InvalidParameterValue"}, sim.Snapshot{State: "CREATING"}, []string{sh}, "InvalidParameterValue"},
		{"too many regions", sim.Quirks{MaxRegions: 1}, sim.Snapshot{}, []string{sh, bj}, "InvalidParameterValue.LimitExceeded"},
		{"as many as allowed", sim.Quirks{MaxRegions: 2}, sim.Snapshot{}, []string{sh, bj}, ""},
		{"system disk", sim.Quirks{}, sim.Snapshot{Usage: "SYSTEM_DISK"}, []string{sh}, ""},
		{"system disk refused", sim.Quirks{SystemDiskRefused: true}, sim.Snapshot{Usage: "SYSTEM_DISK"}, []string{sh}, "UnsupportedOperation.SnapshotNotSupportCopy"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := newCloud(sim.Options{Quirks: tc.quirks})
			_, err := startCopy(t, client(t, c, gz), c.AddSnapshot(tc.source), "n", tc.to...)
			wantCode(t, err, tc.want)
		})
	}
}

func TestQuirkTopLevelConflict(t *testing.T) {
	c := newCloud(sim.Options{Quirks: sim.Quirks{TopLevelConflict: true}})
	id := c.AddSnapshot(sim.Snapshot{})
	_, err := startCopy(t, client(t, c, gz), id, "n", sh)
	wantCode(t, err, "")
	_, err = startCopy(t, client(t, c, gz), id, "n", bj, sh)
	wantCode(t, err, "ResourceInUse.CopySnapshotConflict")
	want(t, "nothing done", len(c.Snapshots(bj)), 0)
}

func TestQuirksOfReplicas(t *testing.T) {
	quirks := sim.Quirks{SourceCreateTime: true, LateCopyMark: true}
	bubble(t, sim.Options{Quirks: quirks}, func(t *testing.T, c *sim.Cloud) {
		made := time.Now().Add(-24 * time.Hour)
		id := c.AddSnapshot(sim.Snapshot{Created: made})
		mustCopy(t, client(t, c, gz), id, "n", sh)
		for _, marked := range []bool{false, true} {
			res := mustList(t, client(t, c, sh))
			want(t, "CopyFromRemote", *res.SnapshotSet[0].CopyFromRemote, marked)
			want(t, "CreateTime", *res.SnapshotSet[0].CreateTime, "1999-12-31 08:00:00")
			time.Sleep(time.Minute)
		}
	})
}

func TestQuirkHungReleases(t *testing.T) {
	o := sim.Options{Quirks: sim.Quirks{HungReleases: true}, Fate: func(sim.Copy) sim.Fate { return sim.Hangs }}
	bubble(t, o, func(t *testing.T, c *sim.Cloud) {
		id := c.AddSnapshot(sim.Snapshot{})
		for _, exp := range []string{"Success", "ResourceInUse.CopySnapshotConflict", "Success"} {
			rows := mustCopy(t, client(t, c, gz), id, "n", sh)
			want(t, "code", *rows[0].Code, exp)
			time.Sleep(6 * time.Second) // a copy takes twelve
		}
		want(t, "complaints", kinds(c), "")
	})
}

func TestRates(t *testing.T) {
	// Twenty requests late in one calendar second, twenty early in the next.
	for name, tc := range map[string]struct {
		o    sim.Options
		want int
	}{
		"sliding":   {sim.Options{}, 20},
		"bucket":    {sim.Options{Quirks: sim.Quirks{BucketRate: true}}, 0},
		"unlimited": {sim.Options{Rate: -1}, 0},
		"lower":     {sim.Options{Rate: 5}, 35},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, tc.o, func(t *testing.T, c *sim.Cloud) {
				k := client(t, c, gz)
				for range 2 {
					time.Sleep(700 * time.Millisecond)
					for range 20 {
						if _, err := list(t, k); err != nil {
							wantCode(t, err, "RequestLimitExceeded")
						}
					}
				}
				want(t, "throttled", c.Throttled(), tc.want)
				_, err := list(t, client(t, c, sh))
				wantCode(t, err, "")
				time.Sleep(time.Second)
				_, err = list(t, k)
				wantCode(t, err, "")
			})
		})
	}
}

func TestQuirkRefusedCount(t *testing.T) {
	for counted, exp := range map[bool]string{false: "", true: "RequestLimitExceeded"} {
		bubble(t, sim.Options{Rate: 1, Quirks: sim.Quirks{RefusedCount: counted}}, func(t *testing.T, c *sim.Cloud) {
			a := ask{action: "DescribeSnapshots", region: gz, params: "{}"}
			want(t, "first", a.code(t, c), "")
			time.Sleep(700 * time.Millisecond)
			want(t, "too early", a.code(t, c), "RequestLimitExceeded")
			time.Sleep(700 * time.Millisecond)
			want(t, "a second after the first", a.code(t, c), exp)
			time.Sleep(time.Second)
			want(t, "a second after the last", a.code(t, c), "")
		})
	}
}

func TestRatesAreCountedByAccount(t *testing.T) {
	bubble(t, sim.Options{Rate: 1}, func(t *testing.T, c *sim.Cloud) {
		same := sim.Key{ID: "AKIDsame", Secret: "s"}
		other := sim.Key{ID: "AKIDother", Secret: "s", Account: "7"}
		c.AddKey(same)
		c.AddKey(other)
		a := ask{action: "DescribeSnapshots", region: gz, params: "{}"}
		want(t, "first", a.code(t, c), "")
		a.key = same
		want(t, "another key", a.code(t, c), "RequestLimitExceeded")
		a.key = other
		want(t, "another account", a.code(t, c), "")
	})
}

func TestTightLoopIsComplainedOfOnce(t *testing.T) {
	bubble(t, sim.Options{Rate: -1}, func(t *testing.T, c *sim.Cloud) {
		k := client(t, c, gz)
		for i := range 100 {
			name := "same"
			if i%2 == 0 {
				name = string(rune('a' + i/2))
			}
			mustList(t, k, "snapshot-name", name)
		}
		want(t, "fifty are fine", kinds(c), "")
		for range 5 {
			mustList(t, k, "snapshot-name", "same")
		}
		want(t, "complaints", kinds(c), "tight-loop")
	})
}
