package handler_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tencentyun/scf-go-lib/functioncontext"

	"snapferry/handler"
	"snapferry/internal/ferry"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

const (
	gz = "ap-guangzhou"
	bj = "ap-beijing"
	sh = "ap-shanghai"
)

// A bench is a simulated cloud with a function connected to it.
type bench struct {
	t     *testing.T
	cloud *sim.Cloud
	h     *handler.Handler
	env   map[string]string
	logs  *journal
	// brought is what each invocation brings.
	brought map[string]string
	timeout time.Duration
	// complaints tells that the simulator's complaints are part of the story.
	complaints bool
}

// A journal is where all instances of a story log: each has a logger of its
// own, and they write at once.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

// String is all that was logged.
func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// Reset forgets it.
func (j *journal) Reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.text.Reset()
}

// story runs a test in a bubble with its own time, and fails it if the
// simulator has anything to complain about.
func story(t *testing.T, o sim.Options, tell func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, o)
		tell(b)
		if !b.complaints && len(b.cloud.Complaints()) > 0 {
			t.Errorf("the service complains:\n%s", strings.Join(b.cloud.Complaints(), "\n"))
		}
	})
}

func newBench(t *testing.T, o sim.Options) *bench {
	b := &bench{
		t: t, cloud: sim.New(o), logs: &journal{}, timeout: 15 * time.Minute,
		env: map[string]string{"TARGET_REGIONS": bj + "," + sh, "SOURCE_REGIONS": gz},
		brought: map[string]string{
			"TENCENTCLOUD_SECRETID": "AKIDrole", "TENCENTCLOUD_SECRETKEY": "role-key", "TENCENTCLOUD_SESSIONTOKEN": "role-token",
			"TENCENTCLOUD_UIN": "100000000001",
		},
	}
	b.cloud.AddKey(sim.Key{ID: "AKIDrole", Secret: "role-key", Token: "role-token"})
	b.h = b.function(nil)
	return b
}

// function is an instance of the function. With a credential of its own it
// uses that instead of what the invocation brings.
func (b *bench) function(own *sim.Key) *handler.Handler {
	pacer := tencent.NewPacer(20)
	return &handler.Handler{
		Connect: func(c handler.Connection) handler.Cloud {
			o := tencent.Options{
				ID: c.Credentials.ID.Reveal(), Key: c.Credentials.Key.Reveal(), Token: c.Credentials.Token.Reveal(),
				Transport: b.cloud.Transport(), Pacer: pacer, Cutoff: c.Cutoff,
			}
			if own != nil {
				o.ID, o.Key, o.Token = own.ID, own.Secret, own.Token
			}
			return tencent.New(o)
		},
		Getenv: func(name string) string { return b.env[name] },
		Now:    time.Now,
		Log: func(l slog.Level) *slog.Logger {
			return slog.New(slog.NewJSONHandler(b.logs, &slog.HandlerOptions{Level: l}))
		},
		Refused: &ferry.Refusals{},
		Workers: 8,
	}
}

// paced connects at another pace than the usual one.
func (b *bench) paced(perSecond int) func(handler.Connection) handler.Cloud {
	pacer := tencent.NewPacer(perSecond)
	return func(c handler.Connection) handler.Cloud {
		return tencent.New(tencent.Options{
			ID: c.Credentials.ID.Reveal(), Key: c.Credentials.Key.Reveal(), Token: c.Credentials.Token.Reveal(),
			Transport: b.cloud.Transport(), Pacer: pacer, Cutoff: c.Cutoff,
		})
	}
}

// another is a second instance, with a key by which its requests are told.
func (b *bench) another(id string) *handler.Handler {
	key := sim.Key{ID: id, Secret: "another"}
	b.cloud.AddKey(key)
	return b.function(&key)
}

// invoke sends an event as the platform does.
func (b *bench) invoke(event string) (handler.Reply, error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.context(), b.timeout)
	defer cancel()
	began := time.Now()
	out, err := b.h.Invoke(ctx, []byte(event))
	if took := time.Since(began); took >= b.timeout {
		b.t.Errorf("answered after %s, the invocation has %s", took, b.timeout)
	}
	var r handler.Reply
	if err == nil {
		if err := json.Unmarshal(out, &r); err != nil {
			b.t.Fatalf("reply %s: %v", out, err)
		}
		return r, nil
	}
	// The platform drops the reply with an error; the log has it.
	for line := range strings.Lines(b.logs.String()) {
		var entry struct{ Reply *handler.Reply }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Reply != nil {
			r = *entry.Reply
		}
	}
	return r, err
}

// context is that of an invocation without a deadline.
func (b *bench) context() context.Context {
	return functioncontext.NewContext(context.Background(), &functioncontext.FunctionContext{Environment: b.brought, RequestID: "req-1"})
}

// run sends an event that must succeed.
func (b *bench) run(event string) handler.Reply {
	b.t.Helper()
	r, err := b.invoke(event)
	if err != nil {
		b.t.Fatalf("%s: %v", event, err)
	}
	return r
}

const (
	copyTimer   = `{"Type":"Timer","TriggerName":"sweep","Time":"2026-11-23T00:00:00Z","Message":"copy"}`
	verifyTimer = `{"Type":"Timer","TriggerName":"verify","Time":"2026-11-23T00:00:00Z","Message":"verify"}`
)

// created is the EventBridge event of a CreateSnapshot call.
func created(snapshot, disk string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":"e-1","source":"cbs.cloud.tencent","type":"cbs:CloudEvent:ApiCall","subject":"x",
		"time":"1700000000000","region":"ap-guangzhou","data":{"eventName":"CreateSnapshot","eventRegion":"ap-guangzhou","errorCode":"0",
		"requestParameters":"{\"DiskId\":\"%s\"}","responseElements":"{\"SnapshotId\":\"%s\"}"}}`, disk, snapshot)
}

// disk adds a disk with snapshots of these ages, and returns its id and theirs.
func (b *bench) disk(ages ...time.Duration) (string, []string) {
	id := b.cloud.AddDisk(sim.Disk{Region: gz, SizeGiB: 50})
	var snaps []string
	for _, age := range ages {
		snaps = append(snaps, b.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: id, SizeGiB: 50, Created: time.Now().Add(-age)}))
	}
	return id, snaps
}

// replicas are the replicas of a region as "source state", sorted.
func (b *bench) replicas(region string) []string {
	var out []string
	for _, s := range b.cloud.Snapshots(region) {
		if l, ok := plan.ParseName(s.Name); ok && s.CopyFromRemote {
			out = append(out, l.Source+" "+s.State)
		}
	}
	slices.Sort(out)
	return out
}

func (b *bench) wantReplicas(region string, want ...string) {
	b.t.Helper()
	slices.Sort(want)
	if got := b.replicas(region); !slices.Equal(got, want) {
		b.t.Errorf("replicas in %s:\n got %q\nwant %q", region, got, want)
	}
}

func wantCounts(t *testing.T, r handler.Reply, want string) {
	t.Helper()
	var parts []string
	for o, n := range r.Counts {
		parts = append(parts, fmt.Sprintf("%s=%d", o, n))
	}
	slices.Sort(parts)
	if got := strings.Join(parts, " "); got != want {
		t.Errorf("counts: got %q, want %q; actions:\n%s", got, want, actions(r))
	}
}

func actions(r handler.Reply) string {
	var b strings.Builder
	for _, a := range r.Actions {
		fmt.Fprintf(&b, "  %s %s %s→%s %s %s: %s\n", a.Kind, a.Snapshot, a.From, a.To, a.Outcome, a.Replica, a.Reason)
	}
	return b.String()
}
