package handler_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"snapferry/handler"
	"snapferry/internal/job"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

// secrets are all that must never come out of the program, by what they are.
var secrets = map[string]string{
	"secret id":      "AKIDsecrets0123456789abcdefghijklmnop",
	"secret key":     "secretkey/0123456789+abcdefghijkl",
	"session token":  "sessiontoken-0123456789-abcdefghijklmnopqrstuvwxyz",
	"webhook":        "https://hooks.example.com/robot/send?key=webhookkey-0123456789",
	"webhook's key":  "webhookkey-0123456789",
	"status token":   openSesame,
	"wrong key":      "wrongkey/0123456789+abcdefghijklm",
	"expired token":  "expiredtoken-0123456789-abcdefghijk",
	"lasting key":    "lastingkey/0123456789+abcdefghijk",
	"lasting id":     "AKIDlasting0123456789abcdefghijklmnop",
	"password":       "passw0rd-in-a-url",
	"wrong id":       "AKIDwrong00123456789abcdefghijklmnop",
	"unusable token": "token with blanks\x01",
}

// A leak looks for secrets in whatever comes out.
type leak struct{ out strings.Builder }

func (l *leak) add(what ...any) { fmt.Fprintln(&l.out, what...) }

// want demands that nothing that came out holds a secret, plainly or written
// otherwise.
func (l *leak) want(t *testing.T) {
	t.Helper()
	all := l.out.String()
	if len(all) < 10_000 {
		t.Errorf("only %d bytes came out: the test shows nothing", len(all))
	}
	for what, s := range secrets {
		quoted, _ := json.Marshal(s)
		for how, form := range map[string]string{
			"plainly": s, "as JSON": strings.Trim(string(quoted), `"`), "in a URL": url.QueryEscape(s), "in a path": url.PathEscape(s),
			"in hex": hex.EncodeToString([]byte(s)), "in base64": base64.StdEncoding.EncodeToString([]byte(s))[:len(s)],
			"its beginning": s[:min(len(s), 14)], "its end": s[len(s)-8:],
		} {
			if i := strings.Index(all, form); i >= 0 {
				t.Errorf("the %s came out %s: …%s…", what, how, all[max(0, i-200):min(len(all), i+100)])
				break
			}
		}
	}
}

// roles are all that sign in these tests.
var (
	secretRole   = role{secrets["secret id"], secrets["secret key"], secrets["session token"]}
	expiringRole = role{secrets["wrong id"], secrets["wrong key"], secrets["expired token"]}
)

// secretive makes all credentials and settings of a rig secrets.
func secretive(rig *rig) {
	rig.env["NOTIFY_URL"], rig.env["STATUS_TOKEN"], rig.env["LOG_LEVEL"] = secrets["webhook"], secrets["status token"], "debug"
	rig.brought = secretRole.variables()
	rig.cloud.AddKey(sim.Key{ID: secretRole.id, Secret: secretRole.key, Token: secretRole.token})
	rig.complaints = true
	rig.timeout = time.Minute
}

// ownOnly is an invocation with the rig's own credentials.
func ownOnly(rig *rig) []map[string]string { return []map[string]string{rig.brought} }

// collect runs every job where all credentials and settings are secrets, but
// for what spoil changes, and keeps what comes out. For each event there are
// as many invocations at once as brought returns.
func (l *leak) collect(t *testing.T, spoil func(rig *rig), brought func(rig *rig) []map[string]string) {
	t.Helper()
	story(t, sim.Options{}, func(rig *rig) {
		secretive(rig)
		disk, s := rig.disk(days(3)...)
		spoil(rig)
		for _, event := range jobs(disk, s[0]) {
			rig.take(l, event, brought(rig)...)
		}
	})
}

// take sends an event for each of several invocations at once, and keeps
// everything that comes out.
func (rig *rig) take(l *leak, event string, brought ...map[string]string) {
	rig.t.Helper()
	said := make([]string, len(brought))
	var runs sync.WaitGroup
	for i, variables := range brought {
		runs.Go(func() {
			out, err := rig.send(rig.h, event, variables)
			said[i] = fmt.Sprintf("%s %v %#v", out, err, err)
		})
	}
	runs.Wait()
	l.add(strings.Join(said, "\n"), rig.logs.all())
	rig.logs.clear()
}

