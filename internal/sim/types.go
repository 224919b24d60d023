package sim

import (
	"maps"
	"slices"
	"time"
)

// A Snapshot is the truth about one snapshot at some moment.
type Snapshot struct {
	ID             string
	Region         string
	Name           string
	Disk           string // "" for replicas
	Zone           string
	State          string
	Usage          string // DATA_DISK or SYSTEM_DISK
	Type           string // PRIVATE_SNAPSHOT or SHARED_SNAPSHOT
	Policy         string // AutoSnapshotPolicyId
	Percent        int
	SizeGiB        int
	Encrypted      bool
	Locked         bool
	Instant        bool // SnapshotMode is INSTANT_SNAPSHOT
	CopyFromRemote bool
	SharedWith     []string // accounts
	Images         int      // how many images are bound to it
	Created        time.Time
	Deadline       time.Time // zero: permanent
	Tags           map[string]string
	CopyingTo      []string // worked out; writing it changes nothing
}

func (s Snapshot) clone() Snapshot {
	s.SharedWith = slices.Clone(s.SharedWith)
	s.Tags = maps.Clone(s.Tags)
	s.CopyingTo = slices.Clone(s.CopyingTo)
	return s
}

// A Disk is the truth about one disk at some moment.
type Disk struct {
	ID        string
	Region    string
	Zone      string
	Name      string
	Type      string // CLOUD_PREMIUM, …
	Usage     string // DATA_DISK or SYSTEM_DISK
	State     string // UNATTACHED, ATTACHED, …
	Charge    string // POSTPAID_BY_HOUR or PREPAID
	Snapshot  string // the one it was made from, if any
	SizeGiB   int
	Encrypted bool
	Created   time.Time
	Tags      map[string]string
}

func (d Disk) clone() Disk {
	d.Tags = maps.Clone(d.Tags)
	return d
}

// The states, usages and types the API speaks of.
const (
	stateNormal   = "NORMAL"
	stateCreating = "CREATING"
	stateRollback = "ROLLBACKING"
	stateCopying  = "COPYING_FROM_REMOTE"
	stateChecking = "CHECKING_COPIED"
	stateRecycle  = "TORECYCLE"
	stateStrange  = "COPY_FAILED"

	dataDisk   = "DATA_DISK"
	systemDisk = "SYSTEM_DISK"

	privateSnapshot = "PRIVATE_SNAPSHOT"
	sharedSnapshot  = "SHARED_SNAPSHOT"

	diskUnattached = "UNATTACHED"
	diskAttached   = "ATTACHED"
	diskDumping    = "DUMPING"
	diskRecycle    = "TORECYCLE"

	postpaid = "POSTPAID_BY_HOUR"
	prepaid  = "PREPAID"

	unnamed = "unnamed"
)
