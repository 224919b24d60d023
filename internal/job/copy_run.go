package job

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/semaphore"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// A copyRun is the copying part of one run. A short run uses the observation of
// the plan. A long run reads each source again by id, many in one request, and
// each target by the replica's name.
type copyRun struct {
	*writeRun
	seen   *observation
	health *health

	// The fields below are guarded by mu.
	checkName   bool          // the name of the first new replica must be checked
	first       plan.Decision // the copy that it belongs to, with the replica
	nextCheck   time.Time     // when to look at its name again after no answer
	done, total int
	queues      map[string][]*copyTask // by source region, in the order of work
	filters     map[string]*nameFilter // by target region
	locks       map[string]*semaphore.Weighted
}

// A nameFilter is what is known about a region's filter by name. It may use only
// the first of several names, without an error. So each request has one name,
// until a trial shows that it takes several: one request for several known
// replicas returns all of them.
type nameFilter struct {
	known    []string // names of existing replicas, at most namesTogether
	takes    bool     // it takes several names in one request
	trials   int
	nextTime time.Time // of the next trial
}

// How many sources and how many names one request reads. A page holds 100, but 40
// copies already take two seconds at the usual rate, and an observation is valid
// for five. The service documents ten values for its filter by disk.
const (
	idsTogether   = 40
	namesTogether = 10
)

// A trial of the name filter fails if a replica is not listed yet. So it is
// repeated later, a few times.
const (
	maxTrials  = 5
	trialPause = 2 * time.Second
)

func newCopyRun(r *Runner, seen *observation, total int) *copyRun {
	return &copyRun{
		writeRun: newWriteRun(r), seen: seen, health: newHealth(), total: total,
		queues: map[string][]*copyTask{}, filters: map[string]*nameFilter{}, locks: map[string]*semaphore.Weighted{},
	}
}

// begin adds the tasks of one source region, in their order. They start with the
// plan's observation.
func (c *copyRun) begin(queue []*copyTask) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queues[queue[0].from()] = queue
	for i, t := range queue {
		n := len(t.decisions)
		t.run, t.place, t.results, t.unclear, t.logged = c, i, make([]result, n), make([]error, n), make([]bool, n)
		// That a source has no disk must be read twice, too: its replica would have
		// a wrong name for ever.
		if t.decisions[0].Disk != "" {
			t.sourceAt = c.seen.at[t.from()]
		}
		t.targets = make([]targetSeen, n)
		for j := range t.decisions {
			to := t.decisions[j].To
			// That a replica is spoilt must be read twice: a row may be odd for a
			// moment.
			if !t.decisions[j].IsRepeated() {
				t.targets[j].at = c.seen.at[to]
			}
			if c.filters[to] == nil {
				c.filters[to] = &nameFilter{known: c.seen.world.ReplicaNames(to, namesTogether)}
			}
		}
	}
}

// work carries out the tasks of one source region, each disk's newest first. No
// older snapshot is requested before all of those are answered. So a full region
// or a short run does not stop the copy of a disk's newest point. Only a target
// that fails again and again waits behind all others. It gets a second chance
// before the older snapshots, because its trouble may have been short.
func (c *copyRun) work(ctx context.Context, tasks []*copyTask, limit int) {
	do := func(newest, last bool) {
		each(limit, c.enqueue(tasks, newest, last), func(t *copyTask) {
			c.carryOut(ctx, t)
			c.finish(ctx, t)
		})
	}
	do(true, false)
	c.health.forgive(tasks[0].from())
	do(true, false)
	do(false, false)
	do(true, true)
	do(false, true)
}

// enqueue makes the queue of the tasks that are not finished.
func (c *copyRun) enqueue(tasks []*copyTask, newest, last bool) []*copyTask {
	c.mu.Lock()
	defer c.mu.Unlock()
	var queue []*copyTask
	for _, t := range tasks {
		if t.decisions[0].IsNewest() == newest && slices.ContainsFunc(t.results, func(r result) bool { return r.Outcome == "" }) {
			t.place, t.last = len(queue), last
			queue = append(queue, t)
		}
	}
	c.queues[tasks[0].from()] = queue
	return queue
}

