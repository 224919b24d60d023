package storm

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"snapferry/internal/sim"
)

// A nemesis is the other tools and people in the account. It notes what it
// changes, so that the function is not blamed for that.
type nemesis struct {
	w      *world
	cloud  *sim.Cloud
	ledger *ledger

	mu      sync.Mutex
	forgery map[place]bool
	tagged  map[place]bool    // disks
	marks   map[any]time.Time // when it last did something that bears on a place or on a series
}

// mark notes that something bears on places and series from now on.
func (n *nemesis) mark(what ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, x := range what {
		n.marks[x] = time.Now()
	}
}

// disturbed reports whether the nemesis did something about one of some places
// and series so short a time before, or at any time since, that a run at that
// time need not have observed it. This is the only excuse that it gives.
func (n *nemesis) disturbed(since time.Time, what ...any) bool {
	since = since.Add(-n.w.cloud.Quirks.DeleteLag - time.Minute)
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.ContainsFunc(what, func(x any) bool { return n.marks[x].After(since) })
}

// sourcesOf stands for the deleted sources of a disk.
type sourcesOf struct{ region, disk string }

// about names what bears on a series: its replicas, its disk, and the sources
// that were deleted there.
func about(s series) []any { return []any{s, place{s.from, s.disk}, sourcesOf{s.from, s.disk}} }

// A deed is what a nemesis does to a snapshot.
type deed struct {
	text string
	may  func(*truth, *sim.Snapshot) bool // nil: to any
	do   func(n *nemesis, t *truth, s *sim.Snapshot, dice uint64)
}

func isNormal(_ *truth, s *sim.Snapshot) bool { return s.State == "NORMAL" }

// toReplicas are the deeds that replicas suffer.
var toReplicas = []deed{
	{"rename replica", nil, func(n *nemesis, _ *truth, s *sim.Snapshot, _ uint64) {
		n.change(s, func(s *sim.Snapshot) { s.Name = "kept by hand" })
	}},
	{"delete replica", nil, func(n *nemesis, _ *truth, s *sim.Snapshot, _ uint64) {
		n.remove(s)
	}},
	{"delete half of the replicas beside", nil, func(n *nemesis, t *truth, s *sim.Snapshot, dice uint64) {
		for at, other := range t.here {
			if l := t.names.ours(other); l != nil && at.region == s.Region && (mix(dice, hash(at.id))&1 == 0 || other == s) {
				n.mark(at, l.series(at.region))
				n.remove(other)
			}
		}
	}},
	{"change the tags of replica", isNormal, func(n *nemesis, _ *truth, s *sim.Snapshot, _ uint64) {
		n.change(s, func(s *sim.Snapshot) {
			delete(s.Tags, "ferry:state")
			toggle(&s.Tags, "owner", "somebody")
		})
	}},
	{"lock, or make an image of, replica", isNormal, func(n *nemesis, _ *truth, s *sim.Snapshot, dice uint64) {
		n.change(s, func(s *sim.Snapshot) { s.Locked, s.Images = dice&1 == 0, int(dice>>1&1) })
	}},
	{"share replica", isNormal, func(n *nemesis, _ *truth, s *sim.Snapshot, dice uint64) {
		n.change(s, func(s *sim.Snapshot) { s.SharedWith = []string{[]string{friend, stranger}[dice&1]} })
	}},
	{"double replica", (*truth).complete, func(n *nemesis, _ *truth, s *sim.Snapshot, _ uint64) {
		n.cloud.AddSnapshot(sim.Snapshot{Region: s.Region, Name: s.Name, SizeGiB: s.SizeGiB, Encrypted: s.Encrypted, CopyFromRemote: true})
	}},
}

// toSources are those that sources suffer.
var toSources = []deed{
	{"delete source", func(_ *truth, s *sim.Snapshot) bool { return len(s.CopyingTo) == 0 }, func(n *nemesis, _ *truth, s *sim.Snapshot, _ uint64) {
		n.remove(s)
	}},
	{"rename source", nil, func(n *nemesis, _ *truth, s *sim.Snapshot, _ uint64) {
		n.change(s, func(s *sim.Snapshot) { s.Name = "renamed" })
	}},
	{"set or remove a tag on source", nil, func(n *nemesis, _ *truth, s *sim.Snapshot, dice uint64) {
		key, value := n.decisiveTag(dice)
		n.change(s, func(s *sim.Snapshot) { toggle(&s.Tags, key, value) })
	}},
	{"set or remove a tag on the disk of", nil, func(n *nemesis, _ *truth, s *sim.Snapshot, dice uint64) {
		key, value := n.decisiveTag(dice)
		n.cloud.ChangeDisk(s.Region, s.Disk, func(d *sim.Disk) { toggle(&d.Tags, key, value) })
	}},
	{"enlarge the disk of", nil, func(n *nemesis, _ *truth, s *sim.Snapshot, _ uint64) {
		n.cloud.ChangeDisk(s.Region, s.Disk, func(d *sim.Disk) { d.SizeGiB += 10 })
		if n.w.cloud.Quirks.SizeFollows {
			n.ledger.enlarge(place{s.Region, s.Disk})
		}
	}},
	{"delete the disk of", nil, func(n *nemesis, _ *truth, s *sim.Snapshot, _ uint64) { n.cloud.RemoveDisk(s.Region, s.Disk) }},
}

