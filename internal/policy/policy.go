// Package policy knows which permissions each job needs, and writes them as the access
// management of the vendor (CAM) reads them.
//
// It promises that a job calls no other API than its policy allows, and that the
// policy allows no API that the job never calls. A test records what every job calls
// under faults, and holds it against this table.
//
// It does no I/O.
package policy

import (
	"encoding/json"
	"slices"
	"strings"

	"snapferry/internal/cloud"
	"snapferry/internal/settings"
)

// A permission is one API and the jobs that call it.
type permission struct {
	service, action string
	jobs            []cloud.Job
	write           bool // not called with DRY_RUN
	shares          bool // only called with SHARE_ACCOUNTS
	deletes         bool // only called with a rule that lets replicas go
}

// every job that works with snapshots.
var every = []cloud.Job{cloud.Copy, cloud.Verify, cloud.Retain, cloud.Drill, cloud.Status, cloud.Plan, cloud.Check, cloud.Restore}

var table = []permission{
	{service: "cbs", action: "DescribeSnapshots", jobs: every},
	{service: "cbs", action: "DescribeDisks", jobs: every},
	{service: "cbs", action: "DescribeSnapshotOverview", jobs: []cloud.Job{cloud.Copy, cloud.Status, cloud.Plan, cloud.Check}},
	{service: "cbs", action: "CopySnapshotCrossRegions", jobs: []cloud.Job{cloud.Copy}, write: true},
	{service: "cbs", action: "DeleteSnapshots", jobs: []cloud.Job{cloud.Retain}, write: true, deletes: true},
	{service: "cbs", action: "DescribeSnapshotSharePermission", jobs: []cloud.Job{cloud.Retain}, write: true, shares: true, deletes: true},
	{service: "cbs", action: "ModifySnapshotsSharePermission", jobs: []cloud.Job{cloud.Verify}, write: true, shares: true},
	{service: "cbs", action: "ModifySnapshotsSharePermission", jobs: []cloud.Job{cloud.Retain}, write: true, shares: true, deletes: true},
	{service: "cbs", action: "DescribeDiskConfigQuota", jobs: []cloud.Job{cloud.Drill, cloud.Restore, cloud.Check}},
	{service: "cbs", action: "CreateDisks", jobs: []cloud.Job{cloud.Drill, cloud.Restore}, write: true},
	{service: "cbs", action: "TerminateDisks", jobs: []cloud.Job{cloud.Drill}, write: true},
	{service: "tag", action: "TagResources", jobs: []cloud.Job{cloud.Verify, cloud.Drill}, write: true},
	{service: "sts", action: "GetCallerIdentity", jobs: []cloud.Job{cloud.Copy, cloud.Check, cloud.Subscribe}},
	{service: "sts", action: "GetCallerIdentity", jobs: []cloud.Job{cloud.Verify, cloud.Drill}, write: true}, // for the names of what is tagged
	{service: "region", action: "DescribeRegions", jobs: []cloud.Job{cloud.Check}},
	{service: "eb", action: "ListEventBuses", jobs: []cloud.Job{cloud.Subscribe, cloud.Check}},
	{service: "eb", action: "ListRules", jobs: []cloud.Job{cloud.Subscribe, cloud.Check}},
	{service: "eb", action: "GetRule", jobs: []cloud.Job{cloud.Subscribe, cloud.Check}},
	{service: "eb", action: "ListTargets", jobs: []cloud.Job{cloud.Subscribe, cloud.Check}},
	{service: "scf", action: "ListTriggers", jobs: []cloud.Job{cloud.Check}},
	{service: "scf", action: "GetFunction", jobs: []cloud.Job{cloud.Check}},
	{service: "cam", action: "GetRole", jobs: []cloud.Job{cloud.Check}},
	{service: "cam", action: "ListAttachedRolePolicies", jobs: []cloud.Job{cloud.Check}},
	{service: "cam", action: "GetPolicy", jobs: []cloud.Job{cloud.Check}},
	{service: "monitor", action: "DescribeAlarmPolicies", jobs: []cloud.Job{cloud.Check}},
	{service: "eb", action: "CreateRule", jobs: []cloud.Job{cloud.Subscribe}, write: true},
	{service: "eb", action: "UpdateRule", jobs: []cloud.Job{cloud.Subscribe}, write: true},
	{service: "eb", action: "DeleteRule", jobs: []cloud.Job{cloud.Subscribe}, write: true},
	{service: "eb", action: "CreateTarget", jobs: []cloud.Job{cloud.Subscribe}, write: true},
	{service: "eb", action: "DeleteTarget", jobs: []cloud.Job{cloud.Subscribe}, write: true},
}

// Jobs returns the jobs and commands that have a policy.
func Jobs() []cloud.Job { return append(slices.Clone(every), cloud.Subscribe) }

// Calls returns the APIs that a job calls with these settings, each as
// service:action.
func Calls(job cloud.Job, s settings.Settings) []string {
	var calls []string
	deletes := !s.Keep.None() || s.KeepGone > 0
	for _, p := range table {
		if slices.Contains(p.jobs, job) && (!p.write || !s.DryRun) && (!p.shares || len(s.ShareAccounts) > 0) && (!p.deletes || deletes) {
			calls = append(calls, p.service+":"+p.action)
		}
	}
	return calls
}

// Changes returns what a job may do that changes something with these settings, as
// policies name it.
func Changes(job cloud.Job, s settings.Settings) (names []string) {
	if s.DryRun {
		return nil
	}
	reads := s
	reads.DryRun = true
	for _, call := range Calls(job, s) {
		if !slices.Contains(Calls(job, reads), call) && call != "sts:GetCallerIdentity" {
			names = append(names, actions(call)...)
		}
	}
	return names
}

type document struct {
	Version   string      `json:"version"`
	Statement []statement `json:"statement"`
}

type statement struct {
	Effect    string     `json:"effect"`
	Action    texts      `json:"action"`
	Resource  texts      `json:"resource,omitempty"`
	Principal *principal `json:"principal,omitempty"`
	Condition any        `json:"condition,omitempty"`
}

type principal struct {
	Service texts `json:"service,omitempty"`
	QCS     texts `json:"qcs,omitempty"` // accounts
}

// functions are the principal that takes on the roles of functions.
const functions = "scf.qcloud.com"

// For returns the policy of one role for these jobs as JSON for people. The actions on
// snapshots can't be narrowed to resources.
func For(jobs []cloud.Job, s settings.Settings) string {
	var names []string
	for _, job := range jobs {
		for _, call := range Calls(job, s) {
			for _, name := range actions(call) {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	return written(statement{Effect: "allow", Action: names, Resource: []string{"*"}})
}

// Trust returns the policy that lets the functions take on a role.
func Trust() string {
	return written(statement{Effect: "allow", Action: []string{"name/sts:AssumeRole"}, Principal: &principal{Service: []string{functions}}})
}

// actions are the names of an API in policies. Block storage belongs to cvm there. The
// documents differ on the name of one action, so both are granted.
func actions(call string) []string {
	name := "name/" + strings.Replace(call, "cbs:", "cvm:", 1)
	if call == "cbs:DeleteSnapshots" {
		return []string{name, strings.TrimSuffix(name, "s")}
	}
	return []string{name}
}

func written(s statement) string {
	raw, err := json.MarshalIndent(document{"2.0", []statement{s}}, "", "  ")
	if err != nil {
		panic(err) // texts have a JSON form
	}
	return string(raw)
}
