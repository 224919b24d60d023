package storm

import (
	"slices"
	"strings"
	"testing"
	"time"

	"snapferry/internal/sim"
)

// Most of what is checked here can't be shown by a planted mistake: another check,
// which looks at the request itself, complains first and ends the storm.

// scene is a play in which nothing has happened yet.
func scene(lag time.Duration) *play {
	return newPlay(&world{cloud: sim.Options{Quirks: sim.Quirks{DeleteLag: lag}}, sources: []string{"ap-guangzhou"}})
}

// shown is a truth that consists of some replicas of one disk.
func (p *play) shown(at time.Time, reps ...*sim.Snapshot) *truth {
	t := &truth{at: at, book: &p.book, here: map[place]*sim.Snapshot{}, replicas: map[pair][]*sim.Snapshot{}, lanes: map[lane][]*sim.Snapshot{}}
	for _, r := range reps {
		l := t.book.ours(r)
		t.here[place{r.Region, r.ID}] = r
		t.replicas[l.pair(r.Region)] = append(t.replicas[l.pair(r.Region)], r)
		t.lanes[l.lane(r.Region)] = append(t.lanes[l.lane(r.Region)], r)
	}
	return t
}

func replica(id string) *sim.Snapshot {
	return &sim.Snapshot{
		ID: id, Region: "ap-beijing", Name: "ferry_ckgjwkqh_omp7wl2m_ap-guangzhou_20261123T132100Z",
		State: "NORMAL", Percent: 100, CopyFromRemote: true,
	}
}

var its = lane{"ap-guangzhou", "disk-omp7wl2m", "ap-beijing"}

// TestALaneIsCheckedAgainOnceOthersHaveLeftItAlone: a lane that anybody had
// ever meddled with was never checked again.
func TestALaneIsCheckedAgainOnceOthersHaveLeftItAlone(t *testing.T) {
	const lag = 3 * time.Minute
	begin := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	gone := place{"ap-beijing", "snap-other"}
	for name, c := range map[string]struct {
		meddled time.Time // against a lane seen complete at begin, and empty an hour later
		deleted bool
		blamed  bool
	}{
		"nobody meddled":                      {time.Time{}, false, true},
		"somebody did since":                  {begin.Add(time.Minute), false, false},
		"and just before":                     {begin.Add(-30 * time.Second), false, false},
		"and long before":                     {begin.Add(-2 * time.Minute), false, true},
		"a deletion may not show yet":         {begin.Add(-2 * time.Minute), true, false},
		"a deletion that has long been shown": {begin.Add(-lag - 2*time.Minute), true, true},
	} {
		p := scene(lag)
		p.meddled[its] = c.meddled
		if c.deleted {
			p.homes[gone], p.touched[gone] = its, c.meddled
		}
		was, now := p.shown(begin, replica("snap-a")), p.shown(begin.Add(time.Hour))
		p.checkLanes(was, was)
		p.checkLanes(was, now)
		if blamed := len(p.result.Violations) > 0; blamed != c.blamed {
			t.Errorf("%s: blamed %t, want %t: %v", name, blamed, c.blamed, p.result.Violations)
		}
	}
}

func TestTwoCompleteReplicasAreADouble(t *testing.T) {
	p := scene(0)
	world := p.shown(time.Now(), replica("snap-a"), replica("snap-b"))
	for _, id := range []string{"snap-a", "snap-b"} {
		p.replica[place{"ap-beijing", id}] = &copied{fate: sim.Finishes}
	}
	p.checkDoubles(world)
	if len(p.result.Violations) != 1 || !strings.Contains(p.result.Violations[0], "has 2 complete replicas") {
		t.Errorf("said %q", p.result.Violations)
	}
	p = scene(0)
	p.replica[place{"ap-beijing", "snap-a"}] = &copied{fate: sim.Finishes}
	if p.checkDoubles(world); len(p.result.Violations) > 0 { // the other is not the function's
		t.Errorf("a double that others made is blamed on the function: %q", p.result.Violations)
	}
}

