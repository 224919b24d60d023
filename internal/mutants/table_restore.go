package main

// restoreMutants are mistakes in restores and drills.
var restoreMutants = []mutant{{
	name: "a source that lost its disk hides the newest replicas of a restore", pkg: "./internal/plan", test: "TestARestoreBelievesNoNameWhileTheSourceIsThere",
	edits: []edit{{"internal/plan", "disk := w.namedDisk(group)", "disk := group[0].disk"}},
}, {
	name: "a restore takes an unproven replica without being told to", pkg: "./internal/plan", test: "TestARestoreTakesTheNewestProvenReplicaOfEachDisk", seen: true,
	edits: []edit{{"internal/plan", "case loose != nil && o.Unproven:", "case loose != nil:"}},
}, {
	name: "a restore forgets its time", pkg: "./internal/plan", test: "TestARestoreTakesTheNewestProvenReplicaOfEachDisk", seen: true,
	edits: []edit{{"internal/plan", "return pt.lineage.Created.After(o.At) })", "return pt.lineage.Created.After(o.At.Add(time.Hour * 72)) })"}},
}, {
	name: "a restored disk is found only in a zone that was named", pkg: "./internal/plan", test: "TestADiskGetsTheTypeAndZoneThatCanBeHad", seen: true,
	edits: []edit{{"internal/plan", "(zone == \"\" || d.Zone == zone)", "d.Zone == zone"}},
}, {
	name: "a disk in the recycle bin counts as restored", pkg: "./internal/plan", test: "TestADiskGetsTheTypeAndZoneThatCanBeHad",
	edits: []edit{{"internal/plan", "replica != \"\" && d.Exists() &&", "replica != \"\" &&"}},
}, {
	name: "the steps of a disk type are ignored", pkg: "./internal/plan", test: "TestADiskGetsTheTypeAndZoneThatCanBeHad",
	edits: []edit{{"internal/plan", "(max(size, o.MinGiB) + step - 1) / step * step", "max(size, o.MinGiB, step)"}},
}, {
	name: "the token of a restored disk leaves its zone out", pkg: "./internal/job", test: "TestTheTokenIsOfReplicaAndZoneAndShort", seen: true,
	edits: []edit{{"internal/plan", "cloud.SnapshotPrefix) + \".\" + r.Zone,\n", "cloud.SnapshotPrefix),\n"}},
}, {
	name: "the token of a restored disk says its type", pkg: "./internal/job", test: "TestTheTokenIsOfReplicaAndZoneAndShort", seen: true,
	edits: []edit{{"internal/plan", "cloud.SnapshotPrefix) + \".\" + r.Zone,\n", "cloud.SnapshotPrefix) + \".\" + r.Zone + r.Type,\n"}},
}, {
	name: "a request for a disk goes without its token", pkg: "./internal/tencent", test: "TestTheServiceDoesWhatWeRelyOn", seen: true,
	edits: []edit{{"internal/tencent", "\t\t\tr.ClientToken = &d.Token\n", ""}},
}, {
	name: "a restored disk takes the replica's ferry tags along", pkg: "./internal/plan", test: "TestARestoredDiskCarriesTheReplicasOwnTagsAndNoneOfOurs", seen: true,
	edits: []edit{{"internal/plan", "value != \"\" && !slices.ContainsFunc(ReservedTags, func(prefix string) bool { return strings.HasPrefix(key, prefix) })", "value != \"\""}},
}, {
	name: "a replica that is not whole any more is restored", pkg: "./internal/plan", test: "TestAReplicaThatChangedIsNotRestored",
	edits: []edit{{"internal/plan", "|| !copied(seen) || !seen.Ready():", "|| !copied(seen):"}},
}, {
	name: "a plan that a person thought about is not looked at again", pkg: "./internal/job", test: "TestAPlanThatIsOldIsLookedAtAgain",
	edits: []edit{{"internal/job", "\tplan.FindRestored(all, p.Zone, restored)\n", ""}},
}, {
	name: "the lost region is waited for", pkg: "./internal/job", test: "TestTheLostRegionCostsSeconds",
	edits: []edit{{"internal/job", "context.WithTimeout(ctx, sourcePatience)", "context.WithTimeout(ctx, time.Hour)"}},
}, {
	name: "without a balance every disk is asked for", pkg: "./internal/job", test: "TestWhatStandsInTheWayIsToldByDiskAndTheNextRunCarriesOn",
	edits: []edit{{"internal/job", "\t\trun.stop = short(err)\n", ""}},
}, {
	name: "a disk whose answer was lost is never found", pkg: "./internal/job", test: "TestLostAnswersMakeNoSecondDisk",
	edits: []edit{{"internal/job", "t.unclear, t.action.Reason = true, \"no clear answer: \"+sentence(err)", "t.action.Reason = \"no clear answer: \" + sentence(err)"}},
}, {
	name: "the restore ends where the key of its tag is full", pkg: "./internal/job", test: "TestAFullTagKeyStopsNoDiskAndMakesNoSecond",
	edits: []edit{{"internal/job", "meaning(err) == cloud.TagKeyFull && run.useSpare(t)", "meaning(err) == cloud.TagKeyFull && false"}},
}, {
	name: "disks with the spare key are not found", pkg: "./internal/job", test: "TestAFullTagKeyStopsNoDiskAndMakesNoSecond",
	edits: []edit{{"internal/plan", "\t\tkeys = append(keys, spareTag(replica))\n", "\t\t_ = spareTag(replica)\n"}},
}, {
	name: "a script makes disks without a yes", pkg: "./internal/cli", test: "TestRestoreForPeople",
	edits: []edit{{"internal/cli", "\tif !a.Interactive {\n", "\tif !a.Interactive {\n\t\treturn true, nil\n\t}\n\tif !a.Interactive {\n"}},
}, {
	name: "what is printed for other tools carries codes for the terminal", pkg: "./internal/cli", test: "TestRestoreForPeople",
	edits: []edit{{"internal/cli", "if unicode.IsPrint(c) {\n\t\t\tb.WriteRune(c)\n\t\t\tcontinue\n", "if true {\n\t\t\tb.WriteRune(c)\n\t\t\tcontinue\n"}},
}, {
	name: "no answer is a yes", pkg: "./internal/cli", test: "TestARestoreAsksAndTakesOnlyAYes",
	edits: []edit{{"internal/cli", "[]string{\"y\", \"yes\"}", "[]string{\"y\", \"yes\", \"\"}"}},
}, {
	name: "a drill that fails for ever is first every day", pkg: "./internal/plan", test: "TestNoDiskKeepsTheOthersFromTheirDrills",
	edits: []edit{{"internal/plan", "if day%2 == 0 {", "if day < 0 {"}},
}, {
	name: "a drill's disk that is never ready is no alarm", pkg: "./handler", test: "TestADrillsDiskThatIsNeverReadyRings",
	edits: []edit{{"internal/job", "oldDrill = 72 * time.Hour", "oldDrill = 24 * 365 * time.Hour"}},
}, {
	name: "one mark of a drill is enough to end a disk", pkg: "./internal/plan", test: "TestOnlyADiskWithBothMarksMayBeEnded", seen: true,
	edits: []edit{{"internal/plan", "return replica, born, named && err == nil && cloud.IsSnapshotID(replica) &&", "return replica, born, (named && err == nil || d.Tags[DrillTag] != \"\") &&"}},
}, {
	name: "a drill ends a disk that a restore claims", pkg: "./internal/plan", test: "TestOnlyADiskWithBothMarksMayBeEnded", storms: 30,
	edits: []edit{{"internal/plan", " && RestoredFrom(d) == \"\"", ""}},
}, {
	name: "a drill ends an attached disk", pkg: "./internal/plan", test: "TestOnlyADiskWithBothMarksMayBeEnded",
	edits: []edit{{"internal/cloud", "d.State == Unattached && !d.Attached && d.Instance == \"\" && d.Postpaid", "d.State != \"\" && d.State != \"DUMPING\" && d.Postpaid"}},
}, {
	name: "a drill ends a disk that is paid by the month", pkg: "./handler", test: "TestDrillsOfAMonthGiveEveryDiskItsTurnAndLeaveNothing", seen: true,
	edits: []edit{{"internal/cloud", "&& d.Instance == \"\" && d.Postpaid", "&& d.Instance == \"\""}},
}, {
	name: "runs that overlap drill a replica twice", pkg: "./handler", test: "TestTwoDrillsAtOnceMakeNoMoreDisksThanOne",
	edits: []edit{{"internal/plan", "now.UTC().Truncate(time.Hour)", "now.UTC()"}, {"internal/plan", "born.Unix()/3600", "born.Unix()"}},
}, {
	name: "disks that are slow do not count for DRILL_COUNT", pkg: "./handler", test: "TestDrillsWaitForDisksThatAreSlow",
	edits: []edit{{"internal/job", "\t\t\t\tcount-- // it stands until it is ready\n", ""}},
}, {
	name: "without tags the same disk is drilled every day", pkg: "./internal/plan", test: "TestWithoutAnyTagEveryDiskHasItsTurn",
	edits: []edit{{"internal/plan", "(day/2*count + day%2*(n/2)) % n", "0 * day"}},
}, {
	name: "a value of the settings' file is replaced by the vendor's tool", pkg: "./internal/deploy", test: "TestNothingIsSentBeforeEverythingIsThereAndRight",
	edits: []edit{{"internal/settings", "strings.Contains(value, \"${\"):", "false:"}},
}, {
	name: "what the shell sets beside the file is taken for deployed", pkg: "./internal/cli", test: "TestSettingsComeFromAFile",
	edits: []edit{{"internal/cli", "given && isSetting || isSetting && !slices.Contains(ofPerson, name)", "given && isSetting"}},
}, {
	name: "--at with a minute leaves out the points of that minute", pkg: "./internal/cli", test: "TestARestoreFromTheMinuteThatATableShows",
	edits: []edit{{"internal/settings", "t.UTC().Add(time.Minute - time.Second)", "t.UTC()"}},
}, {
	name: "the vendor's tool counts as done when it gave up", pkg: "./internal/deploy", test: "TestAFailedStepSaysWhatIsThere",
	edits: []edit{{"internal/deploy", "case !heard.done:", "case false:"}},
}, {
	name: "the vendor's tool may ask for a login", pkg: "./internal/deploy", test: "TestAFailedStepSaysWhatIsThere",
	edits: []edit{{"internal/deploy", "\t\t\tl.stop()\n", ""}},
}, {
	name: "the vendor's tool reads another .env", pkg: "./internal/deploy", test: "TestTheWorkshopIsMadeAnew",
	edits: []edit{{"internal/deploy", "os.RemoveAll(workshop)", "error(nil)"}},
}}
