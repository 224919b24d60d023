package storm

import (
	"fmt"
	"io"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// All plays every step of a storm.
const All = 1 << 30

// Run plays the first steps of a seed's storm, in virtual time, and has
// everything settle. It may be called from many goroutines.
func Run(seed uint64, steps int) Result { return run(newWorld(seed), steps, false, nil) }

func run(w *world, steps int, story bool, wrap mistaken) Result {
	return playWorld(w, steps, func(p *play) { p.story, p.wrap = story, wrap })
}

// playWorld plays the first steps of a world; prepare may change the play
// before it begins.
func playWorld(w *world, steps int, prepare func(*play)) (r Result) {
	bubble(func() {
		p := newPlay(w)
		prepare(p)
		p.run(min(steps, len(w.steps)))
		r = p.result
	})
	return r
}

// bubble runs f in virtual time. A bubble asks for a test to fail in, which
// there is none of here: the zero T is never failed, and says nothing.
func bubble(f func()) {
	synctest.Test(new(testing.T), func(*testing.T) { f() })
}

// Replay plays one seed, writes what happens to w, and, if anything is
// violated, only the shortest prefix of steps that violates it. It reports
// whether nothing is.
func Replay(w io.Writer, seed uint64) (ok bool) {
	r := Run(seed, All)
	if len(r.Violations) > 0 {
		r = Shorten(r)
	}
	r = run(newWorld(seed), r.Steps, true, nil)
	for _, line := range r.Trace {
		_, _ = fmt.Fprintln(w, line)
	}
	_, _ = fmt.Fprintf(w, "seed %d: %d of %d steps, %d copies, %d API calls, %s of virtual time, %d violations\n",
		seed, r.Steps, len(newWorld(seed).steps), r.Copies, r.Calls, r.Virtual.Truncate(time.Second), len(r.Violations))
	for _, v := range r.Violations {
		_, _ = fmt.Fprintln(w, "  "+v)
	}
	return len(r.Violations) == 0
}

// Shorten finds the shortest prefix of a failed storm that still fails. It
// tries one prefix after the other, on all cores: that a prefix passes says
// nothing of a shorter one.
func Shorten(r Result) Result {
	wide := runtime.GOMAXPROCS(0)
	for n := 0; n < r.Steps; n += wide {
		tried := make([]Result, min(wide, r.Steps-n))
		var all sync.WaitGroup
		for i := range tried {
			all.Go(func() { tried[i] = Run(r.Seed, n+i) })
		}
		all.Wait()
		for _, short := range tried {
			if len(short.Violations) > 0 {
				return short
			}
		}
	}
	return r
}
