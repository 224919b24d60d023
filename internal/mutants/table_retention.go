package main

// retentionMutants are mistakes in what makes a deletion right besides the keep
// rules.
var retentionMutants = []mutant{{
	name: "a source that shows no size proves that a replica was never compared", pkg: "./internal/plan", test: "TestOnlyAProvenReplicaDisplacesAnother",
	edits: []edit{{"internal/plan", "v.outcome == Unproven && p.src == nil && rule", "v.outcome == Unproven && rule"}},
}, {
	name: "two sets of rules fight in silence", pkg: "./handler", test: "TestTwoSetsOfRulesThatFightRaiseAnAlarm", seen: true,
	edits: []edit{{"internal/plan", "|| age >= justMade ||", "|| age >= 0 ||"}},
}, {
	name: "what came later is taken for a fight", pkg: "./handler", test: "TestTwoSetsOfRulesThatFightRaiseAnAlarm",
	edits: []edit{{"internal/plan", "pt.best().replica.Created.After(at) || pt.lineage.Created.After(at.Add(-planAge))", "false"}},
}, {
	name: "an empty list of disks shows that all are gone", pkg: "./internal/plan", test: "TestReplicasOfADiskThatIsGoneGoOnlyWithoutADoubt",
	edits: []edit{{"internal/plan", "return w.disksIn[v.from] > 0 && ", "return "}},
}, {
	name: "a disk whose snapshots show no disk any more is gone", pkg: "./internal/plan", test: "TestReplicasOfADiskThatIsGoneGoOnlyWithoutADoubt",
	edits: []edit{{"internal/plan", "w.diskless[r.disk] = true", "w.diskless[r.disk] = false"}},
}, {
	name: "any newer observation shows that a disk is gone", pkg: "./internal/plan", test: "TestANewerObservationOfADiskThatIsGone",
	edits: []edit{{"internal/plan", "p.absent = d.expired", "p.absent = true"}},
}, {
	name: "KEEP_WITHIN counts from the future", pkg: "./handler", test: "TestAPointFromTheFutureDoesNotEndTheOthersKeepWithin", seen: true,
	edits: []edit{{"internal/plan", "bool { return !t.After(now) }", "bool { return true }"}},
}, {
	name: "a source from the future displaces copies", pkg: "./internal/plan", test: "TestASourceFromTheFutureDisplacesNoCopy",
	edits: []edit{{"internal/plan", "\t\tpast = past[1:]\n", "\t\tbreak\n"}},
}, {
	name: "force says nothing", pkg: "./handler", test: "TestMassDeletionIsRefusedUnlessForced",
	edits: []edit{{"internal/plan", "\t\twarn(why + \": only force allows this\")\n", ""}},
}, {
	name: "nothing follows a refused copy", pkg: "./handler", test: "TestTheOlderSnapshotFollowsOneThatIsRefused",
	edits: []edit{{"internal/job", "\tif len(refused) == 0 {\n\t\treturn nil\n", "\tif len(refused) >= 0 {\n\t\treturn nil\n"}},
}, {
	name: "a full region is asked again after a refusal", pkg: "./handler", test: "TestTheOlderSnapshotFollowsOneThatIsRefused",
	edits: []edit{{"internal/job", "why := cmp.Or(run.whyStopped(ctx), run.closedFor(route{d.From, d.To}))", "why := cmp.Or(run.whyStopped(ctx))"}},
}, {
	name: "the name of a replica that follows a refusal is not checked", pkg: "./handler", test: "TestTheOlderSnapshotFollowsOneThatIsRefused",
	edits: []edit{{"internal/job", "checkName = run.checkName", "checkName = false"}},
}, {
	name: "an ended share is not told", pkg: "./handler", test: "TestAShareThatWasEndedForNothingIsTold",
	edits: []edit{{"internal/job", "\tt.unshared = accounts\n", ""}},
}, {
	name: "retention does not observe the regions that it is asked for", pkg: "./handler", test: "TestRetentionOfARegionThatIsNoTargetAnyMoreDoesWhatThePlanSays",
	edits: []edit{{"internal/job", "plan.Order{Targets: o.Targets})\n\treport := r.report(plan.KindDelete", "plan.Order{})\n\treport := r.report(plan.KindDelete"}},
}}
