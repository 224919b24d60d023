package plan

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"sort"

	"snapferry/internal/cloud"
)

// A diskView is everything that was observed of one disk. It is valid until views
// yields the next one, which uses the same memory.
type diskView struct {
	from, disk string
	exists     bool              // the disk was observed
	tags       map[string]string // nil: none, or unknown
	sources    []sourceView
	snapshots  []cloud.Snapshot // what the sources point to
}

// A sourceView is one source with its replicas in all regions.
type sourceView struct {
	src      *cloud.Snapshot // nil: gone, or not observed
	foreign  bool            // src is itself our replica, and so no source
	replicas []replicaView
}

type replicaView struct {
	*cloud.Snapshot
	lineage Lineage // what its name says
}

// views yields the disks, sorted by id. Snapshots without a disk are yielded one
// source at a time: they are not ranked, and there may be very many.
func (w *World) views() iter.Seq[*diskView] {
	return func(yield func(*diskView) bool) {
		w.sort()
		var v diskView
		for first := 0; first < len(w.rows); {
			next := w.end(first)
			w.unpack(&v, w.rows[first:next])
			first = next
			if !yield(&v) {
				return
			}
		}
	}
}

// end is the end of the rows that have the same disk as the first one.
func (w *World) end(first int) int {
	r := &w.rows[first]
	next := first + 1
	for next < len(w.rows) && w.rows[next].disk == r.disk && w.rows[next].from == r.from && (r.disk != 0 || w.rows[next].source == r.source) {
		next++
	}
	return next
}

func (w *World) unpack(v *diskView, rows []row) {
	r := &rows[0]
	v.from, v.disk = w.sources[r.from], w.disks.text(r.disk)
	v.exists, v.tags = false, nil
	for ; len(rows) > 0 && rows[0].flags&isDisk != 0; rows = rows[1:] {
		v.exists, v.tags = true, w.details.all[rows[0].detail].tags
	}
	v.snapshots = slices.Grow(v.snapshots[:0], len(rows))
	v.sources = v.sources[:0]
	for i := range rows {
		v.snapshots = append(v.snapshots, w.snapshot(&rows[i]))
		s := &v.snapshots[i]
		if i == 0 || rows[i].source != rows[i-1].source {
			if n := len(v.sources); n < cap(v.sources) {
				v.sources = v.sources[:n+1]
				v.sources[n] = sourceView{replicas: v.sources[n].replicas[:0]}
			} else {
				v.sources = append(v.sources, sourceView{})
			}
		}
		last := &v.sources[len(v.sources)-1]
		if rows[i].flags&isReplica != 0 {
			last.replicas = append(last.replicas, replicaView{s, w.lineage(&rows[i])})
		} else {
			last.src, last.foreign = s, rows[i].flags&isOurs != 0
			// Our replica is never copied on, also if its row does not show for a
			// moment that it was made by copying.
			s.CopyFromRemote = s.CopyFromRemote || last.foreign
		}
	}
}

// lineage is what a replica's name says.
func (w *World) lineage(r *row) Lineage {
	disk := r.disk
	if d := &w.details.all[r.detail]; d.renamed {
		disk = d.nameDisk
	}
	return Lineage{Source: w.snapshots.text(r.source), Disk: w.disks.text(disk), Region: w.sources[r.from], Created: moment(r.point)}
}

// snapshot unpacks a row, all but a replica's name.
func (w *World) snapshot(r *row) cloud.Snapshot {
	d := &w.details.all[r.detail]
	s := cloud.Snapshot{
		ID: w.snapshots.text(r.id), Region: w.regions[r.region], State: d.state, Percent: int(r.percent), SizeGiB: int(r.size),
		Created: moment(r.created), CopyingTo: d.copyingTo, SharedOut: d.sharedOut, Images: d.images, Tags: d.tags,
		Encrypted: r.flags&isEncrypted != 0, CopyFromRemote: r.flags&isRemote != 0, SharedIn: r.flags&isSharedIn != 0,
		Locked: r.flags&isLocked != 0, SystemDisk: r.flags&isSystemDisk != 0,
	}
	if r.flags&isReplica == 0 {
		s.Disk = w.disks.text(r.disk)
	}
	if r.flags&isTagged != 0 {
		s.Tags = withStateTag(d.tags)
	}
	return s
}

