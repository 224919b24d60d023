package plan

import (
	"cmp"
	"math"
	"slices"
	"time"

	"snapferry/internal/cloud"
)

// A World is what was observed in the cloud, packed into 48 bytes for each
// snapshot and disk. It keeps all snapshots and disks of the source regions. In
// other regions it keeps what has the name of a replica that comes from a source
// region. It keeps only the tags that a rule reads. It is not safe for concurrent
// use. But after a plan was made from it, and if nothing is added any more, several
// goroutines may read it.
type World struct {
	// Unlisted holds the regions that could not be listed, with the reason.
	// Nothing is copied to them or deleted in them.
	Unlisted map[string]string
	// Incomplete holds the regions whose list of snapshots stayed incomplete, with
	// the reason. The snapshots that it showed are known, and others may exist.
	// Before a copy into such a region its replica must be searched for by name,
	// and nothing is deleted there.
	Incomplete map[string]string
	// NoRegion holds the regions that the service does not have. Only a
	// ferry:targets tag names them.
	NoRegion map[string]bool
	// DisksUnread holds the source regions whose disks could not all be read, with
	// the reason. Snapshots of disks that were not read are not copied, because
	// the disk may be tagged ferry:skip. Replicas are still compared with them.
	DisksUnread map[string]string
	// Partial says that only single replicas were observed. The keep rules can't
	// rank replicas that were not observed. So only a disk's newest snapshot is
	// copied then, because every rule keeps it.
	Partial bool
	// Refused holds the copies that the service recently refused for good, by
	// snapshot and target region, with the reason.
	Refused map[Ref]string
	// FirstCopies holds since when disks without a replica have been in time, by
	// disk and target region, as far as it is remembered. Copies may vanish without
	// a trace while snapshots rotate: no single observation shows that.
	FirstCopies map[Ref]time.Time

	tagValues        map[string][]string // the tags that rules read, and the values that they tell apart
	rules            *Rules
	sources, regions []string // region numbers are places in these lists
	since            time.Time
	snapshots, disks idTable
	rows             []row
	expected         int // rows, by what Expect was told
	sorted           bool
	details          details
	hasTargetsTag    bool            // a ferry:targets tag was observed
	counts, recent   map[string]int  // by region
	overlaps         map[string]bool // regions that were observed before
	// By region: rows whose id can't be read; copies that show no name; names
	// of copies that are nearly a replica's.
	unreadable, nameless map[string]int
	nearly               map[string][]string
	disksIn              map[string]int                // disks that were observed, by region
	diskless             map[packedID]bool             // disks in names of replicas whose sources show no disk
	drilled              map[string]map[string]Drilled // by region and week
}

// A Ref names a snapshot, or all snapshots of a disk, in a region.
type Ref struct{ Region, Snapshot, Disk string }

// A row is one snapshot or one disk. For what has a replica's name, disk, from and
// point are what the name says, until sort sets the disk of the source. For other
// snapshots they are the snapshot's own, and source is its own id. A disk has no
// source, so it comes before its snapshots.
type row struct {
	id, source, disk packedID
	point, created   uint32 // seconds since 1970; 0 is unknown
	size             int32
	detail           uint32
	from, region     uint16
	flags            flags
	percent          int8
}

type flags uint16

const (
	isDisk    flags = 1 << iota
	isReplica       // it has a replica's name, in a target region
	isOurs          // our replica, as a snapshot of a source region
	isTagged        // tagged ferry:state=verified
	isEncrypted
	isRemote // CopyFromRemote
	isSharedIn
	isLocked
	isSystemDisk
)

func (f flags) when(is bool) flags {
	if is {
		return f
	}
	return 0
}

// NewWorld returns an empty world for the rules' source regions. Recent counts
// points that are newer than since.
func NewWorld(r *Rules, since time.Time) *World {
	w := &World{
		Unlisted: map[string]string{}, Incomplete: map[string]string{}, NoRegion: map[string]bool{}, DisksUnread: map[string]string{},
		since: since, sources: r.Sources, rules: r,
		tagValues: map[string][]string{SkipTag: nil, TargetsTag: nil, StateTag: nil, DrilledTag: nil},
		snapshots: idTable{prefix: cloud.SnapshotPrefix}, disks: idTable{prefix: cloud.DiskPrefix},
		counts: map[string]int{}, recent: map[string]int{}, overlaps: map[string]bool{},
		unreadable: map[string]int{}, nameless: map[string]int{}, nearly: map[string][]string{},
		disksIn: map[string]int{}, diskless: map[packedID]bool{}, drilled: map[string]map[string]Drilled{},
	}
	for _, t := range r.SelectTags {
		w.tagValues[t.Key] = append(w.tagValues[t.Key], t.Value)
	}
	return w
}

// maxNearly bounds the names that are nearly a replica's. One is enough for an
// alarm.
const maxNearly = 1000

