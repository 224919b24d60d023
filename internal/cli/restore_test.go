package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"snapferry/handler"
	"snapferry/internal/cli"
	"snapferry/internal/job"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// lostRegion is a rig in which the source region is out of reach. Its replicas are in
// ap-beijing: two proven ones of one disk, an unproven one, and one of a system disk. No
// setting but the credentials is there.
func lostRegion(t *testing.T) *rig {
	t.Helper()
	b := newRig(t, sim.Options{Rate: -1, DiskTime: time.Millisecond})
	delete(b.env, "SOURCE_REGIONS")
	delete(b.env, "TARGET_REGIONS")
	for i, s := range []sim.Snapshot{{}, {Tags: map[string]string{"env": "it's ${prod}", "note": "a\u009b31m \u202e\U000e0041b"}}, {}, {Usage: "SYSTEM_DISK"}} {
		l := plan.Lineage{Source: fmt.Sprintf("snap-s%d", i), Disk: fmt.Sprintf("disk-d%d", max(i, 1)), Region: "ap-guangzhou", Created: time.Date(2026, 11, 20+i, 12, 0, 40, 0, time.UTC)}
		s.ID, s.Region, s.Name, s.CopyFromRemote, s.SizeGiB = fmt.Sprintf("snap-r%d", i), "ap-beijing", l.Name(), true, 50
		if i != 2 {
			if s.Tags == nil {
				s.Tags = map[string]string{}
			}
			s.Tags[plan.StateTag] = plan.StateVerified
		}
		b.cloud.AddSnapshot(s)
	}
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	b.world.Handler.Now = func() time.Time { return now }
	b.cloud.SetInject(func(c sim.Call) sim.Fault {
		if c.Region == "ap-guangzhou" {
			return sim.Fault{Kind: sim.Refuse, Code: "UnsupportedRegion"}
		}
		return sim.Fault{}
	})
	return b
}

var restoreArgs = []string{"restore", "--from", "ap-guangzhou", "--to", "ap-beijing"}

func with(more ...string) []string { return append(append([]string{}, restoreArgs...), more...) }

var ids = regexp.MustCompile(`disk-[0-9a-z]{8}|RequestId [0-9a-f-]+`)

func TestRestoreForPeople(t *testing.T) {
	b := lostRegion(t)
	show := func(name string, code int, args ...string) {
		t.Helper()
		stdout, _ := b.wantCode(t, code, args...)
		golden(t, name, ids.ReplaceAllString(stdout, "(id)"))
	}
	show("restore_planned", 2, restoreArgs...)
	if n := len(b.cloud.Disks("")); n != 0 {
		t.Errorf("%d disks were made without a yes", n)
	}
	show("restore_tccli", 1, with("--write", "tccli")...)
	show("restore_terraform", 0, with("--write", "terraform", "--disk", "disk-d1", "--disk", "disk-d3")...)
	show("restore_at", 1, with("--yes", "--at", "2026-11-20 20:00")...)
	show("restore_unproven", 0, with("--yes", "--unproven", "--type", "CLOUD_SSD", "--zone", "ap-beijing-2")...)
	show("restore_again", 0, with("--unproven", "--zone", "ap-beijing-2")...)
	if got := b.cloud.Complaints(); len(got) > 0 || len(b.cloud.Disks("ap-beijing")) != 3 {
		t.Errorf("the service complains: %q, and has %d disks", got, len(b.cloud.Disks("ap-beijing")))
	}
}

