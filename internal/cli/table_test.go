package cli_test

import (
	"fmt"
	"testing"

	"snapferry/handler"
	"snapferry/internal/cli"
	"snapferry/internal/job"
	"snapferry/internal/plan"
)

// mixed is a reply with a bit of everything.
func mixed() handler.Reply {
	act := func(n int, to string, o plan.Outcome, replica, reason string) job.Action {
		return job.Action{
			Kind: plan.KindCopy, Disk: fmt.Sprintf("disk-omp7wl2%d", n), Snapshot: fmt.Sprintf("snap-ckgjwkq%d", n),
			From: "ap-guangzhou", To: to, Outcome: o, Replica: replica, Reason: reason,
		}
	}
	return handler.Reply{
		Job: "copy",
		Actions: []job.Action{
			act(1, "ap-beijing", plan.Failed, "", "copy snap-ckgjwkq1 from ap-guangzhou to ap-beijing: InsufficientSnapshotQuota: "+
				"too many (RequestId be59bbc7-e539-4b14-9d2c-eb7061e61e5f); ask the vendor for a larger quota there"),
			act(1, "ap-shanghai", plan.Started, "snap-d012rm6t", "no replica in ap-shanghai"),
			act(2, "na-siliconvalley", plan.InProgress, "snap-d012rm6u", "COPYING_FROM_REMOTE, 40 %"),
			act(3, "ap-shanghai", plan.Exists, "snap-d012rm6v", "a proven replica exists"),
		},
		Counts:   map[plan.Outcome]int{plan.Failed: 1, plan.Started: 1, plan.InProgress: 1, plan.Exists: 1, plan.Skipped: 7},
		Omitted:  7,
		Warnings: []string{"snap-a and snap-b in ap-beijing are both proven replicas of snap-c: retain keeps the older one"},
		APICalls: 1, Seconds: 12.34,
	}
}

// settled is a long reply in which nothing was to be done.
func settled() handler.Reply {
	r := handler.Reply{Job: "copy", Settled: true, Counts: map[plan.Outcome]int{plan.Exists: 12, plan.Skipped: 6}, APICalls: 4}
	for i := range 18 {
		a := job.Action{
			Kind: plan.KindCopy, Disk: fmt.Sprintf("disk-omp7wl%02d", i), Snapshot: fmt.Sprintf("snap-ckgjwk%02d", i), From: "ap-guangzhou", To: "ap-beijing",
			Outcome: plan.Exists, Replica: fmt.Sprintf("snap-d012rm%02d", i), Reason: "a proven replica exists",
		}
		if i >= 12 {
			a.Outcome, a.Replica, a.Reason = plan.Skipped, "", fmt.Sprintf("%d days old, older than MAX_AGE", 3+i%2)
		}
		r.Actions = append(r.Actions, a)
	}
	return r
}

func TestTablesOnTerminals(t *testing.T) {
	dry := mixed()
	dry.DryRun = true
	for name, got := range map[string]string{
		"mixed_80_columns":   cli.OnTerminal(mixed(), 80, false),
		"mixed_140_columns":  cli.OnTerminal(dry, 140, false),
		"mixed_coloured":     cli.OnTerminal(mixed(), 140, true),
		"folded_80_columns":  cli.OnTerminal(settled(), 80, false),
		"folded_140_columns": cli.OnTerminal(settled(), 140, false),
	} {
		golden(t, name, got)
	}
}

func TestNarrowTerminalCutsNothingOff(t *testing.T) {
	got := cli.OnTerminal(mixed(), 40, false)
	wantText(t, got, "snap-ckgjwkq1", "na-siliconvalley", "be59bbc7")
}
