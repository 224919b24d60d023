package main_test

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"snapferry/internal/bench/platform"
)

// binary is built once: the function and the simulator are the same program,
// as in life.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(binaryDir, "main")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "tccli" { // the documents' commands call it
		if err := tccli(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	var err error
	if binaryDir, err = os.MkdirTemp("", "snapferry"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(binaryDir)
	os.Exit(code)
}

// binaryDir is where it is built, until the tests end.
var binaryDir string

// built builds the program. The short tests, which look for races, do without it: the
// race detector does not see into another process.
func built(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("it runs the built program")
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// simulator serves a simulated cloud from another process. It returns the
// settings and credentials of a function that uses it.
func simulator(t *testing.T, args ...string) map[string]string {
	t.Helper()
	cmd := exec.Command(built(t), append([]string{"simulate", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Env, cmd.Stderr = []string{}, t.Output() // nothing of the test's own environment
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
	lines, said := bufio.NewScanner(pipe), map[string]string{}
	for range 3 {
		if !lines.Scan() {
			t.Fatal("the simulator said too little")
		}
		name, value, _ := strings.Cut(lines.Text(), "=")
		said[name] = value
	}
	go func() { _, _ = io.Copy(io.Discard, pipe) }() // the pipe must not fill up
	return map[string]string{
		"API_ENDPOINT": said["API_ENDPOINT"], "SOURCE_REGIONS": "ap-guangzhou", "TARGET_REGIONS": "ap-beijing", "MAX_AGE": "0",
		"TENCENTCLOUD_SECRETID": said["TENCENTCLOUD_SECRET_ID"], "TENCENTCLOUD_SECRETKEY": said["TENCENTCLOUD_SECRET_KEY"],
	}
}

// An instance is the program as the platform runs it.
type instance struct {
	*platform.Function
	t *testing.T
}

// serve starts the function with the variable that names the runtime's port.
func serve(t *testing.T, variable string) *instance {
	t.Helper()
	return serveBinary(t, built(t), variable)
}

func serveBinary(t *testing.T, path, variable string) *instance {
	t.Helper()
	f, err := platform.Start(path, platform.Options{Port: variable, Stdout: t.Output(), Stderr: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Stop)
	return &instance{f, t}
}

// invoke sends an event, and returns the reply or the text of the error.
func (f *instance) invoke(event string, limit time.Duration, env map[string]string) (r platform.Reply, failure string) {
	f.t.Helper()
	r, took, err := f.Invoke(event, env, limit)
	if took > limit {
		f.t.Errorf("answered after %s, the limit is %s", took, limit)
	}
	if err != nil {
		failure = err.Error()
	}
	return r, failure
}

// settle repeats an event until an outcome is counted as often as wanted.
func (f *instance) settle(event, outcome string, want int, env map[string]string) {
	f.t.Helper()
	var r platform.Reply
	var failure string
	for range 100 {
		if r, failure = f.invoke(event, time.Minute, env); failure == "" && r.Counts[outcome] == want {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	f.t.Fatalf("%s: %d %s wanted, last reply %+v, last error %q", event, want, outcome, r, failure)
}

const (
	sweep  = `{"Type":"Timer","TriggerName":"t","Time":"2026-11-23T00:00:00Z","Message":"copy"}`
	verify = `{"Type":"Timer","TriggerName":"t","Time":"2026-11-23T00:00:00Z","Message":"verify"}`
)

func TestTheFunctionDoesTheWorkAsThePlatformStartsIt(t *testing.T) {
	for _, variable := range []string{"_LAMBDA_SERVER_PORT", "_SCF_SERVER_PORT"} {
		t.Run(variable, func(t *testing.T) {
			env := simulator(t, "--disks", "1", "--copy-time", "1s", "--seed", "7")
			delete(env, "SOURCE_REGIONS") // the function's own region
			env["TENCENTCLOUD_REGION"], env["TARGET_REGIONS"] = "ap-guangzhou", "ap-beijing,ap-shanghai"
			f := serve(t, variable)
			planned, failure := f.invoke(`{"job":"copy","dryRun":true}`, time.Minute, env)
			if failure != "" || len(planned.Actions) == 0 {
				t.Fatalf("dry run: %+v, error %q", planned, failure)
			}
			event := fmt.Sprintf(`{"specversion":"1.0","source":"cbs.cloud.tencent","type":"cbs:CloudEvent:ApiCall","data":{"eventName":"CreateSnapshot",
				"eventRegion":"ap-guangzhou","errorCode":"0","responseElements":"{\"SnapshotId\":\"%s\"}"}}`, planned.Actions[0].Snapshot)
			r, failure := f.invoke(event, time.Minute, env)
			if failure != "" || r.Counts["started"] != 2 {
				t.Fatalf("the event: %+v, error %q", r, failure)
			}
			f.settle(event, "exists", 2, env)
			f.settle(sweep, "exists", 14, env)
			f.settle(verify, "verified", 14, env)
		})
	}
}

func TestEachInvocationUsesItsOwnCredentials(t *testing.T) {
	good := simulator(t, "--disks", "1")
	wrong, none := maps.Clone(good), maps.Clone(good)
	wrong["TENCENTCLOUD_SECRETID"], wrong["TENCENTCLOUD_SECRETKEY"] = "AKIDother", "some-other-key"
	delete(none, "TENCENTCLOUD_SECRETID")
	delete(none, "TENCENTCLOUD_SECRETKEY")
	f := serve(t, "_LAMBDA_SERVER_PORT")
	for _, step := range []struct {
		what string
		env  map[string]string
		want string
	}{
		{"with the right credentials", good, ""},
		{"with wrong credentials", wrong, "AuthFailure"},
		{"without credentials, after invocations that had some", none, "no credentials"},
		{"with the right ones again", good, ""},
	} {
		_, failure := f.invoke(sweep, time.Minute, step.env)
		if !strings.Contains(failure, step.want) || step.want == "" && failure != "" || strings.Contains(failure, "some-other-key") {
			t.Errorf("%s: %q", step.what, failure)
		}
	}
}

func TestAShortInvocationOverARealConnectionAnswersInTime(t *testing.T) {
	env := simulator(t, "--disks", "72", "--copy-time", "1h", "--seed", "7")
	env["API_RATE"] = "20"
	r, failure := serve(t, "_LAMBDA_SERVER_PORT").invoke(sweep, 2*time.Second, env)
	if failure != "" && !strings.Contains(failure, "Quota") || failure == "" && r.Counts["deferred"] == 0 {
		t.Errorf("504 snapshots in two seconds: %+v, error %q", r, failure)
	}
}

// mostMemory is what an instance may take up, in MB. A function has 128 by
// default; what is between is for lists of snapshots.
const mostMemory = 112

func TestTheLargestEventsFitIntoAFunctionOf128MB(t *testing.T) {
	env := simulator(t, "--disks", "1")
	for name, event := range map[string]string{
		"ten thousand records": batch(10_000),
		"a long text":          `{"job":"` + strings.Repeat("x", 6<<20-12) + `"}`,
		"a hostile page":       `{"httpMethod":"GET","path":"/","headers":{"a":[0` + strings.Repeat(",0", 3_000_000) + `]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, "_LAMBDA_SERVER_PORT")
			for range 3 { // an instance serves many
				_, _ = f.invoke(event, time.Minute, env)
			}
			got, err := f.Peak()
			if err != nil {
				t.Skip(err)
			}
			if got > mostMemory {
				t.Errorf("it took up %.0f MB for %d bytes, more than %d", got, len(event), mostMemory)
			}
		})
	}
}

// batch is an event of n records of snapshots that are not there, as long as the
// platform delivers.
func batch(n int) string {
	all := make([]string, n)
	for i := range all {
		one := fmt.Sprintf(`{"specversion":"1.0","source":"cbs.cloud.tencent","data":{"eventName":"CreateSnapshot","eventRegion":"ap-guangzhou",
			"responseElements":"{\"SnapshotId\":\"snap-%08d\"}","padding":""}}`, i)
		all[i] = strings.Replace(one, `"padding":"`, `"padding":"`+strings.Repeat("x", 6<<20/n-len(one)-2), 1)
	}
	return `{"EventList":[` + strings.Join(all, ",") + `]}`
}
