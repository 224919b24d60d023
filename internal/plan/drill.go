package plan

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"snapferry/internal/cloud"
)

// Drills chooses the replicas to restore for a test: at most count, each the newest
// proven replica of a disk in a region. Every second day those come first whose replicas
// show no drill, then those whose last drill is longest ago. What was drilled this week
// waits. Among equals, and on the other days, the day alone decides. So every disk has
// its turn if one run a day takes count of them, whatever fails for ever and whatever
// tags are gone with their replicas.
func Drills(r *Rules, w *World, o *Order, count int, now time.Time) (due []Restoration) {
	w.takeNamedDisks()
	p := newPlanner(r, w, &Order{Targets: o.Targets}, now, func(...string) {})
	type candidate struct {
		Restoration
		week string // of the last drill
		hash uint64
		turn int
	}
	var all []candidate
	for v := range w.views() {
		for _, s := range p.build(v) {
			i := slices.IndexFunc(s.points, func(pt *point) bool { return pt.best() != nil })
			if i < 0 || v.disk == "" || w.Unlisted[s.to] != "" || !o.includes(s.to) {
				continue
			}
			pt, best := s.points[i], s.points[i].best().replica
			d := Decision{
				Kind: KindDrill, Snapshot: pt.lineage.Source, Disk: s.disk, From: s.from, To: s.to, Replica: best.ID, Point: pt.lineage.Created, SizeGiB: best.SizeGiB, Outcome: Planned,
			}
			if best.SystemDisk || len(DrillName(best.ID, now)) > maxDiskName {
				continue // no disk can be made of it, or none with both marks
			}
			all = append(all, candidate{Restoration{Decision: d}, s.lastDrill(now), hashOf(s.from, s.to, s.disk), 0})
		}
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), strings.Compare(a.Disk, b.Disk), strings.Compare(a.To, b.To))
	})
	n, day := len(all), int(now.Unix()/86400)
	for i := range all {
		first := (day/2*count + day%2*(n/2)) % n // half a round apart: without tags the two kinds of days meet seldom
		all[i].turn = (i - first + n) % n
		all[i].Reason = fmt.Sprintf("its newest proven replica; with one run a day, each of %d has its turn within %d days", n, 2*((n+count-1)/count))
	}
	thisWeek := Week(now)
	all = slices.DeleteFunc(all, func(c candidate) bool { return c.week == thisWeek })
	slices.SortStableFunc(all, func(a, b candidate) int {
		if day%2 == 0 {
			return cmp.Compare(a.turn, b.turn)
		}
		return cmp.Or(strings.Compare(a.week, b.week), cmp.Compare(a.turn, b.turn))
	})
	for _, c := range all[:min(count, len(all))] {
		due = append(due, c.Restoration)
	}
	return due
}

// DrilledSince reports whether a value of ferry:drilled is a week from that one until now.
func DrilledSince(tag, week string, now time.Time) bool {
	return !Monday(tag).IsZero() && week <= tag && tag <= Week(now)
}

// Week is the ISO week of a time in UTC, as in ferry:drilled.
func Week(t time.Time) string {
	year, week := t.UTC().ISOWeek()
	return fmt.Sprintf("%04d-W%02d", year, week)
}

// lastDrill is the newest week up to this one in which a replica of the series was
// drilled; "" if none shows one.
func (s *series) lastDrill(now time.Time) (week string) {
	for _, pt := range s.points {
		for i := range pt.replicas {
			if tag := pt.replicas[i].replica.Tags[DrilledTag]; DrilledSince(tag, "", now) {
				week = max(week, tag)
			}
		}
	}
	return week
}

func hashOf(words ...string) uint64 {
	h := fnv.New64a()
	for _, w := range words {
		_, _ = h.Write([]byte(w + " ")) // a hash returns no error
	}
	return h.Sum64()
}

const drillPrefix = "ferry-drill_"

// DrillName is the name of a disk that a drill makes of a replica.
func DrillName(replica string, born time.Time) string {
	return drillPrefix + replica + "_" + born.UTC().Format(nameTime)
}

// DrillMarks reads the two marks of a disk that a drill made: its tag, and its name. They
// must say the same replica. Without both, a disk is somebody else's. So is one that says
// that a restore made it, which is never ended.
func DrillMarks(d *cloud.Disk) (replica string, born time.Time, ok bool) {
	replica = d.Tags[DrillTag]
	at, named := strings.CutPrefix(d.Name, drillPrefix+replica+"_")
	born, err := time.Parse(nameTime, at)
	return replica, born, named && err == nil && cloud.IsSnapshotID(replica) && RestoredFrom(d) == ""
}

// MayEnd reports whether a drill may terminate a disk: one with both marks, ready,
// attached to nothing and paid by the hour.
func MayEnd(d *cloud.Disk) bool {
	_, _, marked := DrillMarks(d)
	return marked && d.Free()
}

// DrillRequest is the request for the disk of a drill. It is the same for all runs of an
// hour, so that runs that overlap make one disk.
func (r *Restoration) DrillRequest(now time.Time) cloud.DiskRequest {
	born := now.UTC().Truncate(time.Hour)
	return cloud.DiskRequest{
		Region: r.To, Zone: r.Zone, Type: r.Type, Name: DrillName(r.Replica, born), Snapshot: r.Replica, SizeGiB: r.SizeGiB, Tags: map[string]string{DrillTag: r.Replica},
		Token: "drill." + strings.TrimPrefix(r.Replica, cloud.SnapshotPrefix) + "." + r.Zone + "." + strconv.FormatInt(born.Unix()/3600, 36),
	}
}
