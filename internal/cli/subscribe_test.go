package cli_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"snapferry/internal/job"
	"snapferry/internal/sim"
)

// eventful is a rig with two deployed functions, and without settings of regions.
func eventful(t *testing.T) *rig {
	t.Helper()
	b := newRig(t, sim.Options{Rate: -1})
	for _, name := range []string{"snapshot-copy", "older"} {
		b.cloud.AddFunction("ap-guangzhou", "default", name)
	}
	delete(b.env, "TARGET_REGIONS")
	delete(b.env, "SOURCE_REGIONS")
	return b
}

// outcomes are the actions of a subscribe in short.
func (b *rig) outcomes(t *testing.T, code int, args string) string {
	t.Helper()
	stdout, _ := b.wantCode(t, code, strings.Fields("subscribe --json "+args)...)
	var parts []string
	for _, a := range reply(t, stdout).Actions {
		parts = append(parts, fmt.Sprintf("%s %s", a.Kind, a.Outcome))
	}
	return strings.Join(parts, ", ")
}

func (b *rig) wantOutcomes(t *testing.T, code int, args, want string) {
	t.Helper()
	if got := b.outcomes(t, code, args); got != want {
		t.Errorf("subscribe %s: got %q, want %q", args, got, want)
	}
}

// wantRule demands that there is just one rule, ours, with these functions.
func (b *rig) wantRule(t *testing.T, functions ...string) {
	t.Helper()
	rules := b.cloud.Rules("ap-guangzhou")
	if len(rules) != 1 || rules[0].Name != "snapferry-snapshot-copy" || rules[0].Pattern != job.RulePattern() || !rules[0].Enabled {
		t.Fatalf("got rules %+v", rules)
	}
	var got []string
	for _, target := range rules[0].Targets {
		got = append(got, target.Resource)
	}
	var want []string
	for _, f := range functions {
		want = append(want, "qcs::scf:ap-guangzhou:uin/"+b.cloud.Account()+":namespace/default/function/"+f+"/$DEFAULT")
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got targets %q, want %q", got, want)
	}
}

func TestSubscribeMakesTheRuleOnceAndMendsIt(t *testing.T) {
	b := eventful(t)
	b.wantOutcomes(t, 0, "--dry-run", "rule planned, target planned")
	if rules := b.cloud.Rules("ap-guangzhou"); len(rules) > 0 {
		t.Errorf("a dry run made %+v", rules)
	}
	stdout, _ := b.wantCode(t, 0, "subscribe")
	golden(t, "subscribe", stdout)
	b.wantRule(t, "snapshot-copy")
	b.wantOutcomes(t, 0, "", "rule exists, target exists")
	if n := b.cloud.Count("CreateRule") + b.cloud.Count("CreateTarget") + b.cloud.Count("UpdateRule"); n != 2 {
		t.Errorf("%d changes, want 2", n)
	}

	rule := b.cloud.Rules("ap-guangzhou")[0]
	b.eb(t, "UpdateRule", map[string]any{"EventBusId": rule.Bus, "RuleId": rule.ID, "EventPattern": `{"source":["x"]}`, "Enable": false})
	b.wantOutcomes(t, 0, "--dry-run", "rule planned, target exists")
	b.wantOutcomes(t, 0, "", "rule updated, target exists")
	b.wantRule(t, "snapshot-copy")

	b.wantOutcomes(t, 0, "--remove --dry-run", "rule would-delete, target would-delete")
	b.wantRule(t, "snapshot-copy")
	b.wantOutcomes(t, 0, "--remove", "rule deleted, target deleted")
	stdout, _ = b.wantCode(t, 0, "subscribe", "--remove")
	wantText(t, stdout, "nothing to remove")
	if rules := b.cloud.Rules("ap-guangzhou"); len(rules) > 0 || len(b.cloud.Complaints()) > 0 {
		t.Errorf("left: %+v, complaints: %q", rules, b.cloud.Complaints())
	}
}

// eb sends a request to EventBridge as a person at the console would.
func (b *rig) eb(t *testing.T, action string, params map[string]any) {
	t.Helper()
	send(t, b.env["API_ENDPOINT"], "eb", "2021-04-16", action, params)
}

