package job

import (
	"context"
	"errors"
	"slices"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// refusals are the answers after which the service did nothing, and of which one
// region may be the cause.
var refusals = []cloud.Meaning{cloud.WrongRequest, cloud.RegionFull, cloud.Later, cloud.Denied, cloud.NoSuchRegion, cloud.NeverThis}

// errUnclear ends a send after an unclear answer to a request for several regions.
// What was observed before does not count any more: the task observes again, and
// then asks for each region by itself.
var errUnclear = errors.New("unclear answer")

// send requests the due copies: one request for all regions together, and one for
// each region that must be asked by itself.
//
// If the process dies after a request was sent, its replicas exist or are being
// made. The next run finds them by name.
func (t *copyTask) send(ctx context.Context) error {
	var together []int
	var alone [][]int
	for _, i := range t.left() {
		if t.apart || t.unclear[i] != nil || t.run.health.isAlone(t.route(i)) {
			alone = append(alone, []int{i})
		} else {
			together = append(together, i)
		}
	}
	if len(together) > 0 {
		alone = append([][]int{together}, alone...)
	}
	err := t.sendAll(ctx, alone)
	t.findCause()
	return err
}

// sendAll sends one request after the other. After an error the rest is observed
// again.
func (t *copyTask) sendAll(ctx context.Context, requests [][]int) error {
	for n, places := range requests {
		if why := t.run.whyStopped(ctx); why != "" {
			t.postpone(why)
			return nil
		}
		if n > 0 && t.isClosed(places[0]) {
			continue
		}
		if err := t.sendTo(ctx, places); err != nil {
			return err
		}
	}
	return nil
}

func (t *copyTask) sendTo(ctx context.Context, places []int) error {
	request := cloud.CopyRequest{Source: t.snapshot(), From: t.from(), Name: t.decisions[0].Name()}
	routes := make([]route, len(places))
	for n, i := range places {
		routes[n] = t.route(i)
		request.To = append(request.To, routes[n].to)
	}
	// While this request waits, another answer may close a region.
	request.While = cloud.While{Until: t.decidedAt.Add(maxAge), Holds: func() bool { return t.run.open(routes) }}
	rows, err := t.run.ask(ctx, request)
	m := meaning(err)
	switch {
	case err != nil && m == cloud.TooOld:
		return err
	case err != nil && len(places) > 1 && slices.Contains(refusals, m):
		// Perhaps the service refused all regions because of one. A slow refusal makes
		// the observation too old: then the task observes again, and still asks each.
		t.apart = true
		return t.sendEach(ctx, places, m)
	case err != nil:
		if m == cloud.MayHaveHappened {
			t.run.health.noteUnanswered(t.from())
		}
		return t.settleAnswer(ctx, places, func(int) (string, error) { return "", err })
	}
	return t.settleAnswer(ctx, places, func(n int) (string, error) { return rows[n].Replica, rows[n].Err })
}

// sendEach asks for each region of a refused request by itself.
func (t *copyTask) sendEach(ctx context.Context, places []int, m cloud.Meaning) error {
	var each [][]int
	for _, i := range places {
		each = append(each, []int{i})
	}
	err := t.sendAll(ctx, each)
	refused := func(i int) bool { return t.results[i].Outcome != plan.Started }
	if m == cloud.WrongRequest && !slices.ContainsFunc(places, refused) {
		t.run.health.setOneTarget()
	}
	return err
}

// settleAnswer notes the results of a request. answer is the answer for a place.
// After an unclear answer, a request for one region has its result, and one for
// several is asked again by region.
func (t *copyTask) settleAnswer(ctx context.Context, places []int, answer func(n int) (replica string, err error)) (again error) {
	for n, i := range places {
		replica, err := answer(n)
		m, isAlone := meaning(err), len(places) == 1
		switch {
		case err == nil:
			t.set(i, plan.Started, t.decisions[i].Reason, replica)
			t.run.started(ctx, t, i)
		case m == cloud.MayHaveHappened && !isAlone:
			t.unclear[i], again = err, errUnclear
			t.forget(i)
			continue
		default:
			t.settle([]int{i}, err)
		}
		failed := err != nil && isAlone && (m == cloud.MayHaveHappened || slices.Contains(refusals, m))
		if failed {
			t.suspects = append(t.suspects, t.route(i))
		}
		if failed && m != cloud.NeverThis { // that is about the snapshot
			t.run.health.noteFailure(t.route(i))
		} else {
			t.run.health.noteAnswer(t.route(i))
		}
	}
	return again
}

// forget makes the observation of a target and of the source too old. Reads that
// other tasks have begun by now do not count either.
func (t *copyTask) forget(i int) {
	t.run.mu.Lock()
	defer t.run.mu.Unlock()
	t.sourceAt, t.targets[i].at, t.notBefore = time.Time{}, time.Time{}, t.run.Now()
}

// findCause finds the regions that were the cause of a failed request: each failed
// when it was asked alone, while another region of the same source got its copy.
// They are asked alone for the rest of the run.
func (t *copyTask) findCause() {
	copying := func(r result) bool { return r.Outcome == plan.Started || r.Outcome == plan.InProgress }
	if slices.ContainsFunc(t.results, copying) {
		for _, r := range t.suspects {
			t.run.health.setAlone(r)
		}
	}
}
