package sim

import (
	"hash/fnv"
	"slices"
	"time"
)

// A limiter counts requests for each API, region and account. UNK: whether the
// service counts sliding or calendar seconds, and whether refused requests count.
type limiter struct {
	rate    int
	quirks  *Quirks
	counted map[limitKey][]time.Time // the latest, at most rate of each
	refused int
}

type limitKey struct{ service, action, region, account string }

func (l *limiter) allow(k limitKey, now time.Time) bool {
	if l.rate < 0 {
		return true
	}
	times := slices.DeleteFunc(l.counted[k], func(t time.Time) bool {
		return l.quirks.BucketRate && t.Unix() != now.Unix() || !l.quirks.BucketRate && now.Sub(t) >= time.Second
	})
	fits := len(times) < l.rate
	if !fits {
		l.refused++
	}
	if fits || l.quirks.RefusedCount {
		times = append(times, now)
	}
	l.counted[k] = times[max(0, len(times)-l.rate):]
	return fits
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
