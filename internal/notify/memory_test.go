package notify_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"snapferry/internal/job"
	"snapferry/internal/notify"
	"snapferry/internal/plan"
)

// told are the first words of each line below the title.
func told(text string) string {
	var out []string
	for _, line := range strings.Split(text, "\n")[min(1, strings.Count(text, "\n")):] {
		begin, _, _ := strings.Cut(line, " ap-")
		out = append(out, begin)
	}
	return strings.Join(out, ", ")
}

func TestWhatIsNewOrWellAgainIsToldAtOnceAndNothingTwice(t *testing.T) {
	late, unprotected, fine := row("disk-a", plan.Late), row("disk-a", plan.Unprotected), row("disk-a", plan.Protected)
	b := row("disk-b", plan.Late)
	changed := late
	changed.Reason, changed.Point = "its newest proven point is 99 h old", changed.Point.Add(time.Hour)
	verify := func(o plan.Outcome, replica string) job.Action {
		return job.Action{Kind: plan.KindVerify, Snapshot: "snap-s", Replica: replica, From: "ap-guangzhou", To: "ap-beijing", Outcome: o}
	}
	region := func(reason string) job.Action {
		return job.Action{Kind: plan.KindVerify, From: "ap-guangzhou", Outcome: plan.Failed, Reason: reason}
	}
	// With a region unread, this run misses some of its actions.
	part := func(actions ...job.Action) notify.Run {
		r := verified(actions...)
		r.Whole = false
		return r
	}
	copies := func(snapshot, reason string) notify.Run {
		return notify.Run{Job: "copy", Whole: true, Actions: []job.Action{{Kind: plan.KindCopy, Snapshot: snapshot, From: "ap-guangzhou", To: "ap-beijing", Outcome: plan.Failed, Reason: reason}}}
	}
	event := func(replica string) notify.Run {
		return notify.Run{Job: "copy", Actions: []job.Action{{Kind: plan.KindCopy, To: "ap-beijing", Replica: replica, Outcome: plan.Failed, Reason: `"eve" called DeleteSnapshots for this replica`}}}
	}
	type step struct {
		after time.Duration
		run   notify.Run
		want  string
	}
	for name, steps := range map[string][]step{
		"all is well":                           {{0, verified(fine), ""}},
		"wrong, and the same with another text": {{0, verified(late), "late disk-a"}, {5 * time.Hour, verified(changed), ""}},
		"still wrong after six hours":           {{0, verified(late), "late disk-a"}, {5 * time.Hour, verified(late, b), "late disk-b"}, {time.Hour, verified(late, b), "late disk-a, late disk-b"}, {5 * time.Hour, verified(late, b), ""}},
		"worse":                                 {{0, verified(late), "late disk-a"}, {time.Minute, verified(unprotected), "unprotected disk-a"}, {time.Minute, verified(unprotected), ""}},
		"well again, and wrong again":           {{0, verified(late), "late disk-a"}, {time.Minute, verified(fine), "well again: protected disk-a"}, {time.Minute, verified(fine), ""}, {time.Minute, verified(late), "late disk-a"}},
		"no longer there":                       {{0, verified(late), "late disk-a"}, {time.Minute, part(late), ""}, {time.Minute, verified(), "well again: late disk-a"}},
		"not seen, for a region was unread":     {{0, verified(late), "late disk-a"}, {time.Minute, part(), ""}, {time.Minute, verified(late), ""}},
		"seen well, though a region was unread": {{0, part(late), "late disk-a"}, {time.Minute, part(fine), "well again: protected disk-a"}},
		"another job says nothing of it":        {{0, verified(late), "late disk-a"}, {time.Minute, notify.Run{Job: "copy", Whole: true}, ""}},
		"missing, then there and stuck, then verified": {
			{0, verified(verify(plan.Missing, "")), "verify missing snap-s"},
			{time.Minute, verified(verify(plan.Stuck, "snap-r"), verify(plan.Verified, "snap-q")), "verify stuck snap-s snap-r"},
			{time.Minute, part(verify(plan.Waiting, "snap-r")), ""},
			{time.Minute, part(verify(plan.Verified, "snap-q")), "well again: verify verified snap-s snap-q"},
		},
		"wrong in two ways": {
			{0, verified(verify(plan.Stuck, "snap-r"), verify(plan.Failed, "snap-r")), "verify failed snap-s snap-r, verify stuck snap-s snap-r"},
			{time.Minute, verified(verify(plan.Stuck, "snap-r"), verify(plan.Failed, "snap-r")), ""},
		},
		"a region fails in two ways, with other numbers each time": {
			{0, verified(region("list: Timeout (RequestId a-1)"), region("3 rows can't be read")), "verify failed, verify failed"},
			{time.Minute, verified(region("list: Timeout (RequestId b-2)"), region("4 rows can't be read")), ""},
			{time.Minute, verified(region("4 rows can't be read")), "well again: verify failed"},
			{time.Minute, verified(region("list: Denied (RequestId c-3)"), region("4 rows can't be read")), "verify failed"},
		},
		"the quota refuses another snapshot each time": {{0, copies("snap-a", "copy snap-a: the quota of 64 is used up"), "copy failed snap-a"}, {time.Minute, copies("snap-b", "copy snap-b: the quota of 64 is used up"), ""}, {time.Minute, notify.Run{Job: "copy", Whole: true}, "well again: copy failed"}},
		"each deletion by somebody is news, and its end is not": {
			{0, event("snap-1"), "copy failed snap-1"},
			{time.Minute, event("snap-2"), "copy failed snap-2"},
			{time.Minute, notify.Run{Job: "copy", Whole: true}, ""},
		},
	} {
		r, m, now := &receiver{t: t}, &notify.Memory{}, t0
		for i, s := range steps {
			now = now.Add(s.after)
			if got := told(r.tell(slack, now, m, s.run)); got != s.want {
				t.Errorf("%s: step %d tells %q, want %q", name, i, got, s.want)
			}
		}
	}
}

