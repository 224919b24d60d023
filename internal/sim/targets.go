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

// UnmarshalJSON implements json.Unmarshaler, strictly.
func (b *Batch) UnmarshalJSON(raw []byte) error {
	return unmarshal(raw, param{"BatchEventCount", &b.BatchEventCount}, param{"BatchTimeout", &b.BatchTimeout},
		param{"EnableBatchDelivery", &b.EnableBatchDelivery})
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

// A targetGiven is a TargetDescription as it is sent. The parameters of other
// kinds of target are known and have no effect.
type targetGiven struct {
	resource string
	batch    Batch
}

// UnmarshalJSON implements json.Unmarshaler, strictly.
func (g *targetGiven) UnmarshalJSON(raw []byte) error {
	var other ignored
	return unmarshal(raw, param{"ResourceDescription", &g.resource}, param{"SCFParams", &g.batch},
		param{"CkafkaTargetParams", &other}, param{"ESTargetParams", &other}, param{"AMPParams", &other})
}

func (c *Cloud) createTarget(q *query) ([]byte, *refusal) {
	var busID, ruleID, kind string
	var given *targetGiven
	ref := read(q.body, param{"EventBusId", &busID}, param{"RuleId", &ruleID}, param{"Type", &kind},
		param{"TargetDescription", &given})
	switch {
	case ref != nil:
		return nil, ref
	case ruleID == "":
		return nil, missing("RuleId")
	case kind == "":
		return nil, missing("Type")
	case given == nil:
		return nil, missing("TargetDescription")
	}
	_, r, ref := q.region.busAndRule(busID, ruleID)
	if ref == nil {
		ref = c.checkTarget(kind, given.resource)
	}
	if ref == nil {
		ref = given.batch.check()
	}
	if ref != nil {
		return nil, ref
	}
	if slices.ContainsFunc(r.targets, func(t *target) bool { return t.Resource == given.resource }) { // UNK: whether it is refused
		c.complain("double-target", "rule %s was given %s a second time: each event would reach it twice", r.ID, given.resource)
	}
	made := &target{
		Target: Target{ID: c.ids.make("target"), Type: kind, Resource: given.resource, Batch: given.batch},
		stamp:  stamp{added: q.now, modified: q.now},
	}
	r.targets = append(r.targets, made)
	return fields(struct{ TargetId string }{made.ID}), nil
}

// functionResource is a function in six segments; account and region are checked
// apart. The form custom_scf is in the published examples.
var functionResource = regexp.MustCompile(
	`^qcs::(?:scf:([\w-]+):uin/(\d+)|custom_scf:([\w-]+):appid/\d+/uin/(\d+)):namespace/[\w-]+/function/[\w-]+/[\w$-]+$`)

// checkTarget refuses what a target can't be. Whether the function exists is not
// known here; the service answers ResourceNotFound.Function where it doesn't.
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
	found := functionResource.FindStringSubmatch(resource)
	if found == nil {
		return refuse("InvalidParameterValue.TargetDescription", "%q is no function in six segments.", resource)
	}
	region, account := found[1]+found[3], found[2]+found[4]
	if _, known := c.regions[region]; !known {
		return refuse("InvalidParameterValue.TargetDescription", "There is no region %q.", region)
	}
	if account != c.opt.Account {
		return refuse("OperationDenied.AccountNotExists", "The function is not of account %s.", c.opt.Account) // UNK: the code
	}
	return nil
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

// otherParams are the parameters of the kinds that snapshots have no use for.
var (
	noCkafka = json.RawMessage(`{"TopicName":"","EventDeliveryFormat":"","RetryPolicy":{"RetryInterval":0,"MaxRetryAttempts":0}}`)
	noES     = json.RawMessage(`{"NetMode":"","IndexPrefix":"","IndexSuffixMode":"","IndexTemplateType":"","OutputMode":"","RotationInterval":""}`)
)

func (c *Cloud) listTargets(q *query) ([]byte, *refusal) {
	var l listing
	var busID, ruleID string
	ref := read(q.body, append(l.busParams(), param{"EventBusId", &busID}, param{"RuleId", &ruleID})...)
	if ref == nil {
		ref = l.checkBus("AddTime", "ModTime")
	}
	if ref == nil && ruleID == "" {
		ref = missing("RuleId")
	}
	if ref != nil {
		return nil, ref
	}
	_, r, ref := q.region.busAndRule(busID, ruleID)
	if ref != nil {
		return nil, ref
	}
	rows := []targetRow{}
	for _, t := range ordered(r.targets, &l) {
		rows = append(rows, targetRow{
			TargetId: t.ID, Type: t.Type, EventBusId: busID, RuleId: r.ID, Batch: t.Batch,
			TargetDescription: targetShown{t.Resource, t.Batch, noCkafka, noES},
		})
	}
	from, to := l.page(len(rows))
	return fields(struct {
		TotalCount int
		Targets    []targetRow
	}{len(rows), rows[from:to]}), nil
}