// TestOnlyWhatIsGoneLingersAsLongAsItsLag: what others had renamed or deleted
// at any time was excused for ever.
func TestOnlyWhatIsGoneLingersAsLongAsItsLag(t *testing.T) {
	const lag = 2 * time.Minute
	p := scene(lag)
	touched := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	at := place{"ap-beijing", "snap-a"}
	p.touched[at] = touched
	gone, renamed := p.shown(touched), p.shown(touched, replica("snap-a"))
	for name, c := range map[string]struct {
		t     *truth
		began time.Duration
		want  bool
	}{
		"deleted within the run":    {gone, -time.Second, true},
		"deleted within the lag":    {gone, lag - time.Second, true},
		"deleted longer ago":        {gone, lag, false},
		"renamed within the run":    {renamed, -time.Second, true},
		"renamed before it, and so": {renamed, time.Second, false},
	} {
		if got := p.lingers(c.t, at, touched.Add(c.began)); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

// TestOnlyARefusalForGoodIsBelieved: every refusal that was made up excused
// every claim that all is settled, of everything, for six hours.
func TestOnlyARefusalForGoodIsBelieved(t *testing.T) {
	params := []byte(`{"SnapshotId":"snap-a","DestinationRegions":["ap-beijing"]}`)
	asked := pair{"snap-a", "ap-guangzhou", "ap-beijing"}
	for code, want := range map[string][]bool{ // in this run, in the next one, in one seven hours later
		"InvalidSnapshot.NotSupported":                {true, true, false},
		"UnsupportedOperation.SnapshotNotSupportCopy": {true, true, false},
		"InvalidSnapshotId.NotFound":                  {true, false, false},
		"RequestLimitExceeded":                        {false, false, false},
		"InternalError":                               {false, false, false},
		"InsufficientSnapshotQuota":                   {false, false, false},
	} {
		p, f := scene(0), &function{}
		run := func(after time.Duration) *invocation {
			return &invocation{f: f, began: time.Now().Add(after), misled: map[place]bool{}}
		}
		first := run(0)
		p.believe(first, sim.Call{Action: "CopySnapshotCrossRegions", Region: "ap-guangzhou", Params: params}, sim.Fault{Kind: sim.Refuse, Code: code})
		if got := []bool{p.believes(first, asked), p.believes(run(time.Hour), asked), p.believes(run(7*time.Hour), asked)}; !slices.Equal(got, want) {
			t.Errorf("%s: believed %v, want %v", code, got, want)
		}
		other := run(0)
		other.f = &function{}
		if p.believes(other, asked) || p.believes(run(0), pair{"snap-a", "ap-guangzhou", "ap-chengdu"}) {
			t.Errorf("%s is believed by another instance, or of another region", code)
		}
	}
}

// TestReplicasThatAreNotSelectedAreNotTheirsToDelete reads SELECT_DISKS and
// SELECT_TAGS for replicas, which no check did.
func TestReplicasThatAreNotSelectedAreNotTheirsToDelete(t *testing.T) {
	l := label{source: "snap-s", disk: "disk-d", from: "ap-guangzhou"}
	src := func(tags map[string]string) *sim.Snapshot {
		return &sim.Snapshot{ID: "snap-s", Region: "ap-guangzhou", Disk: "disk-d", Tags: tags}
	}
	prod, test := map[string]string{"env": "prod"}, map[string]string{"env": "test"}
	for name, c := range map[string]struct {
		tags  string
		disks []string
		src   *sim.Snapshot
		disk  map[string]string // nil: gone
		want  string
	}{
		"no selection":                        {},
		"another disk":                        {disks: []string{"disk-a", "disk-b"}, want: "its disk is not selected"},
		"one of the disks":                    {disks: []string{"disk-a", "disk-d"}},
		"tagged otherwise":                    {tags: "env=prod", src: src(test), want: "its source is not selected"},
		"by its disk's tag":                   {tags: "env=prod", src: src(nil), disk: prod},
		"the snapshot's value wins":           {tags: "env=prod", src: src(test), disk: prod, want: "its source is not selected"},
		"the source is gone, the disk is not": {tags: "env=prod", disk: test, want: "its source is not selected"},
		"both are gone":                       {tags: "env=prod", want: "nothing tells"},
	} {
		p := scene(0)
		p.w.selected, p.w.only = c.tags, c.disks
		world := p.shown(time.Now())
		world.disks = map[place]map[string]string{}
		if c.src != nil {
			world.here[place{"ap-guangzhou", "snap-s"}] = c.src
		}
		if c.disk != nil {
			world.disks[place{"ap-guangzhou", "disk-d"}] = c.disk
		}
		got := p.unmanaged(&invocation{}, world, l)
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
