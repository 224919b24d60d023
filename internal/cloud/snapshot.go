package cloud

import "time"

// State is the state of a snapshot as the service names it. There is no state
// for failure: a failed copy hangs, vanishes, or has a state that is not listed
// here.
type State string

// The published states of a snapshot (API 2017-03-12, type Snapshot).
const (
	Normal      State = "NORMAL"
	Creating    State = "CREATING"
	RollingBack State = "ROLLBACKING"
	Copying     State = "COPYING_FROM_REMOTE"
	Checking    State = "CHECKING_COPIED"
	ToRecycle   State = "TORECYCLE"
)

// A Snapshot is one snapshot as it was observed at one moment. Fields that the
// service left out are zero, except Percent.
type Snapshot struct {
	// ID is "" if it could not be read. Such a row is only counted.
	ID, Region, Name string

	Disk       string // the disk that it was made from; "" on replicas
	SystemDisk bool
	State      State
	Percent    int       // -1 if the service left it out
	SizeGiB    int       // of the disk, not of the data
	Created    time.Time // zero where it could not be read

	Encrypted      bool
	CopyFromRemote bool // a replica, whoever made it
	SharedIn       bool // belongs to another account, which shares it with this one
	SharedOut      int  // accounts it is shared with
	Images         int  // images that depend on it
	Locked         bool

	CopyingTo []string // regions it is being copied to now
	Tags      map[string]string
}

// Ready reports whether the snapshot holds all its data and can be copied.
func (s *Snapshot) Ready() bool { return s.State == Normal && s.Percent == 100 }

// Arriving reports whether the snapshot is a copy that is still arriving.
func (s *Snapshot) Arriving() bool { return s.State == Copying || s.State == Checking }
