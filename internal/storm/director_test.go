package storm

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"snapferry/internal/sim"
)

// A director plays one storm: it has each step happen at its time, and looks at
// every request and every reply.
type director struct {
	*record
	w       *world
	cloud   *sim.Cloud
	dice    *dice
	names   names
	faults  *faults
	nemesis *nemesis
	ledger  *ledger

	set            *deployment // the settings now
	copies         []*function
	verify, retain *function
	drills         []*function
	operators      []*function          // whose runs are restores
	rivals         map[string]*function // by job
	running        sync.WaitGroup
	steps          int        // played
	last           *truth     // see recent; touched by one request at a time
	ended          []sim.Disk // by drills; the same

	mu    sync.Mutex
	calls map[string]*invocation // by key
}

// A result is what became of one storm.
type result struct {
	seed       uint64
	steps      int // how many were played
	copies     int // accepted by the service
	disks      int // asked for
	calls      int
	faults     int
	virtual    time.Duration
	violations []string
	trace      []string
	end        []string // what was there when all was over
}

// all plays every step of a storm.
const all = 1 << 30

// play plays the first steps of a world in virtual time and has everything
// settle. exact decides what goes wrong with each request; nil: chance does.
//
// A bubble of virtual time asks for a test to fail in. Several bubbles can't
// share one, so each has an empty one, which is never failed.
func play(w *world, steps int, exact func(sim.Call) way) (r result) {
	synctest.Test(new(testing.T), func(*testing.T) {
		d := newDirector(w)
		d.faults.exact = exact
		d.run(min(steps, len(w.steps)))
		r = result{
			seed: w.seed, steps: d.steps, copies: len(d.cloud.Copies()), disks: d.cloud.Count("CreateDisks"), calls: d.cloud.Count(""), faults: d.faults.struck,
			virtual: time.Since(d.start), violations: d.violations, trace: d.trace, end: d.observe().lines(),
		}
	})
	return r
}

func newDirector(w *world) *director {
	d := &director{record: &record{start: time.Now()}, w: w, set: &w.deployment, rivals: map[string]*function{}, dice: &dice{seed: w.seed, thrown: map[uint64]uint64{}}, calls: map[string]*invocation{}}
	d.faults = &faults{dice: d.dice}
	o := w.cloud
	o.Now = func() time.Time { return time.Now().Add(w.skew) }
	o.Inject = d.inject
	o.Fate = func(c sim.Copy) sim.Fate {
		fate := d.faults.fate(c)
		d.ledger.accept(c, fate)
		return fate
	}
	o.Misuse = func(text string) {
		// The ledger knows which second copies may be, and watch what is in the bin
		// and which disks may be ended.
		about, _, _ := strings.Cut(text, ":")
		known := []string{"second-copy", "attached-disk", "prepaid-disk", "unmarked-disk"}
		if !slices.Contains(known, about) && !strings.Contains(text, "while it was TORECYCLE") {
			d.violate("the service complains: %s", text)
		}
	}
	d.cloud = sim.New(o)
	d.nemesis = &nemesis{w: w, cloud: d.cloud, marks: map[any]time.Time{}, forgery: map[place]bool{}, tagged: map[place]bool{}}
	d.ledger = &ledger{
		director: d, asked: map[pair]asked{}, copies: map[pair][]*accepted{}, replica: map[place]*accepted{},
		deleted: map[pair]bool{}, ended: map[place]time.Time{},
	}
	d.nemesis.ledger = d.ledger
	return d
}

// inject is asked by the simulator about every request that arrives, one at a
// time. It looks at what is asked, and says what goes wrong with it.
func (d *director) inject(c sim.Call) sim.Fault {
	inv := d.invocation(c.SecretID)
	if inv == nil {
		d.violate("%s is asked with a key of no invocation, %q", c.Action, c.SecretID)
		return sim.Fault{}
	}
	d.watch(inv, c)
	inv.arrived++
	w := d.faults.strike(c, inv.number, inv.arrived == inv.die)
	if odd := w.List.Absent || w.List.Fields != ""; odd && inv.odd[c.Action+c.Region] {
		w.List = sim.ListFault{} // only one odd answer is promised to do no harm
	} else if odd {
		inv.odd[c.Action+c.Region] = true
	}
	if w.dies {
		inv.kill()
	}
	if w.Kind != sim.NoFault {
		inv.faults++
		d.log("%s: %s in %s: %s", inv.key, c.Action, c.Region, w)
	}
	if w.List != (sim.ListFault{}) {
		inv.lies++
		d.excuse(inv, c.Region, w.List)
		d.log("%s: %s in %s is told %+v", inv.key, c.Action, c.Region, w.List)
	}
	inv.remember(c, w)
	return w.Fault
}

