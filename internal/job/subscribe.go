package job

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// The Events of an account are its event bus with the rules on it. Making a rule or
// a target is not idempotent, as Copy is not.
type Events interface {
	// EventBus returns the bus on which API calls arrive; "" if there is none.
	EventBus(ctx context.Context) (string, error)
	// Rules returns the rules of a bus that have a name.
	Rules(ctx context.Context, bus, name string) ([]cloud.Rule, error)
	// SaveRule makes a rule, or changes the one with its ID, and returns the ID.
	// It does not touch targets.
	SaveRule(ctx context.Context, bus, description string, r cloud.Rule) (string, error)
	DeleteRule(ctx context.Context, bus, rule string) error
	AddTarget(ctx context.Context, bus, rule, function string) error
	DeleteTarget(ctx context.Context, bus, rule, target string) error
}

// RuleName is the name of the rule. Whatever has it is taken for ours, unless it sends
// events elsewhere.
const RuleName = "snapferry-snapshot-copy"

// RulePattern says which events the rule takes: the calls that make, change and
// delete snapshots. Block storage is called cbs in some of the vendor's lists and cvm
// in others.
func RulePattern() string {
	var sources, kinds []string
	for _, product := range []string{"cbs", "cvm"} {
		sources = append(sources, product+".cloud.tencent")
		for _, way := range []string{"ApiCall", "ConsoleCall", "MiniProgramCall"} {
			kinds = append(kinds, product+":CloudEvent:"+way)
		}
	}
	calls := []string{"CreateSnapshot", "CreateSnapshotGroup", "DeleteSnapshots", "ModifySnapshotAttribute"}
	raw, err := json.Marshal(map[string]any{"source": sources, "type": kinds, "data": map[string]any{"eventName": calls}})
	if err != nil {
		panic(err) // lists of texts have a JSON form
	}
	return string(raw)
}

// A Subscription is what subscribe shall do.
type Subscription struct {
	Function string // of the default namespace, in cloud.EventRegion
	Remove   bool   // take the rule away
	Dry      bool   // change nothing
}

// What a person has to know of the rule, and no request can tell.
const (
	deliveryUnknown = "whether the calls of this account reach the default event bus can't be asked. The documents name no switch for it. " +
		"If the log of the function shows no event some minutes after a new snapshot, open EventBridge, Event bus, default (ap-guangzhou) in the console, " +
		"activate the service and agree to its role if it asks for that, and see that CloudAudit is activated"
	sameRole = "give the functions for copying and retention the same role: deletions by another role are reported as somebody else's"
	noEvents = "without the rule, new snapshots are copied by the timer"
)

// Subscribe makes or mends the rule that sends events to the function for copying,
// or removes it. It is idempotent.
func (r *Runner) Subscribe(ctx context.Context, s Subscription) *Report {
	report := NewReport(0)
	u := &subscribing{Runner: r, Subscription: s, report: report}
	rules, ok := u.find(ctx)
	switch {
	case !ok:
	case s.Remove:
		u.remove(ctx, rules)
		report.warn(noEvents)
	default:
		u.set(ctx, rules)
		report.warn(deliveryUnknown, sameRole)
	}
	return report.end()
}

// subscribing is one run of subscribe.
type subscribing struct {
	*Runner
	Subscription
	report       *Report
	bus, account string
}

func (u *subscribing) note(kind plan.Kind, o plan.Outcome, reason string) {
	u.report.add(Action{Kind: kind, From: cloud.EventRegion, Outcome: o, Reason: reason})
}

// did notes the result of a request that changes something. done is the outcome without
// an error. No later run looks again by itself, so an unclear answer is a failure. It
// reports whether there was none.
func (u *subscribing) did(kind plan.Kind, done plan.Outcome, reason string, err error) bool {
	again := "snapferry subscribe"
	if u.Remove {
		again += " --remove"
	}
	switch {
	case err == nil:
		u.note(kind, done, reason)
	case meaning(err) == cloud.MayHaveHappened:
		u.note(kind, plan.Failed, fmt.Sprintf("%s; it may have happened all the same: run %q again, it finds what is there", err, again))
	default:
		u.note(kind, plan.Failed, sentence(err))
	}
	return err == nil
}

