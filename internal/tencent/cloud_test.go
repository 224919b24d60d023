package tencent_test

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

func TestHosts(t *testing.T) {
	for _, tt := range []struct{ name, endpoint, domain, region, scheme, host string }{
		{"usual", "", "", gz, "https", "cbs.tencentcloudapi.com"},
		{"finance", "", "", "ap-shanghai-fsi", "https", "cbs.ap-shanghai-fsi.tencentcloudapi.com"},
		{"international", "", "intl.tencentcloudapi.com", gz, "https", "cbs.intl.tencentcloudapi.com"},
		{"endpoint", "http://127.0.0.1:9000", "", gz, "http", "127.0.0.1:9000"},
		{"endpoint, finance", "https://proxy.example/", "", "ap-shanghai-fsi", "https", "proxy.example"},
		{"endpoint without scheme", "proxy.example", "", gz, "https", "proxy.example"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var r *http.Request
			rt := answers(func(got *http.Request, _ string) string {
				r = got
				return `{"Response":{"TotalCount":0,"RequestId":"r"}}`
			})
			c := client(rt, func(o *tencent.Options) { o.Endpoint, o.Domain = tt.endpoint, tt.domain })
			_, err := list(t.Context(), c, tt.region)
			noError(t, err)
			if r.URL.Scheme != tt.scheme || r.URL.Host != tt.host || r.Host != tt.host {
				t.Errorf("got %s at %s, want %s://%s", r.URL, r.Host, tt.scheme, tt.host)
			}
			if got := r.Header.Get("X-TC-Language"); got != "en-US" {
				t.Errorf("got language %q", got)
			}
			if got := r.Header.Get("X-TC-Region"); got != tt.region {
				t.Errorf("got region %q", got)
			}
		})
	}
}

func TestFinanceRegionsCopyThroughTheirOwnHost(t *testing.T) {
	inCloud(t, sim.Options{}, func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
		r := order(w.AddSnapshot(sim.Snapshot{Region: "ap-shanghai-fsi"}), "ap-beijing-fsi")
		r.From = "ap-shanghai-fsi"
		noError(t, copyOne(t.Context(), c, r))
	})
}

// The shared transport, a real socket, and one Cloud in many goroutines.
func TestOverASocket(t *testing.T) {
	w := world(t, sim.Options{Rate: -1})
	fill(w, gz, 150)
	server := httptest.NewServer(w)
	defer server.Close()
	c := client(nil, func(o *tencent.Options) { o.Endpoint, o.Pacer = server.URL, tencent.NewPacer(1000) })
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, region := range []string{gz, sh} {
				if _, err := list(t.Context(), c, region); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	wantNumber(t, "calls", c.Calls(), 32)
}

// net/http would send the signed request on, and a copy a second time.
func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		sent := 0
		rt := roundTrip(func(*http.Request) (*http.Response, error) {
			sent++
			r := response(status, "text/html", "moved")
			r.Header.Set("Location", "https://elsewhere.example/")
			return r, nil
		})
		_, err := client(rt).Copy(t.Context(), order("snap-1", sh))
		wantMeaning(t, err, cloud.MayHaveHappened)
		wantNumber(t, fmt.Sprint(status, ": requests"), sent, 1)
	}
}

func TestErrorsAreOneLineWithoutCredentials(t *testing.T) {
	echo := fmt.Sprintf("<html>\r\n\x1b[31mX-TC-Token: %s\x00 Credential=%s key %s %s</html>", token, id, key, strings.Repeat("á ", 500))
	for what, rt := range map[string]http.RoundTripper{
		"HTML":    always(echo),
		"message": always(fmt.Sprintf(`{"Response":{"Error":{"Code":"AuthFailure\n%s","Message":%q},"RequestId":"r\n%s"}}`, token, strings.ToValidUTF8(echo, ""), key)),
		"row":     always(fmt.Sprintf(`{"Response":{"SnapshotCopyResultSet":[{"DestinationRegion":"ap-shanghai","Code":"C","Message":%q}],"RequestId":"r"}}`, echo)),
		"network": roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New(echo) }),
	} {
		t.Run(what, func(t *testing.T) {
			err := copyOne(t.Context(), client(rt), order("snap-1", sh))
			for _, bad := range []string{id, key, token, "\n", "\r", "\x1b", "\x00"} {
				if strings.Contains(err.Error(), bad) {
					t.Errorf("got %q, with %q in it", err, bad)
				}
			}
			if len(err.Error()) > 500 {
				t.Errorf("got an error of %d bytes", len(err.Error()))
			}
		})
	}
}

