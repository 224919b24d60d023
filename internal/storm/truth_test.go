package storm

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"snapferry/internal/sim"
)

// A place is where a thing is: ids are unique in a region only.
type place struct{ region, id string }

// A truth is what the account held at one moment.
type truth struct {
	at, now  time.Time // of the bubble, and of the service
	names    *names
	here     map[place]*sim.Snapshot
	disks    map[place]map[string]string // tags
	replicas map[pair][]*sim.Snapshot    // ours
	there    map[pair][]*sim.Snapshot    // what has a replica's name, also where the service never says that it is a copy
	series   map[series][]*sim.Snapshot  // ours
	sources  []*sim.Snapshot             // originals in the protected regions
	untold   bool                        // the service does not show the tags of replicas
}

// observe takes down the truth.
func (d *director) observe() *truth {
	all := d.cloud.Snapshots("")
	t := &truth{
		at: time.Now(), now: time.Now().Add(d.w.skew), names: &d.names, untold: d.w.cloud.Quirks.TagsUnseen,
		here: make(map[place]*sim.Snapshot, len(all)), disks: map[place]map[string]string{},
		replicas: map[pair][]*sim.Snapshot{}, there: map[pair][]*sim.Snapshot{}, series: map[series][]*sim.Snapshot{},
	}
	for i := range all {
		s := &all[i]
		t.here[place{s.Region, s.ID}] = s
		if a := d.ledger.of(place{s.Region, s.ID}); a != nil && a.fate == sim.Unmarked {
			s.CopyFromRemote = false // as the service shows it
		}
		if t.names.named(s) {
			at := t.names.read(s.Name).pair(s.Region)
			t.there[at] = append(t.there[at], s)
		}
		if l := t.names.ours(s); l != nil {
			t.replicas[l.pair(s.Region)] = append(t.replicas[l.pair(s.Region)], s)
			t.series[l.series(s.Region)] = append(t.series[l.series(s.Region)], s)
		} else if !s.CopyFromRemote && !arriving(s) && !(t.names.named(s) && s.Disk == "") && slices.Contains(d.w.sources, s.Region) {
			t.sources = append(t.sources, s)
		}
	}
	for _, disk := range d.cloud.Disks("") {
		t.disks[place{disk.Region, disk.ID}] = disk.Tags
	}
	return t
}

// recent is the truth of some seconds ago, for what is excused for longer anyway.
func (d *director) recent() *truth {
	if d.last == nil || time.Since(d.last.at) > 10*time.Second {
		d.last = d.observe()
	}
	return d.last
}

// complete reports whether a replica of ours holds all of its source. Where
// the source is gone there is nothing left to compare it with.
func (t *truth) complete(rep *sim.Snapshot) bool {
	l := t.names.ours(rep)
	if l == nil || rep.State != "NORMAL" || rep.Percent != 100 {
		return false
	}
	src := t.here[place{l.from, l.source}]
	return src == nil || src.SizeGiB == rep.SizeGiB && src.Encrypted == rep.Encrypted
}

// proven reports whether a replica is complete and is held against its source, or
// was: then its tag says so.
func (t *truth) proven(rep *sim.Snapshot) bool {
	l := t.names.ours(rep)
	return t.complete(rep) && !t.lies(rep) && (t.here[place{l.from, l.source}] != nil || marked(rep) && !t.untold)
}

// bearing names what bears on whether a snapshot is a complete replica: itself, and
// the disk of its source.
func (t *truth) bearing(rep *sim.Snapshot) []any {
	at := []any{place{rep.Region, rep.ID}}
	if l := t.names.ours(rep); l != nil {
		at = append(at, about(l.series(rep.Region))...)
	}
	return at
}

// lies reports whether the name of a replica says what can't be true.
func (t *truth) lies(rep *sim.Snapshot) bool {
	l := t.names.ours(rep)
	src := t.here[place{l.from, l.source}]
	return l.created.After(t.now.Add(time.Hour)) || src != nil && (!l.created.Equal(src.Created.Truncate(time.Second)) || l.disk != src.Disk && src.Disk != "")
}

func marked(rep *sim.Snapshot) bool { return rep.Tags["ferry:state"] == "verified" }

// anyMarked reports whether the service shows that a replica of a pair was proven.
func (t *truth) anyMarked(at pair) bool {
	return !t.untold && slices.ContainsFunc(t.replicas[at], marked)
}