// jobs are events of every kind, good ones.
func jobs(disk, snapshot string) []string {
	return []string{
		copyTimer, verifyTimer, retainTimer, created(snapshot, disk), `{"job":"plan"}`, `{"job":"check"}`, `{"key1":"a","key2":"b"}`,
		`{"snapshotId":"` + snapshot + `"}`, `{"job":"retain","force":true}`, `{"job":"drill"}`, `{"job":"status"}`,
	}
}

// allFaults are all kinds of faults, and refusals by a service that repeats what
// it was sent, as some do in their messages.
func allFaults(r role) []sim.Fault {
	faults := []sim.Fault{{}}
	said := "signed by " + r.id + " with " + r.key + " and " + r.token
	for _, kind := range sim.FaultKinds() {
		codes := []string{""}
		if kind == sim.Refuse || kind == sim.RefuseRows {
			codes = []string{"InternalError", "UnauthorizedOperation", "AuthFailure.SignatureFailure", "InsufficientSnapshotQuota", "InvalidParameterValue", "RequestLimitExceeded"}
		}
		for _, code := range codes {
			faults = append(faults, sim.Fault{Kind: kind, Code: code, Message: said, Delay: 3 * time.Second})
		}
	}
	return faults
}

func TestEachInvocationSignsWithTheCredentialsItBrought(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.disk(time.Hour)
		rig.run(copyTimer)
		before := rig.cloud.Count("")
		rig.cloud.RemoveKey(ownRole.id)
		next := role{"AKIDnext", "next-key", "next-token"}
		rig.cloud.AddKey(sim.Key{ID: next.id, Secret: next.key, Token: next.token})
		rig.brought = next.variables()
		rig.run(copyTimer)
		for _, c := range rig.cloud.Calls()[before:] {
			if c.SecretID != next.id {
				t.Errorf("%s was signed by %s", c.Action, c.SecretID)
			}
		}
	})
}

func TestNoSecretComesOutOfAnyJobUnderAnyFault(t *testing.T) {
	var l leak
	for _, f := range allFaults(secretRole) {
		for every := 1; every <= 3; every++ { // all requests, the later ones, some
			l.collect(t, func(rig *rig) {
				rig.cloud.SetInject(func(c sim.Call) sim.Fault {
					if c.N%every != every-1 {
						return sim.Fault{}
					}
					return f
				})
			}, ownOnly)
		}
	}
	l.want(t)
}

func TestNoSecretComesOutOfWrongCredentialsAndSettings(t *testing.T) {
	var l leak
	for _, spoil := range []func(rig *rig){
		func(rig *rig) { rig.brought["TENCENTCLOUD_SECRETKEY"] = secrets["wrong key"] },
		func(rig *rig) { rig.brought["TENCENTCLOUD_SECRETID"] = secrets["wrong id"] },
		func(rig *rig) { rig.brought["TENCENTCLOUD_SESSIONTOKEN"] = secrets["expired token"] },
		func(rig *rig) { rig.brought["TENCENTCLOUD_SESSIONTOKEN"] = secrets["unusable token"] },
		func(rig *rig) { delete(rig.brought, "TENCENTCLOUD_SECRETID") },
		func(rig *rig) { delete(rig.brought, "TENCENTCLOUD_SECRETKEY") },
		func(rig *rig) {
			rig.brought = nil
			rig.env["TENCENTCLOUD_SECRET_ID"], rig.env["TENCENTCLOUD_SECRET_KEY"] = secrets["lasting id"], secrets["lasting key"]
		},
		func(rig *rig) { rig.brought, rig.env["TENCENTCLOUD_SECRET_KEY"] = nil, secrets["lasting key"] },
		func(rig *rig) { rig.env["NOTIFY_URL"] = strings.Replace(secrets["webhook"], "https", "http", 1) },
		func(rig *rig) { rig.env["NOTIFY_URL"] = secrets["webhook"] + "\n" },
		func(rig *rig) { rig.env["STATUS_TOKEN"] = secrets["status token"] + " x" },
		func(rig *rig) { rig.env["STATUS_TOKEN"] = strings.Repeat(secrets["status token"], 300) },
		func(rig *rig) { rig.env["API_ENDPOINT"] = "https://user:" + secrets["password"] + "@example.com" },
		func(rig *rig) { rig.env["API_DOMAIN"] = "https://user:" + secrets["password"] + "@example.com" },
		func(rig *rig) { rig.env["MAX_AGE"], rig.env["KEEP_LAST"] = "x", "x" },
	} {
		l.collect(t, spoil, ownOnly)
	}
	l.want(t)
}

