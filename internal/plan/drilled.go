package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// A Drilled is a replica that a drill restored in a week.
type Drilled struct{ To, Disk, Replica, Week string }

// noteDrilled keeps one replica of each region and week. There are few weeks, however
// many snapshots there are: the value of a tag that is no week is left out.
func (w *World) noteDrilled(d Drilled) {
	if Monday(d.Week).IsZero() {
		return
	}
	if w.drilled[d.To] == nil {
		w.drilled[d.To] = map[string]Drilled{}
	}
	if was, ok := w.drilled[d.To][d.Week]; !ok || d.compare(was) < 0 {
		w.drilled[d.To][d.Week] = d
	}
}

// Drilled returns one replica of each region and each week in which a drill restored
// any there.
func (w *World) Drilled() (all []Drilled) {
	for _, weeks := range w.drilled {
		all = slices.AppendSeq(all, maps.Values(weeks))
	}
	slices.SortFunc(all, Drilled.compare)
	return all
}

func (d Drilled) compare(e Drilled) int {
	return cmp.Or(cmp.Compare(d.To, e.To), cmp.Compare(d.Week, e.Week), cmp.Compare(d.Disk, e.Disk), cmp.Compare(d.Replica, e.Replica))
}

// Monday is the first day of an ISO week such as 2026-W48; zero if it is none.
func Monday(isoWeek string) time.Time {
	var year, number int
	if n, err := fmt.Sscanf(isoWeek, "%4d-W%2d", &year, &number); n != 2 || err != nil || fmt.Sprintf("%04d-W%02d", year, number) != isoWeek {
		return time.Time{}
	}
	first := time.Date(year, time.January, 4, 0, 0, 0, 0, time.UTC) // it is always in week 1
	day := first.AddDate(0, 0, 7*(number-1)-(int(first.Weekday())+6)%7)
	if y, w := day.ISOWeek(); y != year || w != number {
		return time.Time{}
	}
	return day
}
