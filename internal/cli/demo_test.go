package cli_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"snapferry/internal/cli"
	"snapferry/internal/sim"
)

// docs/development.md shows the rest, and is compared with what the demo prints.
func TestDemoKeepsItsPromisesAndItsRequests(t *testing.T) {
	b := newRig(t, sim.Options{})
	clear(b.env) // it needs no settings
	stdout, stderr := b.wantCode(t, 0, "demo", "--fast")
	if stderr != "" {
		t.Errorf("got %q on standard error", stderr)
	}
	wantText(t, stdout, "copies accepted by the service: 10, deleted by retention: 2, replicas: 8, duplicates: 0, complaints: 0\n")
	_, path, found := strings.Cut(strings.TrimSpace(stdout), "The page is in ")
	if page, err := os.ReadFile(path); !found || err != nil || !bytes.Contains(page, []byte("4 of 4 disks")) || os.Remove(path) != nil {
		t.Errorf("the page in %q: %v", path, err)
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
	b := newRig(t, sim.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, err bytes.Buffer
	w := b.world
	w.Stdout, w.Stderr = &out, &err
	if code := cli.Run(ctx, []string{"demo"}, w); code != 130 {
		t.Errorf("got exit code %d\n%s", code, out.String())
	}
	wantText(t, err.String(), "snapferry: interrupted")
}
