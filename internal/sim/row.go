package sim

import (
	"strconv"
	"time"
)

// rowSize is about what one snapshot takes in a reply.
const rowSize = 1100

// china is the zone the API's times are in, without saying so.
var china = time.FixedZone("UTC+8", 8*60*60)

// appendRow appends a snapshot as DescribeSnapshots shows it. Lists make up most
// of the traffic, so this is written out instead of left to encoding/json.
func (s *snapshot) appendRow(b []byte, now time.Time) []byte {
	b = append(b, `{"SnapshotId":`...)
	b = appendString(b, s.ID)
	b = append(b, `,"SnapshotName":`...)
	b = appendString(b, s.Name)
	b = append(b, `,"SnapshotState":`...)
	b = appendString(b, s.State)
	b = append(b, `,"Percent":`...)
	b = strconv.AppendInt(b, int64(s.Percent), 10)
	b = append(b, `,"DiskId":`...)
	b = appendString(b, s.Disk)
	b = append(b, `,"DiskUsage":`...)
	b = appendString(b, s.Usage)
	b = append(b, `,"DiskSize":`...)
	b = strconv.AppendInt(b, int64(s.SizeGiB), 10)
	b = append(b, `,"Encrypt":`...)
	b = strconv.AppendBool(b, s.Encrypted)
	b = append(b, `,"SnapshotType":`...)
	b = appendString(b, s.Type)
	b = append(b, `,"CopyFromRemote":`...)
	b = strconv.AppendBool(b, s.marked())
	b = append(b, `,"CopyingToRegions":[`...)
	for i, to := range s.copyingTo(now) {
		b = appendComma(b, i)
		b = appendString(b, to)
	}
	b = append(b, `],"Placement":{"Zone":`...)
	b = appendString(b, s.Zone)
	b = append(b, `,"ProjectId":0,"ProjectName":"","CageId":"","CdcName":"","CdcId":"","DedicatedClusterId":""}`...)
	b = s.appendTimes(b)
	b = append(b, `,"ShareReference":`...)
	b = strconv.AppendInt(b, int64(len(s.SharedWith)), 10)
	b = append(b, `,"ImageCount":`...)
	b = strconv.AppendInt(b, int64(s.Images), 10)
	b = append(b, `,"Images":[`...)
	b = s.appendImages(b)
	b = append(b, `],"Tags":[`...)
	b = s.appendTags(b)
	b = append(b, `],"IsLocked":`...)
	b = strconv.AppendBool(b, s.Locked)
	b = append(b, `,"AutoSnapshotPolicyId":`...)
	b = appendString(b, s.Policy)
	return append(b, `,"SnapshotMode":"STANDARD"}`...) // UNK: the values of SnapshotMode
}

func (s *snapshot) appendTimes(b []byte) []byte {
	b = append(b, `,"CreateTime":`...)
	b = appendTime(b, s.Created)
	b = append(b, `,"LatestModifyTime":`...)
	b = appendTime(b, s.modified)
	b = append(b, `,"TimeStartShare":`...)
	b = appendTime(b, s.shared)
	b = append(b, `,"IsPermanent":`...)
	b = strconv.AppendBool(b, s.Deadline.IsZero())
	b = append(b, `,"DeadlineTime":`...)
	return appendTime(b, s.Deadline)
}

func (s *snapshot) appendImages(b []byte) []byte {
	for i := range s.Images {
		b = appendComma(b, i)
		m := s.image(i)
		b = append(b, `{"ImageId":`...)
		b = appendString(b, m.ImageId)
		b = append(b, `,"ImageName":`...)
		b = appendString(b, m.ImageName)
		b = append(b, '}')
	}
	return b
}

func (s *snapshot) appendTags(b []byte) []byte {
	if len(s.Tags) == 0 {
		return b
	}
	for i, t := range tagList(s.Tags) {
		b = appendComma(b, i)
		b = append(b, `{"Key":`...)
		b = appendString(b, t.Key)
		b = append(b, `,"Value":`...)
		b = appendString(b, t.Value)
		b = append(b, '}')
	}
	return b
}

// An image is one made from a snapshot. Only their number is kept.
type image struct{ ImageId, ImageName string }

func (s *snapshot) image(i int) image {
	n := strconv.Itoa(i + 1)
	return image{"img-" + s.ID[len("snap-"):] + n, "image " + n + " of " + s.ID}
}

func appendComma(b []byte, i int) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return b
}

func appendTime(b []byte, t time.Time) []byte {
	b = append(b, '"')
	if !t.IsZero() {
		b = t.In(china).AppendFormat(b, time.DateTime)
	}
	return append(b, '"')
}

func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return append(b, encode(s)...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// showTime is a time as the API prints it, "" for none.
func showTime(t time.Time) string {
	b := appendTime(nil, t)
	return string(b[1 : len(b)-1])
}
