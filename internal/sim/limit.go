package sim

import (
	"hash/fnv"
	"time"
)

// A limiter counts requests for each API, region and account. UNK: whether the
// service counts sliding or calendar seconds, and whether refused requests count.
type limiter struct {
	rate    int
	bucket  bool
	refusal bool // counts too
	seen    map[limitKey]*window
	refused int
}

type limitKey struct{ service, action, region, account string }

// A window holds when the latest accepted requests came, as a ring.
type window struct {
	times  []time.Time
	next   int
	second int64 // of bucket counting
	count  int
}

func (l *limiter) allow(k limitKey, now time.Time) bool {
	if l.rate < 0 {
		return true
	}
	w, ok := l.seen[k]
	if !ok {
		w = &window{}
		l.seen[k] = w
	}
	fits := w.slides(l.rate, now)
	if l.bucket {
		fits = w.counts(l.rate, now)
	}
	if !fits {
		l.refused++
	}
	if fits || l.refusal {
		w.take(l.rate, now)
	}
	return fits
}

// slides tells whether a request fits into the second that ends now.
func (w *window) slides(rate int, now time.Time) bool {
	return len(w.times) < rate || now.Sub(w.times[w.next]) >= time.Second
}

// counts tells whether a request fits into the calendar second.
func (w *window) counts(rate int, now time.Time) bool {
	if s := now.Unix(); s != w.second {
		w.second, w.count = s, 0
	}
	return w.count < rate
}

// take notes a request that counts.
func (w *window) take(rate int, now time.Time) {
	w.count++
	if len(w.times) < rate {
		w.times = append(w.times, now)
		return
	}
	w.times[w.next] = now
	w.next = (w.next + 1) % rate
}

// A poll counts identical questions within a second.
type poll struct {
	since time.Time
	count int
}

// tightLoop is how many identical questions in a second are no longer sensible.
const tightLoop = 50

// polled complains of a client that asks the same again and again without pause.
func (c *Cloud) polled(q *query) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(q.region.name))
	_, _ = h.Write([]byte{0})
	_, _ = h.Write(q.body)
	if len(c.polls) > 10000 {
		clear(c.polls) // only the latest second matters
	}
	p, ok := c.polls[h.Sum64()]
	if !ok || q.now.Sub(p.since) >= time.Second {
		c.polls[h.Sum64()] = &poll{since: q.now, count: 1}
		return
	}
	if p.count++; p.count == tightLoop+1 {
		c.complain("tight-loop", "%s was asked the same more than %d times within a second in %s: %s", q.action, tightLoop, q.region.name, q.body)
	}
}
