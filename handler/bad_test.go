package handler_test

import (
	"strings"
	"testing"
	"time"

	"snapferry/internal/sim"
)

// nothing bad may begin: no request that changes anything.
func (b *bench) wantUntouched() {
	b.t.Helper()
	for _, action := range []string{"CopySnapshotCrossRegions", "DeleteSnapshots", "TagResources", "ModifySnapshotsSharePermission"} {
		if got := b.cloud.Count(action); got > 0 {
			b.t.Errorf("%d × %s", got, action)
		}
	}
}

func TestWhatCantBeUsedIsAnErrorThatSaysWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		event string
		spoil func(b *bench)
		want  []string
	}{
		"an event of no kind": {`{"hello":"world"}`, nil, []string{"hello", "EventBridge"}},
		"a wrong setting": {
			copyTimer, func(b *bench) { b.env["MAX_AGE"], b.env["KEEP_LAST"] = "1x", "0" }, []string{"MAX_AGE", "1x", "KEEP_LAST"},
		},
		"no target":                {copyTimer, func(b *bench) { delete(b.env, "TARGET_REGIONS") }, []string{"TARGET_REGIONS"}},
		"no credentials":           {copyTimer, func(b *bench) { b.brought = nil }, []string{"no credentials", "role"}},
		"half of the credentials":  {copyTimer, func(b *bench) { delete(b.brought, "TENCENTCLOUD_SECRETKEY") }, []string{"TENCENTCLOUD_SECRETKEY"}},
		"a key that is wrong":      {copyTimer, func(b *bench) { b.brought["TENCENTCLOUD_SECRETKEY"] = "not-this" }, []string{"AuthFailure.SignatureFailure"}},
		"a token that has expired": {copyTimer, func(b *bench) { b.brought["TENCENTCLOUD_SESSIONTOKEN"] = "old" }, []string{"AuthFailure.TokenFailure"}},
		"a denied permission to list": {
			copyTimer, func(b *bench) {
				b.cloud.AddKey(sim.Key{ID: "AKIDrole", Secret: "role-key", Token: "role-token", Deny: []string{"DescribeSnapshots"}})
			}, []string{"UnauthorizedOperation", "name/cvm:DescribeSnapshots"},
		},
		"a denied permission to read disks": {
			copyTimer, func(b *bench) {
				b.cloud.AddKey(sim.Key{ID: "AKIDrole", Secret: "role-key", Token: "role-token", Deny: []string{"DescribeDisks"}})
			}, []string{"UnauthorizedOperation", "name/cvm:DescribeDisks"},
		},
		"an unreachable service": {
			copyTimer, func(b *bench) { b.cloud.SetInject(func(sim.Call) sim.Fault { return sim.Fault{Kind: sim.LoseCall} }) }, []string{"list snapshots in ap-"},
		},
		"HTML instead of JSON": {
			copyTimer, func(b *bench) { b.cloud.SetInject(func(sim.Call) sim.Fault { return sim.Fault{Kind: sim.BadGateway} }) }, []string{"502"},
		},
		"a snapshot that is not there":      {`{"snapshotId":"snap-nothere1"}`, nil, []string{"snap-nothere1", "no such snapshot"}},
		"an id that is none":                {`{"snapshotId":"snap-1;rm -rf"}`, nil, []string{"snapshotId"}},
		"a field that is none":              {`{"job":"copy","snapshotID":"snap-1"}`, nil, []string{"snapshotID"}},
		"a snapshot for retention":          {`{"job":"retain","snapshotId":"snap-1"}`, nil, []string{"snapshotId", "retain"}},
		"a job that is not there yet":       {`{"job":"drill"}`, nil, []string{"drill", "not available yet"}},
		"the source as its own only target": {`{"job":"copy","targetRegions":["ap-guangzhou"]}`, nil, []string{"ap-guangzhou"}},
		"a record with a region that is none": {
			strings.ReplaceAll(created("snap-1", "disk-1"), gz, "../etc"), nil, []string{"region"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, sim.Options{}, func(b *bench) {
				b.disk(time.Hour)
				if c.spoil != nil {
					c.spoil(b)
				}
				_, err := b.invoke(c.event)
				if err == nil {
					t.Fatal("no error")
				}
				for _, want := range c.want {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("error %q does not name %q", err, want)
					}
				}
				if strings.ContainsAny(err.Error(), "\n\r") {
					t.Errorf("error of several lines: %q", err)
				}
				for _, secret := range []string{"role-key", "role-token", "not-this"} {
					if strings.Contains(err.Error()+b.logs.String(), secret) {
						t.Errorf("%q is printed", secret)
					}
				}
				b.wantUntouched()
			})
		})
	}
}

func TestEventsThatAskForNothingAreIgnoredWithTheReason(t *testing.T) {
	for name, c := range map[string]struct{ event, want string }{
		"another action":         {strings.ReplaceAll(created("snap-1", "disk-1"), "CreateSnapshot", "DeleteSnapshots"), "DeleteSnapshots"},
		"a call that failed":     {strings.ReplaceAll(created("snap-1", "disk-1"), `"errorCode":"0"`, `"errorCode":"1","apiErrorCode":"InvalidDisk.Busy"`), "InvalidDisk.Busy"},
		"a region not protected": {strings.ReplaceAll(created("snap-1", "disk-1"), gz, "ap-nanjing"), "not in SOURCE_REGIONS"},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, sim.Options{}, func(b *bench) {
				r := b.run(c.event)
				wantCounts(t, r, "ignored=1")
				if !strings.Contains(r.Actions[0].Reason, c.want) {
					t.Errorf("reason %q does not name %q", r.Actions[0].Reason, c.want)
				}
				if got := b.cloud.Count(""); got > 0 {
					t.Errorf("%d requests for an event that asks for nothing", got)
				}
			})
		})
	}
}