// tagsOf returns a disk's tags, and whether the disk was observed.
func (w *World) tagsOf(region, disk string) (tags map[string]string, known bool) {
	if disk == "" {
		return nil, false
	}
	rows := w.rowsOf(region, disk)
	if len(rows) == 0 || rows[0].flags&isDisk == 0 {
		return nil, false
	}
	return w.details.all[rows[0].detail].tags, true
}

// rowsOf are the rows of a disk of a source region.
func (w *World) rowsOf(region, disk string) []row {
	w.sort()
	packed, from := w.disks.pack(disk), slices.Index(w.sources, region)
	compare := func(r *row) int {
		return cmp.Or(w.disks.compare(r.disk, packed), cmp.Compare(int(r.from), from))
	}
	first := sort.Search(len(w.rows), func(i int) bool { return compare(&w.rows[i]) >= 0 })
	next := first + sort.Search(len(w.rows)-first, func(i int) bool { return compare(&w.rows[first+i]) > 0 })
	return w.rows[first:next]
}

var onlyStateTag = map[string]string{StateTag: StateVerified}

// withStateTag adds the tag that isTagged stands for.
func withStateTag(tags map[string]string) map[string]string {
	if tags == nil {
		return onlyStateTag
	}
	tags = maps.Clone(tags)
	tags[StateTag] = StateVerified
	return tags
}

// Replicas returns a decision's source and its replicas in the decision's region,
// as they were observed. src is nil if the source was not observed.
func (w *World) Replicas(d *Decision) (src *cloud.Snapshot, replicas []cloud.Snapshot) {
	w.sort()
	disk, from, source := w.disks.pack(d.Disk), slices.Index(w.sources, d.From), w.snapshots.pack(d.Snapshot)
	compare := func(r *row) int {
		return cmp.Or(w.disks.compare(r.disk, disk), cmp.Compare(int(r.from), from), w.snapshots.compare(r.source, source))
	}
	first := sort.Search(len(w.rows), func(i int) bool { return compare(&w.rows[i]) >= 0 })
	for i := first; i < len(w.rows) && compare(&w.rows[i]) == 0; i++ {
		s := w.snapshot(&w.rows[i])
		switch flags := w.rows[i].flags; {
		case flags&isReplica == 0:
			if flags&isOurs == 0 {
				src = &s
			}
		case s.Region == d.To:
			s.Name = w.lineage(&w.rows[i]).Name()
			replicas = append(replicas, s)
		}
	}
	return src, replicas
}

// Series returns what was observed of a decision's series: the sources of its
// disk, their replicas in the decision's region, and the disk if it was observed.
func (w *World) Series(d *Decision) (sources, replicas []cloud.Snapshot, disk []cloud.Disk) {
	rows := w.rowsOf(d.From, d.Disk)
	for i := range rows {
		if rows[i].flags&isDisk != 0 {
			disk = []cloud.Disk{{ID: d.Disk, Region: d.From, Tags: w.details.all[rows[i].detail].tags}}
			continue
		}
		s := w.snapshot(&rows[i])
		switch {
		case rows[i].flags&(isReplica|isOurs) == 0:
			sources = append(sources, s)
		case rows[i].flags&isReplica != 0 && s.Region == d.To:
			s.Name = w.lineage(&rows[i]).Name()
			replicas = append(replicas, s)
		}
	}
	return sources, replicas, disk
}

// ReplicaNames returns the names of at most n replicas that were observed in a
// region.
func (w *World) ReplicaNames(region string, n int) []string {
	number := slices.Index(w.regions, region)
	var names []string
	for i := 0; i < len(w.rows) && len(names) < n; i++ {
		r := &w.rows[i]
		if int(r.region) != number || r.flags&isReplica == 0 {
			continue
		}
		if name := w.lineage(r).Name(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
