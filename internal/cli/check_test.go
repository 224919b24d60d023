package cli_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"snapferry/internal/cli"
	"snapferry/internal/cloud"
	"snapferry/internal/plan"
	"snapferry/internal/policy"
	"snapferry/internal/settings"
	"snapferry/internal/sim"
)

const home = "ap-guangzhou"

var deployedJobs = []cloud.Job{cloud.Copy, cloud.Verify, cloud.Retain, cloud.Drill, cloud.Status}

// deploy deploys all functions with the settings of the rig, as "make deploy" does, each
// with a role that has what "snapferry policy" prints, logs, timers and an alarm.
func (b *rig) deploy(t *testing.T) {
	t.Helper()
	set, err := settings.Read(func(name string) string { return b.env[name] }, home)
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range deployedJobs {
		name := string(job)
		b.cloud.SetRole(sim.Role{Name: "Role-" + name, Policies: []sim.Policy{{Name: "snapferry-" + name, Document: policy.For([]cloud.Job{job}, set)}}})
		b.cloud.AddFunction(home, "default", "snapshot-"+name, sim.Trigger{Name: name + "-timer", Desc: "0 */5 * * * * *", Argument: name, Enabled: true})
		b.change(job, func(f *sim.Function) {
			f.Role, f.LogTopic, f.Environment = "Role-"+name, "topic", map[string]string{"JOB": name}
			for _, v := range settings.Variables() {
				if value := b.env[v.Name]; value != "" {
					f.Environment[v.Name] = value
				}
			}
		})
	}
	b.cloud.AddAlarmPolicy(sim.AlarmPolicy{Name: "alarm-1", All: true, Notices: []string{"notice-1"}})
}

// change changes a deployed function.
func (b *rig) change(job cloud.Job, f func(*sim.Function)) {
	b.cloud.ChangeFunction(home, "default", "snapshot-"+string(job), f)
}

// tell changes a setting of a deployed function.
func (b *rig) tell(job cloud.Job, name, value string) {
	b.change(job, func(f *sim.Function) { f.Environment[name] = value })
}

// roleOf binds policies to the role of a function.
func (b *rig) roleOf(job cloud.Job, policies ...sim.Policy) {
	b.cloud.SetRole(sim.Role{Name: "Role-" + string(job), Policies: policies})
}

// ours are the rows of a check about what is deployed, without those that are well.
func ours(t *testing.T, stdout string) (rows []string) {
	t.Helper()
	for _, a := range reply(t, stdout).Actions {
		kind, _, _ := strings.Cut(a.Reason, ":")
		if slices.Contains([]string{"function", "role", "settings", "logs", "timer", "alarm", "copy", "retain", "verify", "drill"}, kind) && a.Outcome != plan.Fine {
			rows = append(rows, string(a.Outcome)+": "+a.Reason)
		}
	}
	return rows
}

