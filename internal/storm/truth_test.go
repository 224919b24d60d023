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
	at       time.Time
	names    *names
	here     map[place]*sim.Snapshot
	disks    map[place]map[string]string // tags
	replicas map[pair][]*sim.Snapshot    // ours
	series   map[series][]*sim.Snapshot  // ours
	sources  []*sim.Snapshot             // originals in the protected regions
}

// observe takes down the truth.
func observe(cloud *sim.Cloud, w *world, n *names) *truth {
	all := cloud.Snapshots("")
	t := &truth{
		at: time.Now(), names: n, here: make(map[place]*sim.Snapshot, len(all)), disks: map[place]map[string]string{},
		replicas: map[pair][]*sim.Snapshot{}, series: map[series][]*sim.Snapshot{},
	}
	for i := range all {
		s := &all[i]
		t.here[place{s.Region, s.ID}] = s
		if l := n.ours(s); l != nil {
			t.replicas[l.pair(s.Region)] = append(t.replicas[l.pair(s.Region)], s)
			t.series[l.series(s.Region)] = append(t.series[l.series(s.Region)], s)
		} else if !s.CopyFromRemote && !arriving(s) && slices.Contains(w.sources, s.Region) {
			t.sources = append(t.sources, s)
		}
	}
	for _, disk := range cloud.Disks("") {
		t.disks[place{disk.Region, disk.ID}] = disk.Tags
	}
	return t
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

// has reports whether a pair has a complete replica.
func (t *truth) has(at pair) bool { return slices.ContainsFunc(t.replicas[at], t.complete) }

// marked reports whether a complete replica of a pair is tagged as verified.
func (t *truth) marked(at pair) bool {
	return slices.ContainsFunc(t.replicas[at], func(rep *sim.Snapshot) bool {
		return t.complete(rep) && rep.Tags["ferry:state"] == "verified"
	})
}

// describe shows the replicas of a pair.
func (t *truth) describe(at pair) []string {
	var out []string
	for _, rep := range t.replicas[at] {
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

// wants are the regions that a source is to be copied to by the settings and
// the tags, whatever its age. There are none for what the service never copies.
func (w *world) wants(t *truth, s *sim.Snapshot) []string {
	tags := t.tags(s)
	_, skip := tags["ferry:skip"]
	if skip || s.CopyFromRemote || s.Encrypted || s.Type == "SHARED_SNAPSHOT" || s.State == "TORECYCLE" || !w.selects(s.Disk, tags) {
		return nil
	}
	want := w.targets
	if v, ok := tags["ferry:targets"]; ok {
		want = strings.Split(v, "+")
	}
	var to []string
	for _, region := range want {
		region = strings.TrimSpace(region)
		finance := strings.HasSuffix(region, "-fsi") == strings.HasSuffix(s.Region, "-fsi")
		if regionForm.MatchString(region) && region != s.Region && finance && !slices.Contains(to, region) {
			to = append(to, region)
		}
	}
	return to
}

// selects reports whether SELECT_DISKS and SELECT_TAGS let a snapshot through.
func (w *world) selects(disk string, tags map[string]string) bool {
	if len(w.only) > 0 && !slices.Contains(w.only, disk) {
		return false
	}
	if w.selected == "" {
		return true
	}
	key, value, _ := strings.Cut(w.selected, "=")
	got, ok := tags[key]
	return ok && (value == "*" || got == value)
}
