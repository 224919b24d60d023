package storm

import (
	"fmt"
	"io"
	"testing"
	"testing/synctest"

	"snapferry/handler"
)

// All plays every step of a storm.
const All = 1 << 30

// Run plays the first steps of a seed's storm, in virtual time, and has
// everything settle. It may be called from many goroutines.
func Run(seed uint64, steps int) Result { return run(newWorld(seed), steps, false, nil) }

func run(w *world, steps int, story bool, wrap func(handler.Cloud) handler.Cloud) Result {
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
// violated, the shortest prefix of steps that violates it. It reports whether
// nothing is.
func Replay(w io.Writer, seed uint64) (ok bool) {
	r := run(newWorld(seed), All, false, nil)
	if len(r.Violations) == 0 {
		_, _ = fmt.Fprintf(w, "seed %d: %d steps, %d copies, %d API calls, %s: no violation\n", seed, r.Steps, r.Copies, r.Calls, r.Virtual)
		return true
	}
	short := Shorten(r)
	short = run(newWorld(seed), short.Steps, true, nil)
	for _, line := range short.Trace {
		_, _ = fmt.Fprintln(w, line)
	}
	_, _ = fmt.Fprintf(w, "seed %d: the first %d of %d steps are enough for:\n", seed, short.Steps, len(newWorld(seed).steps))
	for _, v := range short.Violations {
		_, _ = fmt.Fprintln(w, " ", v)
	}
	return false
}

// Shorten finds the shortest prefix of a failed storm that still fails.
func Shorten(r Result) Result {
	for n := range r.Steps {
		if short := Run(r.Seed, n); len(short.Violations) > 0 {
			return short
		}
	}
	return r
}
