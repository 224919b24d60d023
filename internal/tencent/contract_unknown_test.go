package tencent_test

import (
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"snapferry/internal/sim"
)

// An unknown is a point on which nobody knows the service. Our client must do
// the right thing whichever way it turns out, so check is run with the quirk
// off and with each way to turn it on.
type unknown struct {
	name  string
	cite  string
	quirk string // the field of sim.Quirks
	on    []sim.Quirks
	fate  func(sim.Copy) sim.Fate
	check func(t *testing.T, c *contract)
}

var unknowns = []unknown{
	{name: "a filter by name matches parts of names", cite: "§1 DescribeSnapshots UNK", quirk: "FuzzyName", on: []sim.Quirks{{FuzzyName: true}, {FuzzyName: true, NameValues: 1}}, check: onlyThatName},
	{name: "a filter by name compares some of its values only", cite: "§1 DescribeSnapshots UNK", quirk: "NameValues", on: []sim.Quirks{{NameValues: 1}, {NameValues: 3}}, check: onlyThatName},
	{name: "a replica shows its source's time", cite: "§1 Snapshot UNK", quirk: "SourceCreateTime", on: []sim.Quirks{{SourceCreateTime: true}}, check: theNameHasTheTime},
	{
		name: "a source that is CREATING is refused by this code or that", cite: "§1 CopySnapshotCrossRegions UNK", quirk: "CreatingCode",
		on: []sim.Quirks{
			{CreatingCode: "InvalidParameterValue"},
			{CreatingCode: "ResourceBusy"},
			{CreatingCode: "UnsupportedOperation.StateError"},
			{CreatingCode: "InvalidDisk.SnapshotCreating"},
			{CreatingCode: "ResourceUnavailable"},
		},
		check: creatingIsRefusedForNow,
	},
	{name: "a replica takes tags before it is NORMAL", cite: "§2 TagResources UNK", quirk: "TagBeforeNormal", on: []sim.Quirks{{TagBeforeNormal: true}}, check: tagsAreTakenInTheEnd},
	{name: "one conflict refuses the whole call", cite: "§1 CopySnapshotCrossRegions UNK", quirk: "TopLevelConflict", on: []sim.Quirks{{TopLevelConflict: true}}, check: aConflictIsNoCopy},
	{name: "a call takes only so many regions", cite: "§1 CopySnapshotCrossRegions UNK", quirk: "MaxRegions", on: []sim.Quirks{{MaxRegions: 1}, {MaxRegions: 2}}, check: tooManyRegionsAreRefusedWhole},
	{name: "the rate is counted in calendar seconds", cite: "§1 Rates UNK", quirk: "BucketRate", on: []sim.Quirks{{BucketRate: true}}, check: thePaceFitsAnySecond},
	{
		name: "requests refused for their rate count for it", cite: "§1 Rates UNK", quirk: "RefusedCount",
		on: []sim.Quirks{{RefusedCount: true}, {RefusedCount: true, BucketRate: true}}, check: ourTurnComesBesideAGreedyClient,
	},
	{
		name: "snapshots of system disks are refused", cite: "§1 CopySnapshotCrossRegions UNK", quirk: "SystemDiskRefused",
		on: []sim.Quirks{{SystemDiskRefused: true}}, check: systemDisksAreCopiedOrRefusedForGood,
	},
	{name: "CopyFromRemote shows only when a replica has arrived", cite: "§1 Snapshot UNK", quirk: "LateCopyMark", on: []sim.Quirks{{LateCopyMark: true}}, check: aReplicaIsOursFromTheStart},
	{
		name: "a copy that hangs stops being a conflict", cite: "§1 Snapshot UNK", quirk: "HungReleases",
		on: []sim.Quirks{{HungReleases: true}}, fate: func(sim.Copy) sim.Fate { return sim.Hangs }, check: aHungCopyIsAnsweredForWhatItIs,
	},
	{
		name: "a replica can be deleted before it has arrived", cite: "§1 DeleteSnapshots UNK", quirk: "DeleteAnyState",
		on: []sim.Quirks{{DeleteAnyState: true}}, check: anArrivingReplicaIsDeletedOrLeftAlone,
	},
	{name: "a deleted replica stays in lists for a while", cite: "§1 DeleteSnapshots CODE", quirk: "DeleteLag", on: []sim.Quirks{{DeleteLag: time.Minute}}, check: aDeletionCountsOnceAnswered},
	{name: "a deleted replica goes through the recycle bin", cite: "§1 DeleteSnapshots UNK", quirk: "RecycleTime", on: []sim.Quirks{{RecycleTime: time.Hour}}, check: aDeletedReplicaIsGoneOrInTheBin},
	{name: "one unknown id refuses a list by ids", cite: "§1 DescribeDisks UNK", quirk: "UnknownIDRefuses", on: []sim.Quirks{{UnknownIDRefuses: true}}, check: anUnknownIDIsLeftOutOrRefusesAll},
	{name: "a replica's tags are never shown", cite: "§2 TagResources UNK", quirk: "TagsUnseen", on: []sim.Quirks{{TagsUnseen: true}}, check: tagsAreTakenThoughNotShown},
	{name: "only so many copies may be in progress", cite: "§1 CopySnapshotCrossRegions UNK", quirk: "CopiesAtOnce", on: []sim.Quirks{{CopiesAtOnce: 1}}, check: theNextCopyIsTakenOrRefusedForNow},
	{name: "instant snapshots are refused", cite: "§1 Snapshot UNK", quirk: "InstantRefused", on: []sim.Quirks{{InstantRefused: true}}, check: instantSnapshotsAreCopiedOrRefusedForGood},
	{name: "the size of snapshots follows their disk", cite: "§1 Snapshot UNK", quirk: "SizeFollows", on: []sim.Quirks{{SizeFollows: true}}, check: theSizeIsTheOneShown},
	{name: "a snapshot loses its disk's id with the disk", cite: "§1 Snapshot UNK", quirk: "DiskIDGoes", on: []sim.Quirks{{DiskIDGoes: true}}, check: theDiskIsTheOneShown},
	{name: "a fresh disk is absent from lists for a while", cite: "§1 DescribeDisks UNK", quirk: "DiskLag", on: []sim.Quirks{{DiskLag: time.Minute}}, check: aDiskIsOneWhetherShownOrNot},
	{
		name: "a region shows its own time", cite: "§1 Snapshot UNK", quirk: "LocalTimes",
		on: []sim.Quirks{{LocalTimes: sim.LocalZone{Region: gz, Hours: -5}}, {LocalTimes: sim.LocalZone{Region: gz, Hours: 9}}}, check: aTimeIsReadAsUTC8,
	},
}

func TestOurClientWorksWhicheverWayTheUnknownTurnsOut(t *testing.T) {
	for _, u := range unknowns {
		for i, q := range slices.Concat([]sim.Quirks{{}}, u.on) {
			name := u.name
			if i == 0 {
				name = "not so: " + name
			}
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					u.check(t, simulatedContract(sim.Options{Quirks: q, Fate: u.fate}))
				})
			})
		}
	}
}

func TestEveryQuirkOfTheSimulatorIsTriedBothWays(t *testing.T) {
	fields := reflect.TypeFor[sim.Quirks]()
	for i := range fields.NumField() {
		name := fields.Field(i).Name
		if !slices.ContainsFunc(unknowns, func(u unknown) bool {
			return u.quirk == name && slices.ContainsFunc(u.on, func(q sim.Quirks) bool { return !reflect.ValueOf(q).Field(i).IsZero() })
		}) {
			t.Errorf("no unknown is about %s", name)
		}
	}
}