// maxExpected bounds the rows that Expect reserves, to 10 MB, because the number
// comes from outside.
const maxExpected = 200_000

// Begin starts an observation of a region. Snapshots of an earlier observation
// are replaced if they are found again. They stay if they are not, because lists
// may lag.
func (w *World) Begin(region string) { w.overlaps[region] = w.counts[region] > 0 }

// Expect reserves memory for n more snapshots.
func (w *World) Expect(n int) {
	if w.expected += min(n, maxExpected); cap(w.rows) < w.expected {
		w.rows = append(make([]row, 0, w.expected), w.rows...)
	}
}

// Add adds snapshots of one region, each at most once in one observation.
func (w *World) Add(region string, found []cloud.Snapshot) {
	number := w.region(region)
	if w.overlaps[region] {
		w.forget(number, found)
	}
	w.sorted = false
	w.counts[region] += len(found)
	isSource := slices.Contains(w.sources, region)
	for i := range found {
		s := &found[i]
		if s.ID == "" {
			w.unreadable[region]++
			continue
		}
		l, ours := named(s)
		switch {
		case ours && copied(s) && l.Created.After(w.since):
			w.recent[region]++
		case copied(s) && s.Name == "" && s.State != cloud.ToRecycle:
			w.nameless[region]++
		case nearlyNamed(s) && len(w.nearly[region]) < maxNearly:
			w.nearly[region] = append(w.nearly[region], s.Name)
		}
		if from := slices.Index(w.sources, l.Region); ours && from >= 0 {
			w.rows = append(w.rows, row{
				source: w.snapshots.pack(l.Source), disk: w.disks.pack(l.Disk), from: uint16(from), point: seconds(l.Created), flags: isReplica,
			})
			w.fill(s, number)
			if week := s.Tags[DrilledTag]; week != "" && copied(s) {
				w.noteDrilled(Drilled{To: region, Disk: l.Disk, Replica: s.ID, Week: week})
			}
		}
		if isSource {
			r := row{source: w.snapshots.pack(s.ID), disk: w.disks.pack(s.Disk), from: uint16(slices.Index(w.sources, region)), point: seconds(s.Created)}
			if ours && (copied(s) || s.Disk == "") {
				r.flags = isOurs
			}
			w.rows = append(w.rows, r)
			w.fill(s, number)
		}
	}
}

// fill sets the fields of the last row that describe the snapshot itself.
func (w *World) fill(s *cloud.Snapshot, region uint16) {
	r := &w.rows[len(w.rows)-1]
	r.id, r.region, r.created = w.snapshots.pack(s.ID), region, seconds(s.Created)
	r.size = int32(min(max(s.SizeGiB, math.MinInt32), math.MaxInt32))
	r.percent = int8(min(max(s.Percent, math.MinInt8), math.MaxInt8))
	r.flags |= isEncrypted.when(s.Encrypted) | isRemote.when(s.CopyFromRemote) | isSharedIn.when(s.SharedIn) | isLocked.when(s.Locked) |
		isSystemDisk.when(s.SystemDisk) | isTagged.when(isVerified(s))
	d := detail{state: s.State, copyingTo: s.CopyingTo, sharedOut: s.SharedOut, images: s.Images, tags: w.readTags(s.Tags)}
	r.detail = w.details.number(d)
}

// forget removes the rows of snapshots that were found again.
func (w *World) forget(region uint16, found []cloud.Snapshot) {
	newer := make(map[packedID]bool, len(found))
	for i := range found {
		newer[w.snapshots.pack(found[i].ID)] = true
	}
	w.rows = slices.DeleteFunc(w.rows, func(r row) bool { return r.region == region && newer[r.id] })
}

// Drop removes a region's snapshots and notes why it could not be listed. A part
// of a list is dangerous: a replica that it does not show would be made again.
func (w *World) Drop(region, why string) {
	if w.Unlisted[region] == "" {
		w.Unlisted[region] = why
	}
	number := w.region(region)
	w.rows = slices.DeleteFunc(w.rows, func(r row) bool { return r.region == number && r.flags&isDisk == 0 })
	for _, counted := range []map[string]int{w.counts, w.recent, w.unreadable, w.nameless} {
		delete(counted, region)
	}
	delete(w.nearly, region)
	delete(w.drilled, region)
}

// AddDisks adds disks of one source region.
func (w *World) AddDisks(region string, found []cloud.Disk) {
	from := slices.Index(w.sources, region)
	if from < 0 {
		return
	}
	w.sorted = false
	number := w.region(region)
	for i := range found {
		if found[i].ID != "" {
			w.disksIn[region]++
			w.rows = append(w.rows, row{
				disk: w.disks.pack(found[i].ID), from: uint16(from), region: number, flags: isDisk, detail: w.details.number(detail{tags: w.readTags(found[i].Tags)}),
			})
		}
	}
}

// anyOther stands for all values that no rule tells apart. No tag has it.
const anyOther = "\x00"

