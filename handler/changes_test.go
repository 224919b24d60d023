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
		wantCounts(t, r, "failed=1 started=1")
		rig.wantReplicas(bj, s[0]+" COPYING_FROM_REMOTE")

		wantCounts(t, rig.run(changed("DeleteSnapshots", bj, replica, ownRole.id)), "ignored=1") // this function's own call
		wantCounts(t, rig.run(changed("DeleteSnapshots", bj, "snap-other", "AKIDother")), "in-progress=1")
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

// An event may have the calls of several people. All of them are named, and the
// snapshots of a region are read together.
func TestEachCallerOfADeletionIsNamed(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"] = bj
		rig.disk(2 * time.Hour)
		rig.copied()
		replica := rig.cloud.Snapshots(bj)[0].ID
		rig.cloud.RemoveSnapshot(bj, replica)
		by := func(id, name string) string {
			return `{"specversion":"1.0","data":` + strings.Replace(changed("DeleteSnapshots", bj, id, "AKID"+name), `"eve"`, `"`+name+`"`, 1) + `}`
		}
		before := rig.cloud.Count("DescribeSnapshots")
		r := rig.alarm(t, "["+by(replica, "mallory")+","+by("snap-other", "trent")+","+by("snap-third", "trent")+"]", "mallory", "1 wanted replicas are missing")
		wantWords(t, r.Actions[0].Reason, `"trent" called DeleteSnapshots for snap-other: 1 wanted`)
		wantNumber(t, "requests: one for the deleted snapshots, three for lists, one for the first name", rig.cloud.Count("DescribeSnapshots")-before, 5)
	})
}
