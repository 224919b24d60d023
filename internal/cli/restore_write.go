package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"

	"snapferry/handler"
	"snapferry/internal/cloud"
)

// writers print a request in the words of another tool.
var writers = map[string]func(cloud.DiskRequest) string{"tccli": tccli, "terraform": terraform}

// writeRestore prints what makes the disks with another tool. What can't be made stands
// before it in comments.
func (a *app) writeRestore(r *handler.Restore, form string) error {
	requests, rest, err := r.Requests(a.ctx)
	for _, w := range rest.Warnings {
		a.err.mark(yellow, "warning", w)
	}
	for _, action := range rest.All() {
		a.out.line("%s", a.out.in(fmt.Sprintf("# %s is %s: %s", action.Disk, action.Outcome, oneLine(action.Reason))))
	}
	for _, request := range requests {
		a.out.line("%s", writers[form](request))
	}
	return errors.Join(err, a.interrupted())
}

func oneLine(s string) string { return escaped(strings.Join(strings.Fields(s), " ")) }

// escaped writes what is no plain text, such as codes for a terminal or a change of the
// direction of writing, as JSON reads it.
func escaped(s string) string {
	var b strings.Builder
	for _, c := range s {
		if unicode.IsPrint(c) {
			b.WriteRune(c)
			continue
		}
		for _, unit := range utf16.Encode([]rune{c}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// tccli is a command of the vendor's command-line tool. The token makes it safe to run
// it twice.
func tccli(d cloud.DiskRequest) string {
	type tag struct{ Key, Value string }
	tags := []tag{}
	for _, key := range slices.Sorted(maps.Keys(d.Tags)) {
		tags = append(tags, tag{key, d.Tags[key]})
	}
	words := []string{
		"tccli cbs CreateDisks --region", d.Region, "--Placement", quoted(map[string]string{"Zone": d.Zone}),
		"--DiskChargeType POSTPAID_BY_HOUR --DiskType", d.Type,
	}
	if d.SizeGiB > 0 {
		words = append(words, "--DiskSize", fmt.Sprint(d.SizeGiB))
	}
	words = append(words, "--SnapshotId", d.Snapshot, "--DiskName", shellWord(d.Name), "--Tags", quoted(tags), "--ClientToken", d.Token)
	return strings.Join(words, " ")
}

// quoted is JSON as one word of a shell.
func quoted(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return "''" // not reached: the values are texts
	}
	return shellWord(escaped(string(raw)))
}

// shellWord is one word for a POSIX shell.
func shellWord(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// terraform is a resource for the provider tencentcloudstack/tencentcloud, whose region
// must be the recovery region.
func terraform(d cloud.DiskRequest) string {
	var b strings.Builder
	fmt.Fprintf(&b, "resource \"tencentcloud_cbs_storage\" %s {\n", hcl(strings.ReplaceAll(d.Snapshot, "-", "_")))
	for _, line := range [][2]string{
		{"availability_zone", hcl(d.Zone)},
		{"charge_type", hcl("POSTPAID_BY_HOUR")},
		{"snapshot_id", hcl(d.Snapshot)},
		{"storage_name", hcl(d.Name)},
		{"storage_size", fmt.Sprint(d.SizeGiB)},
		{"storage_type", hcl(d.Type)},
	} {
		fmt.Fprintf(&b, "  %-17s = %s\n", line[0], line[1])
	}
	b.WriteString("  tags = {\n")
	for _, key := range slices.Sorted(maps.Keys(d.Tags)) {
		fmt.Fprintf(&b, "    %s = %s\n", hcl(key), hcl(d.Tags[key]))
	}
	b.WriteString("  }\n}")
	return b.String()
}

// hcl is a text of Terraform's language, in which nothing is replaced.
func hcl(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c > 0xffff && !unicode.IsPrint(c):
			fmt.Fprintf(&b, `\U%08x`, c) // Terraform has no pairs of units
		default:
			b.WriteString(escaped(string(c)))
		}
	}
	b.WriteByte('"')
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(b.String())
}
