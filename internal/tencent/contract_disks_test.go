package tencent_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

// diskFacts are about making disks of replicas, and ending them. None is tried in a
// real account, because disks cost money.
var diskFacts = []fact{
	{name: "the same request with the same token makes one disk", cite: "§1 Restore drill DOC", reach: simulated, check: func(t *testing.T, c *contract) {
		request := c.testDisk(t, "t1")
		first, again := c.makeDisk(t, request), c.makeDisk(t, request)
		if first != again || len(c.world.Disks(c.target)) != 1 {
			t.Errorf("got %s and %s", first, again)
		}
		request.Name += "x"
		_, err := c.cloud.CreateDisk(t.Context(), request)
		wantMeaning(t, err, cloud.TokenTaken)
	}},
	{name: "a new disk is ready after a while, with its tags, and ends at once", cite: "§1 Restore drill DOC", reach: simulated, check: func(t *testing.T, c *contract) {
		request := c.testDisk(t, "t1")
		id := c.makeDisk(t, request)
		tagged, err := c.cloud.DisksTagged(t.Context(), c.target, "ferry:drill")
		noError(t, err)
		if len(tagged) != 1 || tagged[0].ID != id || tagged[0].Ready() || tagged[0].Free() || !tagged[0].Postpaid || tagged[0].Zone != request.Zone || tagged[0].Type != request.Type {
			t.Errorf("got %+v", tagged)
		}
		time.Sleep(time.Minute)
		found, err := c.cloud.DisksByID(t.Context(), c.target, []string{id})
		noError(t, err)
		if len(found) != 1 || !found[0].Free() || found[0].SizeGiB != request.SizeGiB || found[0].Tags["ferry:drill"] != request.Snapshot {
			t.Errorf("got %+v", found)
		}
		for range 2 { // the second time it is gone
			noError(t, c.cloud.TerminateDisk(t.Context(), c.target, id, cloud.While{}))
		}
		wantNumber(t, "disks", len(c.world.Disks(c.target)), 0)
	}},
	{
		name: "a lost answer is asked for again, and makes no second disk", cite: "§1 Restore drill DOC", reach: simulated,
		options: broken(1, "CreateDisks", sim.Fault{Kind: sim.LoseReply}), check: func(t *testing.T, c *contract) {
			id := c.makeDisk(t, c.testDisk(t, "t1"))
			if all := c.world.Disks(c.target); len(all) != 1 || all[0].ID != id {
				t.Errorf("got %+v", all)
			}
		},
	},
	{name: "what can be had is listed by zone and type, with a price", cite: "§1 Restore drill DOC", reach: simulated, options: sim.Options{SoldOut: []string{bj + "-2"}}, check: func(t *testing.T, c *contract) {
		offers, err := c.cloud.Offers(t.Context(), c.target)
		noError(t, err)
		for _, o := range offers {
			if !cloud.IsZoneOf(c.target, o.Zone) || o.MinGiB < 10 || o.StepGiB < 1 || o.MaxGiB < o.MinGiB || o.PricePerHour <= 0 || o.Available != (o.Zone != c.target+"-2") {
				t.Errorf("got %+v", o)
			}
		}
		if len(offers) != 12 || !slices.ContainsFunc(offers, func(o cloud.Offer) bool { return o.Type == "CLOUD_HSSD" }) {
			t.Errorf("got %d offers", len(offers))
		}
	}},
	{name: "a sold-out zone, a full quota and a type that does not fit are no mistakes of the request", cite: "§1 Restore drill DOC", reach: simulated, check: func(t *testing.T, c *contract) {
		request := c.testDisk(t, "t1")
		for _, code := range []string{"ResourceInsufficient", "InvalidParameterValue.LimitExceeded", "LimitExceeded", "InvalidParameter.DiskConfigNotSupported"} {
			c.world.SetInject(broken(1, "CreateDisks", refuse(code)).Inject)
			_, err := c.cloud.CreateDisk(t.Context(), request)
			wantMeaning(t, err, cloud.RegionFull)
			if e := (*tencent.Error)(nil); !errors.As(err, &e) || !strings.Contains(e.Hint(), "--zone") || !strings.Contains(e.Error(), code) {
				t.Errorf("got %v, which does not say what to do", err)
			}
		}
		c.world.SetInject(broken(1, "CreateDisks", refuse("LimitExceeded.TagValue")).Inject)
		_, err := c.cloud.CreateDisk(t.Context(), request)
		wantMeaning(t, err, cloud.TagKeyFull)
		if e := (*tencent.Error)(nil); !errors.As(err, &e) || !strings.Contains(e.Hint(), "ferry:restore") {
			t.Errorf("got %v, which does not say what to do", err)
		}
	}},
}

func (c *contract) testDisk(t *testing.T, token string) cloud.DiskRequest {
	t.Helper()
	id := c.finished(t)
	return cloud.DiskRequest{
		Region: c.target, Zone: c.target + "-1", Type: "CLOUD_PREMIUM", Name: "ferry-drill_" + id + "_20261123T000000Z", Snapshot: id, SizeGiB: 80,
		Tags: map[string]string{"ferry:drill": id, "a": "b", "c": "d"}, Token: token,
	}
}

func (c *contract) makeDisk(t *testing.T, request cloud.DiskRequest) string {
	t.Helper()
	id, err := c.cloud.CreateDisk(t.Context(), request)
	noError(t, err)
	return id
}

func aDiskIsOneWhetherShownOrNot(t *testing.T, c *contract) {
	request := c.testDisk(t, "t1")
	first := c.makeDisk(t, request)
	_, err := c.cloud.DisksByID(t.Context(), c.target, []string{first})
	noError(t, err)
	if again := c.makeDisk(t, request); again != first {
		t.Errorf("got %s and %s", first, again)
	}
	time.Sleep(2 * time.Minute)
	found, err := c.cloud.DisksTagged(t.Context(), c.target, "ferry:drill")
	noError(t, err)
	wantNumber(t, "disks", len(found), 1)
}
