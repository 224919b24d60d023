package plan_test

import (
	"slices"
	"strings"
	"testing"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A tag may say that a disk's data must stay in certain regions. A sweep that an
// operator sends to one region went against it once.
func TestTargetRegionsOfASweepNarrowWhatATagAllows(t *testing.T) {
	own := source("own", "disk-own", 1)
	own.Tags = map[string]string{plan.TargetsTag: sh + "+ap-nanjing"}
	w := observed{Snapshots: []cloud.Snapshot{own, source("any", "disk-any", 2)}}
	for name, c := range map[string]struct {
		order plan.Order
		want  string
	}{
		"no region named":               {plan.Order{}, "snap-any>ap-beijing snap-own>ap-nanjing snap-own>ap-shanghai"},
		"one that the tag allows":       {plan.Order{Targets: []string{sh}}, "snap-any>ap-shanghai snap-own>ap-shanghai"},
		"one that the tag does not":     {plan.Order{Targets: []string{bj}}, "snap-any>ap-beijing"},
		"one, for a snapshot by its id": {plan.Order{Targets: []string{bj}, Explicit: true, Refs: []plan.Ref{{Snapshot: "snap-own"}}}, "snap-own>ap-beijing"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, a := range decide(rulesKeeping(0), w, c.order) {
				if a.Outcome == plan.Planned {
					got = append(got, a.Snapshot+">"+a.To)
				}
			}
			slices.Sort(got)
			if got := strings.Join(got, " "); got != c.want {
				t.Errorf("planned %q, want %q", got, c.want)
			}
		})
	}
}
