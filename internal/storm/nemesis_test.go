package storm

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"snapferry/internal/sim"
)

// A nemesis is the other tools and people in the account. It notes what it
// changes, so that the function is not blamed for that.
type nemesis struct {
	w     *world
	cloud *sim.Cloud
	guard *guard

	mu      sync.Mutex
	noted   map[any]time.Time   // when it last did something that bears on a place or on a series
	removed map[place]time.Time // when it deleted a replica, or renamed it
}

// note notes that something bears on places and series from now on.
func (n *nemesis) note(what ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, x := range what {
		n.noted[x] = time.Now()
	}
}

// disturbed reports whether the nemesis did something about one of some places
// and series so short a time before, or at any time since, that a run at that
// time need not have observed it. This is the only excuse that it gives.
func (n *nemesis) disturbed(since time.Time, what ...any) bool {
	since = since.Add(-n.w.cloud.Quirks.DeleteLag - time.Minute)
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.ContainsFunc(what, func(x any) bool { return n.noted[x].After(since) })
}

// about names what bears on a series: its replicas, its disk, and the sources
// that were deleted there.
func about(s series) []any { return []any{s, place{s.from, s.disk}, sourcesOf{s.from, s.disk}} }

// sourcesOf stands for the deleted sources of a disk.
type sourcesOf struct{ region, disk string }

// gone reports whether the nemesis had taken a replica away at some time.
func (n *nemesis) gone(at place, when time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	t, ok := n.removed[at]
	return ok && !t.After(when)
}

// act does one thing.
func (n *nemesis) act(t *truth, dice uint64) string {
	all := []func(*truth, uint64) string{
		n.renameReplica, n.removeReplica, n.removeSource, n.tagSource, n.tagDisk, n.tagReplica, n.holdReplica, n.shareReplica,
		n.addForeign, n.plantDouble, n.removeDisk, n.renameSource,
	}
	return all[dice%uint64(len(all))](t, dice/uint64(len(all)))
}

// pick picks a replica of ours and notes that the nemesis is at it.
func (n *nemesis) pick(t *truth, dice uint64, only func(*sim.Snapshot) bool) (rep *sim.Snapshot, at place) {
	var all []*sim.Snapshot
	for _, reps := range t.series {
		for _, r := range reps {
			if only(r) {
				all = append(all, r)
			}
		}
	}
	if len(all) == 0 {
		return nil, place{}
	}
	slices.SortFunc(all, func(a, b *sim.Snapshot) int { return strings.Compare(a.Region+a.ID, b.Region+b.ID) })
	rep = all[dice%uint64(len(all))]
	at = place{rep.Region, rep.ID}
	n.note(t.names.ours(rep).series(rep.Region), at)
	return rep, at
}

func (n *nemesis) pickSource(t *truth, dice uint64) *sim.Snapshot {
	if len(t.sources) == 0 {
		return nil
	}
	s := t.sources[dice%uint64(len(t.sources))]
	n.note(place{s.Region, s.ID}, place{s.Region, s.Disk})
	return s
}

func (n *nemesis) change(at place, change func(*sim.Snapshot)) {
	n.guard.forget(at)
	n.cloud.ChangeSnapshot(at.region, at.id, change)
}

func (n *nemesis) remove(at place) {
	n.guard.forget(at)
	n.cloud.RemoveSnapshot(at.region, at.id)
}

// take notes that a replica is no longer ours, or no longer there.
func (n *nemesis) take(at place) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.removed[at] = time.Now()
}

func anyOne(*sim.Snapshot) bool { return true }

func isNormal(s *sim.Snapshot) bool { return s.State == "NORMAL" }

const nothing = "nothing is there to do it to"

func (n *nemesis) renameReplica(t *truth, dice uint64) string {
	rep, at := n.pick(t, dice, anyOne)
	if rep == nil {
		return nothing
	}
	n.take(at)
	n.change(at, func(s *sim.Snapshot) { s.Name = "kept by hand" })
	return fmt.Sprintf("others rename replica %s in %s", at.id, at.region)
}

func (n *nemesis) removeReplica(t *truth, dice uint64) string {
	rep, at := n.pick(t, dice, anyOne)
	if rep == nil {
		return nothing
	}
	n.take(at)
	n.remove(at)
	return fmt.Sprintf("others delete replica %s in %s", at.id, at.region)
}

func (n *nemesis) removeSource(t *truth, dice uint64) string {
	s := n.pickSource(t, dice)
	if s == nil || len(s.CopyingTo) > 0 { // the service refuses while a copy is in progress
		return nothing
	}
	n.note(sourcesOf{s.Region, s.Disk})
	n.remove(place{s.Region, s.ID})
	return fmt.Sprintf("others delete source %s in %s", s.ID, s.Region)
}

