package sim_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"snapferry/internal/sim"
)

const created = `{"source":["cbs.cloud.tencent"],"data":{"eventName":["CreateSnapshot"]}}`

func object(fields map[string]any) string {
	b, _ := json.Marshal(fields)
	return string(b)
}

func newRule(bus, name string) string {
	return object(map[string]any{"EventBusId": bus, "RuleName": name, "EventPattern": created})
}

func newTarget(c *sim.Cloud, bus, rule, function string) string {
	return object(map[string]any{
		"EventBusId": bus, "RuleId": rule, "Type": "scf",
		"TargetDescription": map[string]any{
			"ResourceDescription": "qcs::scf:ap-guangzhou:uin/" + c.Account() + ":namespace/default/function/" + function + "/$DEFAULT",
			"SCFParams":           map[string]any{"BatchEventCount": 10, "BatchTimeout": 5, "EnableBatchDelivery": true},
		},
	})
}

// eb sends a request for EventBridge in ap-guangzhou.
func eb(t *testing.T, c *sim.Cloud, action, params string) map[string]any {
	t.Helper()
	return ask{service: "eb", action: action, region: gz, params: params}.send(t, c)
}

func ebCode(t *testing.T, c *sim.Cloud, action, params string) string {
	t.Helper()
	return ask{service: "eb", action: action, region: gz, params: params}.code(t, c)
}

// cloudBus asks for the bus of the cloud's services.
func cloudBus(t *testing.T, c *sim.Cloud) string {
	t.Helper()
	rows, _ := eb(t, c, "ListEventBuses", `{"Filters":[{"Name":"Type","Values":["Cloud"]}]}`)["EventBuses"].([]any)
	if len(rows) != 1 {
		t.Fatalf("%d buses of type Cloud, want 1", len(rows))
	}
	return rows[0].(map[string]any)["EventBusId"].(string)
}

// subscribed makes a rule with a function as its target.
func subscribed(t *testing.T, c *sim.Cloud, bus string) (rule, target string) {
	t.Helper()
	rule, _ = eb(t, c, "CreateRule", newRule(bus, "snapshots"))["RuleId"].(string)
	target, _ = eb(t, c, "CreateTarget", newTarget(c, bus, rule, "copy"))["TargetId"].(string)
	if rule == "" || target == "" {
		t.Fatalf("rule %q, target %q", rule, target)
	}
	return rule, target
}

func TestTheCloudsBusIsInGuangzhouOnly(t *testing.T) {
	c := newCloud(sim.Options{})
	cloudBus(t, c)
	elsewhere := ask{service: "eb", action: "ListEventBuses", region: sh, params: "{}"}.send(t, c)
	want(t, "buses in ap-shanghai", elsewhere["TotalCount"], any(0.0))
	want(t, "without a region", ask{service: "eb", action: "ListEventBuses", params: "{}"}.code(t, c), "MissingParameter")
}

func TestARuleAndItsTarget(t *testing.T) {
	bubble(t, sim.Options{}, func(t *testing.T, c *sim.Cloud) {
		bus := cloudBus(t, c)
		rule, target := subscribed(t, c, bus)
		time.Sleep(time.Hour)
		reply := eb(t, c, "UpdateRule", object(map[string]any{
			"EventBusId": bus, "RuleId": rule, "RuleName": "renamed", "EventPattern": `{"source":["x"]}`, "Enable": false,
		}))
		want(t, "fields of UpdateRule's reply", len(reply), 1)
		rows := eb(t, c, "ListRules", `{"EventBusId":"`+bus+`"}`)["Rules"].([]any)
		row := rows[0].(map[string]any)
		want(t, "name", row["RuleName"], any("renamed"))
		want(t, "enabled", row["Enable"], any(false))
		want(t, "added", row["AddTime"], any("2000-01-01T08:00:00+08:00"))
		want(t, "changed", row["ModTime"], any("2000-01-01T09:00:00+08:00"))
		targets := eb(t, c, "ListTargets", `{"EventBusId":"`+bus+`","RuleId":"`+rule+`"}`)["Targets"].([]any)
		shown := targets[0].(map[string]any)
		want(t, "target", shown["TargetId"], any(target))
		want(t, "batch", shown["BatchEventCount"], any(10.0))
		truth := c.Rules(gz)
		want(t, "rules", len(truth), 1)
		want(t, "pattern", truth[0].Pattern, `{"source":["x"]}`)
		want(t, "resource", truth[0].Targets[0].Resource, "qcs::scf:ap-guangzhou:uin/"+c.Account()+":namespace/default/function/copy/$DEFAULT")
		want(t, "complaints", kinds(c), "")
	})
}