// readTags are the tags that a rule reads, without the one that isTagged stands
// for. There may be as many values as snapshots. Values that no rule tells apart
// are kept as one.
func (w *World) readTags(tags map[string]string) map[string]string {
	var read map[string]string
	for key, value := range tags {
		values, isRead := w.tagValues[key]
		copied := w.rules.copiesTag(key)
		if !isRead && !copied || key == StateTag && value == StateVerified {
			continue
		}
		if !copied && key != TargetsTag && key != DrilledTag && !slices.Contains(values, value) {
			value = anyOther
		}
		if read == nil {
			read = map[string]string{}
		}
		read[key] = value
		w.hasTargetsTag = w.hasTargetsTag || key == TargetsTag
	}
	return read
}

// Count returns how many snapshots were observed in a region. It counts the
// snapshots of all makers, as the quota does.
func (w *World) Count(region string) int { return w.counts[region] }

// DisksWithoutARow returns how many disks have sources in a listed region; 0 if any
// disk was observed there. An empty list of disks may be a mistake of the service.
func (w *World) DisksWithoutARow(region string) int {
	number, disks := slices.Index(w.regions, region), map[packedID]bool{}
	if w.disksIn[region] > 0 || w.Partial {
		return 0
	}
	for i := range w.rows {
		if r := &w.rows[i]; int(r.region) == number && r.disk != 0 && r.flags&(isReplica|isOurs) == 0 {
			disks[r.disk] = true
		}
	}
	return len(disks)
}

// Recent returns how many of our replicas in a region preserve a point newer than
// NewWorld's since.
func (w *World) Recent(region string) int { return w.recent[region] }

// region is the number of a region. It adds a new region to the list, so only
// methods that write may call it.
func (w *World) region(name string) uint16 {
	i := slices.Index(w.regions, name)
	if i < 0 {
		i = len(w.regions)
		w.regions = append(w.regions, name)
	}
	return uint16(i)
}

// sort sorts the rows by disk, and within a disk puts each source before its
// replicas. A replica belongs to its source by the source's id. If the source
// exists, the disk in the replica's name does not count.
func (w *World) sort() {
	if w.sorted {
		return
	}
	w.sorted = true
	slices.SortFunc(w.rows, w.bySource)
	for i := 0; i < len(w.rows); {
		source := &w.rows[i]
		for i++; i < len(w.rows) && w.rows[i].from == source.from && w.rows[i].source == source.source; i++ {
			if r := &w.rows[i]; source.flags&(isReplica|isDisk) == 0 && r.disk != source.disk {
				if source.disk == 0 {
					w.diskless[r.disk] = true
				}
				d := w.details.all[r.detail]
				d.nameDisk, d.renamed = r.disk, true
				r.detail, r.disk = w.details.number(d), source.disk
			}
		}
	}
	slices.SortFunc(w.rows, w.byDisk)
}

func (w *World) bySource(a, b row) int {
	return cmp.Or(cmp.Compare(a.from, b.from), w.snapshots.compare(a.source, b.source), cmp.Compare(a.flags&(isReplica|isOurs), b.flags&(isReplica|isOurs)))
}

func (w *World) byDisk(a, b row) int {
	return cmp.Or(w.disks.compare(a.disk, b.disk), w.bySource(a, b), cmp.Compare(w.regions[a.region], w.regions[b.region]), w.snapshots.compare(a.id, b.id))
}

// takeNamedDisks gives sources that show no disk to the disk that the names of their
// replicas say, if these agree. A source may lose its disk's id with the disk. For a
// restore its replicas are the disk's newest points, as they are when the source can't
// be seen at all. Nothing is deleted on this.
func (w *World) takeNamedDisks() {
	w.sort()
	for first := 0; first < len(w.rows); {
		next := w.end(first)
		if group := w.rows[first:next]; group[0].disk == 0 {
			disk := w.namedDisk(group)
			for i := range group {
				if group[i].flags&isReplica == 0 || w.details.all[group[i].detail].renamed {
					group[i].disk = disk
				}
			}
		}
		first = next
	}
	slices.SortFunc(w.rows, w.byDisk)
}

// namedDisk is the disk that the names of replicas say which were given to a source
// without a disk; 0 if they say several.
func (w *World) namedDisk(group []row) (disk packedID) {
	for i := range group {
		d := &w.details.all[group[i].detail]
		if group[i].flags&isReplica == 0 || !d.renamed {
			continue
		}
		if disk != 0 && d.nameDisk != disk {
			return 0
		}
		disk = d.nameDisk
	}
	return disk
}

// seconds packs a time. One before 1970 or after 2106 counts as one that could
// not be read.
func seconds(t time.Time) uint32 {
	if s := t.Unix(); s > 0 && s <= math.MaxUint32 {
		return uint32(s)
	}
	return 0
}

func moment(seconds uint32) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}
