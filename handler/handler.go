// Package handler turns an event into a job and a job into a reply.
//
// It promises that a wrong setting or an event that can't be used is an error
// before any call to the cloud, that credentials are those the invocation
// brought, and that an error is returned exactly when an operator has something
// to do. It does not know the cloud's API: what it connects to is given to it.
package handler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/tencentyun/scf-go-lib/functioncontext"

	"snapferry/internal/event"
	"snapferry/internal/ferry"
	"snapferry/internal/plan"
	"snapferry/internal/settings"
)

// A Cloud is what an invocation works with.
type Cloud interface {
	ferry.Cloud
	ferry.Surveyor
	ferry.Deleter
	// Calls counts the requests sent so far.
	Calls() int
}

// A Connection says how to reach the cloud for one invocation.
type Connection struct {
	Settings    settings.Settings
	Credentials settings.Credentials
	// Cutoff is when the last request may be sent; zero is never.
	Cutoff time.Time
}

// A Handler serves invocations. It may serve several at once.
type Handler struct {
	// Connect makes a client for one invocation: the role's credentials
	// change with each.
	Connect func(Connection) Cloud
	// Getenv reads the process's own environment, as it was at the start:
	// what an invocation brings comes with the invocation.
	Getenv func(string) string
	// Profile returns credentials from the shared profile file where the
	// environment has none; nil on SCF.
	Profile func() (settings.Credentials, error)
	Now     func() time.Time
	// Log makes the logger of an invocation.
	Log      func(slog.Level) *slog.Logger
	Refused  *ferry.Refusals
	Workers  int
	Progress func(done, total int)
}

// Invoke serves one event of the platform. It has the signature that the
// runtime's library asks for.
func (h *Handler) Invoke(ctx context.Context, payload []byte) (out []byte, err error) {
	defer func() {
		// A panic would end the instance and show the operator a stack of
		// ours; the error says as much and lets the alarm ring.
		if p := recover(); p != nil {
			h.Log(slog.LevelError).ErrorContext(ctx, "panic", "err", fmt.Sprint(p), "stack", string(debug.Stack()))
			out, err = nil, fmt.Errorf("internal error: %v: please report it with the log of this request", p)
		}
	}()
	e, err := event.Decode(payload)
	if err != nil {
		h.Log(slog.LevelError).ErrorContext(ctx, "event", "err", err.Error())
		return nil, err
	}
	if e.Kind == event.KindHTTP {
		return h.serve(ctx, e.HTTP)
	}
	reply, err := h.Run(ctx, e)
	if err != nil {
		return nil, err
	}
	return json.Marshal(reply)
}

// Run does the job that an event asks for. The reply is there even when the
// error is that the job reported a failure (Failure).
func (h *Handler) Run(ctx context.Context, e event.Event) (Reply, error) {
	began := h.Now()
	inv := h.invocation(ctx)
	set, err := settings.Read(inv.getenv, inv.region)
	if err != nil {
		h.Log(slog.LevelError).ErrorContext(ctx, "settings", "err", err.Error())
		return Reply{}, fmt.Errorf("settings: %w", err)
	}
	log := inv.label(h.Log(set.LogLevel))
	job, err := assign(e, set)
	if err != nil {
		log.ErrorContext(ctx, "event", "err", err.Error())
		return Reply{}, err
	}
	reply := Reply{Job: job.name, Trigger: e.Kind, DryRun: job.dry}
	reply.Warnings = unavailable(set)
	if job.idle {
		reply.finish(ferry.Report{Actions: job.noted}, 0, h.Now().Sub(began))
	} else if err := h.work(ctx, inv, set, job, log, &reply, began); err != nil {
		log.ErrorContext(ctx, string(job.name), "err", err.Error())
		return Reply{}, err
	}
	reply.log(ctx, log)
	err = reply.failure()
	return reply, err
}

