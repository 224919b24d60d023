package storm

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"snapferry/internal/sim"
)

// meddle does what other tools and people do in an account. What it changes it
// notes, so that the function is not blamed for it.
func (p *play) meddle(s step) {
	t := p.look()
	all := []func(*truth, uint64) string{
		p.renameReplica, p.removeReplica, p.removeSource, p.tagSource, p.tagDisk, p.tagReplica, p.holdReplica, p.shareReplica,
		p.addForeign, p.plantDouble, p.removeDisk, p.renameSource,
	}
	what := all[s.dice%uint64(len(all))](t, s.dice/uint64(len(all)))
	p.note("  %s", what)
}

// pickReplica picks a replica of ours, and notes that others are at it.
func (p *play) pickReplica(t *truth, dice uint64, only func(*sim.Snapshot) bool) (rep *sim.Snapshot, at place) {
	var all []*sim.Snapshot
	for _, reps := range t.lanes {
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
	l := t.book.ours(rep)
	at = place{rep.Region, rep.ID}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.meddled[l.lane(rep.Region)] = time.Now()
	delete(p.known, at)
	return rep, at
}

func (p *play) pickSource(t *truth, dice uint64) *sim.Snapshot {
	if len(t.sources) == 0 {
		return nil
	}
	s := t.sources[dice%uint64(len(t.sources))]
	p.disturb(s.Region, s.ID, s.Disk)
	return s
}

// disturb notes that others change what decides about a source.
func (p *play) disturb(region, id, disk string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.changed[place{region, id}] = now
	delete(p.known, place{region, id})
	for _, to := range somewhere {
		p.meddled[lane{region, disk, to}] = now
	}
	for _, to := range []string{closed, like} {
		p.meddled[lane{region, disk, to}] = now
	}
}

// lose notes that a replica is no longer ours, or no longer there.
func (p *play) lose(at place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.touched[at] = time.Now()
}

// loseSource deletes a source, as others do.
func (p *play) loseSource(s *sim.Snapshot) {
	p.lose(place{s.Region, s.ID})
	p.mu.Lock()
	p.thinned[place{s.Region, s.Disk}] = time.Now()
	p.mu.Unlock()
	p.cloud.RemoveSnapshot(s.Region, s.ID)
}

func anyOne(*sim.Snapshot) bool { return true }

func isNormal(s *sim.Snapshot) bool { return s.State == "NORMAL" }

func (p *play) renameReplica(t *truth, dice uint64) string {
	rep, at := p.pickReplica(t, dice, anyOne)
	if rep == nil {
		return "nothing to rename"
	}
	p.lose(at)
	p.cloud.ChangeSnapshot(at.region, at.id, func(s *sim.Snapshot) { s.Name = "kept by hand" })
	return fmt.Sprintf("others rename replica %s in %s", at.id, at.region)
}

func (p *play) removeReplica(t *truth, dice uint64) string {
	rep, at := p.pickReplica(t, dice, anyOne)
	if rep == nil {
		return "nothing to delete"
	}
	p.lose(at)
	p.cloud.RemoveSnapshot(at.region, at.id)
	return fmt.Sprintf("others delete replica %s in %s", at.id, at.region)
}

func (p *play) removeSource(t *truth, dice uint64) string {
	s := p.pickSource(t, dice)
	if s == nil || len(s.CopyingTo) > 0 {
		return "nothing to delete: the service refuses while a copy is in progress"
	}
	p.loseSource(s)
	return fmt.Sprintf("others delete source %s in %s", s.ID, s.Region)
}

func (p *play) renameSource(t *truth, dice uint64) string {
	s := p.pickSource(t, dice)
	if s == nil {
		return "nothing to rename"
	}
	p.cloud.ChangeSnapshot(s.Region, s.ID, func(s *sim.Snapshot) { s.Name = "renamed" })
	return fmt.Sprintf("others rename source %s in %s", s.ID, s.Region)
}

// tagSource sets or removes a tag that decides about copies.
func (p *play) tagSource(t *truth, dice uint64) string {
	s := p.pickSource(t, dice)
	if s == nil {
		return "nothing to tag"
	}
	key, value := p.decisiveTag(dice >> 32)
	p.cloud.ChangeSnapshot(s.Region, s.ID, func(s *sim.Snapshot) { toggle(&s.Tags, key, value) })
	return fmt.Sprintf("others set or remove %s on source %s in %s", key, s.ID, s.Region)
}

func (p *play) decisiveTag(dice uint64) (key, value string) {
	switch dice % 3 {
	case 0:
		return "ferry:skip", "1"
	case 1:
		return "env", "prod"
	}
	return "ferry:targets", p.w.targets[0]
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

func (p *play) tagDisk(t *truth, dice uint64) string {
	d := &p.w.disks[dice%uint64(len(p.w.disks))]
	p.disturb(d.Region, d.ID, d.ID)
	key, value := p.decisiveTag(dice >> 32)
	p.cloud.ChangeDisk(d.Region, d.ID, func(d *sim.Disk) { toggle(&d.Tags, key, value) })
	p.disturbSources(t, d.Region, d.ID)
	return fmt.Sprintf("others set or remove %s on disk %s in %s", key, d.ID, d.Region)
}

func (p *play) removeDisk(t *truth, dice uint64) string {
	d := &p.w.disks[dice%uint64(len(p.w.disks))]
	p.disturb(d.Region, d.ID, d.ID)
	p.disturbSources(t, d.Region, d.ID)
	p.cloud.RemoveDisk(d.Region, d.ID)
	return fmt.Sprintf("others delete disk %s in %s; its snapshots stay", d.ID, d.Region)
}

func (p *play) disturbSources(t *truth, region, disk string) {
	for _, s := range t.sources {
		if s.Region == region && s.Disk == disk {
			p.disturb(region, s.ID, disk)
		}
	}
}

func (p *play) tagReplica(t *truth, dice uint64) string {
	rep, at := p.pickReplica(t, dice, isNormal)
	if rep == nil {
		return "nothing to tag"
	}
	p.cloud.ChangeSnapshot(at.region, at.id, func(s *sim.Snapshot) {
		delete(s.Tags, "ferry:state")
		toggle(&s.Tags, "owner", "somebody")
	})
	return fmt.Sprintf("others change the tags of replica %s in %s", at.id, at.region)
}

func (p *play) holdReplica(t *truth, dice uint64) string {
	rep, at := p.pickReplica(t, dice, isNormal)
	if rep == nil {
		return "nothing to hold"
	}
	p.cloud.ChangeSnapshot(at.region, at.id, func(s *sim.Snapshot) { s.Locked, s.Images = dice>>32&1 == 0, int(dice>>33&1) })
	return fmt.Sprintf("others lock replica %s in %s, or make an image of it", at.id, at.region)
}

func (p *play) shareReplica(t *truth, dice uint64) string {
	rep, at := p.pickReplica(t, dice, isNormal)
	if rep == nil {
		return "nothing to share"
	}
	with := []string{friend, stranger}[dice>>32&1]
	p.cloud.ChangeSnapshot(at.region, at.id, func(s *sim.Snapshot) { s.SharedWith = []string{with} })
	return fmt.Sprintf("others share replica %s in %s", at.id, at.region)
}

// shareAll shares every replica that has arrived, as verification will.
func (p *play) shareAll() {
	for _, reps := range p.look().lanes {
		for _, rep := range reps {
			if !isNormal(rep) {
				continue
			}
			p.mu.Lock()
			delete(p.known, place{rep.Region, rep.ID})
			p.mu.Unlock()
			p.cloud.ChangeSnapshot(rep.Region, rep.ID, func(s *sim.Snapshot) { s.SharedWith = []string{friend} })
		}
	}
}

func (p *play) addForeign(_ *truth, dice uint64) string {
	n := p.w.lookalike(dice)
	id := p.cloud.AddSnapshot(n)
	return fmt.Sprintf("others make %s in %s, called %q", id, n.Region, n.Name)
}

// plantDouble makes a second replica of a source that has a complete one.
func (p *play) plantDouble(t *truth, dice uint64) string {
	rep, at := p.pickReplica(t, dice, t.complete)
	if rep == nil {
		return "nothing to double"
	}
	id := p.cloud.AddSnapshot(sim.Snapshot{
		Region: at.region, Name: rep.Name, SizeGiB: rep.SizeGiB, Encrypted: rep.Encrypted, CopyFromRemote: true,
	})
	p.planted[place{at.region, id}] = true
	return fmt.Sprintf("others double replica %s in %s as %s", at.id, at.region, id)
}
