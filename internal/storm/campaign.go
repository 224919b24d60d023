package storm

import (
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"
)

// A Tally adds up what many storms came to.
type Tally struct {
	Seeds, Steps  int
	Copies, Calls int
	Faults        map[string]int // by kind
	Virtual, Took time.Duration
	Failed        []Result // by seed
}

// Campaign plays n storms from a seed on, one on each core at a time. What goes
// on is written to progress: failures at once, and now and then how many are
// done.
func Campaign(from, n uint64, progress io.Writer) *Tally {
	began := time.Now()
	t := &Tally{Faults: map[string]int{}}
	seeds := make(chan uint64)
	var mu sync.Mutex
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for seed := range seeds {
				r := Run(seed, All)
				mu.Lock()
				t.add(r)
				t.Took = time.Since(began)
				if len(r.Violations) > 0 {
					_, _ = fmt.Fprintf(progress, "seed %d: %s\n", r.Seed, r.Violations[0])
				}
				if t.Seeds%500 == 0 {
					_, _ = fmt.Fprintf(progress, "%d seeds, %d copies, %d failed, %s\n", t.Seeds, t.Copies, len(t.Failed), t.Took.Truncate(time.Second))
				}
				mu.Unlock()
			}
		})
	}
	for seed := from; seed < from+n; seed++ {
		seeds <- seed
	}
	close(seeds)
	all.Wait()
	slices.SortFunc(t.Failed, func(a, b Result) int { return int(a.Seed) - int(b.Seed) })
	t.Took = time.Since(began)
	return t
}

func (t *Tally) add(r Result) {
	t.Seeds++
	t.Steps, t.Copies, t.Calls = t.Steps+r.Steps, t.Copies+r.Copies, t.Calls+r.Calls
	t.Virtual += r.Virtual
	for kind, n := range r.Faults {
		t.Faults[kind] += n
	}
	if len(r.Violations) > 0 {
		t.Failed = append(t.Failed, r)
	}
}

// shown is how many failed seeds are told in full.
const shown = 3

// Report writes the figures and, of the first failed seeds, the shortest
// prefix that fails, and how to play it again.
func (t *Tally) Report(w io.Writer) {
	put := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	put("seeds             %d", t.Seeds)
	put("steps             %d", t.Steps)
	put("simulated copies  %d", t.Copies)
	put("API calls         %d", t.Calls)
	put("virtual time      %.0f days", t.Virtual.Hours()/24)
	for _, kind := range slices.Sorted(maps.Keys(t.Faults)) {
		put("faults            %d %s", t.Faults[kind], kind)
	}
	put("violations in     %d seeds", len(t.Failed))
	put("wall time         %s on %d cores", t.Took.Truncate(time.Millisecond), runtime.GOMAXPROCS(0))
	for i, r := range t.Failed {
		if i < shown {
			tellFailure(w, r)
			continue
		}
		put("seed %d: %s", r.Seed, r.Violations[0])
	}
}

// tellFailure writes what a failed seed is about.
func tellFailure(w io.Writer, r Result) {
	short := Shorten(r)
	_, _ = fmt.Fprintf(w, "\nseed %d fails; the first %d of its %d steps are enough for:\n", r.Seed, short.Steps, len(newWorld(r.Seed).steps))
	for _, v := range short.Violations[:min(5, len(short.Violations))] {
		_, _ = fmt.Fprintln(w, "  "+v)
	}
	_, _ = fmt.Fprintf(w, "play it again: %s %d\n", replayCommand, r.Seed)
}

// replayCommand plays one seed again, and shows it step by step.
const replayCommand = "snapferry simulate --check --seed"
