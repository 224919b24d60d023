package handler_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"snapferry/handler"
	"snapferry/internal/ferry"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

// speed is a cloud of n snapshots in one region, all replicated to another, and
// a function connected to it without a socket and without a pace.
func speed(b *testing.B, n int) *handler.Handler {
	cloud := sim.New(sim.Options{Rate: -1, KeepCalls: -1})
	cloud.AddKey(sim.Key{ID: "AKIDspeed", Secret: "speed"})
	now := time.Now().Truncate(time.Second)
	for i := range n {
		disk := fmt.Sprintf("disk-%08d", i/10)
		if i%10 == 0 {
			cloud.AddDisk(sim.Disk{ID: disk, Region: gz})
		}
		s := sim.Snapshot{ID: fmt.Sprintf("snap-%08d", i), Region: gz, Disk: disk, SizeGiB: 50, Created: now.Add(-time.Duration(i) * time.Second)}
		cloud.AddSnapshot(s)
		name := plan.Lineage{Source: s.ID, Disk: disk, Region: gz, Created: s.Created}.Name()
		cloud.AddSnapshot(sim.Snapshot{Region: bj, Name: name, SizeGiB: 50, CopyFromRemote: true, Created: s.Created.Add(time.Minute)})
	}
	env := map[string]string{
		"SOURCE_REGIONS": gz, "TARGET_REGIONS": bj, "MAX_AGE": "0", "KEEP_LAST": "20", "KEEP_DAILY": "7",
		"TENCENTCLOUD_SECRET_ID": "AKIDspeed", "TENCENTCLOUD_SECRET_KEY": "speed",
	}
	pacer := tencent.NewPacer(1_000_000)
	return &handler.Handler{
		Connect: func(c handler.Connection) handler.Cloud {
			return tencent.New(tencent.Options{ID: c.Credentials.ID.Reveal(), Key: c.Credentials.Key.Reveal(), Transport: cloud.Transport(), Pacer: pacer})
		},
		Getenv:  func(name string) string { return env[name] },
		Now:     time.Now,
		Log:     func(l slog.Level) *slog.Logger { return slog.New(slog.NewJSONHandler(io.Discard, nil)) },
		Refused: &ferry.Refusals{},
		Workers: 8,
	}
}

// BenchmarkSettledSweep is a sweep that finds nothing to do: what runs every
// few minutes, for ever. It includes the simulator's part and the SDK's.
func BenchmarkSettledSweep(b *testing.B) {
	for _, n := range []int{100, 2_000, 20_000} {
		h := speed(b, n)
		for _, job := range []string{"copy", "retain"} {
			b.Run(fmt.Sprintf("%s/%d", job, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := h.Invoke(context.Background(), []byte(`{"job":"`+job+`"}`)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkEvent is what an event costs for a snapshot that is there already.
func BenchmarkEvent(b *testing.B) {
	h := speed(b, 2_000)
	event := []byte(created("snap-00000001", "disk-00000000"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Invoke(context.Background(), event); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBatch is a batch of 10,000 events, the largest that is delivered.
func BenchmarkBatch(b *testing.B) {
	h := speed(b, 20_000)
	var list []string
	for i := range 10_000 {
		list = append(list, created(fmt.Sprintf("snap-%08d", i), fmt.Sprintf("disk-%08d", i/10)))
	}
	batch := []byte(`{"EventList":[` + strings.Join(list, ",") + `]}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Invoke(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
}