// work connects to the cloud and runs the job within the time that is left.
func (h *Handler) work(ctx context.Context, inv invocation, set settings.Settings, job job, log *slog.Logger, reply *Reply, began time.Time) error {
	credentials, err := h.credentials(inv)
	if err != nil {
		return err
	}
	ctx, stop, cancel := budget(ctx, h.Now())
	defer cancel()
	cloud := h.Connect(Connection{Settings: set, Credentials: credentials, Cutoff: stop})
	f := &ferry.Ferry{
		Cloud: cloud, Rules: rules(set, job), Refused: h.Refused, Now: h.Now, Log: log,
		Account: inv.account, Accounts: set.ShareAccounts, Stop: stop, Workers: h.Workers, Rate: set.APIRate, Progress: h.Progress,
	}
	var report ferry.Report
	switch job.name {
	case "copy":
		report = f.Copy(ctx, cloud, job.order, job.dry)
	case "verify":
		report = f.Verify(ctx, job.order, job.dry)
	case "retain":
		report = f.Retain(ctx, cloud, job.order, job.dry)
	case "plan":
		report = f.Plan(ctx, cloud, job.order)
	case "check":
		report = f.Check(ctx, cloud)
	default:
		return fmt.Errorf("job %s is not available yet: this version has copy, verify, retain, plan and check", job.name)
	}
	report.Actions = append(job.noted, report.Actions...)
	reply.finish(report, cloud.Calls(), h.Now().Sub(began))
	return nil
}

// budget leaves time for the reply: requests are cut off a little before the
// invocation's deadline, and none is begun a little before that.
func budget(ctx context.Context, now time.Time) (context.Context, time.Time, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, time.Time{}, func() {}
	}
	const least, most = 200 * time.Millisecond, 5 * time.Second
	margin := min(max(deadline.Sub(now)/10, least), most)
	ctx, cancel := context.WithDeadline(ctx, deadline.Add(-margin))
	return ctx, deadline.Add(-2 * margin), cancel
}

// An invocation is what the platform brought with one event.
type invocation struct {
	brought map[string]string
	getenv  func(string) string
	region  string
	account string
	request string
}

// invocation gathers what this one call brought. Its own environment wins
// over the process's, and its own fields come last: not all of them are there
// in all regions.
func (h *Handler) invocation(ctx context.Context) invocation {
	inv := invocation{getenv: h.Getenv}
	fc, ok := functioncontext.FromContext(ctx)
	if ok {
		inv.brought = fc.Environment
		inv.getenv = func(name string) string {
			if v, ok := fc.Environment[name]; ok {
				return v
			}
			return h.Getenv(name)
		}
		inv.region, inv.account, inv.request = fc.TencentcloudRegion, fc.TencentcloudUin, fc.RequestID
	}
	if v := inv.getenv("TENCENTCLOUD_REGION"); v != "" {
		inv.region = v
	}
	if v := inv.getenv("TENCENTCLOUD_UIN"); v != "" {
		inv.account = v
	}
	return inv
}

func (i invocation) label(log *slog.Logger) *slog.Logger {
	if i.request != "" {
		return log.With("request_id", i.request)
	}
	return log
}

// credentials are the invocation's own where it brought any: an old token of
// an earlier one must never be mixed in.
func (h *Handler) credentials(inv invocation) (settings.Credentials, error) {
	if inv.brought["TENCENTCLOUD_SECRETID"] != "" || inv.brought["TENCENTCLOUD_SECRETKEY"] != "" {
		return settings.FindCredentials(func(name string) string { return inv.brought[name] })
	}
	c, err := settings.FindCredentials(inv.getenv)
	if h.Profile == nil || !errors.Is(err, settings.ErrNoCredentials) {
		return c, err
	}
	if c, profileErr := h.Profile(); profileErr == nil {
		return c, nil
	}
	return c, err
}

// rules are the plan's part of the settings, narrowed by the job.
func rules(s settings.Settings, j job) plan.Rules {
	r := s.Rules
	if j.source != "" {
		r.Sources = []string{j.source}
	}
	return r
}

// unavailable warns of settings that ask for what this version does not do
// yet: silence would be taken for success.
func unavailable(s settings.Settings) []string {
	var out []string
	for _, later := range []struct {
		name string
		set  bool
	}{
		{"COPY_TAGS", len(s.CopyTags) > 0},
		{"SHARE_ACCOUNTS", len(s.ShareAccounts) > 0},
		{"NOTIFY_URL", s.NotifyURL != ""},
		{"RPO", s.RPO > 0},
	} {
		if later.set {
			out = append(out, later.name+" is set, but what it asks for is not available yet: nothing is done about it")
		}
	}
	return out
}
