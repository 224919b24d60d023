package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"snapferry/handler"
	"snapferry/internal/cloud"
	"snapferry/internal/event"
	"snapferry/internal/job"
	"snapferry/internal/settings"
)

type copyCommand struct {
	Snapshot *string  `placeholder:"ID" help:"Only this snapshot; selection and MAX_AGE do not apply."`
	From     *string  `placeholder:"REGION" help:"Only from this source region."`
	To       []string `sep:"none" placeholder:"REGION" help:"To these regions instead of TARGET_REGIONS; repeat it, or separate by commas."`
	DryRun   bool     `help:"Show what would be copied, and change nothing."`
	JSON     bool     `name:"json" help:"Print the reply as one line of JSON."`
}

// Run copies once.
func (c *copyCommand) Run(a *app) error {
	return a.job(c.JSON, request{job: cloud.Copy, snapshot: c.Snapshot, from: c.From, to: c.To, dry: c.DryRun})
}

type verifyCommand struct {
	Snapshot *string  `placeholder:"ID" help:"Only the replicas of this snapshot."`
	From     *string  `placeholder:"REGION" help:"Only the replicas of this source region."`
	To       []string `sep:"none" placeholder:"REGION" help:"Only in these regions, instead of TARGET_REGIONS; repeat it, or separate by commas."`
	DryRun   bool     `help:"Tag nothing."`
	JSON     bool     `name:"json" help:"Print the reply as one line of JSON."`
}

// Run verifies once.
func (c *verifyCommand) Run(a *app) error {
	return a.job(c.JSON, request{job: cloud.Verify, snapshot: c.Snapshot, from: c.From, to: c.To, dry: c.DryRun})
}

type planCommand struct {
	Snapshot *string  `placeholder:"ID" help:"Only this snapshot; selection and MAX_AGE do not apply."`
	From     *string  `placeholder:"REGION" help:"Only from this source region."`
	To       []string `sep:"none" placeholder:"REGION" help:"For these regions instead of TARGET_REGIONS; repeat it, or separate by commas."`
	JSON     bool     `name:"json" help:"Print the reply as one line of JSON."`
}

// Run plans once.
func (c *planCommand) Run(a *app) error {
	return a.job(c.JSON, request{job: cloud.Plan, snapshot: c.Snapshot, from: c.From, to: c.To})
}

type retainCommand struct {
	From   *string  `placeholder:"REGION" help:"Only the replicas of this source region."`
	To     []string `sep:"none" placeholder:"REGION" help:"Only in these regions, instead of TARGET_REGIONS; repeat it, or separate by commas."`
	DryRun bool     `help:"Show what would be deleted, and change nothing."`
	Force  bool     `help:"Delete even if a region loses more than half of its replicas."`
	JSON   bool     `name:"json" help:"Print the reply as one line of JSON."`
}

// Run deletes once the replicas that no keep rule keeps.
func (c *retainCommand) Run(a *app) error {
	return a.job(c.JSON, request{job: cloud.Retain, from: c.From, to: c.To, dry: c.DryRun, force: c.Force})
}

type drillCommand struct {
	To     []string `sep:"none" placeholder:"REGION" help:"Only in these regions, instead of TARGET_REGIONS; repeat it, or separate by commas."`
	DryRun bool     `help:"Show which replicas would be restored, and make nothing."`
	JSON   bool     `name:"json" help:"Print the reply as one line of JSON."`
}

// Run restores DRILL_COUNT replicas once for a test.
func (c *drillCommand) Run(a *app) error {
	return a.job(c.JSON, request{job: cloud.Drill, to: c.To, dry: c.DryRun})
}

type checkCommand struct {
	JSON bool `name:"json" help:"Print the reply as one line of JSON."`
}

// Run checks once.
func (c *checkCommand) Run(a *app) error { return a.job(c.JSON, request{job: cloud.Check}) }

// A request is what the flags ask for. A nil pointer is a flag that was not given.
// An empty value is refused: it may come from an unset variable in a script, and
// must not mean "all".
type request struct {
	job            cloud.Job
	snapshot, from *string
	to             []string
	dry, force     bool
}

// event makes the equivalent manual event, so that flags are checked in the same
// way as events.
func (r request) event() (event.Event, error) {
	fields := map[string]any{"job": r.job}
	if r.snapshot != nil {
		fields["snapshotId"] = *r.snapshot
	}
	if r.from != nil {
		fields["sourceRegion"] = *r.from
	}
	var regions []string
	for _, list := range r.to {
		for region := range strings.SplitSeq(list, ",") {
			regions = append(regions, strings.TrimSpace(region))
		}
	}
	if regions != nil {
		fields["targetRegions"] = regions
	}
	if r.dry { // false can't switch DRY_RUN off
		fields["dryRun"] = true
	}
	if r.force {
		fields["force"] = true
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return event.Event{}, err
	}
	return event.Decode(raw)
}

// job runs the requested job and prints the reply, as JSON or as a table.
func (a *app) job(asJSON bool, r request) error {
	e, err := r.event()
	if err != nil {
		return misuse{err}
	}
	h, finish := a.handler(asJSON)
	reply, err := h.Run(a.ctx, e)
	finish()
	var failed *handler.Failure
	if err != nil && !errors.As(err, &failed) {
		return err
	}
	if !asJSON {
		a.printTable(reply, a.nothing(r))
		return errors.Join(err, a.interrupted())
	}
	return errors.Join(err, a.printJSON(reply), a.interrupted())
}

// interrupted is the error of a run that a signal ended; nil for others.
func (a *app) interrupted() error {
	if a.ctx.Err() != nil {
		return errInterrupted
	}
	return nil
}

// handler is the world's handler with the logs and progress of this run. finish
// removes the progress bar; call it before the reply is printed.
func (a *app) handler(asJSON bool) (h *handler.Handler, finish func()) {
	mine := *a.Handler
	mine.Log = a.logs(asJSON)
	what := "requests"
	if a.command == string(cloud.Restore) || a.command == string(cloud.Drill) {
		what = "disks"
	}
	p := newProgress(a.err, what)
	mine.Progress = p.report
	mine.Connect = func(c handler.Connection) job.Cloud {
		cloud := a.Handler.Connect(c)
		p.watch(cloud.Calls)
		return cloud
	}
	mine.KeepAll = true
	return &mine, p.finish
}

// nothing is the text for a reply without actions.
func (a *app) nothing(r request) string {
	set, err := settings.Read(a.Handler.Getenv, a.Handler.Getenv("TENCENTCLOUD_REGION"))
	if err != nil {
		return "nothing to do" // the job has already reported this error
	}
	sources := strings.Join(set.Sources, ", ")
	if r.from != nil {
		sources = *r.from
	}
	if r.job == cloud.Retain {
		return fmt.Sprintf("nothing to do: there is no replica of a snapshot in %s", sources)
	}
	if r.job == cloud.Verify {
		return fmt.Sprintf("nothing to verify: no replica of a snapshot in %s exists or is wanted", sources)
	}
	if r.job == cloud.Drill {
		return "nothing to do: there is no proven replica that was not drilled this week"
	}
	return fmt.Sprintf("nothing to do: no snapshot in %s is selected", sources)
}