// act does one thing, and says what.
func (n *nemesis) act(t *truth, dice uint64) string {
	i := int(dice % uint64(len(toReplicas)+len(toSources)+3))
	switch i -= len(toReplicas); {
	case i < 0:
		var ours []*sim.Snapshot
		for _, reps := range t.series {
			ours = append(ours, reps...)
		}
		return n.commit(toReplicas[i+len(toReplicas)], ours, t, dice>>8)
	case i < len(toSources):
		return n.commit(toSources[i], t.sources, t, dice>>8)
	case i < len(toSources)+2:
		return n.forge(t, dice>>8)
	}
	s := n.w.lookalike(dice >> 8)
	s.Created = t.now.Add(-s.Created.Sub(time.Time{}))
	id := n.cloud.AddSnapshot(s)
	n.mark(place{s.Region, id})
	return fmt.Sprintf("others make %s in %s, called %q", id, s.Region, s.Name)
}

// commit does a deed to one of some snapshots.
func (n *nemesis) commit(d deed, among []*sim.Snapshot, t *truth, dice uint64) string {
	among = slices.DeleteFunc(slices.Clone(among), func(s *sim.Snapshot) bool { return s.State == "TORECYCLE" || d.may != nil && !d.may(t, s) })
	if len(among) == 0 {
		return "others find nothing to " + d.text
	}
	slices.SortFunc(among, func(a, b *sim.Snapshot) int { return cmp.Compare(a.Region+a.ID, b.Region+b.ID) })
	s := among[dice>>8%uint64(len(among))]
	n.mark(place{s.Region, s.ID})
	if l := t.names.ours(s); l != nil {
		n.mark(l.series(s.Region))
	} else {
		n.mark(place{s.Region, s.Disk}, sourcesOf{s.Region, s.Disk})
	}
	d.do(n, t, s, dice)
	return fmt.Sprintf("others %s %s in %s", d.text, s.ID, s.Region)
}

func (n *nemesis) change(s *sim.Snapshot, change func(*sim.Snapshot)) {
	n.cloud.ChangeSnapshot(s.Region, s.ID, change)
}

func (n *nemesis) remove(s *sim.Snapshot) { n.cloud.RemoveSnapshot(s.Region, s.ID) }

func (n *nemesis) forged(at place) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.forgery[at]
}

// forge is somebody whose key may create and copy, but not delete, rename or tag.
// They copy an empty disk under names that say another disk, some now, some next
// year, and some a real source.
func (n *nemesis) forge(t *truth, dice uint64) string {
	disk := &n.w.disks[dice%uint64(len(n.w.disks))]
	to := n.w.targets[dice>>8%uint64(len(n.w.targets))]
	times := []time.Duration{-time.Minute, -time.Hour, -50 * time.Hour, 2 * time.Hour, 365 * 24 * time.Hour}
	number := 1 + mix(dice)%7
	for i := range number {
		bits := mix(dice, i)
		l := label{id("snap", bits), disk.ID, disk.Region, t.now.Add(times[bits%uint64(len(times))])}
		if len(t.sources) > 0 && bits>>8%3 == 0 {
			src := t.sources[bits>>16%uint64(len(t.sources))]
			if l.source, l.from = src.ID, src.Region; bits>>32&1 == 0 {
				l.disk, l.created = src.Disk, src.Created
			}
		}
		if l.from == to {
			continue
		}
		at := place{to, n.cloud.AddSnapshot(sim.Snapshot{Region: to, Name: l.name(), SizeGiB: 1, CopyFromRemote: true})}
		n.mark(at, l.series(to))
		n.mu.Lock()
		n.forgery[at] = true
		n.mu.Unlock()
	}
	return fmt.Sprintf("others make %d copies of an empty disk in %s, called as if of %s", number, to, disk.ID)
}

// decisiveTag draws a tag that decides about copies.
func (n *nemesis) decisiveTag(dice uint64) (key, value string) {
	tags := [][2]string{{"ferry:skip", "1"}, {"env", "prod"}, {"ferry:targets", n.w.targets[0]}}
	tag := tags[dice%uint64(len(tags))]
	return tag[0], tag[1]
}

func toggle(tags *map[string]string, key, value string) {
	if *tags == nil {
		*tags = map[string]string{}
	}
	if _, there := (*tags)[key]; there {
		delete(*tags, key)
		return
	}
	(*tags)[key] = value
}

// shareAll shares every replica that has arrived, as verification will.
func (n *nemesis) shareAll(t *truth) {
	for _, reps := range t.series {
		for _, rep := range reps {
			if isNormal(t, rep) {
				n.change(rep, func(s *sim.Snapshot) { s.SharedWith = []string{friend} })
			}
		}
	}
}

// expire deletes a disk's oldest sources, as an automatic policy does.
func (n *nemesis) expire(region, disk string) {
	if n.w.policy == 0 || disk == "" {
		return
	}
	all := slices.DeleteFunc(n.cloud.Snapshots(region), func(s sim.Snapshot) bool { return s.Disk != disk || s.State == "TORECYCLE" })
	for _, s := range all[:max(0, len(all)-n.w.policy)] {
		if len(s.CopyingTo) == 0 && s.State != "CREATING" { // else the service refuses
			n.mark(place{region, s.ID}, sourcesOf{region, disk})
			n.remove(&s)
		}
	}
}
