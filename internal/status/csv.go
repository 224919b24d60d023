package status

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
)

// CSV writes one row for each disk and region. No cell begins a formula in a
// spreadsheet.
func (m *Model) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.Write([]string{"disk", "name", "from", "sizeGiB", "instance", "to", "state", "replica", "point", "ageSeconds", "reason"}) //nolint:errcheck // Error has it
	for i := range m.Disks {
		d := &m.Disks[i]
		size := ""
		if d.SizeGiB > 0 {
			size = strconv.Itoa(d.SizeGiB)
		}
		for j := range d.Regions {
			r := &d.Regions[j]
			point, age := "", ""
			if r.AgeSeconds != nil {
				point, age = r.Point.Format(time.RFC3339), strconv.FormatInt(*r.AgeSeconds, 10)
			}
			row := []string{d.Disk, d.Name, d.From, size, d.Instance, r.To, string(r.State), r.Replica, point, age, r.Reason}
			for k := range row {
				row[k] = plainText(row[k])
			}
			out.Write(row) //nolint:errcheck // Error has it
		}
	}
	out.Flush()
	return out.Error()
}

// plainText makes a cell text for every spreadsheet: an apostrophe in front does
// that. The wide forms of the characters begin a formula in some languages.
func plainText(cell string) string {
	if strings.IndexAny(cell, "=+-@\t\r\n＝＋－＠") == 0 {
		return "'" + cell
	}
	return cell
}
