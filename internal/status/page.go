package status

import (
	"crypto/sha256"
	_ "embed" // the parts of the page
	"encoding/base64"
	"html/template"
	"io"
	"slices"
	"sync"

	"snapferry/internal/plan"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string

	// page is parsed at the first visit: a function that shows no page must not pay
	// for it at its start.
	page = sync.OnceValue(func() *template.Template {
		return template.Must(template.New("page").Funcs(new(view).functions()).Parse(pageHTML))
	})
)

// pagePolicy allows the page nothing but its own style, script and icon. The page
// holds it too, for when it is opened as a file.
var pagePolicy = sync.OnceValue(func() string {
	return "default-src 'none'; style-src " + hashOf(pageCSS) + "; script-src " + hashOf(pageJS) + "; img-src data:; base-uri 'none'; form-action 'none'"
})

// PagePolicy is the value of the page's Content-Security-Policy header.
func PagePolicy() string { return pagePolicy() + "; frame-ancestors 'none'" }

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// Page writes the page: one HTML document that needs nothing else. It is written in
// Chinese if lang is "zh", or in English. Its script changes to the browser's own
// language.
func (m *Model) Page(w io.Writer, lang string) error {
	v := newView(m, chinese)
	if lang != string(chinese) {
		v.l = english
	}
	t, err := page().Clone() // the functions depend on the language
	if err != nil {
		return err
	}
	return t.Funcs(v.functions()).Execute(w, v)
}

// A list is a list that is sorted by urgency: its beginning, what is folded up below
// it, and how many more there are, which the page leaves out.
type list[T any] struct {
	Shown, Folded []T
	More          int
}

func listOf[T any](all []T, shown, folded int) list[T] {
	shown = min(shown, len(all))
	end := min(shown+folded, len(all))
	return list[T]{all[:shown], all[shown:end], len(all) - end}
}

// mostDisks is how many disks the page shows. A reply of a function has at most 6 MB.
const mostDisks = 5000

// A view is the model as the template needs it.
type view struct {
	*Model
	In          *Input
	l           language
	names       map[string]string // of the disks
	Level       string            // good, warn or bad
	Icon        template.URL
	Style       template.CSS
	Script      template.JS
	Policy      string
	Bar         []segment
	Columns     []string
	Width       int // of the columns, together
	ManySources bool
	Chips       []plan.Outcome // the states that disks have
	Shown       list[Disk]
	Wrong       list[wrong]
	Machines    list[machine]
	Copying     list[Copy]
	Undrilled   []string
	Keep        []lane
	Axis        []tick
}

// A segment is one state in the bar of all disks that exist. X and W are percent.
type segment struct {
	State plan.Outcome
	N     int
	X, W  float64
}

// A wrong is a disk that is late or unprotected for one reason.
type wrong struct {
	Of         *Disk
	State      plan.Outcome
	To, Reason string
}

// A machine is an instance with its disks in care and its regions.
type machine struct {
	Instance string
	Disks    []*Disk
	In       []Instance
}

// icons are the page's icon for each level. Each has a shape of its own.
var icons = map[string]string{
	"good": `<circle cx='8' cy='8' r='8' fill='%232f9e67'/><path d='m4.5 8.3 2.4 2.4 4.6-5.2' fill='none' stroke='white' stroke-width='1.8'/>`,
	"warn": `<path d='M8 1l8 14H0z' fill='%23d98300'/><path d='M8 6v4.5m0 1.2v1.8' stroke='white' stroke-width='1.8'/>`,
	"bad":  `<path d='M5 0h6l5 5v6l-5 5H5l-5-5V5z' fill='%23d5433a'/><path d='m5 5 6 6m0-6-6 6' stroke='white' stroke-width='1.8'/>`,
}

