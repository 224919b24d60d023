package tencent_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

const copyAction = "CopySnapshotCrossRegions"

func TestCopyAnswersRegionByRegion(t *testing.T) {
	inCloud(t, sim.Options{}, func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
		source := w.AddSnapshot(sim.Snapshot{})
		w.SetQuota(bj, 0)
		noError(t, copyOne(t.Context(), c, order(source, sh)))

		got, err := c.Copy(t.Context(), order(source, bj, "ap-tokyo", sh))
		noError(t, err)
		if len(got) != 3 || got[0].Region != bj || got[1].Region != "ap-tokyo" || got[2].Region != sh {
			t.Fatalf("got %v, want a result for each region in the order asked", got)
		}
		wantMeaning(t, got[0].Err, cloud.RegionFull)
		wantMeaning(t, got[2].Err, cloud.AlreadyUnderWay)
		if got[1].Err != nil || got[1].Replica != w.Copies()[1].Replica || got[0].Replica != "" {
			t.Errorf("got %v, want the replica's id", got)
		}
		text := "copy " + source + " from ap-guangzhou to ap-beijing: InsufficientSnapshotQuota: "
		if s := got[0].Err.Error(); !strings.HasPrefix(s, text) || !strings.Contains(s, "(RequestId ") {
			t.Errorf("got %q, want %q… (RequestId …)", s, text)
		}
		if r, ok := w.Snapshot("ap-tokyo", got[1].Replica); !ok || r.Name != name {
			t.Errorf("got replica %+v, want one named %s", r, name)
		}
	})
}

func TestCopyReadsOddAnswers(t *testing.T) {
	for _, tt := range []struct {
		name, rows string
		replica    string
		meaning    cloud.Meaning // of ap-shanghai, if there is no replica
	}{
		{"left out", `[{"DestinationRegion":"ap-beijing","Code":"Success","SnapshotId":"snap-2"}]`, "", cloud.MayHaveHappened},
		{"no rows", `[]`, "", cloud.MayHaveHappened},
		{"null", `null`, "", cloud.MayHaveHappened},
		{"no code", `[{"DestinationRegion":"ap-shanghai","SnapshotId":"snap-2"}]`, "", cloud.MayHaveHappened},
		{"not asked for", `[{"DestinationRegion":"ap-tokyo","Code":"Success","SnapshotId":"snap-9"},{"DestinationRegion":"ap-shanghai","Code":"Success","SnapshotId":"snap-2"}]`, "snap-2", 0},
		{"twice, one began", `[{"DestinationRegion":"ap-shanghai","Code":"Success","SnapshotId":"snap-2"},{"DestinationRegion":"ap-shanghai","Code":"ResourceInUse.CopySnapshotConflict"}]`, "snap-2", 0},
		{"nulls", `[null,{"DestinationRegion":null},{"DestinationRegion":"ap-shanghai","Code":"ResourceBusy","Message":null,"SnapshotId":null}]`, "", cloud.Later},
		{"unknown code", `[{"DestinationRegion":"ap-shanghai","Code":"Whatever"}]`, "", cloud.MayHaveHappened},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rt := always(`{"Response":{"SnapshotCopyResultSet":` + tt.rows + `,"RequestId":"req-7"}}`)
			got, err := client(rt).Copy(t.Context(), order("snap-1", sh))
			noError(t, err)
			if len(got) != 1 || got[0].Region != sh || got[0].Replica != tt.replica {
				t.Fatalf("got %v, want one result with replica %q", got, tt.replica)
			}
			if tt.replica == "" {
				wantMeaning(t, got[0].Err, tt.meaning)
				if !strings.Contains(got[0].Err.Error(), "(RequestId req-7)") {
					t.Errorf("got %q, want its RequestId", got[0].Err)
				}
			}
		})
	}
}

// A copy that is repeated on whatever looks temporary makes a second, paid-for
// replica.
func TestCopiesAreNotRepeatedUnlessNotLookedAt(t *testing.T) {
	for name, tt := range map[string]struct {
		fault   sim.Fault
		meaning cloud.Meaning
	}{
		"lost reply":          {sim.Fault{Kind: sim.LoseReply}, cloud.MayHaveHappened},
		"lost call":           {sim.Fault{Kind: sim.LoseCall}, cloud.MayHaveHappened},
		"page of HTML":        {sim.Fault{Kind: sim.BadGateway}, cloud.MayHaveHappened},
		"page of HTML, done":  {sim.Fault{Kind: sim.BadGatewayDone}, cloud.MayHaveHappened},
		"cut-off JSON":        {sim.Fault{Kind: sim.Truncate}, cloud.MayHaveHappened},
		"no answer":           {sim.Fault{Kind: sim.HangAfter}, cloud.MayHaveHappened},
		"internal error":      {refuse("InternalError"), cloud.MayHaveHappened},
		"failed operation":    {refuse("FailedOperation"), cloud.MayHaveHappened},
		"dependent component": {refuse("InternalError.ComponentError"), cloud.MayHaveHappened},
		"busy":                {refuse("ResourceBusy"), cloud.Later},
		"not available":       {refuse("ServiceUnavailable"), cloud.Later},
		"conflict":            {refuse("ResourceInUse.CopySnapshotConflict"), cloud.AlreadyUnderWay},
	} {
		t.Run(name, func(t *testing.T) {
			inCloud(t, broken(1, copyAction, tt.fault), func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
				got, err := c.Copy(t.Context(), order(w.AddSnapshot(sim.Snapshot{}), sh))
				wantMeaning(t, err, tt.meaning)
				if n := w.Count(copyAction); got != nil || n != 1 {
					t.Errorf("got %v after %d requests, want no results and one", got, n)
				}
			})
		})
	}
}

