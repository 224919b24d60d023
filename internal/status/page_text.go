package status

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"

	"snapferry/internal/plan"
	"snapferry/internal/words"
)

// functions are the template's functions. A text is written in the page's language.
// The attribute data-o holds it in the other one, and the script swaps the two.
func (v *view) functions() template.FuncMap {
	both := func(tag string, text func(language) string) template.HTML {
		return template.HTML("<" + tag + ` data-o="` + template.HTMLEscapeString(text(v.l.other())) + `">` + template.HTMLEscapeString(text(v.l)) + "</" + tag + ">")
	}
	age := func(d time.Duration) template.HTML { return both("i", func(l language) string { return l.age(d) }) }
	return template.FuncMap{
		"tag":   v.l.tag,
		"plain": v.l.say,
		"other": v.l.other().say,
		"t": func(text string, args ...any) template.HTML {
			return both("span", func(l language) string { return l.say(text, args...) })
		},
		"said": func(text string) template.HTML {
			return both("span", func(l language) string { return words.In(string(l), text) })
		},
		"verdict": func() template.HTML { return both("span", v.verdict) },
		"word": func(state any) template.HTML {
			return both("b", func(l language) string { return l.say(fmt.Sprint(state)) })
		},
		"means": func(o plan.Outcome) template.HTML {
			return both("span", func(l language) string { return l.means(o, v.in.RPO) })
		},
		"lane":    func(k lane) template.HTML { return both("span", k.text) },
		"tick":    func(t tick) template.HTML { return both("tspan", func(l language) string { return l.say(t.Word) }) },
		"ago":     func(t time.Time) template.HTML { return age(v.At.Sub(t)) },
		"until":   func(t time.Time) template.HTML { return age(t.Sub(v.At)) },
		"when":    func(t time.Time) string { return t.In(v.in.Zone).Format("2006-01-02 15:04") },
		"date":    func(t time.Time) string { return t.In(v.in.Zone).Format(time.DateOnly) },
		"iso":     func(t time.Time) string { return t.Format(time.RFC3339) },
		"percent": percent,
		"part":    func(n, of int) string { return percent(100 * float64(n) / float64(max(of, 1))) },
		"overdue": func(d Drill) bool { return v.At.Sub(plan.Monday(d.Week)) > drillOverdue },
		"near":    func(q Quota) bool { return float64(q.Used) >= nearlyFull*float64(q.Limit) },
		"lost":    func(ids []string) list[string] { return listOf(ids, 8, 0) },
		"name":    func(disk string) *Disk { return &Disk{Disk: disk, Name: v.names[disk]} },
		"join":    func(all []string) string { return strings.Join(all, ", ") },
		"states":  func() []plan.Outcome { return worstFirst },
		"cells":   v.cells,
	}
}

// A region is shown as nearly full from this share of its quota on.
const nearlyFull = 0.8

// drillOverdue is when the next drill of a region is overdue, as in deploy/alerts.yaml.
// It is counted from the Monday of a week, so a drill every month is never overdue.
const drillOverdue = 45 * 24 * time.Hour

func percent(p float64) string { return fmt.Sprintf("%.4g%%", min(max(p, 0), 100)) }

// A lane is what one keep rule keeps, drawn on the axis of the timeline. From is
// where a band begins that goes on to now.
type lane struct {
	Rule, From string
	Dots       []string
	form       string // its text
	n          int
	within     time.Duration
}

func (k lane) text(l language) string {
	if k.within > 0 {
		return l.say("all of the last %s", l.age(k.within))
	}
	return l.say(k.form, k.n)
}

// A tick is a mark on the axis.
type tick struct{ Word, X string }

// A rule with more points than mostDots is drawn as a band, because so many dots
// could not be told apart. mostDrawn bounds how far back the drawing goes.
const (
	mostDots  = 60
	mostDrawn = 1000
)

// timeline draws the keep rules on a logarithmic axis that ends now, on the right.
// The points are those of a disk that is snapshotted once a day, or once an hour if
// there is an hourly rule.
func timeline(k *plan.Keep, now time.Time) (lanes []lane, axis []tick) {
	const day = 24 * time.Hour
	before := func(unit time.Duration) func(int) time.Time {
		return func(n int) time.Time { return now.Add(-time.Duration(n) * unit) }
	}
	each := day
	if k.Hourly > 0 {
		each = time.Hour
	}
	rules := []struct {
		name, form string
		n          int
		at         func(int) time.Time
	}{
		{"KEEP_LAST", "the newest %d", k.Last, before(each)},
		{"KEEP_HOURLY", "the newest of each of %d hour(s)", k.Hourly, before(time.Hour)},
		{"KEEP_DAILY", "the newest of each of %d day(s)", k.Daily, before(day)},
		{"KEEP_WEEKLY", "the newest of each of %d week(s)", k.Weekly, before(week)},
		{"KEEP_MONTHLY", "the newest of each of %d month(s)", k.Monthly, func(n int) time.Time { return now.AddDate(0, -n, 0) }},
		{"KEEP_YEARLY", "the newest of each of %d year(s)", k.Yearly, func(n int) time.Time { return now.AddDate(-n, 0, 0) }},
	}
	longest := max(k.Within, day)
	for _, r := range rules {
		if r.n > 0 {
			longest = max(longest, now.Sub(r.at(min(r.n, mostDrawn)-1)))
		}
	}
	place := func(ago time.Duration) string {
		return percent(98 - 96*math.Log1p(ago.Hours())/math.Log1p(longest.Hours()))
	}
	for _, r := range rules {
		if r.n <= 0 {
			continue
		}
		one := lane{Rule: r.name, form: r.form, n: r.n}
		if r.n > mostDots {
			one.From = place(now.Sub(r.at(min(r.n, mostDrawn) - 1)))
		}
		for i := 0; i < r.n && one.From == ""; i++ {
			one.Dots = append(one.Dots, place(now.Sub(r.at(i))))
		}
		lanes = append(lanes, one)
	}
	if k.Within > 0 {
		lanes = append(lanes, lane{Rule: "KEEP_WITHIN", From: place(k.Within), within: k.Within})
	}
	for _, t := range []struct {
		word string
		ago  time.Duration
	}{{"now", 0}, {"1 hour", time.Hour}, {"1 day", day}, {"1 week", week}, {"1 month", 30 * day}, {"1 year", 365 * day}, {"10 years", 3652 * day}} {
		if t.ago <= longest && (t.ago != time.Hour || k.Hourly > 0) {
			axis = append(axis, tick{t.word, place(t.ago)})
		}
	}
	return lanes, axis
}
