package main

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"snapferry/handler"
	"snapferry/internal/cloud"
	"snapferry/internal/job"
	"snapferry/internal/settings"
	"snapferry/internal/sim"
)

const region = "ap-guangzhou"

// visit is how an invocation with a rate and a key connects.
func list(ctx context.Context, c job.Cloud, region string) (n int, err error) {
	err = c.Snapshots(ctx, region, func(page []cloud.Snapshot, _ int) { n += len(page) })
	return n, err
}

func visit(rate int, key sim.Key) handler.Connection {
	return handler.Connection{
		Settings:    settings.Settings{APIRate: rate},
		Credentials: settings.Credentials{ID: settings.Secret(key.ID), Key: settings.Secret(key.Secret), Token: settings.Secret(key.Token)},
	}
}

// listAtOnce has each cloud list a region from several goroutines, and returns
// how long all that takes.
func listAtOnce(t *testing.T, each int, clouds ...job.Cloud) time.Duration {
	t.Helper()
	const callers = 5
	began := time.Now()
	var all sync.WaitGroup
	for _, cloud := range clouds {
		for range callers {
			all.Go(func() {
				for range each {
					if _, err := list(t.Context(), cloud, region); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	return time.Since(began)
}

// The service counts the requests of all invocations of an instance together.
func TestInvocationsAtOnceShareOnePaceForEachRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := sim.New(sim.Options{Rate: 20})
		one, other := sim.Key{ID: "AKIDone", Secret: "one", Token: "first"}, sim.Key{ID: "AKIDother", Secret: "other", Token: "second"}
		cloud.AddKey(one)
		cloud.AddKey(other)
		connect := connector(cloud.Transport())
		clouds := []job.Cloud{connect(visit(20, one)), connect(visit(20, other))}
		listAtOnce(t, 10, clouds...)
		if got := cloud.Throttled(); got > 0 {
			t.Errorf("%d requests of two invocations at once came too fast", got)
		}
		time.Sleep(time.Minute)
		listAtOnce(t, 10, clouds[0], connect(visit(20, other)))
		if got := cloud.Throttled(); got > 0 {
			t.Errorf("%d requests came too fast, once another invocation came later", got)
		}
	})
}

func TestAnotherRateIsAnotherPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := sim.New(sim.Options{Rate: -1})
		key := sim.Key{ID: "AKIDone", Secret: "one"}
		cloud.AddKey(key)
		cloud.AddSnapshot(sim.Snapshot{Region: region}) // an empty list is read twice
		connect := connector(cloud.Transport())
		for _, c := range []struct {
			rate        int
			least, most time.Duration // of the 24 pauses between 25 requests
		}{
			{20, 24 * time.Second / 20, 2 * time.Second},
			{4, 24 * time.Second / 4, 7 * time.Second},
			{100, 24 * time.Second / 100, time.Second},
			{20, 24 * time.Second / 20, 2 * time.Second},
		} {
			if took := listAtOnce(t, 5, connect(visit(c.rate, key))); took < c.least || took > c.most {
				t.Errorf("25 requests at %d a second took %s", c.rate, took)
			}
		}
	})
}

// A witness keeps the requests it was given, and answers none.
type witness struct{ seen []*http.Request }

func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	w.seen = append(w.seen, r)
	return nil, errors.New("not today")
}

func TestAClientIsMadeOfWhatItsInvocationBrought(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w witness
		connect := connector(&w)
		c := visit(20, sim.Key{ID: "AKIDone", Secret: "one", Token: "first"})
		c.Settings.APIDomain = "intl.tencentcloudapi.com"
		_, _ = list(t.Context(), connect(c), region)
		if len(w.seen) == 0 || w.seen[0].URL.Host != "cbs.intl.tencentcloudapi.com" || w.seen[0].Header.Get("X-TC-Token") != "first" {
			t.Fatalf("it asked %v", w.seen)
		}
		c.Settings.APIEndpoint = "http://127.0.0.1:9000"
		if _, _ = list(t.Context(), connect(c), region); w.seen[len(w.seen)-1].URL.Host != "127.0.0.1:9000" {
			t.Errorf("API_ENDPOINT is not asked but %s", w.seen[len(w.seen)-1].URL)
		}
		asked := len(w.seen)
		c.Cutoff = time.Now()
		if _, err := list(t.Context(), connect(c), region); err == nil || len(w.seen) > asked {
			t.Errorf("it asked after its cutoff: %v", err)
		}
	})
}
