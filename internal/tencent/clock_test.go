package tencent_test

import (
	"testing"
	"testing/synctest"
	"time"

	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

func TestTheClockIsComparedWithTheAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world(t, sim.Options{})
		c := client(w.Transport(), func(o *tencent.Options) { o.Now = func() time.Time { return time.Now().Add(-3 * time.Minute) } })
		if _, ok := c.ClockAhead(); ok {
			t.Error("the clock is compared before any answer")
		}
		if _, err := c.Identity(t.Context()); err != nil {
			t.Fatal(err)
		}
		// Answers name whole seconds.
		if ahead, ok := c.ClockAhead(); !ok || ahead.Round(2*time.Second) != -3*time.Minute {
			t.Errorf("got %s, %t, want three minutes behind", ahead, ok)
		}
	})
}
