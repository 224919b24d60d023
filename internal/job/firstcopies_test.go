package job

import (
	"testing"
	"time"

	"snapferry/internal/plan"
)

func TestFirstCopiesAreRememberedUntilThereIsAReplica(t *testing.T) {
	at := func(hours int) time.Time { return t0.Add(time.Duration(hours) * time.Hour) }
	for name, c := range map[string]struct {
		said []plan.Outcome // one an hour
		asks int            // hours after the first one
		want int            // the hour since which it waits; -1: it does not
	}{
		"in time":                     {[]plan.Outcome{plan.Arriving, plan.Arriving}, 2, 0},
		"unprotected for a moment":    {[]plan.Outcome{plan.Arriving, plan.Unprotected, plan.Arriving}, 3, 0},
		"never in time":               {[]plan.Outcome{plan.Unprotected}, 1, -1},
		"in time after an outage":     {[]plan.Outcome{plan.Unprotected, plan.Arriving}, 2, 1},
		"protected":                   {[]plan.Outcome{plan.Arriving, plan.Protected}, 2, -1},
		"in time again":               {[]plan.Outcome{plan.Arriving, plan.Late, plan.Arriving}, 3, 2},
		"gone":                        {[]plan.Outcome{plan.Arriving, plan.GoneDisk}, 2, -1},
		"not seen for a day":          {[]plan.Outcome{plan.Arriving}, 24, 0},
		"not seen for more than that": {[]plan.Outcome{plan.Arriving}, 25, -1},
	} {
		var f FirstCopies
		for hour, o := range c.said {
			f.Note(&plan.Decision{Kind: plan.KindProtect, Disk: "disk-a", To: bj, Outcome: o}, at(hour))
		}
		since, waits := f.Since(at(c.asks))[plan.Ref{Region: bj, Disk: "disk-a"}]
		if waits != (c.want >= 0) || waits && !since.Equal(at(c.want)) {
			t.Errorf("%s: waits %t since %s, want the hour %d", name, waits, since, c.want)
		}
	}
}
