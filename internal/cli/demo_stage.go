package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"snapferry/handler"
	"snapferry/internal/cloud"
	"snapferry/internal/event"
	"snapferry/internal/ferry"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

// A stage is the demo's cloud and the handler that works with it.
type stage struct {
	cloud   *sim.Cloud
	handler *handler.Handler
	targets []string
	env     map[string]string // the settings; changed between invocations only

	mu    sync.Mutex // guards ahead
	ahead time.Duration
}

// demoKey signs the demo's requests; nothing outside the process takes it.
var demoKey = sim.Key{ID: "AKIDdemo", Secret: "demo"}

// newStage makes an empty cloud whose clock runs as ours does, and jumps ahead
// when the story says that time passes. All jumps together must stay below
// five minutes: the vendor's client signs with the real time, and no service
// takes a signature that is further off.
func newStage() *stage {
	s := &stage{targets: []string{"ap-beijing", "ap-shanghai"}}
	s.cloud = sim.New(sim.Options{
		Now: s.now, CreateTime: 20 * time.Second, CopyTime: 100 * time.Second, CheckTime: 30 * time.Second,
	})
	s.cloud.AddKey(demoKey)
	s.env = map[string]string{
		"SOURCE_REGIONS": home, "TARGET_REGIONS": strings.Join(s.targets, ","),
		"TENCENTCLOUD_SECRET_ID": demoKey.ID, "TENCENTCLOUD_SECRET_KEY": demoKey.Secret,
	}
	var pacer *tencent.Pacer
	s.handler = &handler.Handler{
		Connect: func(c handler.Connection) handler.Cloud {
			if pacer == nil { // the demo makes one connection after the other
				pacer = tencent.NewPacer(c.Settings.APIRate)
			}
			return tencent.New(tencent.Options{
				ID: c.Credentials.ID.Reveal(), Key: c.Credentials.Key.Reveal(), Token: c.Credentials.Token.Reveal(), Domain: c.Settings.APIDomain,
				Pacer: pacer, Transport: s.cloud.Transport(), Now: s.now, Cutoff: c.Cutoff,
			})
		},
		Getenv:  func(name string) string { return s.env[name] },
		Now:     s.now,
		Log:     func(slog.Level) *slog.Logger { return slog.New(slog.DiscardHandler) },
		Refused: &ferry.Refusals{},
		Workers: 1, // one request after the other: the same story each time
	}
	return s
}

// now is the simulated cloud's clock.
func (s *stage) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.ahead)
}

// pass lets time pass in the simulated cloud.
func (s *stage) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// invoke has the handler serve an event.
func (s *stage) invoke(ctx context.Context, payload []byte) (handler.Reply, error) {
	e, err := event.Decode(payload)
	if err != nil {
		return handler.Reply{}, failure{fmt.Errorf("demo: %w", err)}
	}
	reply, err := s.handler.Run(ctx, e)
	if err != nil {
		return reply, failure{fmt.Errorf("demo: %w", err)}
	}
	return reply, nil
}

// timer has the handler serve a timer that is due for a job.
func (s *stage) timer(ctx context.Context, job cloud.Job) (handler.Reply, error) {
	timer := map[string]string{
		"Type": "Timer", "TriggerName": "every-five-minutes", "Time": s.now().UTC().Format(time.RFC3339), "Message": string(job),
	}
	payload, err := json.Marshal(timer)
	if err != nil {
		return handler.Reply{}, failure{fmt.Errorf("demo: encode the timer event: %w", err)}
	}
	return s.invoke(ctx, payload)
}

// expected is how many replicas there must be in the end.
func (s *stage) expected() int { return len(s.sources()) * len(s.targets) }

// sources are the snapshots to be protected, as the cloud has them.
func (s *stage) sources() []sim.Snapshot { return s.cloud.Snapshots(home) }

// replicas are those of all regions.
func (s *stage) replicas() []sim.Snapshot {
	return slices.DeleteFunc(s.cloud.Snapshots(""), func(r sim.Snapshot) bool { return !r.CopyFromRemote })
}

// states is how many replicas are in which state, how far.
func (s *stage) states() string {
	counts := map[string]int{}
	var order []string
	for _, r := range s.replicas() {
		state := r.State
		if r.Percent < 100 {
			state += fmt.Sprintf(" %d %%", r.Percent)
		}
		if counts[state]++; counts[state] == 1 {
			order = append(order, state)
		}
	}
	for i, state := range order {
		order[i] = number(counts[state], "replica", "replicas") + " " + state
	}
	return strings.Join(order, ", ")
}

// sourceOf is the snapshot that a copy request names.
func sourceOf(c sim.Call) string {
	var params struct{ SnapshotId string }
	if json.Unmarshal(c.Params, &params) != nil {
		return "" // the cloud refuses it
	}
	return params.SnapshotId
}