// has reports whether a pair has a proven replica.
func (t *truth) has(at pair) bool { return slices.ContainsFunc(t.replicas[at], t.proven) }

// marked reports whether a complete replica of a pair is tagged as verified.
func (t *truth) marked(at pair) bool {
	return slices.ContainsFunc(t.replicas[at], func(rep *sim.Snapshot) bool { return t.complete(rep) && marked(rep) })
}

// nearly is a copy in a region whose name is nearly that of a wanted replica: the
// same but for case, or one is a beginning of the other. nil: there is none.
func (t *truth) nearly(to, name string) *sim.Snapshot {
	for at, s := range t.here {
		n := min(len(s.Name), len(name))
		if at.region == to && t.names.odd(s) && strings.EqualFold(s.Name[:n], name[:n]) {
			return s
		}
	}
	return nil
}

// describe shows the replicas of a pair.
func (t *truth) describe(at pair) []string {
	var out []string
	for _, rep := range t.there[at] {
		out = append(out, rep.ID+" "+rep.State+" since "+rep.Created.Format(time.DateTime))
	}
	return out
}

// lines describes all that is there, but for what differs from one telling of
// a story to the next: the replicas' ids and the times of their making.
func (t *truth) lines() []string {
	var out []string
	for at, s := range t.here {
		id := at.id
		if t.names.ours(s) != nil {
			id = "replica"
		}
		out = append(out, fmt.Sprint(at.region, " ", id, " ", s.Name, " ", s.State, " ", s.Percent, " % ", s.SizeGiB, " GiB ", s.Tags))
	}
	slices.Sort(out)
	return out
}

// tags are those of a snapshot and its disk together; the snapshot's win.
func (t *truth) tags(s *sim.Snapshot) map[string]string {
	all := map[string]string{}
	maps.Copy(all, t.disks[place{s.Region, s.Disk}])
	maps.Copy(all, s.Tags)
	return all
}

// A want is where a source is to be copied by the settings and the tags, whatever
// its age. There is nowhere for what the service never copies.
type want struct {
	to []string
	// byReplicas says that the disk is gone, and with it the tags that would
	// decide. Then its earlier replicas do, as far as a run observes them.
	byReplicas bool
}

func (p *deployment) wants(t *truth, s *sim.Snapshot) (out want) {
	tags := t.tags(s)
	_, skip := tags["ferry:skip"]
	if skip || s.CopyFromRemote || s.Encrypted || s.Type == "SHARED_SNAPSHOT" || s.State == "TORECYCLE" || len(p.only) > 0 && !slices.Contains(p.only, s.Disk) {
		return want{}
	}
	_, exists := t.disks[place{s.Region, s.Disk}]
	earlier := t.earlier(s)
	if !p.selects(tags) {
		if out.byReplicas = !exists; exists || len(earlier) == 0 {
			return out
		}
	}
	to := p.targets
	if v, ok := tags["ferry:targets"]; ok {
		to = strings.Split(v, "+")
	} else if !exists && s.Disk != "" && slices.ContainsFunc(earlier, func(r string) bool { return !slices.Contains(p.targets, r) }) {
		to, out.byReplicas = earlier, true
	}
	for _, region := range to {
		region = strings.TrimSpace(region)
		finance := strings.HasSuffix(region, "-fsi") == strings.HasSuffix(s.Region, "-fsi")
		if regionForm.MatchString(region) && region != s.Region && finance && !slices.Contains(out.to, region) {
			out.to = append(out.to, region)
		}
	}
	return out
}

// earlier are the regions that hold replicas of a source's disk.
func (t *truth) earlier(s *sim.Snapshot) (regions []string) {
	for at, reps := range t.series {
		if at.from == s.Region && at.disk == s.Disk && slices.ContainsFunc(reps, func(r *sim.Snapshot) bool {
			return !t.lies(r) && (s.Disk != "" || t.names.ours(r).source == s.ID)
		}) {
			regions = append(regions, at.to)
		}
	}
	slices.Sort(regions)
	return regions
}

// selects reports whether SELECT_TAGS lets a snapshot through.
func (p *deployment) selects(tags map[string]string) bool {
	if p.selected == "" {
		return true
	}
	key, value, _ := strings.Cut(p.selected, "=")
	got, ok := tags[key]
	return ok && (value == "*" || got == value)
}
