package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/rpc"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tencentyun/scf-go-lib/cloudfunction/messages"
)

// A function is one process of it, as the platform starts it.
type function struct {
	cmd    *exec.Cmd
	client *rpc.Client
	ready  time.Duration // from the start to the answer to the first Ping
	memory int
}

// startFunction starts a binary and waits until it answers. Nothing of this
// process's environment reaches it.
func startFunction(binary string, memory int) (*function, error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := free.Addr().String()
	_ = free.Close()
	_, port, _ := net.SplitHostPort(address)
	f := &function{cmd: exec.Command(binary), memory: memory}
	f.cmd.Env = []string{"_LAMBDA_SERVER_PORT=" + port, fmt.Sprintf("FUNCTION_MEMORY_SIZE=%d", memory)}
	f.cmd.Stderr = os.Stderr
	f.cmd.Env = append(f.cmd.Env, strings.Fields(os.Getenv("BENCH_ENV"))...)
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
		f.ready = time.Since(begun)
		return f, nil
	}
	f.stop()
	return nil, fmt.Errorf("%s does not answer: %w", binary, err)
}

func (f *function) stop() {
	if f.client != nil {
		_ = f.client.Close()
	}
	_ = f.cmd.Process.Kill()
	_ = f.cmd.Wait()
}

// A reply is what is read of the function's answer.
type reply struct {
	Settled  bool
	Counts   map[string]int
	APICalls int
}

// invoke sends an event and returns the reply, or the function's own error, and
// how long it took.
func (f *function) invoke(event string, env map[string]string, timeout time.Duration) (r reply, took time.Duration, err error) {
	environment, err := json.Marshal(env)
	if err != nil {
		return r, 0, err
	}
	begun := time.Now()
	deadline := begun.Add(timeout)
	req := messages.InvokeRequest{
		Payload: []byte(event), RequestId: "bench", Environment: string(environment),
		MemoryLimitInMb: int32(f.memory), TimeLimitInMs: int32(timeout.Milliseconds()), TencentcloudRegion: home,
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
	return r, took, json.Unmarshal(res.Payload, &r)
}

var peakLine = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peak is the most memory that the process took up so far, in MB. The kernel
// keeps it: nothing is sampled.
func (f *function) peak() (float64, error) {
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
