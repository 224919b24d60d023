package job

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// deleter takes every deletion.
type deleter struct{ Cloud }

func (deleter) Delete(context.Context, string, string, cloud.While) error { return nil }

// A retention of many disks remembers a series only as long as it has work
// there: a day's deletions of 10,000 disks must fit into a small function.
func TestRetentionForgetsASeriesWhenItsWorkIsDone(t *testing.T) {
	const disks, points = 4000, 8
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	rules := plan.Rules{Sources: []string{"ap-guangzhou"}, Targets: []string{"ap-beijing"}, Keep: plan.Keep{Last: points - 1}, Zone: time.UTC}
	w := plan.NewWorld(&rules, now)
	for d := range disks {
		for n := range points {
			src := cloud.Snapshot{
				ID: fmt.Sprintf("snap-s%05d%d", d, n), Region: "ap-guangzhou", Disk: fmt.Sprintf("disk-%05d", d),
				State: cloud.Normal, Percent: 100, SizeGiB: 50, Created: now.AddDate(0, 0, -n-1),
			}
			l := plan.LineageOf(&src)
			rep := cloud.Snapshot{
				ID: fmt.Sprintf("snap-r%05d%d", d, n), Region: "ap-beijing", Name: l.Name(),
				State: cloud.Normal, Percent: 100, SizeGiB: 50, CopyFromRemote: true, Created: src.Created.Add(time.Hour),
			}
			w.Add(src.Region, []cloud.Snapshot{src})
			w.Add(rep.Region, []cloud.Snapshot{rep})
		}
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var before, after uint64
	r := &Runner{Cloud: deleter{}, Rules: rules, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler), MaxActions: 200, Workers: 1}
	r.Progress = func(done, total int) {
		switch {
		case done == 1:
			before = heap()
		case done == total:
			after = heap()
		}
	}
	report := NewReport(200)
	p := plan.Make(&rules, w, plan.Task{Deletions: true, MaxWork: plan.MaxWork}, now, report.note, report.warn)
	seen := &observation{world: w, at: map[string]time.Time{"ap-beijing": now}}
	r.applyDeletions(t.Context(), seen, p.Deletions, report)
	if report.Counts[plan.Deleted] != disks {
		t.Fatalf("counts: %v, want %d deleted", report.Counts, disks)
	}
	if grown := int64(after) - int64(before); grown > 2<<20 {
		t.Errorf("after %d deletions %d KiB more are in use than after the first", disks, grown>>10)
	}
}