// load copies the plan's observation into a task, before the first newer read is
// added.
func (c *copyRun) load(t *copyTask) {
	if t.loaded {
		return
	}
	t.loaded = true
	for i := range t.decisions {
		t.source, t.targets[i].replicas = c.seen.world.Replicas(&t.decisions[i])
		// What was read only once, and odd, is no reason for another copy. Without
		// a state it counts as there until it is read again.
		if replicas := t.targets[i].replicas; t.decisions[i].IsRepeated() {
			for j := range replicas {
				if replicas[j].State != cloud.ToRecycle {
					replicas[j].State = ""
				}
			}
		}
	}
}

// following are a task and the next ones in its queue, at most most tasks.
func (c *copyRun) following(t *copyTask, most int) []*copyTask {
	queue := c.queues[t.from()]
	return queue[t.place:min(len(queue), t.place+most)]
}

func (c *copyRun) open(routes []route) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopReason == "" && !slices.ContainsFunc(routes, func(r route) bool { return c.whyClosed(r) != "" })
}

func (c *copyRun) closedFor(r route) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.whyClosed(r)
}

func (c *copyRun) whyClosed(r route) string { return cmp.Or(c.closed[r], c.closed[route{to: r.to}]) }

// started notes the name of a new replica for the next trial. In a sweep it also
// checks the name of the first one.
func (c *copyRun) started(ctx context.Context, t *copyTask, i int) {
	d := &t.decisions[i]
	c.mu.Lock()
	if f := c.filters[d.To]; len(f.known) < namesTogether {
		f.known = append(f.known, d.Name())
	}
	check := c.checkName && !c.Now().Before(c.nextCheck)
	if check && c.first.Replica == "" {
		c.first = *d
		c.first.Replica = t.results[i].replica
	}
	c.checkName = c.checkName && !check
	c.mu.Unlock()
	if !check {
		return
	}
	if why := c.otherName(ctx); why != "" {
		c.stop("the service changes the names of replicas")
		t.set(i, plan.Failed, why, t.results[i].replica)
	}
}

// otherName says why the name of the first new replica is not the one that was
// requested; "" if it is, or if this is unknown: a new replica may be absent for a
// while. Then later copies of this run look again. Nothing but the name says what a
// replica is a copy of, so with other names every run would copy everything again.
func (c *copyRun) otherName(ctx context.Context) string {
	d := &c.first // does not change any more
	found, err := c.Cloud.SnapshotsByID(ctx, d.To, []string{d.Replica})
	if err != nil || len(found) == 0 || found[0].Name == "" {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.checkName, c.nextCheck = true, c.Now().Add(trialPause)
		return ""
	}
	if found[0].Name == d.Name() {
		return ""
	}
	return fmt.Sprintf("the replica %s in %s was requested with the name %q, but the service shows %.60q: find out who changes the names (a tool in the account, or the service) and delete the replica; without their names replicas are not found and would be made again, so this run copies nothing more",
		d.Replica, d.To, d.Name(), found[0].Name)
}

// lock locks a mutex for a purpose, and gives up when ctx ends. After the wait, a
// task often finds that another task has already read its snapshot.
func (c *copyRun) lock(ctx context.Context, purpose string) (unlock func(), err error) {
	c.mu.Lock()
	l := c.locks[purpose]
	if l == nil {
		l = semaphore.NewWeighted(1)
		c.locks[purpose] = l
	}
	c.mu.Unlock()
	if err := l.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	return func() { l.Release(1) }, nil
}

// readSources reads a task's source and, in the same request, the sources of the
// next tasks.
func (c *copyRun) readSources(ctx context.Context, t *copyTask) error {
	unlock, err := c.lock(ctx, "sources of "+t.from())
	if err != nil {
		return err
	}
	defer unlock()

	c.mu.Lock()
	at, next := t.sourceAt, c.following(t, idsTogether)
	c.mu.Unlock()
	if c.recentFor(at, 2*slack) {
		return nil
	}
	ids := make([]string, len(next))
	for i := range next {
		ids[i] = next[i].snapshot()
	}
	began := c.Now()
	found, err := c.Cloud.SnapshotsByID(ctx, t.from(), ids)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range next {
		if began.Before(n.notBefore) {
			continue
		}
		c.load(n)
		n.sourceAt, n.source = began, nil
		if i := slices.IndexFunc(found, func(s cloud.Snapshot) bool { return s.ID == n.snapshot() }); i >= 0 {
			n.source = &found[i]
		}
	}
	return nil
}