func TestSinceWhenIsSaidOfWhatWasSeenBefore(t *testing.T) {
	r, m := &receiver{t: t}, &notify.Memory{}
	first := r.tell(slack, t0, m, verified(row("disk-a", plan.Late)))
	again := r.tell(slack, t0.Add(6*time.Hour), m, verified(row("disk-a", plan.Late)))
	well := r.tell(slack, t0.Add(7*time.Hour), m, verified())
	const since = "wrong since 2026-11-23 12:00 +08:00"
	if strings.Contains(first, "since") || !strings.Contains(again, since) || !strings.Contains(well, since+" · was: late: see to it") {
		t.Errorf("got %q, %q, %q", first, again, well)
	}
}

func TestAnInstanceThatKnowsNothingTellsWhatIsWrongNow(t *testing.T) {
	r := &receiver{t: t}
	for range 2 {
		if got := told(r.tell(slack, t0, &notify.Memory{}, verified(row("disk-a", plan.Late), row("disk-b", plan.Protected)))); got != "late disk-a" {
			t.Errorf("got %q", got)
		}
	}
}

func TestTheMemoryIsBoundedAndServesSeveralRunsAtOnce(t *testing.T) {
	r, m := &receiver{t: t}, &notify.Memory{}
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := range 3 {
				var run notify.Run
				run.Job = "verify"
				for n := range 2500 {
					run.Actions = append(run.Actions, row(fmt.Sprintf("disk-%d-%d-%d", worker, i, n), plan.Late))
				}
				if err := r.webhook(other).Tell(t.Context(), t0.Add(time.Duration(i)*time.Minute), m, run); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := m.Len(); n == 0 || n > 2000 {
		t.Errorf("it remembers %d things", n)
	}
	for _, body := range r.bodies {
		if n := strings.Count(body, `"disk"`); n == 0 || n > 200 {
			t.Errorf("a message has %d actions", n)
		}
	}
}
