package storm

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestTry(t *testing.T) {
	if s := os.Getenv("SEED"); s != "" {
		var seed uint64
		fmt.Sscan(s, &seed)
		if os.Getenv("FULL") != "" {
			r := run(newWorld(seed), All, true, nil)
			fmt.Println(strings.Join(r.Trace, "\n"))
			return
		}
		Replay(os.Stdout, seed)
		return
	}
	from, n := uint64(0), uint64(20)
	fmt.Sscan(os.Getenv("FROM"), &from)
	fmt.Sscan(os.Getenv("N"), &n)
	began := time.Now()
	debug.SetGCPercent(400)
	copies, calls, steps, bad := 0, 0, 0, 0
	var mu sync.Mutex
	var wg sync.WaitGroup
	next := make(chan uint64)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for seed := range next {
				r := Run(seed, All)
				mu.Lock()
				copies += r.Copies
				calls += r.Calls
				steps += r.Steps
				if len(r.Violations) > 0 {
					bad++
					t.Errorf("seed %d: step %d: %s", seed, r.Steps, strings.Join(r.Violations[:min(3, len(r.Violations))], "\n     "))
				}
				mu.Unlock()
			}
		})
	}
	for s := from; s < from+n; s++ {
		next <- s
	}
	close(next)
	wg.Wait()
	var ru syscall.Rusage
	syscall.Getrusage(0, &ru)
	cpu := time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
	t.Logf("%s cpu, %s a seed", cpu, cpu/time.Duration(n))
	t.Logf("%d copies, %d calls, %d steps, %d bad, %s", copies, calls, steps, bad, time.Since(began))
}

func BenchmarkStorm(b *testing.B) {
	seed := uint64(1000)
	for b.Loop() {
		Run(seed, All)
		seed++
	}
}
