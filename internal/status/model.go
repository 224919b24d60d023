// Package status says how far every disk is protected, in one model that is shown
// as JSON, CSV, OpenMetrics and a page. Field names, columns, metric names and
// labels are a contract: other programs read them.
//
// Unknown values are absent, never invented. Lists are always there. The package
// does no I/O and reads no clock: the same input in any order gives the same bytes.
package status

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"time"

	"snapferry/internal/plan"
)

// A Model is the state of all disks in care at one moment, the worst first.
type Model struct {
	Version    int             `json:"version"` // of the format
	At         time.Time       `json:"at"`
	RPO        string          `json:"rpo"`
	Verdict    string          `json:"verdict"`
	Protection plan.Protection `json:"protection"`
	Disks      []Disk          `json:"disks"`
	IfLost     []Loss          `json:"ifLost"`
	Instances  []Instance      `json:"instances"`
	Copies     []Copy          `json:"copies"`
	Quota      []Quota         `json:"quota"`
	Drills     []Drill         `json:"drills"`
	Unseen     []Unseen        `json:"unseen"`
	Warnings   []string        `json:"warnings"`

	in Input // what only the metrics and the page show
}

// A Disk is one disk in care. Its state is that of its worst region.
type Disk struct {
	Disk     string       `json:"disk"`
	Name     string       `json:"name,omitempty"`
	From     string       `json:"from"`
	SizeGiB  int          `json:"sizeGiB,omitempty"`
	Instance string       `json:"instance,omitempty"`
	State    plan.Outcome `json:"state"`
	Regions  []Region     `json:"regions"`
}

// A Region is one disk in one of its target regions. To is absent if the disk has
// no usable target.
type Region struct {
	To         string       `json:"to,omitempty"`
	State      plan.Outcome `json:"state"`
	Replica    string       `json:"replica,omitempty"` // the newest proven one
	Point      time.Time    `json:"point,omitzero"`
	AgeSeconds *int64       `json:"ageSeconds,omitempty"`
	Reason     string       `json:"reason"`
}

// A Copy is a copy under way. A Percent of nil and a zero Since are unknown.
type Copy struct {
	Snapshot string    `json:"snapshot"`
	Disk     string    `json:"disk,omitempty"`
	To       string    `json:"to"`
	Replica  string    `json:"replica"`
	Percent  *int      `json:"percent,omitempty"`
	Since    time.Time `json:"since,omitzero"`
}

// A Quota says how full a region is. FullAt is absent if nothing grows.
type Quota struct {
	Region string    `json:"region"`
	Used   int       `json:"used"`
	Limit  int       `json:"limit"`
	Free   int       `json:"free"`
	FullAt time.Time `json:"fullAt,omitzero"`
}

// A Drill is a replica that was restored for a test in an ISO week.
type Drill struct {
	To      string `json:"to"`
	Disk    string `json:"disk,omitempty"`
	Replica string `json:"replica"`
	Week    string `json:"week"`
}

// Unseen is a region that could not be read.
type Unseen struct {
	Region string `json:"region"`
	Reason string `json:"reason"`
}

// worstFirst are the states of a disk in one region.
var worstFirst = []plan.Outcome{plan.Unprotected, plan.Late, plan.Arriving, plan.Protected, plan.GoneDisk}

func worse(a, b plan.Outcome) int {
	return cmp.Compare(slices.Index(worstFirst, a), slices.Index(worstFirst, b))
}

// Build makes the model. It does not keep or change the input's lists.
func Build(in Input) Model {
	in.At = in.At.UTC().Truncate(time.Second)
	if in.Zone == nil {
		in.Zone = time.UTC
	}
	m := Model{
		Version: 1, At: in.At, RPO: plan.InHours(in.RPO), Disks: disks(&in),
		Copies: copies(in.Copies), Quota: quotas(&in), Drills: newestDrills(&in), Unseen: []Unseen{}, Warnings: []string{},
	}
	for _, u := range in.Unseen {
		m.Unseen = append(m.Unseen, Unseen{clean(u.Region), clean(u.Reason)})
	}
	slices.SortFunc(m.Unseen, func(a, b Unseen) int { return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Reason, b.Reason)) })
	for _, w := range in.Warnings {
		m.Warnings = append(m.Warnings, clean(w))
	}
	count := map[plan.Outcome]int{}
	for i := range m.Disks {
		count[m.Disks[i].State]++
	}
	m.Protection = plan.Protection{
		Disks: len(m.Disks) - count[plan.GoneDisk], Protected: count[plan.Protected], Late: count[plan.Late],
		Copying: count[plan.Arriving], Unprotected: count[plan.Unprotected], Gone: count[plan.GoneDisk],
	}
	m.IfLost, m.Instances = losses(m.Disks), instances(&in, m.Disks)
	in.Rows, in.Points, in.Disks, in.machines = nil, nil, nil, nil // they are in the model now
	m.in = in
	m.Verdict = m.verdict(english)
	return m
}

