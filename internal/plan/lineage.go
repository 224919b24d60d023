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

// unknownDisk is the disk in the name if the source shows no disk.
const unknownDisk = "none"

const nameTime = "20060102T150405Z"

// A Lineage says what a replica is a copy of. The service does not show the
// source or the disk of a replica, so its name holds both. The call that makes
// the copy also sets the name.
type Lineage struct {
	Source  string    // snapshot id, with its prefix
	Disk    string    // disk id, with its prefix; "" if unknown
	Region  string    // where the source is
	Created time.Time // when the source was made, UTC, whole seconds
}

// LineageOf is the lineage of the replicas of s.
func LineageOf(s *cloud.Snapshot) Lineage {
	return Lineage{Source: s.ID, Disk: s.Disk, Region: s.Region, Created: s.Created.UTC().Truncate(time.Second)}
}

// Name is the name of every replica of l's source. It is always the same, so it
// shows whether a copy was already made.
func (l Lineage) Name() string {
	disk := strings.TrimPrefix(l.Disk, "disk-")
	if disk == "" {
		disk = unknownDisk
	}
	return fmt.Sprintf("ferry_%s_%s_%s_%s", strings.TrimPrefix(l.Source, "snap-"), disk, l.Region, l.Created.UTC().Format(nameTime))
}

// ParseName reads a replica's name. It is strict: a name that Name could not have
// written (with an impossible date, a wrong region or more than 60 bytes) is not
// ours.
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

// Ours reports whether a snapshot is a replica that this product made. Three
// things must be true: the name has our form, the snapshot is not in the region
// that the name says, and the service says that it came from another region.
// Tags do not count, because people and tools copy them. A replica in the recycle
// bin (TORECYCLE) is gone. A snapshot for which Ours is false is never changed or
// deleted.
func Ours(s *cloud.Snapshot) (Lineage, bool) {
	l, ok := named(s)
	return l, ok && copied(s)
}

// named reports whether a snapshot has the name of a replica, in a region where
// such a replica can be. For copying it is there, however it looks: the service may
// show an odd row for a moment.
func named(s *cloud.Snapshot) (Lineage, bool) {
	l, ok := ParseName(s.Name)
	if !ok || l.Region == s.Region || s.State == cloud.ToRecycle {
		return Lineage{}, false
	}
	return l, true
}

// copied reports whether the service says that a snapshot of this account was made
// by copying. Another account chooses the names of what it shares, and can take it
// back.
func copied(s *cloud.Snapshot) bool { return !s.SharedIn && (s.CopyFromRemote || s.Arriving()) }

// nearlyNamed reports whether a snapshot was made by copying and its name may be a
// replica's name that the service has cut, extended or written in another case.
func nearlyNamed(s *cloud.Snapshot) bool {
	const prefix = "ferry_"
	if _, ok := ParseName(s.Name); ok || !copied(s) || s.State == cloud.ToRecycle || len(s.Name) <= len(prefix) {
		return false
	}
	return strings.EqualFold(s.Name[:len(prefix)], prefix)
}

// resembles reports whether one name is the other one but for case, or a beginning
// of it.
func resembles(a, b string) bool {
	n := min(len(a), len(b))
	return strings.EqualFold(a[:n], b[:n])
}