func TestListsOfRulesComeInPagesNewestFirst(t *testing.T) {
	bubble(t, sim.Options{}, func(t *testing.T, c *sim.Cloud) {
		bus := cloudBus(t, c)
		for _, name := range []string{"bb", "cc", "aa"} {
			want(t, name, ebCode(t, c, "CreateRule", newRule(bus, name)), "")
			time.Sleep(time.Minute)
		}
		cases := []struct{ name, more, want string }{
			{"as it comes", "", "aa cc bb"},
			{"oldest first", `,"Order":"ASC"`, "bb cc aa"},
			{"by name", `,"Order":"ASC","OrderBy":"name"`, "aa bb cc"},
			{"the second page", `,"Limit":1,"Offset":1`, "cc"},
			{"beyond the end", `,"Offset":7`, ""},
		}
		for _, tc := range cases {
			reply := eb(t, c, "ListRules", `{"EventBusId":"`+bus+`"`+tc.more+`}`)
			var names []string
			for _, row := range reply["Rules"].([]any) {
				names = append(names, row.(map[string]any)["RuleName"].(string))
			}
			want(t, tc.name, strings.Join(names, " "), tc.want)
			want(t, "total", reply["TotalCount"], any(3.0))
		}
	})
}

func TestWhatEventBridgeRefuses(t *testing.T) {
	c := newCloud(sim.Options{Rate: -1})
	bus := cloudBus(t, c)
	rule, _ := subscribed(t, c, bus)
	with := func(params, old, text string) string { return strings.Replace(params, old, text, 1) }
	aRule, aTarget := newRule(bus, "one"), newTarget(c, bus, rule, "f")
	cases := []struct{ name, action, params, want string }{
		{"no bus", "ListRules", `{}`, "MissingParameter"},
		{"an unknown bus", "ListRules", `{"EventBusId":"eb-00000000"}`, "ResourceNotFound.EventBus"},
		{"an unknown rule", "ListTargets", `{"EventBusId":"` + bus + `","RuleId":"rule-00000000"}`, "ResourceNotFound.Rule"},
		{"an unknown rule to change", "UpdateRule", `{"EventBusId":"` + bus + `","RuleId":"rule-00000000"}`, "ResourceNotFound.Rule"},
		{"a page too large", "ListRules", `{"EventBusId":"` + bus + `","Limit":101}`, "InvalidParameterValue.Limit"},
		{"an order", "ListRules", `{"EventBusId":"` + bus + `","Order":"asc"}`, "InvalidParameterValue.Order"},
		{"a field to order by", "ListRules", `{"EventBusId":"` + bus + `","OrderBy":"created_at"}`, "InvalidParameterValue.OrderBy"},
		{"a filter", "ListEventBuses", `{"Filters":[{"Name":"Kind","Values":["Cloud"]}]}`, "InvalidParameterValue.Filters"},
		{"too many values", "ListEventBuses", `{"Filters":[{"Name":"Type","Values":["1","2","3","4","5","6"]}]}`, "InvalidParameterValue.Filters"},
		{"an unknown parameter", "ListEventBuses", `{"OrderField":"x"}`, "UnknownParameter"},
		{"a rule without a name", "CreateRule", with(aRule, "one", ""), "MissingParameter"},
		{"a name that ends in a dash", "CreateRule", with(aRule, "one", "one-"), "InvalidParameterValue.RuleName"},
		{"a name that begins with a digit", "CreateRule", with(aRule, "one", "1ne"), "InvalidParameterValue.RuleName"},
		{"a name of one letter", "CreateRule", with(aRule, "one", "o"), "InvalidParameterValue.RuleName"},
		{"a name of 61 letters", "CreateRule", with(aRule, "one", strings.Repeat("o", 61)), "InvalidParameterValue.RuleName"},
		{"a request that is no JSON", "CreateRule", with(aRule, `"`, ""), "InvalidParameter"},
		{"a pattern that is no JSON", "CreateRule", with(aRule, `{\"source`, `\"source`), "InvalidParameterValue.EventPattern"},
		{"a rule changed to no pattern", "UpdateRule", `{"EventBusId":"` + bus + `","RuleId":"` + rule + `","EventPattern":"{}"}`, "InvalidParameterValue.EventPattern"},
		{"a target without a type", "CreateTarget", with(aTarget, `"scf"`, `""`), "MissingParameter"},
		{"a target of another type", "CreateTarget", with(aTarget, `"scf"`, `"function"`), "InvalidParameterValue.Type"},
		{"a function without a version", "CreateTarget", with(aTarget, "/$DEFAULT", ""), "InvalidParameterValue.TargetDescription"},
		{"a function in no region", "CreateTarget", with(aTarget, "scf:ap-guangzhou", "scf:ap-nowhere"), "InvalidParameterValue.TargetDescription"},
		{"a function of others", "CreateTarget", with(aTarget, c.Account(), "7"), "OperationDenied.AccountNotExists"},
		{"a function that is not deployed", "CreateTarget", with(aTarget, "function/f", "function/g"), "ResourceNotFound.Function"},
		{"an unknown rule to read", "GetRule", `{"EventBusId":"` + bus + `","RuleId":"rule-00000000"}`, "ResourceNotFound.Rule"},
		{"an unknown rule to delete", "DeleteRule", `{"EventBusId":"` + bus + `","RuleId":"rule-00000000"}`, "ResourceNotFound.Rule"},
		{"an unknown target to delete", "DeleteTarget", `{"EventBusId":"` + bus + `","RuleId":"` + rule + `","TargetId":"target-00000000"}`, "ResourceNotFound.Target"},
		{"a finger's slip in the description", "CreateTarget", with(aTarget, "SCFParams", "ScfParams"), "UnknownParameter"},
		{"a batch of less than nothing", "CreateTarget", with(aTarget, `"BatchEventCount":10`, `"BatchEventCount":-5`), "InvalidParameterValue.BatchEventCount"},
		{"a batch of too many", "CreateTarget", with(aTarget, `"BatchEventCount":10`, `"BatchEventCount":10001`), "InvalidParameterValue.BatchEventCount"},
		{"a batch before its time", "CreateTarget", with(aTarget, `"BatchTimeout":5`, `"BatchTimeout":-1`), "InvalidParameterValue.BatchTimeout"},
		{"a target without a resource", "CreateTarget", `{"EventBusId":"` + bus + `","RuleId":"` + rule + `","Type":"cls","TargetDescription":{}}`, "InvalidParameterValue.TargetDescription"},
		{"the published form with an appid", "CreateTarget", with(aTarget, "qcs::scf:ap-guangzhou:", "qcs::custom_scf:ap-guangzhou:appid/125/"), ""},
		{"the longest name", "CreateRule", with(aRule, "one", strings.Repeat("o", 60)), ""},
		{"a Chinese name", "CreateRule", with(aRule, "one", "快照"), ""},
	}
	for _, tc := range cases {
		want(t, tc.name, ebCode(t, c, tc.action, tc.params), tc.want)
	}
	want(t, "complaints", kinds(c), "")
}

