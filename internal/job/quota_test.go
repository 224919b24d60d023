package job

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A disksCloud has some disks in every region.
type disksCloud struct {
	Cloud
	disks int
}

func (c disksCloud) CountDisks(context.Context, string) (int, error) { return c.disks, nil }

func TestARegionIsNearlyFullFromFourFifthsOfItsQuotaOn(t *testing.T) {
	for _, c := range []struct {
		disks, held int
		want        string
	}{
		{0, 51, ""},
		{0, 52, "holds 52 of about 64"},
		{1, 102, ""},
		{1, 103, "holds 103 of about 128"},
		{0, 63, "none came in the last week"},
		{0, 64, "there is no room left"},
		{0, 70, "there is no room left"},
	} {
		w := plan.NewWorld(&plan.Rules{Sources: []string{gz}}, t0)
		for i := range c.held {
			w.Add(bj, []cloud.Snapshot{{ID: fmt.Sprint("snap-", i), Region: bj}})
		}
		r := &Runner{Cloud: disksCloud{disks: c.disks}, Workers: 1, Now: func() time.Time { return t0 }}
		got := strings.Join(r.quotaWarnings(t.Context(), w, []string{bj}), "; ")
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%d snapshots and %d disks: got %q, want %q", c.held, c.disks, got, c.want)
		}
	}
}
