package job

import (
	"fmt"
	"testing"

	"snapferry/internal/plan"
)

// A report keeps few actions and counts all of them.
func TestAReportCountsWhatItDoesNotKeep(t *testing.T) {
	r := NewReport(2, Action{Kind: plan.KindCopy, Snapshot: "snap-noted", Outcome: plan.Failed})
	for i := range 5 {
		r.note(plan.Decision{Kind: plan.KindCopy, Snapshot: fmt.Sprint("snap-", i), Outcome: plan.Planned, SizeGiB: 10})
		r.note(plan.Decision{Kind: plan.KindDelete, Snapshot: fmt.Sprint("snap-", i), Outcome: plan.Failed, SizeGiB: 1})
	}
	r.note(plan.Decision{Kind: plan.KindDelete, Outcome: plan.WouldDelete, SizeGiB: 100})
	if r.Counts[plan.Planned] != 5 || r.Counts[plan.Failed] != 6 || r.Counts[plan.WouldDelete] != 1 {
		t.Errorf("counts %v, want 5 planned, 6 failed and 1 would-delete", r.Counts)
	}
	if r.GiBToCopy != 50 || r.GiBStored != 55 {
		t.Errorf("%d GiB to copy and %d stored, want 50 and 55", r.GiBToCopy, r.GiBStored)
	}
	got := ""
	for _, a := range r.Actions() {
		got += fmt.Sprintf("%s %s %s, ", a.Outcome, a.Kind, a.Snapshot)
	}
	if want := "failed copy snap-noted, failed delete snap-0, failed delete snap-1, planned copy snap-0, planned copy snap-1, would-delete delete , "; got != want {
		t.Errorf("kept %s, want %s", got, want)
	}
}

func TestAReportCountsTheWarningsThatItLeavesOut(t *testing.T) {
	for n, want := range map[int]string{maxWarnings: "x", maxWarnings + 2: "2 more warnings"} {
		r := NewReport(0)
		for range n {
			r.warn("x")
		}
		if got := r.end().Warnings; got[len(got)-1] != want || len(got) > maxWarnings+1 {
			t.Errorf("%d warnings: %d are kept, the last is %q, want %q", n, len(got), got[len(got)-1], want)
		}
	}
}
