package sim

import (
	"strconv"
	"time"
)

// rowSize is about what one snapshot takes in a reply.
const rowSize = 1100

// A rowWriter appends the fields of one JSON object. Lists of snapshots make up
// most of the traffic, and encoding/json takes several times as long for them.
type rowWriter []byte

func (w *rowWriter) name(name string) {
	if last := (*w)[len(*w)-1]; last != '{' {
		*w = append(*w, ',')
	}
	*w = append(append(append(*w, '"'), name...), `":`...)
}

func (w *rowWriter) text(name, value string) {
	w.name(name)
	for i := range len(value) {
		if c := value[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			*w = append(*w, encode(value)...)
			return
		}
	}
	*w = append(append(append(*w, '"'), value...), '"')
}

func (w *rowWriter) number(name string, value int) {
	w.name(name)
	*w = strconv.AppendInt(*w, int64(value), 10)
}

func (w *rowWriter) truth(name string, value bool) {
	w.name(name)
	*w = strconv.AppendBool(*w, value)
}

func (w *rowWriter) time(name string, t time.Time, zone *time.Location) {
	w.name(name)
	*w = append(*w, '"')
	if !t.IsZero() {
		*w = t.In(zone).AppendFormat(*w, time.DateTime)
	}
	*w = append(*w, '"')
}

// list is for the lists that most snapshots have nothing in.
func (w *rowWriter) list(name string, n int, value func() any) {
	w.name(name)
	if n == 0 {
		*w = append(*w, "[]"...)
		return
	}
	*w = append(*w, encode(value())...)
}

// showTime is a time as CBS prints it: in a zone that it does not name, and "" for none.
func showTime(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.DateTime)
}

// zone is the zone in which CBS prints a region's times: UTC+8 (recorded; UNK for regions abroad).
func (c *Cloud) zone(region string) *time.Location {
	if local := c.opt.Quirks.LocalTimes; local.Region == region {
		return time.FixedZone("", local.Hours*60*60)
	}
	return china()
}

// china is the service's own zone.
func china() *time.Location { return time.FixedZone("", 8*60*60) }

// appendRow appends a snapshot as DescribeSnapshots shows it.
func (c *Cloud) appendRow(b []byte, s *snapshot, now time.Time, zone *time.Location) []byte {
	w := rowWriter(append(b, '{'))
	w.text("SnapshotId", s.ID)
	w.text("SnapshotName", s.Name)
	w.text("SnapshotState", s.State)
	w.number("Percent", s.Percent)
	w.text("DiskId", s.Disk)
	w.text("DiskUsage", s.Usage)
	w.number("DiskSize", s.SizeGiB)
	w.truth("Encrypt", s.Encrypted)
	w.text("SnapshotType", s.Type)
	w.truth("CopyFromRemote", s.markedAsCopy())
	to := s.copyingTo(now)
	w.list("CopyingToRegions", len(to), func() any { return to })
	w.name("Placement")
	w = append(w, '{')
	w.text("Zone", s.Zone)
	w = append(w, `,"ProjectId":0,"ProjectName":"","CageId":"","CdcName":"","CdcId":"","DedicatedClusterId":""}`...)
	w.time("CreateTime", s.Created, zone)
	w.time("LatestModifyTime", s.modified, zone)
	w.time("TimeStartShare", s.shared, zone)
	w.truth("IsPermanent", s.Deadline.IsZero())
	w.time("DeadlineTime", s.Deadline, zone)
	w.number("ShareReference", len(s.SharedWith))
	w.number("ImageCount", s.Images)
	w.list("Images", s.Images, func() any { return s.images() })
	tags := s.Tags
	if s.CopyFromRemote && c.opt.Quirks.TagsUnseen { // UNK
		tags = nil
	}
	w.list("Tags", len(tags), func() any { return tagList(tags) })
	w.truth("IsLocked", s.Locked)
	w.text("AutoSnapshotPolicyId", s.Policy)
	w.text("SnapshotMode", s.mode())
	return append(w, '}')
}

func (s *snapshot) mode() string {
	if s.Instant {
		return "INSTANT_SNAPSHOT"
	}
	return "STANDARD_SNAPSHOT"
}

// An image is one made from a snapshot. Only their number is kept.
type image struct{ ImageId, ImageName string }

func (s *snapshot) images() []image {
	var list []image
	for i := range s.Images {
		n := strconv.Itoa(i + 1)
		list = append(list, image{"img-" + s.ID[len("snap-"):] + n, "image " + n + " of " + s.ID})
	}
	return list
}
