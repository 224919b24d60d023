package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"snapferry/internal/cli"
	"snapferry/internal/event"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

func TestJobsForPeople(t *testing.T) {
	b := newRig(t, sim.Options{Rate: -1, CopyTime: time.Hour})
	b.snapshots(3)
	for _, step := range []struct{ file, args string }{
		{"check", "check"},
		{"copy_dry_run", "copy --dry-run"},
		{"copy_one", "copy --snapshot snap-lji9nvbu --to ap-beijing"},
		{"copy_rest", "copy"},
		{"copy_again", "copy --from ap-guangzhou"},
		{"verify_copying", "verify"},
		{"plan_copying", "plan"},
	} {
		stdout, stderr := b.wantCode(t, 0, strings.Fields(step.args)...)
		golden(t, step.file, b.numbered(stdout))
		if stderr != "" {
			t.Errorf("%s: got %q on standard error", step.args, stderr)
		}
	}
	if got := b.cloud.Complaints(); len(got) > 0 {
		t.Errorf("the service complains: %q", got)
	}
}

// numbered numbers the replicas by source and region. Their ids depend on the order
// of the copies, and so on the minute.
func (b *rig) numbered(text string) string {
	made := b.cloud.Copies()
	slices.SortFunc(made, func(a, b sim.Copy) int { return strings.Compare(a.Source+a.To, b.Source+b.To) })
	for i, c := range made {
		text = strings.ReplaceAll(text, c.Replica, fmt.Sprintf("snap-replica%d", i+1))
	}
	return text
}

func TestNothingToDoIsSaidInWords(t *testing.T) {
	b := newRig(t, sim.Options{})
	stdout, _ := b.wantCode(t, 0, "copy")
	wantText(t, stdout, "nothing to do: no snapshot in ap-guangzhou is selected; ")
	stdout, _ = b.wantCode(t, 0, "copy", "--from", "ap-chengdu")
	wantText(t, stdout, "no snapshot in ap-chengdu is selected")
	stdout, _ = b.wantCode(t, 0, "verify")
	wantText(t, stdout, "nothing to verify: ")
}

func TestJSONStandsAlone(t *testing.T) {
	b := newRig(t, sim.Options{})
	b.snapshots(2)
	b.env["LOG_LEVEL"] = "debug"
	stdout, stderr := b.wantCode(t, 0, "copy", "--json", "--to", "ap-beijing, ap-chengdu", "--to=ap-shanghai")
	r := reply(t, stdout)
	if r.Job != "copy" || r.Trigger != event.KindManual || r.Counts[plan.Started] != 6 || r.Settled {
		t.Errorf("got %+v", r)
	}
	wantText(t, stderr, "level=INFO msg=copy", "level=INFO msg=reply")

	b.env["LOG_LEVEL"] = ""
	stdout, stderr = b.wantCode(t, 0, "verify", "--json", "--dry-run")
	if r := reply(t, stdout); r.Job != "verify" || !r.DryRun {
		t.Errorf("got %+v", r)
	}
	if stderr != "" {
		t.Errorf("got %q on standard error", stderr)
	}
	stdout, _ = b.wantCode(t, 0, "check", "--json")
	if r := reply(t, stdout); r.Counts[plan.Fine] != 10 || r.Counts[plan.Warning] != 9 {
		t.Errorf("got %+v", r)
	}
}

func TestFailureStillPrintsTheReply(t *testing.T) {
	b := newRig(t, sim.Options{})
	b.snapshots(2)
	b.cloud.SetQuota("ap-beijing", 0)
	stdout, stderr := b.wantCode(t, 1, "copy", "--json")
	r := reply(t, stdout)
	if r.Counts[plan.Failed] != 1 || r.Counts[plan.Started] == 0 || r.Actions[0].Outcome != plan.Failed {
		t.Errorf("got %+v", r)
	}
	wantText(t, stderr, "level=ERROR msg=copy", "snapferry: copy: 1 failed; first: ", "InsufficientSnapshotQuota")

	stdout, stderr = b.wantCode(t, 1, "copy")
	wantText(t, stdout, "failed", "not settled", "1 failed")
	if strings.Count(stderr, "\n") != 1 || strings.Contains(stderr, "level=") {
		t.Errorf("got %q on standard error, want one line", stderr)
	}
}

