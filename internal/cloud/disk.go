package cloud

import (
	"strconv"
	"strings"
	"time"
)

// A Disk is one disk as it was observed. Its tags apply to all of its snapshots.
// Fields that the service left out are zero.
type Disk struct {
	ID, Region     string
	Name, Instance string // Instance is the machine that it is attached to
	SizeGiB        int
	Tags           map[string]string

	Zone, Type, State string
	Attached          bool // to anything
	Postpaid          bool // paid by the hour
	Encrypted         bool
	Created           time.Time
}

// Unattached is the state of a disk that is ready, and attached to nothing.
const Unattached = "UNATTACHED"

// Ready reports whether a new disk can be attached. The service makes disks in the
// background.
func (d *Disk) Ready() bool { return d.State == Unattached || d.State == "ATTACHED" }

// Exists reports whether a disk is more than an entry in the recycle bin.
func (d *Disk) Exists() bool { return d.State != string(ToRecycle) }

// Free reports whether a disk is attached to nothing, ready, and paid by the hour:
// only then it can be terminated at once.
func (d *Disk) Free() bool {
	return d.State == Unattached && !d.Attached && d.Instance == "" && d.Postpaid
}

// A DiskRequest asks for one disk that is paid by the hour, made from a snapshot.
type DiskRequest struct {
	Region, Zone, Type, Name, Snapshot string
	SizeGiB                            int // 0: that of the snapshot
	Tags                               map[string]string
	// Token makes the request idempotent: the service makes one disk for one token,
	// and refuses the token for another request. At most 64 ASCII characters.
	Token string
	While While
}

// An Offer is a type of disk that can be had in a zone.
type Offer struct {
	Zone, Type              string
	MinGiB, MaxGiB, StepGiB int
	PricePerHour            float64 // as the service lists it, for an unknown size; 0 is unknown
	Available               bool
}

// IsZoneOf reports whether a zone has the form of a zone of a region: the region and
// a number, such as ap-guangzhou-3.
func IsZoneOf(region, zone string) bool {
	n, ok := strings.CutPrefix(zone, region+"-")
	number, err := strconv.Atoi(n)
	return ok && err == nil && number > 0 && strconv.Itoa(number) == n && len(n) <= 3
}

// IsDiskType reports whether s has the form of a disk type, such as CLOUD_PREMIUM.
func IsDiskType(s string) bool {
	rest, ok := strings.CutPrefix(s, "CLOUD_")
	for _, c := range []byte(rest) {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return ok && rest != "" && len(s) <= maxID
}
