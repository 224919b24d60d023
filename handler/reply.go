package handler

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/event"
	"snapferry/internal/ferry"
	"snapferry/internal/plan"
)

// A Reply is what a job answers, and what is logged as one line.
type Reply struct {
	Job     cloud.Job  `json:"job"`
	Trigger event.Kind `json:"trigger"`
	DryRun  bool       `json:"dryRun"`
	// Settled is true when nothing is left to do: no copy in progress,
	// nothing wanted and absent.
	Settled bool `json:"settled"`
	// Counts counts every action by its outcome.
	Counts map[plan.Outcome]int `json:"counts"`
	// Actions are the most telling ones, failures first, at most maxListed;
	// Omitted is how many more there were.
	Actions  []plan.Action `json:"actions"`
	Omitted  int           `json:"omitted"`
	Warnings []string      `json:"warnings,omitempty"`
	APICalls int           `json:"apiCalls"`
	// GiBToCopy and GiBStored are, of a plan, the sizes of the disks whose
	// snapshots it would copy, and of all replicas there would be then. What
	// is billed is the data, which may be less.
	GiBToCopy int `json:"gibToCopy,omitempty"`
	GiBStored int `json:"gibStored,omitempty"`

	Seconds float64 `json:"seconds"`

	all []plan.Action // sorted as Actions, none left out
}

// maxListed bounds a reply's actions (the outside contract).
const maxListed = 200

// telling orders outcomes by how much they ask to be read.
var telling = []plan.Outcome{
	plan.Failed, plan.Missing, plan.Stuck, plan.Mismatch, plan.Unexpected, plan.Unknown,
	plan.Started, plan.Deleted, plan.Planned, plan.WouldDelete, plan.Deferred, plan.Waiting, plan.InProgress, plan.Arriving,
	plan.Ineligible, plan.Ignored, plan.Skipped, plan.Kept, plan.Exists, plan.Verified,
}

// restful are the outcomes that leave nothing to do.
var restful = map[plan.Outcome]bool{
	plan.Exists: true, plan.Verified: true, plan.Ineligible: true, plan.Skipped: true, plan.Ignored: true,
	plan.Kept: true, plan.Deleted: true, plan.Fine: true,
}

// finish takes over what a job reported.
func (r *Reply) finish(report ferry.Report, calls int, took time.Duration) {
	r.all = report.Actions
	slices.SortStableFunc(r.all, func(a, b plan.Action) int {
		return cmp.Compare(uint(slices.Index(telling, a.Outcome)), uint(slices.Index(telling, b.Outcome)))
	})
	r.Counts = map[plan.Outcome]int{}
	r.Settled = !report.Unsettled
	for _, a := range r.all {
		r.Counts[a.Outcome]++
		r.Settled = r.Settled && restful[a.Outcome]
	}
	if r.Job == cloud.Plan {
		r.weigh()
	}
	r.list(maxListed)
	r.Warnings = append(r.Warnings, report.Warnings...)
	r.APICalls = calls
	r.Seconds = math.Round(took.Seconds()*1000) / 1000
}

// All returns every action, also those that Omitted counts, failures first.
func (r *Reply) All() []plan.Action { return slices.Clone(r.all) }

func (r *Reply) weigh() {
	for _, a := range r.all {
		switch {
		case a.Kind == plan.Copy && a.Outcome == plan.Planned:
			r.GiBToCopy += a.SizeGiB
			r.GiBStored += a.SizeGiB
		case a.Kind == plan.Delete && a.Outcome != plan.WouldDelete:
			r.GiBStored += a.SizeGiB
		}
	}
}

func (r *Reply) list(most int) {
	r.Actions = r.all[:min(len(r.all), most)]
	r.Omitted = len(r.all) - len(r.Actions)
	if r.Actions == nil {
		r.Actions = []plan.Action{} // a program reading the reply expects a list
	}
}

// A Failure is a job that ran to its end and has something to alarm about.
// Everything else that could be done has been done.
type Failure struct{ text string }

// Error is one line: the counts, and the first cause with its RequestId.
func (f *Failure) Error() string { return f.text }

// failure is the function's error; nil if there is nothing to alarm about.
func (r *Reply) failure() error {
	var counts []string
	for _, o := range slices.Sorted(maps.Keys(r.Counts)) {
		if ferry.Alarming(o) {
			counts = append(counts, fmt.Sprintf("%d %s", r.Counts[o], o))
		}
	}
	if len(counts) == 0 {
		return nil
	}
	first := r.all[0]
	var place []string
	for _, p := range []struct{ word, what string }{{"", first.Snapshot}, {"replica ", first.Replica}, {"from ", first.From}, {"to ", first.To}} {
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

// maxLogged keeps the reply's line within what the platform keeps of a log
// line (8 KB), with room for the line's other keys.
const maxLogged = 7 << 10

// log writes the reply as one line, cut to the length that the platform
// keeps: it drops the reply itself when the function returns an error.
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
