package main

// planMutants are mistakes in what is copied, and in what is ours.
var planMutants = []mutant{
	{
		name: "a keep rule keeps one too few", pkg: "./internal/plan", short: true, test: "TestTheKeepRulesAgreeWithADumbSecondImplementation",
		edits: []edit{{"internal/plan", "if r.left == 0 ||", "if r.left <= 1 ||"}},
	},
	{
		name: "a keep rule forgets the oldest of all", pkg: "./internal/plan", test: "TestTheKeepRulesAgreeWithResticsDocumentedExamples",
		edits: []edit{{"internal/plan", "(number == r.last && nth != len(times)-1)", "number == r.last"}},
	},
	{
		name: "weeks are counted from new year", pkg: "./internal/plan", short: true, test: "TestTheKeepRulesAgreeWithADumbSecondImplementation",
		edits: []edit{{"internal/plan", "year, week := t.ISOWeek()", "year, week := t.Year(), t.YearDay()/7"}},
	},
	{
		name: "days begin at midnight of the machine, not of TIME_ZONE", pkg: "./internal/plan", short: true, test: "TestTheKeepRulesAgreeWithADumbSecondImplementation",
		edits: []edit{{"internal/plan", "r.of(t.In(zone), nth)", "r.of(t.UTC(), nth)"}},
	},
	{
		name: "a replica is recognised by its tag", pkg: "./internal/plan", test: "TestOnlyACopyFromTheNamedRegionIsOurs",
		edits: []edit{{"internal/plan", "l, ok := ParseName(s.Name)\n", "l, ok := ParseName(s.Name)\n\tok = ok || s.Tags[StateTag] == StateVerified\n"}},
	},
	{
		name: "a replica without its tag is overlooked", pkg: "./handler", test: "TestATagNeitherMakesNorUnmakesAReplica",
		edits: []edit{{"internal/plan", "return Lineage{}, false\n\t}\n\treturn l, true\n}\n", "return Lineage{}, false\n\t}\n\treturn l, s.Arriving() || s.Tags[StateTag] == StateVerified\n}\n"}},
	},
	{
		name: "any snapshot of our form is ours, copy or not", pkg: "./handler", test: "TestNothingForeignIsEverDeleted",
		edits: []edit{{"internal/plan", "(!s.CopyFromRemote && !s.Arriving())", "s.State == \"\""}},
	},
	{
		name: "a replica may be in the very region of its source", pkg: "./internal/plan", test: "TestOnlyACopyFromTheNamedRegionIsOurs",
		edits: []edit{{"internal/plan", "l.Region == s.Region ||", ""}},
	},
	{
		name: "the time in a name is local", pkg: "./internal/plan", test: "TestANameIsWhatTheContractSays",
		edits: []edit{{"internal/plan", "l.Created.UTC().Format(nameTime)", "l.Created.Format(nameTime)"}},
	},
	{
		name: "names are cut where they are too long", pkg: "./internal/plan", test: "TestNamesThatLookNearlyLikeOursAreSomebodyElses",
		edits: []edit{{"internal/plan", " || len(name) > MaxName {", " {"}},
	},
	{
		name: "a sweep for one region goes against a tag", pkg: "./internal/plan", test: "TestTargetRegionsOfASweepNarrowWhatATagAllows",
		edits: []edit{{"internal/plan", "(!o.Explicit || len(o.Targets) == 0)", "len(o.Targets) == 0"}},
	},
	{
		name: "retention is settled with a copy that failed for good", pkg: "./handler", test: "TestASpoiltReplicaIsReplacedOnceItsTimeIsOver",
		edits: []edit{{"internal/ferry", "plan.Waiting, plan.Failed}", "plan.Waiting}"}},
	},
	{
		name: "copying does not ask what retention would keep", pkg: "./internal/plan", short: true, test: "TestPlansComeToRestAndNeverFight",
		edits: []edit{{"internal/plan", "case kept != \"\":\n", "case kept != \"\" || p.src != nil:\n"}},
	},
	{
		name: "a tag on the disk is overlooked", pkg: "./handler", test: "TestTagsOnSnapshotsAndDisksDecideWhatGoesWhere",
		edits: []edit{{"internal/plan", "v, ok := t.disk[key]\n\treturn v, ok", "return \"\", false"}},
	},
	{
		name: "a source is ready as soon as it is NORMAL", pkg: "./handler", test: "TestASourceThatIsNotWholeWaits",
		edits: []edit{{"internal/cloud", "s.State == Normal && s.Percent == 100", "s.State == Normal"}},
	},
	{
		name: "an encrypted snapshot is tried again and again", pkg: "./handler", test: "TestWhatCantBeCopiedShowsWithItsReason",
		edits: []edit{{"internal/plan", "case s.Encrypted:", "case s.Encrypted && s.SharedIn:"}},
	},
	{
		name: "a region that could not be seen counts as empty", pkg: "./handler", test: "TestNothingIsCopiedToOrDeletedInARegionThatCouldNotBeSeen",
		edits: []edit{{"internal/ferry", "v.world.Blind[region] = err.Error()\n", ""}},
	},
	{
		name: "a copy that came out smaller is as good as any", pkg: "./handler", test: "TestEveryWayForACopyToGoWrongIsAnAlarm",
		edits: []edit{{"internal/plan", "case src.SizeGiB != rep.SizeGiB:", "case src.SizeGiB < rep.SizeGiB:"}},
	},
	{
		name: "a copy whose age nobody knows counts as spoilt", pkg: "./handler", test: "TestAReplicaWhoseAgeNobodyKnowsIsNeverReplaced",
		edits: []edit{{"internal/plan", "v.spoilt = overdue && !v.ageless", "v.spoilt = overdue"}},
	},
	{
		name: "spoilt copies are replaced for ever", pkg: "./handler", test: "TestASpoiltReplicaIsReplacedOnceItsTimeIsOver",
		edits: []edit{{"internal/plan", "case n >= maxAttempts:", "case n > maxAttempts:"}},
	},
	{
		name: "what arrives is tagged as proven", pkg: "./handler", test: "TestOnlyWhatIsProvenIsTagged",
		edits: []edit{{"internal/plan", "a.Tag = v.complete() && p.src != nil &&", "a.Tag = p.src != nil &&"}},
	},
}
