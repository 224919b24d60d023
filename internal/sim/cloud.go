package sim

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"
)

// A Cloud is one account's resources in all regions and the service in front of
// them. Its methods may be called from many goroutines.
type Cloud struct {
	opt       Options
	actions   map[string]action
	injecting sync.Mutex // held while a request gets its number and Inject is asked

	mu          sync.Mutex // guards all below, and every region, snapshot and disk
	inject      func(Call) Fault
	fate        func(Copy) Fate
	keys        map[string]Key
	names       []string // known regions, in order
	regions     map[string]*region
	ids         ids
	seq         int
	limits      limiter
	copies      []Copy
	calls       []Call
	received    int
	counts      map[string]int
	complaints  []string
	unreported  []string             // complaints that Misuse was not told of yet
	functions   map[string]*Function // by region/namespace/name
	roles       []*role
	policyIDs   uint64 // how many policies of roles were made
	alarms      []AlarmPolicy
	undelivered []Delivery // events that Deliver was not told of yet
	tokens      map[string]madeDisks
	diskQuotas  map[string]int // by region; a region without one holds any number
	tagValues   map[string]map[string]bool
	polls       map[uint64]*poll
}

// New makes a cloud without keys, disks and snapshots. Its one event bus is that of
// the cloud's own services.
func New(o Options) *Cloud {
	o = o.withDefaults()
	c := &Cloud{
		opt: o, actions: allActions(), inject: o.Inject, fate: o.Fate,
		keys:       map[string]Key{},
		regions:    map[string]*region{},
		ids:        ids{seed: o.Seed, next: map[string]uint64{}},
		limits:     limiter{rate: o.Rate, counted: map[limitKey][]time.Time{}},
		counts:     map[string]int{},
		functions:  map[string]*Function{},
		tokens:     map[string]madeDisks{},
		diskQuotas: map[string]int{},
		tagValues:  map[string]map[string]bool{},
		polls:      map[uint64]*poll{},
	}
	c.limits.quirks = &c.opt.Quirks
	for _, r := range knownRegions {
		c.region(r.id)
	}
	for _, r := range o.MoreRegions {
		c.region(r)
	}
	c.AddEventBus(EventBus{Name: "default", Type: "Cloud"})
	return c
}

// region returns a region and makes it known if it wasn't.
func (c *Cloud) region(name string) *region {
	r, ok := c.regions[name]
	if !ok {
		r = newRegion(name)
		c.regions[name] = r
		c.names = append(c.names, name)
	}
	return r
}

// AddKey lets requests be signed with k, beside the keys added before. A key with
// a known ID replaces it: so permissions are taken away and given back.
func (c *Cloud) AddKey(k Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k.Account = cmp.Or(k.Account, c.opt.Account)
	k.Deny = slices.Clone(k.Deny)
	c.keys[k.ID] = k
}

// RemoveKey makes a key unknown.
func (c *Cloud) RemoveKey(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.keys, id)
}

// SetInject replaces Options.Inject.
func (c *Cloud) SetInject(f func(Call) Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inject = f
}

// SetFate replaces Options.Fate.
func (c *Cloud) SetFate(f func(Copy) Fate) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fate = f
}

// SetQuirks lets f change the quirks, for a while or for good. What has happened
// under the old ones stays. f must not call the Cloud.
func (c *Cloud) SetQuirks(f func(*Quirks)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.opt.Quirks)
}

// Account is the main account's uin.
func (c *Cloud) Account() string { return c.opt.Account }

// Copies returns every accepted copy, in order.
func (c *Cloud) Copies() []Copy {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.copies)
}

// Calls returns the latest requests, in order; Options.KeepCalls says how many.
func (c *Cloud) Calls() []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := c.calls[max(0, len(c.calls)-max(0, c.opt.KeepCalls)):]
	return slices.Clone(calls)
}

// Count tells how many requests of an action arrived, faults and refusals
// included; of all actions for "".
func (c *Cloud) Count(action string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if action == "" {
		return c.received
	}
	return c.counts[action]
}

// Complaints returns what a correct client would not have done, in order. Each
// starts with a short kind and a colon.
func (c *Cloud) Complaints() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.complaints)
}

// Throttled tells how many requests were refused for their rate.
func (c *Cloud) Throttled() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.limits.refused
}

func (c *Cloud) complain(kind, format string, args ...any) {
	text := kind + ": " + fmt.Sprintf(format, args...)
	c.complaints = append(c.complaints, text)
	if c.opt.Misuse != nil {
		c.unreported = append(c.unreported, text)
	}
}

// reportMisuse passes complaints on. The lock must not be held: Misuse may call the Cloud.
func (c *Cloud) reportMisuse() {
	if c.opt.Misuse == nil {
		return
	}
	c.mu.Lock()
	list := c.unreported
	c.unreported = nil
	c.mu.Unlock()
	for _, text := range list {
		c.opt.Misuse(text)
	}
}

// receive gives a request its number and asks what shall go wrong with it.
func (c *Cloud) receive(call Call) Fault {
	c.injecting.Lock()
	defer c.injecting.Unlock()
	c.mu.Lock()
	call.N = c.received
	c.received++
	c.counts[call.Action]++
	c.remember(call)
	inject := c.inject
	c.mu.Unlock()
	if inject == nil {
		return Fault{}
	}
	return inject(call)
}

// remember keeps the latest KeepCalls calls, and now and then drops older ones.
func (c *Cloud) remember(call Call) {
	keep := c.opt.KeepCalls
	if keep < 0 {
		return
	}
	if len(c.calls) >= 2*keep {
		n := copy(c.calls, c.calls[len(c.calls)-keep:])
		clear(c.calls[n:])
		c.calls = c.calls[:n]
	}
	c.calls = append(c.calls, call)
}

func (c *Cloud) time() time.Time { return c.opt.Now() }