// What a check says of a deployment that is right, except for one thing.
func TestACheckSaysWhatTheDeploymentLacks(t *testing.T) {
	const secret = "sixteen-letters-and-more-that-nobody-may-see"
	allow := func(actions string) string {
		return `{"version":"2.0","statement":[{"effect":"allow","action":[` + actions + `],"resource":["*"]}]}`
	}
	for name, c := range map[string]struct {
		spoil func(*rig)
		deny  []string
		want  string // the rows that are not well; how they begin
	}{
		"nothing": {spoil: func(*rig) {}},
		"a function failed": {
			spoil: func(b *rig) {
				b.change(cloud.Verify, func(f *sim.Function) { f.Status, f.Reason = "CreateFailed", "no such layer" })
			},
			want: "failed: function: snapshot-verify can't be called, its state is CreateFailed (no such layer): deploy it again",
		},
		"a function is being changed": {
			spoil: func(b *rig) { b.change(cloud.Verify, func(f *sim.Function) { f.Status = "Updating" }) },
			want:  "warning: function: snapshot-verify can't be called now, its state is Updating",
		},
		"no role": {
			spoil: func(b *rig) { b.change(cloud.Drill, func(f *sim.Function) { f.Role = "" }) },
			want:  "failed: role: snapshot-drill has none, and without a role it has no credentials: name one in snapferry.env (DRILL_ROLE)",
		},
		"a role that is not there": {
			spoil: func(b *rig) { b.change(cloud.Drill, func(f *sim.Function) { f.Role = "Nobody" }) },
			want:  "failed: role: there is no role Nobody, which snapshot-drill shall have",
		},
		"a role that functions can't take on": {
			spoil: func(b *rig) {
				b.cloud.SetRole(sim.Role{Name: "Role-copy", Trust: `{"version":"2.0","statement":[{"action":"name/sts:AssumeRole","effect":"allow","principal":{"service":["cls.cloud.tencent.com"]}}]}`})
			},
			want: `failed: role: Role-copy does not trust functions, so snapshot-copy gets no credentials: "snapferry policy copy --trust"`,
		},
		"a role that lacks something": {
			spoil: func(b *rig) {
				b.roleOf(cloud.Retain, sim.Policy{Document: allow(`"name/cvm:Describe*"`)}, sim.Policy{Document: allow(`"name/tag:*"`)})
			},
			want: `failed: role: Role-retain does not let snapshot-retain do name/cvm:DeleteSnapshots, name/cvm:DeleteSnapshot: "snapferry policy retain" prints`,
		},
		"a policy of the vendor's that is not shown": {
			spoil: func(b *rig) {
				b.roleOf(cloud.Retain, sim.Policy{Document: allow(`"name/cvm:Describe*"`)}, sim.Policy{Name: "QcloudCBSFullAccess", Preset: true})
			},
			want: "warning: role: it can't be told whether Role-retain lets snapshot-retain do name/cvm:DeleteSnapshots, name/cvm:DeleteSnapshot: what these policies allow can't be read: QcloudCBSFullAccess",
		},
		"a policy that is out of use": {
			spoil: func(b *rig) {
				b.roleOf(cloud.Status, sim.Policy{Name: "old", Document: allow(`"*"`), Offline: true})
			},
			want: "warning: role: it can't be told whether Role-status lets snapshot-status do name/cvm:DescribeSnapshots,",
		},
		"a policy for some resources": {
			spoil: func(b *rig) {
				b.roleOf(cloud.Copy, sim.Policy{Document: `{"version":"2.0","statement":[{"effect":"allow","action":"*","resource":"qcs::cvm:ap-beijing::*"}]}`})
			},
			want: "warning: role: it can't be told whether Role-copy lets snapshot-copy do name/cvm:DescribeSnapshots,",
		},
		"roles may not be read": {
			spoil: func(*rig) {}, deny: []string{"GetRole"},
			want: "warning: copy: not tried | warning: drill: not tried | warning: retain: not tried | warning: verify: not tried | warning: role: it can't be told what the roles let the functions do: read role Role-copy: UnauthorizedOperation",
		},
		"policies may not be listed": {
			spoil: func(*rig) {}, deny: []string{"ListAttachedRolePolicies"},
			want: "warning: copy: not tried | warning: drill: not tried | warning: retain: not tried | warning: verify: not tried | warning: role: it can't be told what the roles let the functions do: list the policies",
		},
		"rules that fight": {
			spoil: func(b *rig) { b.tell(cloud.Retain, "KEEP_DAILY", "3") },
			want:  "failed: settings: snapshot-copy and snapshot-retain have different values for KEEP_DAILY, so that one undoes what the other does",
		},
		"another webhook": {
			spoil: func(b *rig) { b.tell(cloud.Retain, "NOTIFY_URL", "https://hooks.example.com/"+secret) },
			want:  "warning: settings: snapshot-copy and snapshot-retain have different values for NOTIFY_URL: deploy them",
		},
		"the shell has other settings": {
			spoil: func(b *rig) { b.env["KEEP_DAILY"], b.env["RPO"] = "30", "1h" },
			want:  "warning: settings: this check looked with other settings than snapshot-copy has: KEEP_DAILY, RPO",
		},
		"a rule that the functions have, and neither the shell nor the role": {
			spoil: func(b *rig) {
				delete(b.env, "KEEP_DAILY")
				b.roleOf(cloud.Retain, sim.Policy{Document: allow(`"name/cvm:Describe*"`)})
			},
			want: "failed: role: Role-retain does not let snapshot-retain do name/cvm:DeleteSnapshots, name/cvm:DeleteSnapshot | warning: settings: this check looked with other settings than snapshot-copy has: KEEP_DAILY",
		},
		"a rule that is new in the shell, and that the role knows nothing of": {
			spoil: func(b *rig) { b.env["SHARE_ACCOUNTS"] = "100000000077" },
			want:  "failed: role: Role-retain does not let snapshot-retain do name/cvm:DescribeSnapshotSharePermission, name/cvm:ModifySnapshotsSharePermission | failed: role: Role-verify does not let snapshot-verify do name/cvm:ModifySnapshotsSharePermission | warning: settings: this check looked with",
		},
		"a variable with a slip": {
			spoil: func(b *rig) { b.tell(cloud.Verify, "KEEP_DALY", secret) },
			want:  "failed: settings: snapshot-verify can't work, these of its variables are wrong: KEEP_DALY",
		},
		"a trust that can't be judged": {
			spoil: func(b *rig) {
				b.cloud.SetRole(sim.Role{Name: "Role-copy", Trust: `{"version":"2.0","statement":[{"action":"name/sts:AssumeRole","effect":"allow","principal":{"service":"scf.qcloud.com"},"condition":{"ip_equal":1}}]}`, Policies: []sim.Policy{{Document: allow(`"*"`)}}})
			},
			want: "warning: role: it can't be told whether Role-copy trusts functions: ",
		},
		"no log topic": {
			spoil: func(b *rig) {
				b.change(cloud.Copy, func(f *sim.Function) { f.LogTopic = "" })
				b.change(cloud.Drill, func(f *sim.Function) { f.LogTopic = "" })
			},
			want: "warning: logs: no log topic is set for snapshot-copy, snapshot-drill: choose one",
		},
		"functions may not be read": {
			spoil: func(*rig) {}, deny: []string{"GetFunction"},
			want: "warning: copy: not tried | warning: drill: not tried | warning: retain: not tried | warning: verify: not tried | warning: function: it can't be told how the functions are deployed: read function snapshot-copy in ap-guangzhou: UnauthorizedOperation",
		},
		"alarms may not be read": {
			spoil: func(*rig) {}, deny: []string{"DescribeAlarmPolicies"},
			want: "warning: alarm: it can't be told whether one is set: list alarm policies: UnauthorizedOperation",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newRig(t, sim.Options{})
			b.snapshots(1)
			maps.Copy(b.env, map[string]string{"KEEP_DAILY": "7", "STATUS_TOKEN": secret, "NOTIFY_URL": "https://hooks.example.com/first-" + secret})
			b.deploy(t)
			c.spoil(b)
			b.cloud.AddKey(sim.Key{ID: key.ID, Secret: key.Secret, Deny: c.deny})
			stdout, stderr, code := b.run("check", "--json")
			want, rows := strings.Split(c.want, " | "), ours(t, stdout)
			if c.want == "" {
				want = nil
			}
			if !slices.EqualFunc(rows, want, strings.HasPrefix) || (code != 0) != strings.HasPrefix(c.want, "failed") {
				t.Errorf("exit code %d, and\n%s\nwant\n%s", code, strings.Join(rows, "\n"), strings.Join(want, "\n"))
			}
			if all := stdout + stderr; strings.Contains(all, secret) {
				t.Errorf("a secret is shown: %s", all)
			}
			if complaints := b.cloud.Complaints(); len(complaints) > 0 {
				t.Error(complaints)
			}
		})
	}
}

