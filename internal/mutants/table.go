package main

import "slices"

// table holds the mistakes.
func table() []mutant {
	return slices.Concat(coreMutants, copyMutants, edgeMutants, retentionMutants, statusMutants, restoreMutants, checkMutants)
}

// coreMutants are mistakes in deciding what is copied and deleted, and in
// carrying that out.
var coreMutants = []mutant{{
	name: "a keep rule keeps one too few", pkg: "./internal/plan", short: true, test: "TestTheKeepRulesAgreeWithADumbSecondImplementation", storms: 20,
	edits: []edit{{"internal/plan", "if r.left == 0 ||", "if r.left <= 1 ||"}},
}, {
	name: "a keep rule forgets the oldest of all", pkg: "./internal/plan", test: "TestTheKeepRulesAgreeWithResticsDocumentedExamples",
	edits: []edit{{"internal/plan", "(number == r.last && nth != len(times)-1)", "number == r.last"}},
}, {
	name: "weeks are counted from new year", pkg: "./internal/plan", short: true, test: "TestTheKeepRulesAgreeWithADumbSecondImplementation",
	edits: []edit{{"internal/plan", "year, week := t.ISOWeek()", "year, week := t.Year(), t.YearDay()/7"}},
}, {
	name: "days begin at midnight of the machine, not of TIME_ZONE", pkg: "./internal/plan", short: true, test: "TestTheKeepRulesAgreeWithADumbSecondImplementation",
	edits: []edit{{"internal/plan", "r.of(t.In(zone), nth)", "r.of(t.UTC(), nth)"}},
}, {
	name: "a replica is recognised by its tag", pkg: "./internal/plan", test: "TestOnlyACopyFromTheNamedRegionIsOurs",
	edits: []edit{{"internal/plan", "l, ok := ParseName(s.Name)\n", "l, ok := ParseName(s.Name)\n\tok = ok || s.Tags[StateTag] == StateVerified\n"}},
}, {
	name: "a replica without its tag is overlooked", pkg: "./handler", test: "TestATagNeitherMakesNorUnmakesAReplica",
	edits: []edit{{"internal/plan", "return Lineage{}, false\n\t}\n\treturn l, true\n}\n", "return Lineage{}, false\n\t}\n\treturn l, s.Arriving() || s.Tags[StateTag] == StateVerified\n}\n"}},
}, {
	name: "any snapshot of our form is ours, copy or not", pkg: "./handler", test: "TestNothingForeignIsEverDeleted", storms: 20,
	edits: []edit{{"internal/plan", "(s.CopyFromRemote || s.Arriving())", "(s.CopyFromRemote || s.State != \"\")"}},
}, {
	name: "a replica may be in the very region of its source", pkg: "./internal/plan", test: "TestOnlyACopyFromTheNamedRegionIsOurs",
	edits: []edit{{"internal/plan", "l.Region == s.Region ||", ""}},
}, {
	name: "the time in a name is local", pkg: "./internal/plan", test: "TestANameIsWhatTheContractSays",
	edits: []edit{{"internal/plan", "l.Created.UTC().Format(nameTime)", "l.Created.Format(nameTime)"}},
}, {
	name: "names are cut where they are too long", pkg: "./internal/plan", test: "TestNamesThatLookNearlyLikeOursAreSomebodyElses",
	edits: []edit{{"internal/plan", " || len(name) > MaxName {", " {"}},
}, {
	name: "a sweep for one region goes against a tag", pkg: "./internal/plan", test: "TestTargetRegionsOfASweepNarrowWhatATagAllows",
	edits: []edit{{"internal/plan", "(!o.Explicit || len(o.Targets) == 0)", "len(o.Targets) == 0"}},
}, {
	name: "retention is settled with a copy that failed for good", pkg: "./handler", test: "TestASpoiltReplicaIsReplacedOnceItsTimeIsOver",
	edits: []edit{{"internal/plan", "Planned, InProgress, Waiting, Failed}, d.Outcome)", "Planned, InProgress, Waiting}, d.Outcome)"}},
}, {
	name: "copying does not ask what retention would keep", pkg: "./internal/plan", short: true, test: "TestPlansComeToRestAndNeverFight", storms: 20,
	edits: []edit{{"internal/plan", "case kept == \"\":\n", "case kept == \"\" && pt.src == nil:\n"}},
}, {
	name: "a tag on the disk is overlooked", pkg: "./handler", test: "TestTagsOnSnapshotsAndDisksDecideWhatGoesWhere", storms: 20,
	edits: []edit{{"internal/plan", "v, ok := t.disk[key]\n\treturn v, ok", "return \"\", false"}},
}, {
	name: "a source is ready as soon as it is NORMAL", pkg: "./handler", test: "TestASourceThatIsNotWholeWaits",
	edits: []edit{{"internal/cloud", "s.State == Normal && s.Percent == 100", "s.State == Normal"}},
}, {
	name: "an encrypted snapshot is tried again and again", pkg: "./handler", test: "TestWhatCantBeCopiedShowsWithItsReason", storms: 20,
	edits: []edit{{"internal/plan", "case s.Encrypted:", "case s.Encrypted && s.SharedIn:"}},
}, {
	name: "a region that could not be seen counts as empty", pkg: "./handler", test: "TestNothingIsCopiedToOrDeletedInARegionThatCouldNotBeSeen",
	edits: []edit{{"internal/plan", "\t\tw.Unlisted[region] = why\n", ""}},
}, {
	name: "a copy that came out smaller is as good as any", pkg: "./handler", test: "TestEveryWayForACopyToGoWrongIsAnAlarm", storms: 20,
	edits: []edit{{"internal/plan", "src.SizeGiB > 0 && src.SizeGiB != rep.SizeGiB:", "src.SizeGiB > 0 && src.SizeGiB < rep.SizeGiB:"}},
}, {
	name: "a copy whose age nobody knows counts as spoilt", pkg: "./handler", test: "TestAReplicaWhoseAgeNobodyKnowsIsNeverReplaced",
	edits: []edit{{"internal/plan", "v.spoilt = overdue && !v.ageless", "v.spoilt = overdue"}},
}, {
	name: "spoilt copies are replaced for ever", pkg: "./handler", test: "TestASpoiltReplicaIsReplacedOnceItsTimeIsOver",
	edits: []edit{{"internal/plan", "case n >= maxAttempts:", "case n > maxAttempts:"}},
}, {
	name: "what arrives is tagged as proven", pkg: "./handler", test: "TestOnlyWhatIsProvenIsTagged", storms: 20,
	edits: []edit{{"internal/plan", "\t\tif !replica.proven() {\n\t\t\tcontinue\n\t\t}\n", ""}},
}, {
	name: "a replica goes before its successor has arrived", pkg: "./handler", test: "TestTheLastCompleteReplicaStaysWhileItsSuccessorIsCopying", storms: 20,
	edits: []edit{{"internal/plan", "if pt.best() != nil {\n\t\t\tproven", "if pt.present() {\n\t\t\tproven"}},
}, {
	name: "of two doubles the older one goes", pkg: "./handler", test: "TestADoubleGoesFirstAndTheOlderOneStays",
	edits: []edit{{"internal/plan", "a.replica.Created.Compare(b.replica.Created)", "b.replica.Created.Compare(a.replica.Created)"}},
}, {
	name: "replicas of unknown disks are deleted too", pkg: "./handler", test: "TestWholeHistoriesOfUnknownDisksAndOfOthersAreLeftAlone", storms: 20,
	edits: []edit{{"internal/plan", "case s.disk == \"\":\n", "case s.disk == \"none\":\n"}, {"internal/plan", " && (r.disk != 0 || w.rows[next].source == r.source) {", " {"}},
}, {
	name: "another deployment's replicas are deleted too", pkg: "./handler", test: "TestWholeHistoriesOfUnknownDisksAndOfOthersAreLeftAlone",
	edits: []edit{{"internal/plan", "if from := slices.Index(w.sources, l.Region); ours && from >= 0 {", "if from := max(0, slices.Index(w.sources, l.Region)); ours {"}},
}, {
	name: "a locked replica is deleted", pkg: "./internal/plan", short: true, test: "TestOnlyOurCompleteReplicasAreDeletedAndNeverTheLast",
	edits: []edit{{"internal/plan", "case s.Locked:", "case s.Locked && s.Images > 0:"}},
}, {
	name: "mass deletion is let through up to all but one", pkg: "./handler", test: "TestMassDeletionIsRefusedUnlessForced",
	edits: []edit{{"internal/plan", "2*t.going > t.proven", "t.going >= t.proven"}},
}, {
	name: "the limit of deletions is off by one", pkg: "./handler", test: "TestTheDeleteLimitHoldsTheRestForTheNextRun",
	edits: []edit{{"internal/job", "left: r.Rules.DeleteLimit}", "left: r.Rules.DeleteLimit + 1}"}},
}, {
	name: "the newest of the surplus goes first", pkg: "./handler", test: "TestTheDeleteLimitHoldsTheRestForTheNextRun",
	edits: []edit{{"internal/plan", "return d.Point.Compare(o.Point)", "return o.Point.Compare(d.Point)"}},
}, {
	name: "retention acts on an observation of any age", pkg: "./handler", test: "TestASlowRetentionLooksAgainBeforeItDeletes",
	edits: []edit{{"internal/job", "const maxAge = 5 * time.Second", "const maxAge = 5 * time.Hour"}},
}, {
	name: "retention observes again and does not decide again", pkg: "./handler", test: "TestASlowRetentionLooksAgainBeforeItDeletes",
	edits: []edit{{"internal/job", "; o != plan.WouldDelete {", "; o == \"\" {"}},
}, {
	name: "one refused deletion ends the run", pkg: "./handler", test: "TestDeletingAReplicaThatIsGoneOrRefusedDoesNotStopTheRest",
	edits: []edit{{"internal/job", "case m == cloud.StopRun && !w.stop(", "case (m == cloud.StopRun || d.Kind == plan.KindDelete) && !w.stop("}},
}, {
	name: "a copy is requested on an observation of any age", pkg: "./handler", test: "TestARunLongerThanALookLooksAgain", storms: 20,
	edits: []edit{{"internal/job", "const maxAge = 5 * time.Second", "const maxAge = 5 * time.Hour"}},
}, {
	name: "a copy observes again and does not decide again", pkg: "./handler", test: "TestARunLongerThanALookLooksAgain",
	edits: []edit{{"internal/job", "if o != plan.Planned {", "if o == \"\" {"}},
}, {
	name: "several names are asked for where the service reads only the first", pkg: "./handler", test: "TestManyNamesAreAskedForTogetherOnlyWhereAllAreLookedAt",
	edits: []edit{{"internal/job", "err == nil && len(distinct) == len(names)", "err == nil && len(distinct) > 0"}},
}, {
	name: "a full region is asked for every snapshot", pkg: "./handler", test: "TestAFullRegionIsAskedOnceAndCostsNoDiskItsNewest",
	edits: []edit{{"internal/job", "\tw.closed[r] = why\n", ""}},
}, {
	name: "older snapshots do not wait for the newest of every disk", pkg: "./handler", test: "TestEachDisksNewestComesBeforeAllOlderOnes",
	edits: []edit{{"internal/job", "t.decisions[0].IsNewest() == newest &&", "newest &&"}},
}, {
	name: "an unclear answer counts as a refusal", pkg: "./handler", test: "TestAfterALostAnswerEachRegionIsAskedOnceAlone",
	edits: []edit{{"internal/job", "cloud.MayHaveHappened: {plan.KindCopy: plan.Unknown,", "cloud.MayHaveHappened: {plan.KindCopy: plan.Failed,"}},
}, {
	name: "a conflict counts as a copy of this run", pkg: "./handler", test: "TestAConflictMeansThatTheCopyIsUnderWay",
	edits: []edit{{"internal/job", "{plan.KindCopy: plan.InProgress,", "{plan.KindCopy: plan.Started,"}},
}, {
	name: "a refusal for good is forgotten at once", pkg: "./handler", test: "TestARefusalForGoodIsRememberedForSixHours",
	edits: []edit{{"internal/job", "refusal{now.Round(0).Add(refusalLife), why}", "refusal{now, why}"}},
}, {
	name: "a run goes on until it is killed", pkg: "./handler", test: "TestAShortInvocationAnswersInTimeAndTheNextOnesFinish", storms: 20,
	edits: []edit{{"handler", "return ctx, deadline.Add(-2 * margin), cancel", "return context.WithoutCancel(ctx), deadline.Add(time.Hour), cancel"}},
}, {
	name: "a replica that is missing raises no alarm", pkg: "./handler", test: "TestEveryWayForACopyToGoWrongIsAnAlarm",
	edits: []edit{{"internal/plan", "{Missing, Alarm, false}", "{Missing, Later, false}"}},
}, {
	name: "verified replicas are tagged at every run", pkg: "./handler", test: "TestASweepCopiesWhatIsMissingAndVerifyProvesIt",
	edits: []edit{{"internal/plan", "if !isVerified(replica.replica) && room(", "if room("}},
}, {
	name: "what another task read is not decided on", pkg: "./handler", test: "TestRunsThatOverlapForMinutesDoubleNothing",
	edits: []edit{{"internal/job", "\t\tif !w.recentFor(t.observedAt(), slack) {\n", "\t\tif c, ok := t.(*copyTask); ok && w.recentFor(t.observedAt(), slack) {\n\t\t\tif c.decidedAt = t.observedAt(); t.send(ctx) == nil {\n\t\t\t\treturn\n\t\t\t}\n\t\t}\n\t\tif !w.recentFor(t.observedAt(), slack) {\n"}},
}, {
	name: "a closed region is asked by a task that waited meanwhile", pkg: "./handler", test: "TestNothingIsAskedOfAFullRegionAfterItsFirstRefusal",
	edits: []edit{{"internal/job", "return t.run.open(routes) }", "return true }"}},
}, {
	name: "a spoilt replica passes for good once its source is gone", pkg: "./handler", test: "TestASpoiltReplicaDoesNotPassForGoodOnceItsSourceIsGone",
	edits: []edit{{"internal/plan", "\traiseDoubts(s.points)\n", ""}},
}, {
	name: "an event ranks what it did not observe", pkg: "./handler", test: "TestAnEventDoesNotBringBackWhatRetentionDeleted",
	edits: []edit{{"internal/plan", "case p.world.Partial && !p.rules", "case false && !p.rules"}},
}, {
	name: "refused deletions use up the limit", pkg: "./handler", test: "TestRefusedDeletionsUseUpNoneOfTheLimit",
	edits: []edit{{"internal/job", "if t.result.Outcome == plan.Deleted || t.result.Outcome == plan.Unknown {", "if t.result.Outcome != \"\" {"}},
}, {
	name: "replicas that have arrived are not seen", storms: 20,
	edits: []edit{{"internal/plan", "(s.CopyFromRemote || s.Arriving())", "s.Arriving()"}},
}, {
	name: "a spoilt copy is given up before its time is over", storms: 20,
	edits: []edit{{"internal/plan", "v.spoilt = overdue && !v.ageless", "v.spoilt = now.Sub(since) > timeout/3 && !v.ageless"}},
}, {
	name: "any refusal is taken for one for good", storms: 60,
	edits: []edit{{"internal/job", "m, why := meaning(err), sentence(err)\n", "m, why := meaning(err), sentence(err)\n\tif m == cloud.Later || m == cloud.StopRun {\n\t\tm = cloud.NeverThis\n\t}\n"}},
}, {
	name: "a list that broke off counts as a whole one", storms: 20,
	edits: []edit{{"internal/job", "\tcase err != nil:\n\t\tv.drop(region, err)\n", "\tcase err != nil && r.late(ctx):\n\t\tv.drop(region, err)\n"}},
}, {
	name: "a fourth copy is made where three came out spoilt", pkg: "./handler", test: "TestASpoiltReplicaIsReplacedOnceItsTimeIsOver",
	edits: []edit{{"internal/plan", "case n >= maxAttempts:", "case n > maxAttempts:"}},
}, {
	name: "nothing is tagged", storms: 3,
	edits: []edit{{"internal/job", "\tif !dry {\n\t\tfor _, a := range r.complete", "\tif !dry && r.late(ctx) {\n\t\tfor _, a := range r.complete"}},
}, {
	name: "only the newest snapshot of each disk is copied", storms: 3,
	edits: []edit{{"internal/job", "\tdo(false, false)\n\tdo(true, true)\n\tdo(false, true)\n", "\tdo(true, true)\n"}},
}, {
	name: "what hangs is always young", pkg: "./handler", test: "TestEveryWayForACopyToGoWrongIsAnAlarm", storms: 40,
	edits: []edit{{"internal/plan", "if v.outcome == Arriving && overdue {", "if v.outcome == Arriving && overdue && v.spoilt && v.ageless {"}},
}, {
	name: "a replica whose deletion is refused is said to be deleted", pkg: "./handler", test: "TestDeletingAReplicaThatIsGoneOrRefusedDoesNotStopTheRest",
	edits: []edit{{"internal/job", "res := result{outcomeOf[m][d.Kind], why, d.Replica}\n", "res := result{outcomeOf[m][d.Kind], why, d.Replica}\n\tif d.Kind == plan.KindDelete && res.Outcome == plan.Failed {\n\t\tres.Outcome = plan.Deleted\n\t}\n"}},
}, {
	name: "what another deployment has selected is deleted", pkg: "./internal/plan", test: "TestWhatIsNotOursToJudgeStays",
	edits: []edit{{"internal/plan", "if why := p.unmanaged(s, pt); why != \"\" {", "if why := p.unmanaged(s, pt); why == \"?\" {"}},
}, {
	name: "a replica is joined to its source by the disk in its name", pkg: "./internal/plan", test: "TestWhatIsPackedComesOutAsItWentIn",
	edits: []edit{{"internal/plan", "source.flags&(isReplica|isDisk) == 0 && r.disk != source.disk {", "source.flags&(isReplica|isDisk) != 0 && r.disk != source.disk {"}},
}, {
	name: "a packed id of ten letters loses its last one", pkg: "./internal/cloud", test: "TestPackedIDsComeOutAsTheyWentInAndKeepTheirOrder",
	edits: []edit{{"internal/cloud", "6 * (packedLetters - 1); shift >= 0;", "6 * (packedLetters - 1); shift > 0;"}},
}, {
	name: "an id that is too long is packed without its end", pkg: "./internal/cloud", test: "TestWhatDoesNotFitIsNotPacked",
	edits: []edit{{"internal/cloud", `rest == "" || len(rest) > packedLetters {`, `rest == "" {`}},
}, {
	name: "tags of different values are packed as the same", pkg: "./internal/plan", short: true, test: "TestThePlanOfAWorldIsThePlansOfItsDisks",
	edits: []edit{{"internal/plan", `"\x00%q=%q", k, d.tags[k])`, `"\x00%q", k)`}},
}, {
	name: "a disk shows the replicas of the one unpacked before", pkg: "./internal/plan", short: true, test: "TestThePlanOfAWorldIsThePlansOfItsDisks",
	edits: []edit{{"internal/plan", "replicas: v.sources[n].replicas[:0]}", "replicas: v.sources[n].replicas}"}},
}, {
	name: "what is seen after the world was sorted is not put in order", pkg: "./internal/plan", test: "TestWhatIsAddedAfterAPlanIsInItsOrder",
	edits: []edit{{"internal/plan", "\tw.sorted = false\n\tw.counts", "\tw.counts"}},
}, {
	name: "a region that is observed twice has its snapshots twice", pkg: "./internal/plan", test: "TestARegionObservedTwiceHasEachSnapshotOnce",
	edits: []edit{{"internal/plan", "w.overlaps[region] = w.counts[region] > 0", "w.overlaps[region] = w.counts[region] < 0"}},
}, {
	name: "the work beyond the limit vanishes without being told", pkg: "./internal/plan", test: "TestWorkBeyondTheLimitIsDeferred",
	edits: []edit{{"internal/plan", "\t\tw.drop(d)\n", "\t\t_ = d\n"}},
}, {
	name: "a newer read forgets the replicas that were seen before", pkg: "./internal/job", test: "TestANewerReadForgetsNoReplicaThatWasSeen",
	edits: []edit{{"internal/job", "\ts.at = at\n", "\ts.at, s.replicas = at, nil\n"}},
}, {
	name: "an observation is as old as its last read", pkg: "./internal/job", test: "TestAnObservationIsAsOldAsItsFirstRead",
	edits: []edit{{"internal/job", "!ok || now.Before(was) {", "!ok || now.After(was) {"}},
}, {
	name: "several names are asked for before known replicas came back", pkg: "./internal/job", test: "TestSeveralNamesAreAskedForOnceEachKnownOneCameBack",
	edits: []edit{{"internal/job", "&nameFilter{known:", "&nameFilter{takes: true, known:"}},
}, {
	name: "two replicas of one name count as two names that came back", pkg: "./internal/job", test: "TestSeveralNamesAreAskedForOnceEachKnownOneCameBack",
	edits: []edit{{"internal/job", "err == nil && len(distinct) == len(names)", "err == nil && len(found) == len(names)"}},
}, {
	name: "a group that is refused for one region is given up for all", pkg: "./handler", test: "TestAFullRegionRefusingTheWholeCallIsAskedOnce",
	edits: []edit{{"internal/job", "slices.Contains(refusals, m):", "slices.Contains(refusals[:1], m):"}},
}, {
	name: "the report's counts leave out what it does not keep", pkg: "./internal/job", test: "TestAReportCountsWhatItDoesNotKeep",
	edits: []edit{{"internal/job", "\t\tr.Counts[a.Outcome]++\n\t}\n", "\t}\n"}, {"internal/job", "\t\tr.kept[b] = append(r.kept[b], a)\n", "\t\tr.kept[b] = append(r.kept[b], a)\n\t\tr.Counts[a.Outcome]++\n"}},
}, {
	name: "a snapshot that every region refuses has them all asked alone", pkg: "./internal/job", test: "TestAFailedGroupShowsWhichRegionIsTheCause",
	edits: []edit{{"internal/job", "if slices.ContainsFunc(t.results, copying) {", "if copying != nil {"}},
}, {
	name: "a recheck that fails for want of a permission is no alarm", pkg: "./internal/job", test: "TestAFailedRecheckSaysWhetherTheRunIsOver",
	edits: []edit{{"internal/job", "if m := meaning(err); m == cloud.StopRun || m == cloud.Denied {\n\t\tt.settle(places, err)", "if meaning(err) == cloud.OutOfTime {\n\t\tt.settle(places, err)"}},
}, {
	name: "a region that only a tag names is not listed", pkg: "./handler", test: "TestTagsOnSnapshotsAndDisksDecideWhatGoesWhere",
	edits: []edit{{"internal/job", "\teach(r.Workers, named, func(region string) { r.list(ctx, v, region) })\n", "\t_ = named\n"}},
}, {
	name: "retention for one region deletes in all of them", pkg: "./handler", test: "TestARetentionForOneRegionLeavesTheOthersAlone",
	edits: []edit{{"internal/job", "plan.Order{Force: o.Force, Targets: o.Targets}", "plan.Order{Force: o.Force}"}},
}, {
	name: "a deletion without a clear answer uses none of the limit up", pkg: "./handler", test: "TestADeletionWithoutAClearAnswerUsesUpTheLimit",
	edits: []edit{{"internal/job", " || t.result.Outcome == plan.Unknown {", " {"}},
}}
