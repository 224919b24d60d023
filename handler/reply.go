package handler

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/event"
	"snapferry/internal/job"
	"snapferry/internal/plan"
)

// A Reply is the result of a job. It is returned, and logged as one line.
type Reply struct {
	Job     cloud.Job  `json:"job"`
	Trigger event.Kind `json:"trigger"`
	Version string     `json:"version"`
	DryRun  bool       `json:"dryRun"`
	// Settled is true when nothing is left to do: no copy in progress,
	// nothing wanted and absent, no disk late or unprotected.
	Settled bool `json:"settled"`
	// Counts counts every action by its outcome, except those about a disk's
	// protection.
	Counts map[plan.Outcome]int `json:"counts"`
	// Protection counts the disks; only verify looks at them.
	Protection *Protection `json:"protection,omitempty"`
	// Actions are the most urgent actions, failures first, at most maxListed.
	// Omitted is how many more there were.
	Actions  []job.Action `json:"actions"`
	Omitted  int          `json:"omitted"`
	Warnings []string     `json:"warnings,omitempty"`
	APICalls int          `json:"apiCalls"`
	// GiBToCopy and GiBStored are set for a plan: the disk sizes of all
	// snapshots to copy, and of all replicas after that. The service bills the
	// data, which may be less.
	GiBToCopy int `json:"gibToCopy,omitempty"`
	GiBStored int `json:"gibStored,omitempty"`

	Seconds float64 `json:"seconds"`

	// At is when the job began: ages count to it.
	At time.Time `json:"-"`

	all  []job.Action         // Actions, and the omitted ones that were kept
	rows map[plan.Outcome]int // the actions about protection
}

// Protection counts the disks by the state of their worst region, under an RPO.
type Protection struct {
	RPO string `json:"rpo"`
	plan.Protection
}

// maxListed bounds the actions of a reply (the documented contract).
const maxListed = 200

// newReply makes the reply from a job's report.
func newReply(a assignment, trigger event.Kind, report *job.Report) Reply {
	r := Reply{
		Job: a.job, Trigger: trigger, Version: Version, DryRun: a.dry, Settled: !report.Unsettled, Counts: report.Counts,
		all: report.Actions(), rows: report.Rows,
	}
	for _, counts := range []map[plan.Outcome]int{r.Counts, r.rows} {
		for o := range counts {
			r.Settled = r.Settled && o.Settled()
		}
	}
	if report.Protection != nil {
		r.Protection = &Protection{plan.InHours(a.rpo), *report.Protection}
	}
	if a.job == cloud.Plan {
		r.GiBToCopy, r.GiBStored = report.GiBToCopy, report.GiBStored
	}
	r.list(maxListed)
	return r
}

// rounded is a duration in seconds, to the millisecond.
func rounded(d time.Duration) float64 { return math.Round(d.Seconds()*1000) / 1000 }

// All returns every action that was kept, also the omitted ones, failures first.
func (r *Reply) All() []job.Action { return slices.Clone(r.all) }

// ListAll lists every action that was kept.
func (r *Reply) ListAll() {
	if len(r.all) > 0 {
		r.list(len(r.all))
	}
}

func (r *Reply) list(most int) {
	r.Actions = r.all[:min(len(r.all), most)]
	r.Omitted = -len(r.Actions)
	for _, counts := range []map[plan.Outcome]int{r.Counts, r.rows} {
		for _, n := range counts {
			r.Omitted += n
		}
	}
}

// A Failure is the error of a job that ran to its end and had outcomes that raise
// an alarm. All other work was done.
type Failure struct{ text string }

// Error is one line: the counts, and the first cause with its RequestId.
func (f *Failure) Error() string { return f.text }

// failure is the function's error; nil if no outcome raises an alarm.
func (r *Reply) failure() error {
	var counts []string
	rows := r.rows
	if r.Job == cloud.Status {
		rows = nil // it tells and does not judge
	}
	for _, o := range plan.Outcomes() {
		if n := r.Counts[o] + rows[o]; n > 0 && o.Alarms() {
			counts = append(counts, fmt.Sprintf("%d %s", n, o))
		}
	}
	if len(counts) == 0 {
		return nil
	}
	first := r.all[0]
	var place []string
	for _, p := range []struct{ word, what string }{{"", first.Disk}, {"snapshot ", first.Snapshot}, {"replica ", first.Replica}, {"from ", first.From}, {"to ", first.To}} {
		if p.what != "" {
			place = append(place, p.word+p.what)
		}
	}
	where := strings.Join(place, " ")
	if where != "" {
		where += ": "
	}
	if first.Snapshot != "" && strings.Contains(first.Reason, first.Snapshot) {
		where = "" // the reason names the places itself
	}
	return &Failure{fmt.Sprintf("%s: %s; first: %s%s", r.Job, strings.Join(counts, ", "), where, first.Reason)}
}

// maxLogged bounds the reply in a log line. The platform cuts a line at 8 KB, and
// the line has other keys too.
const maxLogged = 7 << 10

// log logs the reply as one line, shortened to what the platform keeps. If the
// function returns an error, the platform drops the reply, and only the log has
// it.
func (r *Reply) log(ctx context.Context, log *slog.Logger) {
	short := *r
	short.Warnings = r.Warnings[:min(len(r.Warnings), 5)]
	raw, err := json.Marshal(short)
	for most := len(short.Actions); err == nil && len(raw) > maxLogged && most > 0; {
		most = most * maxLogged / (len(raw) + 1)
		short.list(most)
		raw, err = json.Marshal(short)
	}
	level := slog.LevelInfo
	if r.failure() != nil {
		level = slog.LevelError
	}
	log.Log(ctx, level, "reply", "job", r.Job, "trigger", r.Trigger, "settled", r.Settled, "reply", json.RawMessage(raw))
}
