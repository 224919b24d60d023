package storm

import (
	"strings"
	"sync"
	"time"

	"snapferry/internal/sim"
)

// A pair is what the function is for: a source, and a region it is copied to.
type pair struct{ source, from, to string }

// A series is all replicas of one disk in one region.
type series struct{ from, disk, to string }

// A label is what a replica's name says. It is read here a second time, so that
// a mistake of the product is not repeated.
type label struct {
	source, disk, from string // disk "" is unknown
	created            time.Time
}

const labelTime = "20060102T150405Z"

// name writes a label the way a replica has to be called.
func (l label) name() string {
	disk := strings.TrimPrefix(l.disk, "disk-")
	if disk == "" {
		disk = "none"
	}
	return "ferry_" + strings.TrimPrefix(l.source, "snap-") + "_" + disk + "_" + l.from + "_" + l.created.UTC().Format(labelTime)
}

// readName takes a name apart; false if it is nobody's or somebody else's.
func readName(name string) (label, bool) {
	parts := strings.Split(name, "_")
	if len(name) > 60 || len(parts) != 5 || parts[0] != "ferry" || !plainWord(parts[1]) || !plainWord(parts[2]) || !regionForm(parts[3]) {
		return label{}, false
	}
	at, err := time.Parse(labelTime, parts[4])
	if err != nil {
		return label{}, false
	}
	l := label{source: "snap-" + parts[1], from: parts[3], created: at}
	if parts[2] != "none" {
		l.disk = "disk-" + parts[2]
	}
	return l, true
}

func plainWord(s string) bool {
	return s != "" && strings.Trim(s, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// regionForm reports whether s could be a region: a continent and a place.
func regionForm(s string) bool {
	continent, place, ok := strings.Cut(s, "-")
	return ok && len(continent) == 2 && plainWord(continent) && len(place) > 2 && plainWord(strings.ReplaceAll(place, "-", ""))
}

// names remembers what names say: the same few are read over and over.
type names struct {
	mu    sync.Mutex
	known map[string]*label // nil: not of our form
}

func (n *names) read(name string) *label {
	if !strings.HasPrefix(name, "ferry_") {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	l, ok := n.known[name]
	if !ok {
		if read, ok := readName(name); ok {
			l = &read
		}
		if n.known == nil {
			n.known = map[string]*label{}
		}
		n.known[name] = l
	}
	return l
}

// ours reads the label of a replica that the function may call its own. It
// returns nil for everything else.
func (n *names) ours(s *sim.Snapshot) *label {
	l := n.read(s.Name)
	if l == nil || l.from == s.Region || !s.CopyFromRemote && !arriving(s) {
		return nil
	}
	return l
}

func arriving(s *sim.Snapshot) bool {
	return s.State == "COPYING_FROM_REMOTE" || s.State == "CHECKING_COPIED"
}

func (l label) series(to string) series { return series{l.from, l.disk, to} }
func (l label) pair(to string) pair     { return pair{l.source, l.from, to} }
