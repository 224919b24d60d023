package ferry

import (
	"context"
	"slices"
	"sync"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// fresh keeps the looks that a run's requests rely on young enough. A short
// run never needs it; a long one looks again at each source by id, many in one
// request, and at each target by the replica's name.
//
// How many values a name filter takes is unknown, and the service may ignore
// the rest without a word. So names are asked for one at a time until known
// replicas, asked for together, have all come back.
type fresh struct {
	f *Ferry

	mu      sync.Mutex // guards the maps
	sources map[plan.Ref]*sourceLook
	targets map[nameLook]*targetLook
	queue   map[string][]*shipment // by source region, the order of work

	known    map[string][]string // by region, names of replicas that are there
	together map[string]int      // by region, how many names are known to work in one request

	turns map[string]chan struct{} // by purpose
}

type sourceLook struct {
	at  time.Time
	src *cloud.Snapshot // nil: gone
}

type nameLook struct{ region, name string }

type targetLook struct {
	at   time.Time
	seen []cloud.Snapshot
}

// Sizes of a look at many things: ids in one request (a page holds 100; 40
// copies are two seconds of work at the usual pace, well within a look's
// life), and names in one request (as many values as the service documents
// for its filter by disk).
const (
	idsTogether   = 40
	namesTogether = 10
)

// slack is left of a look's life for the turn of a request to come.
const slack = time.Second

// newFresh starts with the looks that the plan was made on.
func newFresh(f *Ferry, v *view, actions []plan.Action) *fresh {
	n := &fresh{
		f: f, sources: map[plan.Ref]*sourceLook{}, targets: map[nameLook]*targetLook{}, queue: map[string][]*shipment{},
		known: map[string][]string{}, together: map[string]int{}, turns: map[string]chan struct{}{},
	}
	for i := range actions {
		if a := &actions[i]; a.Outcome == plan.Planned {
			n.sources[plan.Ref{Region: a.From, Snapshot: a.Snapshot}] = &sourceLook{at: v.looked[a.From]}
			n.targets[nameLook{a.To, a.Name}] = &targetLook{at: v.looked[a.To]}
		}
	}
	for i := range v.world.Snapshots {
		s := &v.world.Snapshots[i]
		if l := n.sources[plan.Ref{Region: s.Region, Snapshot: s.ID}]; l != nil {
			l.src = s
		}
		if _, ours := plan.Ours(s); !ours {
			continue
		}
		if l := n.targets[nameLook{s.Region, s.Name}]; l != nil {
			l.seen = append(l.seen, *s)
		} else if len(n.known[s.Region]) < namesTogether && !slices.Contains(n.known[s.Region], s.Name) {
			n.known[s.Region] = append(n.known[s.Region], s.Name)
		}
	}
	return n
}

// enqueue tells the order in which the shipments of a region will come.
func (n *fresh) enqueue(queue []*shipment) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.queue[queue[0].first.From] = queue
	for i, s := range queue {
		s.place = i
	}
}

// following are a shipment and those that come next, most in all.
func (n *fresh) following(s *shipment, most int) []*shipment {
	queue := n.queue[s.first.From]
	return queue[s.place:min(len(queue), s.place+most)]
}

func (n *fresh) source(s *shipment) *sourceLook {
	return n.sources[plan.Ref{Region: s.first.From, Snapshot: s.first.Snapshot}]
}

func (n *fresh) target(a *plan.Action) *targetLook { return n.targets[nameLook{a.To, a.Name}] }

// oldest is when the oldest of the looks began that there are for a shipment.
func (n *fresh) oldest(s *shipment) time.Time {
	oldest := n.source(s).at
	for _, a := range s.planned() {
		if at := n.target(a).at; at.Before(oldest) {
			oldest = at
		}
	}
	return oldest
}

// young reports whether a look has at least left of its life before it.
func (n *fresh) young(at time.Time, left time.Duration) bool {
	return n.f.Now().Add(left).Before(at.Add(lookAge))
}

