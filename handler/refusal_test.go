package handler_test

import (
	"strings"
	"testing"
	"time"

	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

func TestARefusalForGoodIsRememberedForSixHours(t *testing.T) {
	story(t, sim.Options{Quirks: sim.Quirks{SystemDiskRefused: true}}, func(b *bench) {
		disk := b.cloud.AddDisk(sim.Disk{Region: gz, Usage: "SYSTEM_DISK"})
		b.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: disk, Usage: "SYSTEM_DISK", Created: time.Now()})
		r := b.run(copyTimer)
		wantCounts(t, r, "ineligible=2")
		if !strings.Contains(r.Actions[0].Reason, "SnapshotNotSupportCopy") {
			t.Errorf("reason %q", r.Actions[0].Reason)
		}
		for range 5 {
			time.Sleep(time.Hour)
			wantCounts(t, b.run(copyTimer), "ineligible=2")
		}
		if got := b.cloud.Count("CopySnapshotCrossRegions"); got != 1 {
			t.Errorf("asked %d times in five hours", got)
		}
		time.Sleep(time.Hour)
		b.run(copyTimer)
		if got := b.cloud.Count("CopySnapshotCrossRegions"); got != 2 {
			t.Errorf("asked %d times in six hours", got)
		}
	})
}

func TestWhatCantBeCopiedShowsWithItsReason(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"] = bj
		for _, s := range []sim.Snapshot{
			{Encrypted: true},
			{Type: "SHARED_SNAPSHOT"},
			{State: "TORECYCLE"},
			{CopyFromRemote: true, Name: "Copied snap-1 from ap-seoul"},
		} {
			s.Region, s.Created = gz, time.Now()
			b.cloud.AddSnapshot(s)
		}
		r := b.run(copyTimer)
		wantCounts(t, r, "ineligible=4")
		for i, want := range []string{"encrypted", "another account", "TORECYCLE", "replica"} {
			found := false
			for _, a := range r.Actions {
				found = found || strings.Contains(a.Reason, want)
			}
			if !found {
				t.Errorf("no reason names %q (%d):\n%s", want, i, actions(r))
			}
		}
		b.wantUntouched()
	})
}

func TestTagsOnSnapshotsAndDisksDecideWhatGoesWhere(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["SELECT_TAGS"] = "env=prod"
		add := func(disk, snapshot map[string]string) string {
			d := b.cloud.AddDisk(sim.Disk{Region: gz, Tags: disk})
			return b.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: d, SizeGiB: 50, Created: time.Now(), Tags: snapshot})
		}
		prod := map[string]string{"env": "prod"}
		byDisk := add(prod, nil)
		bySnapshot := add(nil, prod)
		add(prod, map[string]string{"env": "dev"}) // the snapshot's value wins
		add(nil, nil)
		add(map[string]string{"env": "prod", plan.SkipTag: ""}, nil)
		add(prod, map[string]string{plan.SkipTag: "yes"})
		elsewhere := add(map[string]string{"env": "prod", plan.TargetsTag: "ap-nanjing+nowhere!+ap-guangzhou"}, nil)
		r := b.run(copyTimer)
		b.wantReplicas(bj, byDisk+" COPYING_FROM_REMOTE", bySnapshot+" COPYING_FROM_REMOTE")
		b.wantReplicas(sh, byDisk+" COPYING_FROM_REMOTE", bySnapshot+" COPYING_FROM_REMOTE")
		b.wantReplicas("ap-nanjing", elsewhere+" COPYING_FROM_REMOTE")
		for _, a := range r.Actions {
			if a.Snapshot == elsewhere && !(strings.Contains(a.Reason, `"nowhere!" is no region`) && strings.Contains(a.Reason, "ap-guangzhou is its own region")) {
				t.Errorf("reason %q", a.Reason)
			}
		}
	})
}
