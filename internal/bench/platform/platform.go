// Package platform runs a built function as the platform does: a process of
// its own, the runtime's port in its environment, events over a connection.
package platform

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/rpc"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"time"

	"github.com/tencentyun/scf-go-lib/cloudfunction/messages"
)

// A Function is one process of it.
type Function struct {
	// Ready is the time from the start to the answer to the first Ping.
	Ready time.Duration

	cmd    *exec.Cmd
	client *rpc.Client
	memory int
}

// Options say how a function is started.
type Options struct {
	Port           string   // the variable that names the runtime's port
	Memory         int      // in MB, as the platform tells it; 0: it does not
	Env            []string // in addition
	Stdout, Stderr io.Writer
}

// Start starts a binary and waits until it answers. Nothing of this process's
// environment reaches it.
func Start(binary string, o Options) (*Function, error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := free.Addr().String()
	_ = free.Close()
	_, port, _ := net.SplitHostPort(address)
	f := &Function{cmd: exec.Command(binary), memory: o.Memory}
	f.cmd.Env = append([]string{o.Port + "=" + port}, o.Env...)
	if o.Memory > 0 {
		f.cmd.Env = append(f.cmd.Env, fmt.Sprintf("FUNCTION_MEMORY_SIZE=%d", o.Memory))
	}
	f.cmd.Stdout, f.cmd.Stderr = o.Stdout, o.Stderr
	begun := time.Now()
	if err := f.cmd.Start(); err != nil {
		return nil, err
	}
	for time.Since(begun) < 10*time.Second {
		if f.client, err = rpc.Dial("tcp", address); err != nil {
			time.Sleep(300 * time.Microsecond)
			continue
		}
		if err = f.client.Call("Function.Ping", messages.PingRequest{}, &messages.PingResponse{}); err != nil {
			break
		}
		f.Ready = time.Since(begun)
		return f, nil
	}
	f.Stop()
	return nil, fmt.Errorf("%s does not answer: %w", binary, err)
}

// Stop ends the process.
func (f *Function) Stop() {
	if f.client != nil {
		_ = f.client.Close()
	}
	_ = f.cmd.Process.Kill()
	_ = f.cmd.Wait()
}

// A Reply is what is read of the function's answer.
type Reply struct {
	Settled  bool
	Counts   map[string]int
	APICalls int
	Actions  []struct{ Snapshot string }

	// Of an answer to a visitor:
	StatusCode int
	Body       string
	// Size is how many bytes the reply has.
	Size int
}

// Invoke sends an event, and with it the environment, credentials among it. It
// returns the reply, or the function's own error, and how long that took.
func (f *Function) Invoke(event string, env map[string]string, limit time.Duration) (r Reply, took time.Duration, err error) {
	environment, err := json.Marshal(env)
	if err != nil {
		return r, 0, err
	}
	begun := time.Now()
	deadline := begun.Add(limit)
	req := messages.InvokeRequest{
		Payload: []byte(event), RequestId: "req-1", Environment: string(environment),
		MemoryLimitInMb: int32(f.memory), TimeLimitInMs: int32(limit.Milliseconds()), TencentcloudRegion: "ap-guangzhou",
		Deadline: messages.InvokeRequest_Timestamp{Seconds: deadline.Unix(), Nanos: int64(deadline.Nanosecond())},
	}
	var res messages.InvokeResponse
	err = f.client.Call("Function.Invoke", req, &res)
	took = time.Since(begun)
	switch {
	case err != nil:
		return r, took, err
	case res.Error != nil:
		return r, took, errors.New(res.Error.Message)
	}
	r.Size = len(res.Payload)
	err = json.Unmarshal(res.Payload, &r)
	return r, took, err
}

var peakLine = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// Peak is the most memory that the process took up so far, in MB. The kernel
// keeps it: nothing is sampled.
func (f *Function) Peak() (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", f.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	found := peakLine.FindSubmatch(status)
	if found == nil {
		return 0, errors.New("this system does not tell how much memory a process took up")
	}
	kilobytes, err := strconv.ParseFloat(string(found[1]), 64)
	return kilobytes / 1024, err
}
