// Package ferry carries plans out: it looks at the cloud, has package plan
// decide, acts on the plan within the time that is left, and reports what
// became of every action.
//
// It promises that no copy is requested on a look that is older than five
// seconds, that an unclear answer is never followed by a second request in
// the same run, and that a run which dies at any point leaves nothing that the
// next one does not see in the cloud. It keeps nothing between runs but what
// the service refused for good (Refusals), and never waits for a copy to
// finish.
//
// It does not repeat failed requests and does not pace them: the cloud it is
// given does both.
package ferry

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A Looker reads the cloud. Its methods are safe for concurrent use, repeat by
// themselves what may pass within the time that is left, and return all pages
// or an error.
type Looker interface {
	// List returns every snapshot of a region; with disks, only theirs.
	List(ctx context.Context, region string, disks ...string) ([]cloud.Snapshot, error)
	// ByID returns the snapshots with these ids. An unknown id is no error:
	// it is simply absent.
	ByID(ctx context.Context, region string, ids []string) ([]cloud.Snapshot, error)
	// ByName returns the snapshots that have exactly one of these names, in
	// one request. The service may look at the first name only, and say
	// nothing of it.
	ByName(ctx context.Context, region string, names []string) ([]cloud.Snapshot, error)
	// Disks returns the disks with these ids; unknown ones are absent.
	Disks(ctx context.Context, region string, ids []string) ([]cloud.Disk, error)
}

// A Copier starts copies. Copy is not idempotent: two calls make two replicas.
// It returns at once, with a row for each region asked for, or an error that
// stands for all of them; then what a row's error means is asked of the error
// itself (Meaning), and one that does not say is taken to be dangerous.
type Copier interface {
	Copy(ctx context.Context, r cloud.CopyRequest) ([]cloud.CopyResult, error)
}

// A Tagger puts one tag on snapshots. Tag is idempotent; it returns the ids
// that were refused, each with its error.
type Tagger interface {
	Tag(ctx context.Context, region, account string, ids []string, key, value string) (map[string]error, error)
	// Account returns the account that the credentials belong to.
	Account(ctx context.Context) (string, error)
}

// A Cloud is all that the jobs of this package need.
type Cloud interface {
	Looker
	Copier
	Tagger
}

// lookAge is how old a look may be when a request that relies on it is sent,
// counted from the start of the look (design: runs overlap, and the service's
// conflict answer guards only while a copy is in progress).
const lookAge = 5 * time.Second

// A Ferry runs jobs against one cloud. Its fields are set before the first
// job and not changed after; a Ferry is made for one invocation.
type Ferry struct {
	Cloud   Cloud
	Rules   plan.Rules
	Refused *Refusals
	Now     func() time.Time
	Log     *slog.Logger
	// Account is the account's uin where the environment tells it; else it is
	// asked for when it is needed.
	Account string
	// Accounts are those that replicas are shared with by this product.
	Accounts []string
	// Stop is when no new work is begun, so that a reply is given in time;
	// zero is never.
	Stop time.Time
	// Workers bounds the requests in flight, for each source region when
	// copying and over all regions when looking. At least 1.
	Workers int
	// Rate is how many requests a second there are for each API and region; 0
	// is unknown. Where it is low, fewer copies are worked on at once.
	Rate int
	// Progress is told how many copy requests are done; nil is nobody.
	Progress func(done, total int)
}

// A Report is what a job did and saw.
type Report struct {
	Actions  []plan.Action
	Warnings []string // for people; none makes the run a failure
	// Unsettled says that work is left which no action tells: a retention run
	// does not list copies.
	Unsettled bool
}

// late reports whether the time for new work is over.
func (f *Ferry) late(ctx context.Context) bool {
	return ctx.Err() != nil || (!f.Stop.IsZero() && !f.Now().Before(f.Stop))
}

// each calls do for every element, at most limit at a time, and waits for all
// of them.
func each[T any](limit int, all []T, do func(T)) {
	var g errgroup.Group
	g.SetLimit(max(1, limit))
	for _, one := range all {
		g.Go(func() error {
			do(one)
			return nil
		})
	}
	_ = g.Wait() // no function returns an error
}

// meaning asks an error what it means for the work.
func meaning(err error) cloud.Meaning {
	var m interface{ Meaning() cloud.Meaning }
	if errors.As(err, &m) {
		return m.Meaning()
	}
	return cloud.MayHaveHappened
}

// sentence is an error with what the operator can do about it.
func sentence(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) && h.Hint() != "" {
		return err.Error() + "; " + h.Hint()
	}
	return err.Error()
}

// refusalLife is how long a refusal for good is believed. The service may
// change its mind (a region learns to copy system disks); asking four times a
// day is cheap.
const refusalLife = 6 * time.Hour

// Refusals remembers what the service refused for good, so that a warm
// instance does not ask again every few minutes. It is the only thing kept
// between runs, and losing it costs one request for each. The zero value is
// ready; it is safe for concurrent use.
type Refusals struct {
	mu    sync.Mutex
	until map[plan.Ref]time.Time
	why   map[plan.Ref]string
}

// Note remembers a refusal.
func (r *Refusals) Note(snapshot, to, why string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.until == nil {
		r.until, r.why = map[plan.Ref]time.Time{}, map[plan.Ref]string{}
	}
	ref := plan.Ref{Region: to, Snapshot: snapshot}
	r.until[ref], r.why[ref] = now.Add(refusalLife), why
}

// Known returns the refusals that still hold, and forgets the others.
func (r *Refusals) Known(now time.Time) map[plan.Ref]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := make(map[plan.Ref]string, len(r.why))
	for ref, until := range r.until {
		if !now.Before(until) {
			delete(r.until, ref)
			delete(r.why, ref)
			continue
		}
		known[ref] = r.why[ref]
	}
	return known
}
