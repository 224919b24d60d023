package plan

import (
	"fmt"
	"strings"
	"time"

	"snapferry/internal/cloud"
)

// MaxName is the longest snapshot name the service takes, in bytes
// (ModifySnapshotAttribute, API 2017-03-12).
const MaxName = 60

// unknownDisk stands in a name for the disk of a source that shows none.
const unknownDisk = "none"

const nameTime = "20060102T150405Z"

// A Lineage says what a replica is a copy of. A real replica shows neither
// its source nor its disk, so its name carries both; the name is set by the
// very call that makes the copy.
type Lineage struct {
	Source  string    // snapshot id, with its prefix
	Disk    string    // disk id, with its prefix; "" if unknown
	Region  string    // where the source is
	Created time.Time // when the source was made, UTC, whole seconds
}

// LineageOf is the lineage that replicas of s get.
func LineageOf(s *cloud.Snapshot) Lineage {
	return Lineage{Source: s.ID, Disk: s.Disk, Region: s.Region, Created: s.Created.UTC().Truncate(time.Second)}
}

// Name is the name of every replica of l's source. It is the same each time,
// which makes it the key by which a copy is recognised as already made.
func (l Lineage) Name() string {
	disk := strings.TrimPrefix(l.Disk, "disk-")
	if disk == "" {
		disk = unknownDisk
	}
	return fmt.Sprintf("ferry_%s_%s_%s_%s", strings.TrimPrefix(l.Source, "snap-"), disk, l.Region, l.Created.UTC().Format(nameTime))
}

// ParseName reads a replica's name. It is strict: a name that Name could not
// have written (an impossible date, a region that is none, more than 60
// bytes) is somebody else's.
func ParseName(name string) (Lineage, bool) {
	rest, ok := strings.CutPrefix(name, "ferry_")
	if !ok || len(name) > MaxName {
		return Lineage{}, false
	}
	source, rest, _ := strings.Cut(rest, "_")
	disk, rest, _ := strings.Cut(rest, "_")
	from, at, _ := strings.Cut(rest, "_")
	if !cloud.IsPlain(source) || !cloud.IsPlain(disk) || len(at) != len(nameTime) || !cloud.IsRegion(from) {
		return Lineage{}, false
	}
	created, err := time.Parse(nameTime, at)
	if err != nil {
		return Lineage{}, false
	}
	l := Lineage{Source: "snap-" + source, Region: from, Created: created}
	if disk != unknownDisk {
		l.Disk = "disk-" + disk
	}
	return l, true
}

// Ours tells the replicas of this product from everything else: the name has
// our form, the region is another one than the name's, and the service itself
// says that it came from another region. Tags never count: people and tools
// copy them. Nothing for which Ours is false is ever changed or deleted.
func Ours(s *cloud.Snapshot) (Lineage, bool) {
	l, ok := ParseName(s.Name)
	if !ok || l.Region == s.Region || (!s.CopyFromRemote && !s.Arriving()) {
		return Lineage{}, false
	}
	return l, true
}