func TestSubscribeChangesNothingOfOthers(t *testing.T) {
	b := eventful(t)
	b.wantOutcomes(t, 0, "--function older", "rule created, target created")
	_, stderr := b.wantCode(t, 1, "subscribe")
	wantText(t, stderr, "already sends events to qcs::scf:", "function/older", "--function", "subscribe --remove --function NAME")
	b.wantRule(t, "older")
	b.wantOutcomes(t, 0, "--remove", "rule kept")
	b.wantRule(t, "older")

	rule := b.cloud.Rules("ap-guangzhou")[0]
	ours := strings.Replace(rule.Targets[0].Resource, "older", "snapshot-copy", 1)
	for range 2 {
		b.eb(t, "CreateTarget", map[string]any{
			"EventBusId": rule.Bus, "RuleId": rule.ID, "Type": "scf", "TargetDescription": map[string]any{"ResourceDescription": ours},
		})
	}
	b.wantOutcomes(t, 0, "--remove --function older", "target deleted, rule kept")
	b.wantRule(t, "snapshot-copy", "snapshot-copy")
	b.wantOutcomes(t, 0, "", "target deleted, rule exists, target exists")
	b.wantRule(t, "snapshot-copy")
}

// Several runs at once may each make a rule, and so may a person.
func TestSubscribeLeavesOneRuleOfItsName(t *testing.T) {
	b := eventful(t)
	bus := b.cloud.AddEventBus(sim.EventBus{Name: "another"})
	b.eb(t, "CreateRule", map[string]any{"EventBusId": bus, "RuleName": job.RuleName, "EventPattern": job.RulePattern()})
	elsewhere := b.cloud.Rules("ap-guangzhou")[0].ID
	double := func() {
		b.wantOutcomes(t, 0, "", "rule created, target created")
		for _, r := range b.cloud.Rules("ap-guangzhou") {
			if r.Bus != bus {
				b.eb(t, "CreateRule", map[string]any{"EventBusId": r.Bus, "RuleName": job.RuleName, "EventPattern": job.RulePattern()})
			}
		}
	}
	double()
	b.wantOutcomes(t, 0, "--dry-run", "rule would-delete, rule exists, target exists")
	b.wantOutcomes(t, 0, "", "rule deleted, rule exists, target exists")
	b.wantOutcomes(t, 0, "--remove", "rule deleted, target deleted")
	double()
	b.wantOutcomes(t, 0, "--remove", "rule deleted, rule deleted, target deleted")
	if rules := b.cloud.Rules("ap-guangzhou"); len(rules) != 1 || rules[0].ID != elsewhere {
		t.Errorf("left: %+v, want the one on the other bus alone", rules)
	}
}

// The service has two forms of a function, and versions of it.
func TestSubscribeKnowsItsFunctionInEachForm(t *testing.T) {
	for _, form := range []string{
		"qcs::scf:ap-guangzhou:uin/%s:namespace/default/function/snapshot-copy/$LATEST",
		"qcs::custom_scf:ap-guangzhou:appid/1250000000/uin/%s:namespace/default/function/snapshot-copy/$DEFAULT",
	} {
		b := eventful(t)
		b.wantOutcomes(t, 0, "", "rule created, target created")
		rule := b.cloud.Rules("ap-guangzhou")[0]
		b.eb(t, "DeleteTarget", map[string]any{"EventBusId": rule.Bus, "RuleId": rule.ID, "TargetId": rule.Targets[0].ID})
		b.eb(t, "CreateTarget", map[string]any{
			"EventBusId": rule.Bus, "RuleId": rule.ID, "Type": "scf", "TargetDescription": map[string]any{"ResourceDescription": fmt.Sprintf(form, b.cloud.Account())},
		})
		b.wantOutcomes(t, 0, "", "rule exists, target exists")
		b.wantOutcomes(t, 0, "--remove", "rule deleted, target deleted")
	}
}

// A person's command that did not get through has not done what it was asked for.
func TestSubscribeFailsWithoutAnAnswer(t *testing.T) {
	for _, lost := range []string{"GetCallerIdentity", "ListEventBuses", "ListRules", "GetRule", "ListTargets", "DeleteTarget", "DeleteRule"} {
		b := eventful(t)
		b.wantOutcomes(t, 0, "", "rule created, target created")
		b.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Action == lost {
				return sim.Fault{Kind: sim.Refuse, Code: "InternalError"}
			}
			return sim.Fault{}
		})
		_, stderr := b.wantCode(t, 1, "subscribe", "--remove")
		wantText(t, stderr, "InternalError")
		if strings.HasPrefix(lost, "Delete") {
			wantText(t, stderr, `run "snapferry subscribe --remove" again`)
		}
		b.cloud.SetInject(nil)
		b.wantCode(t, 0, "subscribe", "--remove")
		if rules := b.cloud.Rules("ap-guangzhou"); len(rules) > 0 {
			t.Errorf("%s: left %+v", lost, rules)
		}
	}
}

