package job

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"snapferry/internal/cloud"
)

// A route is a source region and a target region.
type route struct{ from, to string }

// A health is what a run has learned from the answers to its copy requests. It
// changes the order, the form and the patience of later requests, and no
// decision. So what is wrong with one region, disk or snapshot does not hold up
// the others, and a mistake costs no copy.
type health struct {
	mu        sync.Mutex
	oneTarget bool           // the service accepts only one target in a request
	alone     map[route]bool // was the cause why a request for several targets failed
	failures  map[route]int  // in a row, of requests for one target
	// unanswered counts the copy requests in a source region without a clear
	// answer.
	unanswered map[string]int
}

const (
	// manyFailures is how many failures show that a region is in trouble.
	manyFailures = 3
	// shortPatience is how long a source region with many unclear answers is waited
	// for. Most answers take a tenth of a second. A copy that began without an
	// answer is found by the next run.
	shortPatience = 2 * time.Second
)

func newHealth() *health {
	return &health{alone: map[route]bool{}, failures: map[route]int{}, unanswered: map[string]int{}}
}

// isLast reports whether a target waits behind all other work of its source region.
func (h *health) isLast(r route) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.failures[r] >= manyFailures
}

// isAlone reports whether a target gets requests of its own.
func (h *health) isAlone(r route) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.oneTarget || h.alone[r]
}

func (h *health) setAlone(r route) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.alone[r] = true
}

func (h *health) setOneTarget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.oneTarget = true
}

// noteAnswer notes an answer by which a target is well. One that is last stays last
// until it is forgiven: otherwise its older points would come before the newest ones
// that already wait.
func (h *health) noteAnswer(r route) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.failures[r] < manyFailures {
		delete(h.failures, r)
	}
}

// forgive gives the targets of a source region another chance.
func (h *health) forgive(from string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	maps.DeleteFunc(h.failures, func(r route, _ int) bool { return r.from == from })
}

// noteFailure notes that a request for one target alone was refused or had no clear
// answer, or that the target could not be read.
func (h *health) noteFailure(r route) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failures[r]++
}

func (h *health) noteUnanswered(from string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unanswered[from]++
}

func (h *health) isImpatient(from string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.unanswered[from] >= manyFailures
}

// ask sends a copy request. holds is called right before it is sent: from then on
// the patience counts.
func (c *copyRun) ask(ctx context.Context, q cloud.CopyRequest) ([]cloud.CopyResult, error) {
	if !c.health.isImpatient(q.From) {
		return c.Cloud.Copy(ctx, q)
	}
	short, cancel := context.WithCancel(ctx)
	defer cancel()
	patience := time.AfterFunc(time.Hour, cancel)
	defer patience.Stop()
	holds := q.While.Holds
	q.While.Holds = func() bool {
		patience.Reset(shortPatience)
		return holds()
	}
	rows, err := c.Cloud.Copy(short, q)
	if err != nil && short.Err() != nil && ctx.Err() == nil && meaning(err) == cloud.MayHaveHappened {
		return nil, fmt.Errorf("no answer within %s, after %d requests without one: %w", shortPatience, manyFailures, err)
	}
	return rows, err
}
