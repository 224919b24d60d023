package main

// copyMutants are mistakes in keeping the sick apart from the healthy, and in
// doubting a list or a name before it becomes a bill.
var copyMutants = []mutant{{
	name: "only copies of young snapshots are read twice", pkg: "./handler", test: "TestOneOddRowMakesNoSecondCopy",
	edits: []edit{{"internal/plan", "d.Replica, d.repeated = replica, len(pt.replicas) > 0", "d.Replica, d.repeated = replica, o == Planned && len(pt.replicas) > 0"}},
}, {
	name: "a replica is read again only under the name it should have", pkg: "./handler", test: "TestAReplicaUnderAnotherNameIsReadAgainUnderThatName",
	edits: []edit{{"internal/job", "\t\t\tnames = append(names, s.Name)\n", "\t\t\t_ = s.Name\n"}, {"internal/job", "if replicas[j].State != cloud.ToRecycle {", "if false {"}},
}, {
	name: "a replica that one look showed odd, and the next one not at all, is spoilt", pkg: "./handler", test: "TestAnOddReplicaThatIsNotReadAgainIsThere",
	edits: []edit{{"internal/job", "if replicas[j].State != cloud.ToRecycle {", "if false {"}},
}, {
	name: "after an unclear answer a copy is requested without a look", pkg: "./handler", test: "TestALostAnswerIsNotFollowedByASecondCopy", storms: 20,
	edits: []edit{{"internal/job", "\tt.sourceAt, t.targets[i].at, t.notBefore = time.Time{}, time.Time{}, t.run.Now()\n", "\tt.notBefore = time.Time{}\n"}},
}, {
	name: "a read begun before an unclear answer counts", pkg: "./internal/job", test: "TestAReadBegunBeforeAnUnclearAnswerDoesNotCount",
	edits: []edit{{"internal/job", "if began.Before(n.notBefore) {", "if began.IsZero() {"}},
}, {
	name: "an unclear answer about several regions is all they get", pkg: "./internal/job", test: "TestWhatIsWrongWithOneRegionDoesNotCostTheOthersTheirCopies", seen: true,
	edits: []edit{{"internal/job", "case m == cloud.MayHaveHappened && !isAlone:", "case m == cloud.MayHaveHappened && len(places) == 0:"}},
}, {
	name: "an unclear answer that could not be looked after counts as not sent", pkg: "./handler", test: "TestAfterALostAnswerEachRegionIsAskedOnceAlone",
	edits: []edit{{"internal/job", "o == plan.Deferred && t.unclear[i] != nil {", "o == \"\" {"}},
}, {
	name: "the region that was the cause is asked with the others again", pkg: "./internal/job", test: "TestAFailedGroupShowsWhichRegionIsTheCause",
	edits: []edit{{"internal/job", "return h.oneTarget || h.alone[r]", "return h.oneTarget"}},
}, {
	name: "a region that fails again and again does not wait behind the others", pkg: "./internal/job", test: "TestWhatIsWrongWithOneRegionDoesNotCostTheOthersTheirCopies", seen: true,
	edits: []edit{{"internal/job", "h.failures[r] >= manyFailures", "h.failures[r] < 0"}},
}, {
	name: "every hanging request is waited for with all patience", pkg: "./internal/job", test: "TestSnapshotsWhoseRequestsHangDoNotStarveHealthyDisks", seen: true,
	edits: []edit{{"internal/job", "h.unanswered[from] >= manyFailures", "h.unanswered[from] < 0"}},
}, {
	name: "a target that can't be searched costs the others their copies", pkg: "./internal/job", test: "TestWhatIsWrongWithOneRegionDoesNotCostTheOthersTheirCopies", seen: true,
	edits: []edit{{"internal/job", "t.failed([]int{i}, errs[n])", "t.fail(errs[n])"}},
}, {
	name: "a right that one source region lacks closes the target for all", pkg: "./internal/job", test: "TestWhatIsWrongWithOneRegionDoesNotCostTheOthersTheirCopies", seen: true,
	edits: []edit{{"internal/job", "w.close(route{d.From, d.To}, ", "w.close(route{to: d.To}, "}},
}, {
	name: "the same disk is first in every run", pkg: "./internal/plan", test: "TestDisksOfEqualUrgencyHaveAnotherOrderInEveryMinute", seen: true,
	edits: []edit{{"internal/plan", "cmp.Compare(a.turn(minute), b.turn(minute)), ", ""}, {"internal/plan", "\tminute := now.Unix() / 60\n", ""}},
}, {
	name: "the names of new replicas are trusted", pkg: "./internal/job", test: "TestTheNameOfTheFirstReplicaOfASweepIsChecked",
	edits: []edit{{"internal/job", "\trun.checkName = checkName\n", "\trun.checkName = checkName && len(tasks) == 0\n"}},
}, {
	name: "a name that is left out counts as another one", pkg: "./internal/job", test: "TestTheNameOfTheFirstReplicaOfASweepIsChecked",
	edits: []edit{{"internal/job", ` || found[0].Name == "" {`, " {"}},
}, {
	name: "a short list is no reason to doubt", pkg: "./internal/job", test: "TestManyCopiesAreStoppedWhereTheServiceCountsMoreThanItLists", seen: true,
	edits: []edit{{"internal/job", "counted <= listed || counted < 2*listed:", "counted <= listed || listed > 0:"}},
}, {
	name: "the brake can't be lifted", pkg: "./internal/job", test: "TestManyCopiesAreStoppedWhereTheServiceCountsMoreThanItLists",
	edits: []edit{{"internal/job", "case force:\n\t\t\treport.warn(doubt + \": they are copied only", "case force && listed > counted:\n\t\t\treport.warn(doubt + \": they are copied only"}},
}, {
	name: "half of the wanted points are braked too", pkg: "./internal/job", test: "TestManyCopiesAreStoppedWhereTheServiceCountsMoreThanItLists",
	edits: []edit{{"internal/job", "2*p.Missing[to] <= p.Wanted[to]", "2*p.Missing[to] < p.Wanted[to]"}},
}, {
	name: "what an incomplete list does not show is copied unseen", pkg: "./internal/job", test: "TestAnIncompleteListMakesNobodyBlind", seen: true,
	edits: []edit{{"internal/job", "v.failed[region], v.at[region] = err.Error(), err, time.Time{}", "v.failed[region] = err.Error(), err"}},
}, {
	name: "one disk that was not read holds back all of its region", pkg: "./internal/job", test: "TestAnIncompleteListMakesNobodyBlind",
	edits: []edit{{"internal/plan", "DisksUnread[v.from] != \"\" && !v.exists", "DisksUnread[v.from] != \"\""}},
}, {
	name: "a plan promises more than the quota holds", pkg: "./internal/job", test: "TestADryRunPromisesNoMoreThanTheQuotaHolds",
	edits: []edit{{"internal/job", "!known || q.used+planned[d.To] <= q.limit {", "!known || planned[d.To] <= q.limit {"}},
}, {
	name: "a slow refusal is repeated for all regions together", pkg: "./internal/job", test: "TestASlowRefusalOfOneTargetDoesNotCostTheOtherItsCopies",
	edits: []edit{{"internal/job", "\t\tt.apart = true\n", ""}},
}, {
	name: "a target that is well again gets its older points first", pkg: "./internal/job", test: "TestAShortTroubleDoesNotPutOlderPointsFirst",
	edits: []edit{{"internal/job", "\tif h.failures[r] < manyFailures {", "\tif h.failures[r] > 0 {"}},
}, {
	name: "a target in short trouble gets no second chance", pkg: "./internal/job", test: "TestAShortTroubleDoesNotPutOlderPointsFirst",
	edits: []edit{{"internal/job", "\tc.health.forgive(tasks[0].from())\n", ""}},
}, {
	name: "a slow list may take the whole run", pkg: "./internal/job", test: "TestASlowListDoesNotCostTheOthersTheirCopies",
	edits: []edit{{"internal/job", "now.Add(end.Sub(now)/2), errSlow", "now.Add(end.Sub(now)), errSlow"}},
}, {
	name: "a large event has no brake", pkg: "./internal/job", test: "TestAnEventWithManySnapshotsHasTheSameBrake",
	edits: []edit{{"internal/job", "\tv.listed[region] = true\n", "\tv.listed[region] = len(v.world.Incomplete) > 0\n"}},
}, {
	name: "a refusal for good by one region holds for all", pkg: "./internal/job", test: "TestAFailedGroupShowsWhichRegionIsTheCause",
	edits: []edit{{"internal/job", "cloud.NoSuchRegion, cloud.NeverThis}", "cloud.NoSuchRegion}"}},
}, {
	name: "a deleted row stands for a missing one", pkg: "./internal/tencent", test: "TestADeletedRowHidesNoMissingOne",
	edits: []edit{{"internal/tencent", "!(p.shrank && p.unstable) && ", ""}},
}, {
	name: "a disk that has lost all its snapshots is out of care", pkg: "./internal/plan", test: "TestEachDiskHasAState",
	edits: []edit{{"internal/plan", " && !slices.ContainsFunc(all, (*series).isProven):", ":"}},
}, {
	name: "a source that shows no disk once is copied as one of none", pkg: "./handler", test: "TestASourceWithoutADiskIsReadAgain",
	edits: []edit{{"internal/plan", "if d.Disk == \"\" && src.Disk != \"\" {", "if false {"}},
}, {
	name: "an empty list of disks is believed in silence", pkg: "./handler", test: "TestAnEmptyListOfDisksIsAWarning",
	edits: []edit{{"internal/job", "DisksWithoutARow(region); n > 1 &&", "DisksWithoutARow(region); n > 99 &&"}},
}, {
	name: "copies that vanish for ever are in time", pkg: "./handler", test: "TestCopiesThatVanishForEverRing",
	edits: []edit{{"internal/job", "seen.world.FirstCopies = r.FirstCopies.Since(r.Now())", "_ = r.FirstCopies.Since(r.Now())"}},
}, {
	name: "a first copy that began again after a replica is an old one", pkg: "./internal/job", test: "TestFirstCopiesAreRememberedUntilThereIsAReplica",
	edits: []edit{{"internal/job", "case plan.Protected, plan.Late, plan.GoneDisk:\n", "case plan.GoneDisk:\n"}},
}, {
	name: "a deletion in a region of a tag is nobody's concern", pkg: "./handler", test: "TestADeletionInARegionThatOnlyATagNames",
	edits: []edit{{"internal/job", " && !slices.Contains(tagged(), c.Region) {", " && len(tagged()) > 0 {"}},
}, {
	name: "a name that is listed late is never checked", pkg: "./internal/job", test: "TestTheNameOfAReplicaThatIsListedLateIsCheckedLater",
	edits: []edit{{"internal/job", "c.checkName, c.nextCheck = true, ", "c.checkName, c.nextCheck = false, "}},
}, {
	name: "the name of a replica is not checked at the end of a run", pkg: "./internal/job", test: "TestTheNameOfAReplicaThatIsListedLateIsCheckedLater",
	edits: []edit{{"internal/job", "if run.checkName && run.first", "if false && run.first"}},
}}
