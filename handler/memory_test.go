package handler_test

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"testing"
)

// mostHeld is how much may be live at any time because of an event. A function
// has 128 MB by default: about 20 are the program itself, the runtime's library
// holds the event up to three times (18 MB), and the collector lets what is live
// double before it looks.
const mostHeld = 32 << 20

// held is how much more memory is live while do runs than was before, at the
// most that is seen. The collector lets little pile up in between, and looks
// are taken whenever it has been there. One that comes late makes the figure
// smaller, never larger, so that a busy machine fails no test.
func held(do func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	runtime.GC()
	before := live()
	var peak atomic.Uint64
	var over atomic.Bool
	lookAfterEach(&peak, &over)
	do()
	over.Store(true)
	return max(peak.Load(), before) - before
}

// lookAfterEach looks after each collection what is live, until over: an
// object that nobody uses is found by the next collection, and puts another one
// in its place.
func lookAfterEach(peak *atomic.Uint64, over *atomic.Bool) {
	unused := new([16]byte)
	runtime.AddCleanup(unused, func(int) {
		peak.Store(max(peak.Load(), live()))
		if !over.Load() {
			lookAfterEach(peak, over)
		}
	}, 0)
}

// live is what the collector found in use when it was there last.
func live() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// wantHeld demands that an event of any length fits into the smallest function.
func wantHeld(t *testing.T, do func()) {
	t.Helper()
	if got := held(do); got > mostHeld {
		t.Errorf("%d MB were held at once, more than %d", got>>20, mostHeld>>20)
	}
}
