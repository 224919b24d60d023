package tencent_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"
)

// listFacts are about reading snapshots.
var listFacts = []fact{
	{name: "a page has twenty rows unless more are asked for", cite: "§1 DescribeSnapshots DOC", check: func(t *testing.T, c *contract) {
		if got := len(c.rows(t, c.source, nil)); got > 20 || c.world != nil && got != 20 {
			t.Errorf("got %d rows", got)
		}
	}},
	{name: "a hundred rows are the largest page", cite: "§1 DescribeSnapshots DOC", provokes: "page-size", check: func(t *testing.T, c *contract) {
		c.rows(t, c.source, params{"Limit": 100})
		c.refused(t, "Invalid", "cbs", "DescribeSnapshots", c.source, params{"Limit": 101})
	}},
	{name: "ids and filters do not go together", cite: "§1 DescribeSnapshots DOC", provokes: "ids-and-filters", check: func(t *testing.T, c *contract) {
		c.refused(t, "Invalid", "cbs", "DescribeSnapshots", c.source,
			params{"SnapshotIds": []string{"snap-aaaaaaaa"}, "Filters": filterOf("disk-usage", "DATA_DISK")})
	}},
	{name: "an unknown id is simply absent", cite: "§1 DescribeSnapshots DOC", check: func(t *testing.T, c *contract) {
		answer, code := c.ask(t, "cbs", "DescribeSnapshots", c.source, params{"SnapshotIds": []string{"snap-aaaaaaaa"}})
		if code != "" || answer["TotalCount"] != 0.0 {
			t.Errorf("got %q, %v", code, answer)
		}
		if got, err := c.cloud.SnapshotsByID(t.Context(), c.source, []string{"snap-aaaaaaaa"}); err != nil || len(got) != 0 {
			t.Errorf("our client: %v, %v", got, err)
		}
	}},
	{name: "ascending order is by time of creation", cite: "§1 DescribeSnapshots DOC", check: func(t *testing.T, c *contract) {
		times := column(c.rows(t, c.source, params{"Order": "ASC", "OrderField": "CREATE_TIME", "Limit": 100}), "CreateTime")
		if !slices.IsSorted(times) {
			t.Errorf("got %v", times)
		}
	}},
	{name: "an offset counts rows, and pages can overlap", cite: "§1 DescribeSnapshots DOC", check: pagesOverlap},
	{name: "behind the end there are no rows, and the total is told", cite: "§1 DescribeSnapshots DOC", check: func(t *testing.T, c *contract) {
		answer, code := c.ask(t, "cbs", "DescribeSnapshots", c.source, params{"Offset": 100_000})
		total, told := answer["TotalCount"].(float64)
		if rows, _ := answer["SnapshotSet"].([]any); code != "" || len(rows) > 0 || !told || c.world != nil && total != originals {
			t.Errorf("got %q, %v", code, answer)
		}
	}},
	{name: "no filter knows tags", cite: "§1 DescribeSnapshots DOC", check: func(t *testing.T, c *contract) {
		for _, name := range []string{"tag:env", "tag-key"} {
			c.refused(t, "Invalid", "cbs", "DescribeSnapshots", c.source, params{"Filters": filterOf(name, "x")})
		}
	}},
	{name: "a filter by disk takes ten values", cite: "§1 DescribeSnapshots DOC", check: func(t *testing.T, c *contract) {
		var disks []string
		for i := range 11 {
			disks = append(disks, fmt.Sprintf("disk-aaaaaaa%c", 'a'+i))
		}
		c.rows(t, c.source, params{"Filters": filterOf("disk-id", disks[:10]...)})
		c.refused(t, "Invalid", "cbs", "DescribeSnapshots", c.source, params{"Filters": filterOf("disk-id", disks...)})
	}},
	{name: "a filter by name finds that name", cite: "§1 DescribeSnapshots DOC", check: func(t *testing.T, c *contract) {
		c.needSnapshot(t)
		name, _ := c.row(t, c.source, c.snapshot)["SnapshotName"].(string)
		found, err := c.cloud.SnapshotsByName(t.Context(), c.source, []string{name})
		noError(t, err)
		if !slices.Contains(idsOf(found), c.snapshot) {
			t.Errorf("%q is not among %v", c.snapshot, idsOf(found))
		}
	}},
	{name: "a filter by zone works, though no document has it", cite: "§1 DescribeSnapshots CODE", check: func(t *testing.T, c *contract) {
		c.needSnapshot(t)
		place, _ := c.row(t, c.source, c.snapshot)["Placement"].(map[string]any)
		zone, _ := place["Zone"].(string)
		for _, row := range c.rows(t, c.source, params{"Filters": filterOf("zone", zone), "Limit": 100}) {
			if p, _ := row["Placement"].(map[string]any); p["Zone"] != zone {
				t.Errorf("asked for %s, got %v", zone, p)
			}
		}
		if rows := c.rows(t, c.source, params{"Filters": filterOf("zone", c.source+"-99")}); len(rows) > 0 {
			t.Errorf("%d rows in a zone that is none", len(rows))
		}
	}},
	{name: "times have no zone and mean UTC+8", cite: "§1 Snapshot REC", check: timesMeanUTC8},
	{name: "an original shows its disk and is no copy", cite: "§1 Snapshot DOC", check: func(t *testing.T, c *contract) {
		c.needSnapshot(t)
		if row := c.row(t, c.source, c.snapshot); row["DiskId"] == "" || row["CopyFromRemote"] != false || row["SnapshotState"] != "NORMAL" || row["Percent"] != 100.0 {
			t.Errorf("got %v", row)
		}
	}},
	{name: "the overview counts what the list lists", cite: "§1 DescribeSnapshotOverview DOC", check: func(t *testing.T, c *contract) {
		n, err := c.cloud.CountSnapshots(t.Context(), c.source)
		noError(t, err)
		all, err := list(t.Context(), c.cloud, c.source)
		noError(t, err)
		wantNumber(t, "the overview's count of the list", n, len(all))
	}},
}

