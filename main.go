// Command snapferry is a function under SCF and a command line elsewhere.
//
// It only connects the packages: it contains no logic about events, snapshots or
// the service.
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
	"golang.org/x/term"

	"snapferry/handler"
	"snapferry/internal/cli"
	"snapferry/internal/job"
	"snapferry/internal/notify"
	"snapferry/internal/settings"
	"snapferry/internal/tencent"
)

// workers bounds the copy tasks that run at once for each source region. A task
// reads and then sends a request. 20 tasks reach 20 requests a second with answers
// that take 300 ms.
const workers = 20

func main() {
	getenv, names := environment(os.Environ())
	h := &handler.Handler{
		Connect:     connector(nil),
		Getenv:      getenv,
		Names:       names,
		Now:         time.Now,
		Refused:     &job.Refusals{},
		FirstCopies: &job.FirstCopies{},
		Recent:      handler.NewRecent(),
		Told:        &notify.Memory{},
		Workers:     workers,
	}
	// The platform's documents name one variable, its library reads the other.
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
	os.Exit(cli.Main(os.Args[1:], cli.World{
		Handler: h, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Interactive: term.IsTerminal(int(os.Stdin.Fd())),
	}))
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

// gcPercent is how much the heap may grow between two collections. A sweep over
// 80,000 snapshots takes 28 MB with it and 36 MB with Go's usual 100. It costs
// processor time while the function waits for the pace anyway.
const gcPercent = 25

// Invoke implements the runtime library's interface.
func (l *limited) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	l.once.Do(func() {
		if fc, ok := functioncontext.FromContext(ctx); ok && fc.MemoryLimitInMb > 0 {
			debug.SetMemoryLimit(int64(fc.MemoryLimitInMb) << 20 * heapShare / 100)
		}
		debug.SetGCPercent(gcPercent)
	})
	return l.Handler.Invoke(ctx, payload)
}

// environment reads the process's variables as they were at its start. The
// platform's library sets each invocation's variables in the process. If they were
// read there, one invocation could see the credentials of another.
func environment(start []string) (getenv func(string) string, names []string) {
	vars := make(map[string]string, len(start))
	for _, kv := range start {
		name, value, _ := strings.Cut(kv, "=")
		vars[name] = value
		names = append(names, name)
	}
	return func(name string) string { return vars[name] }, names
}

// connector makes a client for each invocation. Only the pacer is shared, because
// the service counts the requests of all invocations together. transport is nil
// for the connections that the process shares.
func connector(transport http.RoundTripper) func(handler.Connection) job.Cloud {
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
			Transport: transport, Pacer: pacers[rate], Cutoff: c.Cutoff, Permissions: c.Permissions,
		})
	}
}
