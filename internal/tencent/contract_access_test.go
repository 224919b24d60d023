package tencent_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

// accessFacts are about who asks, how often, and what goes wrong on the way.
var accessFacts = []fact{
	{name: "the caller can learn the main account's number", cite: "§2 Tag service DOC", check: func(t *testing.T, c *contract) {
		who, err := c.cloud.Identity(t.Context())
		noError(t, err)
		if who.Account == "" || strings.Trim(who.Account, "0123456789") != "" || who.Principal == "" {
			t.Errorf("got %q, %q", who.Account, who.Principal)
		}
	}},
	{name: "the regions are listed under the names that requests take", cite: "§2 Regions DOC", check: func(t *testing.T, c *contract) {
		all, err := c.cloud.Regions(t.Context())
		noError(t, err)
		if !slices.Contains(all, c.source) || !slices.Contains(all, c.target) || !slices.IsSorted(all) || c.world != nil && len(all) != 24 {
			t.Errorf("%s or %s is not among them, or they are not in order: %v", c.source, c.target, all)
		}
	}},
	{name: "a wrong key is refused as a wrong signature", cite: "§6 Signature DOC", check: func(t *testing.T, c *contract) {
		c.wrong(t, "AuthFailure.SignatureFailure", func(o *tencent.Options) { o.Key += "x" })
	}},
	{name: "an unknown id is refused as such", cite: "§6 Signature DOC", check: func(t *testing.T, c *contract) {
		c.wrong(t, "AuthFailure.SecretIdNotFound", func(o *tencent.Options) { o.ID, o.Token = "AKIDnobody0000000000000000000000000", "" })
	}},
	{name: "an expired token is refused as a wrong token", cite: "§6 Signature DOC", reach: simulated, check: func(t *testing.T, c *contract) {
		c.world.AddKey(sim.Key{ID: id, Secret: key, Token: token, Expires: time.Now().Add(time.Hour)})
		c.rows(t, c.source, nil)
		time.Sleep(time.Hour)
		c.wrong(t, "AuthFailure.TokenFailure", func(*tencent.Options) {})
	}},
	{
		name: "a clock six minutes off is refused", cite: "§6 Signature DOC", reach: simulated,
		options: sim.Options{Now: func() time.Time { return time.Now().Add(6 * time.Minute) }},
		check: func(t *testing.T, c *contract) {
			c.wrong(t, "AuthFailure.SignatureExpire", func(*tencent.Options) {})
		},
	},
	{name: "a refused permission is named in the message", cite: "§2 CAM actions DOC", reach: simulated, check: func(t *testing.T, c *contract) {
		c.world.AddKey(sim.Key{ID: id, Secret: key, Token: token, Deny: []string{"DescribeSnapshots"}})
		_, err := list(t.Context(), c.cloud, c.source)
		wantMeaning(t, err, cloud.Denied)
		if !strings.Contains(err.Error(), "UnauthorizedOperation") || !strings.Contains(err.Error(), "name/cvm:DescribeSnapshots") {
			t.Errorf("got %v", err)
		}
	}},
	{name: "more than twenty requests in a second are refused, for each region by itself", cite: "§1 Rates DOC", reach: simulated, check: overTheRate},
	{name: "a finance region answers at its own host only", cite: "§1 CopySnapshotCrossRegions DOC", reach: simulated, check: func(t *testing.T, c *contract) {
		c.refused(t, "UnsupportedRegion", "cbs", "DescribeSnapshots", "ap-shanghai-fsi", nil)
		_, err := list(t.Context(), c.cloud, "ap-shanghai-fsi")
		noError(t, err)
	}},
	{
		name: "a page of HTML comes out of the SDK as unreadable JSON", cite: "§6 Traps CODE", reach: simulated,
		options: sim.Options{Inject: func(sim.Call) sim.Fault { return sim.Fault{Kind: sim.BadGateway} }},
		check: func(t *testing.T, c *contract) {
			if _, code := c.ask(t, "cbs", "DescribeSnapshots", c.source, nil); !strings.HasPrefix(code, "ClientError.") {
				t.Errorf("got code %q", code)
			}
			wantMeaning(t, copyOne(t.Context(), c.cloud, c.order(name, c.target)), cloud.MayHaveHappened)
		},
	},
	{
		name: "a deadline that is over can be told, whatever the SDK makes of it", cite: "§6 Traps CODE", reach: simulated,
		options: sim.Options{Inject: func(sim.Call) sim.Fault { return sim.Fault{Kind: sim.HangBefore} }},
		check: func(t *testing.T, c *contract) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := list(ctx, c.cloud, c.source); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("our client: got %v", err)
			}
		},
	},
}

// wrong asks with changed credentials; the code must be the same beneath our
// client and out of it.
func (c *contract) wrong(t *testing.T, want string, change func(*tencent.Options)) {
	t.Helper()
	o := c.keys
	change(&o)
	changed := *c
	changed.keys = o
	changed.refused(t, want, "cbs", "DescribeSnapshots", c.source, nil)
	_, err := list(t.Context(), tencent.New(o), c.source)
	wantMeaning(t, err, cloud.StopRun)
	if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), o.Key) {
		t.Errorf("our client: got %v", err)
	}
}

func overTheRate(t *testing.T, c *contract) {
	refused := 0
	var fast []chan error
	for range 30 {
		done := make(chan error, 1)
		fast = append(fast, done)
		go func() {
			_, err := c.send(t.Context(), c.keys, "cbs", "DescribeSnapshots", c.source, nil)
			done <- err
		}()
	}
	for _, done := range fast {
		if err := <-done; err != nil {
			refused++
			if !strings.Contains(err.Error(), "RequestLimitExceeded") {
				t.Errorf("got %v", err)
			}
		}
	}
	wantNumber(t, "refused of 30 requests at once", refused, 10)
	c.rows(t, c.target, nil)
	time.Sleep(time.Second)
	c.rows(t, c.source, nil)
}
