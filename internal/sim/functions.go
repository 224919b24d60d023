package sim

import (
	"cmp"
	"maps"
	"slices"
)

// A Function is the truth about one function at some moment. Nothing runs it; that is
// Options.Deliver.
type Function struct {
	Status, Reason  string // default Active
	Role            string // "": none
	Runtime         string // default Go1
	Memory, Timeout int    // MB and seconds; default 128 and 3
	Environment     map[string]string
	LogTopic        string // "": none
	Triggers        []Trigger
}

// A Trigger calls a function.
type Trigger struct {
	Name     string
	Type     string // timer, the default, or http
	Desc     string // for a timer {"cron":"…"}
	Argument string
	Enabled  bool
}

// AddFunction deploys a function, which rules can have as their target.
func (c *Cloud) AddFunction(region, namespace, name string, triggers ...Trigger) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.functions[region+"/"+namespace+"/"+name] = &Function{Status: "Active", Runtime: "Go1", Memory: 128, Timeout: 3, Triggers: triggers}
}

// ChangeFunction lets f change a function. It reports whether there is one. f must not
// call the Cloud.
func (c *Cloud) ChangeFunction(region, namespace, name string, f func(*Function)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	one, known := c.functions[region+"/"+namespace+"/"+name]
	if known {
		f(one)
	}
	return known
}

func (c *Cloud) function(q *query, namespace, name string) (*Function, *refusal) {
	f, known := c.functions[q.region.name+"/"+cmp.Or(namespace, "default")+"/"+name]
	if !known { // UNK: the code
		return nil, refuse("ResourceNotFound.Function", "There is no function %s in %s.", name, q.region.name)
	}
	return f, nil
}

type getFunctionParams struct {
	FunctionName                   string `api:"required"`
	Namespace, Qualifier, ShowCode string
}

// A functionRow is the answer of GetFunction (documented), without what the functions
// here have no use for.
type functionRow struct {
	FunctionName, Namespace, Description, Handler, Runtime, Type string
	Status, StatusDesc, AvailableStatus                          string
	StatusReasons                                                []statusReason
	Role, ClsLogsetId, ClsTopicId                                string
	MemorySize, Timeout                                          int
	Environment                                                  struct{ Variables []tag }
	Triggers                                                     []triggerRow
	FunctionVersion, Qualifier                                   string
}

type statusReason struct{ ErrorCode, ErrorMessage string }

func (c *Cloud) getFunction(q *query, p *getFunctionParams) (any, *refusal) {
	if ref := notOneOf("ShowCode", p.ShowCode, "TRUE", "FALSE"); ref != nil {
		return nil, ref
	}
	if p.ShowCode == "TRUE" {
		c.complain("code-asked", "GetFunction was asked for the code of %s: that is an answer of megabytes", p.FunctionName)
	}
	if p.Qualifier != "" && p.Qualifier != "$LATEST" { // no versions are published here
		return nil, refuse("ResourceNotFound.Qualifier", "Function %s has no version %s.", p.FunctionName, p.Qualifier)
	}
	f, ref := c.function(q, p.Namespace, p.FunctionName)
	if ref != nil {
		return nil, ref
	}
	row := functionRow{
		FunctionName: p.FunctionName, Namespace: cmp.Or(p.Namespace, "default"), Handler: "main", Runtime: f.Runtime, Type: "Event",
		Status: f.Status, StatusDesc: f.Reason, AvailableStatus: "Available", StatusReasons: []statusReason{},
		Role: f.Role, ClsTopicId: f.LogTopic, MemorySize: f.Memory, Timeout: f.Timeout, Triggers: f.rows(),
		FunctionVersion: "$LATEST", Qualifier: "$LATEST",
	}
	if f.LogTopic != "" { // UNK: what is shown for the platform's own default topic
		row.ClsLogsetId = "logset-" + f.LogTopic
	}
	if f.Reason != "" {
		row.StatusReasons = append(row.StatusReasons, statusReason{"FailedOperation", f.Reason})
	}
	for _, key := range slices.Sorted(maps.Keys(f.Environment)) {
		row.Environment.Variables = append(row.Environment.Variables, tag{key, f.Environment[key]})
	}
	return row, nil
}

type listTriggersParams struct {
	FunctionName  string `api:"required"`
	Namespace     string
	Limit, Offset *uint64
}

// A triggerRow is one row of ListTriggers (documented).
type triggerRow struct {
	TriggerName, Type, TriggerDesc, CustomArgument, Qualifier, AvailableStatus string

	Enable int
}

func (f *Function) rows() []triggerRow {
	rows := []triggerRow{}
	for _, t := range f.Triggers {
		row := triggerRow{TriggerName: t.Name, Type: cmp.Or(t.Type, "timer"), TriggerDesc: t.Desc, CustomArgument: t.Argument, Qualifier: "$DEFAULT", AvailableStatus: "Available"}
		if t.Enabled {
			row.Enable = 1
		}
		rows = append(rows, row)
	}
	return rows
}

func (c *Cloud) listTriggers(q *query, p *listTriggersParams) (any, *refusal) {
	f, ref := c.function(q, p.Namespace, p.FunctionName) // UNK: whether it is an empty list
	if ref != nil {
		return nil, ref
	}
	return listed("Triggers", len(f.Triggers), page(paging{Limit: p.Limit, Offset: p.Offset, Order: "ASC"}, f.rows())), nil
}
