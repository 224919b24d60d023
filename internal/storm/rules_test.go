package storm

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// A rule is one keep rule. It keeps the newest of each of the last n periods
// that have one, and the oldest of all while n is not used up. With within, it
// keeps what is less than that much older than the newest.
type rule struct {
	period string // a key of periods
	n      int
	within time.Duration
}

// periods say in which period a time lies, by the setting's name.
var periods = map[string]func(time.Time) string{
	"KEEP_LAST":    func(t time.Time) string { return "" }, // each is its own
	"KEEP_HOURLY":  func(t time.Time) string { return t.Format("2006010215") },
	"KEEP_DAILY":   func(t time.Time) string { return t.Format("20060102") },
	"KEEP_WEEKLY":  func(t time.Time) string { y, w := t.ISOWeek(); return fmt.Sprint(y, "w", w) },
	"KEEP_MONTHLY": func(t time.Time) string { return t.Format("200601") },
	"KEEP_YEARLY":  func(t time.Time) string { return t.Format("2006") },
}

// drawRules draws one to three keep rules.
func (p *deployment) drawRules(d draw) {
	names := []string{"KEEP_LAST", "KEEP_LAST", "KEEP_LAST", "KEEP_HOURLY", "KEEP_DAILY", "KEEP_WEEKLY", "KEEP_MONTHLY", "KEEP_YEARLY", "KEEP_WITHIN"}
	for range d.upTo(1, 3) {
		name := oneOf(d, names...)
		if p.env[name] != "" {
			continue
		}
		r := rule{period: name, n: d.upTo(1, 6)}
		p.env[name] = strconv.Itoa(r.n)
		if name == "KEEP_WITHIN" {
			r.within = d.between(time.Hour, 40*time.Hour).Truncate(time.Minute)
			p.env[name] = r.within.String()
		}
		p.rules = append(p.rules, r)
	}
}

// A point is a moment of a disk's life that a replica preserves, or could.
type point struct {
	source  string
	created time.Time
}

// sortPoints puts points in the order of the keep rules: newest first.
func sortPoints(points []point) {
	slices.SortFunc(points, func(a, b point) int {
		return cmp.Or(b.created.Compare(a.created), cmp.Compare(a.source, b.source))
	})
}

// keeps tells for each of the points, newest first, whether a rule keeps it.
// Without any rule all are kept.
func (p *deployment) keeps(points []point) []bool {
	kept := make([]bool, len(points))
	for i := range kept {
		kept[i] = len(p.rules) == 0
	}
	for _, r := range p.rules {
		if r.within > 0 {
			for i, at := range points {
				kept[i] = kept[i] || at.created.After(points[0].created.Add(-r.within))
			}
			continue
		}
		last, left := "none", r.n
		for i, at := range points {
			period := periods[r.period](at.created.In(p.zone))
			if left > 0 && (r.period == "KEEP_LAST" || period != last || i == len(points)-1) {
				kept[i], last = true, period
				left--
			}
		}
	}
	return kept
}