// A gateway repeats the token of the request, as it is, escaped or cut.
func TestNoPartOfAnEchoedTokenIsShown(t *testing.T) {
	const secret = "tok+en/with=odd&chars+0123456789abcdef/zz=="
	// The invocation before it had other credentials.
	_ = copyOne(t.Context(), client(always("<html>")), order("snap-1", sh))
	for _, echo := range []string{
		secret, url.QueryEscape(secret), strings.ReplaceAll(secret, "/", `\/`), html.EscapeString(secret), secret[:len(secret)-3], "…" + secret[9:],
	} {
		page := func(status int, line, body string) http.RoundTripper {
			return roundTrip(func(*http.Request) (*http.Response, error) {
				r := response(status, "text/html", body)
				r.Status = line
				return r, nil
			})
		}
		for place, rt := range map[string]http.RoundTripper{
			"a page":                    page(502, "502 Bad Gateway", "<html>x-tc-token: "+echo),
			"a page about an error":     page(200, "200 OK", `<html>"Error" x-tc-token: `+echo),
			"a page with a description": page(200, "200 OK", `{"codeDesc": x-tc-token: `+echo),
			"JSON of another type":      always(fmt.Sprintf(`{"Response":{"Error":%q}}`, echo)),
			"the status line":           page(502, "502 "+echo, ""),
			"a message":                 always(fmt.Sprintf(`{"Response":{"Error":{"Code":"AuthFailure","Message":%q}}}`, echo)),
			"no HTTP": roundTrip(func(*http.Request) (*http.Response, error) {
				return nil, fmt.Errorf("malformed HTTP response %q", echo)
			}),
		} {
			err := copyOne(t.Context(), client(rt, func(o *tencent.Options) { o.Token = secret }), order("snap-1", sh))
			for i := range len(secret) - 8 {
				if err == nil || strings.Contains(err.Error(), secret[i:i+8]) {
					t.Errorf("%s: got %v, with a part of the token", place, err)
					break
				}
			}
		}
	}
}

func TestDeletionsThatAreNotMade(t *testing.T) {
	inCloud(t, sim.Options{}, func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
		replica := w.AddSnapshot(sim.Snapshot{Region: sh, CopyFromRemote: true, Name: name})
		wantMeaning(t, c.Delete(t.Context(), sh, replica, cloud.While{Until: time.Now()}), cloud.TooOld)

		shared := w.AddSnapshot(sim.Snapshot{Region: sh, CopyFromRemote: true, Name: name, SharedWith: []string{"100000000002"}})
		err := c.Delete(t.Context(), sh, shared, cloud.While{})
		var e *tencent.Error
		if !errors.As(err, &e) || e.Code != "UnsupportedOperation.SnapHasShared" || e.Hint() == "" {
			t.Errorf("got %v, want a refusal and a hint", err)
		}
	})
}

func TestDeletionsAreNotRepeatedUnlessNotLookedAt(t *testing.T) {
	inCloud(t, broken(1, "DeleteSnapshots", sim.Fault{Kind: sim.LoseReply}), func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
		replica := w.AddSnapshot(sim.Snapshot{Region: sh, CopyFromRemote: true, Name: name})
		wantMeaning(t, c.Delete(t.Context(), sh, replica, cloud.While{}), cloud.MayHaveHappened)
		wantNumber(t, "calls", c.Calls(), 1)
	})
}

func TestTag(t *testing.T) {
	inCloud(t, broken(1, "TagResources", sim.Fault{Kind: sim.LoseReply}), func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
		ids := fill(w, sh, 25)
		who, err := c.Identity(t.Context())
		noError(t, err)
		if who.Account != w.Account() || who.Principal == "" || who.SecretID != id {
			t.Fatalf("got %+v, want account %s, a principal and the secret id", who, w.Account())
		}
		failed, err := c.Tag(t.Context(), sh, who.Account, ids, map[string]string{plan.StateTag: plan.StateVerified})
		noError(t, err)
		if len(failed) != 0 || w.Count("TagResources") != 4 {
			t.Errorf("got %v with %d requests, want none failed with 4", failed, w.Count("TagResources"))
		}
		for _, s := range w.Snapshots(sh) {
			if s.Tags[plan.StateTag] != plan.StateVerified {
				t.Errorf("%s has tags %v", s.ID, s.Tags)
			}
		}
	})
}