// readTarget searches one region for the replica of a task. If the service takes
// several names, it also searches for the replicas of the next tasks.
func (c *copyRun) readTarget(ctx context.Context, t *copyTask, i int) error {
	region, tasks, together := t.decisions[i].To, []*copyTask{t}, 1
	if c.takesMany(ctx, t, region) {
		together = namesTogether
		unlock, err := c.lock(ctx, "names in "+region)
		if err != nil {
			return err
		}
		defer unlock()
		c.mu.Lock()
		tasks = slices.Clone(c.following(t, namesTogether))
		c.mu.Unlock()
	}
	c.mu.Lock()
	at := t.targets[i].at
	c.mu.Unlock()
	if c.recentFor(at, 2*slack) {
		return nil
	}
	names := c.names(tasks, region)
	began := c.Now()
	var found []cloud.Snapshot
	for part := range slices.Chunk(names, together) {
		some, err := c.Cloud.SnapshotsByName(ctx, region, part)
		if err != nil {
			return err
		}
		found = append(found, some...)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range tasks {
		if i := t.target(region); i >= 0 && !began.Before(t.notBefore) {
			c.load(t)
			t.targets[i].add(began, t.decisions[i].Name(), found)
		}
	}
	return nil
}

// names are those that the replicas of tasks have in a region, or would have.
func (c *copyRun) names(tasks []*copyTask, region string) (names []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range tasks {
		i := t.target(region)
		if i < 0 {
			continue
		}
		c.load(t)
		names = append(names, t.decisions[i].Name())
		for _, s := range t.targets[i].replicas {
			names = append(names, s.Name)
		}
	}
	return union(names)
}

// target is the place of the decision about a region, -1 if there is none.
func (t *copyTask) target(region string) int {
	return slices.IndexFunc(t.decisions, func(d plan.Decision) bool { return d.To == region })
}

// add adds a newer read. Replicas that were observed earlier and are missing now
// are kept, because lists lag: remembering one too many delays a copy, forgetting
// one duplicates it. One that shows no name now may be the replica.
func (s *targetSeen) add(at time.Time, name string, found []cloud.Snapshot) {
	s.at = at
	for _, f := range found {
		f.Name = cmp.Or(f.Name, name)
		if f.Name == name || slices.ContainsFunc(s.replicas, func(old cloud.Snapshot) bool { return old.Name == f.Name }) {
			s.replicas = slices.DeleteFunc(s.replicas, func(old cloud.Snapshot) bool { return old.ID == f.ID })
			s.replicas = append(s.replicas, f)
		}
	}
}

// takesMany reports whether a region's name filter takes several names. It makes
// a trial with known replicas if enough tasks follow.
func (c *copyRun) takesMany(ctx context.Context, t *copyTask, region string) bool {
	c.mu.Lock()
	f := c.filters[region]
	names := slices.Clone(f.known)
	due := !f.takes && c.seen.world.Incomplete[region] == "" && f.trials < maxTrials && !c.Now().Before(f.nextTime) && len(names) == namesTogether && len(c.following(t, 3*namesTogether)) == 3*namesTogether
	if due {
		f.trials, f.nextTime = f.trials+1, c.Now().Add(trialPause)
	}
	takes := f.takes
	c.mu.Unlock()
	if !due {
		return takes
	}
	found, err := c.Cloud.SnapshotsByName(ctx, region, names)
	c.mu.Lock()
	defer c.mu.Unlock()
	distinct := map[string]bool{}
	for i := range found {
		distinct[found[i].Name] = true
	}
	if f.takes = err == nil && len(distinct) == len(names); !f.takes {
		f.known = f.known[:0] // those started from now on
	}
	return f.takes
}
