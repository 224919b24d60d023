package storm

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"snapferry/internal/sim"
)

// A wire carries the requests of one invocation to the simulator. Requests
// take time on their way and back, each its own, so that what overlaps does
// so in the same order each time a seed is played.
type wire struct {
	p   *play
	inv *invocation
}

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
	there, back, ok := x.p.send(x.inv, at, body)
	if !ok {
		return nil, errDead
	}
	if err := rest(r.Context(), there); err != nil {
		return nil, err
	}
	resp, err := x.p.cloud.Transport().RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if err := rest(r.Context(), back); err != nil {
		return nil, err // nobody listens any more
	}
	x.p.heed(x.inv, at, body, resp)
	return resp, nil
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

// send notes that a request leaves the function, and says how long it takes.
// False: there is no function any more to send it.
func (p *play) send(inv *invocation, at route, body []byte) (there, back time.Duration, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if inv.dead {
		return 0, 0, false
	}
	now := time.Now()
	switch {
	case !now.Before(inv.deadline):
		p.violateLocked("invocation %s sends %s at its deadline or later", inv.key, at.action)
	case inv.over:
		p.violateLocked("invocation %s sends %s after its reply", inv.key, at.action)
	}
	p.checkRoom(inv, at, body)
	inv.f.pace(at).sent(p, inv, at, now)
	inv.sent++
	bits := p.bits(inv, at, body, 1)
	// The same for all requests of an invocation but for a grain: what leaves
	// evenly paced arrives so.
	there = between(mix(inv.number, 3), 4*time.Millisecond, 24*time.Millisecond) + time.Duration(bits%50_000) + inv.slow/2
	return there, between(mix(bits), 15*time.Millisecond, 300*time.Millisecond) + inv.slow/2, true
}

// bits is the chance of one request: of what it asks, and how often that was
// asked before.
func (p *play) bits(inv *invocation, at route, body []byte, purpose uint64) uint64 {
	what := mix(p.w.seed, purpose, inv.number, hash(at.action), hash(at.region), hash(body))
	p.times[what]++
	return mix(what, uint64(p.times[what]))
}

// A pace is when requests of one route left an instance, as a ring.
type pace struct {
	times []time.Time
	next  int
}

func (f *function) pace(at route) *pace {
	if f.paces[at] == nil {
		f.paces[at] = &pace{}
	}
	return f.paces[at]
}

// sent notes a request and demands that API_RATE holds in any second.
func (c *pace) sent(p *play, inv *invocation, at route, now time.Time) {
	if len(c.times) < p.w.rate {
		c.times = append(c.times, now)
		return
	}
	if now.Sub(c.times[c.next]) < time.Second {
		p.violateLocked("invocation %s: more than %d requests in a second for %s in %s", inv.key, p.w.rate, at.action, at.region)
	}
	c.times[c.next] = now
	c.next = (c.next + 1) % p.w.rate
}

func secret(key string) string { return "secret-of-" + key }

func token(key string) string { return "token-of-" + key }

// newKey makes an invocation's temporary key.
func (p *play) newKey(name string, life time.Duration) sim.Key {
	k := sim.Key{ID: name, Secret: secret(name), Token: token(name)}
	if life > 0 {
		k.Expires = time.Now().Add(p.w.skew + life)
	}
	return k
}
