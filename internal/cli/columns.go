package cli

import (
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// columns is a table for people. Its last column gets the rest of the width and is
// wrapped. With a width of 0, nothing is wrapped and there is no line below the
// header.
type columns struct {
	names []string
	rows  [][]string // cells may have several lines and colours
	width int
	// say puts the names, and the cells in the columns that spoken names, into the person's
	// language and zone; nil leaves them.
	say func(string) string
}

// spoken are the columns that hold sentences. All others hold ids, names and outcomes.
var spoken = []string{"Reason", "What", "Age", "Verified", "Why"}

// said is the table in the words of the person.
func (c columns) said() columns {
	if c.say == nil {
		return c
	}
	out := columns{width: c.width, rows: make([][]string, len(c.rows))}
	for i, name := range c.names {
		heads := strings.Split(name, "\n")
		out.names = append(out.names, c.say(name))
		for j, cells := range c.rows {
			lines := strings.Split(cells[i], "\n")
			for k := range lines {
				if slices.Contains(spoken, heads[min(k, len(heads)-1)]) {
					lines[k] = c.say(lines[k])
				}
			}
			out.rows[j] = append(out.rows[j], strings.Join(lines, "\n"))
		}
	}
	return out
}

// gap is the space between two columns.
const gap = "  "

// render returns the table without a line break at its end.
func (c columns) render() string {
	c = c.said()
	t := table.NewWriter()
	t.SetStyle(c.style())
	t.SuppressTrailingSpaces()
	t.AppendHeader(row(c.names))
	for _, cells := range c.rows {
		t.AppendRow(row(cells))
	}
	if c.width > 0 {
		last := max(narrowest, c.width-c.fixed()-len(gap)) // the rule runs on below the last gap
		t.SetColumnConfigs([]table.ColumnConfig{{Number: len(c.names), WidthMax: last, WidthMaxEnforcer: wrap}})
	}
	return t.Render()
}

// withoutEmpty is the table without the columns that are empty in every row.
func (c columns) withoutEmpty() columns {
	out := columns{width: c.width, say: c.say, rows: make([][]string, len(c.rows))}
	for i, name := range c.names {
		if !slices.ContainsFunc(c.rows, func(cells []string) bool { return strings.TrimSpace(cells[i]) != "" }) {
			continue
		}
		out.names = append(out.names, name)
		for j, cells := range c.rows {
			out.rows[j] = append(out.rows[j], cells[i])
		}
	}
	return out
}

// fixed is the width of all columns but the last.
func (c columns) fixed() int {
	total := 0
	for i := range c.names[1:] {
		total += c.widest(i) + len(gap)
	}
	return total
}

func (c columns) widest(column int) int {
	widest := text.LongestLineLen(c.names[column])
	for _, cells := range c.rows {
		widest = max(widest, text.LongestLineLen(cells[column]))
	}
	return widest
}

func (c columns) style() table.Style {
	s := table.Style{
		Name:    "snapferry",
		Box:     table.StyleBoxLight,
		Format:  table.FormatOptions{Header: text.FormatDefault},
		Options: table.Options{SeparateHeader: c.width > 0},
	}
	s.Box.PaddingLeft, s.Box.PaddingRight = "", gap
	return s
}

func row(cells []string) table.Row {
	r := make(table.Row, len(cells))
	for i, cell := range cells {
		r[i] = cell
	}
	return r
}
