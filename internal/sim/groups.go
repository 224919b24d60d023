package sim

import (
	"slices"
	"time"
)

// A groupRow is a snapshot group as the API shows it. Unlike all other times of
// CBS, its are in RFC 3339.
type groupRow struct {
	SnapshotGroupId      string
	SnapshotGroupName    string
	SnapshotGroupType    string
	SnapshotGroupState   string
	ContainRootSnapshot  bool
	SnapshotIdSet        []string
	Percent              int
	CreateTime           string
	ModifyTime           string
	Images               []image
	ImageCount           int
	IsPermanent          bool
	DeadlineTime         *string
	AutoSnapshotPolicyId *string
}

func (c *Cloud) describeSnapshotGroups(q *query) ([]byte, *refusal) {
	var l listing
	ref := read(q.body, param{"Filters", &l.filters}, param{"Limit", &l.limit}, param{"Offset", &l.offset})
	if ref == nil {
		ref = c.check(q, &l, "csnap")
	}
	if ref != nil {
		return nil, ref
	}
	rows := []groupRow{}
	for _, g := range slices.Backward(q.region.groups) {
		row, exists := g.row(q.now)
		if !exists {
			continue
		}
		fits, ref := row.fits(l.filters)
		if ref != nil {
			return nil, ref
		}
		if fits {
			rows = append(rows, row)
		}
	}
	from, to := l.page(len(rows))
	return fields(struct {
		TotalCount       int
		SnapshotGroupSet []groupRow
	}{len(rows), rows[from:to]}), nil
}

// row describes the group by what is left of its snapshots; without any it is gone.
func (g *group) row(now time.Time) (groupRow, bool) {
	at := g.created.UTC().Format("2006-01-02T15:04:05-07:00")
	row := groupRow{
		SnapshotGroupId: g.id, SnapshotGroupName: g.name, SnapshotGroupType: "NORMAL", SnapshotGroupState: stateNormal,
		Percent: 100, CreateTime: at, ModifyTime: at, IsPermanent: true, Images: []image{},
	}
	for _, s := range g.members {
		if s.gone(now) || s.deleted {
			continue
		}
		s.now(now)
		row.SnapshotIdSet = append(row.SnapshotIdSet, s.ID)
		row.Percent = min(row.Percent, s.Percent)
		row.ContainRootSnapshot = row.ContainRootSnapshot || s.Usage == systemDisk
		if s.State == stateCreating || s.State == stateRollback {
			row.SnapshotGroupState = s.State
		}
		for i := range s.Images {
			row.Images = append(row.Images, s.image(i))
		}
	}
	row.ImageCount = len(row.Images)
	return row, len(row.SnapshotIdSet) > 0
}

func (r groupRow) fits(filters []filter) (bool, *refusal) {
	for _, f := range filters {
		var values []string
		switch f.Name {
		case "snapshot-group-id":
			values = []string{r.SnapshotGroupId}
		case "snapshot-group-state":
			values = []string{r.SnapshotGroupState}
		case "snapshot-group-name":
			values = []string{r.SnapshotGroupName}
		case "snapshot-id":
			values = r.SnapshotIdSet
		default:
			return false, unknownFilter(f.Name)
		}
		if !slices.ContainsFunc(values, func(v string) bool { return slices.Contains(f.Values, v) }) {
			return false, nil
		}
	}
	return true, nil
}
