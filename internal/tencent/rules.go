package tencent

import (
	"context"
	"errors"
	"fmt"

	"snapferry/internal/cloud"

	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
)

// EventBridge has no package of the SDK's that the module proxy serves, so the
// requests are generic ones.
const (
	bridge        = "eb"
	bridgeVersion = "2021-04-16"
	// bridgePage is the largest page of its lists.
	bridgePage = 100
)

// parameters are those of a generic request.
type parameters map[string]any

// askBridge sends one request to EventBridge.
func askBridge[T any](ctx context.Context, c *Cloud, t call, action string, p parameters) (*T, error) {
	t.region = cloud.EventRegion
	a, err := do[T](ctx, c, t, generic(bridge, bridgeVersion, action, p))
	var e *Error
	switch {
	case !errors.As(err, &e):
	case e.Meaning() == cloud.RegionFull: // of rules and targets, not of snapshots
		e.own, e.hint = cloud.WrongRequest, hintRules
	case e.Hint() == hintAgain: // no run follows by itself
		e.own, e.hint = e.Meaning(), hintRepeat
	}
	return a, err
}

// generic builds requests to a service whose package of the SDK is not there, or would
// be needed for few requests alone.
func generic(service, version, action string, p parameters) func() tchttp.Request {
	return func() tchttp.Request {
		r := tchttp.NewCommonRequest(service, version, action)
		// The error is of JSON that can't be parsed; a map needs no parsing.
		_ = r.SetActionParameters(map[string]any(p))
		return r
	}
}

// A listed is a row of one of EventBridge's lists.
type listed interface{ id() string }

// listBridge reads a list of EventBridge page by page, and each row once. rows finds the
// rows of one answer, and the total that it names. A full page without anything new means
// that Offset has no effect; a full page is never the end because of a total.
func listBridge[T any, R listed](ctx context.Context, c *Cloud, t call, action string, p parameters, rows func(*T) ([]R, int)) ([]R, error) {
	var all []R
	seen := map[string]bool{}
	for offset := 0; ; {
		p["Limit"], p["Offset"] = bridgePage, offset
		a, err := askBridge[T](ctx, c, t, action, p)
		if err != nil {
			return nil, err
		}
		page, total := rows(a)
		before := len(all)
		for _, r := range page {
			if !seen[r.id()] {
				seen[r.id()], all = true, append(all, r)
			}
		}
		offset += len(page)
		switch {
		case len(page) > 0 && len(all) > before && (len(page) >= bridgePage || len(all) < total):
		case len(all) < total:
			return nil, t.incomplete(len(all), total, 1)
		default:
			return all, nil
		}
	}
}

type busList struct {
	EventBuses []busRow
	TotalCount int
}

type busRow struct{ EventBusId, EventBusName, Type string }

func (r busRow) id() string { return r.EventBusId }

// EventBus returns the id of the bus on which the service's own API calls arrive; ""
// if there is none.
func (c *Cloud) EventBus(ctx context.Context) (string, error) {
	filters := []map[string]any{{"Name": "Type", "Values": []string{"Cloud"}}}
	buses, err := listBridge(ctx, c, call{op: "list event buses"}, "ListEventBuses", parameters{"Filters": filters},
		func(a *busList) ([]busRow, int) { return a.EventBuses, a.TotalCount })
	if err != nil {
		return "", err
	}
	for _, b := range buses {
		if b.Type == "Cloud" { // in case the filter is not respected
			return b.EventBusId, nil
		}
	}
	return "", nil
}

type ruleList struct {
	Rules      []ruleRow
	TotalCount int
}

type ruleRow struct {
	RuleId, RuleName, EventPattern string
	Enable                         bool
}

func (r ruleRow) id() string { return r.RuleId }

type targetList struct {
	Targets    []targetRow
	TotalCount int
}

type targetRow struct {
	TargetId          string
	TargetDescription struct{ ResourceDescription string }
}

