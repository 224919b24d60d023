package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"snapferry/internal/plan"
	"snapferry/internal/status"
)

type statusCommand struct {
	HTML    string `name:"html" placeholder:"FILE" help:"Write the page to a file; - is standard output."`
	CSV     string `name:"csv" placeholder:"FILE" help:"Write one row for each disk and region to a file, for a spreadsheet; - is standard output."`
	JSON    bool   `name:"json" xor:"form" help:"Print the status as one line of JSON."`
	Metrics bool   `name:"metrics" xor:"form" help:"Print the status as OpenMetrics text."`
}

// Run looks at the cloud once and shows how far every disk is protected.
func (c *statusCommand) Run(a *app) error {
	h, finish := a.handler(c.JSON || c.Metrics)
	m, err := h.Status(a.ctx)
	finish()
	if err != nil {
		return errors.Join(err, a.interrupted())
	}
	for _, file := range []struct {
		name  string
		write func(io.Writer) error
	}{{c.HTML, func(w io.Writer) error { return m.Page(w, a.out.language) }}, {c.CSV, m.CSV}} {
		if file.name == "" {
			continue
		}
		if file.name == "-" {
			if err := file.write(a.out); err != nil {
				return failure{err}
			}
			continue
		}
		if err := writeFile(file.name, file.write); err != nil {
			return failure{err}
		}
		a.err.say("written to %s", file.name)
	}
	switch {
	case c.JSON:
		return m.JSON(a.out)
	case c.Metrics:
		return m.Metrics(a.out)
	case c.HTML == "" && c.CSV == "":
		a.printStatus(m)
	}
	return nil
}

// writeFile writes a file in one piece, so that a failure leaves no half of it.
func writeFile(name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return fmt.Errorf("make %s: %w", name, err)
	}
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// mostRows is how many rows of the status a terminal shows. The worst are first, and
// with thousands of others nobody would see them.
const mostRows = 50

// printStatus prints one row for each disk and region, the worst first.
func (a *app) printStatus(m *status.Model) {
	table, left := a.out.statusTable(m)
	a.out.line("%s", table)
	a.out.line("%s", a.out.zoneNote())
	if len(left) > 0 {
		a.out.say("%s", more(left))
	}
	a.out.say("%s", m.Verdict)
	for _, u := range m.Unseen {
		a.out.mark(red, "unseen", u.Region+": "+u.Reason)
	}
	for _, w := range m.Warnings {
		a.out.mark(yellow, "warning", w)
	}
}

// more says how many rows are left out.
func more(left map[plan.Outcome]int) string {
	var parts []string
	total := 0
	for _, o := range plan.Outcomes() {
		if n := left[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
			total += n
		}
	}
	return fmt.Sprintf("%d more rows: %s. A pipe, --csv, --html or --json has all.", total, strings.Join(parts, ", "))
}

// statusTable lays out the rows. left counts those that a terminal does not show.
func (s *screen) statusTable(m *status.Model) (table string, left map[plan.Outcome]int) {
	left = map[plan.Outcome]int{}
	wide := columns{say: s.in, names: []string{"Disk", "Name", "From", "To", "State", "Point", "Age", "Replica", "Reason"}, width: s.width}
	narrow := columns{say: s.in, names: []string{"Disk\nName\nReplica", "From\nTo", "State\nAge\nPoint", "Reason"}, width: s.width}
	for i := range m.Disks {
		d := &m.Disks[i]
		for j := range d.Regions {
			r := &d.Regions[j]
			if s.terminal() && len(wide.rows) == mostRows {
				left[r.State]++
				continue
			}
			point, age := "", ""
			if r.AgeSeconds != nil {
				point, age = s.when(r.Point), plan.Coarse(time.Duration(*r.AgeSeconds)*time.Second)
			}
			why := r.Reason
			if r.State == plan.Protected {
				why = ""
			}
			wide.rows = append(wide.rows, []string{d.Disk, printable(d.Name, 24), d.From, r.To, s.outcome(r.State), point, age, r.Replica, why})
			narrow.rows = append(narrow.rows, []string{d.Disk + "\n" + printable(d.Name, 16) + "\n" + r.Replica, d.From + "\n" + r.To, s.outcome(r.State) + "\n" + age + "\n" + point, why})
		}
	}
	if wide = wide.withoutEmpty(); !s.terminal() || len(wide.rows) > 0 && s.width-wide.fixed() >= readable {
		return wide.render(), left
	}
	return narrow.withoutEmpty().render(), left
}

// printable is a text from outside, such as a disk's name, without what moves the
// cursor or hides text, in at most so many letters.
func printable(s string, most int) string {
	s = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return '·'
		}
		return c
	}, s)
	if short := []rune(s); len(short) > most {
		return string(short[:most-1]) + "…"
	}
	return s
}