func pagesOverlap(t *testing.T, c *contract) {
	page := func(offset int) []string {
		return column(c.rows(t, c.source, params{"Order": "ASC", "OrderField": "CREATE_TIME", "Limit": 2, "Offset": offset}), "SnapshotId")
	}
	first, second := page(0), page(1)
	if len(first) < 2 {
		t.Skip("takes two snapshots in the source region")
	}
	if first[1] != second[0] || slices.Contains(second, first[0]) {
		t.Errorf("rows 0 and 1 are %v, rows 1 and 2 are %v", first, second)
	}
}

func timesMeanUTC8(t *testing.T, c *contract) {
	form := regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$`)
	for _, text := range column(c.rows(t, c.source, params{"Limit": 100}), "CreateTime") {
		if !form.MatchString(text) {
			t.Errorf("got time %q", text)
		}
	}
	seen, err := list(t.Context(), c.cloud, c.source)
	noError(t, err)
	for _, s := range seen {
		if s.Created.IsZero() || s.Created.After(time.Now().Add(5*time.Minute)) {
			t.Errorf("%s is of %s", s.ID, s.Created)
		}
		if c.world == nil {
			continue
		}
		if truth, _ := c.world.Snapshot(c.source, s.ID); !truth.Created.Equal(s.Created) {
			t.Errorf("%s: got %s, want %s", s.ID, s.Created, truth.Created)
		}
	}
}

func filterOf(name string, values ...string) []params {
	return []params{{"Name": name, "Values": values}}
}

// column is one field of all rows.
func column(rows []map[string]any, field string) []string {
	var out []string
	for _, r := range rows {
		text, _ := r[field].(string)
		out = append(out, text)
	}
	return out
}