// One instance serves several invocations at once, each with its own credentials.
// Those of one expire while it works.
func TestNoSecretComesOutOfInvocationsAtOnce(t *testing.T) {
	var l leak
	ones, others := allFaults(secretRole), allFaults(expiringRole)
	for i := range ones {
		for every := 1; every <= 3; every++ {
			l.collect(t, func(rig *rig) {
				rig.cloud.SetInject(func(c sim.Call) sim.Fault {
					switch {
					case c.N%every != every-1:
						return sim.Fault{Kind: sim.Slow, Delay: 200 * time.Millisecond}
					case c.SecretID == expiringRole.id:
						return others[i]
					}
					return ones[i]
				})
			}, func(rig *rig) []map[string]string {
				rig.cloud.AddKey(sim.Key{
					ID: expiringRole.id, Secret: expiringRole.key, Token: expiringRole.token, Expires: time.Now().Add(500 * time.Millisecond),
				})
				return []map[string]string{secretRole.variables(), expiringRole.variables(), secretRole.variables()}
			})
			if i == 0 && every == 3 && !strings.Contains(l.out.String(), "AuthFailure") {
				t.Error("no credentials expired: the test shows nothing")
			}
		}
	}
	l.want(t)
}

// An echo is a proxy in front of the service that answers with a page that
// repeats the request, its headers and all.
type echo struct{ status int }

func (e echo) RoundTrip(r *http.Request) (*http.Response, error) {
	var page bytes.Buffer
	fmt.Fprintf(&page, "<html><pre>%d\n", e.status)
	_ = r.Header.Write(&page)
	fmt.Fprintf(&page, "\nkey %s</pre></html>", secrets["secret key"])
	return &http.Response{StatusCode: e.status, Status: http.StatusText(e.status), Header: r.Header.Clone(), Body: io.NopCloser(&page), Request: r}, nil
}

func TestNoSecretComesOutWhereAProxyRepeatsTheRequest(t *testing.T) {
	var l leak
	for _, status := range []int{200, 302, 403, 407, 500, 502} {
		l.collect(t, func(rig *rig) {
			rig.h.Connect = func(c handler.Connection) job.Cloud {
				return tencent.New(tencent.Options{
					ID: c.Credentials.ID.Reveal(), Key: c.Credentials.Key.Reveal(), Token: c.Credentials.Token.Reveal(), Transport: echo{status}, Cutoff: c.Cutoff,
				})
			}
		}, ownOnly)
	}
	l.want(t)
}

func TestNoSecretComesOutOverHTTPOrOfAnyFixture(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		var l leak
		secretive(rig)
		rig.disk(time.Hour)
		for _, path := range []string{"/", "/status.json", "/status.csv", "/metrics", "/x", "/" + url.PathEscape(secrets["status token"])} {
			for _, headers := range []string{
				`{}`, `{"authorization":"Bearer ` + secrets["status token"] + `"}`, `{"Authorization":"Basic ` + secrets["status token"] + `"}`,
				`{"authorization":"Bearer x` + secrets["status token"] + `"}`, `"Authorization: ` + secrets["status token"] + `"`,
			} {
				rig.take(&l, fmt.Sprintf(`{"httpMethod":"GET","path":%q,"headers":%s}`, path, headers), rig.brought)
			}
		}
		for _, raw := range fixtures(t, "*") {
			rig.take(&l, string(raw), rig.brought)
		}
		l.want(t)
	})
}
