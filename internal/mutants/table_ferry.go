package main

// ferryMutants are mistakes in carrying a plan out.
var ferryMutants = []mutant{
	{
		name: "a copy is requested on a look of any age", pkg: "./handler", test: "TestARunLongerThanALookLooksAgain",
		edits: []edit{{"internal/ferry", "const lookAge = 5 * time.Second", "const lookAge = 5 * time.Hour"}},
	},
	{
		name: "a copy looks again and does not decide again", pkg: "./handler", test: "TestARunLongerThanALookLooksAgain",
		edits: []edit{{"internal/ferry", "*a = plan.Recheck(n.f.Rules, *a, n.source(s).src, n.target(a).seen, n.f.Now())", "_ = a"}},
	},
	{
		name: "several names are asked for where only the first is looked at", pkg: "./handler", test: "TestManyNamesAreAskedForTogetherOnlyWhereAllAreLookedAt",
		edits: []edit{{"internal/ferry", "if err == nil && found == len(known) {", "if err == nil && found >= 0 {"}},
	},
	{
		name: "a full region is asked for every snapshot", pkg: "./handler", test: "TestAFullRegionIsAskedOnceAndCostsNoDiskItsNewest",
		edits: []edit{{"internal/ferry", "\tc.full[region] = why\n", ""}},
	},
	{
		name: "older snapshots do not wait for the newest of every disk", pkg: "./handler", test: "TestEachDisksNewestComesBeforeAllOlderOnes",
		edits: []edit{{"internal/ferry", "\t\tif k.newest {\n", "\t\tif k.region != \"\" {\n"}},
	},
	{
		name: "an unclear answer counts as a refusal", pkg: "./handler", test: "TestALostAnswerIsNotFollowedByASecondCopy",
		edits: []edit{{"internal/ferry", "a.Outcome = plan.Unknown\n\t\t\ta.Reason", "a.Outcome = plan.Failed\n\t\t\ta.Reason"}},
	},
	{
		name: "a conflict counts as a copy of this run", pkg: "./handler", test: "TestAConflictMeansThatTheCopyIsUnderWay",
		edits: []edit{{"internal/ferry", "a.Outcome = plan.InProgress\n", "a.Outcome = plan.Started\n"}},
	},
	{
		name: "a refusal for good is forgotten at once", pkg: "./handler", test: "TestARefusalForGoodIsRememberedForSixHours",
		edits: []edit{{"internal/ferry", "r.until[ref], r.why[ref] = now.Add(refusalLife), why", "r.until[ref], r.why[ref] = now, why"}},
	},
	{
		name: "a run goes on until it is killed", pkg: "./handler", test: "TestAShortInvocationAnswersInTimeAndTheNextOnesFinish",
		edits: []edit{{"handler", "return ctx, deadline.Add(-2 * margin), cancel", "return context.WithoutCancel(ctx), deadline.Add(time.Hour), cancel"}},
	},
	{
		name: "a replica that is missing raises no alarm", pkg: "./handler", test: "TestEveryWayForACopyToGoWrongIsAnAlarm",
		edits: []edit{{"internal/ferry", "plan.Mismatch, plan.Missing:", "plan.Mismatch:"}},
	},
	{
		name: "verified replicas are tagged at every run", pkg: "./handler", test: "TestASweepCopiesWhatIsMissingAndVerifyProvesIt",
		edits: []edit{{"internal/ferry", "if a.Tag {", "if a.Outcome == plan.Verified {"}},
	},
	{
		name: "a look that another shipment took is not decided on", pkg: "./handler", test: "TestRunsThatOverlapForMinutesDoubleNothing",
		edits: []edit{{"internal/ferry", "\tif !n.young(oldest, slack) {\n", "\tif n.young(oldest, slack) {\n\t\treturn nil\n\t}\n\tif !n.young(oldest, slack) {\n"}},
	},
	{
		name: "a full region is asked by those that waited meanwhile", pkg: "./handler", test: "TestNothingIsAskedOfAFullRegionAfterItsFirstRefusal",
		edits: []edit{{"internal/ferry", "r.Still = func() bool { return c.open(r.To) }", "r.Still = func() bool { return true }"}},
	},
	{
		name: "a spoilt replica passes for good once its source is gone", pkg: "./handler", test: "TestASpoiltReplicaDoesNotPassForGoodOnceItsSourceIsGone",
		edits: []edit{{"internal/plan", "\traiseDoubts(l.points)\n", ""}},
	},
	{
		name: "an event ranks what it did not look at", pkg: "./handler", test: "TestAnEventDoesNotBringBackWhatRetentionDeleted",
		edits: []edit{{"internal/plan", "if partial && p.copy.Outcome == Planned", "if false && p.copy.Outcome == Planned"}},
	},
	{
		name: "refused deletions use up the limit", pkg: "./handler", test: "TestRefusedDeletionsUseUpNoneOfTheLimit",
		edits: []edit{{"internal/ferry", "if a.Outcome == plan.Deleted || a.Outcome == plan.Unknown {", "if a.Outcome != \"\" {"}},
	},
}
