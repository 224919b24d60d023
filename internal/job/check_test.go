package job_test

import (
	"strings"
	"testing"
	"time"

	"snapferry/internal/job"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// A wrongClock is a cloud whose answers name another time than the clock here.
type wrongClock struct {
	job.Cloud
	ahead time.Duration
	known bool
}

func (c wrongClock) ClockAhead() (time.Duration, bool) { return c.ahead, c.known }

func TestACheckWarnsOfAClockThatIsWrong(t *testing.T) {
	for want, clock := range map[string]wrongClock{
		"ok: the clock here agrees":                                  {nil, 40 * time.Second, true},
		"warning: the clock here differs from the service's by 3m0s": {nil, -3 * time.Minute, true},
		"warning: the clock could not be compared":                   {},
	} {
		inCloud(t, sim.Options{}, func(t *testing.T, rig *rig) {
			clock.Cloud = rig.Cloud
			rig.Cloud = clock
			found := false
			for _, a := range rig.Check(t.Context(), job.Known{}).Actions() {
				found = found || strings.HasPrefix(string(a.Outcome)+": "+a.Reason, want)
				if a.Outcome == plan.Failed {
					t.Errorf("%s: %s", want, a.Reason)
				}
			}
			if !found {
				t.Errorf("no row %q", want)
			}
		})
	}
}
