package storm

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"snapferry/internal/sim"
)

// A cover is how far a disk in care is protected in one of its target regions.
type cover struct {
	best    time.Time // the newest point of which a proven replica holds what its name says; zero: none
	told    time.Time // the same, as the tags tell where the source can't be read
	copying bool      // its first replica may be said to be under way in time
}

// covers tells for each disk in care and each of its target regions how far it is
// protected.
func (d *director) covers(p *deployment, t *truth) map[series]cover {
	all := map[series]cover{}
	for disk := range t.disks {
		for _, to := range p.inCare(t, disk) {
			s := series{disk.region, disk.id, to}
			all[s] = d.cover(p, t, s)
		}
	}
	return all
}

// inCare are the regions in which a disk has to be protected: those of its newest
// snapshot. They are unknown while that one is in the recycle bin, and if two are of the
// same second: the service shows no parts of it.
func (p *deployment) inCare(t *truth, disk place) (to []string) {
	tags := t.disks[disk]
	_, skip := tags["ferry:skip"]
	if skip || !slices.Contains(p.sources, disk.region) || len(p.only) > 0 && !slices.Contains(p.only, disk.id) {
		return nil
	}
	selected := p.selects(tags)
	newest, tie := &sim.Snapshot{Region: disk.region, Disk: disk.id}, false
	for _, s := range t.sources {
		if s.Region == disk.region && s.Disk == disk.id {
			selected = selected || p.selects(t.tags(s))
			switch s.Created.Truncate(time.Second).Compare(newest.Created.Truncate(time.Second)) {
			case 1:
				newest, tie = s, false
			case 0:
				tie = true
			}
		}
	}
	if !selected || tie || newest.State == "TORECYCLE" || newest.ID == "" && p.selected == "" && p.only == nil {
		return nil
	}
	want := p.targets
	if v, ok := t.tags(newest)["ferry:targets"]; ok {
		want = strings.Split(v, "+")
	}
	for _, region := range want {
		if regionForm.MatchString(region) && region != disk.region {
			to = append(to, region)
		}
	}
	return to
}

func (d *director) cover(p *deployment, t *truth, s series) (c cover) {
	for _, rep := range t.series[s] {
		l := t.names.ours(rep)
		if faithful := d.ledger.faithful(place{rep.Region, rep.ID}, l); faithful && t.proven(rep) && l.created.After(c.best) {
			c.best = l.created
		} else if faithful && marked(rep) && l.created.After(c.told) {
			c.told = l.created
		}
		c.copying = c.copying || arriving(rep) && time.Since(rep.Created.Add(-d.w.skew)) < p.timeout+tolerance
	}
	var ready, unready time.Duration // ages of the oldest ones
	for _, src := range t.sources {
		if src.Region != s.from || src.Disk != s.disk {
			continue
		}
		age := t.now.Sub(src.Created)
		c.copying = c.copying || slices.Contains(src.CopyingTo, s.to) && age < p.timeout+tolerance
		if src.State == "NORMAL" && src.Percent == 100 {
			ready = max(ready, age)
		} else {
			unready = max(unready, age)
		}
	}
	first := max(ready, unready) > 0 && ready < 30*time.Minute+tolerance && unready < p.timeout+tolerance
	c.copying = c.best.IsZero() && (c.copying || first)
	return c
}

// young reports whether a point is young enough to protect its disk, and surely.
func (p *deployment) young(t *truth, best time.Time) (may, must bool) {
	age := t.now.Sub(best)
	return !best.IsZero() && (p.rpo == 0 || age < p.rpo+tolerance), !best.IsZero() && (p.rpo == 0 || age < p.rpo-tolerance)
}

// unprotected are the disks and regions that are surely not protected while an
// invocation runs, and whether their first replica may be under way.
func (d *director) unprotected(inv *invocation, before, after *truth) map[series]bool {
	out := map[series]bool{}
	now := d.covers(inv.set, after)
	for s, was := range d.covers(inv.set, before) {
		is, still := now[s]
		before, _ := inv.set.young(before, was.best)
		after, _ := inv.set.young(after, is.best)
		if still && !before && !after && !d.nemesis.disturbed(inv.began, about(s)...) {
			out[s] = was.copying || is.copying
		}
	}
	return out
}

// checkProtection demands of a verify sweep that no disk is unprotected in silence,
// that none is called protected without a faithful replica that is young enough, and
// that none is called unprotected without need.
func (d *director) checkProtection(inv *invocation, before, after *truth, err error) {
	calm := inv.faults == 0 && inv.lies == 0
	for s, copying := range d.unprotected(inv, before, after) {
		said, loud := inv.log.said[s]
		switch {
		case copying:
		case err == nil:
			d.violate("%s: %s is not protected in %s, in silence: %+v", inv.key, s.disk, s.to, inv.reply.about(s))
		case calm && !loud && !inv.unread(s.from) && !inv.unread(s.to):
			d.violate("%s does not say that %s is not protected in %s: %+v, %v", inv.key, s.disk, s.to, inv.reply.about(s), after.held(s))
		case loud && said.Reason == "":
			d.violate("%s does not say why %s is not protected in %s", inv.key, s.disk, s.to)
		}
	}
	for _, a := range inv.reply.Actions {
		s := series{a.From, a.Disk, a.To}
		was, is := d.cover(inv.set, before, s), d.cover(inv.set, after, s)
		if is.best.Before(was.best) {
			is = was
		}
		if inv.unread(s.from) && is.told.After(is.best) {
			is.best = is.told
		}
		if may, _ := inv.set.young(before, is.best); a.Outcome == "protected" && (!may || a.Point.After(is.best)) && !d.nemesis.disturbed(inv.began, about(s)...) {
			d.violate("%s calls %s protected in %s by %s of %s; its newest faithful point is of %s", inv.key, a.Disk, a.To, a.Replica, a.Point, is.best)
		}
	}
	if !calm {
		return
	}
	now := d.covers(inv.set, after)
	for s, was := range d.covers(inv.set, before) {
		_, surely := inv.set.young(after, was.best)
		if said, loud := inv.log.said[s]; surely && loud && now[s].best.Equal(was.best) && !inv.unread(s.from) && !inv.unread(s.to) && !d.nemesis.disturbed(inv.began, about(s)...) {
			d.violate("%s says that %s is %s in %s (%s), and it is protected", inv.key, s.disk, said.Outcome, s.to, said.Reason)
		}
	}
}

// held describes the replicas of a series.
func (t *truth) held(s series) (all []string) {
	for _, rep := range t.series[s] {
		all = append(all, fmt.Sprintf("%s %s %d%% made %s proven %t %s", rep.ID, rep.State, rep.Percent, rep.Created.Format(time.DateTime), t.proven(rep), rep.Name))
	}
	return all
}

// about is what a reply says of a disk.
func (r *reply) about(s series) (all []action) {
	for _, a := range r.Actions {
		if a.Action == "protect" && a.Disk == s.disk && (a.To == s.to || a.To == "") {
			all = append(all, a)
		}
	}
	return all
}

// unread reports whether a run says that it could not read a region.
func (inv *invocation) unread(region string) bool {
	return inv.reply.alarms(func(a *action) bool {
		return a.Outcome == "failed" && a.From == region && a.Disk == "" && a.Snapshot == ""
	})
}
