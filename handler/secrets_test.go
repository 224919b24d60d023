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
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"snapferry/handler"
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
	"report token":   openSesame,
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

// secretive is a bench whose credentials and settings are all secrets, and
// which collects all that comes out of it.
func secretive(b *bench) *leak {
	b.env["NOTIFY_URL"], b.env["REPORT_TOKEN"], b.env["LOG_LEVEL"] = secrets["webhook"], secrets["report token"], "debug"
	b.brought = map[string]string{
		"TENCENTCLOUD_SECRETID": secrets["secret id"], "TENCENTCLOUD_SECRETKEY": secrets["secret key"], "TENCENTCLOUD_SESSIONTOKEN": secrets["session token"],
	}
	b.cloud.AddKey(sim.Key{ID: secrets["secret id"], Secret: secrets["secret key"], Token: secrets["session token"]})
	b.complaints = true
	return &leak{}
}

// take runs an event and keeps everything that comes out.
func (b *bench) take(l *leak, event string) {
	b.t.Helper()
	r, err := b.invoke(event)
	raw, _ := json.Marshal(r)
	l.add(string(raw), err, fmt.Sprintf("%+v %#v", r, err), b.logs.String())
	b.logs.Reset()
}

// jobs are events of every kind, good ones.
func jobs(disk, snapshot string) []string {
	return []string{
		copyTimer, verifyTimer, retainTimer, created(snapshot, disk), `{"job":"plan"}`, `{"job":"check"}`, `{"key1":"a","key2":"b"}`,
		`{"snapshotId":"` + snapshot + `"}`, `{"job":"retain","force":true}`, `{"job":"drill"}`, `{"job":"report"}`,
	}
}

// allFaults are all kinds of faults, and refusals by a service that repeats what
// it was sent, as some do in their messages.
func allFaults(id, key, token string) []sim.Fault {
	faults := []sim.Fault{{}}
	said := "signed by " + secrets[id] + " with " + secrets[key] + " and " + secrets[token]
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

func TestNoSecretComesOutOfAnyJobUnderAnyFault(t *testing.T) {
	var l leak
	for _, f := range allFaults("secret id", "secret key", "session token") {
		for every := 1; every <= 3; every++ { // all requests, the later ones, some
			story(t, sim.Options{}, func(b *bench) {
				own := secretive(b)
				b.timeout = time.Minute
				disk, s := b.disk(days(3)...)
				b.cloud.SetInject(func(c sim.Call) sim.Fault {
					if c.N%every != every-1 {
						return sim.Fault{}
					}
					return f
				})
				for _, event := range jobs(disk, s[0]) {
					b.take(own, event)
				}
				l.add(own.out.String())
			})
		}
	}
	l.want(t)
}

func TestNoSecretComesOutOfWrongCredentialsAndSettings(t *testing.T) {
	var l leak
	for _, spoil := range []func(b *bench){
		func(b *bench) { b.brought["TENCENTCLOUD_SECRETKEY"] = secrets["wrong key"] },
		func(b *bench) { b.brought["TENCENTCLOUD_SECRETID"] = secrets["wrong id"] },
		func(b *bench) { b.brought["TENCENTCLOUD_SESSIONTOKEN"] = secrets["expired token"] },
		func(b *bench) { b.brought["TENCENTCLOUD_SESSIONTOKEN"] = secrets["unusable token"] },
		func(b *bench) { delete(b.brought, "TENCENTCLOUD_SECRETID") },
		func(b *bench) { delete(b.brought, "TENCENTCLOUD_SECRETKEY") },
		func(b *bench) {
			b.brought = nil
			b.env["TENCENTCLOUD_SECRET_ID"], b.env["TENCENTCLOUD_SECRET_KEY"] = secrets["lasting id"], secrets["lasting key"]
		},
		func(b *bench) { b.brought, b.env["TENCENTCLOUD_SECRET_KEY"] = nil, secrets["lasting key"] },
		func(b *bench) { b.env["NOTIFY_URL"] = strings.Replace(secrets["webhook"], "https", "http", 1) },
		func(b *bench) { b.env["NOTIFY_URL"] = secrets["webhook"] + "\n" },
		func(b *bench) { b.env["REPORT_TOKEN"] = secrets["report token"] + " x" },
		func(b *bench) { b.env["REPORT_TOKEN"] = strings.Repeat(secrets["report token"], 300) },
		func(b *bench) { b.env["API_ENDPOINT"] = "https://user:" + secrets["password"] + "@example.com" },
		func(b *bench) { b.env["API_DOMAIN"] = "https://user:" + secrets["password"] + "@example.com" },
		func(b *bench) { b.env["MAX_AGE"], b.env["KEEP_LAST"] = "x", "x" },
	} {
		story(t, sim.Options{}, func(b *bench) {
			own := secretive(b)
			spoil(b)
			disk, s := b.disk(time.Hour)
			for _, event := range jobs(disk, s[0]) {
				b.take(own, event)
			}
			l.add(own.out.String())
		})
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
		story(t, sim.Options{}, func(b *bench) {
			own := secretive(b)
			b.h.Connect = func(c handler.Connection) handler.Cloud {
				return tencent.New(tencent.Options{
					ID: c.Credentials.ID.Reveal(), Key: c.Credentials.Key.Reveal(), Token: c.Credentials.Token.Reveal(), Transport: echo{status}, Cutoff: c.Cutoff,
				})
			}
			b.timeout = time.Minute
			for _, event := range jobs("disk-1", "snap-1") {
				b.take(own, event)
			}
			l.add(own.out.String())
		})
	}
	l.want(t)
}

func TestNoSecretComesOutOverHTTPOrOfAnyFixture(t *testing.T) {
	var l leak
	story(t, sim.Options{}, func(b *bench) {
		own := secretive(b)
		b.disk(time.Hour)
		for _, path := range []string{"/", "/report.json", "/report.csv", "/metrics", "/x", "/" + url.PathEscape(secrets["report token"])} {
			for _, headers := range []string{
				`{}`, `{"authorization":"Bearer ` + secrets["report token"] + `"}`, `{"Authorization":"Basic ` + secrets["report token"] + `"}`,
				`{"authorization":"Bearer x` + secrets["report token"] + `"}`, `"Authorization: ` + secrets["report token"] + `"`,
			} {
				out, err := b.send(fmt.Sprintf(`{"httpMethod":"GET","path":%q,"headers":%s}`, path, headers))
				own.add(string(out), err)
			}
		}
		files, err := filepath.Glob("../testdata/events/*.json")
		if err != nil || len(files) == 0 {
			t.Fatalf("no fixtures: %v", err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			out, err := b.send(string(raw))
			own.add(string(out), err)
		}
		l.add(own.out.String(), b.logs.String())
	})
	l.want(t)
}
