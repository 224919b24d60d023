package cli_test

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	"snapferry/internal/cli"
	"snapferry/internal/sim"
)

var clock = regexp.MustCompile(`\b[0-9]{2}:[0-9]{2}:[0-9]{2}\b`)

func TestDemoTellsTheStory(t *testing.T) {
	b := newBench(t, sim.Options{})
	clear(b.env) // it needs no settings
	stdout, stderr := b.wantCode(t, 0, "demo", "--fast")
	if stderr != "" {
		t.Errorf("got %q on standard error", stderr)
	}
	last := stdout[strings.LastIndex(strings.TrimSpace(stdout), "\n")+1:]
	if want := "copies accepted by the service: 8, deleted by retention: 2, replicas: 6, duplicates: 0, complaints: 0\n"; last != want {
		t.Errorf("got %q, want %q", last, want)
	}
	told := clock.ReplaceAllString(stdout, "--:--:--")
	for _, want := range []string{
		"CREATING", "copy: 2 waiting", "copy: 2 unknown, 6 started", "copy: 8 in-progress", "COPYING_FROM_REMOTE", "CHECKING_COPIED",
		"--:--:--  8 replicas NORMAL", "verify: 8 verified", "copy: 2 exists", "retain: 2 deleted, 6 kept", "copy: 2 skipped, 6 exists",
	} {
		i := strings.Index(told, want)
		if i < 0 {
			t.Fatalf("got\n%s\nwant %q, after the ones before", stdout, want)
		}
		told = told[i+len(want):]
	}
	if n := b.cloud.Count(""); n != 0 {
		t.Errorf("%d requests left the demo", n)
	}
}

func TestDemoFailsWhereThePromisesDoNotHold(t *testing.T) {
	for name, spoil := range map[string]func(*sim.Cloud){
		"a replica that nobody asked for": func(c *sim.Cloud) {
			c.AddSnapshot(sim.Snapshot{Region: "ap-beijing", CopyFromRemote: true, Name: "ferry_a_b_ap-guangzhou_20260101T000000Z"})
		},
		"a snapshot without replicas": func(c *sim.Cloud) { c.AddSnapshot(sim.Snapshot{}) },
	} {
		if text, code := cli.SpoiltDemo(t, spoil); code != 1 {
			t.Errorf("%s: got exit code %d\n%s", name, code, text)
		}
	}
}

func TestDemoCanBeInterrupted(t *testing.T) {
	b := newBench(t, sim.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, err bytes.Buffer
	w := b.world
	w.Stdout, w.Stderr = &out, &err
	if code := cli.Run(ctx, []string{"demo"}, w); code != 1 {
		t.Errorf("got exit code %d\n%s", code, out.String())
	}
	wantText(t, err.String(), "demo: ")
}