func TestUnreachableEndpointIsAFailure(t *testing.T) {
	b := newRig(t, sim.Options{})
	b.env["API_ENDPOINT"] = "http://127.0.0.1:1"
	b.world.Handler.Workers = 3 // each region is tried for more than a second
	stdout, stderr := b.wantCode(t, 1, "verify")
	wantText(t, stdout, "connection refused", "3 failed")
	wantText(t, stderr, "snapferry: verify: 3 failed; first: ")
}

func TestInterruptedRunEndsCleanly(t *testing.T) {
	b := newRig(t, sim.Options{})
	b.snapshots(3)
	ctx, cancel := context.WithCancel(t.Context())
	b.cloud.SetInject(func(c sim.Call) sim.Fault {
		if c.Action == "CopySnapshotCrossRegions" {
			cancel() // the person at the keyboard, just then
		}
		return sim.Fault{}
	})
	var out, err bytes.Buffer
	w := b.world
	w.Stdout, w.Stderr = &out, &err
	if code := cli.Run(ctx, []string{"copy", "--json"}, w); code != 130 {
		t.Errorf("got exit code %d", code)
	}
	if r := reply(t, out.String()); r.Counts[plan.Deferred] != 4 {
		t.Errorf("got %+v", r)
	}
	wantText(t, err.String(), "snapferry: interrupted: the next run continues\n")
}

// What a person ends by the keyboard is no fault of the network.
func TestAnInterruptIsNotCalledAFault(t *testing.T) {
	b := newRig(t, sim.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	b.cloud.SetInject(func(sim.Call) sim.Fault {
		cancel()
		return sim.Fault{Kind: sim.HangBefore}
	})
	var out, err bytes.Buffer
	w := b.world
	w.Stdout, w.Stderr = &out, &err
	if code := cli.Run(ctx, []string{"verify"}, w); code != 130 || err.String() != "snapferry: interrupted: the next run continues\n" {
		t.Errorf("got exit code %d, %s", code, err.String())
	}
	if strings.Contains(out.String(), "API_ENDPOINT") {
		t.Errorf("the network is blamed:\n%s", out.String())
	}
}

func TestBacklogShowsProgress(t *testing.T) {
	var quiet, lines, bar bytes.Buffer
	cli.ShowProgress(&quiet, 9)
	if quiet.Len() > 0 {
		t.Errorf("a handful of requests: got %q", quiet.String())
	}
	cli.ShowProgress(&lines, 11)
	want := "3 of 11 requests done\n6 of 11 requests done\n9 of 11 requests done\n"
	if got := lines.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	cli.ShowBar(&bar, 20)
	wantText(t, bar.String(), "requests", "(1/20)", "\ra line\n")
}

// A look has no known end, and what is drawn of it goes when the next bar comes.
func TestTheLookIsNotDrawnOverWhatFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		after := cli.ShowReading(&out)
		look, requests, _ := strings.Cut(out.String(), "(1/20)")
		wantText(t, look, "reading, API calls (80/-)")
		if strings.Contains(requests, "reading") || after != "" {
			t.Errorf("after the look: %q, after the end: %q", requests, after)
		}
	})
}

func TestPlanAndRetentionForPeople(t *testing.T) {
	now := time.Now()
	b := newRig(t, sim.Options{Rate: -1, CopyTime: time.Millisecond, Now: func() time.Time { return now }})
	disk := b.cloud.AddDisk(sim.Disk{})
	for day := range 3 {
		b.cloud.AddSnapshot(sim.Snapshot{Disk: disk, Created: now.Add(-time.Duration(day) * 24 * time.Hour)})
	}
	b.env["TARGET_REGIONS"], b.env["MAX_AGE"] = "ap-beijing", "0"
	b.wantCode(t, 0, "copy")
	now = now.Add(time.Minute)
	b.env["KEEP_LAST"] = "2"
	b.cloud.AddSnapshot(sim.Snapshot{Disk: disk, Created: now})
	for _, step := range []struct{ file, args string }{
		{"plan_before", "plan"},
		{"retain_dry_run", "retain --dry-run"},
		{"retain", "retain"},
		{"plan_after", "plan"},
	} {
		stdout, _ := b.wantCode(t, 0, strings.Fields(step.args)...)
		golden(t, step.file, stdout)
	}
}
