package main

// outsideMutants are mistakes in wiring the parts together, in reading settings
// and events, and in replying.
var outsideMutants = []mutant{
	{
		name: "a client is kept across invocations", pkg: "./handler", test: "TestEachInvocationSignsWithTheCredentialsItBrought",
		edits: []edit{
			{"handler", "\tcloud := h.Connect(Connection{", "\tif kept[h] == nil {\n\t\tkept[h] = h.Connect(Connection{"},
			{"handler", "Credentials: credentials, Cutoff: stop})\n", "Credentials: credentials, Cutoff: stop})\n\t}\n\tcloud := kept[h]\n"},
			{"handler", "// budget leaves time", "var kept = map[*Handler]Cloud{}\n\n// budget leaves time"},
		},
	},
	{
		name: "each invocation has a pace of its own", pkg: ".", test: "TestInvocationsAtOnceShareOnePaceForEachRate",
		edits: []edit{{".", "if pacers[rate] == nil {", "if pacers[rate] == nil || rate > 0 {"}},
	},
	{
		name: "the first invocation's rate is that of all", pkg: ".", test: "TestAnotherRateIsAnotherPace",
		edits: []edit{{".", "if pacers[rate] == nil {", "for _, p := range pacers {\n\t\t\tpacers[rate] = p\n\t\t}\n\t\tif pacers[rate] == nil {"}},
	},
	{
		name: "an event can lift the DRY_RUN of the settings", pkg: "./handler", test: "TestNoEventLiftsADryRunOfTheSettings",
		edits: []edit{{"handler", "if m.DryRun != nil && *m.DryRun {\n\t\tj.dry = true\n", "if m.DryRun != nil {\n\t\tj.dry = *m.DryRun\n"}},
	},
	{
		name: "a call that failed is taken for a new snapshot", pkg: "./handler", test: "TestEventsThatAskForNothingAreIgnoredWithTheReason",
		edits: []edit{{"internal/event", "failed := failure(data, response); failed != \"\"", "failed := failure(data, response); failed == \"?\""}},
	},
	{
		name: "one bad record spoils its batch", pkg: "./handler", test: "TestABadRecordCostsTheOthersOfItsBatchNothing",
		edits: []edit{{"handler", "note(r, plan.Failed, \"event record: \"+r.Err.Error())\n", "note(r, plan.Failed, \"event record: \"+r.Err.Error())\n\t\t\tj.order.Refs, j.idle = nil, true\n\t\t\treturn j\n"}},
	},
	{
		name: "an id is passed on as it came", pkg: "./internal/event", test: "TestEveryFixtureDecodesAsExpected",
		edits: []edit{{"internal/event", "if !ok || !valid(id) {", "if !ok {"}},
	},
	{
		name: "settled when the last action leaves nothing to do", pkg: "./handler", test: "TestOneThingLeftToDoIsNotSettled",
		edits: []edit{{"handler", "r.Settled = r.Settled && restful[a.Outcome]", "r.Settled = restful[a.Outcome]"}},
	},
	{
		name: "the status page answers any bearer", pkg: "./handler", test: "TestTheStatusPageAnswersOnlyWhoMayAsk",
		edits: []edit{{"handler", "return ok && subtle.ConstantTimeCompare([]byte(got), []byte(token.Reveal())) == 1", "return ok && subtle.ConstantTimeCompare([]byte(got), []byte(token.Reveal())) >= 0"}},
	},
	{
		name: "a keep rule of 0 is taken", pkg: "./internal/settings", test: "TestOneValueOfOneVariable",
		edits: []edit{{"internal/settings", "err != nil || n < 1 || n > uint64(most)", "err != nil || n > uint64(most)"}},
	},
	{
		name: "requests go in the clear to any host", pkg: "./internal/settings", test: "TestRequestsGoInTheClearOnlyToThisMachine",
		edits: []edit{{"internal/settings", "return err == nil && address.IsLoopback()", "return err == nil && address.IsValid()"}},
	},
	{
		name: "a mistake in a secret shows it", pkg: "./internal/settings", test: "TestMistakesInSecretsDoNotShowThem",
		edits: []edit{{"internal/settings", "r.name, r.hidden = v.Name, v.secret || url", "r.name, r.hidden = v.Name, url"}},
	},
	{
		name: "a duration may be negative or without a unit", pkg: "./internal/settings", test: "TestDurationsTakeDaysAndWeeks",
		edits: []edit{{"internal/settings", "if s != \"0\" && !hasDurationForm(s) {", "if s == \"\" {"}},
	},
	{
		name: "an id of one family goes with the key of another", pkg: "./internal/settings", test: "TestCredentialsComeFromOneFamilyOfNames",
		edits: []edit{{"internal/settings", "case key == \"\":\n", "case key == \"\":\n\t\t\tcontinue\n\t\tcase key == \"?\":\n"}},
	},
	{
		name: "a log shows the credentials of an answer that repeats them", pkg: "./handler", test: "TestNoSecretComesOutOfAnyJobUnderAnyFault",
		edits: []edit{{"internal/tencent", "s = strings.ReplaceAll(s, secret, \"[hidden]\")", "s = strings.TrimSpace(s)"}},
	},
	{
		name: "only the first invocation's credentials are hidden", pkg: "./handler", test: "TestNoSecretComesOutOfInvocationsAtOnce",
		edits: []edit{
			{"internal/tencent", "range []string{c.o.Token, c.o.Key, c.o.ID} {", "range hides(c) {"},
			{"internal/tencent", "// clean makes foreign text", "var hides = func() func(*Cloud) []string {\n\tvar first []string\n\treturn func(c *Cloud) []string {\n\t\tif first == nil {\n\t\t\tfirst = []string{c.o.Token, c.o.Key, c.o.ID}\n\t\t}\n\t\treturn first\n\t}\n}()\n\n// clean makes foreign text"},
		},
	},
	{
		name: "a command shows a setting that is a secret and wrong", pkg: "./internal/cli", test: "TestNoCommandPrintsASecretWithWrongSettings",
		edits: []edit{{"internal/settings", "r.name, r.hidden = v.Name, v.secret || url", "r.name, r.hidden = v.Name, url"}},
	},
	{
		name: "the page repeats the path it was asked for", pkg: "./handler", test: "TestNothingHostileReachesACallALogLineOrAPage",
		edits: []edit{{"handler", "\"no such page; there are \"", "\"no page \"+r.Path+\"; there are \""}},
	},
	{
		name: "headers of any length are read", pkg: "./handler", test: "TestEventsThatAreNoJSONOrTooDeepAreErrorsOfOneLine",
		edits: []edit{{"internal/event", "if len(raw) > maxHead {", "if len(raw) > maxPayload {"}},
	},
	{
		name: "lists of any length are taken apart", pkg: "./handler", test: "TestEventsThatAreNoJSONOrTooDeepAreErrorsOfOneLine",
		edits: []edit{{"internal/event", "return elements > MaxRecords\n", "return elements < 0\n"}},
	},
	{
		name: "an event may name any number of snapshots", pkg: "./handler", test: "TestABatchThatNamesHundredsOfThousandsOfSnapshotsLeavesTheRestToTheSweep",
		edits: []edit{{"handler", "len(r.Disks) > event.MaxRecords:", "len(r.Disks) > 6<<20:"}},
	},
	{
		name: "an error repeats an event as it came", pkg: "./handler", test: "TestNothingHostileReachesACallALogLineOrAPage",
		edits: []edit{{"internal/event", "func quote(s string) string { return fmt.Sprintf(\"%q\", cut(s)) }", "func quote(s string) string { return fmt.Sprintf(\"%s\", cut(s)) }"}},
	},
}
