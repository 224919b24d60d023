// Package handler runs the job that an event asks for, and makes the reply.
//
// It promises:
//
//   - A wrong setting or event is an error before any call to the cloud.
//   - An invocation uses only its own credentials.
//   - It returns an error if and only if a person must act.
//
// It does not know the cloud's API. Its caller gives it the connection.
package handler

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/event"
	"snapferry/internal/job"
	"snapferry/internal/notify"
	"snapferry/internal/plan"
	"snapferry/internal/settings"
)

// A Connection says how one invocation reaches the cloud.
type Connection struct {
	Settings    settings.Settings
	Credentials settings.Credentials
	// Permissions names the commands that print the permissions of the job, for the
	// error where one is missing.
	Permissions string
	// Cutoff is the time after which no request is sent; zero is no limit.
	Cutoff time.Time
}

// A Handler serves invocations, also several at once.
type Handler struct {
	// Connect makes a client for one invocation. The role's credentials change
	// with each invocation.
	Connect func(Connection) job.Cloud
	// Getenv reads the process's environment as it was at its start. An
	// invocation's own variables come with its context.
	Getenv func(string) string
	// Names are the variables of that environment. A name that is nearly a
	// setting's is reported.
	Names []string
	// Profile returns credentials from the profile file of the vendor's tools,
	// for an environment without credentials; nil on SCF.
	Profile func() (settings.Credentials, error)
	Now     func() time.Time
	// Log makes the logger of an invocation.
	Log     func(slog.Level) *slog.Logger
	Refused *job.Refusals
	// FirstCopies is what verify remembers; nil remembers nothing.
	FirstCopies *job.FirstCopies
	// Recent keeps the last status for a minute; nil keeps nothing.
	Recent *Recent
	// Told remembers what NOTIFY_URL was told; nil is as good as lost.
	Told *notify.Memory
	// Webhooks sends the requests to NOTIFY_URL and HEARTBEAT_URL; nil is
	// http.DefaultTransport.
	Webhooks http.RoundTripper
	// Workers bounds the copy tasks that run at once for each source region.
	Workers int
	// KeepAll keeps every action and plans any amount of work. It is for the
	// command line: a function's memory must not grow with the account.
	KeepAll  bool
	Progress func(done, total int)
}

// Invoke serves one event of the platform. The platform's library defines its
// signature.
func (h *Handler) Invoke(ctx context.Context, payload []byte) (out []byte, err error) {
	defer func() {
		// A panic would end the instance. An error is enough for the alarm.
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

// Run runs the job that an event asks for. If the error is a Failure, the reply is
// complete.
func (h *Handler) Run(ctx context.Context, e event.Event) (Reply, error) {
	began := h.Now()
	inv := h.invocation(ctx)
	set, err := settings.Read(inv.getenv, inv.region, inv.names...)
	if err != nil {
		h.Log(slog.LevelError).ErrorContext(ctx, "settings", "err", err.Error())
		return Reply{}, fmt.Errorf("settings: %w", err)
	}
	log := inv.label(h.Log(set.LogLevel))
	a, err := assign(e, set)
	if err != nil {
		log.ErrorContext(ctx, "event", "err", err.Error())
		return Reply{}, err
	}
	a.rpo, a.drills, a.known = set.RPO, set.DrillCount, known(set, inv.getenv("JOB") != "", inv)
	report, calls := job.NewReport(maxListed, a.noted...), 0
	if !a.idle {
		if report, calls, err = h.work(ctx, inv, set, a, log); err != nil {
			log.ErrorContext(ctx, string(a.job), "err", err.Error())
			return Reply{}, err
		}
	}
	reply := newReply(a, e.Kind, report)
	reply.Warnings = report.Warnings
	reply.APICalls, reply.Seconds, reply.At = calls, rounded(h.Now().Sub(began)), began
	reply.log(ctx, log)
	err = reply.failure()
	if !a.idle && slices.Contains([]cloud.Job{cloud.Copy, cloud.Verify, cloud.Retain, cloud.Drill}, a.job) {
		h.tell(ctx, set, &a, &reply, report, log)
	}
	return reply, err
}

// jobs has a function for each job of package cloud.
var jobs = map[cloud.Job]func(*job.Runner, context.Context, assignment) *job.Report{
	cloud.Copy: func(r *job.Runner, ctx context.Context, a assignment) *job.Report {
		if len(a.changes) > 0 {
			return r.CopyAfter(ctx, a.order, a.changes, a.dry)
		}
		return r.Copy(ctx, a.order, a.dry)
	},
	cloud.Verify: func(r *job.Runner, ctx context.Context, a assignment) *job.Report {
		return r.Verify(ctx, a.order, a.dry)
	},
	cloud.Retain: func(r *job.Runner, ctx context.Context, a assignment) *job.Report {
		return r.Retain(ctx, a.order, a.dry)
	},
	cloud.Drill: func(r *job.Runner, ctx context.Context, a assignment) *job.Report {
		return r.Drill(ctx, a.order, a.drills, a.dry)
	},
	cloud.Status: func(r *job.Runner, ctx context.Context, a assignment) *job.Report { return r.Status(ctx, a.order) },
	cloud.Plan:   func(r *job.Runner, ctx context.Context, a assignment) *job.Report { return r.Plan(ctx, a.order) },
	cloud.Check:  func(r *job.Runner, ctx context.Context, a assignment) *job.Report { return r.Check(ctx, a.known) },
}

// work connects to the cloud and runs the job within the available time.
func (h *Handler) work(ctx context.Context, inv invocation, set settings.Settings, a assignment, log *slog.Logger) (*job.Report, int, error) {
	ctx, r, cancel, err := h.runner(ctx, inv, set, a, log)
	if err != nil {
		return nil, 0, err
	}
	defer cancel()
	report := jobs[a.job](r, ctx, a)
	return report, r.Cloud.Calls(), nil
}

// runner connects to the cloud. Its context ends when the available time does.
func (h *Handler) runner(ctx context.Context, inv invocation, set settings.Settings, a assignment, log *slog.Logger) (context.Context, *job.Runner, context.CancelFunc, error) {
	credentials, err := h.credentials(inv)
	if err != nil {
		return nil, nil, nil, err
	}
	ctx, cutoff, cancel := budget(ctx, h.Now())
	r := &job.Runner{
		Cloud: h.Connect(Connection{Settings: set, Credentials: credentials, Permissions: permissions(a.job, set.Job), Cutoff: cutoff}),
		Rules: a.rules(set), Refused: h.Refused, FirstCopies: h.FirstCopies, Now: h.Now, Log: log, Noted: a.noted, Account: inv.account,
		Workers: h.Workers, Rate: set.APIRate, MaxWork: plan.MaxWork, MaxActions: maxListed, Progress: h.Progress,
	}
	if h.KeepAll {
		r.MaxWork, r.MaxActions = 0, 0
	}
	return ctx, r, cancel, nil
}

// permissions names the commands that print what a job may do. A check is about the
// job that its function has.
func permissions(job, own cloud.Job) string {
	const command = `"snapferry policy %s"`
	if job == cloud.Check && own != job {
		return fmt.Sprintf(command+" or, for what only this check asks, "+command, own, job)
	}
	return fmt.Sprintf(command, job)
}