func TestASecondRuleAndASecondTargetAreComplainedOf(t *testing.T) {
	c := newCloud(sim.Options{})
	bus := cloudBus(t, c)
	rule, _ := subscribed(t, c, bus)
	want(t, "code", ebCode(t, c, "CreateRule", newRule(bus, "snapshots")), "")
	want(t, "code", ebCode(t, c, "CreateTarget", newTarget(c, bus, rule, "copy")), "")
	want(t, "its own name", ebCode(t, c, "UpdateRule", `{"EventBusId":"`+bus+`","RuleId":"`+rule+`","RuleName":"other"}`), "")
	want(t, "its own name again", ebCode(t, c, "UpdateRule", `{"EventBusId":"`+bus+`","RuleId":"`+rule+`","RuleName":"other"}`), "")
	want(t, "the other's name", ebCode(t, c, "UpdateRule", `{"EventBusId":"`+bus+`","RuleId":"`+rule+`","RuleName":"snapshots"}`), "")
	want(t, "complaints", kinds(c), "double-rule double-target double-rule")
}

func TestPatterns(t *testing.T) {
	const event = `{"source":"cbs.cloud.tencent","type":"cbs:CloudEvent:ApiCall","n":7,"list":["a"],"data":{"eventName":"CreateSnapshot","errorCode":"0"}}`
	const bad = "InvalidParameterValue.EventPattern"
	cases := []struct{ name, pattern, want string }{
		{"one value", `{"source":["cbs.cloud.tencent"]}`, ""},
		{"one of several", `{"source":["cvm.cloud.tencent","cbs.cloud.tencent"]}`, ""},
		{"a value without a list", `{"source":"cbs.cloud.tencent"}`, ""},
		{"nested", created, ""},
		{"a prefix", `{"type":[{"prefix":"cbs:CloudEvent:"}]}`, ""},
		{"a number", `{"n":[7]}`, ""},
		{"another value", `{"source":["cvm.cloud.tencent"]}`, bad},
		{"other letters", `{"source":["CBS.cloud.tencent"]}`, bad},
		{"only one key of two", `{"source":["cbs.cloud.tencent"],"data":{"eventName":["DeleteSnapshots"]}}`, bad},
		{"another prefix", `{"type":[{"prefix":"cvm:"}]}`, bad},
		{"a prefix of a number", `{"n":[{"prefix":"7"}]}`, bad},
		{"a number as text", `{"n":["7"]}`, bad},
		{"a key that is absent", `{"region":["ap-guangzhou"]}`, bad},
		{"an object where there is none", `{"source":{"a":["b"]}}`, bad},
		{"a list where an object is", `{"data":["CreateSnapshot"]}`, bad},
		{"empty", `{}`, bad},
		{"an empty list", `{"source":[]}`, bad},
		{"an empty object", `{"data":{}}`, bad},
		{"an unknown operator", `{"type":[{"endsWith":"ApiCall"}]}`, bad},
		{"a list in a list", `{"type":[["a"]]}`, bad},
		{"no object", `["a"]`, bad},
		{"no JSON", `{`, bad},
	}
	c := newCloud(sim.Options{Rate: -1})
	for _, tc := range cases {
		want(t, tc.name, ebCode(t, c, "CheckRule", object(map[string]any{"Event": event, "EventPattern": tc.pattern})), tc.want)
	}
	want(t, "an event that is none", ebCode(t, c, "CheckRule", object(map[string]any{"Event": "xdd", "EventPattern": created})), "InvalidParameter.Payload")
	want(t, "no event", ebCode(t, c, "CheckRule", object(map[string]any{"EventPattern": created})), "MissingParameter")
	want(t, "no pattern", ebCode(t, c, "CheckRule", object(map[string]any{"Event": event})), "MissingParameter")
}

