package tencent

import (
	"context"
	"sync"
	"time"

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
	mu    sync.Mutex // guards lanes
	lanes map[lane]*gate
}

// A lane is what the service counts together (all CBS APIs: 20 a second for
// each API, region and account; a process has one account).
type lane struct{ service, action, region string }

// A gate lets one request through at a time.
type gate struct {
	turn   chan struct{} // holds one token; whoever has it is next
	bucket *rate.Limiter
}

// spare is how much slower than allowed requests go out. At 20 a second it is
// 20 ms a second, for a request that takes longer on its way than the 20
// after it.
const spare = 0.02

// NewPacer returns a Pacer for a rate of at least one request a second.
//
// Requests are spaced evenly (a burst of 1). Nobody knows how the service
// counts its second, so no second of any kind may hold more than perSecond: a
// bucket with a burst of 20 lets 40 requests into the second after a pause.
func NewPacer(perSecond int) *Pacer {
	return &Pacer{limit: rate.Limit(float64(max(1, perSecond)) * (1 - spare)), lanes: map[lane]*gate{}}
}

func (p *Pacer) gate(l lane) *gate {
	p.mu.Lock()
	defer p.mu.Unlock()
	g, ok := p.lanes[l]
	if !ok {
		g = &gate{turn: make(chan struct{}, 1), bucket: rate.NewLimiter(p.limit, 1)}
		g.turn <- struct{}{}
		p.lanes[l] = g
	}
	return g
}

// wait returns when the next request of a lane may go out, or with the
// context's error. The caller must then send at once.
func (p *Pacer) wait(ctx context.Context, l lane) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	g := p.gate(l)
	select {
	case <-g.turn:
		defer func() { g.turn <- struct{}{} }()
	case <-ctx.Done():
		return ctx.Err()
	}
	// The token is taken when this goroutine is awake, not reserved before:
	// where a wake-up comes late, the next one must not come early for it.
	for !g.bucket.Allow() {
		lacking := 1 - g.bucket.Tokens()
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