// find finds the bus and our rules on it: one, none, or more that a person or runs at the
// same time made. It reports whether that could be told.
func (u *subscribing) find(ctx context.Context) (rules []cloud.Rule, ok bool) {
	unseen := func(err error) ([]cloud.Rule, bool) {
		u.note(plan.KindRule, plan.Failed, sentence(err))
		return nil, false
	}
	account := u.Account
	if account == "" {
		who, err := u.Cloud.Identity(ctx)
		if err != nil {
			return unseen(err)
		}
		account = who.Account
	}
	u.account = account
	var err error
	if u.bus, err = u.Cloud.EventBus(ctx); err != nil {
		return unseen(err)
	}
	if u.bus == "" {
		u.note(plan.KindRule, plan.Failed, "there is no default event bus: open EventBridge in the console, in ap-guangzhou, and activate the service; then run this again")
		return nil, false
	}
	if rules, err = u.Cloud.Rules(ctx, u.bus, RuleName); err != nil {
		return unseen(err)
	}
	return rules, true
}

// resource is our function as a target.
func (u *subscribing) resource() string {
	return fmt.Sprintf("qcs::scf:%s:uin/%s:namespace/default/function/%s/$DEFAULT", cloud.EventRegion, u.account, u.Function)
}

// isOurs reports whether a target is our function. The service writes a function in two
// forms, and a person may have chosen one of its versions.
func (u *subscribing) isOurs(t cloud.RuleTarget) bool {
	form := regexp.MustCompile(`^qcs::(?:custom_)?scf:([^:]*):(?:appid/\d+/)?uin/([^:]*):namespace/([^/]*)/function/([^/]*)(?:/[^/]*)?$`)
	found := form.FindStringSubmatch(t.Resource)
	return found != nil && slices.Equal(found[1:], []string{cloud.EventRegion, u.account, "default", u.Function})
}

// ours are the targets of a rule that are our function.
func (u *subscribing) ours(rule cloud.Rule) []cloud.RuleTarget {
	return slices.DeleteFunc(slices.Clone(rule.Targets), func(t cloud.RuleTarget) bool { return !u.isOurs(t) })
}

// others are the targets of rules that are not our function.
func (u *subscribing) others(rules ...cloud.Rule) (names []string) {
	for _, rule := range rules {
		for _, t := range rule.Targets {
			if !u.isOurs(t) {
				names = append(names, t.Resource)
			}
		}
	}
	return names
}

// set makes the rule and its target what they should be.
func (u *subscribing) set(ctx context.Context, rules []cloud.Rule) {
	if others := u.others(rules...); len(others) > 0 {
		u.note(plan.KindTarget, plan.Failed, fmt.Sprintf("rule %s already sends events to %s, and nothing is changed: if that is the function for copying, name it with --function; "+
			"if it is an older one, remove it with \"snapferry subscribe --remove --function NAME\"; else delete that target in the console of EventBridge", RuleName, strings.Join(others, " and ")))
		return
	}
	rule := cloud.Rule{}
	if len(rules) > 0 {
		// The one that already sends events stays.
		i := max(0, slices.IndexFunc(rules, func(r cloud.Rule) bool { return len(r.Targets) > 0 }))
		rule, rules = rules[i], slices.Delete(slices.Clone(rules), i, i+1)
	}
	if !u.setRule(ctx, &rule) {
		return
	}
	what := "events go to function " + u.Function
	if len(rule.Targets) > 0 {
		u.note(plan.KindTarget, plan.Exists, what)
		u.removeTargets(ctx, rule, rule.Targets[1:], "it was the same function a second time, so that each event came twice")
	} else if !u.addTarget(ctx, rule, what) {
		return
	}
	for _, surplus := range rules {
		u.removeRule(ctx, surplus, "there was a second rule called "+RuleName)
	}
}

