package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"snapferry/handler"
	"snapferry/internal/cloud"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

type demoCommand struct {
	Fast bool `help:"Make no pauses; without a terminal there are none anyway."`
}

// A story is one demonstration. Everything in it that is not printed text is
// the production code: the handler, the vendor's client, real events.
type story struct {
	*stage
	a     *app
	pause time.Duration // between steps; 0 is none

	disk     string // the one that gets a new snapshot
	snapshot string // the new one
	event    []byte // that it was made
	deleted  int    // how many replicas retention deleted
	lost     string // the source of the copy whose answer is lost
}

// Run tells the story. It fails when what it promises does not come true.
func (c *demoCommand) Run(a *app) error {
	s := &story{stage: newStage(), a: a}
	if a.out.terminal() && !c.Fast {
		s.pause = 350 * time.Millisecond
	}
	a.out.line("The real program on a simulated cloud. No account, network or settings needed.")
	for i, step := range []struct {
		title string
		tell  func(context.Context) error
	}{
		{"Three disks in ap-guangzhou, each with a snapshot of last night.", s.world},
		{"Somebody makes a snapshot. Its event comes while it is still CREATING.", s.create},
		{"A timer's sweep asks for every copy that is missing. One answer is lost.", s.sweep},
		{"The next sweep does not ask again: it looks what came of it.", s.lookAgain},
		{"Time passes in the cloud.", s.wait},
		{"Verify proves that each replica is usable, and tags it.", s.verify},
		{"The event of step 2 comes a second time, as events may.", s.repeat},
		{"With KEEP_LAST=1 an older replica may go once a newer one is proven.", s.retain},
		{"What the cloud holds now:", s.finale},
	} {
		if err := s.rest(a.ctx); err != nil {
			return err
		}
		a.out.line("")
		a.out.line("%s %s", a.out.paint(bold, fmt.Sprintf("%d.", i+1)), a.out.paint(bold, step.title))
		if err := step.tell(a.ctx); err != nil {
			return err
		}
	}
	return nil
}

// rest gives a person the time to read.
func (s *story) rest(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return failure{errors.New("demo: interrupted")}
	case <-time.After(s.pause):
		return nil
	}
}

// say prints a line of the story.
func (s *story) say(format string, args ...any) {
	s.a.out.line("%s", wrapped(fmt.Sprintf(format, args...), "   ", s.a.out.columns()))
}

func (s *story) world(context.Context) error {
	names := []string{"web", "database", "logs"}
	disks := make([]string, len(names))
	for i, name := range names {
		disks[i] = s.cloud.AddDisk(sim.Disk{Region: home, Name: name, SizeGiB: 50 * (i + 1)})
	}
	for i := range names {
		id := s.cloud.AddSnapshot(sim.Snapshot{Disk: disks[i], Name: "nightly", Created: s.now().Add(-8 * time.Hour)})
		s.say("%s  %-8s  %3d GiB  snapshot %s", disks[i], names[i], 50*(i+1), id)
	}
	s.disk = disks[1]
	s.say("They are to be protected in %s.", strings.Join(s.targets, " and "))
	return nil
}

func (s *story) create(ctx context.Context) (err error) {
	if s.snapshot, s.event, err = s.createSnapshot(ctx, s.disk); err != nil {
		return failure{fmt.Errorf("demo: %w", err)}
	}
	s.say("CreateSnapshot on %s: %s", s.disk, s.snapshot)
	s.pass(3 * time.Second)
	reply, err := s.invoke(ctx, s.event)
	if err != nil {
		return err
	}
	s.say("event → %s", s.counts(reply))
	for _, a := range reply.Actions[:min(1, len(reply.Actions))] {
		s.say("%s: %s", a.Snapshot, a.Reason)
	}
	return s.want(reply, plan.Waiting, len(s.targets))
}

