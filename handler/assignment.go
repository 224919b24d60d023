package handler

import (
	"cmp"
	"fmt"
	"slices"

	"snapferry/internal/cloud"
	"snapferry/internal/event"
	"snapferry/internal/job"
	"snapferry/internal/plan"
	"snapferry/internal/settings"
)

// An assignment is what an event asks for, in terms of the settings.
type assignment struct {
	job    cloud.Job
	dry    bool
	force  bool
	source string // narrows the source regions to one; "" is all
	order  plan.Order
	noted  []job.Action // what the event alone already settles
	idle   bool         // nothing is left to be done: the cloud is not asked
}

// rules are the plan's part of the settings, narrowed by the assignment.
func (a *assignment) rules(s settings.Settings) plan.Rules {
	r := s.Rules
	if a.source != "" {
		r.Sources = []string{a.source}
	}
	return r
}

// assign decides which job an event asks for.
func assign(e event.Event, s settings.Settings) (assignment, error) {
	switch e.Kind {
	case event.KindConsole:
		return assignment{job: cloud.Check}, nil
	case event.KindEventBridge:
		return fromRecords(e.Records, s), nil
	case event.KindTimer:
		return fromRequest(e.Timer.Request, s)
	case event.KindManual:
		return fromRequest(*e.Manual, s)
	}
	return assignment{}, fmt.Errorf("a %s event asks for no job", e.Kind)
}

// fromRequest reads an operator's request. DRY_RUN can't be lifted by it: the
// setting is how an operator keeps a whole deployment from changing anything.
func fromRequest(m event.Manual, s settings.Settings) (assignment, error) {
	a := assignment{job: cmp.Or(m.Job, s.Job), dry: s.DryRun, force: m.Force, source: m.SourceRegion}
	if m.SnapshotID != "" {
		a.job = cmp.Or(m.Job, cloud.Copy)
		if !slices.Contains([]cloud.Job{cloud.Copy, cloud.Verify, cloud.Plan}, a.job) {
			return assignment{}, fmt.Errorf("snapshotId goes with copy, verify and plan, not with %s, which would take in everything", a.job)
		}
		a.order.Refs = []plan.Ref{{Region: m.SourceRegion, Snapshot: m.SnapshotID}}
		a.order.Explicit = true
	}
	if m.DryRun != nil && *m.DryRun {
		a.dry = true
	}
	a.order.Targets, a.order.Force = m.TargetRegions, m.Force
	a.dry = a.dry || a.job == cloud.Plan
	sources := s.Sources
	if a.source != "" {
		sources = []string{a.source}
	}
	if targets := cmp.Or(len(m.TargetRegions), len(s.Targets)); targets == 1 && len(sources) == 1 {
		if only := append(slices.Clone(m.TargetRegions), s.Targets...)[0]; only == sources[0] {
			return assignment{}, fmt.Errorf("%s is the only source and the only target region: name another targetRegions or sourceRegion", only)
		}
	}
	return a, nil
}

// fromRecords gathers what the records of a batch ask for. Each record is
// taken by itself: a hostile or foreign one costs the others nothing.
func fromRecords(records []event.Record, s settings.Settings) assignment {
	a := assignment{job: cloud.Copy, dry: s.DryRun}
	seen := map[plan.Ref]bool{}
	want := func(r plan.Ref) {
		key := r
		if r.Snapshot != "" {
			key.Disk = "" // a hint, which doubled events may give differently
		}
		if !seen[key] {
			seen[key] = true
			a.order.Refs = append(a.order.Refs, r)
		}
	}
	note := func(r event.Record, o plan.Outcome, reason string) {
		action := job.Action{Kind: plan.KindCopy, From: r.Region, Outcome: o, Reason: reason}
		if len(r.Snapshots) == 1 {
			action.Snapshot = r.Snapshots[0]
		}
		a.noted = append(a.noted, action)
	}
	for _, r := range records {
		switch {
		case r.Err != nil:
			note(r, plan.Failed, "event record: "+r.Err.Error())
		case r.Ignored != "":
			note(r, plan.Ignored, r.Ignored)
		case !slices.Contains(s.Sources, r.Region):
			note(r, plan.Ignored, r.Region+" is not in SOURCE_REGIONS")
		case len(a.order.Refs)+len(r.Snapshots)+len(r.Disks) > event.MaxRecords:
			// A record with thousands of ids is no real one; each takes up memory.
			note(r, plan.Deferred, fmt.Sprintf("the event names more than %d snapshots; the timer's sweep will find the rest", event.MaxRecords))
		default:
			for _, id := range r.Snapshots {
				want(plan.Ref{Region: r.Region, Snapshot: id, Disk: r.DiskHint})
			}
			for _, disk := range r.Disks {
				want(plan.Ref{Region: r.Region, Disk: disk})
			}
		}
	}
	a.idle = len(a.order.Refs) == 0
	return a
}
