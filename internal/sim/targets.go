package sim

import (
	"encoding/json"
	"regexp"
	"slices"
)

// A Target is where a rule's events go.
type Target struct {
	ID, Type string
	Resource string // six segments; a function's is qcs::scf:<region>:uin/<account>:namespace/<ns>/function/<name>/<version>
	Batch    Batch
}

// A Batch says how many events a function gets in one call.
type Batch struct {
	BatchEventCount, BatchTimeout int64 // most events, most seconds
	EnableBatchDelivery           bool
}

// maxBatch is the most events of a call (documented).
const maxBatch = 10000

func (b Batch) check() *refusal {
	const bad = "InvalidParameterValue."
	switch {
	case b.BatchEventCount < 0 || b.BatchEventCount > maxBatch:
		return refuse(bad+"BatchEventCount", "BatchEventCount must be 0 to %d, not %d.", maxBatch, b.BatchEventCount)
	case b.BatchTimeout < 0: // UNK: the most
		return refuse(bad+"BatchTimeout", "BatchTimeout can't be %d.", b.BatchTimeout)
	}
	return nil
}

type target struct {
	Target
	stamp
}

type targetBrief struct{ TargetId, Type string }

func (r *rule) briefs() []targetBrief {
	list := make([]targetBrief, 0, len(r.targets))
	for _, t := range r.targets {
		list = append(list, targetBrief{t.ID, t.Type})
	}
	return list
}

type createTargetParams struct {
	EventBusId, RuleId string             `api:"required"`
	Type               string             `api:"required"`
	TargetDescription  *targetDescription `api:"required"`
}

// A targetDescription has more for other kinds of target. That is known and has no effect.
type targetDescription struct {
	ResourceDescription                           string
	SCFParams                                     Batch
	CkafkaTargetParams, ESTargetParams, AMPParams ignored
}

func (c *Cloud) createTarget(q *query, p *createTargetParams) (any, *refusal) {
	resource, batch := p.TargetDescription.ResourceDescription, p.TargetDescription.SCFParams
	_, r, ref := q.region.rule(p.EventBusId, p.RuleId)
	if ref == nil {
		ref = c.checkTarget(p.Type, resource)
	}
	if ref == nil {
		ref = batch.check()
	}
	if ref != nil {
		return nil, ref
	}
	if slices.ContainsFunc(r.targets, func(t *target) bool { return t.Resource == resource }) { // UNK: whether it is refused
		c.complain("double-target", "rule %s was given %s a second time: each event would reach it twice", r.ID, resource)
	}
	made := &target{
		Target: Target{ID: c.ids.make("target"), Type: p.Type, Resource: resource, Batch: batch},
		stamp:  stamp{added: q.now, modified: q.now},
	}
	r.targets = append(r.targets, made)
	return struct{ TargetId string }{made.ID}, nil
}

// functionResource is a function in six segments; account and region are checked
// apart. The form custom_scf is in the published examples. It is compiled where it
// is used: compiling it at the program's start would cost every program.
const functionResource = `^qcs::(?:scf:([\w-]+):uin/(\d+)|custom_scf:([\w-]+):appid/\d+/uin/(\d+)):namespace/([\w-]+)/function/([\w-]+)/[\w$-]+$`

// A functionName is what a resource says of a function.
type functionName struct{ region, account, name string } // name: namespace/name

func readFunction(resource string) (functionName, bool) {
	found := regexp.MustCompile(functionResource).FindStringSubmatch(resource)
	if found == nil {
		return functionName{}, false
	}
	return functionName{found[1] + found[3], found[2] + found[4], found[5] + "/" + found[6]}, true
}

// checkTarget refuses what a target can't be.
func (c *Cloud) checkTarget(kind, resource string) *refusal {
	if !slices.Contains([]string{"scf", "cls", "amp", "ckafka", "es"}, kind) {
		return refuse("InvalidParameterValue.Type", "There is no target of type %q.", kind)
	}
	if resource == "" {
		return refuse("InvalidParameterValue.TargetDescription", "The target has no ResourceDescription.")
	}
	if kind != "scf" {
		return nil
	}
	f, ok := readFunction(resource)
	if !ok {
		return refuse("InvalidParameterValue.TargetDescription", "%q is no function in six segments.", resource)
	}
	if _, known := c.regions[f.region]; !known {
		return refuse("InvalidParameterValue.TargetDescription", "There is no region %q.", f.region)
	}
	if f.account != c.opt.Account {
		return refuse("OperationDenied.AccountNotExists", "The function is not of account %s.", c.opt.Account) // UNK: the code
	}
	if _, known := c.functions[f.region+"/"+f.name]; !known {
		return refuse("ResourceNotFound.Function", "There is no function %s in %s.", f.name, f.region)
	}
	return nil
}

type deleteTargetParams struct {
	EventBusId, RuleId, TargetId string `api:"required"`
}

func (c *Cloud) deleteTarget(q *query, p *deleteTargetParams) (any, *refusal) {
	_, r, ref := q.region.rule(p.EventBusId, p.RuleId)
	if ref != nil {
		return nil, ref
	}
	i := slices.IndexFunc(r.targets, func(t *target) bool { return t.ID == p.TargetId })
	if i < 0 {
		return nil, refuse("ResourceNotFound.Target", "Rule %s has no target %s.", r.ID, p.TargetId) // UNK: the code
	}
	r.targets = slices.Delete(r.targets, i, i+1)
	return nil, nil
}

// A targetRow shows a target. As in the published example, the parameters of all
// kinds are there for each kind.
type targetRow struct {
	TargetId, Type, EventBusId, RuleId string
	TargetDescription                  targetShown
	Batch                              // its fields are at the top, too
}

type targetShown struct {
	ResourceDescription                string
	SCFParams                          Batch
	CkafkaTargetParams, ESTargetParams json.RawMessage
}

// What a target of another kind shows for the parameters that snapshots have no use for.
const (
	noCkafka = `{"TopicName":"","EventDeliveryFormat":"","RetryPolicy":{"RetryInterval":0,"MaxRetryAttempts":0}}`
	noES     = `{"NetMode":"","IndexPrefix":"","IndexSuffixMode":"","IndexTemplateType":"","OutputMode":"","RotationInterval":""}`
)

type listTargetsParams struct {
	busListing
	EventBusId, RuleId string `api:"required"`
}

func (c *Cloud) listTargets(q *query, p *listTargetsParams) (any, *refusal) {
	if ref := p.check("AddTime", "ModTime"); ref != nil {
		return nil, ref
	}
	_, r, ref := q.region.rule(p.EventBusId, p.RuleId)
	if ref != nil {
		return nil, ref
	}
	rows := []targetRow{}
	for _, t := range page(p.paging, ordered(r.targets, p.OrderBy)) {
		rows = append(rows, targetRow{
			TargetId: t.ID, Type: t.Type, EventBusId: p.EventBusId, RuleId: r.ID, Batch: t.Batch,
			TargetDescription: targetShown{t.Resource, t.Batch, json.RawMessage(noCkafka), json.RawMessage(noES)},
		})
	}
	return listed("Targets", len(r.targets), rows), nil
}