func TestCallsReachTheFunctionsOfTheRulesThatTakeThem(t *testing.T) {
	var got []sim.Delivery
	bubble(t, sim.Options{Deliver: func(d sim.Delivery) { got = append(got, d) }}, func(t *testing.T, c *sim.Cloud) {
		bus := cloudBus(t, c)
		disk := c.AddDisk(sim.Disk{Region: sh})
		snapshot := ask{action: "CreateSnapshot", region: sh, params: `{"DiskId":"` + disk + `"}`}
		want(t, "before there is a rule", snapshot.code(t, c), "")
		rule, target := subscribed(t, c, bus)
		want(t, "another action", ask{action: "DescribeSnapshots", region: sh, params: `{}`}.code(t, c), "")
		want(t, "deliveries", len(got), 0)
		id := snapshot.send(t, c)["SnapshotId"].(string)
		want(t, "a call that is refused", ask{action: "CreateSnapshot", region: sh, params: `{"DiskId":"disk-none0000"}`}.code(t, c), "InvalidDiskId.NotFound")
		want(t, "deliveries", len(got), 2)
		want(t, "function", got[0].Function, gz+"/default/copy")
		for _, part := range []string{`"EventList":[`, `"eventRegion":"ap-shanghai"`, `\"SnapshotId\":\"` + id + `\"`, `\"DiskId\":\"` + disk + `\"`, `"secretId":"AKIDtest"`, `"apiErrorCode":""`} {
			if !strings.Contains(string(got[0].Event), part) {
				t.Errorf("the event lacks %s: %s", part, got[0].Event)
			}
		}
		if !strings.Contains(string(got[1].Event), `"apiErrorCode":"InvalidDiskId.NotFound"`) {
			t.Errorf("the event says nothing of the error: %s", got[1].Event)
		}
		ids := `{"EventBusId":"` + bus + `","RuleId":"` + rule + `","TargetId":"` + target + `"}`
		want(t, "DeleteTarget", ebCode(t, c, "DeleteTarget", ids), "")
		want(t, "without a target", snapshot.code(t, c), "")
		want(t, "DeleteRule", ebCode(t, c, "DeleteRule", `{"EventBusId":"`+bus+`","RuleId":"`+rule+`"}`), "")
		want(t, "deliveries", len(got), 2)
		want(t, "rules", len(c.Rules(gz)), 0)
		want(t, "complaints", kinds(c), "")
	})
}
