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
	if ref := checkNames(p.Filters, (&snapshot{}).values); ref != nil {
		return nil, ref
	}
	for _, f := range p.Filters {
		if ref := checkValues(f); ref != nil {
			return nil, ref
		}
	}
	c.applyNameQuirks(q.region, p.Filters)
	found := matchingSnapshots(q, p)
	if id := refusedFor(c, p.SnapshotIds, found); id != "" {
		return nil, noSnapshot(id)
	}
	total, shown := answered(c, q, p.paging, found)
	out := make([]byte, 0, 64+len(shown)*rowSize)
	out = append(out, `"TotalCount":`...)
	out = strconv.AppendInt(out, int64(total), 10)
	out = append(out, `,"SnapshotSet":[`...)
	zone := c.zone(q.region.name)
	for i, s := range shown {
		if i > 0 {
			out = append(out, ',')
		}
		s.now(q.now)
		start := len(out)
		out = c.appendRow(out, s, q.now, zone)
		out = append(out[:start], q.fault.List.retold(s.ID, out[start:])...)
	}
	return append(out, ']'), nil
}

// matchingSnapshots returns what the answer counts, oldest first.
func matchingSnapshots(q *query, p *describeSnapshotsParams) []*snapshot {
	candidates := candidates(q.region, p)
	if len(p.Filters) == 0 && !q.now.Before(q.region.allVisible) {
		return candidates
	}
	found := make([]*snapshot, 0, len(candidates))
	for _, s := range candidates {
		if q.now.Before(s.visible) {
			continue
		}
		s.now(q.now)
		if fitsAll(p.Filters, s.values) {
			found = append(found, s)
		}
	}
	return found
}

// candidates narrows the region down by id, disk or exact name, so that asking
// for one snapshot of many thousands costs little.
func candidates(r *region, p *describeSnapshotsParams) []*snapshot {
	ids := p.SnapshotIds
	for _, f := range p.Filters {
		switch f.Name {
		case "snapshot-id":
			ids = f.Values
		case "snapshot-name":
			return r.byName.pick(f.Values)
		case "disk-id":
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

// checkValues refuses values that a filter can't have.
func checkValues(f filter) *refusal {
	known := f.Values
	switch f.Name {
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
	}
	for _, v := range f.Values {
		if !slices.Contains(known, v) {
			return badValue("The filter %s can't be %q.", f.Name, v)
		}
	}
	return nil
}

// values implements valuesOf for a snapshot whose state is up to date. There is
// no filter for tags; zone is undocumented and works.
func (s *snapshot) values(filter string) ([]string, bool) {
	switch filter {
	case "snapshot-id":
		return []string{s.ID}, true
	case "snapshot-name":
		return []string{s.Name}, true
	case "snapshot-state":
		return []string{s.State}, true
	case "snapshot-type":
		return []string{s.Type}, true
	case "disk-usage":
		return []string{s.Usage}, true
	case "disk-id":
		return []string{s.Disk}, true
	case "project-id":
		return []string{"0"}, true // all are in the default project
	case "zone":
		return []string{s.Zone}, true
	case "encrypt":
		word := strconv.FormatBool(s.Encrypted)
		return []string{word, strings.ToUpper(word), strings.ToUpper(word[:1]) + word[1:]}, true
	}
	return nil, false
}

// applyNameQuirks makes name filters as exact as the quirks say (UNK: exact or
// fuzzy, how many values count). A fuzzy one then has all names that it finds.
func (c *Cloud) applyNameQuirks(r *region, filters []filter) {
	for i, f := range filters {
		if f.Name != "snapshot-name" {
			continue
		}
		if n := c.opt.Quirks.NameValues; n > 0 && len(f.Values) > n {
			f.Values = f.Values[:n]
		}
		if c.opt.Quirks.FuzzyName {
			var names []string
			for name := range r.byName {
				if slices.ContainsFunc(f.Values, func(part string) bool { return strings.Contains(name, part) }) {
					names = append(names, name)
				}
			}
			f.Values = names
		}
		filters[i] = f
	}
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
