package status_test

import (
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"snapferry/internal/plan"
	"snapferry/internal/status"
)

// hostile is text that people and other programs may put where a name is expected.
const hostile = "</title><script>alert(1)</script><img src=x onerror=alert(1)>\"'`${1}\n# EOF\\\xff\x00\u202e"

// hostileWorld has it everywhere that text comes from outside.
func hostileWorld() status.Input {
	in := input(row("a", bj, plan.Late, 99*time.Hour), row("b", hostile, plan.Protected, time.Hour))
	for i := range in.Rows {
		in.Rows[i].Reason, in.Rows[i].Replica = hostile, hostile
	}
	in.Disks = map[string]status.Detail{"disk-a": {Name: hostile, Instance: hostile}, "disk-b": {Instance: hostile}}
	in.Unseen, in.Warnings, in.Version = []status.Unseen{{Region: hostile, Reason: hostile}}, []string{hostile}, hostile
	in.Copies = []status.Copy{{Snapshot: hostile, Disk: hostile, To: hostile, Replica: hostile}}
	in.Quota, in.Drills = []status.Usage{{Region: hostile}}, []status.Drill{{To: hostile, Disk: hostile, Replica: hostile, Week: "2026-W01"}}
	return in
}

var sample = regexp.MustCompile(`^(snapferry_[a-z_]+)(\{[a-z]+="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-z]+="(?:[^"\\\n]|\\[\\"n])*")*\})? -?[0-9.]+$`)

// samples reads OpenMetrics text strictly: each family is declared before its
// samples, no family or series is there twice, and the text ends with # EOF.
func samples(t *testing.T, text string) []string {
	t.Helper()
	body, ok := strings.CutSuffix(text, "# EOF\n")
	if !ok || !utf8.ValidString(text) {
		t.Errorf("no # EOF at the end, or no UTF-8:\n%s", text)
	}
	var all []string
	seen, family := map[string]bool{}, ""
	once := func(what string) {
		if seen[what] {
			t.Errorf("twice: %s", what)
		}
		seen[what] = true
	}
	for line := range strings.Lines(body) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok {
			once(line)
			family = strings.TrimSuffix(name, " gauge")
			continue
		}
		if strings.HasPrefix(line, "# HELP "+family+" ") {
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil || m[1] != family {
			t.Errorf("not a sample of %s: %q", family, line)
			continue
		}
		once(m[1] + m[2])
		all = append(all, line)
	}
	return all
}

func TestHostileTextIsDataOnEveryFace(t *testing.T) {
	in := hostileWorld()
	in.Rows = append(in.Rows, in.Rows...) // and nothing is there twice
	in.Quota, in.Drills = append(in.Quota, in.Quota...), append(in.Drills, in.Drills...)
	m := status.Build(in)
	if n := len(samples(t, written(t, m.Metrics))); n < 20 {
		t.Errorf("%d samples", n)
	}
	if text := written(t, m.JSON); strings.Contains(text, "<script>") || !utf8.ValidString(text) {
		t.Errorf("got %s", text)
	}
	for _, language := range []string{"en", "zh"} {
		page := written(t, func(w io.Writer) error { return m.Page(w, language) })
		if strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") {
			t.Errorf("the page in %s has a text that is not escaped", language)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(written(t, m.CSV))).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][1] != strings.ToValidUTF8(hostile, "\uFFFD") {
		t.Errorf("got %q, %v", rows, err)
	}
}

