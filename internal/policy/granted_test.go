package policy_test

import (
	"strings"
	"testing"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
	"snapferry/internal/policy"
	"snapferry/internal/settings"
)

// Documents of the forms that the vendor shows, and what they leave undone. A letter
// stands for each action: d DescribeSnapshots, c CopySnapshotCrossRegions, x
// DeleteSnapshots and y DeleteSnapshot, which are one call, t tag:TagResources.
func TestDocumentsOfARoleAreJudged(t *testing.T) {
	letters := strings.NewReplacer("name/cvm:DescribeSnapshots", "d", "name/cvm:CopySnapshotCrossRegions", "c",
		"name/cvm:DeleteSnapshots", "x", "name/cvm:DeleteSnapshot", "y", "name/tag:TagResources", "t")
	statement := func(rest string) string { return `{"version":"2.0","statement":[` + rest + `]}` }
	allow := func(actions string) string {
		return statement(`{"effect":"allow","action":` + actions + `,"resource":"*"}`)
	}
	for documents, want := range map[string]string{ // missing, unsure
		"": "dcxyt /",
		statement(`{"effect":"allow","action":["*"],"resource":["*"]}`): "/",
		allow(`"name/cvm:*"`):                                          "t /",
		allow(`"cvm:*"`):                                               "t /",
		allow(`"NAME/cvm:describe*"`):                                  "dcxyt /",
		allow(`"name/cvm:describe*"`):                                  "cxyt /",
		allow(`["name/cvm:Copy*","name/cvm:DeleteSnapshots"]`):         "dt / y",
		allow(`["name/cbs:Copy*"]`):                                    "dxyt / c",
		allow(`"name/cvm:*"`) + "|" + allow(`"name/tag:TagResources"`): "/",
		allow(`"*"`) + "|" + statement(`{"effect":"deny","action":"name/tag:*","resource":"*"}`):                             "t /",
		allow(`"*"`) + "|" + statement(`{"effect":"deny","action":"name/tag:*","resource":"qcs::cvm:::x"}`):                  "/ t",
		allow(`"*"`) + "|" + statement(`{"effect":"deny","action":"name/cbs:Copy*","resource":"*"}`):                         "/ c",
		allow(`"*"`) + "|" + statement(`{"effect":"deny","not_action":"name/cvm:*","resource":"*"}`):                         "/ dcxyt",
		allow(`"*"`) + "|" + statement(`{"effect":"Deny","action":"name/tag:*","resource":"*"}`):                             "t /",
		statement(`{"Effect":"Allow","Action":"*","Resource":"*"}`):                                                          "/",
		allow(`"*"`) + "|" + statement(`{"effect":"forbid","action":"name/tag:*","resource":"*"}`):                           "/ t",
		allow(`"name/cvm:*"`) + "|" + statement(`{"effect":"deny","action":"name/tag:*","resource":"qcs::cvm:::x"}`):         "t /",
		allow(`"name/cvm:*"`) + "|" + statement(`{"effect":"allow","action":"*","resource":"*","condition":{"ip_equal":1}}`): "/ t",
		statement(`{"effect":"allow","action":"*","resource":["qcs::cvm:ap-beijing::*"]}`):                                   "/ dcxyt",
		statement(`{"effect":"allow","action":"*","resource":"*","only_if":1}`):                                              "/ dcxyt",
		"unread":                           "/ dcxyt",
		allow(`"name/cvm:*"`) + "|unread":  "/ t",
		`{"version":"1.0","statement":[]}`: "/ dcxyt",
		statement(`{"effect":"allow","not_action":["name/cam:*"],"resource":"*"}`): "/ dcxyt",
	} {
		missing, unsure := policy.Lacking([]string{"cbs:DescribeSnapshots", "cbs:CopySnapshotCrossRegions", "cbs:DeleteSnapshots", "tag:TagResources"}, listOf(documents))
		got := strings.Join(missing, "") + " / " + strings.Join(unsure, "")
		if got := strings.TrimSpace(letters.Replace(got)); got != want {
			t.Errorf("%s\nlacks %q, want %q", documents, got, want)
		}
	}
}

// listOf takes documents apart; "unread" is one without a text.
func listOf(documents string) (list []string) {
	for d := range strings.SplitSeq(documents, "|") {
		if d != "" {
			list = append(list, strings.TrimPrefix(d, "unread"))
		}
	}
	return list
}

// What this program prints is enough for itself.
func TestAJobsOwnPolicyLacksNothing(t *testing.T) {
	s := settings.Settings{Rules: plan.Rules{ShareAccounts: []string{"100000000077"}, Keep: plan.Keep{Last: 1}}}
	for _, job := range policy.Jobs() {
		if missing, unsure := policy.Lacking(policy.Calls(job, s), []string{policy.For([]cloud.Job{job}, s)}); len(missing)+len(unsure) > 0 {
			t.Errorf("%s lacks %v, %v", job, missing, unsure)
		}
	}
	if missing, _ := policy.Lacking(policy.Calls(cloud.Retain, s), []string{policy.For([]cloud.Job{cloud.Copy}, s)}); len(missing) == 0 {
		t.Error("the policy of copy is enough for retain")
	}
}

func TestATrustLetsFunctionsIn(t *testing.T) {
	for trust, want := range map[string][2]bool{
		policy.Trust(): {true, true},
		`{"version":"2.0","statement":[{"action":"name/sts:AssumeRole","effect":"allow","principal":{"service":"scf.qcloud.com"}}]}`:                            {true, true},
		`{"version":"2.0","statement":[{"action":"name/sts:AssumeRole","effect":"allow","principal":{"service":["cls.cloud.tencent.com"]}}]}`:                   {false, true},
		`{"version":"2.0","statement":[{"action":"name/sts:AssumeRole","effect":"deny","principal":{"service":["scf.qcloud.com"]}}]}`:                           {false, true},
		`{"version":"2.0","statement":[{"action":"name/sts:AssumeRole","effect":"allow","principal":{"qcs":["qcs::cam::uin/1:root"]}}]}`:                        {false, true},
		`{"version":"2.0","statement":[{"action":"name/sts:AssumeRole","effect":"Allow","principal":{"service":"scf.qcloud.com"}}]}`:                            {true, true},
		`{"version":"2.0","statement":[{"action":"name/sts:AssumeRole","effect":"allow","principal":{"service":"scf.qcloud.com"},"condition":{"ip_equal":1}}]}`: {false, false},
		`{"version":"2.0","statement":[{"action":"name/sts:GetFederationToken","effect":"allow","principal":{"service":"scf.qcloud.com"}}]}`:                    {false, true},
		strings.Replace(policy.Trust(), `"statement": [`, `"statement": [{"action":"*","effect":"deny","principal":{"service":"scf.qcloud.com"}},`, 1):          {false, true},
		"": {false, false},
	} {
		if yes, ok := policy.Trusts(trust); [2]bool{yes, ok} != want {
			t.Errorf("%s: got %v, %v", trust, yes, ok)
		}
	}
}
