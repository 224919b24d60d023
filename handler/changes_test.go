package handler_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// changed is the CloudAudit record of a call that deleted or changed a snapshot.
func changed(action, region, snapshot, by string) string {
	return fmt.Sprintf(`{"eventName":"%s","eventSource":"cbs.tencentcloudapi.com","eventRegion":"%s","errorCode":0,
		"requestParameters":"{\"SnapshotIds\":[\"%s\"]}","userIdentity":{"secretId":"%s","principalId":"1000","userName":"eve"}}`, action, region, snapshot, by)
}

// Somebody deletes or changes a replica: it is copied again, and the alarm names who.
func TestADeletedReplicaIsCopiedAgainAndTheAlarmNamesWho(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		_, s := rig.disk(2 * time.Hour)
		rig.copied()
		replica := rig.cloud.Snapshots(bj)[0].ID
		r := rig.alarm(t, changed("ModifySnapshotAttribute", bj, replica, "AKIDother"), "eve")
		wantCounts(t, r, "failed=1")
		wantNumber(t, "requests for a change of a replica that is there", rig.cloud.Count("CopySnapshotCrossRegions"), 1)

		rig.cloud.RemoveSnapshot(bj, replica)
		r = rig.alarm(t, changed("DeleteSnapshots", bj, replica, "AKIDother"), "eve", "1 wanted replicas are missing")
		wantNumber(t, "actions that ring in the log", strings.Count(rig.logs.all(), `"level":"ERROR","msg":"copy"`), 2)
		wantCounts(t, r, "failed=1 started=1")
		rig.wantReplicas(bj, s[0]+" COPYING_FROM_REMOTE")

		wantCounts(t, rig.run(changed("DeleteSnapshots", bj, replica, ownRole.id)), "ignored=1") // this function's own call
		wantCounts(t, rig.run(changed("DeleteSnapshots", bj, "snap-other", "AKIDother")), "in-progress=1")
	})
}

// Several calls come in one batch. The alarm names all who deleted, also if the
// service shows the replica in the recycle bin, or did not delete all of them yet.
func TestTheAlarmNamesEveryoneWhoDeleted(t *testing.T) {
	story(t, sim.Options{Quirks: sim.Quirks{RecycleTime: time.Hour}}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		rig.disk(2*time.Hour, 3*time.Hour)
		rig.copied()
		both := rig.cloud.Snapshots(bj)
		rig.cloud.ChangeSnapshot(bj, both[0].ID, func(s *sim.Snapshot) { s.State = "TORECYCLE" })
		alice := strings.ReplaceAll(changed("DeleteSnapshots", bj, "snap-unrelated", "AKIDalice"), `"eve"`, `"alice"`)
		eve := changed("DeleteSnapshots", bj, both[0].ID+`\",\"`+both[1].ID, "AKIDeve")
		r := rig.alarm(t, "["+eve+","+alice+"]", "2 failed")
		wantCounts(t, r, "exists=1 failed=2 started=1")
		wantWords(t, actions(r), `"alice" called`, `"eve" called DeleteSnapshots for this replica`, `"eve" called DeleteSnapshots for `+both[0].ID, "1 wanted replicas are missing")
	})
}

// If the identity can't be read, nobody is blamed for what this function may have done.
func TestAnUnknownIdentityIsSaid(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		rig.disk(2 * time.Hour)
		rig.copied()
		rig.fail(-1, "GetCallerIdentity", "", sim.Fault{Kind: sim.Refuse, Code: "InternalError"})
		rig.alarm(t, changed("DeleteSnapshots", bj, rig.cloud.Snapshots(bj)[0].ID, ownRole.id), "perhaps this function itself", "InternalError")
	})
}

// What is deleted by the keep rules is not missed.
func TestADeletionOfWhatNobodyWantsIsNoAlarm(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.history(3, "1")
		rig.run(retainTimer)
		r := rig.run(changed("DeleteSnapshots", bj, "snap-gone", "AKIDother"))
		if r.Counts[plan.Started] > 0 {
			t.Errorf("copied again:\n%s", actions(r))
		}
	})
}

// A region that only a tag names holds replicas, too. Any other region is nobody's
// concern.
func TestADeletionInARegionThatOnlyATagNames(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		disk := rig.cloud.AddDisk(sim.Disk{Region: gz, SizeGiB: 50, Tags: map[string]string{plan.TargetsTag: sh}})
		rig.snapshot(disk)
		rig.copied()
		replica := rig.cloud.Snapshots(sh)[0].ID
		rig.cloud.RemoveSnapshot(sh, replica)
		r := rig.run(changed("DeleteSnapshots", "ap-tokyo", replica, "AKIDother"))
		wantCounts(t, r, "ignored=1")
		r = rig.alarm(t, changed("DeleteSnapshots", sh, replica, "AKIDother"), "eve", "1 wanted replicas are missing")
		wantCounts(t, r, "failed=1 started=1")
	})
}