func TestThrottledCopiesAreRepeated(t *testing.T) {
	for _, code := range []string{"RequestLimitExceeded", "RequestLimitExceeded.UinLimitExceeded", "RequestLimitExceeded.IPLimitExceeded", "RequestLimitExceeded.New"} {
		inCloud(t, broken(6, copyAction, refuse(code)), func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
			noError(t, copyOne(t.Context(), c, order(w.AddSnapshot(sim.Snapshot{}), sh)))
			wantNumber(t, code+": copies", len(w.Copies()), 1)
		})
	}
}

func TestNoCopyOnAnObservationThatIsTooOld(t *testing.T) {
	inCloud(t, broken(-1, copyAction, refuse("RequestLimitExceeded")), func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
		r := order(w.AddSnapshot(sim.Snapshot{}), sh)
		r.While.Until = time.Now().Add(5 * time.Second)
		wantMeaning(t, copyOne(t.Context(), c, r), cloud.TooOld)
		if time.Now().After(r.While.Until) {
			t.Error("waited longer than it may")
		}
		sent := c.Calls()
		time.Sleep(5 * time.Second)
		wantMeaning(t, copyOne(t.Context(), c, r), cloud.TooOld)
		wantNumber(t, "calls, none of them on an observation that was too old", c.Calls(), sent)
	})
}

// What a copy relies on is asked when its turn has come, each time.
func TestACopyIsSentOnlyWhileWhatItReliesOnHolds(t *testing.T) {
	inCloud(t, broken(1, copyAction, refuse("RequestLimitExceeded")), func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
		r := order(w.AddSnapshot(sim.Snapshot{}), sh)
		asked := 0
		r.While.Holds = func() bool { asked++; return asked == 1 }
		wantMeaning(t, copyOne(t.Context(), c, r), cloud.TooOld)
		if asked != 2 || c.Calls() != 1 || len(w.Copies()) != 0 {
			t.Errorf("asked %d times, sent %d times, %d copies, want 2, 1 and 0", asked, c.Calls(), len(w.Copies()))
		}
	})
}

// The wait for the pace counts: what was fresh when it began may be too old
// when the turn comes.
func TestTheAgeOfALookCountsTheWaitForThePace(t *testing.T) {
	inCloud(t, sim.Options{}, func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
		end := time.Now().Add(500 * time.Millisecond)
		results := make(chan error)
		for range 20 {
			r := order(w.AddSnapshot(sim.Snapshot{}), sh)
			r.While.Until = end
			go func() { results <- copyOne(t.Context(), c, r) }()
		}
		sent := 0
		for range 20 {
			if err := <-results; err == nil {
				sent++
			} else {
				wantMeaning(t, err, cloud.TooOld)
			}
		}
		if sent != 10 || len(w.Copies()) != 10 || !time.Now().Equal(end) {
			t.Errorf("sent %d, copied %d, want 10 until %s", sent, len(w.Copies()), end)
		}
	})
}

func TestTheContextEndsDuringACopy(t *testing.T) {
	for _, kind := range []sim.FaultKind{sim.HangBefore, sim.HangAfter} {
		inCloud(t, broken(1, copyAction, sim.Fault{Kind: kind}), func(t *testing.T, w *sim.Cloud, c *tencent.Cloud) {
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			_, err := c.Copy(ctx, order(w.AddSnapshot(sim.Snapshot{}), sh))
			wantMeaning(t, err, cloud.MayHaveHappened)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: got %v, want a deadline exceeded", kind, err)
			}
		})
	}
}

func TestNoRegionNoCopy(t *testing.T) {
	c := client(always("{}"))
	if got, err := c.Copy(t.Context(), order("snap-1")); len(got) != 0 || err != nil || c.Calls() != 0 {
		t.Errorf("got %v, %v with %d calls, want nothing", got, err, c.Calls())
	}
}