// excuse notes how many copies an odd list excuses. Of rows without a name nobody
// knows whose they are: as many copies are right as are missing.
func (d *director) excuse(inv *invocation, region string, l sim.ListFault) {
	switch {
	case l.Add == none:
		inv.blind = true
		inv.excuse(region, brake)
	case strings.Contains(l.Fields, "SnapshotName"):
		t := d.observe()
		missing := 0
		for _, s := range t.sources {
			if slices.Contains(inv.set.wants(t, s).to, region) && len(t.there[pair{s.ID, s.Region, region}]) == 0 {
				missing++
			}
		}
		inv.excuse(region, missing)
	}
}

func (d *director) invocation(key string) *invocation {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls[key]
}

func (d *director) enter(inv *invocation) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls[inv.key] = inv
}

// plenty is room for all.
const plenty = 1 << 20

// furnish puts the account and the function in place.
func (d *director) furnish() {
	w := d.w
	for _, disk := range w.disks {
		d.cloud.AddDisk(disk)
	}
	for _, r := range somewhere {
		d.cloud.SetQuota(r, plenty)
	}
	for _, s := range w.snaps {
		if s.age > 0 {
			s.Created = d.start.Add(w.skew - s.age)
			d.put(&s)
		}
	}
	for _, s := range w.foreign {
		s.Created = d.start.Add(w.skew - s.Created.Sub(time.Time{}))
		d.cloud.AddSnapshot(s)
	}
	for _, i := range w.copies {
		d.copies = append(d.copies, d.newFunction(i, "copy", d.set))
	}
	d.verify, d.retain = d.newFunction(w.verify, "verify", d.set), d.newFunction(w.retain, "retain", d.set)
	for i := range 2 {
		d.drills = append(d.drills, d.newFunction(w.verify, fmt.Sprint("drill ", i), d.set))
		d.operators = append(d.operators, d.newFunction(w.retain, fmt.Sprint("restore ", i), d.set))
	}
	for _, job := range rivalJobs {
		if w.rival != nil {
			d.rivals[job] = d.newFunction(w.retain, "rival "+job, w.rival)
		}
	}
}

// put adds a snapshot. It is as large as its disk is then.
func (d *director) put(s *snap) {
	made := s.Snapshot
	for _, disk := range d.cloud.Disks(s.Region) {
		if disk.ID == s.Disk {
			made.SizeGiB = disk.SizeGiB
		}
	}
	d.cloud.AddSnapshot(made)
	if s.lone {
		d.cloud.ChangeSnapshot(s.Region, s.ID, func(s *sim.Snapshot) { s.Disk = "" })
	}
}

// run plays the first steps, then has everything settle.
func (d *director) run(steps int) {
	d.furnish()
	for i, s := range d.w.steps[:steps] {
		time.Sleep(max(time.Until(d.start.Add(s.at)), time.Millisecond))
		if d.failed() {
			break
		}
		d.steps = i + 1
		d.log("%3d %s", i+1, s)
		d.do(s)
	}
	d.running.Wait()
	if !d.failed() {
		d.settle()
	}
	if d.w.disaster && !d.failed() {
		d.settleDisks()
	}
}