func (n *nemesis) renameSource(t *truth, dice uint64) string {
	s := n.pickSource(t, dice)
	if s == nil {
		return nothing
	}
	n.change(place{s.Region, s.ID}, func(s *sim.Snapshot) { s.Name = "renamed" })
	return fmt.Sprintf("others rename source %s in %s", s.ID, s.Region)
}

// tagSource sets or removes a tag that decides about copies.
func (n *nemesis) tagSource(t *truth, dice uint64) string {
	s := n.pickSource(t, dice)
	if s == nil {
		return nothing
	}
	key, value := n.decisiveTag(dice >> 32)
	n.change(place{s.Region, s.ID}, func(s *sim.Snapshot) { toggle(&s.Tags, key, value) })
	return fmt.Sprintf("others set or remove %s on source %s in %s", key, s.ID, s.Region)
}

func (n *nemesis) decisiveTag(dice uint64) (key, value string) {
	switch dice % 3 {
	case 0:
		return "ferry:skip", "1"
	case 1:
		return "env", "prod"
	}
	return "ferry:targets", n.w.targets[0]
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

func (n *nemesis) tagDisk(_ *truth, dice uint64) string {
	d := &n.w.disks[dice%uint64(len(n.w.disks))]
	n.note(place{d.Region, d.ID})
	key, value := n.decisiveTag(dice >> 32)
	n.cloud.ChangeDisk(d.Region, d.ID, func(d *sim.Disk) { toggle(&d.Tags, key, value) })
	return fmt.Sprintf("others set or remove %s on disk %s in %s", key, d.ID, d.Region)
}

func (n *nemesis) removeDisk(_ *truth, dice uint64) string {
	d := &n.w.disks[dice%uint64(len(n.w.disks))]
	n.note(place{d.Region, d.ID})
	n.cloud.RemoveDisk(d.Region, d.ID)
	return fmt.Sprintf("others delete disk %s in %s; its snapshots stay", d.ID, d.Region)
}

func (n *nemesis) tagReplica(t *truth, dice uint64) string {
	rep, at := n.pick(t, dice, isNormal)
	if rep == nil {
		return nothing
	}
	n.change(at, func(s *sim.Snapshot) {
		delete(s.Tags, "ferry:state")
		toggle(&s.Tags, "owner", "somebody")
	})
	return fmt.Sprintf("others change the tags of replica %s in %s", at.id, at.region)
}

func (n *nemesis) holdReplica(t *truth, dice uint64) string {
	rep, at := n.pick(t, dice, isNormal)
	if rep == nil {
		return nothing
	}
	n.change(at, func(s *sim.Snapshot) { s.Locked, s.Images = dice>>32&1 == 0, int(dice>>33&1) })
	return fmt.Sprintf("others lock replica %s in %s, or make an image of it", at.id, at.region)
}

func (n *nemesis) shareReplica(t *truth, dice uint64) string {
	rep, at := n.pick(t, dice, isNormal)
	if rep == nil {
		return nothing
	}
	with := []string{friend, stranger}[dice>>32&1]
	n.change(at, func(s *sim.Snapshot) { s.SharedWith = []string{with} })
	return fmt.Sprintf("others share replica %s in %s", at.id, at.region)
}

// shareAll shares every replica that has arrived, as verification will.
func (n *nemesis) shareAll(t *truth) {
	for _, reps := range t.series {
		for _, rep := range reps {
			if isNormal(rep) {
				n.change(place{rep.Region, rep.ID}, func(s *sim.Snapshot) { s.SharedWith = []string{friend} })
			}
		}
	}
}

func (n *nemesis) addForeign(_ *truth, dice uint64) string {
	s := n.w.lookalike(dice)
	id := n.cloud.AddSnapshot(s)
	return fmt.Sprintf("others make %s in %s, called %q", id, s.Region, s.Name)
}

// plantDouble makes a second replica of a source that has a complete one.
func (n *nemesis) plantDouble(t *truth, dice uint64) string {
	rep, at := n.pick(t, dice, t.complete)
	if rep == nil {
		return nothing
	}
	id := n.cloud.AddSnapshot(sim.Snapshot{
		Region: at.region, Name: rep.Name, SizeGiB: rep.SizeGiB, Encrypted: rep.Encrypted, CopyFromRemote: true,
	})
	return fmt.Sprintf("others double replica %s in %s as %s", at.id, at.region, id)
}

// expire deletes a disk's oldest sources, as an automatic policy does.
func (n *nemesis) expire(region, disk string) {
	if n.w.policy == 0 || disk == "" {
		return
	}
	all := slices.DeleteFunc(n.cloud.Snapshots(region), func(s sim.Snapshot) bool { return s.Disk != disk })
	for _, s := range all[:max(0, len(all)-n.w.policy)] {
		if len(s.CopyingTo) > 0 || s.State == "CREATING" {
			continue // the service refuses
		}
		n.note(place{region, s.ID}, sourcesOf{region, disk})
		n.remove(place{region, s.ID})
	}
}