// sweep loses the answer to the first copy request. The cloud asks about one
// request at a time, and the run is over when lost is read.
func (s *story) sweep(ctx context.Context) error {
	s.pass(30 * time.Second)
	s.cloud.SetInject(func(c sim.Call) sim.Fault {
		if c.Action != "CopySnapshotCrossRegions" || s.lost != "" {
			return sim.Fault{}
		}
		s.lost = sourceOf(c)
		return sim.Fault{Kind: sim.LoseReply}
	})
	reply, err := s.timer(ctx, cloud.Copy)
	if err != nil {
		return err
	}
	s.say("timer → %s", s.counts(reply))
	i := slices.IndexFunc(reply.Actions, func(a plan.Action) bool { return a.Outcome == plan.Unknown })
	if i < 0 {
		return s.broken("no answer was lost")
	}
	s.say("%s: %s", reply.Actions[i].Snapshot, reply.Actions[i].Reason)
	return s.want(reply, plan.Unknown, len(s.targets))
}

func (s *story) lookAgain(ctx context.Context) error {
	s.pass(5 * time.Second)
	reply, err := s.timer(ctx, cloud.Copy)
	if err != nil {
		return err
	}
	s.say("timer → %s", s.counts(reply))
	for _, a := range reply.Actions {
		if a.Snapshot == s.lost {
			s.say("%s is in %s: %s, %s", a.Snapshot, a.To, a.Replica, a.Reason)
		}
	}
	return s.want(reply, plan.InProgress, s.expected())
}

// wait shows the replicas growing until all have come to rest.
func (s *story) wait(context.Context) error {
	const step, most = 20 * time.Second, 20
	for range most {
		states := s.states()
		s.say("%s  %s", s.now().Format(time.TimeOnly), states)
		if states == fmt.Sprintf("%d replicas NORMAL", s.expected()) {
			return nil
		}
		if err := s.rest(s.a.ctx); err != nil {
			return err
		}
		s.pass(step)
	}
	return s.broken("the replicas do not come to rest")
}

func (s *story) verify(ctx context.Context) error {
	reply, err := s.timer(ctx, cloud.Verify)
	if err != nil {
		return err
	}
	s.say("timer → %s", s.counts(reply))
	return s.want(reply, plan.Verified, s.expected())
}

func (s *story) repeat(ctx context.Context) error {
	reply, err := s.invoke(ctx, s.event)
	if err != nil {
		return err
	}
	s.say("event → %s", s.counts(reply))
	return s.want(reply, plan.Exists, len(s.targets))
}

// retain deletes what the keep rule no longer wants, and shows that the next
// sweep does not bring it back.
func (s *story) retain(ctx context.Context) error {
	s.env["KEEP_LAST"] = "1"
	reply, err := s.timer(ctx, cloud.Retain)
	if err != nil {
		return err
	}
	s.say("timer → %s", s.counts(reply))
	for _, a := range reply.Actions {
		if a.Outcome == plan.Deleted {
			s.deleted++
			s.say("%s in %s, a replica of %s: %s", a.Replica, a.To, a.Snapshot, a.Reason)
		}
	}
	if err := s.want(reply, plan.Deleted, len(s.targets)); err != nil {
		return err
	}
	if reply, err = s.timer(ctx, cloud.Copy); err != nil {
		return err
	}
	s.say("timer → %s", s.counts(reply))
	return s.want(reply, plan.Skipped, s.deleted)
}

// counts is a reply in a few words, coloured.
func (s *story) counts(r handler.Reply) string {
	var parts []string
	for _, part := range strings.Split(counted(r), ", ") {
		n, outcome, _ := strings.Cut(part, " ")
		parts = append(parts, n+" "+s.a.out.outcome(plan.Outcome(outcome)))
	}
	return string(r.Job) + ": " + strings.Join(parts, ", ")
}

// want fails the demo where a reply is not what the story tells.
func (s *story) want(r handler.Reply, o plan.Outcome, n int) error {
	if got := r.Counts[o]; got != n {
		return s.broken(fmt.Sprintf("%d %s where the story tells %d", got, o, n))
	}
	return nil
}

func (s *story) broken(what string) error {
	return failure{fmt.Errorf("demo: %s: please report it", what)}
}
