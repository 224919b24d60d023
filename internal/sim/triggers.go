package sim

// A Trigger calls a function.
type Trigger struct {
	Name     string
	Type     string // timer, the default, or http
	Desc     string // for a timer {"cron":"…"}
	Argument string
	Enabled  bool
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

func (c *Cloud) listTriggers(q *query, p *listTriggersParams) (any, *refusal) {
	namespace := p.Namespace
	if namespace == "" {
		namespace = "default"
	}
	triggers, known := c.functions[q.region.name+"/"+namespace+"/"+p.FunctionName]
	if !known { // UNK: the code, or an empty list
		return nil, refuse("ResourceNotFound.Function", "There is no function %s in %s.", p.FunctionName, q.region.name)
	}
	rows := []triggerRow{}
	for _, t := range triggers {
		row := triggerRow{TriggerName: t.Name, Type: t.Type, TriggerDesc: t.Desc, CustomArgument: t.Argument, Qualifier: "$DEFAULT", AvailableStatus: "Available"}
		if row.Type == "" {
			row.Type = "timer"
		}
		if t.Enabled {
			row.Enable = 1
		}
		rows = append(rows, row)
	}
	return listed("Triggers", len(rows), page(paging{Limit: p.Limit, Offset: p.Offset, Order: "ASC"}, rows)), nil
}
