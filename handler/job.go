package handler

import (
	"cmp"
	"fmt"
	"slices"

	"snapferry/internal/cloud"
	"snapferry/internal/event"
	"snapferry/internal/plan"
	"snapferry/internal/settings"
)

// A job is what an event asks for, in terms of the settings.
type job struct {
	name   cloud.Job
	dry    bool
	force  bool
	source string // narrows the source regions to one; "" is all
	order  plan.Order
	noted  []plan.Action // what the event alone already settles
	idle   bool          // nothing is left to be done: the cloud is not asked
}

// assign decides which job an event asks for.
func assign(e event.Event, s settings.Settings) (job, error) {
	switch e.Kind {
	case event.KindConsole:
		return job{name: cloud.Check}, nil
	case event.KindEventBridge:
		return fromRecords(e.Records, s), nil
	case event.KindTimer:
		return fromRequest(e.Timer.Request, s)
	case event.KindManual:
		return fromRequest(*e.Manual, s)
	}
	return job{}, fmt.Errorf("a %s event asks for no job", e.Kind)
}

// fromRequest reads an operator's request. DRY_RUN can't be lifted by it: the
// setting is how an operator keeps a whole deployment from changing anything.
func fromRequest(m event.Manual, s settings.Settings) (job, error) {
	j := job{name: cmp.Or(m.Job, s.Job), dry: s.DryRun, force: m.Force, source: m.SourceRegion}
	if m.SnapshotID != "" {
		j.name = cmp.Or(m.Job, cloud.Copy)
		if !slices.Contains([]cloud.Job{cloud.Copy, cloud.Verify, cloud.Plan}, j.name) {
			return job{}, fmt.Errorf("snapshotId goes with copy, verify and plan, not with %s, which would take in everything", j.name)
		}
		j.order.Refs = []plan.Ref{{Region: m.SourceRegion, Snapshot: m.SnapshotID}}
		j.order.Explicit = true
	}
	if m.DryRun != nil && *m.DryRun {
		j.dry = true
	}
	j.order.Targets, j.order.Force = m.TargetRegions, m.Force
	j.dry = j.dry || j.name == cloud.Plan
	sources := s.Sources
	if j.source != "" {
		sources = []string{j.source}
	}
	if targets := cmp.Or(len(m.TargetRegions), len(s.Targets)); targets == 1 && len(sources) == 1 {
		if only := append(slices.Clone(m.TargetRegions), s.Targets...)[0]; only == sources[0] {
			return job{}, fmt.Errorf("%s is the only source and the only target region: name another targetRegions or sourceRegion", only)
		}
	}
	return j, nil
}

// fromRecords gathers what the records of a batch ask for. Each record is
// taken by itself: a hostile or foreign one costs the others nothing.
func fromRecords(records []event.Record, s settings.Settings) job {
	j := job{name: cloud.Copy, dry: s.DryRun}
	seen := map[plan.Ref]bool{}
	want := func(r plan.Ref) {
		key := r
		if r.Snapshot != "" {
			key.Disk = "" // a hint, which doubled events may give differently
		}
		if !seen[key] {
			seen[key] = true
			j.order.Refs = append(j.order.Refs, r)
		}
	}
	note := func(r event.Record, o plan.Outcome, reason string) {
		a := plan.Action{Kind: plan.Copy, From: r.Region, Outcome: o, Reason: reason}
		if len(r.Snapshots) == 1 {
			a.Snapshot = r.Snapshots[0]
		}
		j.noted = append(j.noted, a)
	}
	for _, r := range records {
		switch {
		case r.Err != nil:
			note(r, plan.Failed, "event record: "+r.Err.Error())
		case r.Ignored != "":
			note(r, plan.Ignored, r.Ignored)
		case !slices.Contains(s.Sources, r.Region):
			note(r, plan.Ignored, r.Region+" is not in SOURCE_REGIONS")
		case len(j.order.Refs)+len(r.Snapshots)+len(r.Disks) > event.MaxRecords:
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
	j.idle = len(j.order.Refs) == 0
	return j
}