func TestNoCellBeginsAFormula(t *testing.T) {
	for _, name := range []string{"=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1"} {
		in := input(row("a", bj, plan.Protected, time.Hour))
		in.Rows[0].Point = t0.Add(time.Minute) // clocks differ, and an age is never below zero
		in.Disks = map[string]status.Detail{"disk-a": {Name: name}}
		m := status.Build(in)
		rows, err := csv.NewReader(strings.NewReader(written(t, m.CSV))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if rows[1][9] != "0" {
			t.Errorf("the age is %q", rows[1][9])
		}
		for _, cell := range rows[1] {
			if strings.IndexAny(cell, "=+-@\t\r\n＝") == 0 {
				t.Errorf("%q begins a formula", cell)
			}
		}
		if !strings.HasSuffix(rows[1][1], strings.ReplaceAll(name, "\r\n", "\n")) && name[0] != '\r' {
			t.Errorf("%q became %q", name, rows[1][1])
		}
	}
}

func TestEveryStateIsWrittenAlsoWithZero(t *testing.T) {
	m := status.Build(input())
	all := samples(t, written(t, m.Metrics))
	for _, state := range []string{"unprotected", "late", "copying", "protected", "gone"} {
		if want := fmt.Sprintf(`snapferry_disks{from="ap-guangzhou",to="ap-beijing",state=%q} 0`, state); !slices.Contains(all, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, state := range []string{"proven", "unproven", "copying", "stuck", "unexpected", "mismatch"} {
		if want := fmt.Sprintf(`snapferry_replicas{to="ap-beijing",state=%q} 0`, state); !slices.Contains(all, want) {
			t.Errorf("no %s", want)
		}
	}
	in := input()
	in.RPO, in.Unseen = 0, []status.Unseen{{Region: bj, Reason: "denied"}}
	m = status.Build(in)
	for _, s := range samples(t, written(t, m.Metrics)) {
		if strings.Contains(s, bj) && s != `snapferry_region_visible{region="ap-beijing"} 0` || strings.Contains(s, "rpo") {
			t.Errorf("it is unknown, and written: %s", s)
		}
	}
}

// A stranger to the metrics asks for the worst disks first.
func TestTooManySeriesOfDisksAreCounted(t *testing.T) {
	in := input()
	for i := range 10_007 {
		in.Rows = append(in.Rows, row(fmt.Sprintf("%05d", i), bj, plan.Protected, time.Hour))
	}
	in.Rows = append(in.Rows, row("late", bj, plan.Late, 99*time.Hour), row("old", bj, plan.GoneDisk, 999*time.Hour), row("none", bj, plan.Unprotected, 0))
	m := status.Build(in)
	text := written(t, m.Metrics)
	if n := strings.Count(text, "\nsnapferry_disk_recovery_point_timestamp_seconds{"); n != 10_000 {
		t.Errorf("%d series", n)
	}
	for _, want := range []string{
		"\nsnapferry_series_omitted 8\n", "snapferry_disk_recovery_point_timestamp_seconds{disk=\"disk-late\"",
		`snapferry_recovery_point_age_seconds{from="ap-guangzhou",to="ap-beijing",quantile="0.5"} 3600` + "\n",
		`snapferry_recovery_point_age_seconds{from="ap-guangzhou",to="ap-beijing",quantile="1"} 356400` + "\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestADrilledWeekIsItsMonday(t *testing.T) {
	for week, want := range map[string]string{"2026-W48": "2026-11-23", "2026-W01": "2025-12-29", "2020-W53": "2020-12-28", "2026-W54": "", "2025-W53": "", "2026-W00": "", "2026-48": "", "+026-W01": "", "": "", "2026-W48x": ""} {
		in := input()
		in.Drills = []status.Drill{{To: bj, Disk: "disk-a", Replica: "snap-a", Week: week}}
		m := status.Build(in)
		var line string
		for _, s := range samples(t, written(t, m.Metrics)) {
			if strings.HasPrefix(s, "snapferry_drill_last_success_timestamp_seconds") {
				line = s
			}
		}
		if day, err := time.Parse(time.DateOnly, want); err == nil && !strings.HasSuffix(line, fmt.Sprintf(" %d", day.Unix())) || err != nil && line != "" {
			t.Errorf("%q: got %q, want %q", week, line, want)
		}
	}
}

// Once drills are used, a region without one is overdue like one whose last is old.
func TestThePageSaysWhichProgramLooked(t *testing.T) {
	in := input()
	in.Commit, in.Contract = "0a1b2c", 7
	m := status.Build(in)
	page := written(t, func(w io.Writer) error { return m.Page(w, "en") })
	for _, want := range []string{">Version</span></dt><dd>1.2.3<", ">Commit</span></dt><dd><code>0a1b2c<", ">Contract</span></dt><dd>7<"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestThePageSaysWhichDrillIsOverdue(t *testing.T) {
	drill := func(to string, days int) status.Drill {
		year, week := t0.AddDate(0, 0, -days).ISOWeek()
		return status.Drill{To: to, Replica: "snap-a", Week: fmt.Sprintf("%d-W%02d", year, week)}
	}
	for name, c := range map[string]struct {
		drills         []status.Drill
		overdue, never int
	}{
		"never any":     {nil, 0, 2},
		"one is enough": {[]status.Drill{drill(bj, 35), drill(sh, 0)}, 0, 0},
		"one is old":    {[]status.Drill{drill(bj, 52), drill(sh, 35)}, 1, 0},
		"one is none":   {[]status.Drill{drill(bj, 35)}, 1, 1},
		"of the future": {[]status.Drill{drill(bj, -9), drill(sh, 1)}, 1, 1},
	} {
		in := input()
		in.Targets, in.Drills = []string{bj, sh}, c.drills
		m := status.Build(in)
		page := written(t, func(w io.Writer) error { return m.Page(w, "en") })
		if o, n := strings.Count(page, ">overdue<"), strings.Count(page, ">none of its replicas"); o != c.overdue || n != c.never {
			t.Errorf("%s: %d overdue, %d never drilled, want %+v", name, o, n, c)
		}
	}
}

// A note is a decision of verify.
func TestReplicasAndPendingPointsAreCountedFromTheDecisions(t *testing.T) {
	in := input()
	in.Disks = map[string]status.Detail{"disk-a": {Instance: "ins-1"}, "disk-b": {Instance: "ins-1"}}
	note := func(snapshot, replica string, o plan.Outcome, days int) {
		in.Note(plan.Decision{Kind: plan.KindVerify, Snapshot: snapshot, Disk: "disk-a", From: gz, To: bj, Replica: replica, Outcome: o, Point: t0.AddDate(0, 0, -days)})
	}
	note("snap-1", "snap-r1", plan.Verified, 1)
	note("snap-2", "snap-r2", plan.Unproven, 2)
	note("snap-3", "snap-r3", plan.Waiting, 3)
	note("snap-4", "snap-r4", plan.Stuck, 4)
	note("snap-4", "snap-r5", plan.Arriving, 4) // another attempt
	note("snap-5", "", plan.Missing, 5)
	note("snap-6", "", plan.Failed, 6)
	in.Note(plan.Decision{Kind: plan.KindVerify, From: gz, Outcome: plan.Failed, Reason: "a row can't be read"})
	in.Note(row("a", bj, plan.Protected, time.Hour))
	want := map[status.Replicas]int{{To: bj, State: "proven"}: 1, {To: bj, State: "unproven"}: 2, {To: bj, State: "stuck"}: 1, {To: bj, State: "copying"}: 1}
	if fmt.Sprint(in.Replicas) != fmt.Sprint(want) {
		t.Errorf("got %v", in.Replicas)
	}
	if p := in.Pending[status.Pair{From: gz, To: bj}]; p.Count != 3 || !p.Oldest.Equal(t0.AddDate(0, 0, -5)) {
		t.Errorf("got %+v", p)
	}
	if len(in.Rows) != 1 || len(in.Copies) != 1 || in.Copies[0].Replica != "snap-r5" || len(in.Points[status.Series{Disk: "disk-a", To: bj}]) != 1 {
		t.Errorf("got %+v", in)
	}
}

// Every text of the page is there in the other language, too: those that are no text of
// the template, such as the states, the ages and the reasons.
func TestTheWholePageIsChinese(t *testing.T) {
	in := large(40, 0.5)
	in.Keep.Hourly, in.Keep.Within = 5, 50*time.Hour
	in.Rows = append(in.Rows, row("gone", bj, plan.GoneDisk, 90*time.Minute))
	for _, rpo := range []time.Duration{0, in.RPO} {
		in.RPO = rpo
		m := status.Build(in)
		page := written(t, func(w io.Writer) error { return m.Page(w, "en") })
		both := regexp.MustCompile(`data-o="([^"]*)"[^>]*>([^<]+)<`).FindAllStringSubmatch(page, -1)
		if len(both) < 400 {
			t.Errorf("%d texts", len(both))
		}
		for _, b := range both {
			if left := regexp.MustCompile(`\b[a-z]{2,} [a-z]{2,}\b`).FindString(b[1]); b[1] == b[2] || left != "" && left != "snapferry status" {
				t.Errorf("%q is %q in Chinese", b[2], b[1])
			}
		}
	}
}
