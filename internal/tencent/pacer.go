package tencent

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

// A Pacer limits the rate of requests for each API (service and action) and region.
// All invocations of a process share it. It is safe for concurrent use.
//
// It does not know other processes that use the same account. If the service
// refuses requests because of them, Cloud repeats the requests.
type Pacer struct {
	limit rate.Limit
	mu    sync.Mutex // guards slots
	slots map[rateKey]*slot
}

// A rateKey is what the service counts together: for all CBS APIs, 20 requests a
// second for each API, region and account. A process has one account.
type rateKey struct{ service, action, region string }

// A slot releases the requests of a rateKey one at a time.
type slot struct {
	next   *semaphore.Weighted // its holder sends the next request
	bucket *rate.Limiter
}

// spare keeps the rate 2 % below the limit. So the service never counts 21 arrivals
// in one second, even if the network delays a request by 20 ms.
const spare = 0.02

// NewPacer returns a Pacer for a rate of at least one request a second.
//
// Requests are spaced evenly (a burst of 1). It is unknown when the service's
// seconds begin, so no second may hold more than perSecond requests. With a burst
// of 20, the second after a pause could hold 40.
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

// wait waits until the next request of a key may be sent; then the caller must send
// it at once. Or it returns the context's error.
func (p *Pacer) wait(ctx context.Context, key rateKey) error {
	s := p.slot(key)
	if err := s.next.Acquire(ctx, 1); err != nil {
		return err
	}
	defer s.next.Release(1)
	if err := ctx.Err(); err != nil {
		return err
	}
	// The token is taken after the sleep, not reserved before it. If a goroutine
	// wakes late, the next request must not be sent too early.
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