func newView(m *Model, l language) *view {
	v := &view{
		Model: m, In: &m.in, l: l, names: map[string]string{}, Level: "good", Style: template.CSS(pageCSS), Script: template.JS(pageJS), Policy: pagePolicy(),
		Bar: bar(&m.Protection), Columns: m.columns(), Shown: listOf(m.Disks, mostDisks, 0), Wrong: listOf(wrongs(m.Disks), 20, 180),
		Machines: listOf(machines(m.Instances, m.Disks), 12, 88), Copying: listOf(m.Copies, 10, 90),
	}
	switch p := &m.Protection; {
	case p.Unprotected > 0:
		v.Level = "bad"
	case p.Late > 0, p.Disks == 0, len(m.Unseen) > 0:
		v.Level = "warn"
	}
	v.Icon = template.URL("data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>" + icons[v.Level] + "</svg>")
	v.Width = max(len(v.Columns), 1)
	for i := range m.Disks {
		d := &m.Disks[i]
		v.names[d.Disk] = d.Name
		v.ManySources = v.ManySources || d.From != m.Disks[0].From
		if !slices.Contains(v.Chips, d.State) {
			v.Chips = append(v.Chips, d.State)
		}
	}
	for _, to := range m.targets() {
		if !slices.ContainsFunc(m.Drills, func(d Drill) bool { return d.To == to }) {
			v.Undrilled = append(v.Undrilled, to)
		}
	}
	v.Keep, v.Axis = timeline(&m.in.Keep, m.At)
	return v
}

// bar divides the bar among the states. The share of a few disks among thousands
// can still be seen.
func bar(p *plan.Protection) []segment {
	const least = 1.5
	all := []segment{{State: plan.Unprotected, N: p.Unprotected}, {State: plan.Late, N: p.Late}, {State: plan.Arriving, N: p.Copying}, {State: plan.Protected, N: p.Protected}}
	all = slices.DeleteFunc(all, func(s segment) bool { return s.N == 0 })
	total, x := 0.0, 0.0
	for i := range all {
		all[i].W = max(100*float64(all[i].N)/float64(p.Disks), least)
		total += all[i].W
	}
	for i := range all {
		all[i].X, all[i].W = x, all[i].W*100/total
		x += all[i].W
	}
	return all
}

// wrongs lists what is late or unprotected, one entry for each reason of a disk.
func wrongs(disks []Disk) (all []wrong) {
	for i := range disks {
		first := len(all)
		for _, r := range disks[i].Regions {
			if !r.State.Alarms() {
				continue
			}
			same := slices.IndexFunc(all[first:], func(w wrong) bool { return w.Reason == r.Reason && w.State == r.State })
			if same < 0 {
				all = append(all, wrong{&disks[i], r.State, r.To, r.Reason})
			} else {
				all[first+same].To += ", " + r.To
			}
		}
	}
	return all
}

// machines joins the regions of each machine. The machines without a common point
// come first, then those whose common point is oldest.
func machines(sorted []Instance, disks []Disk) (all []machine) {
	of := map[string][]*Disk{}
	for i := range disks {
		of[disks[i].Instance] = append(of[disks[i].Instance], &disks[i])
	}
	for i := range sorted {
		if n := len(all); n == 0 || all[n-1].Instance != sorted[i].Instance {
			all = append(all, machine{Instance: sorted[i].Instance, Disks: of[sorted[i].Instance]})
		}
		m := &all[len(all)-1]
		m.In = append(m.In, sorted[i])
	}
	older := func(a, b Instance) int { return a.CommonPoint.Compare(b.CommonPoint) }
	slices.SortStableFunc(all, func(a, b machine) int { return older(slices.MinFunc(a.In, older), slices.MinFunc(b.In, older)) })
	return all
}

// cells are the regions of a disk, one for each column; nil is a region that is no
// target. A disk without a usable target has one cell.
func (v *view) cells(d Disk) []*Region {
	if d.Regions[0].To == "" {
		return []*Region{&d.Regions[0]}
	}
	all := make([]*Region, len(v.Columns))
	for i := range d.Regions {
		at, _ := slices.BinarySearch(v.Columns, d.Regions[i].To)
		all[at] = &d.Regions[i]
	}
	return all
}
