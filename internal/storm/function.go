package storm

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/tencentyun/scf-go-lib/functioncontext"

	"snapferry/handler"
	"snapferry/internal/ferry"
	"snapferry/internal/tencent"
)

// A function is one instance of the product.
type function struct {
	instance
	h     *handler.Handler
	paces map[route]*pace // guarded by the play's lock
}

// A route is what the service counts together.
type route struct{ action, region string }

// An invocation is one event given to a function.
type invocation struct {
	number   uint64
	key      string
	f        *function
	job      string
	event    string
	began    time.Time
	deadline time.Time
	slow     time.Duration
	die      int
	before   *truth
	alone    int // the play's count of events when it began, if nothing else was running; else -1
	cancel   context.CancelFunc
	log      *journal
	reply    *handler.Reply // nil: none

	// Guarded by the play's lock.
	sent    int
	arrived int
	faults  int
	misled  map[place]bool       // taken for gone on a word that was made up: sources by their target, replicas
	doomed  map[place]bool       // replicas whose deletion it asked for, and whether they were complete
	full    map[string]time.Time // when a region answered with its quota
	over    bool
	dead    bool
	looks   looks
	doubted map[pair]bool // copies asked for without a clear answer
}

// newFunction starts an instance.
func (p *play) newFunction(i instance, job string) *function {
	f := &function{instance: i, paces: map[route]*pace{}}
	pacer := tencent.NewPacer(p.w.rate)
	now := func() time.Time { return time.Now().Add(i.skew) }
	var mu sync.Mutex
	jitter := rand.New(rand.NewPCG(p.w.seed, hash(job)))
	f.h = &handler.Handler{
		Connect: func(c handler.Connection) handler.Cloud {
			p.mu.Lock()
			inv := p.calls[c.Credentials.ID.Reveal()]
			p.mu.Unlock()
			var cloud handler.Cloud = tencent.New(tencent.Options{
				ID: c.Credentials.ID.Reveal(), Key: c.Credentials.Key.Reveal(), Token: c.Credentials.Token.Reveal(),
				Transport: wire{p, inv}, Pacer: pacer, Cutoff: c.Cutoff, Now: now,
				Jitter: func() float64 {
					mu.Lock()
					defer mu.Unlock()
					return jitter.Float64()
				},
			})
			if p.wrap != nil {
				cloud = p.wrap(inv, cloud)
			}
			return staggered{cloud, mix(p.w.seed, 7, inv.number)}
		},
		Getenv:  func(name string) string { return p.w.env[name] },
		Now:     now,
		Refused: &ferry.Refusals{},
		Workers: i.workers,
	}
	return f
}

// invoke gives a function one event, as the platform does, and checks what
// comes of it. It returns when the invocation is over.
func (p *play) invoke(inv *invocation, limit, keys time.Duration) (failed bool) {
	if inv.before == nil {
		inv.before = p.look()
	}
	inv.key = fmt.Sprintf("AKIDstorm%016x", inv.number)
	if keys > 0 {
		inv.faults = 1
	}
	p.cloud.AddKey(p.newKey(inv.key, keys))
	defer p.cloud.RemoveKey(inv.key)
	inv.began = time.Now()
	inv.deadline = inv.began.Add(limit)
	inv.log = newJournal(inv.key)
	inv.misled, inv.doomed, inv.full = map[place]bool{}, map[place]bool{}, map[string]time.Time{}
	ctx, cancel := context.WithDeadline(context.Background(), inv.deadline)
	defer cancel()
	inv.cancel = cancel
	p.enter(inv)
	ctx = functioncontext.NewContext(ctx, &functioncontext.FunctionContext{
		RequestID: inv.key, TencentcloudRegion: p.w.sources[0],
		Environment: map[string]string{
			"TENCENTCLOUD_SECRETID": inv.key, "TENCENTCLOUD_SECRETKEY": secret(inv.key), "TENCENTCLOUD_SESSIONTOKEN": token(inv.key),
		},
	})
	p.mu.Lock()
	h := *inv.f.h // its own logger: the reply of a failed job is in the log only
	p.mu.Unlock()
	h.Log = func(level slog.Level) *slog.Logger {
		return slog.New(slog.NewJSONHandler(inv.log, &slog.HandlerOptions{Level: level}))
	}
	out, err := h.Invoke(ctx, []byte(inv.event))
	p.leave(inv)
	inv.log.search("reply", out)
	inv.log.search("error", []byte(fmt.Sprint(err)))
	for _, leak := range inv.log.leaks {
		p.violate("invocation %s (%s) tells a secret in its %s", inv.key, inv.job, leak)
	}
	if inv.dead {
		return false
	}
	p.answer(inv, out, err)
	return err != nil
}

func (p *play) enter(inv *invocation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls[inv.key] = inv
	inv.alone = -1
	p.events++
	if p.busy++; p.busy == 1 {
		inv.alone = p.events
	}
}

func (p *play) leave(inv *invocation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy--
	inv.over = true
	if inv.dead { // the next process remembers nothing
		inv.f.h.Refused = &ferry.Refusals{}
	}
	if inv.alone != p.events {
		inv.alone = -1
	}
}
