package sim_test

import (
	"strings"
	"testing"

	"snapferry/internal/sim"
)

// Functions, roles and alarms can be asked for in the documented way, and in no other.
func TestWhatIsDeployedIsAskedForStrictly(t *testing.T) {
	service := map[string]string{"GetFunction": "scf", "DescribeAlarmPolicies": "monitor"}
	for request, code := range map[string]string{
		`GetFunction {}`:                                           "MissingParameter",
		`GetFunction {"FunctionName":"other"}`:                     "ResourceNotFound.Function",
		`GetFunction {"FunctionName":"timed","Namespace":"other"}`: "ResourceNotFound.Function",
		`GetFunction {"FunctionName":"timed","Qualifier":"3"}`:     "ResourceNotFound.Qualifier",
		`GetFunction {"FunctionName":"timed","ShowCode":"yes"}`:    "InvalidParameterValue",
		`GetRole {}`:                                     "InvalidParameter.ParamError",
		`GetRole {"RoleName":"Others"}`:                  "InvalidParameter.RoleNotExist",
		`ListAttachedRolePolicies {"RoleName":"Copies"}`: "MissingParameter",
		`ListAttachedRolePolicies {"RoleName":"Copies","Page":1,"Rp":201}`:    "InvalidParameter.ParamError",
		`ListAttachedRolePolicies {"RoleName":"Others","Page":1,"Rp":1}`:      "InvalidParameter.RoleNotExist",
		`GetPolicy {"PolicyId":"13800001"}`:                                   "InvalidParameter",
		`GetPolicy {"PolicyId":1}`:                                            "ResourceNotFound.PolicyIdNotFound",
		`DescribeAlarmPolicies {}`:                                            "MissingParameter",
		`DescribeAlarmPolicies {"Module":"scf"}`:                              "InvalidParameterValue",
		`DescribeAlarmPolicies {"Module":"monitor","PageSize":101}`:           "InvalidParameter",
		`DescribeAlarmPolicies {"Module":"monitor","PageNumber":0}`:           "InvalidParameter",
		`DescribeAlarmPolicies {"Module":"monitor","MonitorTypes":["MT_X"]}`:  "InvalidParameterValue",
		`DescribeAlarmPolicies {"Module":"monitor","Limit":1}`:                "UnknownParameter",
		`GetFunction {"FunctionName":"timed","ShowCode":"TRUE"} with a frown`: "",
	} {
		bubble(t, sim.Options{}, func(t *testing.T, c *sim.Cloud) {
			sampleParams(t, c)
			action, params, _ := strings.Cut(request, " ")
			params, frown, _ := strings.Cut(params, " with")
			a := ask{service: service[action], action: action, region: gz, params: params}
			if a.service == "" {
				a.service = "cam"
			}
			want(t, request, a.code(t, c), code)
			want(t, "complaints about "+request, len(c.Complaints()) > 0, frown != "")
		})
	}
}

func TestTheirListsHavePages(t *testing.T) {
	bubble(t, sim.Options{}, func(t *testing.T, c *sim.Cloud) {
		c.SetRole(sim.Role{Name: "r", Policies: make([]sim.Policy, 5)})
		for range 5 {
			c.AddAlarmPolicy(sim.AlarmPolicy{})
		}
		for page, rows := range map[string]int{"1": 2, "3": 1, "4": 0} {
			list := ask{service: "cam", action: "ListAttachedRolePolicies", params: `{"RoleName":"r","Rp":2,"Page":` + page + `}`}.send(t, c)
			want(t, "policies", len(list["List"].([]any)), rows)
			list = ask{service: "monitor", action: "DescribeAlarmPolicies", params: `{"Module":"monitor","PageSize":2,"PageNumber":` + page + `}`}.send(t, c)
			want(t, "alarms", len(list["Policies"].([]any)), rows)
		}
	})
}
