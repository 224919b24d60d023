package handler_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// A proven replica gets the source's tags that COPY_TAGS selects. The snapshot's value
// wins over the disk's. None is taken away, and reserved ones are never copied.
func TestProvenReplicasGetTheChosenTags(t *testing.T) {
	for selection, want := range map[string]string{
		"env,team": "env=prod ferry:state=verified team=db", "*": "env=prod ferry:state=verified owner=ann team=db", "none": "ferry:state=verified",
	} {
		t.Run(selection, func(t *testing.T) {
			story(t, sim.Options{}, func(rig *rig) {
				rig.env["TARGET_REGIONS"], rig.env["COPY_TAGS"] = bj, selection
				disk := rig.cloud.AddDisk(sim.Disk{Region: gz, SizeGiB: 50, Tags: map[string]string{"env": "dev", "team": "db", "qcs:x": "y", "empty": ""}})
				source := rig.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: disk, SizeGiB: 50, Created: time.Now(), Tags: map[string]string{"env": "prod", "owner": "ann"}})
				rig.copied()
				rig.run(verifyTimer)
				tags := func() string {
					var out []string
					for k, v := range rig.cloud.Snapshots(bj)[0].Tags {
						out = append(out, k+"="+v)
					}
					slices.Sort(out)
					return strings.Join(out, " ")
				}
				if got := tags(); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
				before := rig.cloud.Count("TagResources")
				rig.run(verifyTimer)
				wantNumber(t, "requests to tag what is tagged", rig.cloud.Count("TagResources"), before)
				rig.cloud.ChangeSnapshot(gz, source, func(s *sim.Snapshot) { s.Tags = maps.Clone(s.Tags); s.Tags["env"] = "test"; delete(s.Tags, "owner") })
				rig.run(verifyTimer)
				if got := tags(); got != strings.ReplaceAll(want, "prod", "test") {
					t.Errorf("after a change of the source: got %q", got)
				}
			})
		})
	}
}

// A copied tag that is refused does not cost the proof.
func TestARefusedCopiedTagCostsNoProof(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"], rig.env["COPY_TAGS"] = bj, "*"
		disk := rig.cloud.AddDisk(sim.Disk{Region: gz, SizeGiB: 50, Tags: map[string]string{"id": "1001st value"}})
		rig.snapshot(disk)
		rig.copied()
		rig.cloud.SetInject(func(c sim.Call) sim.Fault {
			if c.Action == "TagResources" && strings.Contains(string(c.Params), "1001st") {
				return sim.Fault{Kind: sim.Refuse, Code: "LimitExceeded.TagValue"}
			}
			return sim.Fault{}
		})
		r := rig.alarm(t, verifyTimer, "LimitExceeded.TagValue", "1,000")
		wantCounts(t, r, "failed=1 verified=1")
		if tags := rig.cloud.Snapshots(bj)[0].Tags; tags[plan.StateTag] != plan.StateVerified {
			t.Errorf("tags %v", tags)
		}
	})
}

// Proven replicas of data disks are shared once, with each account.
func TestProvenReplicasAreShared(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["TARGET_REGIONS"], rig.env["SHARE_ACCOUNTS"] = bj, "100000000007,100000000008"
		rig.disks(12, time.Hour)
		system := rig.cloud.AddDisk(sim.Disk{Region: gz, SizeGiB: 50, Usage: "SYSTEM_DISK"})
		rig.snapshot(system)
		rig.copied()
		rig.run(verifyTimer)
		shared := 0
		for _, s := range rig.cloud.Snapshots(bj) {
			if len(s.SharedWith) == 2 {
				shared++
			}
		}
		wantNumber(t, "shared replicas", shared, 12)
		before := rig.cloud.Count("ModifySnapshotsSharePermission")
		rig.run(verifyTimer)
		wantNumber(t, "requests to share what is shared", rig.cloud.Count("ModifySnapshotsSharePermission"), before)
		rig.deny("ModifySnapshotsSharePermission")
		rig.env["SHARE_ACCOUNTS"] += ",100000000009"
		wantWords(t, rig.alarm(t, verifyTimer).Actions[0].Reason, "ModifySnapshotsSharePermission")
	})
}
