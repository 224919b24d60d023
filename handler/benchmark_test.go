package handler_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// settled is a cloud of n snapshots that all have their replica, and a function
// connected to it without a socket and without a pace.
func settled(b *testing.B, n int) *rig {
	rig := newRig(b, sim.Options{Rate: -1, KeepCalls: -1})
	rig.env = map[string]string{"SOURCE_REGIONS": gz, "TARGET_REGIONS": bj, "MAX_AGE": "0", "KEEP_LAST": "20", "KEEP_DAILY": "7"}
	rig.h = rig.function(1_000_000, sim.Key{})
	rig.h.Log = func(slog.Level) *slog.Logger { return slog.New(slog.DiscardHandler) }
	now := time.Now().Truncate(time.Second)
	for i := range n {
		disk := fmt.Sprintf("disk-%08d", i/10)
		if i%10 == 0 {
			rig.cloud.AddDisk(sim.Disk{ID: disk, Region: gz})
		}
		s := sim.Snapshot{ID: fmt.Sprintf("snap-%08d", i), Region: gz, Disk: disk, SizeGiB: 50, Created: now.Add(-time.Duration(i) * time.Second)}
		rig.cloud.AddSnapshot(s)
		name := plan.Lineage{Source: s.ID, Disk: disk, Region: gz, Created: s.Created}.Name()
		rig.cloud.AddSnapshot(sim.Snapshot{Region: bj, Name: name, SizeGiB: 50, CopyFromRemote: true, Created: s.Created.Add(time.Minute)})
	}
	return rig
}

// measure sends an event again and again.
func (rig *rig) measure(b *testing.B, event string) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := rig.send(rig.h, event, rig.brought); err != nil {
			b.Fatal(err)
		}
	}
}

// A settled sweep finds nothing to do; it runs every few minutes. The figures
// include the simulator and the SDK.
func BenchmarkSettledSweep(b *testing.B) {
	for _, n := range []int{100, 2_000, 20_000} {
		rig := settled(b, n)
		for _, job := range []string{"copy", "retain"} {
			b.Run(fmt.Sprintf("%s/%d", job, n), func(b *testing.B) { rig.measure(b, `{"job":"`+job+`"}`) })
		}
	}
}

// The event of a snapshot that has its replica already.
func BenchmarkEvent(b *testing.B) {
	settled(b, 2_000).measure(b, created("snap-00000001", "disk-00000000"))
}

// The largest batch that is delivered.
func BenchmarkBatch(b *testing.B) {
	settled(b, 20_000).measure(b, batchOf(fullBatch, func(i int) string {
		return created(fmt.Sprintf("snap-%08d", i), fmt.Sprintf("disk-%08d", i/10))
	}))
}
