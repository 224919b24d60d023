package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A care notes what the selection found, for alarms about a selection that finds
// nothing.
type care struct {
	disks, selected map[string]bool // by source region: it has disks; some are selected
	found           map[string]bool // disks that exist or have snapshots, if SELECT_DISKS names them
}

func newCare() care {
	return care{disks: map[string]bool{}, selected: map[string]bool{}, found: map[string]bool{}}
}

// note notes a disk that SELECT_DISKS does not exclude.
func (c *care) note(v *diskView, hasSnapshot, selected bool) {
	c.disks[v.from] = c.disks[v.from] || v.exists
	c.selected[v.from] = c.selected[v.from] || selected && (v.exists || hasSnapshot)
	if v.exists || hasSnapshot {
		c.found[v.disk] = true
	}
}

// alarms notes what was observed and belongs to no single copy: rows that can't be
// read, copies without a name, and names that the service may have changed.
func (p *planner) alarms(kind Kind, note func(Decision)) {
	alarm := func(region, disk, format string, args ...any) {
		note(Decision{Kind: kind, From: region, Disk: disk, Outcome: Failed, Reason: fmt.Sprintf(format, args...)})
	}
	w := p.world
	for _, region := range slices.Sorted(maps.Keys(w.unreadable)) {
		alarm(region, "", "the ids of %d snapshots can't be read, so they are not protected: report it with an answer of DescribeSnapshots", w.unreadable[region])
	}
	for _, region := range p.targets {
		if n := w.nameless[region]; n > 0 {
			alarm(region, "", "%d copied snapshots show no name, so as many missing replicas are not copied there: look again later, and name or delete them if it stays so", n)
		}
		if name := p.nearly[region]; name != "" {
			alarm(region, "", "the copied snapshot %q has nearly the name of a wanted replica, so nothing is copied there: find out who named it, and rename or delete it", cut(name, 80))
		}
	}
	if kind == KindVerify {
		p.selectionAlarms(alarm)
	}
}

// selectionAlarms finds selections that select nothing, probably by a slip.
func (p *planner) selectionAlarms(alarm func(region, disk, format string, args ...any)) {
	complete := !p.order.Narrowed
	for _, region := range p.rules.Sources {
		if p.world.unseen(region) || p.world.DisksUnread[region] != "" {
			complete = false
			continue
		}
		if len(p.rules.SelectTags) > 0 && p.care.disks[region] && !p.care.selected[region] {
			alarm(region, "", "SELECT_TAGS selects no disk and no snapshot in %s: correct SELECT_TAGS, or take the region out of SOURCE_REGIONS", region)
		}
	}
	for _, disk := range p.rules.SelectDisks {
		if complete && !p.care.found[disk] {
			alarm("", disk, "%s of SELECT_DISKS is in none of the source regions %s: correct SELECT_DISKS", disk, strings.Join(p.rules.Sources, ", "))
		}
	}
}

// withhold defers copies to a region where their replicas may be, under no name or
// under a changed one.
func (p *planner) withhold(copies []Decision, note func(Decision)) []Decision {
	left := map[string]int{}
	for i := range copies {
		left[copies[i].To]++
	}
	for to := range left {
		if left[to] -= p.world.nameless[to]; p.nearly[to] != "" {
			left[to] = 0
		}
	}
	return slices.DeleteFunc(copies, func(d Decision) bool {
		if left[d.To]--; left[d.To] >= 0 {
			return false
		}
		d.Outcome, d.Reason = Deferred, "a copy in "+d.To+" with no name or a changed name may be its replica"
		note(d)
		return true
	})
}

// warnTooOld warns about the points that MAX_AGE alone holds back.
func (p *planner) warnTooOld() {
	if t := p.tooOld; t.points > 0 {
		days := int(p.now.Sub(t.oldest).Hours()/24) + 1
		p.warn(fmt.Sprintf("%d points that would be kept are not copied, because they are older than MAX_AGE: MAX_AGE=%dd would bring them", t.points, days))
	}
}
