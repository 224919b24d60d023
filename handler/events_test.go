package handler_test

import (
	"strings"
	"testing"
	"time"

	"snapferry/internal/sim"
)

func TestAnEventCostsFewCallsAndADoubledOneMakesNoSecondReplica(t *testing.T) {
	for _, keep := range []string{"", "1"} {
		story(t, sim.Options{}, func(rig *rig) {
			rig.env["KEEP_LAST"] = keep
			disk, s := rig.disk(time.Minute, 24*time.Hour)
			r := rig.run(created(s[0], disk))
			wantCounts(t, r, "started=2")
			if r.APICalls > 5 {
				t.Errorf("%d calls for one snapshot and two targets, at most 3 + 2 are promised", r.APICalls)
			}
			wantCounts(t, rig.run(created(s[0], disk)), "in-progress=2")
			time.Sleep(time.Minute)
			wantCounts(t, rig.run(created(s[0], disk)), "exists=2")
			rig.wantReplicas(bj, s[0]+" NORMAL")
			if keep != "" { // an older one's event comes late: retention would not keep its replica
				wantCounts(t, rig.run(created(s[1], disk)), "skipped=2")
			}
		})
	}
}

func TestAGroupOfSnapshotsCostsNoMoreForAFullRegion(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		for i := range 1000 {
			rig.cloud.AddSnapshot(sim.Snapshot{Region: bj, Created: time.Now().Add(-time.Duration(i) * time.Minute)})
		}
		rig.cloud.SetQuota(bj, 5000)
		var events []string
		for range 4 {
			disk, s := rig.disk(time.Minute)
			events = append(events, created(s[0], disk))
		}
		r := rig.run(`{"EventList":[` + strings.Join(events, ",") + `]}`)
		wantCounts(t, r, "started=8")
		if r.APICalls > 4*5 {
			t.Errorf("%d calls for four snapshots and two targets", r.APICalls)
		}
	})
}

func TestASnapshotIsFoundWhereItsEventIsWrongAboutTheDisk(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"], rig.env["KEEP_LAST"] = bj, "3"
		other, _ := rig.disk(48 * time.Hour)
		_, s := rig.disk(time.Minute)
		wantCounts(t, rig.run(created(s[0], other)), "started=1")
	})
}

func TestEventsThatAskForNothingAreIgnoredWithTheReason(t *testing.T) {
	for name, c := range map[string]struct{ event, want string }{
		"another action":         {strings.ReplaceAll(created("snap-1", "disk-1"), "CreateSnapshot", "DeleteDisks"), "DeleteDisks"},
		"a change of no replica": {changed("DeleteSnapshots", gz, "snap-1", "somebody"), "is a source region"},
		"a call that failed":     {strings.ReplaceAll(created("snap-1", "disk-1"), `"errorCode":"0"`, `"errorCode":"1","apiErrorCode":"InvalidDisk.Busy"`), "InvalidDisk.Busy"},
		"a region not protected": {strings.ReplaceAll(created("snap-1", "disk-1"), gz, "ap-nanjing"), "not in SOURCE_REGIONS"},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, sim.Options{}, func(rig *rig) {
				r := rig.run(c.event)
				wantCounts(t, r, "ignored=1")
				wantWords(t, r.Actions[0].Reason, c.want)
				wantNumber(t, "requests for an event that asks for nothing", rig.cloud.Count(""), 0)
			})
		})
	}
}

func TestABadRecordCostsTheOthersOfItsBatchNothing(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		disk, s := rig.disk(time.Hour)
		batch := `{"EventList":[7,` + created("snap-x; rm -rf", disk) + `,` + created(s[0], disk) + `]}`
		wantCounts(t, rig.alarm(t, batch, "2 failed"), "failed=2 started=2")
		rig.wantReplicas(bj, s[0]+" COPYING_FROM_REMOTE")
	})
}

func TestAnOperatorsWishPassesTheRulesAndTheReplySaysSo(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"], rig.env["KEEP_LAST"], rig.env["SELECT_DISKS"] = bj, "1", "disk-other"
		_, s := rig.disk(time.Hour, 100*24*time.Hour)
		r := rig.run(`{"snapshotId":"` + s[1] + `"}`)
		wantCounts(t, r, "started=1")
		wantWords(t, r.Actions[0].Reason, "requested by id although", "SELECT_DISKS", "MAX_AGE")
	})
}

func TestAnOperatorIsToldThatTheNextRetentionWouldDeleteTheReplica(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"], rig.env["KEEP_LAST"] = bj, "2"
		_, s := rig.disk(days(4)...)
		rig.copied()
		rig.run(verifyTimer)
		r := rig.run(`{"snapshotId":"` + s[3] + `"}`)
		wantCounts(t, r, "started=1")
		wantWords(t, r.Actions[0].Reason, "the next retain run would delete it")
		r = rig.run(`{"snapshotId":"` + s[1] + `"}`)
		if why := r.Actions[0].Reason; strings.Contains(why, "retain run") {
			t.Errorf("reason of one that stays: %q", why)
		}
		rig.cloud.RemoveSnapshot(gz, s[0]) // replicas count whose sources are gone
		rig.cloud.RemoveSnapshot(gz, s[1])
		r = rig.run(`{"snapshotId":"` + s[2] + `"}`)
		wantWords(t, r.Actions[0].Reason, "the next retain run would delete it")
	})
}

