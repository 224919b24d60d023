package tencent_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"snapferry/internal/tencent"
)

// stamps records when requests came, by action and region.
type stamps struct {
	mu sync.Mutex
	at map[string][]time.Time
}

func (s *stamps) answer(r *http.Request, _ string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil {
		s.at = map[string][]time.Time{}
	}
	key := r.Header.Get("X-TC-Action") + " " + r.Header.Get("X-TC-Region")
	s.at[key] = append(s.at[key], time.Now())
	return `{"Response":{"TotalCount":1,"SnapshotSet":[{"SnapshotId":"snap-1"}],"RequestId":"r"}}`
}

func TestNoSecondHoldsMoreThanTheRate(t *testing.T) {
	const rate, callers, each = 20, 10, 13
	synctest.Test(t, func(t *testing.T) {
		var s stamps
		pacer := tencent.NewPacer(rate)
		start := time.Now()
		var wg sync.WaitGroup
		for range callers {
			c := client(answers(s.answer), func(o *tencent.Options) { o.Pacer = pacer })
			wg.Go(func() {
				for range each {
					for _, region := range []string{gz, sh} {
						if _, err := list(t.Context(), c, region); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		for key, at := range s.at {
			wantNumber(t, key+": requests", len(at), callers*each)
			for i := rate; i < len(at); i++ {
				if d := at[i].Sub(at[i-rate]); d <= time.Second {
					t.Fatalf("%s: requests %d to %d came within %s", key, i-rate, i, d)
				}
			}
		}
		// Two regions, worked in parallel, take as long as one.
		if took, most := time.Since(start), 7*time.Second; took > most {
			t.Errorf("took %s, want at most %s", took, most)
		}
	})
}

func TestAnIdleSecondBuysNoBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s stamps
		c := client(answers(s.answer))
		_, err := list(t.Context(), c, gz)
		noError(t, err)
		time.Sleep(time.Hour)
		start := time.Now()
		for range 20 {
			_, err := list(t.Context(), c, gz)
			noError(t, err)
		}
		if took := time.Since(start); took < 19*50*time.Millisecond {
			t.Errorf("20 requests went out within %s after a pause", took)
		}
	})
}

func TestWaitingForThePaceEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s stamps
		pacer := tencent.NewPacer(1)
		c := client(answers(s.answer), func(o *tencent.Options) { o.Pacer = pacer })
		_, err := list(t.Context(), c, gz)
		noError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if _, err := list(ctx, c, gz); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want a deadline exceeded", err)
				}
			})
		}
		wg.Wait()
		wantNumber(t, "calls", c.Calls(), 1)
	})
}
