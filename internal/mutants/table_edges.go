package main

// edgeMutants are mistakes in speaking to the service, in wiring the parts
// together, in reading settings and events, and in replying.
var edgeMutants = []mutant{{
	name: "a copy is repeated blindly", pkg: "./internal/tencent", test: "TestCopiesAreNotRepeatedUnlessNotLookedAt", storms: 20,
	edits: []edit{{"internal/tencent", "case !t.once && e.mayPass():", "case e.mayPass():"}},
}, {
	name: "a refusal of one region is overlooked in an answer of success", pkg: "./internal/tencent", test: "TestCopyAnswersRegionByRegion",
	edits: []edit{{"internal/tencent", "if row != nil && row.began() {", "if row != nil {"}},
}, {
	name: "a region that the answer leaves out counts as copied", pkg: "./internal/tencent", test: "TestCopyReadsOddAnswers",
	edits: []edit{{"internal/tencent", "\tif row != nil && row.began() {\n", "\tif row == nil {\n\t\treturn cloud.CopyResult{Region: to}\n\t}\n\tif row.began() {\n"}},
}, {
	name: "times are read as UTC", pkg: "./internal/tencent", test: "TestTimesMeanUTCPlus8UnlessTheySayOtherwise", storms: 20,
	edits: []edit{{"internal/tencent", `time.FixedZone("UTC+8", 8*60*60)`, "time.UTC"}},
}, {
	name: "pages do not overlap", pkg: "./internal/tencent", test: "TestListsAreWholeWhileSnapshotsComeAndGo",
	edits: []edit{{"internal/tencent", "(len(rows) > 0 && p.isBefore(&rows[0]))", "len(rows) > 0"}, {"internal/tencent", "min(offset+p.step, end-1)", "end"}, {"internal/tencent", "asked), p.next+p.step", "asked), p.next+pageSize"}},
}, {
	name: "only the first page is read", pkg: "./internal/tencent", test: "TestListsCostNoMoreThanTheyMust",
	edits: []edit{{"internal/tencent", "atEnd := len(rows) > 0 && len(rows) < pageSize\n", "atEnd := len(rows) > 0\n\t\tp.total = min(p.total, end)\n"}},
}, {
	name: "a list that broke off is handed over as a whole one", pkg: "./internal/tencent", test: "TestAFailedPageFailsTheList",
	edits: []edit{{"internal/tencent", "if whole || err != nil {\n\t\t\treturn err", "if whole || err != nil {\n\t\t\tif last.seen.len() > 0 {\n\t\t\t\treturn nil\n\t\t\t}\n\t\t\treturn err"}},
}, {
	name: "a code nobody knows counts as a refusal", pkg: "./internal/tencent", test: "TestEveryCodeHasAMeaning",
	edits: []edit{{"internal/tencent", "return CodeInfo{Code: code, Meaning: cloud.MayHaveHappened, Hint: hintAgain}", "return CodeInfo{Code: code, Meaning: cloud.WrongRequest, Hint: hintAgain}"}},
}, {
	name: "only one of the codes for too fast is known", pkg: "./internal/tencent", test: "TestThrottledCopiesAreRepeated",
	edits: []edit{{"internal/tencent", `firstPart(e.Code) == "RequestLimitExceeded"`, `e.Code == "RequestLimitExceeded"`}},
}, {
	name: "the filter by name is trusted", pkg: "./internal/tencent", test: "TestNamesMatchExactly",
	edits: []edit{{"internal/tencent", "return s.Name != \"\" && !slices.Contains(names, s.Name)", "return false"}},
}, {
	name: "tags go under the prefix that does nothing", pkg: "./internal/tencent", test: "TestTheServiceDoesWhatWeRelyOn",
	edits: []edit{{"internal/tencent", `"qcs::cvm:%s:uin/%s:snapshot/%s"`, `"qcs::cbs:%s:uin/%s:snapshot/%s"`}},
}, {
	name: "an idle second buys a burst", pkg: "./internal/tencent", test: "TestAnIdleSecondBuysNoBurst", storms: 20,
	edits: []edit{{"internal/tencent", "rate.NewLimiter(p.limit, 1)", "rate.NewLimiter(p.limit, 20)"}},
}, {
	name: "the age of an observation does not count the wait for the pace", pkg: "./internal/tencent", test: "TestTheAgeOfALookCountsTheWaitForThePace",
	edits: []edit{{"internal/tencent", "case c.past(t.while.Until, 0), t", "case t"}, {"internal/tencent", "\tif end, ok := c.end(t); ok {\n", "\tif end, ok := c.end(t); ok && t.while.Until.IsZero() {\n"}},
}, {
	name: "a finance region is asked at the common host", pkg: "./internal/tencent", test: "TestFinanceRegionsCopyThroughTheirOwnHost",
	edits: []edit{{"internal/tencent", "if cloud.IsFinance(name) {", "if cloud.IsFinance(service) {"}},
}, {
	name: "an error shows a credential that a proxy echoed", pkg: "./internal/tencent", test: "TestErrorsAreOneLineWithoutCredentials",
	edits: []edit{{"internal/tencent", "if len(secret) >= shortestValue {", "if len(secret) < shortestValue {"}},
}, {
	name: "redirects are followed with the signed request", pkg: "./internal/tencent", test: "TestRedirectsAreNotFollowed",
	edits: []edit{{"internal/tencent", `	resp.Header.Del("Location")`, ""}},
}, {
	name: "a client is kept across invocations", pkg: "./handler", test: "TestEachInvocationSignsWithTheCredentialsItBrought",
	edits: []edit{
		{"handler", "Cloud: h.Connect(", "Cloud: h.kept("},
		{"handler", "\t\"snapferry/internal/settings\"\n)\n\n// budget leaves time", "\t\"snapferry/internal/job\"\n\t\"snapferry/internal/settings\"\n)\n\nvar clients = map[*Handler]job.Cloud{}\n\nfunc (h *Handler) kept(c Connection) job.Cloud {\n\tif clients[h] == nil {\n\t\tclients[h] = h.Connect(c)\n\t}\n\treturn clients[h]\n}\n\n// budget leaves time"},
	},
}, {
	name: "subscribe takes over another function's rule", pkg: "./internal/cli", test: "TestSubscribeChangesNothingOfOthers",
	edits: []edit{{"internal/job", "if others := u.others(rules...); len(others) > 0 {", "if others := u.others(rules...); len(others) > 9 {"}},
}, {
	name: "subscribe --remove removes what is not ours", pkg: "./internal/cli", test: "TestSubscribeChangesNothingOfOthers",
	edits: []edit{{"internal/job", "return !u.isOurs(t) })", "return false })"}},
}, {
	name: "a policy grants what its job never calls", pkg: "./internal/cli", test: "TestEachPolicyIsWhatItsJobCalls",
	edits: []edit{{"internal/policy", `{service: "cbs", action: "DeleteSnapshots", jobs: []cloud.Job{cloud.Retain}`, `{service: "cbs", action: "DeleteSnapshots", jobs: []cloud.Job{cloud.Copy, cloud.Retain}`}},
}, {
	name: "a policy allows deletion without a keep rule", pkg: "./internal/cli", test: "TestEachPolicyIsWhatItsJobCalls",
	edits: []edit{{"internal/policy", "(!p.deletes || deletes)", "(!p.deletes || deletes || true)"}},
}, {
	name: "subscribe does not fail without an answer", pkg: "./internal/cli", test: "TestSubscribeFailsWithoutAnAnswer",
	edits: []edit{{"internal/job", "u.note(kind, plan.Failed, fmt.Sprintf(\"%s; it may", "u.note(kind, plan.Unknown, fmt.Sprintf(\"%s; it may"}},
}, {
	name: "a full page ends a list of rules by its total", pkg: "./internal/tencent", test: "TestListsOfEventBridgeAreReadWhole",
	edits: []edit{{"internal/tencent", "(len(page) >= bridgePage || len(all) < total)", "len(all) < total"}},
}, {
	name: "each invocation has a pace of its own", pkg: ".", test: "TestInvocationsAtOnceShareOnePaceForEachRate",
	edits: []edit{{".", "if pacers[rate] == nil {", "if pacers[rate] == nil || rate > 0 {"}},
}, {
	name: "the first invocation's rate is that of all", pkg: ".", test: "TestAnotherRateIsAnotherPace",
	edits: []edit{{".", "if pacers[rate] == nil {", "for _, p := range pacers {\n\t\t\tpacers[rate] = p\n\t\t}\n\t\tif pacers[rate] == nil {"}},
}, {
	name: "an event can lift the DRY_RUN of the settings", pkg: "./handler", test: "TestNoEventLiftsADryRunOfTheSettings",
	edits: []edit{{"handler", "if m.DryRun != nil && *m.DryRun {\n\t\ta.dry = true\n", "if m.DryRun != nil {\n\t\ta.dry = *m.DryRun\n"}},
}, {
	name: "a call that failed is taken for a new snapshot", pkg: "./handler", test: "TestEventsThatAskForNothingAreIgnoredWithTheReason",
	edits: []edit{{"internal/event", "failed := failure(data, response); failed != \"\"", "failed := failure(data, response); failed == \"?\""}},
}, {
	name: "one bad record spoils its batch", pkg: "./handler", test: "TestABadRecordCostsTheOthersOfItsBatchNothing",
	edits: []edit{{"handler", "note(r, plan.Failed, \"event record: \"+r.Err.Error())\n", "note(r, plan.Failed, \"event record: \"+r.Err.Error())\n\t\t\ta.order.Refs, a.idle = nil, true\n\t\t\treturn a\n"}},
}, {
	name: "an id is passed on as it came", pkg: "./internal/event", test: "TestEveryFixtureDecodesAsExpected",
	edits: []edit{{"internal/event", "if !ok || !valid(id) {", "if !ok {"}},
}, {
	name: "settled when any action leaves nothing to do", pkg: "./handler", test: "TestOneThingLeftToDoIsNotSettled",
	edits: []edit{{"handler", "r.Settled = r.Settled && o.Settled()", "r.Settled = r.Settled || o.Settled()"}},
}, {
	name: "the status page answers any bearer", pkg: "./handler", test: "TestTheStatusPageAnswersOnlyWhoMayAsk",
	edits: []edit{{"handler", "\treturn ok == 1\n", "\treturn ok >= 0\n"}},
}, {
	name: "only the first language of a visitor counts", pkg: "./handler", test: "TestTheAnswersAreInTheVisitorsLanguage",
	edits: []edit{{"handler", "\t\tif language := settings.LanguageOf(wanted); language != \"\" {\n\t\t\treturn language\n\t\t}\n", "\t\treturn settings.LanguageOf(wanted)\n"}},
}, {
	name: "short answers are English only", pkg: "./handler", test: "TestTheAnswersAreInTheVisitorsLanguage",
	edits: []edit{{"handler", "respond(r, code, words.In(language, text), headers)", "respond(r, code, words.In(\"en\", text), headers)"}},
}, {
	name: "a keep rule of 0 is taken", pkg: "./internal/settings", test: "TestOneValueOfOneVariable",
	edits: []edit{{"internal/settings", "err != nil || n < 1 || n > uint64(most)", "err != nil || n > uint64(most)"}},
}, {
	name: "requests go in the clear to any host", pkg: "./internal/settings", test: "TestRequestsGoInTheClearOnlyToThisMachine",
	edits: []edit{{"internal/settings", "return err == nil && address.IsLoopback()", "return err == nil && address.IsValid()"}},
}, {
	name: "a mistake in a secret shows it", pkg: "./internal/settings", test: "TestMistakesInSecretsDoNotShowThem",
	edits: []edit{{"internal/settings", "r.name, r.hidden = v.Name, v.secret || url", "r.name, r.hidden = v.Name, url"}},
}, {
	name: "a duration may be negative or without a unit", pkg: "./internal/settings", test: "TestDurationsTakeDaysAndWeeks",
	edits: []edit{{"internal/settings", "if s != \"0\" && !hasDurationForm(s) {", "if s == \"\" {"}},
}, {
	name: "an id of one family goes with the key of another", pkg: "./internal/settings", test: "TestCredentialsComeFromOneFamilyOfNames",
	edits: []edit{{"internal/settings", "case key == \"\":\n", "case key == \"\":\n\t\t\tcontinue\n\t\tcase key == \"?\":\n"}},
}, {
	name: "a log shows the credentials of an answer that repeats them", pkg: "./handler", test: "TestNoSecretComesOutOfAnyJobUnderAnyFault",
	edits: []edit{{"internal/tencent", "s = hide(s, secret)", "s = strings.TrimSpace(s)"}},
}, {
	name: "only the first invocation's credentials are hidden", pkg: "./internal/tencent", test: "TestNoPartOfAnEchoedTokenIsShown",
	edits: []edit{
		{"internal/tencent", "range []string{c.o.Token, c.o.Key, c.o.ID} {", "range hides(c) {"},
		{"internal/tencent", "// clean makes foreign text", "var hides = func() func(*Cloud) []string {\n\tvar first []string\n\treturn func(c *Cloud) []string {\n\t\tif first == nil {\n\t\t\tfirst = []string{c.o.Token, c.o.Key, c.o.ID}\n\t\t}\n\t\treturn first\n\t}\n}()\n\n// clean makes foreign text"},
	},
}, {
	name: "a command shows a setting that is a secret and wrong", pkg: "./internal/cli", test: "TestNoCommandPrintsASecretWithWrongSettings",
	edits: []edit{{"internal/settings", "r.name, r.hidden = v.Name, v.secret || url", "r.name, r.hidden = v.Name, url"}},
}, {
	name: "the page repeats the path it was asked for", pkg: "./handler", test: "TestTheAnswersAreInTheVisitorsLanguage",
	edits: []edit{{"handler", "\"no such page; there are /,", "\"no page \"+r.Path+\"; there are /,"}},
}, {
	name: "headers of any length are read", pkg: "./handler", test: "TestEventsThatAreNoJSONOrTooDeepAreErrorsOfOneLine",
	edits: []edit{{"internal/event", "if len(raw) > maxHead {", "if len(raw) > maxPayload {"}},
}, {
	name: "lists of up to a million elements are taken apart", pkg: "./handler", test: "TestEventsThatAreNoJSONOrTooDeepAreErrorsOfOneLine",
	edits: []edit{{"internal/event", "MaxRecords = 10_000\n", "MaxRecords = 1_000_000\n"}},
}, {
	name: "an event may name any number of snapshots", pkg: "./handler", test: "TestABatchThatNamesHundredsOfThousandsOfSnapshotsLeavesTheRestToTheSweep",
	edits: []edit{{"handler", "len(r.Disks) > event.MaxRecords:", "len(r.Disks) > 6<<20:"}},
}, {
	name: "an error repeats an event as it came", pkg: "./handler", test: "TestNothingHostileReachesACallALogLineOrAPage",
	edits: []edit{{"internal/event", "func quote(s string) string { return fmt.Sprintf(\"%q\", cut(s)) }", "func quote(s string) string { return fmt.Sprintf(\"%s\", cut(s)) }"}},
}, {
	name: "replicas are called something else", storms: 3,
	edits: []edit{{"internal/tencent", "\t\tq.SnapshotId, q.SnapshotName = &r.Source, &r.Name\n", "\t\tname := strings.ToLower(r.Name)\n\t\tq.SnapshotId, q.SnapshotName = &r.Source, &name\n"}},
}, {
	name: "the last row of a page is lost", storms: 20,
	edits: []edit{{"internal/tencent", "\tp.take(fresh, max(p.total, 0))", "\tp.take(fresh[:max(0, len(fresh)-1)], max(p.total, 0))"}},
}, {
	name: "a page that was asked for ahead may begin behind the one before", pkg: "./internal/tencent", test: "TestListsAreWholeWhileSnapshotsComeAndGo",
	edits: []edit{{"internal/tencent", "p.isBefore(&rows[0])", "true"}},
}, {
	name: "pages that were asked for before the list moved are used", pkg: "./internal/tencent", test: "TestListsAreWholeWhileSnapshotsComeAndGo",
	edits: []edit{{"internal/tencent", "p.queue, p.next = nil, offset", "p.next = offset"}},
}, {
	name: "a row that comes twice counts as two", pkg: "./internal/tencent", test: "TestListsThatStayIncompleteAreErrorsThatSaySo",
	edits: []edit{{"internal/tencent", "p.seen.len()+p.seenNoID >= total", "p.end >= total"}},
}, {
	name: "a full page ends a list because of the total", pkg: "./internal/tencent", test: "TestNoOddAnswerCostsARow", seen: true,
	edits: []edit{{"internal/tencent", "atEnd := len(rows) > 0 && len(rows) < pageSize\n", "atEnd := len(rows) > 0\n"}},
}, {
	name: "what several readings show is not put together", pkg: "./internal/tencent", test: "TestNoOddAnswerCostsARow", seen: true,
	edits: []edit{{"internal/tencent", "p.taken.len()+p.fresh >= total", "p.fresh >= total"}},
}, {
	name: "rows that were deleted during the reading stand for others", pkg: "./internal/tencent", test: "TestListsAreWholeWhileSnapshotsComeAndGo",
	edits: []edit{{"internal/tencent", "(!p.fell && ", "("}},
}, {
	name: "an empty list is believed at once", pkg: "./internal/tencent", test: "TestNoOddAnswerCostsARow", seen: true,
	edits: []edit{{"internal/tencent", "(p.empty > 1 || !p.doubtEmpty)", "p.empty > 0"}},
}, {
	name: "a row whose id can't be read vanishes", pkg: "./internal/tencent", test: "TestRowsWithoutAnIDDoNotVanish",
	edits: []edit{{"internal/tencent", "keepNoID: true", "keepNoID: false"}},
}, {
	name: "one unknown id fails a whole request", pkg: "./internal/tencent", test: "TestUnknownIDsAreLeftOutThoughTheServiceRefusesTheirWholeRequest", seen: true,
	edits: []edit{{"internal/tencent", "if len(ways) > 1 && e != nil", "if len(ways) > 3 && e != nil"}},
}, {
	name: "an error quotes an answer that is no JSON", pkg: "./internal/tencent", test: "TestNoPartOfAnEchoedTokenIsShown",
	edits: []edit{{"internal/tencent", "return notJSON(text) // the SDK's error quotes the answer", "return err"}, {"internal/tencent", "s = hide(s, secret)", "s = strings.ReplaceAll(s, secret, \"[hidden]\")"}},
}, {
	name: "a second pass hands over again what the first one did", pkg: "./internal/tencent", test: "TestListsAreWholeWhileSnapshotsComeAndGo",
	edits: []edit{{"internal/tencent", "if !p.taken.has(id) {", `if id != "" {`}},
}, {
	name: "an answer stands behind the one before it in the buffer", pkg: "./internal/tencent", test: "TestListsCostNoMoreThanTheyMust",
	edits: []edit{{"internal/tencent", "\ttext.Reset()\n", ""}},
}, {
	name: "nobody asks whether what a copy relies on still holds", pkg: "./internal/tencent", test: "TestACopyIsSentOnlyWhileWhatItReliesOnHolds",
	edits: []edit{{"internal/tencent", ", t.while.Holds != nil && !t.while.Holds():", ":"}},
}, {
	name: "a name that can't be true is believed", pkg: "./internal/plan", test: "TestAReplicaOfTheFutureDisplacesNothing", seen: true,
	edits: []edit{{"internal/plan", "if lie := lie(l, src, now); lie != \"\" {", "if lie := lie(l, src, now); lie == \"?\" {"}},
}, {
	name: "a slip of a setting's name is ignored", pkg: "./internal/settings", test: "TestANameThatIsNearlyASettingsIsAMistake",
	edits: []edit{{"internal/settings", "\tr.slips(names)\n", "\tr.slips(nil)\n"}},
}, {
	name: "a permission that one region denies stops the run", pkg: "./handler", test: "TestARegionThatRefusesDoesNotCostTheOthersTheirCopies", seen: true,
	edits: []edit{{"internal/tencent", "{\"UnauthorizedOperation\", cloud.Denied,", "{\"UnauthorizedOperation\", cloud.StopRun,"}},
}, {
	name: "what is in the recycle bin is there", pkg: "./internal/plan", test: "TestWhatNobodyCanMendRingsNoAlarm", seen: true,
	edits: []edit{{"internal/plan", " || s.State == cloud.ToRecycle {", " {"}},
}, {
	name: "ids that only the resources name are not found", pkg: "./internal/event", test: "TestEveryFixtureDecodesAsExpected",
	edits: []edit{{"internal/event", "if len(snapshots)+len(disks) == 0 {", "if len(snapshots)+len(disks) < 0 {"}},
}, {
	name: "a group refused for a moment is taken for one that is always refused", pkg: "./internal/job", test: "TestAFailedGroupShowsWhichRegionIsTheCause",
	edits: []edit{{"internal/job", "if m == cloud.WrongRequest && !slices.ContainsFunc(places, refused) {", "if !slices.ContainsFunc(places, refused) {"}},
}, {
	name: "what was never compared passes for proven", pkg: "./internal/plan", test: "TestOnlyAProvenReplicaDisplacesAnother", seen: true,
	edits: []edit{{"internal/plan", "return Unproven, \"NORMAL at 100 %, but its source is gone", "return Verified, \"NORMAL at 100 %, but its source is gone"}},
}, {
	name: "a point older than RPO protects", pkg: "./internal/plan", test: "TestEachDiskHasAState", seen: true,
	edits: []edit{{"internal/plan", "age <= p.rules.RPO):", "age <= 2*p.rules.RPO):"}},
}, {
	name: "a sweep is settled although a disk is not protected", pkg: "./internal/plan", test: "TestEachDiskHasAState", seen: true,
	edits: []edit{{"internal/plan", "worst != \"\" && !worst.Settled()", "worst == Arriving"}},
}, {
	name: "MAX_AGE holds back the newest point of a disk", pkg: "./internal/plan", test: "TestMaxAgeNeverHoldsBackTheNewestOfADisk", seen: true,
	edits: []edit{{"internal/plan", "\tif exists {\n\t\tadmitNewest(past)\n\t}\n", ""}},
}, {
	name: "the tags of a gone disk are taken for none", pkg: "./internal/plan", test: "TestTheLastSnapshotOfAGoneDisk", seen: true,
	edits: []edit{{"internal/plan", "case len(p.replicaRegions(v)) > 0:\n\t\treturn reason{}\n", ""}},
}, {
	name: "a selection that finds nothing is no alarm", pkg: "./internal/plan", test: "TestASelectionThatFindsNothingIsAnAlarm",
	edits: []edit{{"internal/plan", "\tif kind == KindVerify {\n\t\tp.selectionAlarms(alarm)\n\t}\n", ""}},
}, {
	name: "a copy that shows no name is not there", pkg: "./internal/plan", test: "TestAnOddRowIsNoReasonForASecondCopy", seen: true,
	edits: []edit{{"internal/plan", "left[to] -= p.world.nameless[to]; p.nearly", "p.nearly"}},
}, {
	name: "a name that the service changed is another snapshot's", pkg: "./internal/plan", test: "TestAnOddRowIsNoReasonForASecondCopy", seen: true,
	edits: []edit{{"internal/plan", "\t\tif resembles(nearly, name) {", "\t\tif nearly == name {"}},
}, {
	name: "a value that is left out is a different value", pkg: "./internal/plan", test: "TestAnOddRowIsNoReasonForASecondCopy", seen: true,
	edits: []edit{{"internal/plan", "if v.complete() || !readable {", "if v.complete() || readable && now.IsZero() {"}},
}, {
	name: "verify believes what the copy job remembers", pkg: "./handler", test: "TestVerifyRingsInTheInstanceThatRememberedTheRefusal",
	edits: []edit{{"internal/job", "\tseen.world.Refused = nil\n\treport := r.report(plan.KindVerify, seen)\n", "\treport := r.report(plan.KindVerify, seen)\n"}},
}, {
	name: "a refused tag is no failure", pkg: "./handler", test: "TestARefusedTagIsAFailure",
	edits: []edit{{"internal/job", "\t\t\tfailure(&b.replicas[i], b.refused+sentence(why))\n", "\t\t\tcontinue\n"}},
}, {
	name: "one replica that can't be tagged costs the others their tags", pkg: "./handler", test: "TestOneReplicaThatCantBeTaggedCostsTheOthersNothing",
	edits: []edit{{"internal/tencent", "\t\tif general == len(ids) {", "\t\tif len(alone) > 0 {"}},
}, {
	name: "our replica is copied on when its mark is missing", pkg: "./internal/plan", test: "TestAnOddReplicaIsNotCopiedBack", storms: 300,
	edits: []edit{{"internal/plan", "\t\t\ts.CopyFromRemote = s.CopyFromRemote || last.foreign\n", ""}},
}, {
	name: "another account's snapshot is our replica", pkg: "./internal/plan", test: "TestEachDiskHasAState", seen: true,
	edits: []edit{{"internal/plan", "\tcase rep.SharedIn:\n", "\tcase rep.SharedIn && !rep.CopyFromRemote:\n"}},
}, {
	name: "an incomplete list hides the disks without a replica", pkg: "./internal/plan", test: "TestEachDiskHasAState", seen: true,
	edits: []edit{{"internal/plan", "p.sourcesUnseen(v) && (newest == nil || !v.exists || !selected):", "p.sourcesUnseen(v):"}},
}, {
	name: "what is in the recycle bin was not deleted", pkg: "./handler", test: "TestTheAlarmNamesEveryoneWhoDeleted",
	edits: []edit{{"internal/job", "return s.State == cloud.ToRecycle })", "return false })"}},
}, {
	name: "a replica counts as spoilt after one odd row", pkg: "./handler", test: "TestOneOddRowMakesNoSecondCopy", storms: 300,
	edits: []edit{{"internal/job", "if !t.decisions[j].IsRepeated() {", "if true {"}},
}, {
	name: "a replica that shows no name is not found by name", pkg: "./handler", test: "TestOneOddRowMakesNoSecondCopy",
	edits: []edit{{"internal/tencent", "return s.Name != \"\" && !slices.Contains(names, s.Name)", "return !slices.Contains(names, s.Name)"}},
}, {
	name: "a copy's name moves the point of a proven replica", pkg: "./internal/plan", test: "TestOnlyAProvenReplicaDisplacesAnother", seen: true,
	edits: []edit{{"internal/plan", "if src != nil || v.says.Equal(l.Created) {", "if true {"}, {"internal/plan", "return src != nil || pt.lineage.Created.Equal(l.Created) })", "return true })"}},
}, {
	name: "an event decides about a disk that is gone", pkg: "./internal/plan", test: "TestWhatSpeaksAgainstACopyBeginsWhereItSays", storms: 300,
	edits: []edit{{"internal/plan", "if o == Planned && p.world.Partial && p.isGone(v) && !pt.explicit {", "if false {"}},
}}
