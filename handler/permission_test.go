package handler_test

import (
	"testing"
	"time"

	"snapferry/internal/sim"
)

func TestAMissingPermissionNamesItsActionAndTheCommandThatPrintsIt(t *testing.T) {
	for _, tc := range []struct{ denied, event, job, command string }{
		{"CopySnapshotCrossRegions", copyTimer, "copy", `"snapferry policy copy" prints`},
		{"DescribeSnapshots", verifyTimer, "verify", `"snapferry policy verify" prints`},
		{"TagResources", verifyTimer, "verify", `"snapferry policy verify" prints`},
		{"DeleteSnapshots", retainTimer, "retain", `"snapferry policy retain" prints`},
		{"DescribeDisks", `{"key1":"test value 1","key2":"test value 2"}`, "retain", `"snapferry policy retain" or, for what only this check asks, "snapferry policy check" prints`},
	} {
		t.Run(tc.denied+" "+tc.job, func(t *testing.T) {
			story(t, sim.Options{}, func(rig *rig) {
				rig.env["JOB"], rig.env["TARGET_REGIONS"] = tc.job, bj
				rig.disk(days(3)...)
				if tc.denied != "CopySnapshotCrossRegions" {
					rig.copyAll()
				}
				if tc.denied == "DeleteSnapshots" {
					rig.run(verifyTimer)
					rig.env["KEEP_LAST"] = "2"
				}
				rig.deny(tc.denied)
				time.Sleep(time.Hour)
				prefix := "name/cvm:"
				if tc.denied == "TagResources" {
					prefix = "name/tag:"
				}
				rig.alarm(t, tc.event, prefix+tc.denied, tc.command)
			})
		})
	}
}
