package storm

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// A wire carries the requests of one invocation to the simulator. Requests
// take time on their way and back, each its own, so that what overlaps mostly
// does so in the same order each time a seed is played.
type wire struct {
	d   *director
	inv *invocation
}

// A route is what the service counts together.
type route struct{ action, region string }

var errDead = errors.New("the instance is dead")

// RoundTrip implements http.RoundTripper.
func (x wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_ = r.Body.Close() // it has been read
	r.Body = io.NopCloser(bytes.NewReader(body))
	at := route{r.Header.Get("X-TC-Action"), r.Header.Get("X-TC-Region")}
	if !x.leave(at) {
		return nil, errDead
	}
	bits := x.d.dice.throw(1, x.inv.number, hash(at.action), hash(at.region), hash(body))
	// The same for all requests of an invocation but for a grain: what leaves
	// evenly paced arrives so.
	there := between(mix(x.inv.number, 3), 4*time.Millisecond, 24*time.Millisecond) + time.Duration(bits%50_000)
	if err := rest(r.Context(), there+x.inv.slow/2); err != nil {
		return nil, err
	}
	resp, err := x.d.cloud.Transport().RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if err := rest(r.Context(), between(mix(bits), 15*time.Millisecond, 300*time.Millisecond)+x.inv.slow/2); err != nil {
		return nil, err // nobody listens any more
	}
	return resp, nil
}

// leave notes that a request leaves the function. It returns false if there is
// no function any more to send it.
func (x wire) leave(at route) bool {
	x.inv.mu.Lock()
	defer x.inv.mu.Unlock()
	if x.inv.dead {
		return false
	}
	x.inv.sent++
	now := time.Now()
	switch {
	case !now.Before(x.inv.deadline):
		x.d.violate("%s sends %s at its deadline or later", x.inv.key, at.action)
	case x.inv.over:
		x.d.violate("%s sends %s after its reply", x.inv.key, at.action)
	}
	if !x.inv.f.pace.sent(at, now) {
		x.d.violate("%s: more than %d requests in a second for %s in %s", x.inv.key, x.inv.set.rate, at.action, at.region)
	}
	return true
}

// rest waits for d, or until the context ends.
func rest(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A pace is when the last requests of each route left an instance.
type pace struct {
	rate int
	mu   sync.Mutex
	last map[route][]time.Time // the latest, as many as the rate
}

func newPace(rate int) *pace { return &pace{rate: rate, last: map[route][]time.Time{}} }

// sent notes a request, and reports whether API_RATE holds in the second before it.
func (p *pace) sent(at route, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last[at] = append(p.last[at], now)
	last := p.last[at]
	if len(last) <= p.rate {
		return true
	}
	p.last[at] = last[1:]
	return now.Sub(last[0]) >= time.Second
}
