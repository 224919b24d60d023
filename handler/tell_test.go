package handler_test

import (
	"io"
	"net/http"
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
