package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/rpc"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tencentyun/scf-go-lib/cloudfunction/messages"
)

// binary is built once: the function and the simulator are the same program,
// as in life.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "snapferry")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "main")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// start runs the program until the test ends. Nothing of the test's own
// environment reaches it.
func start(t *testing.T, env []string, args ...string) (out *bufio.Scanner, pid int) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = env
	cmd.Stderr = t.Output()
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return bufio.NewScanner(pipe), cmd.Process.Pid
}

// simulator serves a simulated cloud from another process and returns what its
// first lines say.
func simulator(t *testing.T, args ...string) map[string]string {
	t.Helper()
	lines, _ := start(t, nil, append([]string{"simulate", "--listen", "127.0.0.1:0"}, args...)...)
	said := map[string]string{}
	for range 3 {
		if !lines.Scan() {
			t.Fatal("the simulator said too little")
		}
		name, value, _ := strings.Cut(lines.Text(), "=")
		said[name] = value
	}
	go func() {
		for lines.Scan() { // the pipe must not fill up
			continue
		}
	}()
	return said
}

// An instance is the program as the platform runs it.
type instance struct {
	t      *testing.T
	client *rpc.Client
	env    map[string]string
	pid    int
}

// serve starts the function with the variable that names the runtime's port,
// and waits until it answers.
func serve(t *testing.T, variable string, env map[string]string) *instance {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	_, port, _ := net.SplitHostPort(address)
	lines, pid := start(t, []string{variable + "=" + port})
	go func() {
		for lines.Scan() {
			_, _ = fmt.Fprintln(t.Output(), lines.Text())
		}
	}()
	for range 200 {
		if client, err := rpc.Dial("tcp", address); err == nil {
			t.Cleanup(func() { _ = client.Close() })
			return &instance{t: t, client: client, env: env, pid: pid}
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the function does not listen")
	return nil
}

type reply struct {
	Job      string
	Settled  bool
	Counts   map[string]int
	APICalls int
}

// invoke sends an event as the platform does: the environment, credentials
// among it, comes with each invocation.
func (f *instance) invoke(event string, timeout time.Duration, env map[string]string) (reply, string) {
	f.t.Helper()
	all := maps.Clone(f.env)
	maps.Copy(all, env)
	environment, err := json.Marshal(all)
	if err != nil {
		f.t.Fatal(err)
	}
	deadline := time.Now().Add(timeout)
	req := messages.InvokeRequest{
		Payload: []byte(event), RequestId: "req-1", Environment: string(environment),
		Deadline: messages.InvokeRequest_Timestamp{Seconds: deadline.Unix(), Nanos: int64(deadline.Nanosecond())},
	}
	var res messages.InvokeResponse
	if err := f.client.Call("Function.Invoke", req, &res); err != nil {
		f.t.Fatal(err)
	}
	if time.Now().After(deadline) {
		f.t.Errorf("answered after the deadline of %s", timeout)
	}
	if res.Error != nil {
		return reply{}, res.Error.Message
	}
	var r reply
	if err := json.Unmarshal(res.Payload, &r); err != nil {
		f.t.Fatalf("payload %s: %v", res.Payload, err)
	}
	return r, ""
}

// settle repeats an event until an outcome is counted as often as wanted.
func (f *instance) settle(event, outcome string, want int) reply {
	f.t.Helper()
	var r reply
	var failure string
	for range 100 {
		if r, failure = f.invoke(event, time.Minute, nil); failure == "" && r.Counts[outcome] == want {
			return r
		}
		time.Sleep(100 * time.Millisecond)
	}
	f.t.Fatalf("%s: %d %s wanted, last reply %+v, last error %q", event, want, outcome, r, failure)
	return r
}

const (
	sweep  = `{"Type":"Timer","TriggerName":"t","Time":"2026-11-23T00:00:00Z","Message":"copy"}`
	verify = `{"Type":"Timer","TriggerName":"t","Time":"2026-11-23T00:00:00Z","Message":"verify"}`
)

func TestTheFunctionDoesTheWorkAsThePlatformStartsIt(t *testing.T) {
	for _, variable := range []string{"_LAMBDA_SERVER_PORT", "_SCF_SERVER_PORT"} {
		t.Run(variable, func(t *testing.T) {
			cloud := simulator(t, "--disks", "1", "--copy-time", "1s", "--seed", "7")
			f := serve(t, variable, map[string]string{
				"API_ENDPOINT": cloud["API_ENDPOINT"], "TENCENTCLOUD_REGION": "ap-guangzhou", "TARGET_REGIONS": "ap-beijing,ap-shanghai",
				"TENCENTCLOUD_SECRETID": cloud["TENCENTCLOUD_SECRET_ID"], "TENCENTCLOUD_SECRETKEY": cloud["TENCENTCLOUD_SECRET_KEY"],
				"MAX_AGE": "0",
			})
			var pong messages.PingResponse
			if err := f.client.Call("Function.Ping", messages.PingRequest{}, &pong); err != nil {
				t.Fatalf("ping: %v", err)
			}
			snapshot := oneSnapshot(t, f)
			event := fmt.Sprintf(`{"specversion":"1.0","source":"cbs.cloud.tencent","type":"cbs:CloudEvent:ApiCall","data":{"eventName":"CreateSnapshot",
				"eventRegion":"ap-guangzhou","errorCode":"0","responseElements":"{\"SnapshotId\":\"%s\"}"}}`, snapshot)
			r, failure := f.invoke(event, time.Minute, nil)
			if failure != "" || r.Counts["started"] != 2 {
				t.Fatalf("the event: %+v, error %q", r, failure)
			}
			f.settle(event, "exists", 2)
			f.settle(sweep, "exists", 14)
			f.settle(verify, "verified", 14)
		})
	}
}

// oneSnapshot asks for a dry run, whose plan names the snapshots there are.
func oneSnapshot(t *testing.T, f *instance) string {
	t.Helper()
	environment, _ := json.Marshal(f.env)
	req := messages.InvokeRequest{
		Payload: []byte(`{"job":"copy","dryRun":true}`), Environment: string(environment),
		Deadline: messages.InvokeRequest_Timestamp{Seconds: time.Now().Add(time.Minute).Unix()},
	}
	var res messages.InvokeResponse
	if err := f.client.Call("Function.Invoke", req, &res); err != nil || res.Error != nil {
		t.Fatalf("dry run: %v %+v", err, res.Error)
	}
	var plan struct{ Actions []struct{ Snapshot string } }
	if err := json.Unmarshal(res.Payload, &plan); err != nil || len(plan.Actions) == 0 {
		t.Fatalf("dry run: %v in %s", err, res.Payload)
	}
	return plan.Actions[0].Snapshot
}

func TestEachInvocationUsesItsOwnCredentials(t *testing.T) {
	cloud := simulator(t, "--disks", "1")
	good := map[string]string{
		"TENCENTCLOUD_SECRETID": cloud["TENCENTCLOUD_SECRET_ID"], "TENCENTCLOUD_SECRETKEY": cloud["TENCENTCLOUD_SECRET_KEY"],
	}
	f := serve(t, "_LAMBDA_SERVER_PORT", map[string]string{
		"API_ENDPOINT": cloud["API_ENDPOINT"], "SOURCE_REGIONS": "ap-guangzhou", "TARGET_REGIONS": "ap-beijing",
	})
	if _, failure := f.invoke(sweep, time.Minute, good); failure != "" {
		t.Fatalf("with the right credentials: %s", failure)
	}
	wrong := map[string]string{"TENCENTCLOUD_SECRETID": "AKIDother", "TENCENTCLOUD_SECRETKEY": "some-other-key"}
	_, failure := f.invoke(sweep, time.Minute, wrong)
	if !strings.Contains(failure, "AuthFailure") || strings.Contains(failure, "some-other-key") {
		t.Errorf("with wrong credentials: %q", failure)
	}
	if _, failure := f.invoke(sweep, time.Minute, nil); !strings.Contains(failure, "no credentials") {
		t.Errorf("without credentials, after invocations that had some: %q", failure)
	}
	if _, failure := f.invoke(sweep, time.Minute, good); failure != "" {
		t.Errorf("with the right ones again: %s", failure)
	}
}

func TestAShortInvocationOverARealConnectionAnswersInTime(t *testing.T) {
	cloud := simulator(t, "--disks", "72", "--copy-time", "1h", "--seed", "7")
	f := serve(t, "_LAMBDA_SERVER_PORT", map[string]string{
		"API_ENDPOINT": cloud["API_ENDPOINT"], "SOURCE_REGIONS": "ap-guangzhou", "TARGET_REGIONS": "ap-beijing", "MAX_AGE": "0", "API_RATE": "20",
		"TENCENTCLOUD_SECRETID": cloud["TENCENTCLOUD_SECRET_ID"], "TENCENTCLOUD_SECRETKEY": cloud["TENCENTCLOUD_SECRET_KEY"],
	})
	r, failure := f.invoke(sweep, 2*time.Second, nil)
	if failure != "" && !strings.Contains(failure, "Quota") || failure == "" && r.Counts["deferred"] == 0 {
		t.Errorf("504 snapshots in two seconds: %+v, error %q", r, failure)
	}
}
