package main

import "slices"

// table holds the mistakes.
func table() []mutant { return slices.Concat(coreMutants, edgeMutants) }

// coreMutants are mistakes in deciding what is copied and deleted, and in
// carrying that out.
var coreMutants = []mutant{
	{
		name: "a keep rule keeps one too few", pkg: "./internal/plan", short: true, test: "TestTheKeepRulesAgreeWithADumbSecondImplementation", storms: 20,
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
		name: "any snapshot of our form is ours, copy or not", pkg: "./handler", test: "TestNothingForeignIsEverDeleted", storms: 20,
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
		name: "copying does not ask what retention would keep", pkg: "./internal/plan", short: true, test: "TestPlansComeToRestAndNeverFight", storms: 20,
		edits: []edit{{"internal/plan", "case kept != \"\":\n", "case kept != \"\" || p.src != nil:\n"}},
	},
	{
		name: "a tag on the disk is overlooked", pkg: "./handler", test: "TestTagsOnSnapshotsAndDisksDecideWhatGoesWhere", storms: 20,
		edits: []edit{{"internal/plan", "v, ok := t.disk[key]\n\treturn v, ok", "return \"\", false"}},
	},
	{
		name: "a source is ready as soon as it is NORMAL", pkg: "./handler", test: "TestASourceThatIsNotWholeWaits",
		edits: []edit{{"internal/cloud", "s.State == Normal && s.Percent == 100", "s.State == Normal"}},
	},
	{
		name: "an encrypted snapshot is tried again and again", pkg: "./handler", test: "TestWhatCantBeCopiedShowsWithItsReason", storms: 20,
		edits: []edit{{"internal/plan", "case s.Encrypted:", "case s.Encrypted && s.SharedIn:"}},
	},
	{
		name: "a region that could not be seen counts as empty", pkg: "./handler", test: "TestNothingIsCopiedToOrDeletedInARegionThatCouldNotBeSeen",
		edits: []edit{{"internal/ferry", "v.world.Blind[region] = err.Error()\n", ""}},
	},
	{
		name: "a copy that came out smaller is as good as any", pkg: "./handler", test: "TestEveryWayForACopyToGoWrongIsAnAlarm", storms: 20,
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
		name: "what arrives is tagged as proven", pkg: "./handler", test: "TestOnlyWhatIsProvenIsTagged", storms: 20,
		edits: []edit{{"internal/plan", "a.Tag = v.complete() && p.src != nil &&", "a.Tag = p.src != nil &&"}},
	},
	{
		name: "a replica goes before its successor has arrived", pkg: "./handler", test: "TestTheLastCompleteReplicaStaysWhileItsSuccessorIsCopying", storms: 20,
		edits: []edit{{"internal/plan", "if p.best() != nil {\n\t\t\tcomplete", "if p.there() {\n\t\t\tcomplete"}},
	},
	{
		name: "of two doubles the older one goes", pkg: "./handler", test: "TestADoubleGoesFirstAndTheOlderOneStays",
		edits: []edit{{"internal/plan", "a.replica.Created.Compare(b.replica.Created)", "b.replica.Created.Compare(a.replica.Created)"}},
	},
	{
		name: "replicas of unknown disks are deleted too", pkg: "./handler", test: "TestWholeHistoriesOfUnknownDisksAndOfOthersAreLeftAlone", storms: 20,
		edits: []edit{{"internal/plan", "case l.key.disk == \"\":", "case l.key.disk == \"none\":"}},
	},
	{
		name: "another deployment's replicas are deleted too", pkg: "./handler", test: "TestWholeHistoriesOfUnknownDisksAndOfOthersAreLeftAlone",
		edits: []edit{{"internal/plan", "if x.source[lane.key.from] && w.Blind[lane.key.to] == \"\" {", "if w.Blind[lane.key.to] == \"\" {"}},
	},
	{
		name: "a locked replica is deleted", pkg: "./internal/plan", short: true, test: "TestOnlyOurCompleteReplicasAreDeletedAndNeverTheLast",
		edits: []edit{{"internal/plan", "case s.Locked:", "case s.Locked && s.Images > 0:"}},
	},
	{
		name: "mass deletion is let through up to all but one", pkg: "./handler", test: "TestMassDeletionIsRefusedUnlessForced",
		edits: []edit{{"internal/plan", "2*t.going > t.complete", "t.going >= t.complete"}},
	},
	{
		name: "the limit of deletions is off by one", pkg: "./handler", test: "TestTheDeleteLimitHoldsTheRestForTheNextRun",
		edits: []edit{{"internal/ferry", "left: f.Rules.DeleteLimit}", "left: f.Rules.DeleteLimit + 1}"}},
	},
	{
		name: "the newest of the surplus goes first", pkg: "./handler", test: "TestTheDeleteLimitHoldsTheRestForTheNextRun",
		edits: []edit{{"internal/plan", "cmp.Or(cmp.Compare(a.Rank, b.Rank), a.Created.Compare(b.Created))", "cmp.Or(cmp.Compare(a.Rank, b.Rank), b.Created.Compare(a.Created))"}},
	},
	{
		name: "retention acts on a look of any age", pkg: "./handler", test: "TestASlowRetentionLooksAgainBeforeItDeletes",
		edits: []edit{{"internal/ferry", "const lookAge = 5 * time.Second", "const lookAge = 5 * time.Hour"}},
	},
	{
		name: "retention looks again and does not decide again", pkg: "./handler", test: "TestASlowRetentionLooksAgainBeforeItDeletes",
		edits: []edit{{"internal/ferry", "if c.recheck(a, look); a.Outcome", "if a.Outcome"}},
	},
	{
		name: "one refused deletion ends the run", pkg: "./handler", test: "TestDeletingAReplicaThatIsGoneOrRefusedDoesNotStopTheRest",
		edits: []edit{{"internal/ferry", "default:\n\t\ta.Outcome = refused\n", "default:\n\t\ta.Outcome, c.stop = refused, short(err)\n"}},
	},
	{
		name: "a copy is requested on a look of any age", pkg: "./handler", test: "TestARunLongerThanALookLooksAgain", storms: 20,
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
		name: "older snapshots do not wait for the newest of every disk", pkg: "./handler", test: "TestNoOlderSnapshotIsAskedForBeforeEveryNewestIsAnswered",
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
		name: "a run goes on until it is killed", pkg: "./handler", test: "TestAShortInvocationAnswersInTimeAndTheNextOnesFinish", storms: 20,
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
	{
		name: "replicas that have arrived are not seen", storms: 20,
		edits: []edit{{"internal/plan", "(!s.CopyFromRemote && !s.Arriving())", "!s.Arriving()"}},
	},
	{
		name: "a spoilt copy is given up before its time is over", storms: 20,
		edits: []edit{{"internal/plan", "v.spoilt = overdue && !v.ageless", "v.spoilt = now.Sub(since) > timeout/3 && !v.ageless"}},
	},
	{
		name: "any refusal is taken for one for good", storms: 60,
		edits: []edit{{"internal/ferry", "m, why := meaning(err), sentence(err)\n\tfor _, a", "m, why := meaning(err), sentence(err)\n\tif m == cloud.Later || m == cloud.StopRun {\n\t\tm = cloud.NeverThis\n\t}\n\tfor _, a"}},
	},
	{
		name: "a list that failed counts as an empty one", storms: 20,
		edits: []edit{{"internal/ferry", "found, err := f.Cloud.List(ctx, region)\n\t\tif err != nil {", "found, err := f.Cloud.List(ctx, region)\n\t\tif err != nil && len(found) > 0 {"}},
	},
	{
		name: "a fourth copy is made where three came out spoilt", pkg: "./internal/storm", test: "TestStormsInWhichEveryCopyGoesWrong",
		edits: []edit{{"internal/plan", "case n >= maxAttempts:", "case n > maxAttempts:"}},
	},
	{
		name: "nothing is tagged", storms: 3,
		edits: []edit{{"internal/ferry", "if a.Tag {", "if a.Tag && a.Replica == \"\" {"}},
	},
	{
		name: "only the newest snapshot of each disk is copied", storms: 3,
		edits: []edit{{"internal/ferry", "[][]*shipment{newest, older}", "[][]*shipment{newest, nil}"}},
	},
	{
		name: "what hangs is always young", pkg: "./handler", test: "TestEveryWayForACopyToGoWrongIsAnAlarm", storms: 40,
		edits: []edit{{"internal/plan", "if v.outcome == Arriving && overdue {", "if v.outcome == Arriving && overdue && v.spoilt && v.ageless {"}},
	},
	{
		name: "a replica whose deletion is refused is said to be deleted", pkg: "./handler", test: "TestDeletingAReplicaThatIsGoneOrRefusedDoesNotStopTheRest",
		edits: []edit{{"internal/ferry", "default:\n\t\ta.Outcome = refused\n", "default:\n\t\ta.Outcome = plan.Deleted\n"}},
	},
	{
		name: "what another deployment has selected is deleted", pkg: "./internal/plan", test: "TestWhatIsNotOursToJudgeStays",
		edits: []edit{{"internal/plan", "if why := x.unmanaged(l, p); why != \"\" {", "if why := x.unmanaged(l, p); why == \"?\" {"}},
	},
}
