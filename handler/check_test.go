package handler_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"snapferry/handler"
	"snapferry/internal/cloud"
	"snapferry/internal/job"
	"snapferry/internal/sim"
)

const consoleTest = `{"key1": "test value 1","key2": "test value 2"}`

// What is wrong is red if the function's job needs it. What is only worth knowing, or
// can't be tried, is yellow, and the check succeeds.
func TestACheckSaysWhatIsGreenYellowAndRed(t *testing.T) {
	for name, c := range map[string]struct {
		env   map[string]string
		deny  string
		spoil func(rig *rig)
		want  []string // outcome: how the reason begins … and what it holds
	}{
		"a permission to copy can't be tried": {env: map[string]string{"KEEP_DAILY": "7"}, deny: "CopySnapshotCrossRegions", want: []string{
			`warning: copy: not tried, because a try would change something: name/cvm:CopySnapshotCrossRegions. "snapferry policy copy" prints`,
			`warning: drill: not tried`, `warning: retain: not tried`, `warning: verify: not tried`,
		}},
		"one function needs its own permissions": {env: map[string]string{"JOB": "status"}, want: []string{"ok: program: snapferry ", "ok: settings: all can be used; from ap-guangzhou to ap-beijing, RPO 72h, no keep rule"}},
		"KEEP_GONE alone deletes, too":           {env: map[string]string{"KEEP_GONE": "30d"}, want: []string{"ok: settings: all can be used; from ap-guangzhou to ap-beijing, RPO 72h, KEEP_GONE alone"}},
		"DRY_RUN":                                {env: map[string]string{"DRY_RUN": "true"}, want: []string{"warning: DRY_RUN is set"}},
		"the rule may not be read":               {deny: "ListRules", want: []string{"warning: event rule: it can't be told whether it is there, and the timer copies anyway: … name/eb:ListRules"}},
		"there is no rule":                       {want: []string{`warning: event rule: there is none; "snapferry subscribe" makes`}},
		"the rule is there":                      {spoil: (*rig).subscribe, want: []string{"ok: event rule: it sends new snapshots to function snapshot-copy"}},
		"the rule is switched off": {spoil: func(rig *rig) {
			rig.subscribe()
			for _, r := range rig.cloud.Rules(gz) {
				rig.cloud.ChangeRule(r.ID, func(r *sim.Rule) { r.Enabled = false })
			}
		}, want: []string{"warning: event rule: it is switched off"}},
		"a read that copying does not need": {deny: "DescribeDiskConfigQuota", want: []string{"warning: cannot read which disks can be made, which drill and restore ask for, and the job copy does not need it: … name/cvm:DescribeDiskConfigQuota"}},
		"a read that a drill needs":         {deny: "DescribeDiskConfigQuota", env: map[string]string{"JOB": "drill"}, want: []string{"failed: cannot read which disks can be made"}},
		"a read that copying needs":         {deny: "DescribeSnapshotOverview", want: []string{`failed: cannot count the snapshots, … "snapferry policy copy"`}},
		"the identity is not for retention": {deny: "GetCallerIdentity", env: map[string]string{"JOB": "retain"}, want: []string{"warning: cannot query the account, and the job retain does not need it"}},
		"no region list":                    {deny: "DescribeRegions", want: []string{"warning: the regions can't be compared"}},
		"the functions are not deployed":    {want: []string{"warning: function: snapshot-copy is not deployed here", "warning: function: snapshot-drill is not"}},
		"one function reads itself": {env: map[string]string{"JOB": "verify"}, spoil: func(rig *rig) { rig.add("snapshot-verify") }, want: []string{
			"ok: function: snapshot-verify can be called", "ok: role: Ferry lets snapshot-verify do all", "warning: logs: no log topic is set for snapshot-verify", "warning: alarm: no alarm policy",
		}},
		"one function without the permission": {env: map[string]string{"JOB": "verify"}, deny: "GetFunction", want: []string{
			`warning: function: it can't be told … name/scf:GetFunction … "snapferry policy check"`, "warning: verify: not tried",
		}},
		"timers may not be read": {deny: "ListTriggers", spoil: func(rig *rig) { rig.add("snapshot-copy") }, want: []string{"warning: timer: it can't be told whether timers call the functions: … name/scf:ListTriggers"}},
		"a timer is switched off": {env: map[string]string{"JOB": "verify"}, spoil: func(rig *rig) {
			rig.add("snapshot-verify", sim.Trigger{Name: "t", Argument: "verify"}, sim.Trigger{Name: "u", Argument: "copy", Enabled: true},
				sim.Trigger{Name: "v", Argument: `{"job":"verify","dryRun":true}`, Enabled: true}, sim.Trigger{Name: "w", Argument: "no verify", Enabled: true})
		}, want: []string{"warning: timer: function snapshot-verify has no timer that is switched on and says verify"}},
		"timers are there": {spoil: func(rig *rig) {
			rig.add("snapshot-copy", sim.Trigger{Name: "every-5", Desc: `{"cron":"0 */5 * * * * *"}`, Argument: "copy", Enabled: true})
		}, want: []string{`ok: timer: every-5 calls function snapshot-copy, {"cron":"0 */5`}},
		"disks that are not in care": {spoil: func(rig *rig) {
			rig.cloud.AddDisk(sim.Disk{Region: gz, Tags: map[string]string{"ferry:skip": "1"}})
			rig.cloud.AddDisk(sim.Disk{Region: gz})
		}, want: []string{"warning: selection: 1 of 3 disks are in care; not in care: 1 tagged ferry:skip (disk- … 1 without a snapshot: let a snapshot policy make some (disk-"}},
		"disks that are not selected": {env: map[string]string{"SELECT_TAGS": "app=web"}, want: []string{
			"warning: selection: 0 of 1 disks are in care; not in care: 1 not selected by SELECT_TAGS and SELECT_DISKS … Nothing of this region is protected",
		}},
		"a region that is nearly full": {spoil: func(rig *rig) {
			for range 60 {
				rig.cloud.AddSnapshot(sim.Snapshot{Region: bj})
			}
		}, want: []string{"warning: quota: ap-beijing holds 60 of about 64 snapshots"}},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, sim.Options{}, func(rig *rig) {
				rig.env["TARGET_REGIONS"] = bj
				maps.Copy(rig.env, c.env)
				rig.disk(time.Hour)
				if c.spoil != nil {
					c.spoil(rig)
				}
				if c.deny != "" {
					rig.deny(c.deny)
				}
				r, err := rig.invoke(consoleTest)
				for _, want := range c.want {
					outcome, reason, _ := strings.Cut(want, ": ")
					if !hasRow(r, outcome, strings.Split(reason, " … ")) || (outcome == "failed") != (err != nil) {
						t.Errorf("error %v; no row %q among\n%s", err, want, actions(r))
					}
				}
			})
		})
	}
}

