package main

// retainMutants are mistakes in what is deleted.
var retainMutants = []mutant{
	{
		name: "a replica goes before its successor has arrived", pkg: "./handler", test: "TestTheLastCompleteReplicaStaysWhileItsSuccessorIsCopying",
		edits: []edit{{"internal/plan", "if p.best() != nil {\n\t\t\tcomplete", "if p.there() {\n\t\t\tcomplete"}},
	},
	{
		name: "of two doubles the older one goes", pkg: "./handler", test: "TestADoubleGoesFirstAndTheOlderOneStays",
		edits: []edit{{"internal/plan", "a.replica.Created.Compare(b.replica.Created)", "b.replica.Created.Compare(a.replica.Created)"}},
	},
	{
		name: "replicas of unknown disks are deleted too", pkg: "./handler", test: "TestWholeHistoriesOfUnknownDisksAndOfOthersAreLeftAlone",
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
}