// addTarget lets the rule send its events to our function. It reports whether it does, or
// would.
func (u *subscribing) addTarget(ctx context.Context, rule cloud.Rule, what string) bool {
	if u.Dry {
		u.note(plan.KindTarget, plan.Planned, what+", if it is deployed: only the request itself tells")
		return true
	}
	err := u.Cloud.AddTarget(ctx, u.bus, rule.ID, u.resource())
	if err == nil || meaning(err) == cloud.MayHaveHappened {
		return u.did(plan.KindTarget, plan.Created, what, err)
	}
	cause := sentence(err)
	if meaning(err) == cloud.Gone {
		cause = fmt.Sprintf("function %s is not deployed in %s: deploy it, or name another one with --function, and run this again (%s)", u.Function, cloud.EventRegion, short(err))
	}
	u.note(plan.KindTarget, plan.Failed, fmt.Sprintf("%s; until then rule %s is there and sends nothing", cause, RuleName))
	return false
}

// setRule makes the rule, or changes what is different. It reports whether the rule is
// there, or would be.
func (u *subscribing) setRule(ctx context.Context, rule *cloud.Rule) bool {
	var different []string
	if !samePattern(rule.Pattern, RulePattern()) {
		different = append(different, "its pattern was another one")
	}
	if !rule.Enabled {
		different = append(different, "it was switched off")
	}
	outcome, reason := plan.Updated, "rule "+RuleName+": "+strings.Join(different, ", ")
	switch {
	case rule.ID == "":
		outcome, reason = plan.Created, "rule "+RuleName+" takes the calls that make, change and delete snapshots"
	case len(different) == 0:
		u.note(plan.KindRule, plan.Exists, "rule "+RuleName+" is as it should be")
		return true
	}
	if u.Dry {
		u.note(plan.KindRule, plan.Planned, reason)
		return true
	}
	id, err := u.Cloud.SaveRule(ctx, u.bus, "made by snapferry subscribe", cloud.Rule{ID: rule.ID, Name: RuleName, Pattern: RulePattern(), Enabled: true})
	rule.ID = id
	return u.did(plan.KindRule, outcome, reason, err)
}

// samePattern compares patterns as JSON: the service may format them.
func samePattern(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

// remove takes our function from the rules, and those away that have no other target.
func (u *subscribing) remove(ctx context.Context, rules []cloud.Rule) {
	for _, rule := range rules {
		u.removeRule(ctx, rule, "rule "+RuleName)
	}
}

func (u *subscribing) removeRule(ctx context.Context, rule cloud.Rule, reason string) {
	if !u.removeTargets(ctx, rule, u.ours(rule), "function "+u.Function+" gets no more events") {
		return
	}
	switch others := u.others(rule); {
	case len(others) > 0:
		u.note(plan.KindRule, plan.Kept, fmt.Sprintf("rule %s also sends events to %s, which stays", RuleName, strings.Join(others, " and ")))
	case u.Dry:
		u.note(plan.KindRule, plan.WouldDelete, reason)
	default:
		u.did(plan.KindRule, plan.Deleted, reason, u.Cloud.DeleteRule(ctx, u.bus, rule.ID))
	}
}

// removeTargets reports whether all of them are gone, or would be.
func (u *subscribing) removeTargets(ctx context.Context, rule cloud.Rule, targets []cloud.RuleTarget, reason string) bool {
	for _, t := range targets {
		if u.Dry {
			u.note(plan.KindTarget, plan.WouldDelete, reason)
		} else if !u.did(plan.KindTarget, plan.Deleted, reason, u.Cloud.DeleteTarget(ctx, u.bus, rule.ID, t.ID)) {
			return false
		}
	}
	return true
}
