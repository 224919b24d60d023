package sim

import (
	"cmp"
	"fmt"
	"slices"
)

// An AlarmPolicy tells people of a metric.
type AlarmPolicy struct {
	Name      string
	Namespace string   // default qce/scf_v2 (UNK: what functions have here)
	Metrics   []string // default Error
	Template  bool     // the metrics stand in a template of conditions
	Off       bool
	All       bool // of every object of the namespace
	Objects   int  // else of so many; the answer does not say which
	Notices   []string
}

// AddAlarmPolicy adds an alarm policy.
func (c *Cloud) AddAlarmPolicy(p AlarmPolicy) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p.Namespace = cmp.Or(p.Namespace, "qce/scf_v2")
	if p.Metrics == nil {
		p.Metrics = []string{"Error"}
	}
	c.alarms = append(c.alarms, p)
}

type describeAlarmPoliciesParams struct {
	Module                   string `api:"required"`
	PageNumber, PageSize     *int64
	MonitorTypes, Namespaces []string
	Enable                   []int
	// Known, and without effect here.
	PolicyName, Dimensions, Field, Order, PolicyType, RuleTypes, ProjectIds, NoticeIds ignored
}

// An alarmRow is one row of DescribeAlarmPolicies (documented), without what is about
// metrics of machines.
type alarmRow struct {
	PolicyId, PolicyName, Remark, MonitorType, Namespace string
	Enable, UseSum, InstanceSum, IsBindAll, IsDefault    int
	Condition                                            alarmCondition
	ConditionsTemp                                       *alarmTemplate
	NoticeIds                                            []string
}

type alarmTemplate struct {
	TemplateName string
	Condition    alarmCondition
}

type alarmCondition struct {
	IsUnionRule int
	Rules       []alarmRule
}

type alarmRule struct {
	MetricName, Operator, Value             string
	Period, ContinuePeriod, NoticeFrequency int
}

func (p *AlarmPolicy) row(i int) alarmRow {
	row := alarmRow{
		PolicyId: fmt.Sprintf("policy-%08d", i), PolicyName: p.Name, MonitorType: "MT_QCE", Namespace: p.Namespace,
		Enable: 1, UseSum: p.Objects, InstanceSum: p.Objects, NoticeIds: append([]string{}, p.Notices...), Condition: alarmCondition{Rules: []alarmRule{}},
	}
	if p.Off {
		row.Enable = 0
	}
	if p.All {
		row.IsBindAll = 1
	}
	rules := alarmCondition{Rules: []alarmRule{}}
	for _, m := range p.Metrics {
		rules.Rules = append(rules.Rules, alarmRule{MetricName: m, Operator: "gt", Value: "0", Period: 300, ContinuePeriod: 1, NoticeFrequency: 3600})
	}
	if p.Template {
		row.ConditionsTemp = &alarmTemplate{"template", rules}
	} else {
		row.Condition = rules
	}
	return row
}

func (c *Cloud) describeAlarmPolicies(_ *query, p *describeAlarmPoliciesParams) (any, *refusal) {
	number, size := int64(1), int64(usualPage)
	set(&number, p.PageNumber)
	set(&size, p.PageSize)
	ref := notOneOf("Module", p.Module, "monitor")
	for _, kind := range p.MonitorTypes {
		ref = cmp.Or(ref, notOneOf("MonitorTypes", kind, "MT_QCE", "MT_TAW", "MT_RUM", "MT_PROBE"))
	}
	if number < 1 || size < 1 || size > largestPage {
		ref = cmp.Or(ref, refuse("InvalidParameter", "There is no page %d of %d rows; a page has 1 to %d.", number, size, largestPage))
	}
	if ref != nil {
		return nil, ref
	}
	rows := []alarmRow{}
	for i := range c.alarms {
		row := c.alarms[i].row(i)
		if (p.Namespaces == nil || slices.Contains(p.Namespaces, row.Namespace)) && (p.Enable == nil || slices.Contains(p.Enable, row.Enable)) {
			rows = append(rows, row)
		}
	}
	first := min(int64(len(rows)), (number-1)*size)
	last := min(int64(len(rows)), first+size)
	return listed("Policies", len(rows), rows[first:last]), nil
}

// ClearAlarmPolicies deletes all alarm policies.
func (c *Cloud) ClearAlarmPolicies() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.alarms = nil
}
