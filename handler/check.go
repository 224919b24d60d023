package handler

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"snapferry/internal/cloud"
	"snapferry/internal/event"
	"snapferry/internal/job"
	"snapferry/internal/plan"
	"snapferry/internal/policy"
	"snapferry/internal/settings"
)

// copyFunction is the function that gets the events, as serverless.yml names it.
const copyFunction = "snapshot-copy"

// known is what a check is told of the settings and the program. With one, the check
// is about the role of one function; else about all functions, and what they need.
func known(s settings.Settings, one bool, inv invocation) job.Known {
	keep := "no keep rule, so nothing is ever deleted"
	switch {
	case !s.Keep.None():
		keep = "with keep rules"
	case s.KeepGone > 0:
		keep = "KEEP_GONE alone: only replicas of disks that do not exist any more are deleted"
	}
	rpo := "no RPO"
	if s.RPO > 0 {
		rpo = "RPO " + plan.InHours(s.RPO)
	}
	k := job.Known{
		Facts: []string{
			fmt.Sprintf("settings: all can be used; from %s to %s, %s, %s", strings.Join(s.Sources, ", "), strings.Join(s.Targets, ", "), rpo, keep),
			fmt.Sprintf("program: snapferry %s, commit %s, contract %d", Version, cmp.Or(Commit, "unknown"), Contract),
		},
		Own: s.Job, Calls: policy.Calls(s.Job, s), Changes: map[cloud.Job][]string{}, Function: copyFunction, Dry: s.DryRun,
		Judge: judge{s}, Region: cloud.EventRegion, Functions: map[cloud.Job]string{},
	}
	jobs := []cloud.Job{cloud.Copy, cloud.Verify, cloud.Retain, cloud.Drill, cloud.Status}
	if one {
		jobs, k.Region = []cloud.Job{s.Job}, cmp.Or(inv.region, cloud.EventRegion)
	} else {
		k.Getenv = func(name string) string {
			if name == "SOURCE_REGIONS" {
				return strings.Join(s.Sources, ",")
			}
			return inv.getenv(name)
		}
	}
	for _, j := range jobs {
		k.Changes[j], k.Functions[j] = policy.Changes(j, s), "snapshot-"+string(j)
	}
	return k
}

// A judge implements job.Judge for a check with these settings.
type judge struct{ settings.Settings }

// Needs implements job.Judge. A function may be deployed with the settings of this check
// next, so both count.
func (j judge) Needs(job cloud.Job, region string, variables map[string]string) (calls, wrong []string) {
	calls = policy.Calls(job, j.Settings)
	set, err := settings.Read(func(name string) string { return variables[name] }, region, slices.Collect(maps.Keys(variables))...)
	if mistakes := (settings.Mistakes{}); errors.As(err, &mistakes) {
		for _, m := range mistakes {
			wrong = append(wrong, m.Variable)
		}
		slices.Sort(wrong)
		return calls, slices.Compact(wrong)
	}
	for _, call := range policy.Calls(job, set) {
		if !slices.Contains(calls, call) {
			calls = append(calls, call)
		}
	}
	return calls, nil
}

// Differences implements job.Judge.
func (judge) Differences(a, b func(string) string) (rules, others []string) {
	return settings.Differences(a, b)
}

// Trusts implements job.Judge.
func (judge) Trusts(document string) (trusts, ok bool) { return policy.Trusts(document) }

// Lacking implements job.Judge.
func (judge) Lacking(calls, documents []string) (missing, unsure []string) {
	return policy.Lacking(calls, documents)
}

// Asks implements job.Judge. A try, or one snapshot, is not the work.
func (judge) Asks(argument string, job cloud.Job) bool {
	raw, err := json.Marshal(map[string]string{"Type": "Timer", "TriggerName": "check", "Message": argument})
	if err != nil {
		return false
	}
	e, err := event.Decode(raw)
	if err != nil || e.Kind != event.KindTimer {
		return false
	}
	r := e.Timer.Request
	return r.Job == job && r.SnapshotID == "" && (r.DryRun == nil || !*r.DryRun)
}
