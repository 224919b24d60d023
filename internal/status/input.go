package status

import (
	"strings"
	"time"

	"snapferry/internal/plan"
)

// An Input is what one observation of the cloud found. Note fills in what the
// planner decided. The caller fills in the rest. What could not be read is left
// out.
type Input struct {
	// At is when the observation began, and Took is how long it took.
	At   time.Time
	Took time.Duration
	// Version, Commit and Contract say which program looked; the commit may be
	// unknown. APICalls are the requests that the observation cost.
	Version, Commit    string
	Contract, APICalls int

	// RPO is the promise in force; 0 is none. Keep are the keep rules. Zone is
	// where people are shown times and where days begin; nil is UTC.
	RPO  time.Duration
	Keep plan.Keep
	Zone *time.Location
	// Sources and Targets are the regions of the settings. Regions that only a tag
	// names are found in Rows.
	Sources, Targets []string
	// Unseen has each region that could not be read, in whole or in part.
	Unseen []Unseen

	// Disks describes the disks of the source regions by id, as DescribeDisks shows
	// them. Disks outside of care belong here too if a machine has them. A region
	// that is out of reach has none.
	Disks map[string]Detail
	// Rows has one decision about the protection of each disk in care and each of
	// its target regions.
	Rows []plan.Decision
	// Points are the proven points of the disks that share a machine with another
	// disk, in seconds since 1970, in any order. Of any other disk only the newest
	// point matters, which is in its row.
	Points map[Series][]uint32
	// Replicas counts the replicas.
	Replicas map[Replicas]int
	// Pending counts what is wanted in a region and not proven yet.
	Pending map[Pair]Pending
	// Copies are the copies under way.
	Copies []Copy

	// Quota has each target region whose quota could be read.
	Quota []Usage
	// Drills has the replicas that are tagged ferry:drilled. Build keeps the newest
	// week of each region.
	Drills []Drill
	// Warnings are for people.
	Warnings []string

	// pending is the snapshot and region that Pending counted last. machines has
	// the number of disks of each machine.
	pending  [2]string
	machines map[string]int
}

// A Detail describes a disk. Zero values are unknown.
type Detail struct {
	Name, Instance string // Instance is the machine that the disk is attached to
	SizeGiB        int
}

// A Series is one disk in one target region.
type Series struct{ Disk, To string }

// A Pair is a source region and a target region.
type Pair struct{ From, To string }

// Replicas names the replicas of one region that are in one of replicaStates.
type Replicas struct{ To, State string }

// Pending is what one pair of regions still waits for.
type Pending struct {
	Count  int
	Oldest time.Time // the oldest point in time
}

// A Usage is how much of a region's snapshot quota is used.
type Usage struct {
	Region      string
	Used, Limit int
	// Week is how many replicas have a point of the last seven days.
	Week int
}

// replicaStates are the states of a replica, each written as a metric.
var replicaStates = []string{"proven", "unproven", "copying", "stuck", "unexpected", "mismatch"}

// Note adds a decision of plan.Verify. Disks must be complete before. Percent and
// Since of a copy under way are in no decision: the caller adds them to Copies.
func (in *Input) Note(d plan.Decision) {
	if d.Kind == plan.KindProtect {
		in.Rows = append(in.Rows, d)
	}
	if d.Kind != plan.KindVerify || d.To == "" {
		return
	}
	state := string(d.Outcome)
	switch d.Outcome {
	case plan.Verified:
		state = "proven"
		if s := (Series{d.Disk, d.To}); in.sharesMachine(d.Disk) {
			put(&in.Points, s, append(in.Points[s], uint32(d.Point.Unix())))
		}
	case plan.Waiting:
		state = "unproven" // it is complete, and its source could not be read
	case plan.Arriving:
		if d.Replica != "" {
			in.Copies = append(in.Copies, Copy{Snapshot: d.Snapshot, Disk: d.Disk, To: d.To, Replica: d.Replica})
		}
	}
	if r := (Replicas{d.To, state}); d.Replica != "" {
		put(&in.Replicas, r, in.Replicas[r]+1)
	}
	in.notePending(&d)
}

func (in *Input) sharesMachine(disk string) bool {
	if in.machines == nil {
		in.machines = map[string]int{}
		for _, d := range in.Disks {
			in.machines[d.Instance]++
		}
	}
	instance := in.Disks[disk].Instance
	return instance != "" && in.machines[instance] > 1
}

// notePending counts a point that is wanted and not proven, once for each region.
func (in *Input) notePending(d *plan.Decision) {
	switch d.Outcome {
	case plan.Arriving, plan.Waiting, plan.Stuck, plan.Unexpected, plan.Mismatch, plan.Missing:
	default:
		return
	}
	if this := [2]string{d.Snapshot, d.To}; this != in.pending {
		in.pending = this
		p := in.Pending[Pair{d.From, d.To}]
		if p.Count++; p.Oldest.IsZero() || d.Point.Before(p.Oldest) {
			p.Oldest = d.Point
		}
		put(&in.Pending, Pair{d.From, d.To}, p)
	}
}

func put[K comparable, V any](m *map[K]V, key K, value V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[key] = value
}

// clean replaces bytes that are no UTF-8. Text from outside may have them, and JSON,
// HTML and OpenMetrics may not.
func clean(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
