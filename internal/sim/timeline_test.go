package sim_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"snapferry/internal/sim"
)

// Snapshots are listed in order of creation, whatever the order of arrival.
func TestListsKeepTheOrderOfCreation(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 0))
		c := newCloud(sim.Options{Now: func() time.Time { return start }})
		var made []sim.Snapshot
		at := func() time.Time { return start.Add(-time.Duration(rng.IntN(40)) * time.Hour) }
		for range 60 {
			s := sim.Snapshot{Region: gz, Created: at()}
			for range rng.IntN(20) { // many at once, then one by one
				s.ID = c.AddSnapshot(s)
				made = append(made, s)
				s = sim.Snapshot{Region: gz, Created: at()}
			}
			if len(made) == 0 {
				continue
			}
			switch i := rng.IntN(len(made)); rng.IntN(3) {
			case 0:
				c.RemoveSnapshot(gz, made[i].ID)
				made = slices.Delete(made, i, i+1)
			case 1:
				made[i].Created = at()
				c.ChangeSnapshot(gz, made[i].ID, func(s *sim.Snapshot) { s.Created = made[i].Created })
			}
		}
		byTime := func(a, b sim.Snapshot) int { return a.Created.Compare(b.Created) }
		if got := c.Snapshots(gz); len(got) != len(made) || !slices.IsSortedFunc(got, byTime) {
			t.Fatalf("seed %d: %d snapshots instead of %d, in order: %v", seed, len(got), len(made), slices.IsSortedFunc(got, byTime))
		}
		for _, s := range made {
			if got, ok := c.Snapshot(gz, s.ID); !ok || !got.Created.Equal(s.Created) {
				t.Fatalf("seed %d: %s is not as it was made", seed, s.ID)
			}
		}
	}
}
