package storm

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRound(t *testing.T) {
	began := time.Now()
	r := Round()
	var ru syscall.Rusage
	syscall.Getrusage(0, &ru)
	t.Log(time.Duration(ru.Utime.Nano() + ru.Stime.Nano()))
	t.Logf("%d requests, %d runs, %d calls, %d copies, %s", r.Requests, r.Runs, r.Calls, r.Copies, time.Since(began))
	if len(r.Violations) > 0 {
		t.Errorf("%d violations:\n%s", len(r.Violations), strings.Join(r.Violations[:min(40, len(r.Violations))], "\n"))
	}
}
