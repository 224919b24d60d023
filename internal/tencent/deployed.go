package tencent

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"snapferry/internal/cloud"
)

// Functions are of the default namespace. The requests that tell of them are generic
// ones: the packages of the SDK would be needed for a check alone.
const (
	functions        = "scf"
	functionsVersion = "2018-04-16"
	// mostTriggers is more than a function may have.
	mostTriggers = 100
)

type triggerList struct {
	Triggers []struct {
		TriggerName, Type, TriggerDesc, CustomArgument string
		Enable                                         int
	}
}

// Timers returns the timers of a function.
func (c *Cloud) Timers(ctx context.Context, region, function string) ([]cloud.Timer, error) {
	t := call{op: "list the triggers of function " + function, region: region}
	a, err := do[triggerList](ctx, c, t, generic(functions, functionsVersion, "ListTriggers",
		parameters{"FunctionName": function, "Namespace": "default", "Limit": mostTriggers}))
	if err != nil {
		return nil, err
	}
	var timers []cloud.Timer
	for _, row := range a.Triggers {
		if row.Type == "timer" {
			timers = append(timers, cloud.Timer{Name: row.TriggerName, Cron: row.TriggerDesc, Argument: row.CustomArgument, Enabled: row.Enable == 1})
		}
	}
	return timers, nil
}

type functionRow struct {
	Status, StatusDesc, Role, Runtime, ClsTopicId string

	StatusReasons       []struct{ ErrorCode, ErrorMessage string }
	MemorySize, Timeout int
	Environment         struct{ Variables []struct{ Key, Value string } }
}

// Function returns a function as it is deployed, without its code.
func (c *Cloud) Function(ctx context.Context, region, function string) (cloud.Function, error) {
	t := call{op: "read function " + function, region: region}
	a, err := do[functionRow](ctx, c, t, generic(functions, functionsVersion, "GetFunction",
		parameters{"FunctionName": function, "Namespace": "default", "ShowCode": "FALSE"}))
	if err != nil {
		return cloud.Function{}, err
	}
	f := cloud.Function{
		Status: c.clean(a.Status, maxCode), Runtime: c.clean(a.Runtime, maxCode), MemoryMB: a.MemorySize, Seconds: a.Timeout,
		LogTopic:  a.ClsTopicId, // UNK: whether the topic is shown that the platform makes by itself
		Variables: map[string]string{}, Reason: a.StatusDesc,
	}
	for _, r := range a.StatusReasons {
		f.Reason = cmp.Or(f.Reason, r.ErrorMessage, r.ErrorCode)
	}
	f.Reason = c.clean(f.Reason, maxMessage)
	// UNK: whether a role is always shown by its bare name.
	f.Role = c.clean(a.Role[strings.LastIndexByte(a.Role, '/')+1:], maxMessage)
	for _, v := range a.Environment.Variables {
		f.Variables[v.Key] = v.Value
	}
	return f, nil
}

const (
	access        = "cam"
	accessVersion = "2019-01-16"
	// accessPage is the largest page of its lists, and more than a role has policies.
	accessPage = 200
)

type attachedPolicies struct {
	List []struct {
		PolicyId   uint64
		PolicyName string
		Deactived  int
	}
	TotalNum int
}

// Role returns a role with the policies that are bound to it. A policy that can't be
// read has no document. With an error, the role has what could be read.
func (c *Cloud) Role(ctx context.Context, name string) (cloud.Role, error) {
	var role cloud.Role
	read, err := do[struct {
		RoleInfo struct{ PolicyDocument string }
	}](ctx, c, call{op: "read role " + name},
		generic(access, accessVersion, "GetRole", parameters{"RoleName": name}))
	if err != nil {
		return role, err
	}
	role.Trust = read.RoleInfo.PolicyDocument
	t := call{op: "list the policies of role " + name}
	bound, err := do[attachedPolicies](ctx, c, t, generic(access, accessVersion, "ListAttachedRolePolicies",
		parameters{"RoleName": name, "Page": 1, "Rp": accessPage}))
	if err != nil {
		return role, err
	}
	for _, p := range bound.List {
		one := cloud.RolePolicy{Name: c.clean(p.PolicyName, maxMessage)}
		if p.Deactived == 0 { // UNK: what is left of a policy that the vendor has taken out of use
			one.Document, err = c.policyDocument(ctx, one.Name, p.PolicyId)
		}
		if err != nil {
			return role, err
		}
		role.Policies = append(role.Policies, one)
	}
	if len(bound.List) < bound.TotalNum {
		return role, t.incomplete(len(bound.List), bound.TotalNum, 1)
	}
	return role, nil
}

func (c *Cloud) policyDocument(ctx context.Context, name string, id uint64) (string, error) {
	a, err := do[struct{ PolicyDocument string }](ctx, c, call{op: "read policy " + name},
		generic(access, accessVersion, "GetPolicy", parameters{"PolicyId": id}))
	var refused *Error
	switch {
	case errors.As(err, &refused) && refused.Meaning() == cloud.Gone: // UNK: whether the vendor's own policies are found
		return "", nil
	case err != nil:
		return "", err
	}
	return a.PolicyDocument, nil
}

const (
	monitor        = "monitor"
	monitorVersion = "2018-07-24"
	monitorPage    = 100 // the largest
)

type alarmList struct {
	Policies   []alarmRow
	TotalCount int
}

type alarmRow struct {
	PolicyName, Namespace     string
	Enable, UseSum, IsBindAll int
	Condition                 alarmCondition
	ConditionsTemp            struct{ Condition alarmCondition }
	NoticeIds                 []string
}

type alarmCondition struct{ Rules []struct{ MetricName string } }

// AlarmPolicies returns the alarm policies that are about functions.
func (c *Cloud) AlarmPolicies(ctx context.Context) ([]cloud.AlarmPolicy, error) {
	var found []cloud.AlarmPolicy
	for page, seen := 1, 0; ; page++ {
		a, err := do[alarmList](ctx, c, call{op: "list alarm policies"}, generic(monitor, monitorVersion, "DescribeAlarmPolicies",
			parameters{"Module": monitor, "MonitorTypes": []string{"MT_QCE"}, "PageNumber": page, "PageSize": monitorPage}))
		if err != nil {
			return nil, err
		}
		for i := range a.Policies {
			// UNK: how the namespace of functions is written here. That of their metrics is
			// QCE/SCF_V2, so it is looked for in the answer, and not asked for.
			if strings.Contains(strings.ToLower(a.Policies[i].Namespace), functions) {
				found = append(found, a.Policies[i].policy(c))
			}
		}
		if seen += len(a.Policies); len(a.Policies) == 0 || seen >= a.TotalCount {
			return found, nil
		}
	}
}

func (r *alarmRow) policy(c *Cloud) cloud.AlarmPolicy {
	p := cloud.AlarmPolicy{
		Name: c.clean(r.PolicyName, maxMessage), Enabled: r.Enable == 1, Tells: len(r.NoticeIds) > 0, All: r.IsBindAll == 1, Objects: r.UseSum,
	}
	for _, rule := range slices.Concat(r.Condition.Rules, r.ConditionsTemp.Condition.Rules) {
		p.Metrics = append(p.Metrics, rule.MetricName)
	}
	return p
}
