// Command snapferry is a function under SCF and a command line elsewhere.
// It only wires the parts together.
package main

import (
	"cmp"
	"context"
	"log"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/tencentyun/scf-go-lib/cloudfunction"
	"github.com/tencentyun/scf-go-lib/functioncontext"

	"snapferry/handler"
	"snapferry/internal/cli"
	"snapferry/internal/job"
	"snapferry/internal/settings"
	"snapferry/internal/tencent"
)

// workers bounds the copies at work for each source region. Each is observed
// again, and then requested: 24 at a time keep a pace of 20 a second with
// answers that take 300 ms.
const workers = 24

func main() {
	h := &handler.Handler{
		Connect: connector(nil),
		Getenv:  environment(os.Environ()),
		Now:     time.Now,
		Refused: &job.Refusals{},
		Workers: workers,
	}
	// The documents name one variable, the runtime's library reads the other.
	if port := cmp.Or(os.Getenv("_LAMBDA_SERVER_PORT"), os.Getenv("_SCF_SERVER_PORT")); port != "" {
		if err := os.Setenv("_LAMBDA_SERVER_PORT", port); err != nil {
			log.Fatalf("set _LAMBDA_SERVER_PORT: %v", err)
		}
		h.Log = func(level slog.Level) *slog.Logger {
			return slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: level}))
		}
		cloudfunction.StartHandler(&limited{Handler: h})
		return
	}
	h.Profile = func() (settings.Credentials, error) {
		id, key, token, err := tencent.ProfileCredentials()
		return settings.Credentials{ID: settings.Secret(id), Key: settings.Secret(key), Token: settings.Secret(token)}, err
	}
	os.Exit(cli.Main(os.Args[1:], cli.World{Handler: h, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}))
}

// limited tells the garbage collector how much memory the function has, as
// soon as the platform has said so.
type limited struct {
	*handler.Handler
	once sync.Once
}

// heapShare is the percentage of the function's memory that Go may take up
// before it collects more often. The rest is for the program's own text.
const heapShare = 60

// Invoke implements the runtime library's interface.
func (l *limited) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	l.once.Do(func() {
		if fc, ok := functioncontext.FromContext(ctx); ok && fc.MemoryLimitInMb > 0 {
			debug.SetMemoryLimit(int64(fc.MemoryLimitInMb) << 20 * heapShare / 100)
		}
	})
	return l.Handler.Invoke(ctx, payload)
}

// environment is the process's own at its start. The runtime's library puts
// each invocation's variables into the process; reading those would let one
// invocation see the credentials of another.
func environment(at []string) func(string) string {
	vars := make(map[string]string, len(at))
	for _, kv := range at {
		name, value, _ := strings.Cut(kv, "=")
		vars[name] = value
	}
	return func(name string) string { return vars[name] }
}

// connector makes a client for each invocation. Only the pace is shared: the
// service counts requests of all invocations together. carrier is nil for the
// connections that the process shares.
func connector(carrier http.RoundTripper) func(handler.Connection) job.Cloud {
	var mu sync.Mutex
	pacers := map[int]*tencent.Pacer{}
	return func(c handler.Connection) job.Cloud {
		mu.Lock()
		defer mu.Unlock()
		rate := c.Settings.APIRate
		if pacers[rate] == nil {
			pacers[rate] = tencent.NewPacer(rate)
		}
		return tencent.New(tencent.Options{
			ID: c.Credentials.ID.Reveal(), Key: c.Credentials.Key.Reveal(), Token: c.Credentials.Token.Reveal(),
			Endpoint: c.Settings.APIEndpoint, Domain: c.Settings.APIDomain,
			Transport: carrier, Pacer: pacers[rate], Cutoff: c.Cutoff,
		})
	}
}