func TestSubscribeSaysWhatARefusedTargetLeaves(t *testing.T) {
	for code, want := range map[string]string{
		"LimitExceeded": "delete event rules or targets that nobody needs", "InvalidParameterValue.TargetDescription": "InvalidParameterValue.TargetDescription",
		"UnauthorizedOperation": "snapferry policy subscribe",
	} {
		b := eventful(t)
		b.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Action == "CreateTarget" {
				return sim.Fault{Kind: sim.Refuse, Code: code}
			}
			return sim.Fault{}
		})
		_, stderr := b.wantCode(t, 1, "subscribe")
		wantText(t, stderr, want, "until then rule snapferry-snapshot-copy is there and sends nothing")
	}
}

func TestSubscribeSaysWhatToDo(t *testing.T) {
	b := eventful(t)
	_, stderr := b.wantCode(t, 1, "subscribe", "--function", "not-there")
	wantText(t, stderr, "function not-there is not deployed in ap-guangzhou: deploy it", "run this again", "rule snapferry-snapshot-copy is there and sends nothing")
	b.wantRule(t)
	b.wantOutcomes(t, 0, "", "target created, rule exists") // it takes up what the failed one left
	b.wantRule(t, "snapshot-copy")
	for _, args := range []string{"subscribe --function=", "subscribe --function=a/b", "subscribe --function=9"} {
		_, stderr := b.wantCode(t, 2, strings.Fields(args)...)
		wantText(t, stderr, "is no name of a function")
	}
	for _, action := range []string{"ListEventBuses", "ListRules", "GetRule", "ListTargets", "GetCallerIdentity"} {
		denied := key
		denied.Deny = []string{action}
		b.cloud.AddKey(denied)
		_, stderr := b.wantCode(t, 1, "subscribe")
		wantText(t, stderr, "not authorized to perform name/", ":"+action, `grant the named action to the role: "snapferry policy subscribe" prints what is needed`)
	}
}

func TestSubscribeWithoutAPermissionToChangeSaysWhatIsThere(t *testing.T) {
	for denied, want := range map[string]string{
		"CreateRule": "rule failed", "CreateTarget": "target failed, rule created", "UpdateRule": "rule failed", "DeleteTarget": "target failed", "DeleteRule": "rule failed, target deleted",
	} {
		b := eventful(t)
		args := ""
		if denied == "UpdateRule" || strings.HasPrefix(denied, "Delete") {
			b.wantOutcomes(t, 0, "", "rule created, target created")
			b.spoilRule()
		}
		if strings.HasPrefix(denied, "Delete") {
			args = "--remove"
		}
		without := key
		without.Deny = []string{denied}
		b.cloud.AddKey(without)
		b.wantOutcomes(t, 1, args, want)
	}
}

func TestSubscribeAfterALostReplyMakesNoSecondRule(t *testing.T) {
	b := eventful(t)
	for _, lost := range []string{"CreateRule", "CreateTarget"} {
		b.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Action == lost {
				return sim.Fault{Kind: sim.LoseReply}
			}
			return sim.Fault{}
		})
		_, stderr := b.wantCode(t, 1, "subscribe")
		wantText(t, stderr, `it may have happened all the same: run "snapferry subscribe" again`)
	}
	b.cloud.SetInject(nil)
	b.wantOutcomes(t, 0, "", "rule exists, target exists")
	b.wantRule(t, "snapshot-copy")
}

// The rule takes the vendor's events of each product, way of calling and action.
func TestTheRuleTakesTheEventsThatTheFunctionKnows(t *testing.T) {
	b := eventful(t)
	for _, product := range []string{"cbs", "cvm"} {
		for _, way := range []string{"ApiCall", "ConsoleCall", "MiniProgramCall"} {
			for _, action := range []string{"CreateSnapshot", "CreateSnapshotGroup", "DeleteSnapshots", "ModifySnapshotAttribute"} {
				event, err := json.Marshal(map[string]any{
					"source": product + ".cloud.tencent", "type": product + ":CloudEvent:" + way, "data": map[string]any{"eventName": action},
				})
				if err != nil {
					t.Fatal(err)
				}
				b.eb(t, "CheckRule", map[string]any{"Event": string(event), "EventPattern": job.RulePattern()})
			}
		}
	}
}
