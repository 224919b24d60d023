package tencent_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

const (
	gz, sh, bj = "ap-guangzhou", "ap-shanghai", "ap-beijing"

	id    = "AKIDforTests000000000000000000000000"
	key   = "keyForTests0000000000000000000000"
	token = "tokenForTests-00000000000000"

	name = "ferry_aaaaaaaa_bbbbbbbb_ap-guangzhou_20261123T132100Z"
)

// world makes a simulated cloud that fails the test for what a correct client
// never does.
func world(t *testing.T, o sim.Options) *sim.Cloud {
	t.Helper()
	o.Misuse = func(what string) { t.Errorf("misuse: %s", what) }
	w := sim.New(o)
	w.AddKey(sim.Key{ID: id, Secret: key, Token: token})
	return w
}

// client connects to a transport, with fixed jitter.
func client(rt http.RoundTripper, change ...func(*tencent.Options)) *tencent.Cloud {
	o := tencent.Options{
		ID: id, Key: key, Token: token, Transport: rt,
		Pacer: tencent.NewPacer(20), Jitter: func() float64 { return 0.5 },
	}
	for _, f := range change {
		f(&o)
	}
	return tencent.New(o)
}

// inCloud runs a test with a simulated cloud and a client of it, in a time of
// its own.
func inCloud(t *testing.T, o sim.Options, test func(t *testing.T, w *sim.Cloud, c *tencent.Cloud)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := world(t, o)
		test(t, w, client(w.Transport()))
	})
}

// broken is a cloud in which the first n requests of an action break; -1 is all.
func broken(n int, action string, f sim.Fault) sim.Options {
	return sim.Options{Inject: func(c sim.Call) sim.Fault {
		if c.Action != action || n == 0 {
			return sim.Fault{}
		}
		n--
		return f
	}}
}

func refuse(code string) sim.Fault { return sim.Fault{Kind: sim.Refuse, Code: code} }

// list collects a region's snapshots.
func list(ctx context.Context, c *tencent.Cloud, region string) (all []cloud.Snapshot, err error) {
	err = c.Snapshots(ctx, region, func(page []cloud.Snapshot, _ int) { all = append(all, page...) })
	if err != nil {
		return nil, err
	}
	return all, nil
}

func order(source string, to ...string) cloud.CopyRequest {
	return cloud.CopyRequest{Source: source, From: gz, To: to, Name: name}
}

// copyOne asks for one copy, and returns what went wrong with the request or in
// its only region.
func copyOne(ctx context.Context, c *tencent.Cloud, r cloud.CopyRequest) error {
	rows, err := c.Copy(ctx, r)
	if err != nil {
		return err
	}
	return rows[0].Err
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answers is a service that answers by a function.
type answers func(r *http.Request, body string) string

func (f answers) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	return response(http.StatusOK, "application/json", f(r, string(body))), nil
}

func response(status int, kind, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Header: http.Header{"Content-Type": {kind}},
		Body: io.NopCloser(bytes.NewBufferString(body)),
	}
}

// always answers the same.
func always(body string) answers { return func(*http.Request, string) string { return body } }

func meaning(t *testing.T, err error) cloud.Meaning {
	t.Helper()
	var e *tencent.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *tencent.Error", err)
	}
	return e.Meaning()
}

func wantMeaning(t *testing.T, err error, want cloud.Meaning) {
	t.Helper()
	if got := meaning(t, err); got != want {
		t.Errorf("got meaning %d of %v, want %d", got, err, want)
	}
}

func wantNumber(t *testing.T, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %d, want %d", what, got, want)
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fill puts n snapshots into a region, a minute apart, and returns their ids.
func fill(w *sim.Cloud, region string, n int) []string {
	ids := make([]string, n)
	start := time.Now().Add(-time.Duration(n) * time.Minute)
	for i := range ids {
		ids[i] = w.AddSnapshot(sim.Snapshot{Region: region, Disk: "disk-aaaaaaaa", Created: start.Add(time.Duration(i) * time.Minute)})
	}
	return ids
}

func idsOf(list []cloud.Snapshot) []string {
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	return ids
}
