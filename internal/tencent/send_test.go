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

// first breaks the first n requests of an action.
func first(n int, action string, f sim.Fault) func(sim.Call) sim.Fault {
	return func(c sim.Call) sim.Fault {
		if c.Action != action || n == 0 {
			return sim.Fault{}
		}
		n--
		return f
	}
}

func refuse(code string) sim.Fault { return sim.Fault{Kind: sim.Refuse, Code: code} }

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
			synctest.Test(t, func(t *testing.T) {
				w := world(t, sim.Options{Inject: first(3, "DescribeSnapshots", f)})
				fill(w, gz, 2)
				c := client(w.Transport())
				got, err := list(t.Context(), c, gz)
				noError(t, err)
				if len(got) != 2 || c.Calls() != 4 {
					t.Errorf("got %d snapshots with %d calls, want 2 with 4", len(got), c.Calls())
				}
			})
		})
	}
}

func TestReadsGiveUpAfterFourTries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world(t, sim.Options{Inject: first(99, "DescribeSnapshots", refuse("InternalError"))})
		c := client(w.Transport())
		got, err := list(t.Context(), c, gz)
		if err == nil || got != nil || c.Calls() != 4 {
			t.Errorf("got %v, %v with %d calls, want an error and 4 calls", got, err, c.Calls())
		}
		if text := "list snapshots in ap-guangzhou: InternalError: "; !strings.HasPrefix(err.Error(), text) || !strings.Contains(err.Error(), "(RequestId ") {
			t.Errorf("got %q, want %q… (RequestId …)", err, text)
		}
	})
}

func TestReadsAreNotRepeatedOnARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world(t, sim.Options{Inject: first(99, "DescribeSnapshots", refuse("UnauthorizedOperation"))})
		c := client(w.Transport())
		_, err := list(t.Context(), c, gz)
		wantMeaning(t, err, cloud.StopRun)
		if c.Calls() != 1 {
			t.Errorf("got %d calls, want 1", c.Calls())
		}
	})
}

func TestRateLimitedForEverEndsBeforeTheTimeIsUp(t *testing.T) {
	limits := map[string]func(*tencent.Options, context.Context) (context.Context, context.CancelFunc){
		"cutoff": func(o *tencent.Options, ctx context.Context) (context.Context, context.CancelFunc) {
			o.Cutoff = time.Now().Add(20 * time.Second)
			return ctx, func() {}
		},
		"deadline": func(_ *tencent.Options, ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 20*time.Second)
		},
	}
	for name, limit := range limits {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := world(t, sim.Options{Inject: first(-1, "DescribeSnapshots", refuse("RequestLimitExceeded"))})
				var ctx context.Context
				var cancel context.CancelFunc
				c := client(w.Transport(), func(o *tencent.Options) { ctx, cancel = limit(o, t.Context()) })
				defer cancel()
				start := time.Now()
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

func TestRateLimitedForEverEndsWithoutALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world(t, sim.Options{Inject: first(-1, "DescribeSnapshots", refuse("RequestLimitExceeded"))})
		c := client(w.Transport())
		_, err := list(t.Context(), c, gz)
		wantMeaning(t, err, cloud.Later)
		if c.Calls() != 30 {
			t.Errorf("got %d calls, want 30", c.Calls())
		}
	})
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
		if c.Calls() != 0 || w.Count("") != 0 {
			t.Errorf("got %d calls, want none", c.Calls())
		}
	})
}

func TestACancelledContextSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world(t, sim.Options{})
		c := client(w.Transport())
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := c.Copy(ctx, cloud.CopyRequest{Source: "snap-aaaaaaaa", From: gz, To: []string{sh}, Name: "n"})
		wantMeaning(t, err, cloud.OutOfTime)
		if !errors.Is(err, context.Canceled) || c.Calls() != 0 {
			t.Errorf("got %v with %d calls, want a cancelled context and none", err, c.Calls())
		}
	})
}

func TestATimeoutOfOurOwnIsNotTheCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world(t, sim.Options{Inject: first(-1, "DescribeSnapshots", sim.Fault{Kind: sim.HangBefore})})
		c := client(w.Transport())
		start := time.Now()
		_, err := list(t.Context(), c, gz)
		wantMeaning(t, err, cloud.MayHaveHappened)
		if errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no answer within 20s") {
			t.Errorf("got %v, want no answer within 20s", err)
		}
		if took := time.Since(start); c.Calls() != 4 || took < 80*time.Second || took > 90*time.Second {
			t.Errorf("got %d calls in %s, want 4 of 20 s", c.Calls(), took)
		}
	})
}

func TestAnswersThatAreNoneAreErrors(t *testing.T) {
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
		"login page": roundTrip(func(*http.Request) (*http.Response, error) {
			return response(http.StatusOK, "text/html", "<html>log in</html>"), nil
		}),
		"event stream": roundTrip(func(*http.Request) (*http.Response, error) {
			return response(http.StatusOK, "text/event-stream", "data: x\n\n"), nil
		}),
		"bad status": roundTrip(func(*http.Request) (*http.Response, error) {
			return response(http.StatusServiceUnavailable, "application/json", `{"Response":{"TotalCount":0,"SnapshotSet":[]}}`), nil
		}),
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

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// The clock that counts is the one after the wait, and it is the caller's.
func TestTheClockIsReadAfterTheWait(t *testing.T) {
	start := time.Now()
	stepping := func(o *tencent.Options) {
		now := start
		o.Now = func() time.Time { now = now.Add(time.Minute); return now }
	}
	for want, limit := range map[cloud.Meaning]func(*tencent.Options, *cloud.CopyRequest){
		cloud.OutOfTime: func(o *tencent.Options, _ *cloud.CopyRequest) { o.Cutoff = start.Add(90 * time.Second) },
		cloud.TooOld:    func(_ *tencent.Options, r *cloud.CopyRequest) { r.While.Until = start.Add(90 * time.Second) },
	} {
		r := order("snap-1", sh)
		c := client(always("{}"), stepping, func(o *tencent.Options) { limit(o, &r) })
		_, err := c.Copy(t.Context(), r)
		wantMeaning(t, err, want)
		if c.Calls() != 0 {
			t.Errorf("got %d calls, want none", c.Calls())
		}
	}
}

// What a proxy or a gateway writes is often the only hint at the cause.
func TestAnErrorOfAGatewayShowsItsText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := client(roundTrip(func(*http.Request) (*http.Response, error) {
			return response(http.StatusProxyAuthRequired, "text/html", "egress rule 7 forbids this host"), nil
		}))
		_, err := list(t.Context(), c, gz)
		if err == nil || !strings.Contains(err.Error(), "egress rule 7") {
			t.Errorf("got %v, want the gateway's text", err)
		}
	})
}
