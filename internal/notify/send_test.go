package notify_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"snapferry/internal/notify"
	"snapferry/internal/plan"
	"snapferry/internal/settings"
)

func hang(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() }

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", other)
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

// wantSecret fails the test if an error, or one in its chain, shows the address.
func wantSecret(t *testing.T, err error, address string) {
	t.Helper()
	u, _ := url.Parse(strings.TrimLeft(address, ":"))
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, text := range []string{e.Error(), fmt.Sprintf("%+v %#v", e, e)} {
			if strings.Contains(text, "s3cret") || strings.Contains(text, u.Host) || u.Port() != "" && strings.Contains(text, u.Port()) {
				t.Errorf("%q shows the address", text)
			}
		}
	}
}

func TestAWebhookThatFailsIsAskedTwiceWithinTwoSeconds(t *testing.T) {
	for name, c := range map[string]struct {
		first, second http.HandlerFunc
		robot         string
		tries         int
		want          string // in the error; "" is none
	}{
		"hangs":                       {hang, hang, other, 2, "NOTIFY_URL did not answer in time"},
		"hangs once":                  {hang, status(200, ""), other, 2, ""},
		"is down":                     {status(503, ""), status(503, ""), other, 2, "NOTIFY_URL answered 503 Service Unavailable"},
		"was down":                    {status(502, ""), status(204, ""), other, 2, ""},
		"is busy":                     {status(429, ""), status(200, "ok"), slack, 2, ""},
		"is not there":                {status(404, "no_service s3cret"), nil, slack, 1, "NOTIFY_URL answered 404"},
		"redirects":                   {status(302, ""), nil, other, 1, "redirect (302), which is not followed"},
		"redirects with its body":     {status(308, ""), nil, wecom, 1, "redirect (308), which is not followed"},
		"refuses with 200":            {status(200, `{"errcode":93000,"errmsg":"invalid webhook url s3cret"}`), nil, wecom, 1, "refused the message with code 93000"},
		"wants a keyword":             {status(200, `{"errcode":310000,"errmsg":"keywords not in content"}`), nil, dingtalk, 1, `the keyword "snapferry"`},
		"wants a signature":           {status(200, `{"code":19021,"msg":"sign match fail"}`), nil, feishu, 1, "signing secret"},
		"refuses in the former words": {status(200, `{"StatusCode":9499,"StatusMessage":"Bad Request"}`), nil, feishu, 1, "code 9499"},
		"answers another's JSON":      {status(200, `{"ok":true}`), nil, wecom, 1, "an answer that is not its robot's"},
		"answers without end":         {status(200, strings.Repeat(" ", 1<<20)+`{"errcode":0}`), nil, dingtalk, 1, "an answer that is not its robot's"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				r := &receiver{t: t, answer: func(w http.ResponseWriter, req *http.Request) {
					if tries++; tries == 1 {
						c.first(w, req)
					} else {
						c.second(w, req)
					}
				}}
				began, m, run := time.Now(), &notify.Memory{}, verified(row("disk-a", plan.Late))
				err := r.webhook(c.robot).Tell(t.Context(), began, m, run)
				if took := time.Since(began); took > 2*time.Second || tries != c.tries {
					t.Errorf("%d tries took %v, want %d within two seconds", tries, took, c.tries)
				}
				if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
					t.Errorf("got %v, want %q", err, c.want)
				}
				wantSecret(t, err, c.robot)
				r.answer = nil
				if text := r.tell(slack, began.Add(time.Minute), m, run); (text != "") != (err != nil) {
					t.Errorf("after %v the next run tells %q", err, text)
				}
			})
		})
	}
}

func TestARunThatEndsIsNotDelayedAndWhatNobodyHeardOfEndsSilently(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		began := time.Now()
		r, m := &receiver{t: t, answer: hang}, &notify.Memory{}
		if err := r.webhook(other).Tell(ctx, began, m, verified(row("disk-a", plan.Late))); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 300*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		r.answer = nil
		if text := r.tell(slack, began.Add(time.Minute), m, verified()); text != "" {
			t.Errorf("the next run tells %s", text)
		}
	})
}

// failing is a transport on which every request fails.
type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

func TestNoErrorShowsTheAddress(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + ln.Addr().String() + "/s3cret"
	ln.Close()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	torn := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer torn.Close()
	for address, c := range map[string]struct {
		transport http.RoundTripper
		want      string
	}{
		closed:                      {&http.Transport{}, "connection refused"},
		untrusted.URL + "/s3cret":   {&http.Transport{}, "certificate"},
		torn.URL + "/s3cret":        {&http.Transport{}, "the connection failed"},
		"https://s3cret.invalid/":   {failing{&net.DNSError{Name: "s3cret.invalid", Server: "s3cret"}}, "can't be resolved"},
		"https://s3cret.invalid/2/": {failing{&net.DNSError{Name: "s3cret.invalid", IsTimeout: true}}, "in time"},
		"://s3cret/":                {nil, "is not an address"},
		"gopher://s3cret/":          {nil, "the connection failed"},
	} {
		want := c.want
		w := notify.Webhook{URL: settings.Secret(address), Transport: c.transport}
		tell := w.Tell(t.Context(), t0, &notify.Memory{}, verified(row("disk-a", plan.Late)))
		beat := notify.Beat(t.Context(), settings.Secret(address), c.transport)
		for name, err := range map[string]error{"NOTIFY_URL": tell, "HEARTBEAT_URL": beat} {
			if err == nil || !strings.HasPrefix(err.Error(), name+" ") || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", address, err, want)
			}
			wantSecret(t, err, address)
		}
		if text := fmt.Sprintf("%v %+v %#v", w, w, &w); strings.Contains(text, "s3cret") {
			t.Errorf("a webhook prints as %s", text)
		}
	}
}

func TestAHeartbeatIsOneBoundedGET(t *testing.T) {
	for name, c := range map[string]struct {
		answers []http.HandlerFunc
		want    string
	}{
		"takes it":  {[]http.HandlerFunc{status(200, "OK")}, ""},
		"was down":  {[]http.HandlerFunc{status(500, ""), status(200, "OK")}, ""},
		"hangs":     {[]http.HandlerFunc{hang, hang}, "HEARTBEAT_URL did not answer in time"},
		"redirects": {[]http.HandlerFunc{status(301, "")}, "redirect"},
		"is gone":   {[]http.HandlerFunc{status(410, "")}, "HEARTBEAT_URL answered 410 Gone"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries, began := 0, time.Now()
				r := &receiver{t: t, answer: func(w http.ResponseWriter, req *http.Request) {
					if req.Method != http.MethodGet || req.URL.String() != other || req.ContentLength != 0 {
						t.Errorf("got %s %s with %d bytes", req.Method, req.URL, req.ContentLength)
					}
					tries++
					c.answers[tries-1](w, req)
				}}
				err := notify.Beat(t.Context(), other, r)
				if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) || tries != len(c.answers) || time.Since(began) > 2*time.Second {
					t.Errorf("%d tries, %v: %v, want %q", tries, time.Since(began), err, c.want)
				}
				wantSecret(t, err, other)
			})
		})
	}
	if err := errors.Join(notify.Beat(t.Context(), "", nil), (&notify.Webhook{}).Tell(t.Context(), t0, nil, verified())); err != nil {
		t.Errorf("without addresses: %v", err)
	}
}
