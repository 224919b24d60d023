package cli

import (
	"cmp"
	"slices"

	"snapferry/handler"
	"snapferry/internal/job"
	"snapferry/internal/plan"
)

// plan lays out all decisions of a plan by disk and region, newest first. In a narrow
// terminal two fields share a column.
func (s *screen) plan(r handler.Reply) string {
	wide := columns{say: s.in, names: []string{"Disk", "Region", "Snapshot", "Made", "Plan", "Reason"}, width: s.width}
	narrow := columns{say: s.in, names: []string{"Disk\nRegion", "Snapshot\nMade", "Plan", "Reason"}, width: s.width}
	disk, region := "", ""
	for _, a := range decisions(r.All()) {
		made := ""
		if !a.Point.IsZero() {
			made = s.when(a.Point)
		}
		cells := []string{a.Disk, cmp.Or(a.To, a.From), a.Snapshot, made, s.outcome(a.Outcome), a.Reason}
		if s.terminal() && a.Disk == disk && a.To == region {
			cells[0], cells[1] = "", ""
		}
		disk, region = a.Disk, a.To
		wide.rows = append(wide.rows, cells)
		narrow.rows = append(narrow.rows, []string{cells[0] + "\n" + cells[1], cells[2] + "\n" + cells[3], cells[4], cells[5]})
	}
	if s.terminal() && s.width-wide.fixed() < readable {
		return narrow.render()
	}
	return wide.render()
}

// decisions sorts a plan for people. An existing replica has two actions: one about
// its copy and one about its deletion. While it is arriving the first is shown,
// after that the second.
func decisions(actions []job.Action) []job.Action {
	type replica struct{ region, id string }
	judged, arriving := map[replica]bool{}, map[replica]bool{}
	for _, a := range actions {
		switch r := (replica{a.To, a.Replica}); {
		case a.Replica == "":
		case a.Kind == plan.KindDelete:
			judged[r] = true
		case a.Outcome == plan.InProgress:
			arriving[r] = true
		}
	}
	actions = slices.DeleteFunc(actions, func(a job.Action) bool {
		r := replica{a.To, a.Replica}
		return a.Kind == plan.KindCopy && a.Outcome == plan.Exists && judged[r] || a.Kind == plan.KindDelete && arriving[r]
	})
	slices.SortStableFunc(actions, func(a, b job.Action) int {
		return cmp.Or(cmp.Compare(a.Disk, b.Disk), cmp.Compare(a.To, b.To), b.Point.Compare(a.Point), cmp.Compare(a.Snapshot, b.Snapshot))
	})
	return actions
}