// JSON writes the model as JSON.
func (m *Model) JSON(w io.Writer) error { return json.NewEncoder(w).Encode(m) }

// disks joins the rows of each disk, and sorts the worst first: by state, then by
// the oldest point.
func disks(in *Input) []Disk {
	rows := make([]*plan.Decision, len(in.Rows))
	for i := range in.Rows {
		rows[i] = &in.Rows[i]
	}
	slices.SortFunc(rows, func(a, b *plan.Decision) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Disk, b.Disk), cmp.Compare(a.To, b.To), worse(a.Outcome, b.Outcome))
	})
	rows = slices.CompactFunc(rows, func(a, b *plan.Decision) bool { return a.From == b.From && a.Disk == b.Disk && a.To == b.To })
	all := []Disk{}
	for _, row := range rows {
		if n := len(all); n == 0 || all[n-1].Disk != row.Disk || all[n-1].From != row.From {
			d := in.Disks[row.Disk]
			all = append(all, Disk{Disk: row.Disk, From: row.From, Name: clean(d.Name), SizeGiB: max(d.SizeGiB, 0), Instance: clean(d.Instance), State: row.Outcome})
		}
		disk := &all[len(all)-1]
		r := Region{To: row.To, State: row.Outcome, Replica: row.Replica, Reason: clean(row.Reason)}
		if !row.Point.IsZero() {
			r.Point = row.Point.UTC()
			age := max(int64(in.At.Sub(row.Point).Seconds()), 0) // clocks differ
			r.AgeSeconds = &age
		}
		if disk.Regions = append(disk.Regions, r); worse(r.State, disk.State) < 0 {
			disk.State = r.State
		}
	}
	slices.SortFunc(all, func(a, b Disk) int {
		return cmp.Or(worse(a.State, b.State), a.oldest().Compare(b.oldest()), cmp.Compare(a.From, b.From), cmp.Compare(a.Disk, b.Disk))
	})
	return all
}

// oldest is the oldest point among the regions that give a disk its state; zero
// if one of them has none.
func (d *Disk) oldest() time.Time {
	var oldest *Region
	for i := range d.Regions {
		if r := &d.Regions[i]; r.State == d.State && (oldest == nil || r.Point.Before(oldest.Point)) {
			oldest = r
		}
	}
	return oldest.Point
}

func copies(found []Copy) []Copy {
	all := append([]Copy{}, found...)
	for i := range all {
		if c := &all[i]; !c.Since.IsZero() {
			c.Since = c.Since.UTC()
		}
		if p := all[i].Percent; p != nil && (*p < 0 || *p > 100) {
			all[i].Percent = nil
		}
	}
	slices.SortFunc(all, func(a, b Copy) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.To, b.To), cmp.Compare(a.Replica, b.Replica), cmp.Compare(a.Snapshot, b.Snapshot))
	})
	return all
}

// week is the period over which the growth of a region is measured.
const week = 7 * 24 * time.Hour

// longest bounds a forecast. A later day means nothing, and a year of five digits
// is no valid time in JSON.
const longest = 100 * 365 * 24 * time.Hour

func quotas(in *Input) []Quota {
	all := []Quota{}
	for _, u := range in.Quota {
		q := Quota{Region: u.Region, Used: u.Used, Limit: u.Limit, Free: max(u.Limit-u.Used, 0)}
		if u.Week > 0 {
			if left := float64(q.Free) / float64(u.Week) * float64(week); left < float64(longest) {
				q.FullAt = in.At.Add(time.Duration(left)).Truncate(time.Second)
			}
		}
		all = append(all, q)
	}
	slices.SortFunc(all, func(a, b Quota) int { return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(b.Used, a.Used)) })
	return slices.CompactFunc(all, func(a, b Quota) bool { return a.Region == b.Region })
}

// newestDrills keeps the newest week of each region. A tag that is no ISO week, or one
// of the future in every zone, is left out: people can write tags.
func newestDrills(in *Input) []Drill {
	all := slices.DeleteFunc(append([]Drill{}, in.Drills...), func(d Drill) bool {
		return plan.Monday(d.Week).IsZero() || plan.Monday(d.Week).After(in.At.Add(24*time.Hour))
	})
	slices.SortFunc(all, func(a, b Drill) int {
		return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(b.Week, a.Week), cmp.Compare(a.Disk, b.Disk), cmp.Compare(a.Replica, b.Replica))
	})
	return slices.CompactFunc(all, func(a, b Drill) bool { return a.To == b.To })
}
