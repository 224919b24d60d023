package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// replica is a complete replica in Beijing of a snapshot that is days old. It was
// compared with its source.
func replica(id, disk, from string, days int) cloud.Snapshot {
	l := plan.Lineage{Source: "snap-" + id, Disk: disk, Region: from, Created: t0.AddDate(0, 0, -days)}
	return cloud.Snapshot{
		ID: "snap-r" + id, Region: bj, Name: l.Name(), State: cloud.Normal, Percent: 100, SizeGiB: 50, CopyFromRemote: true,
		Created: l.Created.Add(time.Hour), Tags: map[string]string{plan.StateTag: plan.StateVerified},
	}
}

func untagged(s cloud.Snapshot) cloud.Snapshot {
	s.Tags = nil
	return s
}

func source(id, disk string, days int) cloud.Snapshot {
	return cloud.Snapshot{
		ID: "snap-" + id, Region: gz, Name: "daily", Disk: disk, State: cloud.Normal, Percent: 100, SizeGiB: 50, Created: t0.AddDate(0, 0, -days),
	}
}

func rulesKeeping(last int) plan.Rules {
	return plan.Rules{Sources: []string{gz}, Targets: []string{bj}, CopyTimeout: 6 * time.Hour, Keep: plan.Keep{Last: last}, Zone: time.UTC}
}

// deletions are the replicas that a plan would delete.
func deletions(r plan.Rules, w observed) (out []string) {
	for _, a := range decide(r, w, plan.Order{}) {
		if a.Outcome == plan.WouldDelete {
			out = append(out, a.Replica)
		}
	}
	return out
}

func TestWhatIsNotOursToJudgeStays(t *testing.T) {
	three := func(from string) []cloud.Snapshot {
		return []cloud.Snapshot{replica("a", "disk-a", from, 1), replica("b", "disk-a", from, 2), replica("c", "disk-a", from, 3)}
	}
	differing := three(gz)
	other := replica("b", "disk-a", gz, 2)
	other.ID, other.SizeGiB, other.Created = "snap-rb2", 70, other.Created.Add(time.Hour)
	double := replica("a", "", gz, 1)
	double.ID, double.Created = "snap-ra2", double.Created.Add(time.Hour)
	for name, c := range map[string]struct {
		world observed
		spoil func(*plan.Rules)
		want  string
	}{
		"by the rules the two oldest go":           {world: observed{Snapshots: three(gz)}, want: "snap-rc snap-rb"},
		"of a region that is not protected":        {world: observed{Snapshots: three(sh)}},
		"of a source region that can't be seen":    {world: observed{Snapshots: three(gz), Unlisted: map[string]string{gz: "x"}}},
		"of one whose disks can't be read":         {world: observed{Snapshots: three(gz), DisksUnread: map[string]string{gz: "x"}}},
		"in a region that can't be seen":           {world: observed{Snapshots: three(gz), Unlisted: map[string]string{bj: "x"}}},
		"where the disk is unknown":                {world: observed{Snapshots: []cloud.Snapshot{replica("a", "", gz, 1), double, replica("b", "", gz, 2)}}},
		"where no rule is set":                     {world: observed{Snapshots: three(gz)}, spoil: func(r *plan.Rules) { r.Keep = plan.Keep{} }},
		"of a disk that is not selected":           {world: observed{Snapshots: three(gz)}, spoil: func(r *plan.Rules) { r.SelectDisks = []string{"disk-b"} }},
		"of a disk nobody can ask about its tags":  {world: observed{Snapshots: three(gz)}, spoil: func(r *plan.Rules) { r.SelectTags = []plan.Tag{{Key: "env", Value: "prod"}} }},
		"two that differ and have lost the source": {world: observed{Snapshots: append(differing, other)}, want: "snap-rc"},
	} {
		t.Run(name, func(t *testing.T) {
			r := rulesKeeping(1)
			if c.spoil != nil {
				c.spoil(&r)
			}
			if got := strings.Join(deletions(r, c.world), " "); got != c.want {
				t.Errorf("got %q, want %q\n%s", got, c.want, show(decide(r, c.world, plan.Order{})))
			}
		})
	}
}

func TestTheGuardWatchesRegionsOfMoreThanTenReplicas(t *testing.T) {
	for _, c := range []struct {
		complete, keep int
		refused        bool
	}{
		{10, 1, false}, {11, 6, false}, {11, 5, true}, {12, 6, false}, {12, 5, true},
	} {
		var w observed
		for i := range c.complete {
			w.Snapshots = append(w.Snapshots, replica(fmt.Sprint(i), "disk-a", gz, i))
		}
		got := len(deletions(rulesKeeping(c.keep), w))
		if want := c.complete - c.keep; (got == 0) != c.refused || (!c.refused && got != want) {
			t.Errorf("%d replicas, %d kept: %d are deleted, refused: %v is wanted", c.complete, c.keep, got, c.refused)
		}
	}
}

