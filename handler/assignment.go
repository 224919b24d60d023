package handler

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/event"
	"snapferry/internal/job"
	"snapferry/internal/plan"
	"snapferry/internal/settings"
)

// An assignment is the job that an event asks for, under the settings.
type assignment struct {
	job    cloud.Job
	dry    bool
	force  bool
	source string // narrows the source regions to one; "" is all
	order  plan.Order
	// changes are calls that deleted or changed snapshots of regions that may be
	// target regions.
	changes []job.Change
	noted   []job.Action // actions that are known from the event alone
	idle    bool         // there is no work: no call to the cloud is needed
	rpo     time.Duration
	drills  int // how many replicas a drill restores
	known   job.Known
}

// rules are the planner's settings, narrowed by the assignment.
func (a *assignment) rules(s settings.Settings) plan.Rules {
	r := s.Rules
	if a.source != "" {
		r.Sources = []string{a.source}
	}
	return r
}

// assign makes the assignment of an event.
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

// fromRequest reads an operator's request. It can't switch DRY_RUN off: this
// setting protects a whole deployment from changes.
func fromRequest(m event.Manual, s settings.Settings) (assignment, error) {
	a := assignment{job: cmp.Or(m.Job, s.Job), dry: s.DryRun, force: m.Force, source: m.SourceRegion}
	if m.SnapshotID != "" {
		a.job = cmp.Or(m.Job, cloud.Copy)
		if !slices.Contains([]cloud.Job{cloud.Copy, cloud.Verify, cloud.Plan}, a.job) {
			return assignment{}, fmt.Errorf("snapshotId is only for copy, verify and plan: %s always works on all snapshots", a.job)
		}
		a.order.Refs = []plan.Ref{{Region: m.SourceRegion, Snapshot: m.SnapshotID}}
		a.order.Explicit = true
	}
	if m.DryRun != nil && *m.DryRun {
		a.dry = true
	}
	a.order.Targets, a.order.Force, a.order.Narrowed = m.TargetRegions, m.Force, m.SourceRegion != "" && len(s.Sources) > 1
	a.dry = a.dry || a.job == cloud.Plan
	sources := s.Sources
	if a.source != "" {
		sources = []string{a.source}
	}
	if targets := cmp.Or(len(m.TargetRegions), len(s.Targets)); targets == 1 && len(sources) == 1 {
		if only := append(slices.Clone(m.TargetRegions), s.Targets...)[0]; only == sources[0] {
			return assignment{}, fmt.Errorf("%s is the only source and the only target region: name another target region (targetRegions) or source region (sourceRegion)", only)
		}
	}
	return a, nil
}

// fromRecords collects what the records of a batch ask for. A wrong or foreign
// record does not affect the others.
func fromRecords(records []event.Record, s settings.Settings) assignment {
	a := assignment{job: cloud.Copy, dry: s.DryRun}
	seen := map[plan.Ref]bool{}
	want := func(r plan.Ref) {
		key := r
		if r.Snapshot != "" {
			key.Disk = "" // a hint; repeated events may differ in it
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
		case len(r.Changed) > 0 && slices.Contains(s.Sources, r.Region) && !slices.Contains(s.Targets, r.Region):
			// Snapshots of a source region come and go all day.
			note(r, plan.Ignored, r.Region+" is a source region and not in TARGET_REGIONS; if a ferry:targets tag names it, verify tells what is missing there")
		case len(r.Changed) > 0 && len(a.changes) < event.MaxRecords:
			a.changes = append(a.changes, job.Change{
				Region: r.Region, Action: r.Action, Snapshots: r.Changed, SecretID: r.By.SecretID, PrincipalID: r.By.PrincipalID, Caller: r.By.Name,
			})
		case !slices.Contains(s.Sources, r.Region):
			note(r, plan.Ignored, r.Region+" is not in SOURCE_REGIONS")
		case len(a.order.Refs)+len(r.Snapshots)+len(r.Disks) > event.MaxRecords:
			// Real records do not name thousands of ids, and each takes memory.
			note(r, plan.Deferred, fmt.Sprintf("the event names more than %d snapshots; the next sweep finds the others", event.MaxRecords))
		default:
			for _, id := range r.Snapshots {
				want(plan.Ref{Region: r.Region, Snapshot: id, Disk: r.DiskHint})
			}
			for _, disk := range r.Disks {
				want(plan.Ref{Region: r.Region, Disk: disk})
			}
		}
	}
	a.idle = len(a.order.Refs)+len(a.changes) == 0
	return a
}
