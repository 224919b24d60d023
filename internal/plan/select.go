package plan

import (
	"fmt"
	"slices"

	"snapferry/internal/cloud"
)

// unseen reports whether a source may exist although it was not observed: its
// region could not be listed, or only in part.
func (w *World) unseen(region string) bool {
	return w.Unlisted[region] != "" || w.Incomplete[region] != ""
}

// tagsUnread reports whether a disk may have tags that were not read.
func (p *planner) tagsUnread(v *diskView) bool { return p.world.DisksUnread[v.from] != "" && !v.exists }

// isGone reports whether a disk does not exist any more, or is unknown. Then its
// tags are unknown, too.
func (p *planner) isGone(v *diskView) bool { return !v.exists && p.world.DisksUnread[v.from] == "" }

// unselected says why the rules leave a snapshot out. The tags of a disk that is
// gone are unknown. Then the snapshot's own tags decide, or else its earlier
// replicas: there are some only if the disk was selected.
func (p *planner) unselected(v *diskView, s *cloud.Snapshot) reason {
	why := p.rules.unselected(s, tags{s.Tags, v.tags})
	switch {
	case why == "":
		return reason{}
	case !p.isGone(v), len(p.rules.SelectDisks) > 0 && !slices.Contains(p.rules.SelectDisks, s.Disk):
		return reason{Skipped, why}
	case len(p.replicaRegions(v)) > 0:
		return reason{}
	case p.world.Partial:
		return reason{Waiting, "its disk is gone, so its tags are unknown: the next sweep decides"}
	}
	if ineligible(s) == "" && p.rules.tooOld(s, p.now) == "" {
		p.warn(fmt.Sprintf("snapshot %s in %s is not copied: its disk %s is gone, so it is unknown whether SELECT_TAGS selects it; tag the snapshot to decide", s.ID, s.Region, diskOr(s.Disk)))
	}
	return reason{Skipped, "its disk is gone, so SELECT_TAGS can't be checked: tag the snapshot to decide"}
}

func diskOr(disk string) string {
	if disk == "" {
		return "(unknown)"
	}
	return disk
}

// replicaRegions are the regions with replicas of a disk that do not lie, sorted.
func (p *planner) replicaRegions(v *diskView) []string {
	var regions []string
	for i := range v.sources {
		s := &v.sources[i]
		for j := range s.replicas {
			r := &s.replicas[j]
			if copied(r.Snapshot) && lie(r.lineage, s.compared(), p.now) == "" && !slices.Contains(regions, r.Region) {
				regions = append(regions, r.Region)
			}
		}
	}
	slices.Sort(regions)
	return regions
}

// compared is the snapshot that the replicas are compared with; nil if there is
// none.
func (s *sourceView) compared() *cloud.Snapshot {
	if s.foreign {
		return nil
	}
	return s.src
}

// destinations are the regions in which a snapshot should have replicas. note says
// what was dropped. The ferry:targets tag of a disk that is gone is unknown. If one
// of its replicas is outside of TARGET_REGIONS, the disk had such a tag.
func (p *planner) destinations(v *diskView, s *cloud.Snapshot) (to []string, note string) {
	to, note = p.rules.destinations(s, tags{s.Tags, v.tags}, p.order)
	if _, own := s.Tags[TargetsTag]; !own && v.disk != "" && p.isGone(v) && !p.order.Explicit {
		isTarget := func(region string) bool { return slices.Contains(p.rules.Targets, region) }
		if earlier := p.replicaRegions(v); slices.ContainsFunc(earlier, func(r string) bool { return !isTarget(r) }) {
			to = slices.DeleteFunc(earlier, func(r string) bool { return !p.order.includes(r) || r == s.Region })
		}
	}
	for i := 0; i < len(to); {
		if !p.world.NoRegion[to[i]] {
			i++
			continue
		}
		note = join(note, "the service does not have the region "+to[i]+" of its "+TargetsTag+" tag")
		to = slices.Delete(to, i, i+1)
	}
	return to, note
}

// nearlyNamed is the name of a copy in a region that is nearly a wanted replica's;
// "" if there is none.
func (w *World) nearlyNamed(region, name string) string {
	for _, nearly := range w.nearly[region] {
		if resembles(nearly, name) {
			return nearly
		}
	}
	return ""
}
