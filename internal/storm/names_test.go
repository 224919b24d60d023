package storm

import (
	"regexp"
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

var (
	nameForm   = regexp.MustCompile(`^ferry_([0-9A-Za-z]+)_([0-9A-Za-z]+)_([^_]+)_([0-9]{8}T[0-9]{6}Z)$`)
	regionForm = regexp.MustCompile(`^[a-z]{2}-[a-z]{3,}[0-9]?(-[a-z]{2,})?$`)
)

// readName takes a name apart. It returns nil for a name of another form.
func readName(name string) *label {
	p := nameForm.FindStringSubmatch(name)
	if p == nil || len(name) > 60 || !regionForm.MatchString(p[3]) {
		return nil
	}
	at, err := time.Parse(labelTime, p[4])
	if err != nil {
		return nil
	}
	l := &label{source: "snap-" + p[1], from: p[3], created: at}
	if p[2] != "none" {
		l.disk = "disk-" + p[2]
	}
	return l
}

// names remembers what names say: the same few are read over and over.
type names struct{ known sync.Map }

func (n *names) read(name string) *label {
	if l, ok := n.known.Load(name); ok {
		return l.(*label)
	}
	l := readName(name)
	n.known.Store(name, l)
	return l
}

// ours reads the label of a replica that the function may call its own. It
// returns nil for everything else.
func (n *names) ours(s *sim.Snapshot) *label {
	if !n.named(s) || !copied(s) {
		return nil
	}
	return n.read(s.Name)
}

// named reports whether a snapshot has the name of a replica, where one can be.
func (n *names) named(s *sim.Snapshot) bool {
	l := n.read(s.Name)
	return l != nil && l.from != s.Region && s.State != "TORECYCLE"
}

// odd reports whether a snapshot was made by copying and its name only begins as a
// replica's does.
func (n *names) odd(s *sim.Snapshot) bool {
	const begin = "ferry_"
	return copied(s) && s.State != "TORECYCLE" && len(s.Name) > len(begin) && strings.EqualFold(s.Name[:len(begin)], begin) && n.read(s.Name) == nil
}

// copied reports whether a snapshot was made by copying, in this account.
func copied(s *sim.Snapshot) bool {
	return s.Type != "SHARED_SNAPSHOT" && (s.CopyFromRemote || arriving(s))
}

func arriving(s *sim.Snapshot) bool {
	return s.State == "COPYING_FROM_REMOTE" || s.State == "CHECKING_COPIED"
}

func (l label) series(to string) series { return series{l.from, l.disk, to} }
func (l label) pair(to string) pair     { return pair{l.source, l.from, to} }
