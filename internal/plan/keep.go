package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Keep holds the keep rules, with the meaning they have in restic's forget.
// Zero is no rule. Without any rule all replicas are kept.
type Keep struct {
	Last, Hourly, Daily, Weekly, Monthly, Yearly int
	Within                                       time.Duration
}

// None reports whether there is no rule.
func (k Keep) None() bool { return k == Keep{} }

// period returns the number of the period that a time is in: two times are in
// the same period exactly if they have the same number. nth is the position in
// the list.
type period func(t time.Time, nth int) int

func hour(t time.Time, _ int) int { return day(t, 0)*100 + t.Hour() }
func day(t time.Time, _ int) int  { return t.Year()*10000 + int(t.Month())*100 + t.Day() }
func week(t time.Time, _ int) int {
	year, week := t.ISOWeek()
	return year*100 + week
}
func month(t time.Time, _ int) int { return t.Year()*100 + int(t.Month()) }
func year(t time.Time, _ int) int  { return t.Year() }

// apply returns for each of some points in time, newest first, the rules that
// keep it; "" if none does. Each rule keeps the newest point of each of its
// last n non-empty periods. If there are fewer periods, it also keeps the oldest
// point of all. A point stays if any rule keeps it. KEEP_WITHIN counts back from
// the newest point that is not in the future.
//
// The rules are monotone: a point kept in a list is kept in every sublist that
// contains it. Copying ranks all points and retention only the proven ones;
// this is why the two never disagree.
func (k Keep) apply(times []time.Time, zone *time.Location, now time.Time) []string {
	kept := make([]string, len(times))
	if k.None() {
		for i := range kept {
			kept[i] = "no keep rule: all are kept"
		}
		return kept
	}
	rules := []struct {
		name string
		left int
		of   period
		last int
	}{
		{"KEEP_LAST", k.Last, func(_ time.Time, nth int) int { return nth }, -1},
		{"KEEP_HOURLY", k.Hourly, hour, -1},
		{"KEEP_DAILY", k.Daily, day, -1},
		{"KEEP_WEEKLY", k.Weekly, week, -1},
		{"KEEP_MONTHLY", k.Monthly, month, -1},
		{"KEEP_YEARLY", k.Yearly, year, -1},
	}
	var newest time.Time
	if i := slices.IndexFunc(times, func(t time.Time) bool { return !t.After(now) }); i >= 0 {
		newest = times[i]
	}
	for nth, t := range times {
		var keeping []string
		if k.Within > 0 && t.After(newest.Add(-k.Within)) {
			keeping = append(keeping, "KEEP_WITHIN")
		}
		for i := range rules {
			r := &rules[i]
			number := r.of(t.In(zone), nth)
			if r.left == 0 || (number == r.last && nth != len(times)-1) {
				continue
			}
			keeping = append(keeping, r.name)
			r.last = number
			r.left--
		}
		switch len(keeping) {
		case 0:
		case 1:
			kept[nth] = fmt.Sprintf("%s keeps it", keeping[0])
		default:
			kept[nth] = fmt.Sprintf("%s keep it", strings.Join(keeping, " and "))
		}
	}
	return kept
}
