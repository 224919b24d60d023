package storm

import (
	"maps"
	"slices"
	"strings"
	"time"

	"snapferry/internal/sim"
)

// A place is where a thing is: ids are unique in a region only.
type place struct{ region, id string }

// standing is how far a pair has come.
type standing int

const (
	absent standing = iota
	arriving
	spoilt // replicas are there, and none is complete or arriving
	complete
)

// A truth is what the account held at one moment.
type truth struct {
	at       time.Time
	book     *book
	here     map[place]*sim.Snapshot
	disks    map[place]map[string]string // tags
	replicas map[pair][]*sim.Snapshot    // ours
	lanes    map[lane][]*sim.Snapshot    // ours
	sources  []*sim.Snapshot             // originals in the protected regions
}

// look takes down the truth. The play's lock must not be held.
func (p *play) look() *truth {
	all := p.cloud.Snapshots("")
	t := &truth{
		at: time.Now(), book: &p.book, here: make(map[place]*sim.Snapshot, len(all)), disks: map[place]map[string]string{},
		replicas: map[pair][]*sim.Snapshot{}, lanes: map[lane][]*sim.Snapshot{},
	}
	for i := range all {
		s := &all[i]
		t.here[place{s.Region, s.ID}] = s
		if l := t.book.ours(s); l != nil {
			t.replicas[l.pair(s.Region)] = append(t.replicas[l.pair(s.Region)], s)
			t.lanes[l.lane(s.Region)] = append(t.lanes[l.lane(s.Region)], s)
		} else if !s.CopyFromRemote && s.State != "COPYING_FROM_REMOTE" && s.State != "CHECKING_COPIED" && slices.Contains(p.w.sources, s.Region) {
			t.sources = append(t.sources, s)
		}
	}
	for _, disk := range p.cloud.Disks("") {
		t.disks[place{disk.Region, disk.ID}] = disk.Tags
	}
	return t
}

// complete reports whether a replica is (outside contract, section 2).
func (t *truth) complete(rep *sim.Snapshot) bool {
	if rep.State != "NORMAL" || rep.Percent != 100 {
		return false
	}
	l := t.book.ours(rep)
	if l == nil {
		return false
	}
	src := t.here[place{l.from, l.source}]
	return src == nil || src.SizeGiB == rep.SizeGiB && src.Encrypted == rep.Encrypted
}

// standing tells how far a pair has come.
func (t *truth) standing(at pair) standing {
	s := absent
	for _, rep := range t.replicas[at] {
		switch {
		case t.complete(rep):
			return complete
		case rep.State == "COPYING_FROM_REMOTE" || rep.State == "CHECKING_COPIED":
			s = arriving
		case s == absent:
			s = spoilt
		}
	}
	return s
}

// tags are those of a snapshot and its disk together; the snapshot's win.
func (t *truth) tags(s *sim.Snapshot) map[string]string {
	all := maps.Clone(t.disks[place{s.Region, s.Disk}])
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, s.Tags)
	return all
}

// wants are the regions that a source is to be copied to, whatever its age,
// with these tags of it and its disk; none where the contract says so.
// What is wished for by its id need not be selected.
func (w *world) wants(s *sim.Snapshot, tags map[string]string, wished bool) []string {
	_, skip := tags["ferry:skip"]
	if skip || s.Encrypted || s.Type == "SHARED_SNAPSHOT" || s.State == "TORECYCLE" || !wished && !w.selects(s.Disk, tags) {
		return nil
	}
	want := w.targets
	if v, ok := tags["ferry:targets"]; ok {
		want = strings.Split(v, "+")
	}
	var to []string
	for _, region := range want {
		region = strings.TrimSpace(region)
		finance := strings.HasSuffix(region, "-fsi") == strings.HasSuffix(s.Region, "-fsi")
		if regionForm(region) && region != s.Region && finance && !slices.Contains(to, region) {
			to = append(to, region)
		}
	}
	return to
}

// selects reports whether SELECT_DISKS and SELECT_TAGS let a snapshot through.
func (w *world) selects(disk string, tags map[string]string) bool {
	if len(w.only) > 0 && !slices.Contains(w.only, disk) {
		return false
	}
	if w.selected == "" {
		return true
	}
	key, value, _ := strings.Cut(w.selected, "=")
	got, ok := tags[key]
	return ok && (value == "*" || got == value)
}
