package sim

import (
	"regexp"
	"slices"
	"unicode/utf8"
)

// A Rule is the truth about one rule of an event bus at some moment.
type Rule struct {
	ID, Region, Bus   string
	Name, Description string
	Pattern           string // JSON
	Enabled           bool
	Targets           []Target
}

// A rule is a Rule and when it was made.
type rule struct {
	Rule
	stamp
	targets []*target // oldest first
}

// Rules returns the rules of all buses of a region, oldest first on each.
func (c *Cloud) Rules(name string) []Rule {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []Rule
	for _, b := range c.region(name).buses {
		for _, r := range b.rules {
			one := r.Rule
			for _, t := range r.targets {
				one.Targets = append(one.Targets, t.Target)
			}
			list = append(list, one)
		}
	}
	return list
}

func (c *Cloud) createRule(q *query) ([]byte, *refusal) {
	var busID, name, pattern, description string
	enabled := true // UNK: of a rule created without Enable
	ref := read(q.body, param{"EventBusId", &busID}, param{"RuleName", &name}, param{"EventPattern", &pattern},
		param{"Description", &description}, param{"Enable", &enabled})
	if ref != nil {
		return nil, ref
	}
	b, _, ref := q.region.busAndRule(busID, "")
	switch {
	case ref != nil:
	case name == "":
		ref = missing("RuleName")
	case pattern == "":
		ref = missing("EventPattern")
	default:
		ref = checkRule(&name, &description, &pattern)
	}
	if ref != nil {
		return nil, ref
	}
	c.warnOfTwoRules(b, nil, name)
	made := &rule{
		Rule: Rule{
			ID: c.ids.make("rule"), Region: q.region.name, Bus: b.ID,
			Name: name, Description: description, Pattern: pattern, Enabled: enabled,
		},
		stamp: stamp{name, q.now, q.now},
	}
	b.rules = append(b.rules, made)
	return fields(struct{ RuleId string }{made.ID}), nil
}

func (c *Cloud) updateRule(q *query) ([]byte, *refusal) {
	var busID, id string
	var name, pattern, description *string
	var enabled *bool
	ref := read(q.body, param{"EventBusId", &busID}, param{"RuleId", &id}, param{"RuleName", &name},
		param{"EventPattern", &pattern}, param{"Description", &description}, param{"Enable", &enabled})
	if ref == nil && id == "" {
		ref = missing("RuleId")
	}
	if ref == nil {
		ref = checkRule(name, description, pattern)
	}
	if ref != nil {
		return nil, ref
	}
	b, r, ref := q.region.busAndRule(busID, id)
	if ref != nil {
		return nil, ref
	}
	if name != nil {
		c.warnOfTwoRules(b, r, *name)
	}
	set(&r.Name, name)
	set(&r.Pattern, pattern)
	set(&r.Description, description)
	set(&r.Enabled, enabled)
	r.name, r.modified = r.Name, q.now
	return nil, nil
}

// warnOfTwoRules complains of a rule, made or renamed, with another's name. UNK:
// whether the service takes it; no code for a refusal is documented.
func (c *Cloud) warnOfTwoRules(b *bus, self *rule, name string) {
	if slices.ContainsFunc(b.rules, func(r *rule) bool { return r != self && r.Name == name }) {
		c.complain("double-rule", "event bus %s got a second rule called %q", b.ID, name)
	}
}

func set[T any](field, given *T) {
	if given != nil {
		*field = *given
	}
}

// The documented form of a rule's name and the most characters of its description.
var ruleName = regexp.MustCompile(`^[\p{Han}A-Za-z][\p{Han}\w-]{0,58}[\p{Han}A-Za-z0-9]$`)

const maxDescription = 200

// checkRule refuses what a rule's given fields can't be.
func checkRule(name, description, pattern *string) *refusal {
	const bad = "InvalidParameterValue."
	if name != nil && !ruleName.MatchString(*name) {
		return refuse(bad+"RuleName", "%q is no name of a rule: 2 to 60 letters, digits, _ and -, a letter first, a letter or digit last.", *name)
	}
	if description != nil && utf8.RuneCountInString(*description) > maxDescription {
		return refuse(bad+"Description", "The description is longer than %d characters.", maxDescription)
	}
	if pattern == nil {
		return nil
	}
	_, ref := readPattern(*pattern)
	return ref
}

type ruleRow struct {
	RuleId, RuleName, EventBusId string
	Description, Status          string
	Enable                       bool
	AddTime, ModTime             string
	Targets, DeadLetterConfig    any
}

func (c *Cloud) listRules(q *query) ([]byte, *refusal) {
	var l listing
	var busID string
	ref := read(q.body, append(l.busParams(), param{"EventBusId", &busID})...)
	if ref == nil {
		ref = l.checkBus("AddTime", "ModTime", "name")
	}
	if ref != nil {
		return nil, ref
	}
	b, _, ref := q.region.busAndRule(busID, "")
	if ref != nil {
		return nil, ref
	}
	rows := []ruleRow{}
	for _, r := range ordered(b.rules, &l) {
		rows = append(rows, r.row())
	}
	from, to := l.page(len(rows))
	return fields(struct {
		TotalCount int
		Rules      []ruleRow
	}{len(rows), rows[from:to]}), nil
}

// row shows no targets (UNK): the published example has null for a rule that has
// one, while the documents speak of a list.
func (r *rule) row() ruleRow {
	return ruleRow{
		RuleId: r.ID, RuleName: r.Name, EventBusId: r.Bus, Description: r.Description, Status: "Active", Enable: r.Enabled,
		AddTime: busTime(r.added), ModTime: busTime(r.modified),
	}
}
