package cli_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"snapferry/internal/cli"
	"snapferry/internal/event"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
	"snapferry/internal/status"
)

// states adds a disk in every state of protection.
func (b *rig) states() {
	disk := func(name string) string {
		return b.cloud.AddDisk(sim.Disk{Region: "ap-guangzhou", Name: name, SizeGiB: 50})
	}
	source := func(disk string, age time.Duration, more func(*sim.Snapshot)) sim.Snapshot {
		s := sim.Snapshot{Region: "ap-guangzhou", Disk: disk, SizeGiB: 50, Created: time.Now().Add(-age).Truncate(time.Second)}
		if more != nil {
			more(&s)
		}
		s.ID = b.cloud.AddSnapshot(s)
		return s
	}
	replica := func(s sim.Snapshot, more func(*sim.Snapshot)) {
		r := sim.Snapshot{
			Region: "ap-beijing", SizeGiB: 50, CopyFromRemote: true, Created: s.Created.Add(time.Hour), Tags: map[string]string{plan.StateTag: plan.StateVerified},
			Name: plan.Lineage{Source: s.ID, Disk: s.Disk, Region: "ap-guangzhou", Created: s.Created.UTC()}.Name(),
		}
		if more != nil {
			more(&r)
		}
		b.cloud.AddSnapshot(r)
	}
	const day = 24 * time.Hour
	replica(source(disk("protected"), day, nil), nil)
	late := disk("late")
	replica(source(late, 5*day, nil), nil)
	source(late, 2*time.Hour, func(s *sim.Snapshot) { s.Encrypted = true })
	replica(source(disk("copying"), 2*time.Hour, nil), func(r *sim.Snapshot) {
		r.State, r.Percent, r.Tags = "COPYING_FROM_REMOTE", 40, nil
		r.Created = time.Now().Add(-time.Hour)
	})
	source(disk("unprotected"), 9*day, nil)
	gone := disk("gone")
	last := source(gone, 30*day, nil)
	replica(last, nil)
	b.cloud.RemoveSnapshot("ap-guangzhou", last.ID)
	b.cloud.RemoveDisk("ap-guangzhou", gone)
	b.env["TARGET_REGIONS"] = "ap-beijing"
}

var moment = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z| [+-]\d\d:\d\d)?`)

// A person reads the states of all disks, and what is to be done, in a terminal of 80
// columns.
func TestEveryStateOfADiskFitsATerminal(t *testing.T) {
	b := newRig(t, sim.Options{Rate: -1})
	b.states()
	b.env["KEEP_LAST"] = "1"
	b.world.Handler.KeepAll, b.world.Handler.Log = true, func(slog.Level) *slog.Logger { return slog.New(slog.DiscardHandler) }
	for payload, golds := range map[string]string{`{"job":"verify"}`: "states_80_columns", `{"job":"plan"}`: "plan_80_columns"} {
		e, err := event.Decode([]byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		r, _ := b.world.Handler.Run(t.Context(), e)
		r.APICalls, r.Seconds = 1, 0.1
		text := moment.ReplaceAllStringFunc(cli.OnTerminal(r, 80, false), func(at string) string { return strings.Repeat("x", len(at)) })
		golden(t, golds, text)
	}
}

// The status of the same account: the worst first, in a pipe, as JSON, as metrics and
// as files.
func TestTheStatusOfEveryStateOfADisk(t *testing.T) {
	b := newRig(t, sim.Options{Rate: -1})
	b.states()
	mask := func(text string) string {
		return moment.ReplaceAllStringFunc(text, func(at string) string { return strings.Repeat("x", len(at)) })
	}
	stdout, stderr := b.wantCode(t, 0, "status")
	if stderr != "" {
		t.Errorf("got %q on standard error", stderr)
	}
	golden(t, "status", mask(stdout))
	stdout, _ = b.wantCode(t, 0, "status", "--json")
	var m struct {
		Version    int
		Protection plan.Protection
	}
	if err := json.Unmarshal([]byte(stdout), &m); err != nil || m.Version != 1 || m.Protection.Late != 1 || m.Protection.Disks != 4 {
		t.Errorf("%v: %+v", err, m)
	}
	stdout, _ = b.wantCode(t, 0, "status", "--metrics")
	wantText(t, stdout, `snapferry_disks{from="ap-guangzhou",to="ap-beijing",state="late"} 1`, "# EOF\n")
	dir := t.TempDir()
	b.wantCode(t, 0, "status", "--html", dir+"/page.html", "--csv", dir+"/status.csv")
	for name, want := range map[string]string{"page.html": "<!doctype html>", "status.csv": "disk,name,from,"} {
		raw, err := os.ReadFile(dir + "/" + name)
		if err != nil || !strings.HasPrefix(strings.ToLower(string(raw)), want) {
			t.Errorf("%s: %v %.40s", name, err, raw)
		}
	}
	stdout, _ = b.wantCode(t, 0, "status", "--csv", "-")
	wantText(t, stdout, "disk,name,from,")
	b.wantCode(t, 2, "status", "--json", "--metrics")
	b.wantCode(t, 1, "status", "--html", dir+"/none/page.html")
}

// A terminal shows the worst rows, and counts the others in words. Nothing is wider than
// the terminal, and no colour runs on into the next line.
func TestATerminalShowsTheWorstRowsOfTheStatus(t *testing.T) {
	in := status.Input{
		At: time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC), Disks: map[string]status.Detail{},
		Unseen: []status.Unseen{{Region: "ap-guangzhou", Reason: strings.Repeat("a long reason ", 9)}},
	}
	for i := range 500 {
		d := plan.Decision{Kind: plan.KindProtect, Disk: fmt.Sprintf("disk-%08d", i), From: "ap-guangzhou", To: "ap-beijing", Outcome: plan.Protected, Replica: fmt.Sprintf("snap-%08d", i), Point: in.At.Add(-time.Hour)}
		if i%2 == 1 {
			d.Outcome, d.Reason = plan.Late, strings.Repeat("why and what to do ", 3)
		}
		in.Disks[d.Disk] = status.Detail{Name: "\x1b[31mname\x07 of a disk that is long"}
		in.Rows = append(in.Rows, d)
	}
	m := status.Build(in)
	for _, width := range []int{80, 140} {
		text := cli.StatusOnTerminal(&m, width, "en")
		if n := strings.Count(text, "disk-"); n != 50 {
			t.Errorf("%d columns: %d rows", width, n)
		}
		wantText(t, text, "\n450 more rows: 200 late, 250 protected. A pipe, --csv, --html or --json", "250 of 500 disks are protected")
		for line := range strings.Lines(text) {
			shown := regexp.MustCompile("\x1b\\[[0-9]*m").ReplaceAllString(strings.TrimRight(line, "\n"), "")
			if n := utf8.RuneCountInString(shown); n > width || strings.ContainsAny(shown, "\x1b\x07") {
				t.Errorf("%d columns: %d in %q", width, n, line)
			}
			if strings.Contains(line, "long reason") && strings.Count(line, "\x1b") != strings.Count(line, "unseen:")*2 {
				t.Errorf("%d columns: the colour runs on: %q", width, line)
			}
		}
	}
}