func TestTheDiskThatIsFurthestBehindComesFirst(t *testing.T) {
	w := observed{Snapshots: []cloud.Snapshot{
		source("a", "disk-a", 0), source("b", "disk-b", 0), source("c", "disk-c", 0),
		replica("a1", "disk-a", gz, 1), replica("c1", "disk-c", gz, 5), // disk-b has none
	}}
	var got []string
	for _, a := range decide(rulesKeeping(3), w, plan.Order{}) {
		if a.Outcome == plan.Planned {
			got = append(got, a.Disk)
		}
	}
	if want := "disk-b disk-c disk-a"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestANewerObservationEndsACopyThatItSpeaksAgainst(t *testing.T) {
	src := source("a", "disk-a", 1)
	rules := rulesKeeping(1)
	planned := decide(rules, observed{Snapshots: []cloud.Snapshot{src}}, plan.Order{})[0]
	change := func(f func(*cloud.Snapshot)) *cloud.Snapshot {
		s := src
		f(&s)
		return &s
	}
	spoilt := untagged(replica("a", "disk-a", gz, 1))
	spoilt.State = "COPY_FAILED"
	for name, c := range map[string]struct {
		src  *cloud.Snapshot
		seen []cloud.Snapshot
		want plan.Outcome
	}{
		"nothing has changed":           {src: &src, want: plan.Planned},
		"the source is gone":            {want: plan.Skipped},
		"it was tagged ferry:skip":      {src: change(func(s *cloud.Snapshot) { s.Tags = map[string]string{plan.SkipTag: ""} }), want: plan.Skipped},
		"it is being rolled back":       {src: change(func(s *cloud.Snapshot) { s.State = cloud.RollingBack }), want: plan.Waiting},
		"it is to be recycled":          {src: change(func(s *cloud.Snapshot) { s.State = cloud.ToRecycle }), want: plan.Ineligible},
		"the service is copying it":     {src: change(func(s *cloud.Snapshot) { s.CopyingTo = []string{bj} }), want: plan.InProgress},
		"a replica has come":            {src: &src, seen: []cloud.Snapshot{replica("a", "disk-a", gz, 1)}, want: plan.Exists},
		"a replica of another has come": {src: &src, seen: []cloud.Snapshot{replica("b", "disk-a", gz, 1)}, want: plan.Planned},
		"one came and went wrong":       {src: &src, seen: []cloud.Snapshot{spoilt}, want: plan.Planned},
	} {
		if got, why, _ := plan.Recheck(&rules, &planned, c.src, c.seen, t0); got != c.want {
			t.Errorf("%s: got %s (%s), want %s", name, got, why, c.want)
		}
	}
}

// Nobody can mend a replica that hangs and has lost its source, and a light that
// is always red hides the next one. A replica in the recycle bin is gone.
func TestWhatNobodyCanMendRingsNoAlarm(t *testing.T) {
	stuck := replica("b", "disk-a", gz, 2)
	stuck.State, stuck.Percent = cloud.Copying, 40
	binned := replica("c", "disk-a", gz, 3)
	binned.State = cloud.ToRecycle
	for name, c := range map[string]struct {
		world   []cloud.Snapshot
		alarms  int
		warning string
	}{
		"a newer one is proven":       {[]cloud.Snapshot{source("a", "disk-a", 1), replica("a", "disk-a", gz, 1), stuck}, 0, "you can delete snap-rb"},
		"none is":                     {[]cloud.Snapshot{stuck}, 1, ""},
		"an older one is":             {[]cloud.Snapshot{replica("d", "disk-a", gz, 4), stuck}, 1, ""},
		"its source is there":         {[]cloud.Snapshot{source("a", "disk-a", 1), replica("a", "disk-a", gz, 1), source("b", "disk-a", 2), stuck}, 1, ""},
		"one is in the recycle bin":   {[]cloud.Snapshot{binned}, 0, ""},
		"its source is there as well": {[]cloud.Snapshot{source("c", "disk-a", 3), binned}, 1, ""}, // missing, as it is gone
	} {
		decisions, warnings := verify(rulesKeeping(0), observed{Snapshots: c.world}, plan.Order{})
		alarms := 0
		for _, d := range decisions {
			if d.Outcome.Alarms() {
				alarms++
			}
		}
		if alarms != c.alarms || (c.warning == "") != (len(warnings) == 0) || !strings.Contains(strings.Join(warnings, " "), c.warning) {
			t.Errorf("%s: %d alarms and warnings %q, want %d and %q\n%s", name, alarms, warnings, c.alarms, c.warning, show(decisions))
		}
	}
	for _, d := range decide(rulesKeeping(0), observed{Snapshots: []cloud.Snapshot{source("c", "disk-a", 3), binned}}, plan.Order{}) {
		if d.Outcome != plan.Planned {
			t.Errorf("with its replica in the recycle bin the source is %s (%s), want planned", d.Outcome, d.Reason)
		}
	}
}