// again looks again at what has become old, and decides the shipment's copies
// anew on the newest looks, whoever took them: a look that is young because of
// another shipment's request may have seen what the plan did not.
func (n *fresh) again(ctx context.Context, s *shipment) error {
	n.mu.Lock()
	oldest := n.oldest(s)
	n.mu.Unlock()
	if !n.young(oldest, slack) {
		for _, a := range s.planned() {
			if err := n.lookForReplica(ctx, s, a); err != nil {
				return err
			}
		}
		if err := n.lookAtSource(ctx, s); err != nil {
			return err
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	s.since = n.oldest(s)
	for _, a := range s.planned() {
		*a = plan.Recheck(n.f.Rules, *a, n.source(s).src, n.target(a).seen, n.f.Now())
	}
	return nil
}

// turn waits until this goroutine alone does what purpose names, and returns
// what ends that. Whoever waited finds that the one before it has looked at
// its thing too. It is a channel and no mutex because requests are waited for
// meanwhile, and an invocation that ends must not wait on.
func (n *fresh) turn(ctx context.Context, purpose string) (done func(), err error) {
	n.mu.Lock()
	turn := n.turns[purpose]
	if turn == nil {
		turn = make(chan struct{}, 1)
		n.turns[purpose] = turn
	}
	n.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// lookAtSource looks at the shipment's source and, in the same request, at
// those of the shipments that come next.
func (n *fresh) lookAtSource(ctx context.Context, s *shipment) error {
	done, err := n.turn(ctx, "sources of "+s.first.From)
	if err != nil {
		return err
	}
	defer done()

	n.mu.Lock()
	at := n.source(s).at
	var ids []string
	for _, next := range n.following(s, idsTogether) {
		ids = append(ids, next.first.Snapshot)
	}
	n.mu.Unlock()
	if n.young(at, 2*slack) {
		return nil
	}
	began := n.f.Now()
	found, err := n.f.Cloud.ByID(ctx, s.first.From, ids)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, id := range ids {
		n.sources[plan.Ref{Region: s.first.From, Snapshot: id}] = &sourceLook{at: began}
	}
	for i := range found {
		if l := n.sources[plan.Ref{Region: s.first.From, Snapshot: found[i].ID}]; l != nil {
			l.src = &found[i]
		}
	}
	return nil
}

// lookForReplica looks for the replica that an action would make and, where
// the service takes several names, for those of the shipments that come next.
func (n *fresh) lookForReplica(ctx context.Context, s *shipment, a *plan.Action) error {
	names := []string{a.Name}
	if n.takesMany(ctx, s, a.To) {
		done, err := n.turn(ctx, "names in "+a.To)
		if err != nil {
			return err
		}
		defer done()
		names = n.nextNames(s, a)
	}
	n.mu.Lock()
	at := n.target(a).at
	n.mu.Unlock()
	if n.young(at, 2*slack) {
		return nil
	}
	_, err := n.names(ctx, a.To, names)
	return err
}

// nextNames are the names of replicas that a and the next shipments would
// make in the same region.
func (n *fresh) nextNames(s *shipment, a *plan.Action) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	names := []string{a.Name}
	for _, next := range n.following(s, namesTogether)[1:] {
		if n.targets[nameLook{a.To, next.first.Name}] != nil {
			names = append(names, next.first.Name)
		}
	}
	return names
}

// takesMany reports whether a region's name filter looks at several names. It
// finds out once, by known replicas, and only where that pays.
func (n *fresh) takesMany(ctx context.Context, s *shipment, region string) bool {
	done, err := n.turn(ctx, "trying names in "+region)
	if err != nil {
		return false
	}
	defer done()
	n.mu.Lock()
	tried, known := n.together[region], n.known[region]
	worth := len(known) == namesTogether && len(n.following(s, 3*namesTogether)) == 3*namesTogether
	n.mu.Unlock()
	if tried > 0 || !worth {
		return tried == namesTogether
	}
	found, err := n.names(ctx, region, known)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.together[region] = 1
	if err == nil && found == len(known) {
		n.together[region] = namesTogether
	}
	return n.together[region] == namesTogether
}

// names looks for replicas by name, notes what it found, and returns how many
// of the names were found. A replica seen before and absent now is kept in
// mind: a list may be stale. One too many in mind costs a copy's delay, one
// too few makes a double.
func (n *fresh) names(ctx context.Context, region string, names []string) (int, error) {
	began := n.f.Now()
	found, err := n.f.Cloud.ByName(ctx, region, names)
	if err != nil {
		return 0, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	distinct := map[string]bool{}
	for i := range found {
		distinct[found[i].Name] = true
		if l := n.targets[nameLook{region, found[i].Name}]; l != nil {
			l.seen = slices.DeleteFunc(l.seen, func(s cloud.Snapshot) bool { return s.ID == found[i].ID })
			l.seen = append(l.seen, found[i])
		}
	}
	for _, name := range names {
		if l := n.targets[nameLook{region, name}]; l != nil {
			l.at = began
		}
	}
	return len(distinct), nil
}
