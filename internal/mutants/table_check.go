package main

// checkMutants are mistakes in what a check says of the functions as they are deployed.
var checkMutants = []mutant{{
	name: "a policy that denies counts for nothing", pkg: "./internal/policy", test: "TestDocumentsOfARoleAreJudged",
	edits: []edit{{"internal/policy", "\tcase denied == yes:\n\t\treturn no\n", ""}},
}, {
	name: "a policy that can't be read allows nothing", pkg: "./internal/policy", test: "TestDocumentsOfARoleAreJudged",
	edits: []edit{{"internal/policy", "allowed == no && j.unread, ", ""}},
}, {
	name: "a permission under a condition counts as given", pkg: "./internal/policy", test: "TestDocumentsOfARoleAreJudged",
	edits: []edit{{"internal/policy", "s.Condition != nil || !slices", "!slices"}},
}, {
	name: "a denial that can't be read counts for nothing", pkg: "./internal/policy", test: "TestDocumentsOfARoleAreJudged",
	edits: []edit{{"internal/policy", "denied == perhaps || j.mayDeny", "denied == perhaps"}},
}, {
	name: "a denial under block storage's own name counts for nothing", pkg: "./internal/policy", test: "TestDocumentsOfARoleAreJudged",
	edits: []edit{{"internal/policy", "case ok && about(\"cbs:\"+rest):", "case false && ok && about(rest):"}},
}, {
	name: "what a function needs with its own settings does not count", pkg: "./internal/cli", test: "TestACheckSaysWhatTheDeploymentLacks",
	edits: []edit{{"handler", "if !slices.Contains(calls, call) {", "if false {"}},
}, {
	name: "what a function will need with the settings of the check does not count", pkg: "./internal/cli", test: "TestACheckSaysWhatTheDeploymentLacks",
	edits: []edit{{"handler", "calls = policy.Calls(job, j.Settings)", "calls = nil"}},
}, {
	name: "a timer that only tries will do", pkg: "./handler", test: "TestACheckSaysWhatIsGreenYellowAndRed",
	edits: []edit{{"handler", "(r.DryRun == nil || !*r.DryRun)", "true"}},
}, {
	name: "a statement with a part that is not known is believed", pkg: "./internal/policy", test: "TestDocumentsOfARoleAreJudged",
	edits: []edit{{"internal/policy", "\td.DisallowUnknownFields()\n", ""}},
}, {
	name: "any role is trusted by functions", pkg: "./internal/policy", test: "TestATrustLetsFunctionsIn",
	edits: []edit{{"internal/policy", " && slices.Contains(s.Principal.Service, functions)", ""}},
}, {
	name: "the order of regions counts as another rule", pkg: "./internal/settings", test: "TestDifferencesThatCount",
	edits: []edit{{"internal/settings", "\t\tslices.Sort(parts)\n", ""}},
}, {
	name: "a secret that only one function has counts as a difference", pkg: "./internal/settings", test: "TestDifferencesThatCount",
	edits: []edit{{"internal/settings", "v.secret && (x == \"\" || y == \"\"), ", ""}},
}, {
	name: "a policy that is out of use is read", pkg: "./internal/cli", test: "TestACheckSaysWhatTheDeploymentLacks",
	edits: []edit{{"internal/tencent", "if p.Deactived == 0 {", "if true {"}},
}, {
	name: "only the first page of alarm policies is read", pkg: "./internal/cli", test: "TestACheckLooksForAnAlarm",
	edits: []edit{{"internal/tencent", "len(a.Policies) == 0 || seen >= a.TotalCount {", "true {"}},
}, {
	name: "an alarm that is on something else will do", pkg: "./internal/cli", test: "TestACheckLooksForAnAlarm",
	edits: []edit{{"internal/job", "return !slices.ContainsFunc(p.Metrics,", "return false && !slices.ContainsFunc(p.Metrics,"}},
}, {
	name: "what a role allows is not said where it is known", pkg: "./internal/cli", test: "TestACheckSaysWhatTheDeploymentLacks",
	edits: []edit{{"internal/job", "len(actions) > 0 && !c.judged[job]", "len(actions) > 0"}},
}}
