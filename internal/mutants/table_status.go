package main

// statusMutants are mistakes in showing how far the disks are protected, and in telling
// people about it.
var statusMutants = []mutant{{
	name: "a cell of the CSV begins a formula", pkg: "./internal/status", test: "TestNoCellBeginsAFormula",
	edits: []edit{{"internal/status", `return "'" + cell`, "return cell"}},
}, {
	name: "a label of a metric is not escaped", pkg: "./internal/status", test: "TestHostileTextIsDataOnEveryFace",
	edits: []edit{{"internal/status", "escaped.Replace(clean(labels[i+1]))", "clean(labels[i+1])"}},
}, {
	name: "a series is there twice", pkg: "./internal/status", test: "TestHostileTextIsDataOnEveryFace",
	edits: []edit{{"internal/status", "if !o.seen[series] {", "if series != \"\" {"}},
}, {
	name: "a sentence of the page is not escaped", pkg: "./internal/status", test: "TestHostileTextIsDataOnEveryFace",
	edits: []edit{{"internal/status", "template.HTMLEscapeString(text(v.l)) +", "text(v.l) +"}},
}, {
	name: "series of disks are left out without a word", pkg: "./internal/status", test: "TestTooManySeriesOfDisksAreCounted",
	edits: []edit{{"internal/status", "			omitted++\n", ""}},
}, {
	name: "the median is the newer one of two", pkg: "./internal/status", test: "TestWhatComesBackIfTheSourceIsLost",
	edits: []edit{{"internal/status", "p[(len(p)-1)/2]", "p[len(p)/2]"}},
}, {
	name: "a common point is the newest of its points", pkg: "./internal/status", test: "TestAMachinesCommonPointAgreesWithASearchOfAllChoices",
	edits: []edit{{"internal/status", "!hasIn(p, moment, moment+together)", "!hasIn(p, moment-together, moment)"}},
}, {
	name: "a disk is as good as its best region", pkg: "./internal/status", test: "TestADiskIsAsBadAsItsWorstRegionAndTheWorstComesFirst",
	edits: []edit{{"internal/status", "worse(r.State, disk.State) < 0", "worse(r.State, disk.State) > 0"}},
}, {
	name: "each attempt for a point is pending", pkg: "./internal/status", test: "TestReplicasAndPendingPointsAreCountedFromTheDecisions",
	edits: []edit{{"internal/status", "this != in.pending {", "this[0] != \"\" {"}},
}, {
	name: "a drill of the future was done", pkg: "./handler", test: "TestDrillsAreReadFromTheTagsOfReplicas",
	edits: []edit{{"internal/status", " || plan.Monday(d.Week).After(in.At.Add(24*time.Hour))", ""}},
}, {
	name: "the oldest drill of a region is shown", pkg: "./handler", test: "TestDrillsAreReadFromTheTagsOfReplicas",
	edits: []edit{{"internal/status", "cmp.Compare(b.Week, a.Week)", "cmp.Compare(a.Week, b.Week)"}},
}, {
	name: "one drill serves all regions", pkg: "./handler", test: "TestDrillsAreReadFromTheTagsOfReplicas",
	edits: []edit{{"internal/plan", "Drilled{To: region, Disk", "Drilled{To: w.regions[0], Disk"}},
}, {
	name: "a monthly drill is overdue", pkg: "./internal/status", test: "TestThePageSaysWhichDrillIsOverdue",
	edits: []edit{{"internal/status", "drillOverdue = 45 * 24", "drillOverdue = 30 * 24"}},
}, {
	name: "a disk's name moves the cursor of a terminal", pkg: "./internal/cli", test: "TestATerminalShowsTheWorstRowsOfTheStatus",
	edits: []edit{{"internal/cli", "if !unicode.IsPrint(c) {\n\t\t\treturn '·'", "if !unicode.IsPrint(c) && c == 0 {\n\t\t\treturn '·'"}},
}, {
	name: "rows of the status are left out without a word", pkg: "./internal/cli", test: "TestATerminalShowsTheWorstRowsOfTheStatus",
	edits: []edit{{"internal/cli", "				left[r.State]++\n", ""}},
}, {
	name: "the token of a first visit is forgotten", pkg: "./handler", test: "TestTheStatusPageAnswersOnlyWhoMayAsk",
	edits: []edit{{"handler", `r.Query.Get("token"); token != ""`, `r.Query.Get("token"); token == "?"`}},
}, {
	name: "the token's cookie goes in the clear", pkg: "./handler", test: "TestTheStatusPageAnswersOnlyWhoMayAsk",
	edits: []edit{{"handler", "Secure: true, HttpOnly: true", "HttpOnly: true"}},
}, {
	name: "caches may keep the status", pkg: "./handler", test: "TestTheStatusPageAnswersOnlyWhoMayAsk",
	edits: []edit{{"handler", `"Cache-Control": "no-store", `, ""}},
}, {
	name: "each visitor costs a look", pkg: "./handler", test: "TestTheStatusHasFourFacesAndOneLook",
	edits: []edit{{"handler", "h.Now().Sub(r.at) < recentFor", "h.Now().Sub(r.at) < 0"}},
}, {
	name: "visitors at once cost a look each", pkg: "./handler", test: "TestTheStatusHasFourFacesAndOneLook",
	edits: []edit{{"handler", "	defer h.Recent.looking.Release(1)\n", "	h.Recent.looking.Release(1)\n"}},
}, {
	name: "a page larger than the platform passes on is sent", pkg: "./handler", test: "TestAPageTooLargeForThePlatformIsPackedOrRefused",
	edits: []edit{{"handler", "maxReply = 6_000_000", "maxReply = 60_000_000"}},
}, {
	name: "a page is packed for who can't unpack it", pkg: "./handler", test: "TestAPageTooLargeForThePlatformIsPackedOrRefused",
	edits: []edit{{"handler", `tooLarge && strings.Contains(r.Headers.Get("Accept-Encoding"), "gzip")`, `tooLarge && !strings.Contains(r.Path, "gzip")`}},
}, {
	name: "the heartbeat beats while a disk is late", pkg: "./handler", test: "TestEveryKindOfAlarmIsTold",
	edits: []edit{{"handler", "p.Late+p.Unprotected == 0", "p.Unprotected == 0"}},
}, {
	name: "the heartbeat beats although a region was not read", pkg: "./handler", test: "TestTheHeartbeatIsSilentWhenARegionIsNotSeen",
	edits: []edit{{"handler", "r.Job == cloud.Verify && whole && p != nil", "r.Job == cloud.Verify && p != nil"}},
}, {
	name: "an error shows the address of a webhook", pkg: "./internal/notify", test: "TestNoErrorShowsTheAddress",
	edits: []edit{{"internal/notify", "return fmt.Errorf(\"%s can't be reached: the connection failed\", t.name)", "return fmt.Errorf(\"%s can't be reached: %w\", t.name, err)"}},
}, {
	name: "what was told is told in every run", pkg: "./internal/notify", test: "TestWhatIsNewOrWellAgainIsToldAtOnceAndNothingTwice",
	edits: []edit{{"internal/notify", "if repeat || e.toldAt.IsZero()", "if repeat || !e.since.IsZero()"}},
}, {
	name: "one job says that what another found is well again", pkg: "./internal/notify", test: "TestWhatIsNewOrWellAgainIsToldAtOnceAndNothingTwice",
	edits: []edit{{"internal/notify", "if k.job != r.Job || present[k]", "if present[k]"}},
}, {
	name: "what is not seen in a part of a run is well again", pkg: "./internal/notify", test: "TestWhatIsNewOrWellAgainIsToldAtOnceAndNothingTwice",
	edits: []edit{{"internal/notify", "!isGood && !(r.Whole && e.whole)", "!isGood && !e.whole"}},
}, {
	name: "a webhook is asked three times", pkg: "./internal/notify", test: "TestAWebhookThatFailsIsAskedTwiceWithinTwoSeconds",
	edits: []edit{{"internal/notify", "\t\t_, err = t.try(ctx)\n", "\t\tt.try(ctx)\n\t\t_, err = t.try(ctx)\n"}},
}, {
	name: "a robot that refuses with 200 has taken the message", pkg: "./internal/notify", test: "TestAWebhookThatFailsIsAskedTwiceWithinTwoSeconds",
	edits: []edit{{"internal/notify", "	case !t.coded:\n", "	case t.name != \"\":\n"}},
}, {
	name: "a message is cut without a word", pkg: "./internal/notify", test: "TestALongMessageIsCutAtALineAndSaysHowManyAreLeft",
	edits: []edit{{"internal/notify", "left := cutOff + more; left > 0", "left := cutOff + more; left < 0"}},
}, {
	name: "a disk's name mentions everybody", pkg: "./internal/notify", test: "TestTextOfUsersCannotBreakAForm",
	edits: []edit{{"internal/notify", `wide = strings.NewReplacer("<", "＜", ">", "＞", "&", "＆", "@", "＠", `, `wide = strings.NewReplacer(`}},
}, {
	name: "the mildest alarm comes first", pkg: "./internal/notify", test: "TestEveryRobotGetsTheWorstFirstInItsForm",
	edits: []edit{{"internal/notify", "cmp.Compare(slices.Index(outcomes, a.Outcome), slices.Index(outcomes, b.Outcome))", "cmp.Compare(slices.Index(outcomes, b.Outcome), slices.Index(outcomes, a.Outcome))"}},
}}