func TestTagReportsWhatFailedWithinASuccess(t *testing.T) {
	rt := always(`{"Response":{"FailedResources":[{"Resource":"qcs::cvm:ap-shanghai:uin/1:snapshot/snap-2","Code":"ResourceNotFound","Message":"m"}],"RequestId":"req-9"}}`)
	failed, err := client(rt).Tag(t.Context(), sh, "1", []string{"snap-1", "snap-2"}, map[string]string{"k": "v"})
	noError(t, err)
	if len(failed) != 1 || meaning(t, failed["snap-2"]) != cloud.Gone {
		t.Fatalf("got %v, want snap-2", failed)
	}
	if got, want := failed["snap-2"].Error(), "tag snap-2 with k in ap-shanghai: ResourceNotFound: m (RequestId req-9)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	rt = always(`{"Response":{"FailedResources":[{"Resource":"something else","Code":"X"}],"RequestId":"r"}}`)
	if failed, _ = client(rt).Tag(t.Context(), sh, "1", []string{"snap-1", "snap-2"}, map[string]string{"k": "v"}); len(failed) != 2 {
		t.Errorf("got %v, want both: one of them must be meant", failed)
	}
}

func TestClosedRegionsAreLeftOut(t *testing.T) {
	got, err := client(always(`{"Response":{"RegionSet":[null,{"Region":"ap-c","RegionState":"AVAILABLE"},
		{"Region":"ap-b","RegionState":"AVAILABLE"},{"Region":"ap-a","RegionState":"UNAVAILABLE"}]}}`)).Regions(t.Context())
	noError(t, err)
	if !slices.Equal(got, []string{"ap-b", "ap-c"}) {
		t.Errorf("got %v, want the open ones in order", got)
	}
}

func TestProfileCredentials(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("TENCENTCLOUD_CREDENTIALS_FILE", "")
	noError(t, os.Unsetenv("TENCENTCLOUD_CREDENTIALS_FILE"))
	t.Setenv("TCCLI_PROFILE", "default")
	if _, _, _, err := tencent.ProfileCredentials(); err == nil {
		t.Fatal("got credentials from an empty home")
	}
	write := func(dir, file, text string) {
		t.Helper()
		noError(t, os.MkdirAll(filepath.Join(home, dir), 0o700))
		noError(t, os.WriteFile(filepath.Join(home, dir, file), []byte(text), 0o600))
	}
	check := func(want string) {
		t.Helper()
		id, key, token, err := tencent.ProfileCredentials()
		if got := id + " " + key + " " + token; err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	write(".tccli", "default.credential", `{"secretId":"a","secretKey":"b","token":"c"}`)
	check("a b c")
	write(".tencentcloud", "credentials", "[default]\nsecret_id = d\nsecret_key = e\n")
	check("d e ")
}

// Ten replicas that can't be tagged are named, and do not cost the next ones their tag.
func TestTenRefusedTagsInARowAreNamedAndCostNobodyElse(t *testing.T) {
	bad := func(body string) bool { return strings.Contains(body, "snap-bad") }
	for _, alone := range []string{`"FailedResources":[{"Resource":"?","Code":"X"}]`, `"Error":{"Code":"ResourceNotFound","Message":"m"}`} {
		asked := ""
		rt := answers(func(_ *http.Request, body string) string {
			asked += body
			switch n := strings.Count(body, "snapshot/"); {
			case bad(body) && n > 1:
				return `{"Response":{"Error":{"Code":"FailedOperation","Message":"m"}}}`
			case bad(body):
				return `{"Response":{` + alone + `}}`
			}
			return `{"Response":{}}`
		})
		var ids []string
		for i := range 20 {
			ids = append(ids, fmt.Sprintf("snap-%s%d", []string{"bad", "good"}[i/10], i))
		}
		synctest.Test(t, func(t *testing.T) {
			failed, err := client(rt).Tag(t.Context(), sh, "1", ids, map[string]string{"k": "v"})
			noError(t, err)
			if len(failed) != 10 || failed[ids[0]] == nil || !strings.Contains(asked, "snap-good19") {
				t.Errorf("%s: failed are %v", alone, failed)
			}
		})
	}
}