func TestARestoreAsksAndTakesOnlyAYes(t *testing.T) {
	for _, c := range []struct {
		answer string
		want   int
	}{{"y\n", 1}, {" YES \n", 1}, {"n\n", 0}, {"\n", 0}, {"", 0}, {"yep\n", 0}} {
		b := lostRegion(t)
		b.world.Stdin, b.world.Interactive = strings.NewReader(c.answer), true
		stdout, stderr := b.wantCode(t, 0, with("--disk", "disk-d1")...)
		if got := len(b.cloud.Disks("ap-beijing")); got != c.want {
			t.Errorf("%q: %d disks", c.answer, got)
		}
		wantText(t, stderr, "Make 1 disk now?")
		wantText(t, stdout, "disk-d1", "to be made: 1 disk, 50 GiB, paid by the hour, in ap-beijing-1; the service lists CLOUD_PREMIUM at 0.0100 an hour")
	}
}

func TestARestoresReplyStandsAlone(t *testing.T) {
	b := lostRegion(t)
	stdout, _ := b.wantCode(t, 2, with("--json")...)
	if r := reply(t, stdout); !r.DryRun || r.Counts[plan.Planned] != 1 || len(b.cloud.Disks("")) != 0 {
		t.Errorf("got %+v", r)
	}
	stdout, _ = b.wantCode(t, 1, with("--json", "--yes")...)
	r := reply(t, stdout)
	if r.Job != "restore" || r.DryRun || r.Settled || r.Counts[plan.Restored] != 1 || r.Counts[plan.Failed] != 1 || r.Counts[plan.Manual] != 1 {
		t.Errorf("got %+v", r)
	}
	for _, a := range r.Actions {
		if a.Kind != plan.KindRestore || (a.Outcome == plan.Restored) != (a.NewDisk != "") {
			t.Errorf("got %+v", a)
		}
	}
	b.env["DRY_RUN"] = "true"
	stdout, _ = b.wantCode(t, 0, with("--json", "--yes", "--disk", "disk-d1", "--zone", "ap-beijing-3")...)
	if r := reply(t, stdout); !r.DryRun || r.Counts[plan.Planned] != 1 {
		t.Errorf("got %+v", r)
	}
	if n := len(b.cloud.Disks("ap-beijing")); n != 1 {
		t.Errorf("%d disks", n)
	}
}

func TestARestoreRefusesWhatCantBe(t *testing.T) {
	b := lostRegion(t)
	for args, want := range map[string]string{
		"--from ap-guangzhou":                                           "missing flags: --to",
		"--from nowhere --to ap-beijing":                                `--from: "nowhere" is not a region`,
		"--from ap-beijing --to ap-beijing":                             "is the lost region itself",
		"--from ap-guangzhou --to ap-beijing --zone ap-sh-1":            `"ap-sh-1" is not a zone of ap-beijing`,
		"--from ap-guangzhou --to ap-beijing --disk x":                  `"x" is not a disk id`,
		"--from ap-guangzhou --to ap-beijing --type ssd":                `"ssd" is not a disk type`,
		"--from ap-guangzhou --to ap-beijing --write ansible":           "neither tccli nor terraform",
		"--from ap-guangzhou --to ap-beijing --write=tccli --json":      "exclude each other",
		"--from ap-guangzhou --to ap-beijing --at tomorrow":             `the time "tomorrow" is not like`,
		"--from ap-guangzhou --to ap-beijing --at 2027-01-01T00:00:00Z": "is in the future",
	} {
		_, stderr := b.wantCode(t, 2, append([]string{"restore", "--yes"}, strings.Fields(args)...)...)
		wantText(t, stderr, want)
	}
	for args, want := range map[string]string{
		"--to ap-shanghai":                                 "it has no replica at all: check --to",
		"--to ap-beijing --disk disk-zz":                   "no replica of this disk",
		"--to ap-beijing --at 2026-01-01T00:00:00Z":        "no complete replica at or before 2026-01-01 08:00 +08:00",
		"--to ap-beijing --type CLOUD_TSSD --disk disk-d1": "has no CLOUD_TSSD for 50 GiB, and no other zone has one",
	} {
		stdout, stderr := b.wantCode(t, 1, append([]string{"restore", "--yes", "--from", "ap-guangzhou"}, strings.Fields(args)...)...)
		wantText(t, stdout+stderr, want)
	}
	if n := b.cloud.Count("CreateDisks"); n != 0 {
		t.Errorf("%d disks were asked for", n)
	}
}