func TestNoEventLiftsADryRunOfTheSettings(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		disk, s := rig.disk(days(12)...)
		rig.copyAll()
		rig.env["DRY_RUN"], rig.env["KEEP_LAST"] = "true", "1"
		rig.disk(time.Minute)
		before := rig.cloud.Count("CopySnapshotCrossRegions")
		for _, event := range []string{
			copyTimer, retainTimer, verifyTimer, created(s[0], disk), `{"job":"copy","dryRun":false}`, `{"job":"retain","dryRun":false,"force":true}`,
			`{"Type":"Timer","Message":"{\"job\":\"copy\",\"dryRun\":false}"}`,
		} {
			if r, _ := rig.invoke(event); !r.DryRun {
				t.Errorf("%s: the reply says it was no dry run", event)
			}
		}
		if rig.cloud.Count("CopySnapshotCrossRegions") != before || rig.cloud.Count("DeleteSnapshots")+rig.cloud.Count("TagResources") > 0 {
			t.Error("something was changed")
		}
	})
}

func TestTheConsolesTestEventChecksEverythingAndChangesNothing(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.disk(time.Hour)
		wantCounts(t, rig.run(consoleTest), "ok=10 warning=9")
		rig.wantUntouched()
		rig.env["TARGET_REGIONS"] = bj + ",ap-nowhere"
		wantCounts(t, rig.alarm(t, `{"job":"check"}`, "ap-nowhere"), "failed=1 ok=8 warning=9")
	})
}

// unusable are events and settings that nothing can be done with, and what the
// error names.
var unusable = map[string]struct {
	event string
	spoil func(rig *rig)
	want  []string
}{
	"an event of no kind":                    {`{"hello":"world"}`, nil, []string{"hello", "EventBridge"}},
	"a wrong setting":                        {copyTimer, func(rig *rig) { rig.env["MAX_AGE"], rig.env["KEEP_LAST"] = "1x", "0" }, []string{"MAX_AGE", "1x", "KEEP_LAST"}},
	"no target":                              {copyTimer, func(rig *rig) { delete(rig.env, "TARGET_REGIONS") }, []string{"TARGET_REGIONS"}},
	"no credentials":                         {copyTimer, func(rig *rig) { rig.brought = nil }, []string{"no credentials", "role"}},
	"half of the credentials":                {copyTimer, func(rig *rig) { delete(rig.brought, "TENCENTCLOUD_SECRETKEY") }, []string{"TENCENTCLOUD_SECRETKEY"}},
	"a key that is wrong":                    {copyTimer, func(rig *rig) { rig.brought["TENCENTCLOUD_SECRETKEY"] = "not-this" }, []string{"AuthFailure.SignatureFailure"}},
	"a token that has expired":               {copyTimer, func(rig *rig) { rig.brought["TENCENTCLOUD_SESSIONTOKEN"] = "old" }, []string{"AuthFailure.TokenFailure"}},
	"a denied permission to list":            {copyTimer, func(rig *rig) { rig.deny("DescribeSnapshots") }, []string{"UnauthorizedOperation", "name/cvm:DescribeSnapshots"}},
	"a denied permission to read disks":      {copyTimer, func(rig *rig) { rig.deny("DescribeDisks") }, []string{"UnauthorizedOperation", "name/cvm:DescribeDisks"}},
	"an unreachable service":                 {copyTimer, func(rig *rig) { rig.fail(-1, "", "", sim.Fault{Kind: sim.LoseCall}) }, []string{"list snapshots in ap-"}},
	"HTML instead of JSON":                   {copyTimer, func(rig *rig) { rig.fail(-1, "", "", sim.Fault{Kind: sim.BadGateway}) }, []string{"502"}},
	"a snapshot that is not there":           {`{"snapshotId":"snap-nothere1"}`, nil, []string{"snap-nothere1", "no such snapshot"}},
	"a snapshot to verify that is not there": {`{"job":"verify","snapshotId":"snap-nothere1"}`, nil, []string{"snap-nothere1"}},
	"an id that is none":                     {`{"snapshotId":"snap-1;rm -rf"}`, nil, []string{"snapshotId"}},
	"a field that is none":                   {`{"job":"copy","snapshotID":"snap-1"}`, nil, []string{"snapshotID"}},
	"a snapshot for retention":               {`{"job":"retain","snapshotId":"snap-1"}`, nil, []string{"snapshotId", "retain"}},
	"the source as its own only target":      {`{"job":"copy","targetRegions":["ap-guangzhou"]}`, nil, []string{"ap-guangzhou"}},
	"a record with a region that is none":    {strings.ReplaceAll(created("snap-1", "disk-1"), gz, "../etc"), nil, []string{"region"}},
}

func TestWhatCantBeUsedIsAnErrorThatSaysWhatToDo(t *testing.T) {
	for name, c := range unusable {
		t.Run(name, func(t *testing.T) {
			story(t, sim.Options{}, func(rig *rig) {
				rig.disk(time.Hour)
				if c.spoil != nil {
					c.spoil(rig)
				}
				_, err := rig.invoke(c.event)
				if err == nil {
					t.Fatal("no error")
				}
				wantWords(t, err, c.want...)
				if strings.ContainsAny(err.Error(), "\n\r") {
					t.Errorf("error of several lines: %q", err)
				}
				for _, secret := range []string{"role-key", "role-token", "not-this"} {
					if strings.Contains(err.Error()+rig.logs.all(), secret) {
						t.Errorf("%q is printed", secret)
					}
				}
				rig.wantUntouched()
			})
		})
	}
}
