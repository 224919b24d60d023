package storm

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/tencentyun/scf-go-lib/functioncontext"

	"snapferry/handler"
	"snapferry/internal/job"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

// A function is one instance of the product.
type function struct {
	instance
	pace *pace

	mu  sync.Mutex
	h   handler.Handler
	set *deployment
}

// An invocation is one event given to a function.
type invocation struct {
	number   uint64
	key      string
	f        *function
	set      *deployment // when it began
	job      string
	event    string
	order    *plan.RestoreOrder // of a restore
	before   *truth             // when it began, of a sweep and of what may delete
	began    time.Time
	deadline time.Time
	slow     time.Duration
	die      int
	log      *journal
	reply    *reply // nil: none
	cancel   context.CancelFunc

	// Touched by one request at a time, as it arrives.
	arrived  int
	made     map[string]bool // tokens of the disks asked for
	faults   int
	lies     int
	odd      map[string]bool      // lists in which rows were odd, or missing
	blind    bool                 // was told of an empty region, or of nothing else that a list could betray
	observed map[string]time.Time // regions: when a list of snapshots there was last begun
	unclear  map[pair]unclear     // copies asked for without a clear answer

	mu    sync.Mutex // guards the fields below
	sent  int
	over  bool
	dead  bool
	spare map[string]int // regions: how many copies odd lists excuse
}

// newFunction starts an instance.
func (d *director) newFunction(i instance, runs string, set *deployment) *function {
	f := &function{instance: i, pace: newPace(set.rate), set: set}
	pacer := tencent.NewPacer(set.rate)
	now := func() time.Time { return time.Now().Add(i.skew) }
	f.h = handler.Handler{
		Connect: func(c handler.Connection) job.Cloud {
			return tencent.New(tencent.Options{
				ID: c.Credentials.ID.Reveal(), Key: c.Credentials.Key.Reveal(), Token: c.Credentials.Token.Reveal(),
				Transport: wire{d, d.invocation(c.Credentials.ID.Reveal())}, Pacer: pacer, Cutoff: c.Cutoff, Now: now,
				Jitter: func() float64 { return share(d.dice.throw(7, hash(runs))) },
			})
		},
		Now:      now,
		Webhooks: deaf{},
		Workers:  i.workers,
	}
	empty(&f.h.Refused)
	return f
}

// deaf takes what is sent to webhooks, and answers nothing.
type deaf struct{}

// RoundTrip implements http.RoundTripper.
func (deaf) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// empty makes a pointer point to an empty value: what a new process remembers.
func empty[T any](p **T) { *p = new(T) }

// restart lets the instance forget everything, as its next process will.
func (f *function) restart() {
	f.mu.Lock()
	defer f.mu.Unlock()
	empty(&f.h.Refused)
}

// change changes the settings of the invocations that begin from now on.
func (f *function) change(set *deployment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set = set
}

// handler is the instance's handler with the settings and a logger of one
// invocation.
func (f *function) handler(j *journal) (*handler.Handler, *deployment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	h, env := f.h, f.set.env
	h.Getenv = func(name string) string { return env[name] }
	h.Log = func(level slog.Level) *slog.Logger {
		return slog.New(slog.NewJSONHandler(j, &slog.HandlerOptions{Level: level}))
	}
	return &h, f.set
}