// The best of several alarm policies counts.
func TestACheckLooksForAnAlarm(t *testing.T) {
	some := []string{"notice-1"}
	for want, policies := range map[string][]sim.AlarmPolicy{
		"ok: alarm: policy a is on the metric Error of all functions":                                                 {{Name: "z", All: true}, {Name: "a", All: true, Notices: some}},
		"ok: alarm: policy b is on the metric Error":                                                                  {{Name: "b", Template: true, All: true, Notices: some}},
		"warning: alarm: policy c is about 5 functions, and it can't be told which":                                   {{Name: "c", Objects: 5, Notices: some}, {Name: "z", Notices: some}},
		"warning: alarm: policy d is about no function: choose these in Cloud Monitor: snapshot-copy, snapshot-drill": {{Name: "d", Notices: some}},
		"warning: alarm: policy e tells nobody":                                                                       {{Name: "e", All: true}, {Name: "z", All: true, Off: true}},
		"warning: alarm: policy f is switched off":                                                                    {{Name: "f", All: true, Off: true, Notices: some}},
		"warning: alarm: no alarm policy is on the metric Error of functions: set":                                    {{Name: "g", Metrics: []string{"Duration"}, All: true, Notices: some}, {Name: "h", Namespace: "cvm_device", All: true, Notices: some}},
	} {
		b := newRig(t, sim.Options{})
		b.deploy(t)
		policies = append(policies, make([]sim.AlarmPolicy, 100)...) // more than a page
		for i := range policies {
			if policies[i].Name == "" {
				policies[i].Namespace = "cvm_device"
			}
		}
		slices.Reverse(policies)
		b.cloud.ClearAlarmPolicies()
		for _, p := range policies {
			b.cloud.AddAlarmPolicy(p)
		}
		stdout, _ := b.wantCode(t, 0, "check", "--json")
		found := false
		for _, a := range reply(t, stdout).Actions {
			found = found || strings.HasPrefix(string(a.Outcome)+": "+a.Reason, want)
		}
		if !found {
			t.Errorf("no row %q in %s", want, stdout)
		}
	}
}

