package tencent

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

// A Pacer keeps the requests of a process to the rate that the service allows,
// for each API (service and action) and region. It outlives invocations:
// concurrent ones share it. It is safe for concurrent use.
//
// It promises nothing about other processes that use the same account: what
// they provoke is answered by repeating (see Cloud).
type Pacer struct {
	limit rate.Limit
	mu    sync.Mutex // guards slots
	slots map[rateKey]*slot
}

// A rateKey is what the service counts together (all CBS APIs: 20 a second for
// each API, region and account; a process has one account).
type rateKey struct{ service, action, region string }

// A slot lets one request of a rateKey go out at a time.
type slot struct {
	next   *semaphore.Weighted // whoever holds it is next
	bucket *rate.Limiter
}

// spare slows requests down 2 % below the limit, so that network jitter (20 ms
// a second at 20/s) never puts 21 arrivals into one second.
const spare = 0.02

// NewPacer returns a Pacer for a rate of at least one request a second.
//
// Requests are spaced evenly (a burst of 1). Nobody knows how the service
// counts its second, so no second of any kind may hold more than perSecond: a
// bucket with a burst of 20 lets 40 requests into the second after a pause.
func NewPacer(perSecond int) *Pacer {
	return &Pacer{limit: rate.Limit(float64(max(1, perSecond)) * (1 - spare)), slots: map[rateKey]*slot{}}
}

func (p *Pacer) slot(key rateKey) *slot {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, ok := p.slots[key]
	if !ok {
		s = &slot{next: semaphore.NewWeighted(1), bucket: rate.NewLimiter(p.limit, 1)}
		p.slots[key] = s
	}
	return s
}

// wait returns when the next request of a key may go out, or with the
// context's error. The caller must then send at once.
func (p *Pacer) wait(ctx context.Context, key rateKey) error {
	s := p.slot(key)
	if err := s.next.Acquire(ctx, 1); err != nil {
		return err
	}
	defer s.next.Release(1)
	if err := ctx.Err(); err != nil {
		return err
	}
	// The token is taken when this goroutine is awake, not reserved before:
	// where a wake-up comes late, the next one must not come early for it.
	for !s.bucket.Allow() {
		lacking := 1 - s.bucket.Tokens()
		d := time.Duration(lacking / float64(p.limit) * float64(time.Second))
		if err := sleep(ctx, max(d, time.Microsecond)); err != nil {
			return err
		}
	}
	return nil
}

// sleep waits for d, or until the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
