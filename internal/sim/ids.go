package sim

import "fmt"

// ids hands out identifiers that look random, never repeat, and come in the same
// order for the same seed.
type ids struct {
	seed uint64
	next map[string]uint64
}

const (
	alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"
	idSpace  = 36 * 36 * 36 * 36 * 36 * 36 * 36 * 36 // eight letters or digits
	idStep   = 1_742_810_335_303                     // shares no factor with idSpace, so every id comes once
)

// make returns the next id of a kind, "snap" or "disk" for example.
func (g *ids) make(kind string) string {
	n := g.next[kind]
	g.next[kind] = n + 1
	start := g.seed
	for _, letter := range []byte(kind) { // a disk and a snapshot never share their letters by position
		start = mix(start ^ uint64(letter))
	}
	x := (start%idSpace + (n+1)*idStep%idSpace) % idSpace
	b := append(make([]byte, 0, len(kind)+9), kind...)
	b = append(b, "-00000000"...)
	for i := len(b) - 1; x > 0; i-- {
		b[i] = alphabet[x%36]
		x /= 36
	}
	return string(b)
}

// request returns the next request id, in the form of a UUID.
func (g *ids) request() string {
	n := g.next["request"]
	g.next["request"] = n + 1
	hi, lo := mix(g.seed^mix(n)), mix(g.seed+n+1)
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&(1<<48-1))
}

// mix spreads the bits of x (the finalizer of splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