// invoke gives a function one event, as the platform does, and checks what
// comes of it. It returns when the invocation is over.
func (d *director) invoke(inv *invocation, limit, keys time.Duration) (failed bool) {
	inv.key = fmt.Sprintf("AKIDstorm%016x", inv.number)
	inv.began = time.Now()
	inv.deadline = inv.began.Add(limit)
	inv.log, inv.observed, inv.unclear = newJournal(inv.key), map[string]time.Time{}, map[pair]unclear{}
	inv.odd, inv.spare, inv.made = map[string]bool{}, map[string]int{}, map[string]bool{}
	key := sim.Key{ID: inv.key, Secret: secret(inv.key), Token: token(inv.key)}
	if keys > 0 {
		inv.faults, key.Expires = 1, time.Now().Add(d.w.skew+keys)
	}
	var h *handler.Handler
	h, inv.set = inv.f.handler(inv.log)
	if (inv.sweeps() || inv.job == "retain") && d.faults.exact == nil {
		inv.before = d.observe()
	}
	d.cloud.AddKey(key)
	defer d.cloud.RemoveKey(inv.key)
	ctx, cancel := inv.context(limit)
	defer cancel()
	inv.cancel = cancel
	d.enter(inv)
	ctx = functioncontext.NewContext(ctx, &functioncontext.FunctionContext{
		RequestID: inv.key, TencentcloudRegion: inv.set.sources[0],
		Environment: map[string]string{
			"TENCENTCLOUD_SECRETID": inv.key, "TENCENTCLOUD_SECRETKEY": secret(inv.key), "TENCENTCLOUD_SESSIONTOKEN": token(inv.key),
		},
	})
	var out []byte
	var err error
	if inv.order == nil {
		out, err = h.Invoke(ctx, []byte(inv.event))
	} else {
		out, err = d.restore(ctx, h, inv)
	}
	inv.log.search("reply", out)
	inv.log.search("error", []byte(fmt.Sprint(err)))
	for _, leak := range inv.log.leaks {
		d.violate("%s (%s) tells a secret in its %s", inv.key, inv.job, leak)
	}
	if inv.end() {
		inv.f.restart()
		return false
	}
	d.answer(inv, out, err)
	return err != nil
}

// end ends an invocation, and reports whether its instance has died of it.
func (inv *invocation) end() (dead bool) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.over = true
	return inv.dead
}

// kill lets the instance die.
func (inv *invocation) kill() {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	inv.dead = true
	inv.cancel()
}

// answer looks at what an invocation returned.
func (d *director) answer(inv *invocation, out []byte, err error) {
	if late := time.Since(inv.deadline); late >= 0 {
		d.violate("%s (%s) answers %s after its deadline", inv.key, inv.job, late)
	}
	if err == nil {
		inv.log.reply = out
	}
	if inv.log.reply == nil {
		d.log("%s: %s: %v", inv.key, inv.job, err)
		if inv.faults == 0 && inv.sent > 0 && inv.order == nil {
			d.violate("%s (%s) breaks off without a fault: %v", inv.key, inv.job, err)
		}
		return
	}
	var r reply
	if e := json.Unmarshal(inv.log.reply, &r); e != nil {
		d.violate("%s (%s) replies %q: %v", inv.key, inv.job, inv.log.reply, e)
		return
	}
	inv.reply = &r
	d.log("%s: %s replies: settled %t, %v, error %v", inv.key, inv.job, r.Settled, r.Counts, err)
	if d.faults.exact != nil || !inv.sweeps() || inv.blind || diskChanges[inv.job] != nil {
		return
	}
	after := d.observe()
	if r.Settled {
		d.checkSettled(inv, inv.before, after)
	}
	if inv.job == "verify" {
		d.checkProtection(inv, inv.before, after, err)
	}
}

// sweeps reports whether an invocation is about everything, not about single
// snapshots or regions.
func (inv *invocation) sweeps() bool {
	return inv.order != nil || inv.event == timerEvent(inv.job) || inv.event == fmt.Sprintf(`{"job":%q}`, inv.job)
}

// checkSettled demands that a sweep says settled only when that is true: what
// is required before it and after it is complete at one of these times.
func (d *director) checkSettled(inv *invocation, before, after *truth) {
	for s := range d.unprotected(inv, before, after) {
		d.violate("%s (%s) says that all is settled, and %s is not protected in %s", inv.key, inv.job, s.disk, s.to)
	}
	later := inv.set.required(after)
	for at, src := range inv.set.required(before) {
		if later[at] == nil || before.has(at) || after.has(at) {
			continue
		}
		copying := inv.job == "copy" || inv.job == "plan"
		if copying && d.w.refuses(src) || after.anyMarked(at) || d.nemesis.disturbed(inv.began, about(series{at.from, src.Disk, at.to})...) {
			continue // it is refused for good or looks different now, or others changed what decides about it
		}
		d.violate("%s (%s) says that all is settled, and %s is not in %s: %v", inv.key, inv.job, at.source, at.to, after.describe(at))
	}
}

// refuses reports whether the service refuses to copy a source for good.
func (w *world) refuses(src *sim.Snapshot) bool {
	q := w.cloud.Quirks
	return src.Usage == "SYSTEM_DISK" && q.SystemDiskRefused || src.Instant && q.InstantRefused
}

func secret(key string) string { return "secret-of-" + key }

func token(key string) string { return "token-of-" + key }
