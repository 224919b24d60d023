package handler_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"snapferry/internal/notify"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// listeners take the requests to webhooks. hang lets them wait for ever.
type listeners struct {
	mu   sync.Mutex
	got  []string // "METHOD host body"
	hang bool
}

// RoundTrip implements http.RoundTripper.
func (l *listeners) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		raw, _ := io.ReadAll(r.Body)
		body = string(raw)
	}
	l.mu.Lock()
	l.got = append(l.got, r.Method+" "+r.URL.Host+" "+body)
	l.mu.Unlock()
	if l.hang {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"errcode":0}`)), Request: r}, nil
}

func (l *listeners) take(host string) (out []string) {
	var rest []string
	for _, g := range l.got {
		if strings.Contains(g, " "+host+" ") {
			out = append(out, g)
		} else {
			rest = append(rest, g)
		}
	}
	l.got = rest
	return out
}

// A disk that is newly unprotected rings once, and once more when it is well again.
// The heartbeat beats only while every disk is well.
func TestWhatIsNewlyWrongIsToldOnceAndTheHeartbeatStops(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		ears := &listeners{}
		rig.h.Webhooks, rig.h.Told = ears, &notify.Memory{}
		rig.env["TARGET_REGIONS"], rig.env["NOTIFY_URL"], rig.env["HEARTBEAT_URL"] = bj, "https://robot.example/hook?key=s3cr3t-key", "https://beat.example/ping-s3cr3t"
		rig.disk(time.Hour)
		rig.copied()
		rig.run(verifyTimer)
		wantNumber(t, "messages while all is well", len(ears.take("robot.example")), 0)
		wantNumber(t, "beats while all is well", len(ears.take("beat.example")), 1)

		bad := rig.cloud.AddDisk(sim.Disk{Region: gz, SizeGiB: 50, Tags: map[string]string{plan.TargetsTag: "ap-mars"}})
		rig.snapshot(bad)
		rig.alarm(t, verifyTimer)
		messages := ears.take("robot.example")
		wantNumber(t, "messages about the new disk", len(messages), 1)
		wantWords(t, messages, bad, "unprotected", `"newlyWrong":[{`, "ap-mars")
		wantNumber(t, "beats while a disk is unprotected", len(ears.take("beat.example")), 0)
		rig.alarm(t, verifyTimer)
		wantNumber(t, "messages about what was told", len(ears.take("robot.example")), 0)
		time.Sleep(6*time.Hour + time.Minute)
		rig.alarm(t, verifyTimer)
		wantNumber(t, "messages six hours later", len(ears.take("robot.example")), 1)

		rig.cloud.ChangeDisk(gz, bad, func(d *sim.Disk) { d.Tags = nil })
		rig.copied()
		rig.run(verifyTimer)
		wantWords(t, ears.take("robot.example"), bad, `"wellAgain":[{`)
		wantNumber(t, "beats when all is well again", len(ears.take("beat.example")), 1)
		if strings.Contains(rig.logs.all(), "s3cr3t") {
			t.Error("an address is in the log")
		}
	})
}

// A region that was not seen may hide anything.
func TestTheHeartbeatIsSilentWhenARegionIsNotSeen(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		ears := &listeners{}
		rig.h.Webhooks, rig.env["HEARTBEAT_URL"] = ears, "https://beat.example/ping"
		rig.disk(time.Hour)
		rig.copied()
		rig.run(verifyTimer)
		wantNumber(t, "beats while all is well", len(ears.take("beat.example")), 1)
		for _, region := range []string{gz, bj} {
			rig.fail(-1, "DescribeSnapshots", region, sim.Fault{Kind: sim.Refuse, Code: "ResourceUnavailable"})
			r := rig.alarm(t, verifyTimer)
			if p := r.Protection; p.Late+p.Unprotected > 0 {
				t.Errorf("%s: %+v", region, p)
			}
			wantNumber(t, "beats without "+region, len(ears.take("beat.example")), 0)
		}
		rig.cloud.SetInject(nil)
		rig.run(copyTimer)
		wantNumber(t, "beats of another job", len(ears.take("beat.example")), 0)
	})
}

// A webhook that hangs costs two seconds and changes nothing.
func TestAHangingWebhookBreaksNothing(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.h.Webhooks, rig.h.Told = &listeners{hang: true}, &notify.Memory{}
		rig.env["TARGET_REGIONS"], rig.env["NOTIFY_URL"] = bj, "https://robot.example/hook?key=s3cr3t-key"
		rig.disk(48 * time.Hour)
		rig.deny("CopySnapshotCrossRegions")
		began := time.Now()
		r := rig.alarm(t, copyTimer, "UnauthorizedOperation")
		wantCounts(t, r, "failed=1")
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("the run took %s", took)
		}
		wantWords(t, rig.logs.all(), `"msg":"notify"`)
		if strings.Contains(rig.logs.all(), "s3cr3t") {
			t.Error("the address is in the log")
		}
	})
}

// Every kind of alarm becomes a line that says what is wrong, with which disk, in which
// region, and what to do.
func TestEveryKindOfAlarmIsTold(t *testing.T) {
	at := func(c sim.Fate) sim.Options { return sim.Options{CopyTime: time.Hour, Fate: fate(c)} }
	later := func(d time.Duration) { time.Sleep(d) }
	for name, c := range map[string]struct {
		o    sim.Options
		do   func(rig *rig, disk string) (event string)
		want string // of the line; DISK is the disk's id
	}{
		"late": {sim.Options{}, func(rig *rig, _ string) string {
			rig.copied()
			rig.run(verifyTimer)
			later(100 * time.Hour)
			return verifyTimer
		}, "verify: 0 of 1 disks are protected, 1 late.nlate DISK SNAPSHOT REPLICA ap-guangzhou → ap-beijing · point .* · its newest .*: check"},
		"unprotected": {sim.Options{}, func(rig *rig, disk string) string {
			rig.deny("CopySnapshotCrossRegions")
			later(100 * time.Hour)
			return verifyTimer
		}, "unprotected DISK ap-guangzhou → ap-beijing · "},
		"stuck":      {at(sim.Hangs), func(rig *rig, _ string) string { rig.run(copyTimer); later(7 * time.Hour); return verifyTimer }, "verify stuck DISK SNAPSHOT REPLICA ap-guangzhou → ap-beijing · .*; copy makes another"},
		"missing":    {at(sim.Vanishes), func(rig *rig, _ string) string { rig.run(copyTimer); later(7 * time.Hour); return verifyTimer }, "verify missing DISK SNAPSHOT ap-guangzhou → ap-beijing · "},
		"mismatch":   {at(sim.WrongSize), func(rig *rig, _ string) string { rig.run(copyTimer); later(7 * time.Hour); return verifyTimer }, "verify mismatch DISK SNAPSHOT REPLICA ap-guangzhou → ap-beijing · .*; copy makes another"},
		"unexpected": {at(sim.Strange), func(rig *rig, _ string) string { rig.run(copyTimer); later(7 * time.Hour); return verifyTimer }, "verify unexpected DISK SNAPSHOT REPLICA ap-guangzhou → ap-beijing · .*; copy makes another"},
		"quota near full": {sim.Options{}, func(rig *rig, _ string) string {
			for range 60 {
				rig.cloud.AddSnapshot(sim.Snapshot{Region: bj, SizeGiB: 50, Created: time.Now().Add(-time.Hour)})
			}
			return copyTimer
		}, "snapferry copy: 1 to watch.n.* ap-beijing · ap-beijing holds 60 of about 64 .*: raise the quota"},
		"refused tag": {sim.Options{}, func(rig *rig, _ string) string { rig.deny("TagResources"); rig.copied(); return verifyTimer }, "verify failed DISK SNAPSHOT REPLICA ap-guangzhou → ap-beijing · .*tag:TagResources"},
		"failed deletion": {sim.Options{}, func(rig *rig, disk string) string {
			rig.copied()
			rig.snapshot(disk)
			rig.copied()
			rig.run(verifyTimer)
			rig.env["KEEP_LAST"] = "1"
			rig.fail(-1, "DeleteSnapshots", bj, sim.Fault{Kind: sim.Refuse, Code: "UnauthorizedOperation"})
			later(2 * time.Hour)
			return retainTimer
		}, "delete failed DISK SNAPSHOT REPLICA ap-guangzhou → ap-beijing · "},
		"fight of rules": {sim.Options{CopyTime: time.Minute}, func(rig *rig, disk string) string {
			rig.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: disk, SizeGiB: 50, Created: time.Now().Add(-20 * time.Hour)})
			rig.run(copyTimer)
			later(10 * time.Minute)
			rig.run(verifyTimer)
			rig.env["KEEP_LAST"] = "1"
			return retainTimer
		}, "delete failed DISK .* ap-guangzhou → ap-beijing · .*two sets of rules fight"},
		"renamed by somebody else": {sim.Options{}, func(rig *rig, _ string) string {
			rig.copied()
			return changed("ModifySnapshotAttribute", bj, rig.cloud.Snapshots(bj)[0].ID, "AKIDother")
		}, `copy failed DISK REPLICA ap-guangzhou → ap-beijing · .*eve.* called ModifySnapshotAttribute`},
		"deleted by somebody else": {sim.Options{}, func(rig *rig, _ string) string {
			rig.copied()
			replica := rig.cloud.Snapshots(bj)[0].ID
			rig.cloud.RemoveSnapshot(bj, replica)
			return changed("DeleteSnapshots", bj, replica, "AKIDother")
		}, `copy failed ap-beijing · .*eve.* called DeleteSnapshots for snap-\S+.* 1 wanted replicas are missing`},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, c.o, func(rig *rig) {
				ears := &listeners{}
				rig.h.Webhooks, rig.h.Told = ears, &notify.Memory{}
				rig.env["TARGET_REGIONS"] = bj
				disk, _ := rig.disk(time.Hour)
				event := c.do(rig, disk)
				rig.env["NOTIFY_URL"], rig.env["HEARTBEAT_URL"] = "https://hooks.slack.com/services/T0", "https://beat.example/x"
				_, _ = rig.invoke(event) // some of these are warnings, which are no error
				told := strings.Join(ears.take("hooks.slack.com"), "\n")
				if beats := len(ears.take("beat.example")); beats > 0 && !strings.Contains(told, "1 of 1 disks are protected") {
					t.Errorf("%d beats", beats)
				}
				want := strings.NewReplacer("DISK", disk, "SNAPSHOT", "snap-[0-9a-z]+", "REPLICA", "snap-[0-9a-z]+").Replace(c.want)
				if !regexp.MustCompile(want).MatchString(told) {
					t.Errorf("no %s in\n%s", want, told)
				}
				if testing.Verbose() {
					t.Log(told)
				}
			})
		})
	}
}
