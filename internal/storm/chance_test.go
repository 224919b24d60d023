package storm

import (
	"math/rand/v2"
	"sync"
	"time"
)

// mix makes one number of several, so that each use of chance has its own: no
// draw moves because another one was added elsewhere (splitmix64's finalizer).
func mix(parts ...uint64) uint64 {
	var x uint64
	for _, p := range parts {
		x = (x ^ p) + 0x9e3779b97f4a7c15
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return x
}

// hash makes a number of text (FNV-1a).
func hash[T ~string | ~[]byte](s T) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// share is a number in [0,1) made of bits.
func share(bits uint64) float64 { return float64(bits>>11) / (1 << 53) }

// between is a time in [least, most) made of bits.
func between(bits uint64, least, most time.Duration) time.Duration {
	return least + time.Duration(share(bits)*float64(most-least))
}

// A draw is a source of chance for the making of a world.
type draw struct{ *rand.Rand }

// draws makes a source for one purpose of a seed.
func draws(seed, purpose uint64) draw { return draw{rand.New(rand.NewPCG(seed, purpose))} }

func (d draw) chance(p float64) bool { return d.Float64() < p }

// upTo is a number from least to most, both included.
func (d draw) upTo(least, most int) int { return least + d.IntN(most-least+1) }

func (d draw) between(least, most time.Duration) time.Duration {
	return between(d.Uint64(), least, most)
}

// oneOf picks an element.
func oneOf[T any](d draw, all ...T) T { return all[d.IntN(len(all))] }

// id is an identifier as the service makes them: a prefix and eight characters.
func id(prefix string, bits uint64) string {
	const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"
	b := []byte(prefix + "-00000000")
	for i := range 8 {
		b[len(b)-1-i] = alphabet[bits%36]
		bits /= 36
	}
	return string(b)
}

// dice are the chance of a storm while it is played. What they show depends on
// what they are thrown for and on how often that was done before. So a fault
// does not move to another request when a request is added elsewhere.
type dice struct {
	seed   uint64
	mu     sync.Mutex
	thrown map[uint64]uint64
}

func (d *dice) throw(parts ...uint64) uint64 {
	what := mix(d.seed, mix(parts...))
	d.mu.Lock()
	defer d.mu.Unlock()
	d.thrown[what]++
	return mix(what, d.thrown[what])
}
