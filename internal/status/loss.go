package status

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"snapferry/internal/plan"
)

// A Loss says what comes back in To if From is lost now. Disks are those in care
// that have To among their targets. MedianPoint and OldestPoint are of those that
// come back.
type Loss struct {
	From        string    `json:"from"`
	To          string    `json:"to"`
	Disks       int       `json:"disks"`
	ComeBack    int       `json:"comeBack"`
	MedianPoint time.Time `json:"medianPoint,omitzero"`
	OldestPoint time.Time `json:"oldestPoint,omitzero"`
	Lost        []string  `json:"lost"`
}

func losses(disks []Disk) []Loss {
	byPair := map[Pair]*Loss{}
	points := map[Pair][]time.Time{}
	eachSeries(disks, func(d *Disk, r *Region) {
		pair := Pair{d.From, r.To}
		l := byPair[pair]
		if l == nil {
			l = &Loss{From: d.From, To: r.To, Lost: []string{}}
			byPair[pair] = l
		}
		if l.Disks++; r.Point.IsZero() {
			l.Lost = append(l.Lost, d.Disk)
		} else {
			points[pair] = append(points[pair], r.Point)
		}
	})
	all := []Loss{}
	for pair, l := range byPair {
		if p := points[pair]; len(p) > 0 {
			slices.SortFunc(p, time.Time.Compare)
			l.ComeBack, l.OldestPoint, l.MedianPoint = len(p), p[0], p[(len(p)-1)/2]
		}
		all = append(all, *l)
	}
	slices.SortFunc(all, func(a, b Loss) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return all
}

// eachSeries calls f with every disk and target region, without disks that are gone
// and disks that have no usable target.
func eachSeries(disks []Disk, f func(*Disk, *Region)) {
	for i := range disks {
		for j := range disks[i].Regions {
			if r := &disks[i].Regions[j]; r.To != "" && r.State != plan.GoneDisk {
				f(&disks[i], r)
			}
		}
	}
}

// An Instance is a machine and what a restore of all its disks to one moment finds
// in a region. CommonPoint is the oldest of the newest points that are within a
// minute of each other, one of each disk in care; zero if there is none.
type Instance struct {
	Instance    string    `json:"instance"`
	To          string    `json:"to"`
	CommonPoint time.Time `json:"commonPoint,omitzero"`
	Reason      string    `json:"reason"`
}

// together is how far apart the points of one moment may be.
const together = 60 // seconds

func instances(in *Input, all []Disk) []Instance {
	disksOf, targets := map[string][]*Disk{}, map[string]map[string]bool{}
	inCare := map[string]bool{}
	for i := range all {
		d := &all[i]
		if d.Instance == "" || d.State == plan.GoneDisk {
			continue
		}
		inCare[d.Disk] = true
		disksOf[d.Instance] = append(disksOf[d.Instance], d)
		to := targets[d.Instance]
		for _, r := range d.Regions {
			if r.To != "" {
				put(&to, r.To, true)
			}
		}
		targets[d.Instance] = to
	}
	left := map[string][]string{} // disks of the machines that have no row
	for id, d := range in.Disks {
		if instance := clean(d.Instance); targets[instance] != nil && !inCare[id] {
			left[instance] = append(left[instance], id)
		}
	}
	found := []Instance{}
	for _, instance := range slices.Sorted(maps.Keys(targets)) {
		disks := disksOf[instance]
		slices.SortFunc(disks, func(a, b *Disk) int { return cmp.Compare(a.Disk, b.Disk) })
		for _, to := range slices.Sorted(maps.Keys(targets[instance])) {
			i := Instance{Instance: instance, To: to}
			i.CommonPoint, i.Reason = commonPoint(in, disks, to)
			if without := left[instance]; len(without) > 0 && i.Reason == "" {
				slices.Sort(without)
				i.Reason = "without " + strings.Join(without, ", ") + ": not in care, or its target region could not be read"
			}
			found = append(found, i)
		}
	}
	return found
}

// commonPoint finds the newest moment of which every disk has a proven point, or
// says which disk breaks it.
func commonPoint(in *Input, disks []*Disk, to string) (time.Time, string) {
	points := make([][]int64, len(disks)) // oldest first
	var moments []int64
	for i, d := range disks {
		at := slices.IndexFunc(d.Regions, func(r Region) bool { return r.To == to })
		if at < 0 {
			return time.Time{}, d.Disk + " is not copied to " + to + ": give the machine's disks the same targets"
		}
		for _, p := range in.Points[Series{d.Disk, to}] {
			points[i] = append(points[i], int64(p))
		}
		if p := d.Regions[at].Point; !p.IsZero() {
			points[i] = append(points[i], p.Unix())
		}
		if len(points[i]) == 0 {
			return time.Time{}, d.Disk + " has no proven replica there"
		}
		slices.Sort(points[i])
		moments = append(moments, points[i]...)
	}
	slices.Sort(moments)
	for _, moment := range slices.Backward(moments) {
		if !slices.ContainsFunc(points, func(p []int64) bool { return !hasIn(p, moment, moment+together) }) {
			return time.Unix(moment, 0).UTC(), ""
		}
	}
	const advice = "; snapshot the machine's disks together, by one policy or as a group"
	for i, other := range points[1:] {
		if !slices.ContainsFunc(points[0], func(p int64) bool { return hasIn(other, p-together, p+together) }) {
			return time.Time{}, fmt.Sprintf("%s has no point within a minute of one of %s%s", disks[i+1].Disk, disks[0].Disk, advice)
		}
	}
	return time.Time{}, "no moment has a point of every disk" + advice
}

// hasIn reports whether a sorted list has a number in a range.
func hasIn(sorted []int64, from, to int64) bool {
	i, _ := slices.BinarySearch(sorted, from)
	return i < len(sorted) && sorted[i] <= to
}