func TestAnOperatorsWishPassesTheRulesAndTheReplySaysSo(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"], b.env["KEEP_LAST"], b.env["SELECT_DISKS"] = bj, "1", "disk-other"
		_, s := b.disk(time.Hour, 100*24*time.Hour)
		r := b.run(`{"snapshotId":"` + s[1] + `"}`)
		wantCounts(t, r, "started=1")
		if why := r.Actions[0].Reason; !strings.Contains(why, "asked for by id although") || !strings.Contains(why, "SELECT_DISKS") || !strings.Contains(why, "MAX_AGE") {
			t.Errorf("reason %q", why)
		}
	})
}

func TestAnOperatorIsToldThatTheNextRetentionWouldDeleteTheReplica(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"], b.env["KEEP_LAST"] = bj, "2"
		_, s := b.disk(days(4)...)
		b.run(copyTimer)
		time.Sleep(time.Hour)
		r := b.run(`{"snapshotId":"` + s[3] + `"}`)
		wantCounts(t, r, "started=1")
		if why := r.Actions[0].Reason; !strings.Contains(why, "the next retention would delete it") {
			t.Errorf("reason %q", why)
		}
		r = b.run(`{"snapshotId":"` + s[1] + `"}`)
		if why := r.Actions[0].Reason; strings.Contains(why, "retention") {
			t.Errorf("reason of one that stays: %q", why)
		}
	})
}

func TestVerifyingASnapshotThatIsNotThereFails(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.disk(time.Hour)
		if r, err := b.invoke(`{"job":"verify","snapshotId":"snap-nothere1"}`); err == nil || r.Settled {
			t.Errorf("error %v, settled %v", err, r.Settled)
		}
	})
}

func TestANearlyFullRegionIsAWarningWithTheDaysThatAreLeft(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["TARGET_REGIONS"] = bj
		for range 8 {
			b.disk(days(7)...)
		}
		b.copyAll() // 56 of 64
		for _, event := range []string{`{"job":"plan"}`, `{"job":"check"}`} {
			r := b.run(event)
			if text := strings.Join(r.Warnings, "\n"); !strings.Contains(text, "ap-beijing holds 56 of about 64") || !strings.Contains(text, "full in 1 days") {
				t.Errorf("%s: warnings %q", event, r.Warnings)
			}
		}
		b.disk(time.Minute)
		if r := b.run(copyTimer); len(r.Warnings) != 1 {
			t.Errorf("copy: warnings %q", r.Warnings)
		}
	})
}

func TestTheConsolesTestEventChecksEverythingAndChangesNothing(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.disk(time.Hour)
		wantCounts(t, b.run(`{"key1": "test value 1","key2": "test value 2"}`), "ok=4")
		b.wantUntouched()
		b.env["TARGET_REGIONS"] = bj + ",ap-nowhere"
		r, err := b.invoke(`{"job":"check"}`)
		if err == nil || !strings.Contains(err.Error(), "ap-nowhere") {
			t.Errorf("error %v", err)
		}
		wantCounts(t, r, "failed=1 ok=3")
	})
}

func TestTheStatusPageAnswersOnlyWhoMayAsk(t *testing.T) {
	story(t, sim.Options{}, func(b *bench) {
		b.env["REPORT_TOKEN"] = ""
		for _, c := range []struct{ request, token, want string }{
			{`{"httpMethod":"GET","path":"/"}`, "", `"statusCode":403`},
			{`{"httpMethod":"POST","path":"/"}`, "", `"statusCode":405`},
			{`{"httpMethod":"GET","path":"/x"}`, "", `"statusCode":404`},
			{`{"httpMethod":"GET","path":"/","headers":{"authorization":"Bearer wrong"}}`, "a-long-token-1234", `"statusCode":403`},
			{`{"httpMethod":"GET","path":"/","headers":{"Authorization":"Bearer a-long-token-1234"}}`, "a-long-token-1234", `"statusCode":501`},
		} {
			b.env["REPORT_TOKEN"] = c.token
			out, err := b.h.Invoke(t.Context(), []byte(c.request))
			if err != nil || !strings.Contains(string(out), c.want) {
				t.Errorf("%s: %s, %v", c.request, out, err)
			}
		}
	})
}

func TestASettledReplyLineFitsThePlatformsLog(t *testing.T) {
	story(t, sim.Options{CopyTime: time.Hour}, func(b *bench) {
		for range 60 {
			b.disk(time.Hour, 2*time.Hour)
		}
		b.cloud.SetQuota(bj, 1000)
		b.cloud.SetQuota(sh, 1000)
		r := b.run(copyTimer)
		if len(r.Actions) != 200 || r.Omitted != 40 {
			t.Errorf("%d actions listed, %d omitted", len(r.Actions), r.Omitted)
		}
		for line := range strings.Lines(b.logs.String()) {
			if len(line) > 8<<10 {
				t.Errorf("a log line of %d bytes: %.100s…", len(line), line)
			}
		}
	})
}