// A table shows a point without its seconds. What it shows can be asked for.
func TestARestoreFromTheMinuteThatATableShows(t *testing.T) {
	b := lostRegion(t)
	for at, want := range map[string]string{"2026-11-21 20:00": "snap-r1", "2026-11-21 12:00Z": "snap-r1", "2026-11-21T12:00:00Z": "snap-r0"} {
		stdout, _ := b.wantCode(t, 0, with("--yes", "--json", "--disk", "disk-d1", "--at", at)...)
		if got := reply(t, stdout).Actions[0]; got.Replica != want {
			t.Errorf("--at %q takes %s of %s, want %s", at, got.Replica, got.Point, want)
		}
	}
}

func TestAnInterruptedRestoreEndsWith130(t *testing.T) {
	b := lostRegion(t)
	ctx, cancel := context.WithCancel(t.Context())
	inject := sim.Fault{}
	b.cloud.SetInject(func(c sim.Call) sim.Fault {
		if c.Action == "CreateDisks" {
			cancel()
		}
		return inject
	})
	var out, err bytes.Buffer
	w := b.world
	w.Stdout, w.Stderr = &out, &err
	if code := cli.Run(ctx, with("--yes", "--disk", "disk-d1", "--json"), w); code != 130 {
		t.Errorf("got exit code %d\n%s%s", code, out.String(), err.String())
	}
	if r := reply(t, out.String()); r.Counts[plan.Pending] != 1 {
		t.Errorf("got %+v", r)
	}
}

// A person who ends the question instead of answering it wants to know what was done.
func TestAnInterruptedQuestionSaysThatNothingWasMade(t *testing.T) {
	b := lostRegion(t)
	ctx, cancel := context.WithCancel(t.Context())
	var out bytes.Buffer
	w := b.world
	nobody, close := io.Pipe()
	t.Cleanup(func() { _ = close.Close() })
	w.Interactive, w.Stdin, w.Stdout, w.Stderr = true, nobody, io.Discard, writerFunc(func(p []byte) (int, error) {
		if strings.Contains(string(p), "[y/N]") {
			cancel()
		}
		return out.Write(p)
	})
	if code := cli.Run(ctx, with(), w); code != 130 || b.cloud.Count("CreateDisks") > 0 {
		t.Errorf("got exit code %d, %d disks", code, b.cloud.Count("CreateDisks"))
	}
	wantText(t, out.String(), "[y/N]", "\nnothing was made\n", "interrupted")
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestARestoreIsWholeOn80Columns(t *testing.T) {
	at := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	action := job.Action{
		Kind: plan.KindRestore, Disk: "disk-omp7wl2m", From: "ap-guangzhou", To: "ap-beijing", Replica: "snap-ckgjwkqh", Snapshot: "snap-omp7wl2m",
		Point: at.Add(-50 * time.Hour), SizeGiB: 32000, Outcome: plan.Restored, NewDisk: "disk-icveaqg6", Type: "CLOUD_PREMIUM", Zone: "ap-chongqing-12", Seconds: 301,
	}
	failed, manual := action, action
	failed.Outcome, failed.Reason, failed.NewDisk, failed.Seconds = plan.Failed, "it has only a replica that is not proven: it was never compared with its source, which can't be seen now; --unproven takes it", "", 0
	manual.Outcome, manual.Reason = plan.Manual, "a system disk can't be made of a snapshot alone"
	r := handler.Reply{
		Job: "restore", At: at, Actions: []job.Action{failed, manual, action}, Counts: map[plan.Outcome]int{plan.Restored: 1, plan.Failed: 1, plan.Manual: 1},
	}
	text := cli.OnTerminal(r, 80, false)
	for line := range strings.Lines(text) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	golden(t, "restore_80_columns", text)
}
