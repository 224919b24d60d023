package sim

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// A matcher decides about a snapshot whose state is up to date.
type matcher func(*snapshot) bool

func (c *Cloud) describeSnapshots(q *query) ([]byte, *refusal) {
	var l listing
	ref := read(q.body, param{"SnapshotIds", &l.ids}, param{"Filters", &l.filters}, param{"Limit", &l.limit},
		param{"Offset", &l.offset}, param{"Order", &l.order}, param{"OrderField", &l.orderBy})
	if ref == nil {
		ref = c.check(q, &l, "snap", "CREATE_TIME")
	}
	if ref != nil {
		return nil, ref
	}
	matchers, ref := c.matchers(l.filters)
	if ref != nil {
		return nil, ref
	}
	matches := c.matching(q, &l, matchers)
	from, to := l.page(len(matches))
	out := make([]byte, 0, 64+(to-from)*rowSize)
	out = append(out, `"TotalCount":`...)
	out = strconv.AppendInt(out, int64(len(matches)), 10)
	out = append(out, `,"SnapshotSet":[`...)
	for i := from; i < to; i++ {
		if i > from {
			out = append(out, ',')
		}
		s := matches[i]
		if l.order != "ASC" {
			s = matches[len(matches)-1-i]
		}
		s.now(q.now)
		out = s.appendRow(out, q.now)
	}
	return append(out, ']'), nil
}

// matching returns what the answer counts, oldest first.
func (c *Cloud) matching(q *query, l *listing, matchers []matcher) []*snapshot {
	candidates := c.candidates(q.region, l)
	if len(matchers) == 0 && !q.now.Before(q.region.allVisible) {
		return candidates
	}
	matches := make([]*snapshot, 0, len(candidates))
next:
	for _, s := range candidates {
		if q.now.Before(s.visible) {
			continue
		}
		s.now(q.now)
		for _, m := range matchers {
			if !m(s) {
				continue next
			}
		}
		matches = append(matches, s)
	}
	return matches
}

// candidates narrows the region down by id, disk or exact name, so that asking for one
// snapshot of many thousands costs little.
func (c *Cloud) candidates(r *region, l *listing) []*snapshot {
	ids := l.ids
	var found []*snapshot
	for _, f := range l.filters {
		switch {
		case f.Name == "snapshot-id":
			ids = f.Values
		case f.Name == "snapshot-name" && !c.opt.Quirks.FuzzyName:
			for _, name := range f.Values {
				found = append(found, r.byName[name]...)
			}
			return inOrder(found)
		case f.Name == "disk-id":
			for _, disk := range f.Values {
				found = append(found, r.byDisk[disk]...)
			}
			return inOrder(found)
		}
	}
	if len(ids) == 0 {
		return r.snapshots.all()
	}
	return r.snapshots.pick(ids)
}

func (c *Cloud) matchers(filters []filter) ([]matcher, *refusal) {
	var list []matcher
	for _, f := range filters {
		if ref := checkValues(f); ref != nil {
			return nil, ref
		}
		m := c.matcher(f)
		if m == nil {
			return nil, unknownFilter(f.Name)
		}
		list = append(list, m)
	}
	return list, nil
}

// filterValues are the values of filters that take only certain ones.
var filterValues = map[string][]string{
	"snapshot-state": {stateNormal, stateCreating, stateRollback, stateCopying, stateChecking, stateRecycle},
	"disk-usage":     {dataDisk, systemDisk},
	"snapshot-type":  {privateSnapshot, sharedSnapshot},
	"encrypt":        {"TRUE", "FALSE", "true", "false", "True", "False"},
}

// maxDiskIDs is the most values of a disk-id filter (documented).
const maxDiskIDs = 10

func checkValues(f filter) *refusal {
	if known, ok := filterValues[f.Name]; ok {
		for _, v := range f.Values {
			if !slices.Contains(known, v) {
				return badValue("The filter %s can't be %q.", f.Name, v)
			}
		}
	}
	switch f.Name {
	case "snapshot-id":
		return checkIDs("snap", f.Values)
	case "disk-id":
		if len(f.Values) > maxDiskIDs {
			return tooMany("disk ids", len(f.Values), maxDiskIDs)
		}
		return checkIDs("disk", f.Values)
	}
	return nil
}

// matcher returns nil for a filter that does not exist. There is none for tags;
// zone is undocumented and works.
func (c *Cloud) matcher(f filter) matcher {
	has := func(v string) bool { return slices.Contains(f.Values, v) }
	switch f.Name {
	case "snapshot-id":
		return func(s *snapshot) bool { return has(s.ID) }
	case "snapshot-name":
		return c.nameMatcher(f.Values)
	case "snapshot-state":
		return func(s *snapshot) bool { return has(s.State) }
	case "disk-usage":
		return func(s *snapshot) bool { return has(s.Usage) }
	case "project-id":
		return func(*snapshot) bool { return has("0") } // all are in the default project
	case "disk-id":
		return func(s *snapshot) bool { return has(s.Disk) }
	case "encrypt":
		return func(s *snapshot) bool {
			return slices.ContainsFunc(f.Values, func(v string) bool { return strings.EqualFold(v, "true") == s.Encrypted })
		}
	case "snapshot-type":
		return func(s *snapshot) bool { return has(s.Type) }
	case "zone":
		return func(s *snapshot) bool { return has(s.Zone) }
	}
	return nil
}

// nameMatcher is as exact as the quirks say (UNK: exact or fuzzy, how many values).
func (c *Cloud) nameMatcher(values []string) matcher {
	if n := c.opt.Quirks.NameValues; n > 0 && len(values) > n {
		values = values[:n]
	}
	if !c.opt.Quirks.FuzzyName {
		return func(s *snapshot) bool { return slices.Contains(values, s.Name) }
	}
	return func(s *snapshot) bool {
		return slices.ContainsFunc(values, func(v string) bool { return strings.Contains(s.Name, v) })
	}
}

func (c *Cloud) describeSnapshotOverview(q *query) ([]byte, *refusal) {
	if ref := read(q.body); ref != nil {
		return nil, ref
	}
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
	return fields(reply), nil
}

func (s *snapshot) visibleAt(t time.Time) bool { return !s.deleted && !t.Before(s.visible) }
