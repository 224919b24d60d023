package main

// tencentMutants are mistakes in speaking to the service.
var tencentMutants = []mutant{
	{
		name: "a copy is repeated blindly", pkg: "./internal/tencent", test: "TestCopiesAreNotRepeatedUnlessNotLookedAt",
		edits: []edit{{"internal/tencent", "case !t.once && e.mayPass():", "case e.mayPass():"}},
	},
	{
		name: "a refusal of one region is overlooked in an answer of success", pkg: "./internal/tencent", test: "TestCopyAnswersRegionByRegion",
		edits: []edit{{"internal/tencent", "if row != nil && row.began() {", "if row != nil {"}},
	},
	{
		name: "a region that the answer leaves out counts as copied", pkg: "./internal/tencent", test: "TestCopyReadsOddAnswers",
		edits: []edit{{"internal/tencent", "\tif row != nil && row.began() {\n", "\tif row == nil {\n\t\treturn cloud.CopyResult{Region: to}\n\t}\n\tif row.began() {\n"}},
	},
	{
		name: "times are read as UTC", pkg: "./internal/tencent", test: "TestTimesMeanUTCPlus8UnlessTheySayOtherwise",
		edits: []edit{{"internal/tencent", `time.FixedZone("UTC+8", 8*60*60)`, "time.UTC"}},
	},
	{
		name: "pages do not overlap", pkg: "./internal/tencent", test: "TestListsAreWholeWhileSnapshotsComeAndGo",
		edits: []edit{
			{"internal/tencent", "!r.known[b.id(&p.rows[0])]", "len(r.known) == 0"},
			{"internal/tencent", "offset, back = end-1, false", "offset, back = end, false"},
		},
	},
	{
		name: "only the first page is read", pkg: "./internal/tencent", test: "TestListsCostNoMoreThanTheyMust",
		edits: []edit{{"internal/tencent", "if (p.total >= 0 && end >= p.total) ||", "if r.total = min(p.total, end); end >= 0 ||"}},
	},
	{
		name: "a part of a list is returned with its error", pkg: "./internal/tencent", test: "TestAFailedPageFailsTheList",
		edits: []edit{{"internal/tencent", "whole, err := b.once(ctx, &r)\n\t\tif err != nil {\n\t\t\treturn nil, err\n", "whole, err := b.once(ctx, &r)\n\t\tif err != nil {\n\t\t\treturn r.rows, nil\n"}},
	},
	{
		name: "a code nobody knows counts as a refusal", pkg: "./internal/tencent", test: "TestEveryCodeHasAMeaning",
		edits: []edit{{"internal/tencent", "return CodeInfo{Code: code, Meaning: cloud.MayHaveHappened, Hint: hintAgain}", "return CodeInfo{Code: code, Meaning: cloud.WrongRequest, Hint: hintAgain}"}},
	},
	{
		name: "only one of the codes for too fast is known", pkg: "./internal/tencent", test: "TestThrottledCopiesAreRepeated",
		edits: []edit{{"internal/tencent", `firstPart(e.Code) == "RequestLimitExceeded"`, `e.Code == "RequestLimitExceeded"`}},
	},
	{
		name: "the filter by name is trusted", pkg: "./internal/tencent", test: "TestNamesMatchExactly",
		edits: []edit{{"internal/tencent", "return !slices.Contains(names, s.Name)", "return s.Name == \"\""}},
	},
	{
		name: "tags go under the prefix that does nothing", pkg: "./internal/tencent", test: "TestTheServiceDoesWhatWeRelyOn",
		edits: []edit{{"internal/tencent", `"qcs::cvm:%s:uin/%s:snapshot/%s"`, `"qcs::cbs:%s:uin/%s:snapshot/%s"`}},
	},
	{
		name: "an idle second buys a burst", pkg: "./internal/tencent", test: "TestAnIdleSecondBuysNoBurst",
		edits: []edit{{"internal/tencent", "rate.NewLimiter(p.limit, 1)", "rate.NewLimiter(p.limit, 20)"}},
	},
	{
		name: "the age of a look does not count the wait for the pace", pkg: "./internal/tencent", test: "TestTheAgeOfALookCountsTheWaitForThePace",
		edits: []edit{
			{"internal/tencent", "c.past(t.notAfter, 0)", "false"},
			{"internal/tencent", "\tif end, ok := c.end(t); ok {\n", "\tif end, ok := c.end(t); ok && t.notAfter.IsZero() {\n"},
		},
	},
	{
		name: "a finance region is asked at the common host", pkg: "./internal/tencent", test: "TestFinanceRegionsCopyThroughTheirOwnHost",
		edits: []edit{{"internal/tencent", "if cloud.IsFinance(name) {", "if cloud.IsFinance(service) {"}},
	},
	{
		name: "an error shows a credential that a proxy echoed", pkg: "./internal/tencent", test: "TestErrorsAreOneLineWithoutCredentials",
		edits: []edit{{"internal/tencent", "if len(secret) >= shortestValue {", "if len(secret) < shortestValue {"}},
	},
	{
		name: "redirects are followed with the signed request", pkg: "./internal/tencent", test: "TestRedirectsAreNotFollowed",
		edits: []edit{{"internal/tencent", `	resp.Header.Del("Location")`, ""}},
	},
}
