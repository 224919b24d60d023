package storm

import (
	"fmt"
	"sync"
	"time"

	"snapferry/handler"
	"snapferry/internal/sim"
)

// A play is one storm under way. What the simulator's callbacks touch is
// guarded by mu, which is never held while the simulator is called: the
// simulator calls back with its own lock held.
type play struct {
	w      *world
	cloud  *sim.Cloud
	start  time.Time
	wrap   mistaken                         // lets a test plant a mistake; nil: none
	story  bool                             // keep a trace
	strike func(sim.Call) (sim.Fault, bool) // strikes instead of chance; the bool is death; nil: chance

	heard          func(action string) // told of every request; nil: nobody
	copies         []*function
	verify, retain *function
	running        sync.WaitGroup
	book           book
	latest         *truth         // of the last check
	checked        int            // requests that had arrived at the last check
	known          map[place]mark // what each snapshot looks like to those who must not change it
	planted        map[place]bool // doubles that others made
	lastComplete   map[lane]int   // complete replicas at the last check
	mu             sync.Mutex
	calm           bool // the faults are over
	faults, fates  float64
	calls          map[string]*invocation // by key
	busy           int                    // invocations under way
	events         int                    // grows with everything that happens beside the invocations
	times          map[uint64]int         // how often a request was seen
	copied         map[pair][]*copied
	replica        map[place]*copied
	unchecked      []*copied
	wished         map[pair]bool         // an operator asked for it by id
	deletions      map[place]time.Time   // when a deletion was first asked for
	lastDeletion   map[place]time.Time   // and when for the last time
	touched        map[place]time.Time   // when others renamed or removed a replica
	meddled        map[lane]time.Time    // when others last did something about a lane
	changed        map[place]time.Time   // when others last changed a source, or a disk
	lied           time.Time             // when a refusal for good was last made up
	believed       map[belief]time.Time  // and of what, and to whom
	homes          map[place]lane        // of every replica of ours ever seen
	thinned        map[place]time.Time   // when others last deleted a source of a disk
	askers         map[place]*invocation // who asked for a deletion; nil: several
	result         Result
	arrivals       int // requests
}

// A mistaken is a cloud with a mistake in it, for one invocation.
type mistaken func(*invocation, handler.Cloud) handler.Cloud

// A Result is what became of one storm.
type Result struct {
	Seed       uint64
	Steps      int // how many were played
	Copies     int // accepted by the service
	Calls      int
	Faults     map[string]int // by kind
	Virtual    time.Duration
	Violations []string
	Trace      []string // only where it was asked for
	end        []string // what was there when all was over
}

// violate notes what must not be.
func (p *play) violate(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.violateLocked(format, args...)
}

func (p *play) violateLocked(format string, args ...any) {
	text := fmt.Sprintf("at %s: ", time.Since(p.start).Truncate(time.Millisecond)) + fmt.Sprintf(format, args...)
	p.result.Violations = append(p.result.Violations, text)
	p.noteLocked("VIOLATION %s", text)
}

// note adds a line to the trace.
func (p *play) note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.noteLocked(format, args...)
}

func (p *play) noteLocked(format string, args ...any) {
	if p.story {
		p.result.Trace = append(p.result.Trace, fmt.Sprintf("%12s ", time.Since(p.start).Truncate(time.Millisecond))+fmt.Sprintf(format, args...))
	}
}

func newPlay(w *world) *play {
	p := &play{
		w: w, start: time.Now(), known: map[place]mark{}, planted: map[place]bool{}, lastComplete: map[lane]int{},
		calls: map[string]*invocation{}, times: map[uint64]int{}, copied: map[pair][]*copied{}, wished: map[pair]bool{}, replica: map[place]*copied{},
		deletions: map[place]time.Time{}, lastDeletion: map[place]time.Time{}, touched: map[place]time.Time{}, meddled: map[lane]time.Time{}, changed: map[place]time.Time{},
		believed: map[belief]time.Time{}, homes: map[place]lane{}, askers: map[place]*invocation{}, thinned: map[place]time.Time{},
		result: Result{Seed: w.seed, Faults: map[string]int{}},
	}
	o := w.cloud
	o.Now = func() time.Time { return time.Now().Add(w.skew) }
	o.Inject, o.Fate = p.inject, p.fate
	o.Misuse = func(text string) { p.violate("the service complains: %s", text) }
	p.cloud = sim.New(o)
	return p
}

// furnish puts the account and the function in place.
func (p *play) furnish() {
	w := p.w
	for _, d := range w.disks {
		p.cloud.AddDisk(d)
	}
	for _, r := range w.targets {
		p.cloud.SetQuota(r, plenty)
	}
	for _, s := range w.snaps {
		if s.age > 0 {
			s.Created = p.start.Add(w.skew - s.age)
			p.put(&s)
		}
	}
	for _, s := range w.foreign {
		s.Created = p.start.Add(w.skew - s.Created.Sub(time.Time{}))
		p.cloud.AddSnapshot(s)
	}
	for _, i := range w.copies {
		p.copies = append(p.copies, p.newFunction(i, "copy"))
	}
	p.verify, p.retain = p.newFunction(w.verify, "verify"), p.newFunction(w.retain, "retain")
}

// put adds a snapshot.
func (p *play) put(s *snap) {
	p.cloud.AddSnapshot(s.Snapshot)
	if s.lone {
		p.cloud.ChangeSnapshot(s.Region, s.ID, func(s *sim.Snapshot) { s.Disk = "" })
	}
}

// plenty is room for all.
const plenty = 1 << 20

// run plays the first steps, then has everything settle.
func (p *play) run(steps int) {
	p.furnish()
	p.check()
	for i, s := range p.w.steps[:steps] {
		time.Sleep(time.Until(p.start.Add(s.at)))
		p.check()
		if len(p.violations()) > 0 {
			break
		}
		p.result.Steps = i + 1
		p.do(i, s)
	}
	p.running.Wait()
	if p.check(); len(p.violations()) == 0 {
		p.settle()
	}
	p.running.Wait()
	p.result.end = p.look().lines()
	p.result.Copies, p.result.Calls = len(p.cloud.Copies()), p.cloud.Count("")
	p.result.Virtual = time.Since(p.start)
}

func (p *play) violations() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.result.Violations
}