func (r targetRow) id() string { return r.TargetId }

// Rules returns the rules of a bus that have a name, with patterns and targets. Lists
// of rules show neither.
func (c *Cloud) Rules(ctx context.Context, bus, name string) ([]cloud.Rule, error) {
	rows, err := listBridge(ctx, c, call{op: "list event rules"}, "ListRules", parameters{"EventBusId": bus},
		func(a *ruleList) ([]ruleRow, int) { return a.Rules, a.TotalCount })
	if err != nil {
		return nil, err
	}
	var found []cloud.Rule
	for _, row := range rows {
		if row.RuleName != name {
			continue
		}
		rule, err := c.rule(ctx, bus, row.RuleId)
		if err != nil {
			return nil, err
		}
		found = append(found, rule)
	}
	return found, nil
}

func (c *Cloud) rule(ctx context.Context, bus, id string) (cloud.Rule, error) {
	row, err := askBridge[ruleRow](ctx, c, call{op: "read event rule " + id}, "GetRule", parameters{"EventBusId": bus, "RuleId": id})
	if err != nil {
		return cloud.Rule{}, err
	}
	rule := cloud.Rule{ID: id, Name: row.RuleName, Pattern: row.EventPattern, Enabled: row.Enable}
	targets, err := listBridge(ctx, c, call{op: "list the targets of event rule " + id}, "ListTargets", parameters{"EventBusId": bus, "RuleId": id},
		func(a *targetList) ([]targetRow, int) { return a.Targets, a.TotalCount })
	for _, t := range targets {
		rule.Targets = append(rule.Targets, cloud.RuleTarget{ID: t.TargetId, Resource: t.TargetDescription.ResourceDescription})
	}
	return rule, err
}

// SaveRule makes a rule, or changes the one with its ID, and returns the ID. Targets
// are not touched. Making a rule is not idempotent.
func (c *Cloud) SaveRule(ctx context.Context, bus, description string, r cloud.Rule) (string, error) {
	p := parameters{"EventBusId": bus, "RuleName": r.Name, "EventPattern": r.Pattern, "Enable": r.Enabled, "Description": description}
	if r.ID != "" {
		p["RuleId"] = r.ID
		_, err := askBridge[empty](ctx, c, call{op: "change event rule " + r.Name}, "UpdateRule", p)
		return r.ID, err
	}
	t := call{op: "make event rule " + r.Name, once: true}
	a, err := askBridge[struct{ RuleId string }](ctx, c, t, "CreateRule", p)
	if err != nil {
		return "", err
	}
	if a.RuleId == "" {
		return "", t.unclear("the answer has no RuleId")
	}
	return a.RuleId, nil
}

// DeleteRule deletes a rule without targets.
func (c *Cloud) DeleteRule(ctx context.Context, bus, rule string) error {
	_, err := askBridge[empty](ctx, c, call{op: "delete event rule " + rule, once: true}, "DeleteRule", parameters{"EventBusId": bus, "RuleId": rule})
	return err
}

// AddTarget lets a rule send its events to a function. It is not idempotent: a
// function that is added twice gets each event twice.
func (c *Cloud) AddTarget(ctx context.Context, bus, rule, function string) error {
	p := parameters{"EventBusId": bus, "RuleId": rule, "Type": "scf", "TargetDescription": map[string]any{"ResourceDescription": function}}
	_, err := askBridge[empty](ctx, c, call{op: fmt.Sprintf("make %s the target of event rule %s", function, rule), once: true}, "CreateTarget", p)
	return err
}

// DeleteTarget takes a target from a rule.
func (c *Cloud) DeleteTarget(ctx context.Context, bus, rule, target string) error {
	p := parameters{"EventBusId": bus, "RuleId": rule, "TargetId": target}
	_, err := askBridge[empty](ctx, c, call{op: fmt.Sprintf("delete target %s of event rule %s", target, rule), once: true}, "DeleteTarget", p)
	return err
}