// spoilt are deployments that are more and more wrong.
var spoilt = map[string]func(*rig){
	"green": func(*rig) {},
	"yellow": func(b *rig) {
		b.change(cloud.Status, func(f *sim.Function) { f.LogTopic = "" })
		b.roleOf(cloud.Retain, sim.Policy{Name: "QcloudCBSFullAccess", Preset: true})
		b.env["RPO"] = "26h"
		b.cloud.ClearAlarmPolicies()
		b.cloud.AddAlarmPolicy(sim.AlarmPolicy{Name: "alarm-1", Objects: 4, Notices: []string{"notice-1"}})
	},
	"red": func(b *rig) {
		b.roleOf(cloud.Copy, sim.Policy{Name: "snapferry-copy", Document: policy.For([]cloud.Job{cloud.Status}, settings.Settings{})})
		b.tell(cloud.Retain, "KEEP_DAILY", "3")
		b.change(cloud.Drill, func(f *sim.Function) { f.Role = "" })
		b.change(cloud.Verify, func(f *sim.Function) { f.Status, f.Reason = "UpdateFailed", "LayerVersionNotFound" })
		b.cloud.ClearAlarmPolicies()
	},
}

// newSpoilt is a rig with one of them.
func newSpoilt(t *testing.T, name string) *rig {
	t.Helper()
	b := newRig(t, sim.Options{})
	b.snapshots(3)
	b.env["KEEP_DAILY"] = "7"
	b.deploy(t)
	b.wantCode(t, 0, "subscribe")
	spoilt[name](b)
	return b
}

// Green, yellow and red on a terminal of 80 columns.
func TestACheckOfADeploymentFitsATerminal(t *testing.T) {
	for name := range spoilt {
		b := newSpoilt(t, name)
		stdout, _, _ := b.run("check", "--json")
		text := cli.OnTerminal(reply(t, stdout), 80, false)
		for line := range strings.Lines(text) {
			if len([]rune(strings.TrimRight(line, "\n"))) > 80 {
				t.Errorf("%s: more than 80 columns: %s", name, line)
			}
		}
		golden(t, "check_"+name+"_80_columns", string(bytes.TrimSpace([]byte(text)))+"\n")
	}
}
