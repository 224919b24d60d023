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

// ChangeRule lets f change a rule, as a person at the console may. It reports whether
// there is one. f must not call the Cloud.
func (c *Cloud) ChangeRule(id string, f func(*Rule)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range c.names {
		for _, b := range c.regions[name].buses {
			for _, r := range b.rules {
				if r.ID == id {
					f(&r.Rule)
					r.name, r.modified = r.Name, c.time()
					return true
				}
			}
		}
	}
	return false
}

type createRuleParams struct {
	EventBusId   string `api:"required"`
	RuleName     string `api:"required"`
	EventPattern string `api:"required"`
	Description  string
	Enable       *bool
}

func (c *Cloud) createRule(q *query, p *createRuleParams) (any, *refusal) {
	b, ref := q.region.bus(p.EventBusId)
	if ref == nil {
		ref = checkRuleFields(&p.RuleName, &p.Description, &p.EventPattern)
	}
	if ref != nil {
		return nil, ref
	}
	c.warnOfTwoRules(b, nil, p.RuleName)
	made := &rule{
		Rule: Rule{
			ID: c.ids.make("rule"), Region: q.region.name, Bus: b.ID,
			Name: p.RuleName, Description: p.Description, Pattern: p.EventPattern, Enabled: true, // UNK: without Enable
		},
		stamp: stamp{p.RuleName, q.now, q.now},
	}
	set(&made.Enabled, p.Enable)
	b.rules = append(b.rules, made)
	return struct{ RuleId string }{made.ID}, nil
}

type updateRuleParams struct {
	EventBusId, RuleId                  string `api:"required"`
	RuleName, EventPattern, Description *string
	Enable                              *bool
}

func (c *Cloud) updateRule(q *query, p *updateRuleParams) (any, *refusal) {
	if ref := checkRuleFields(p.RuleName, p.Description, p.EventPattern); ref != nil {
		return nil, ref
	}
	b, r, ref := q.region.rule(p.EventBusId, p.RuleId)
	if ref != nil {
		return nil, ref
	}
	if p.RuleName != nil {
		c.warnOfTwoRules(b, r, *p.RuleName)
	}
	set(&r.Name, p.RuleName)
	set(&r.Pattern, p.EventPattern)
	set(&r.Description, p.Description)
	set(&r.Enabled, p.Enable)
	r.name, r.modified = r.Name, q.now
	return nil, nil
}

type ruleParams struct {
	EventBusId, RuleId string `api:"required"`
}

// getRule shows one rule with its pattern, which lists do not show.
func (c *Cloud) getRule(q *query, p *ruleParams) (any, *refusal) {
	_, r, ref := q.region.rule(p.EventBusId, p.RuleId)
	if ref != nil {
		return nil, ref
	}
	row := r.row()
	return struct {
		EventBusId, RuleId, RuleName, Status string
		Enable                               bool
		Description, EventPattern            string
		AddTime, ModTime                     string
	}{r.Bus, r.ID, r.Name, row.Status, r.Enabled, r.Description, r.Pattern, row.AddTime, row.ModTime}, nil
}

func (c *Cloud) deleteRule(q *query, p *ruleParams) (any, *refusal) {
	b, r, ref := q.region.rule(p.EventBusId, p.RuleId)
	if ref != nil {
		return nil, ref
	}
	if len(r.targets) > 0 { // UNK: whether it is refused
		c.complain("rule-with-targets", "rule %s was deleted before its %d targets", r.ID, len(r.targets))
	}
	b.rules = slices.DeleteFunc(b.rules, func(other *rule) bool { return other == r })
	return nil, nil
}

// warnOfTwoRules complains of a rule, made or renamed, with another's name. UNK:
// whether the service takes it; no code for a refusal is documented.
func (c *Cloud) warnOfTwoRules(b *bus, self *rule, name string) {
	if slices.ContainsFunc(b.rules, func(r *rule) bool { return r != self && r.Name == name }) {
		c.complain("double-rule", "event bus %s got a second rule called %q", b.ID, name)
	}
}

// The documented form of a rule's name and the most characters of its description.
const (
	ruleName       = `^[\p{Han}A-Za-z][\p{Han}\w-]{0,58}[\p{Han}A-Za-z0-9]$`
	maxDescription = 200
)

// checkRuleFields refuses what a rule's given fields can't be.
func checkRuleFields(name, description, pattern *string) *refusal {
	const bad = "InvalidParameterValue."
	if name != nil && !regexp.MustCompile(ruleName).MatchString(*name) {
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

type listRulesParams struct {
	busListing
	EventBusId string `api:"required"`
}

func (c *Cloud) listRules(q *query, p *listRulesParams) (any, *refusal) {
	if ref := p.check("AddTime", "ModTime", "name"); ref != nil {
		return nil, ref
	}
	b, ref := q.region.bus(p.EventBusId)
	if ref != nil {
		return nil, ref
	}
	rows := []ruleRow{}
	for _, r := range page(p.paging, ordered(b.rules, p.OrderBy)) {
		rows = append(rows, r.row())
	}
	return listed("Rules", len(b.rules), rows), nil
}

// row shows no targets (UNK): the published example has null for a rule that has
// one, while the documents speak of a list.
func (r *rule) row() ruleRow {
	return ruleRow{
		RuleId: r.ID, RuleName: r.Name, EventBusId: r.Bus, Description: r.Description, Status: "Active", Enable: r.Enabled,
		AddTime: busTime(r.added), ModTime: busTime(r.modified),
	}
}
