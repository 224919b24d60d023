package cli_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

func TestInvokePrintsTheReply(t *testing.T) {
	b := newRig(t, sim.Options{})
	b.snapshots(1)
	stdout, _ := b.wantCode(t, 0, "invoke", "testdata/check.json")
	if r := reply(t, stdout); r.Job != "check" || r.Trigger != "manual" {
		t.Errorf("got %+v", r)
	}
	b.world.Stdin = strings.NewReader(`{"Type":"Timer","Message":"copy"}`)
	stdout, _ = b.wantCode(t, 0, "invoke", "-")
	if r := reply(t, stdout); r.Trigger != "timer" || r.Counts[plan.Started] != 2 {
		t.Errorf("got %+v", r)
	}
}

func TestInvokePrintsTheReplyOfAFailure(t *testing.T) {
	b := newRig(t, sim.Options{})
	b.world.Stdin = strings.NewReader(`{"job":"copy","snapshotId":"snap-none"}`)
	stdout, stderr := b.wantCode(t, 1, "invoke", "-")
	if r := reply(t, stdout); r.Counts[plan.Failed] != 1 {
		t.Errorf("got %+v", r)
	}
	wantText(t, stderr, "snapferry: copy: 1 failed; first: snapshot snap-none")
}

func TestInvokeServesHTTPEvents(t *testing.T) {
	b := newRig(t, sim.Options{})
	b.env["STATUS_TOKEN"] = "-"
	b.world.Stdin = strings.NewReader(`{"httpMethod":"GET","path":"/nowhere"}`)
	stdout, _ := b.wantCode(t, 0, "invoke", "-")
	var answer struct{ StatusCode int }
	if err := json.Unmarshal([]byte(stdout), &answer); err != nil || answer.StatusCode != http.StatusNotFound {
		t.Errorf("got %q, %v", stdout, err)
	}
}

func TestInvokeRefusesWhatIsNoEvent(t *testing.T) {
	b := newRig(t, sim.Options{})
	for event, want := range map[string]string{
		"":                   "event is empty",
		"{":                  "not JSON",
		`{"a":1}`:            "event not understood",
		`{"job":"subtract"}`: `"subtract"`,
	} {
		b.world.Stdin = strings.NewReader(event)
		stdout, stderr := b.wantCode(t, 2, "invoke", "-")
		wantText(t, stderr, want)
		if stdout != "" {
			t.Errorf("%s: got %q", event, stdout)
		}
	}
	big := filepath.Join(t.TempDir(), "big.json")
	if err := os.WriteFile(big, make([]byte, 6<<20+1), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stderr := b.wantCode(t, 2, "invoke", big)
	wantText(t, stderr, "more than")
}
