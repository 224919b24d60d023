package cli_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cli"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// A server is a simulate command under way.
type server struct {
	out  *bufio.Reader
	stop context.CancelFunc
	code chan int
}

func simulate(t *testing.T, b *rig, args ...string) *server {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	s := &server{out: bufio.NewReader(r), stop: stop, code: make(chan int, 1)}
	world := b.world
	world.Stdout, world.Stderr = w, io.Discard
	go func() {
		s.code <- cli.Run(ctx, append([]string{"simulate", "--listen", "127.0.0.1:0"}, args...), world)
		_ = w.Close()
	}()
	t.Cleanup(stop)
	return s
}

// environ reads the three lines for the shell into the environment, and goes
// on reading in the background; rest returns what came, once all is over.
func (s *server) environ(t *testing.T, env map[string]string) (rest chan string) {
	t.Helper()
	for _, name := range []string{"API_ENDPOINT", "TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"} {
		line, err := s.out.ReadString('\n')
		got, value, found := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if err != nil || !found || got != name || value == "" || strings.ContainsAny(value, " \t") {
			t.Fatalf("got %q, %v, want %s=…", line, err, name)
		}
		env[name] = value
	}
	rest = make(chan string, 1)
	go func() {
		all, _ := io.ReadAll(s.out)
		rest <- string(all)
	}()
	return rest
}

func TestSimulateServesAWeekOfSnapshots(t *testing.T) {
	b := newRig(t, sim.Options{})
	s := simulate(t, b, "--disks", "2", "--copy-time", "1ms", "--seed", "7")
	rest := s.environ(t, b.env)
	b.env["MAX_AGE"] = "0"
	stdout, _ := b.wantCode(t, 0, "copy", "--json")
	if r := reply(t, stdout); r.Counts[plan.Started] != 2*7*2 {
		t.Errorf("copy: got %v", r.Counts)
	}
	time.Sleep(10 * time.Millisecond) // the copies take 1 ms
	stdout, _ = b.wantCode(t, 0, "verify", "--json")
	if r := reply(t, stdout); r.Counts[plan.Verified] != 2*7*2 {
		t.Errorf("verify: got %v", r.Counts)
	}
	s.stop()
	if code := <-s.code; code != 0 {
		t.Errorf("got exit code %d", code)
	}
	text := <-rest
	wantText(t, text, "2 disks in ap-guangzhou, 14 snapshots, seed 7", "export API_ENDPOINT=http://127.0.0.1:",
		"SOURCE_REGIONS=ap-guangzhou TARGET_REGIONS=ap-beijing,ap-shanghai", "CopySnapshotCrossRegions    ok", " 28 copies, 0 complaints\n")
}

func TestSimulateBreaksRequests(t *testing.T) {
	b := newRig(t, sim.Options{})
	s := simulate(t, b, "--faults", "1")
	rest := s.environ(t, b.env)
	for range 60 {
		response, err := http.Post(b.env["API_ENDPOINT"], "application/json", strings.NewReader("{}"))
		if err == nil {
			_ = response.Body.Close()
		}
	}
	s.stop()
	<-s.code
	text := <-rest
	wantText(t, text, "100 % of the requests fail", "no answer: connection closed", "HTTP 502", "InternalError", "answer cut off", " 60 requests, ")
}

func TestSimulateTellsOfAnAddressInUse(t *testing.T) {
	b := newRig(t, sim.Options{})
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	_, stderr := b.wantCode(t, 1, "simulate", "--listen", taken.Addr().String())
	wantText(t, stderr, "address already in use: choose another address")
}
