package handler_test

import (
	"strings"
	"testing"
	"time"

	"snapferry/internal/sim"
)

// fate lets every copy end in one way.
func fate(f sim.Fate) func(sim.Copy) sim.Fate { return func(sim.Copy) sim.Fate { return f } }

func TestEveryWayForACopyToGoWrongIsAnAlarm(t *testing.T) {
	for name, c := range map[string]struct {
		fate sim.Fate
		want string
	}{
		"it hangs":                          {sim.Hangs, "stuck=1"},
		"it ends in a state nobody knows":   {sim.Strange, "unexpected=1"},
		"it comes out smaller":              {sim.WrongSize, "mismatch=1"},
		"it comes out encrypted":            {sim.WrongEncrypt, "mismatch=1"},
		"it vanishes and nobody copies any": {sim.Vanishes, "missing=1"},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, sim.Options{CopyTime: time.Hour, Fate: fate(c.fate)}, func(b *bench) {
				b.env["TARGET_REGIONS"] = bj
				b.disk(time.Minute)
				wantCounts(t, b.run(verifyTimer), "waiting=1")
				b.run(copyTimer)
				wantCounts(t, b.run(verifyTimer), "copying=1")
				time.Sleep(7 * time.Hour)
				r, err := b.invoke(verifyTimer)
				if err == nil || r.Settled {
					t.Errorf("error %v, settled %v", err, r.Settled)
				}
				wantCounts(t, r, c.want)
			})
		})
	}
}

func TestASpoiltReplicaIsReplacedOnceItsTimeIsOver(t *testing.T) {
	for name, f := range map[string]sim.Fate{"state": sim.Strange, "size": sim.WrongSize} {
		t.Run(name, func(t *testing.T) {
			story(t, sim.Options{CopyTime: time.Hour, Fate: fate(f)}, func(b *bench) {
				b.env["TARGET_REGIONS"], b.env["MAX_AGE"] = bj, "0"
				b.disk(time.Minute)
				b.run(copyTimer)
				for range 4 * 24 { // four days of sweeps
					time.Sleep(time.Hour)
					_, _ = b.invoke(copyTimer)
				}
				if got := len(b.cloud.Copies()); got != 3 {
					t.Errorf("%d attempts, at most three are made", got)
				}
				if r, err := b.invoke(copyTimer); err == nil || r.Counts["failed"] != 1 {
					t.Errorf("after three attempts: %v, %v", r.Counts, err)
				}
				b.env["KEEP_LAST"] = "3"
				if r := b.run(retainTimer); r.Settled {
					t.Errorf("retention says that all is settled: %v", r.Counts)
				}
			})
		})
	}
}

func TestAnAttemptThatSucceedsEndsTheAlarm(t *testing.T) {
	story(t, sim.Options{CopyTime: time.Hour, Fate: fate(sim.WrongSize)}, func(b *bench) {
		b.env["TARGET_REGIONS"], b.env["MAX_AGE"] = bj, "0"
		disk, s := b.disk(time.Minute)
		b.run(copyTimer)
		time.Sleep(7 * time.Hour)
		b.cloud.SetFate(nil)
		wantCounts(t, b.run(copyTimer), "started=1")
		time.Sleep(2 * time.Hour)
		r := b.run(verifyTimer)
		wantCounts(t, r, "verified=1")
		if !r.Settled || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "spoilt") {
			t.Errorf("settled %v, warnings %q", r.Settled, r.Warnings)
		}
		b.env["KEEP_LAST"] = "3"
		wantCounts(t, b.run(retainTimer), "deleted=1 kept=1")
		b.wantReplicas(bj, s[0]+" NORMAL")
		_ = disk
	})
}

func TestAReplicaThatShowsItsSourcesTimeIsNeverCopiedTwice(t *testing.T) {
	o := sim.Options{CopyTime: time.Hour, Fate: fate(sim.Hangs), Quirks: sim.Quirks{SourceCreateTime: true}}
	story(t, o, func(b *bench) {
		b.env["TARGET_REGIONS"], b.env["MAX_AGE"] = bj, "0"
		b.disk(time.Minute)
		b.run(copyTimer)
		time.Sleep(24 * time.Hour)
		b.run(copyTimer)
		if got := len(b.cloud.Copies()); got != 1 {
			t.Errorf("%d copies of a snapshot whose replica's age nobody knows", got)
		}
		if _, err := b.invoke(verifyTimer); err == nil {
			t.Error("a replica that hangs raises no alarm")
		}
	})
}

func TestADeletedSourceCostsNoReplica(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"], b.env["KEEP_LAST"] = bj, "3"
		_, s := b.disk(days(3)...)
		b.copyAll()
		for _, id := range s {
			b.cloud.RemoveSnapshot(gz, id)
		}
		wantCounts(t, b.run(retainTimer), "kept=3")
		r := b.run(verifyTimer)
		wantCounts(t, r, "verified=3")
		if !r.Settled {
			t.Error("not settled")
		}
	})
}

func TestADeniedTagPermissionIsAWarning(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.cloud.AddKey(sim.Key{ID: "AKIDrole", Secret: "role-key", Token: "role-token", Deny: []string{"TagResources"}})
		b.disk(time.Hour)
		b.run(copyTimer)
		time.Sleep(time.Hour)
		r := b.run(verifyTimer)
		wantCounts(t, r, "verified=2")
		if len(r.Warnings) != 2 || !strings.Contains(r.Warnings[0], "name/tag:TagResources") {
			t.Errorf("warnings %q", r.Warnings)
		}
	})
}

func TestTheAccountIsAskedForWhereTheEnvironmentDoesNotTell(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		delete(b.brought, "TENCENTCLOUD_UIN")
		b.disk(time.Hour)
		b.run(copyTimer)
		time.Sleep(time.Hour)
		wantCounts(t, b.run(verifyTimer), "verified=2")
		if b.cloud.Count("GetCallerIdentity") != 1 || len(b.cloud.Snapshots(bj)[0].Tags) != 1 {
			t.Error("the replicas are not tagged")
		}
	})
}
