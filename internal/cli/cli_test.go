package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"snapferry/handler"
	"snapferry/internal/cli"
	"snapferry/internal/job"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A rig is a simulated cloud served over HTTP, and the command line's world
// with settings that point to it.
type rig struct {
	cloud *sim.Cloud
	env   map[string]string
	world cli.World
}

var key = sim.Key{ID: "AKIDtest", Secret: "secret"}

func newRig(t *testing.T, o sim.Options) *rig {
	t.Helper()
	b := newCloud(o)
	b.cloud.AddKey(key)
	server := httptest.NewServer(b.cloud)
	t.Cleanup(server.Close)
	b.env = map[string]string{
		"API_ENDPOINT": server.URL, "API_RATE": "100",
		"TENCENTCLOUD_SECRET_ID": key.ID, "TENCENTCLOUD_SECRET_KEY": key.Secret,
		"SOURCE_REGIONS": "ap-guangzhou", "TARGET_REGIONS": "ap-beijing,ap-shanghai",
	}
	return b
}

// deaf takes what is sent to webhooks, and answers nothing.
type deaf struct{}

// RoundTrip implements http.RoundTripper.
func (deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// newCloud is a rig that nothing is set for yet.
func newCloud(o sim.Options) *rig {
	b := &rig{cloud: sim.New(o)}
	now := time.Now()
	b.world.Handler = &handler.Handler{
		Connect: func(c handler.Connection) job.Cloud {
			return tencent.New(tencent.Options{
				ID: c.Credentials.ID.Reveal(), Key: c.Credentials.Key.Reveal(), Endpoint: c.Settings.APIEndpoint, Pacer: tencent.NewPacer(c.Settings.APIRate),
				Permissions: c.Permissions,
			})
		},
		Getenv:   func(name string) string { return b.env[name] },
		Now:      func() time.Time { return now }, // replies take no time
		Refused:  &job.Refusals{},
		Webhooks: deaf{},
		Workers:  1, // replicas get their ids in order
	}
	return b
}

// snapshots puts a disk with a snapshot of an hour ago into the cloud, n times.
func (b *rig) snapshots(n int) {
	for range n {
		disk := b.cloud.AddDisk(sim.Disk{})
		b.cloud.AddSnapshot(sim.Snapshot{Disk: disk, Created: time.Now().Add(-time.Hour)})
	}
}

// run runs a command line and returns what it printed and its exit code.
func (b *rig) run(args ...string) (stdout, stderr string, code int) {
	var out, err bytes.Buffer
	w := b.world
	w.Stdout, w.Stderr = &out, &err
	code = cli.Main(args, w)
	return out.String(), err.String(), code
}

func (b *rig) wantCode(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	stdout, stderr, code := b.run(args...)
	if code != want {
		t.Errorf("%q: got exit code %d, want %d\n%s%s", args, code, want, stdout, stderr)
	}
	return stdout, stderr
}

func wantText(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("got\n%s\nwant %q in it", got, w)
		}
	}
}

// reply decodes what must be one line of JSON and nothing else.
func reply(t *testing.T, stdout string) handler.Reply {
	t.Helper()
	var r handler.Reply
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || strings.Count(stdout, "\n") != 1 {
		t.Fatalf("got %q, want one line of JSON (%v)", stdout, err)
	}
	return r
}

var (
	calls = regexp.MustCompile(`[0-9]+ API calls?`)
	made  = regexp.MustCompile(`20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}( [+-][0-9]{2}:[0-9]{2})?`)
)

// golden compares with a file in testdata. How many requests a job takes is
// not the command line's to promise.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = calls.ReplaceAllString(got, "some API calls")
	got = made.ReplaceAllString(got, "2000-01-01 00:00")
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}

func TestUsageMistakesExitWith2(t *testing.T) {
	b := newRig(t, sim.Options{})
	for args, want := range map[string]string{
		"retain --snapshot snap-1":               "unknown flag --snapshot",
		"copy --tos x":                           `unknown flag --tos`,
		"copy extra":                             `"snapferry copy --help" shows how to use it`,
		"copy --snapshot=":                       `snapshotId: ""`,
		"copy --snapshot=disk-1":                 `snapshotId: "disk-1"`,
		"copy --from=":                           `sourceRegion: ""`,
		"verify --to=":                           `targetRegions: ""`,
		"copy --to ap-beijing,,x":                `targetRegions: ""`,
		"copy --to ap-beijing --to evil.com":     `targetRegions: "evil.com"`,
		"invoke":                                 "event.json",
		"invoke testdata/none.json":              "no such file",
		"invoke testdata":                        "read the event",
		"simulate --listen 0.0.0.0:0":            "not a loopback address",
		"simulate --listen :0":                   "not a loopback address",
		"simulate --listen 127.0.0.1.example:80": "not a loopback address",
		"simulate --listen nonsense":             "host:port",
		"simulate --faults 1.1":                  "rate from 0 to 1",
		"simulate --faults NaN":                  "rate from 0 to 1",
		"simulate --disks=-1":                    "number from 0",
		"simulate --copy-time 0s":                "more than 0",
		"simulate --seed=-1":                     "--seed: expected",
		"simulate --check --seed 7":              "unknown flag --check",
	} {
		stdout, stderr := b.wantCode(t, 2, strings.Fields(args)...)
		wantText(t, stderr, want)
		if stdout != "" {
			t.Errorf("%s: got %q on standard output", args, stdout)
		}
	}
	if n := b.cloud.Count(""); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestWrongSettingsAreToldOneByOne(t *testing.T) {
	b := newRig(t, sim.Options{})
	b.env["TARGET_REGIONS"], b.env["MAX_AGE"] = "", "soon"
	for _, args := range [][]string{{"copy"}, {"verify", "--json"}, {"check"}, {"invoke", "testdata/check.json"}} {
		stdout, stderr := b.wantCode(t, 2, args...)
		wantText(t, stderr, "\n  TARGET_REGIONS: is not set", "\n  MAX_AGE: \"soon\"", `"snapferry `+args[0]+` --help" lists the variables.`)
		if stdout != "" || strings.Contains(stderr, "level=") {
			t.Errorf("%q: got %q and %q", args, stdout, stderr)
		}
	}
}

func TestMissingCredentialsExitWith2(t *testing.T) {
	b := newRig(t, sim.Options{})
	b.env["TENCENTCLOUD_SECRET_ID"], b.env["TENCENTCLOUD_SECRET_KEY"] = "", ""
	_, stderr := b.wantCode(t, 2, "copy")
	wantText(t, stderr, "snapferry: no credentials")
}

// brokenPipe is an output that nobody reads any more.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestUnwritableOutputIsAFailure(t *testing.T) {
	b := newRig(t, sim.Options{})
	var stderr bytes.Buffer
	w := b.world
	w.Stdout, w.Stderr = brokenPipe{}, &stderr
	if code := cli.Main([]string{"copy", "--json"}, w); code != 1 {
		t.Errorf("got exit code %d", code)
	}
	wantText(t, stderr.String(), "write output: broken pipe")
}
