package storm

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	seeds = flag.Uint64("seeds", 300, "how many storms TestStorms plays")
	from  = flag.Uint64("from", 0, "the first seed")
	first = flag.Bool("first", false, "end with the first storm that fails, and don't shorten it")
)

// TestStorms plays 300 storms. make simulate plays as many as it is told, and
// shows one that fails step by step.
func TestStorms(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // a storm is short, and memory is there
	n := *seeds
	if testing.Short() {
		n = min(n, 30)
	}
	c := &campaign{began: time.Now(), faults: map[string]int{}}
	onAllCores(n, func(i uint64) {
		if !*first || !t.Failed() {
			c.add(t, play(newWorld(*from+i), all, nil))
		}
	})
	t.Log("\n" + c.figures())
	if *first {
		return
	}
	slices.SortFunc(c.failed, func(a, b result) int { return int(a.seed) - int(b.seed) })
	for i, r := range c.failed {
		if i == 3 {
			break // the others are named above
		}
		short := shorten(r)
		t.Logf("seed %d fails; the first %d of its %d steps are enough for:\n  %s\nplay it again: make simulate SEEDS=1 FROM=%d",
			r.seed, short.steps, len(newWorld(r.seed).steps), strings.Join(short.violations[:min(5, len(short.violations))], "\n  "), r.seed)
		if n == 1 {
			t.Log("\n" + strings.Join(short.trace, "\n"))
		}
	}
}

// onAllCores does something for each number below n, on each core one at a time.
func onAllCores(n uint64, do func(uint64)) {
	numbers := make(chan uint64)
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := range numbers {
				do(i)
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	wait.Wait()
}

// shorten finds the shortest prefix of a failed storm that still fails. That a
// prefix passes says nothing of a shorter one, so it tries one after the other.
// Where none fails, because the scheduler ordered requests otherwise, it
// returns the storm as it was.
func shorten(r result) result {
	wide := runtime.GOMAXPROCS(0)
	for n := 0; n < r.steps; n += wide {
		tried := make([]result, min(wide, r.steps-n))
		onAllCores(uint64(len(tried)), func(i uint64) { tried[i] = play(newWorld(r.seed), n+int(i), nil) })
		for _, short := range tried {
			if len(short.violations) > 0 {
				return short
			}
		}
	}
	return r
}

// A campaign adds up what many storms came to.
type campaign struct {
	began time.Time

	mu                          sync.Mutex
	seeds, steps, copies, calls int
	faults                      map[string]int // by kind
	virtual                     time.Duration
	failed                      []result
}

// add adds a storm, and tells now and then how many are done.
func (c *campaign) add(t *testing.T, r result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seeds, c.steps, c.copies, c.calls = c.seeds+1, c.steps+r.steps, c.copies+r.copies, c.calls+r.calls
	c.virtual += r.virtual
	for kind, n := range r.faults {
		c.faults[kind] += n
	}
	if len(r.violations) > 0 {
		c.failed = append(c.failed, r)
		t.Errorf("seed %d: %s", r.seed, r.violations[0])
	}
	if c.seeds%500 == 0 {
		fmt.Fprintf(os.Stderr, "%d seeds, %d copies, %d failed, %s\n", c.seeds, c.copies, len(c.failed), time.Since(c.began).Truncate(time.Second))
	}
}

func (c *campaign) figures() string {
	var out strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	put("seeds             %d", c.seeds)
	put("steps             %d", c.steps)
	put("simulated copies  %d", c.copies)
	put("API calls         %d", c.calls)
	put("virtual time      %.0f days", c.virtual.Hours()/24)
	for _, kind := range slices.Sorted(maps.Keys(c.faults)) {
		put("faults            %d %s", c.faults[kind], kind)
	}
	put("violations in     %d seeds", len(c.failed))
	put("wall time         %s on %d cores", time.Since(c.began).Truncate(time.Millisecond), runtime.GOMAXPROCS(0))
	return out.String()
}

// TestStormsInWhichEveryCopyGoesWrong: so many spoilt replicas of one source
// are rare among those that chance draws. Retention took three of them for
// settled.
func TestStormsInWhichEveryCopyGoesWrong(t *testing.T) {
	onAllCores(10, func(seed uint64) {
		w := newWorld(seed)
		for i := range w.steps {
			if w.steps[i].kind == fateRate {
				w.steps[i].rate = 1
			}
		}
		if r := play(w, all, nil); len(r.violations) > 0 {
			t.Errorf("seed %d:\n%s", seed, strings.Join(r.violations, "\n"))
		}
	})
}

func BenchmarkStorm(b *testing.B) {
	copies, seed := 0, uint64(1000)
	for b.Loop() {
		copies += play(newWorld(seed), all, nil).copies
		seed++
	}
	b.ReportMetric(float64(copies)/float64(b.N), "copies/op")
}