// add deploys a function with a role that may do everything.
func (rig *rig) add(name string, triggers ...sim.Trigger) {
	rig.cloud.AddFunction(cloud.EventRegion, "default", name, triggers...)
	rig.cloud.SetRole(sim.Role{Name: "Ferry", Policies: []sim.Policy{{Document: `{"version":"2.0","statement":[{"effect":"allow","action":"*","resource":"*"}]}`}}})
	rig.cloud.ChangeFunction(cloud.EventRegion, "default", name, func(f *sim.Function) {
		f.Role, f.Environment = "Ferry", maps.Clone(rig.env)
	})
}

// subscribe deploys the function for copying, and makes the rule for it.
func (rig *rig) subscribe() {
	rig.add("snapshot-copy")
	maps.Copy(rig.env, rig.brought)
	if _, err := rig.h.Subscribe(rig.t.Context(), job.Subscription{Function: "snapshot-copy"}); err != nil {
		rig.t.Fatal(err)
	}
}

func hasRow(r handler.Reply, outcome string, parts []string) bool {
	for _, a := range r.Actions {
		ok := string(a.Outcome) == outcome && strings.HasPrefix(a.Reason, parts[0])
		for _, part := range parts {
			ok = ok && strings.Contains(a.Reason, part)
		}
		if ok {
			return true
		}
	}
	return false
}
