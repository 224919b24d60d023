package tencent_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

func TestReadsAreRepeatedOnWhatMayPass(t *testing.T) {
	for name, f := range map[string]sim.Fault{
		"rate":           refuse("RequestLimitExceeded.UinLimitExceeded"),
		"internal error": refuse("InternalError.ComponentError"),
		"busy":           refuse("ResourceBusy"),
		"never heard of": refuse("SomethingNew.Happened"),
		"lost call":      {Kind: sim.LoseCall},
		"lost reply":     {Kind: sim.LoseReply},
		"page of HTML":   {Kind: sim.BadGateway},
		"cut-off JSON":   {Kind: sim.Truncate},
	} {
		t.Run(name, func(t *testing.T) {
			inCloud(t, broken(3, "DescribeSnapshots", f), func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
				fill(w, gz, 2)
				got, err := list(t.Context(), c, gz)
				noError(t, err)
				wantNumber(t, "snapshots", len(got), 2)
				wantNumber(t, "calls", c.Calls(), 4)
			})
		})
	}
}

func TestReadsGiveUpInTheEnd(t *testing.T) {
	for name, tt := range map[string]struct {
		fault   sim.Fault
		meaning cloud.Meaning
		calls   int
		text    string
	}{
		"internal error": {refuse("InternalError"), cloud.MayHaveHappened, 4, "list snapshots in ap-guangzhou: InternalError: An internal error occurred. (RequestId "},
		"refused":        {refuse("UnauthorizedOperation"), cloud.Denied, 1, "UnauthorizedOperation"},
		"rate":           {refuse("RequestLimitExceeded"), cloud.Later, 30, "RequestLimitExceeded"},
		"no answer":      {sim.Fault{Kind: sim.HangBefore}, cloud.MayHaveHappened, 4, "no answer within 20s"},
	} {
		t.Run(name, func(t *testing.T) {
			inCloud(t, broken(-1, "DescribeSnapshots", tt.fault), func(t *testing.T, _ *sim.Cloud, c *tencent.Cloud) {
				start := time.Now()
				got, err := list(t.Context(), c, gz)
				wantMeaning(t, err, tt.meaning)
				if got != nil || c.Calls() != tt.calls || !strings.Contains(err.Error(), tt.text) {
					t.Errorf("got %v, %v with %d calls, want %q with %d", got, err, c.Calls(), tt.text, tt.calls)
				}
				if errors.Is(err, context.DeadlineExceeded) { // it is our own limit, not the caller's
					t.Errorf("%v passes for the caller's deadline", err)
				}
				if took := time.Since(start); name == "no answer" && (took < 80*time.Second || took > 90*time.Second) {
					t.Errorf("took %s, want four times 20 s", took)
				}
			})
		})
	}
}

func TestRateLimitedForEverEndsBeforeTheTimeIsUp(t *testing.T) {
	for _, limit := range []string{"cutoff", "deadline"} {
		t.Run(limit, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := world(t, broken(-1, "DescribeSnapshots", refuse("RequestLimitExceeded")))
				start := time.Now()
				c, ctx := client(w.Transport()), t.Context()
				if limit == "cutoff" {
					c = client(w.Transport(), func(o *tencent.Options) { o.Cutoff = start.Add(20 * time.Second) })
				} else {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, 20*time.Second)
					defer cancel()
				}
				_, err := list(ctx, c, gz)
				wantMeaning(t, err, cloud.Later) // the last real answer
				if took := time.Since(start); took < 10*time.Second || took >= 20*time.Second {
					t.Errorf("took %s, want most of 20 s", took)
				}
				if c.Calls() < 5 || c.Calls() > 12 {
					t.Errorf("got %d calls, want some", c.Calls())
				}
			})
		})
	}
}

func TestNothingIsSentFromTheCutoffOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world(t, sim.Options{})
		c := client(w.Transport(), func(o *tencent.Options) { o.Cutoff = time.Now() })
		_, err := list(t.Context(), c, gz)
		wantMeaning(t, err, cloud.OutOfTime)
		if got, want := err.Error(), "list snapshots in ap-guangzhou: not sent: the invocation's time is nearly up"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		wantNumber(t, "calls", c.Calls()+w.Count(""), 0)
	})
}

func TestACancelledContextSendsNothing(t *testing.T) {
	inCloud(t, sim.Options{}, func(t *testing.T, _ *sim.Cloud, c *tencent.Cloud) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := c.Copy(ctx, order("snap-aaaaaaaa", sh))
		wantMeaning(t, err, cloud.OutOfTime)
		if !errors.Is(err, context.Canceled) || c.Calls() != 0 {
			t.Errorf("got %v with %d calls, want a cancelled context and none", err, c.Calls())
		}
	})
}

func TestAnswersThatAreNoneAreErrors(t *testing.T) {
	odd := func(status int, kind, body string) http.RoundTripper {
		return roundTrip(func(*http.Request) (*http.Response, error) { return response(status, kind, body), nil })
	}
	for name, rt := range map[string]http.RoundTripper{
		"empty object":      always(`{}`),
		"null":              always(`null`),
		"nothing":           always(``),
		"null response":     always(`{"Response":null}`),
		"no list":           always(`{"Response":{"RequestId":"r"}}`),
		"other JSON":        always(`{"status":"ok"}`),
		"an array":          always(`[1,2]`),
		"wrong types":       always(`{"Response":{"TotalCount":"many","SnapshotSet":{}}}`),
		"count but no rows": always(`{"Response":{"TotalCount":3,"SnapshotSet":null,"RequestId":"r"}}`),
		"login page":        odd(http.StatusOK, "text/html", "<html>log in</html>"),
		"event stream":      odd(http.StatusOK, "text/event-stream", "data: x\n\n"),
		"bad status":        odd(http.StatusServiceUnavailable, "application/json", `{"Response":{"TotalCount":0,"SnapshotSet":[]}}`),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, err := list(t.Context(), client(rt), gz)
				if err == nil {
					t.Fatalf("got %d snapshots, want an error", len(got))
				}
				wantMeaning(t, err, cloud.MayHaveHappened)
			})
		})
	}
}

// The clock that counts is the one after the wait, and it is the caller's.
func TestTheClockIsReadAfterTheWait(t *testing.T) {
	start := time.Now()
	for want, limit := range map[cloud.Meaning]func(*tencent.Options, *cloud.CopyRequest){
		cloud.OutOfTime: func(o *tencent.Options, _ *cloud.CopyRequest) { o.Cutoff = start.Add(90 * time.Second) },
		cloud.TooOld:    func(_ *tencent.Options, r *cloud.CopyRequest) { r.While.Until = start.Add(90 * time.Second) },
	} {
		r := order("snap-1", sh)
		c := client(always("{}"), func(o *tencent.Options) {
			now := start
			o.Now = func() time.Time { now = now.Add(time.Minute); return now }
			limit(o, &r)
		})
		_, err := c.Copy(t.Context(), r)
		wantMeaning(t, err, want)
		wantNumber(t, "calls", c.Calls(), 0)
	}
}
