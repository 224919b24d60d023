package plan_test

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// Whatever somebody wrote into a ferry:targets tag: every region that a copy
// is planned for has the form of one and is not the snapshot's own, none comes
// twice, and what was dropped is told in one printable line.
func FuzzTargetsTag(f *testing.F) {
	for _, value := range []string{
		"", "ap-nanjing", "ap-beijing+ap-shanghai", " ap-beijing +\tap-beijing", "ap-guangzhou", "+", "ap-beijing+nonsense!", "AP-BEIJING",
		"ap-beijing,ap-shanghai", "../ap-beijing", "ap-beijing\nap-shanghai", "<b>ap-beijing</b>", "ap-beijing\x00", "\xff\xfe", "ap-shanghai-fsi",
		strings.Repeat("x+", 127), strings.Repeat("广", 85),
	} {
		f.Add(value, true)
		f.Add(value, false)
	}
	f.Fuzz(func(t *testing.T, value string, onDisk bool) {
		r := plan.Rules{Sources: []string{gz}, Targets: []string{bj, sh}, CopyTimeout: 6 * time.Hour, Zone: time.UTC}
		src := cloud.Snapshot{
			ID: "snap-a", Region: gz, Disk: "disk-a", State: cloud.Normal, Percent: 100, SizeGiB: 50, Created: t0,
			Tags: map[string]string{plan.TargetsTag: value},
		}
		w := observed{Snapshots: []cloud.Snapshot{src}}
		if onDisk {
			w.Snapshots[0].Tags = nil
			w.Disks = []cloud.Disk{{ID: "disk-a", Region: gz, Tags: src.Tags}}
		}
		seen := map[string]bool{}
		actions := decide(r, w, plan.Order{})
		for _, a := range actions {
			if a.To != "" && (!cloud.IsRegion(a.To) || a.To == gz || seen[a.To]) {
				t.Errorf("%q: %q is copied to", value, a.To)
			}
			seen[a.To] = true
			if strings.ContainsFunc(a.Reason, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%q: reason %q", value, a.Reason)
			}
			if len(value) <= 255 && len(a.Reason) > 8<<10 { // a tag holds no more
				t.Errorf("%q: a reason of %d bytes", value, len(a.Reason))
			}
		}
		if len(actions) == 0 {
			t.Errorf("%q: nothing is said of the snapshot", value)
		}
		for _, name := range plan.Targets(&r, w.pack(r), &plan.Order{}) {
			if !cloud.IsRegion(name) {
				t.Errorf("%q: %q is looked at", value, name)
			}
		}
	})
}
