package notify

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"snapferry/internal/cloud"
	"snapferry/internal/job"
	"snapferry/internal/plan"
)

const (
	// repeatAfter is when something that is still wrong is told again.
	repeatAfter = 6 * time.Hour
	// maxRemembered bounds the memory to about 2 MB.
	maxRemembered = 2000
)

// A Run is what a run found.
type Run struct {
	Job cloud.Job
	// Verdict is one sentence about all that the run found.
	Verdict string
	// Actions are the actions of the reply, in any order. Those whose outcome is
	// an alarm are wrong.
	Actions []job.Action
	// Warned are actions that ring and do not make the run an error, such as one
	// about a region that is nearly full.
	Warned []job.Action
	// Whole says that the run observed everything that its job is about: it was
	// not for an event or narrowed by a request, it could read every region, and
	// no alarm is missing from Actions. Then what is no longer there is well
	// again. Otherwise only what is there with a good outcome is.
	Whole bool
}

// A Memory remembers what was told. If it is lost, what is wrong is told once more,
// and what became well in between is never told. The zero value is ready to use. It
// is safe for concurrent use, and bounded in size.
type Memory struct {
	mu  sync.Mutex
	all map[key]*entry
}

// A key tells one wrong thing from another. Disks and replicas are known by their
// ids, everything else by its cause: a region without quota refuses another snapshot
// in every run, and this is not news.
type key struct {
	job       cloud.Job
	kind      plan.Kind
	from, to  string
	id, cause string
}

type entry struct {
	action job.Action // as it was last seen
	since  time.Time
	told   plan.Outcome // the outcome that was told last, at a time
	toldAt time.Time    // zero if it was never told
	whole  bool         // a whole run saw it
}

// An item is one line of a message.
type item struct {
	job.Action
	key   key
	since time.Time // when this instance first saw it wrong; zero if in this run
}

// A digest is what one run has to tell, the worst first.
type digest struct {
	job               cloud.Job
	verdict           string
	newlyWrong, again []item
}

// digest notes what the run saw, and returns what is to be told: what is newly wrong,
// or wrong in another way than told, and what was told and is well again: as it is now,
// or as it was if it is no longer there. When something was told too long ago, all
// that is wrong is told.
func (m *Memory) digest(now time.Time, r *Run) (d digest, news bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d = digest{job: r.Job, verdict: r.Verdict}
	wrong, good := r.judge()
	present, repeat := m.see(now.Round(0), r.Whole, wrong)
	for _, it := range wrong {
		e := m.all[it.key]
		if e.since.Before(now) {
			it.since = e.since
		}
		if repeat || e.toldAt.IsZero() || e.told != e.action.Outcome {
			d.newlyWrong = append(d.newlyWrong, it)
		}
	}
	for k, e := range m.all {
		a, isGood := good[k]
		if k.job != r.Job || present[k] || !isGood && !(r.Whole && e.whole) {
			continue
		}
		if e.toldAt.IsZero() {
			delete(m.all, k)
			continue
		}
		if !isGood {
			a = e.action
			a.Reason = "was: " + a.Reason
		}
		d.again = append(d.again, item{a, k, e.since})
	}
	slices.SortFunc(d.again, worstFirst)
	if len(m.all) > maxRemembered {
		maps.DeleteFunc(m.all, func(k key, _ *entry) bool { return !present[k] })
	}
	return d, len(d.newlyWrong)+len(d.again) > 0
}

// see notes what is wrong, and reports whether it is time to repeat. now has no
// monotonic reading: it stands still while the platform freezes the process.
func (m *Memory) see(now time.Time, whole bool, wrong []item) (present map[key]bool, repeat bool) {
	if m.all == nil {
		m.all = map[key]*entry{}
	}
	present = map[key]bool{}
	for _, it := range slices.Backward(wrong) { // of one key the worst stays
		e := m.all[it.key]
		if e == nil {
			e = &entry{since: now}
			m.all[it.key] = e
		}
		present[it.key], e.whole, e.action = true, e.whole || whole, it.Action
		if it.key.id == "" { // it stands for all with this cause
			e.action = job.Action{Kind: it.Kind, From: it.From, To: it.To, Outcome: it.Outcome, Reason: it.Reason}
		}
		e.action.Reason = cut(it.Reason, 400)
		repeat = repeat || !e.toldAt.IsZero() && now.Sub(e.toldAt) >= repeatAfter
	}
	return present, repeat
}

// noteTold notes that a digest arrived.
func (m *Memory) noteTold(now time.Time, d *digest) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, it := range slices.Backward(d.newlyWrong) {
		if e := m.all[it.key]; e != nil {
			e.told, e.toldAt = it.Outcome, now.Round(0)
		}
	}
	for _, it := range d.again {
		delete(m.all, it.key)
	}
}

// judge returns what rings, the worst first, and what shows that nothing is wrong.
// What is put off or unclear shows nothing.
func (r *Run) judge() (wrong []item, good map[key]job.Action) {
	good = map[key]job.Action{}
	for i, a := range slices.Concat(r.Actions, r.Warned) {
		k := keyOf(r.Job, &a)
		switch c := a.Outcome.Class(); {
		case c == plan.Alarm || i >= len(r.Actions):
			wrong = append(wrong, item{Action: a, key: k})
		case c == plan.UnderWay || c == plan.Done || c == plan.Excluded:
			good[k] = a
		}
	}
	slices.SortFunc(wrong, worstFirst)
	return wrong[:min(len(wrong), maxRemembered)], good
}

// outcomes are in the order of a reply.
var outcomes = plan.Outcomes()

// worstFirst compares items by outcome, then by point, the oldest first.
func worstFirst(a, b item) int {
	return cmp.Or(cmp.Compare(slices.Index(outcomes, a.Outcome), slices.Index(outcomes, b.Outcome)), a.Point.Compare(b.Point), cmp.Compare(a.Disk, b.Disk),
		cmp.Compare(a.Snapshot, b.Snapshot), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Replica, b.Replica), cmp.Compare(a.Reason, b.Reason))
}

func keyOf(j cloud.Job, a *job.Action) key {
	k := key{job: j, kind: a.Kind, from: a.From, to: a.To}
	switch a.Kind {
	case plan.KindProtect, plan.KindDrill:
		k.id = a.Disk
	case plan.KindVerify:
		k.id = cmp.Or(a.Snapshot, a.Replica, a.Disk)
	case plan.KindCopy:
		k.id = a.Replica // only an alarm about somebody's call names one, and every call is news
	}
	if k.id == "" {
		k.cause = cut(cause(a), 200)
	}
	return k
}

// cause is the reason without what differs between runs and snapshots: numbers,
// times, request ids, and the action's own ids.
func cause(a *job.Action) string {
	words := strings.FieldsFunc(a.Reason, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '-' && c != '_' })
	var same []string
	for i, w := range words {
		own := w == a.Snapshot || w == a.Disk || w == a.Replica
		if number := w[0] >= '0' && w[0] <= '9'; !own && !number && (i == 0 || words[i-1] != "RequestId") {
			same = append(same, w)
		}
	}
	return strings.Join(same, " ")
}
