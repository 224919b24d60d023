package sim

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

type describeSnapshotsParams struct {
	listing
	SnapshotIds []string `api:"snap"`
}

func (c *Cloud) describeSnapshots(q *query, p *describeSnapshotsParams) (any, *refusal) {
	if ref := c.checkListing(q, &p.listing, p.SnapshotIds, "CREATE_TIME"); ref != nil {
		return nil, ref
	}
	for _, f := range p.Filters {
		if ref := checkFilter(f); ref != nil {
			return nil, ref
		}
	}
	found := c.matchingSnapshots(q, p)
	shown := page(p.paging, found)
	out := make([]byte, 0, 64+len(shown)*rowSize)
	out = append(out, `"TotalCount":`...)
	out = strconv.AppendInt(out, int64(len(found)), 10)
	out = append(out, `,"SnapshotSet":[`...)
	for i, s := range shown {
		if i > 0 {
			out = append(out, ',')
		}
		s.now(q.now)
		out = s.appendRow(out, q.now)
	}
	return append(out, ']'), nil
}

// matchingSnapshots returns what the answer counts, oldest first.
func (c *Cloud) matchingSnapshots(q *query, p *describeSnapshotsParams) []*snapshot {
	candidates := c.candidates(q.region, p)
	if len(p.Filters) == 0 && !q.now.Before(q.region.allVisible) {
		return candidates
	}
	found := make([]*snapshot, 0, len(candidates))
	for _, s := range candidates {
		if q.now.Before(s.visible) {
			continue
		}
		s.now(q.now)
		if !slices.ContainsFunc(p.Filters, func(f filter) bool { return !c.fits(s, f) }) {
			found = append(found, s)
		}
	}
	return found
}

// candidates narrows the region down by id, disk or exact name, so that asking
// for one snapshot of many thousands costs little.
func (c *Cloud) candidates(r *region, p *describeSnapshotsParams) []*snapshot {
	ids := p.SnapshotIds
	for _, f := range p.Filters {
		switch {
		case f.Name == "snapshot-id":
			ids = f.Values
		case f.Name == "snapshot-name" && !c.opt.Quirks.FuzzyName:
			return r.byName.pick(f.Values)
		case f.Name == "disk-id":
			return r.byDisk.pick(f.Values)
		}
	}
	if len(ids) == 0 {
		return r.snapshots.all()
	}
	return r.snapshots.pick(ids)
}

// maxDiskIDs is the most values of a disk-id filter (documented).
const maxDiskIDs = 10

// checkFilter refuses a filter that does not exist, and values that it can't have.
// There is none for tags; zone is undocumented and works.
func checkFilter(f filter) *refusal {
	var known []string
	switch f.Name {
	case "snapshot-name", "project-id", "zone":
		return nil
	case "snapshot-id":
		return checkIDs("snap", f.Values)
	case "disk-id":
		if len(f.Values) > maxDiskIDs {
			return tooMany("disk ids", len(f.Values), maxDiskIDs)
		}
		return checkIDs("disk", f.Values)
	case "snapshot-state":
		known = []string{stateNormal, stateCreating, stateRollback, stateCopying, stateChecking, stateRecycle}
	case "disk-usage":
		known = []string{dataDisk, systemDisk}
	case "snapshot-type":
		known = []string{privateSnapshot, sharedSnapshot}
	case "encrypt":
		known = []string{"TRUE", "FALSE", "true", "false", "True", "False"}
	default:
		return unknownFilter(f.Name)
	}
	for _, v := range f.Values {
		if !slices.Contains(known, v) {
			return badValue("The filter %s can't be %q.", f.Name, v)
		}
	}
	return nil
}

// fits tells whether a filter takes a snapshot whose state is up to date.
func (c *Cloud) fits(s *snapshot, f filter) bool {
	switch f.Name {
	case "snapshot-id":
		return f.matches(s.ID)
	case "snapshot-name":
		return c.nameFits(s.Name, f.Values)
	case "snapshot-state":
		return f.matches(s.State)
	case "disk-usage":
		return f.matches(s.Usage)
	case "project-id":
		return f.matches("0") // all are in the default project
	case "disk-id":
		return f.matches(s.Disk)
	case "encrypt":
		return slices.ContainsFunc(f.Values, func(v string) bool { return strings.EqualFold(v, "true") == s.Encrypted })
	case "snapshot-type":
		return f.matches(s.Type)
	}
	return f.matches(s.Zone)
}

// nameFits is as exact as the quirks say (UNK: exact or fuzzy, how many values).
func (c *Cloud) nameFits(name string, values []string) bool {
	if n := c.opt.Quirks.NameValues; n > 0 && len(values) > n {
		values = values[:n]
	}
	if !c.opt.Quirks.FuzzyName {
		return slices.Contains(values, name)
	}
	return slices.ContainsFunc(values, func(v string) bool { return strings.Contains(name, v) })
}

func (c *Cloud) describeSnapshotOverview(q *query, _ *struct{}) (any, *refusal) {
	const free = 50 // GiB
	var reply struct {
		TotalNums                           int
		TotalSize, FreeQuota, RealTradeSize float64
	}
	for _, s := range q.region.snapshots.all() {
		if s.visibleAt(q.now) {
			reply.TotalNums++
			reply.TotalSize += float64(s.SizeGiB)
		}
	}
	reply.FreeQuota = free
	reply.RealTradeSize = max(0, reply.TotalSize-free)
	return reply, nil
}

func (s *snapshot) visibleAt(t time.Time) bool { return !s.deleted && !t.Before(s.visible) }