// do plays a step. What takes time goes on beside the steps that follow.
func (d *director) do(s step) {
	switch s.kind {
	case makeSnap:
		n := d.w.snaps[s.n]
		if !n.lone && !slices.ContainsFunc(d.cloud.Disks(n.Region), func(disk sim.Disk) bool { return disk.ID == n.Disk }) {
			return // nobody makes snapshots of a disk that is gone
		}
		n.State, n.Percent = "CREATING", 1+int(s.dice%98)
		d.put(&n)
		d.nemesis.expire(n.Region, n.Disk)
	case readySnap:
		n := &d.w.snaps[s.n]
		d.cloud.ChangeSnapshot(n.Region, n.ID, func(s *sim.Snapshot) { s.State, s.Percent = "NORMAL", 100 })
	case event, groupEvent:
		d.begin(s, d.copies[s.n], "copy", d.w.records(s))
	case oddEvent:
		d.begin(s, d.copies[s.n], "copy", d.w.odd(s))
	case copyTimer:
		d.begin(s, d.copies[s.n], "copy", timerEvent("copy"))
	case verifyTimer:
		d.begin(s, d.verify, "verify", timerEvent("verify"))
	case retainTimer:
		d.begin(s, d.retain, "retain", timerEvent("retain"))
	case manualCopy:
		d.manual(s)
	case planOnly:
		d.begin(s, d.copies[s.n], "plan", `{"job":"plan"}`)
	case faultRate:
		d.faults.set(s.rate, -1)
	case fateRate:
		d.faults.set(-1, s.rate)
	case quota:
		d.squeeze(s)
	case lieRate:
		d.faults.lie(s.rate)
	case outages:
		d.sicken(s)
	case operator:
		d.set = d.w.later
		for _, f := range slices.Concat(d.copies, d.drills, d.operators, []*function{d.verify, d.retain}) {
			f.change(d.set)
		}
	case rivalTimer:
		job := rivalJobs[s.dice%uint64(len(rivalJobs))]
		d.begin(s, d.rivals[job], job, timerEvent(job))
	case others:
		d.log("%s", d.nemesis.act(d.observe(), s.dice))
	case sharing:
		d.nemesis.shareAll(d.observe())
	case drillTimer:
		d.begin(s, d.drills[s.n%len(d.drills)], "drill", timerEvent("drill"))
	case restoring:
		d.begin(s, d.operators[s.n%len(d.operators)], "restore", "")
	case othersDisks:
		d.log("%s", d.nemesis.meddle(d.observe(), s.dice))
	case diskQuota:
		d.squeezeDisks(s)
	}
}

// rivalJobs are the jobs of the deployment of somebody else.
var rivalJobs = []string{"copy", "verify", "retain"}

// manual is an operator's request.
func (d *director) manual(s step) {
	n := &d.w.snaps[s.dice%uint64(len(d.w.snaps))]
	events := []struct{ job, event string }{
		{"copy", fmt.Sprintf(`{"job":"copy","snapshotId":%q}`, n.ID)},
		{"copy", fmt.Sprintf(`{"snapshotId":%q,"sourceRegion":%q}`, n.ID, n.Region)},
		{"copy", fmt.Sprintf(`{"job":"copy","targetRegions":[%q]}`, d.set.targets[0])},
		{"copy", `{"job":"copy","dryRun":true}`},
		{"copy", `{"job":"copy"}`},
		{"retain", `{"job":"retain","dryRun":true}`},
		{"retain", `{"job":"retain","force":true}`},
	}
	e := events[s.dice>>8%uint64(len(events))]
	f := d.copies[s.n]
	if e.job == "retain" {
		f = d.retain
	}
	d.begin(s, f, e.job, e.event)
}

// squeeze leaves a target region little room, or all it wants.
func (d *director) squeeze(s step) {
	region := d.w.targets[s.dice%uint64(len(d.w.targets))]
	room := plenty
	if s.dice>>8&1 == 0 {
		room = len(d.cloud.Snapshots(region)) + int(s.dice>>16%8)
	}
	d.cloud.SetQuota(region, room)
}

// tries is how often the platform delivers an event that ends in an error.
const tries = 3

// begin starts an invocation. An event that fails comes again after a minute.
func (d *director) begin(s step, f *function, job, text string) {
	isEvent := s.kind == event || s.kind == groupEvent || s.kind == oddEvent
	d.running.Go(func() {
		for try := range tries {
			inv := &invocation{number: s.number*tries + uint64(try) + 1, f: f, job: job, event: text, slow: s.slow}
			if job == "restore" {
				inv.order = d.drawOrder(s.dice)
			}
			keys := time.Duration(0)
			if try == 0 {
				inv.die, keys = s.die, s.keys
			}
			if !d.invoke(inv, s.limit, keys) || !isEvent {
				return
			}
			time.Sleep(time.Minute)
		}
	})
}
