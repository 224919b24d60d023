package storm

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"snapferry/internal/sim"
)

// A world is all that a seed decides: the account, the settings, the habits of
// the service, and what happens. It is not changed while it is played.
type world struct {
	deployment
	rival *deployment // that somebody else runs in the same account; nil: nobody does
	later *deployment // what the operator changes the settings to

	seed     uint64
	cloud    sim.Options
	skew     time.Duration // by which the service's clock is ahead
	copies   []instance    // of the copy function; overlapping runs share one
	verify   instance
	retain   instance
	disks    []sim.Disk
	snaps    []snap
	foreign  []sim.Snapshot // what is not ours and looks a little as if it were
	steps    []step
	policy   int  // a policy deletes all but so many sources of a disk as new ones are made; 0: none does
	disaster bool // there are drills and restores
	large    bool // several pages of a list, and little time
}

// An instance is a process of the function. Its clock may be off. All of its
// invocations share what it remembers, and its pace.
type instance struct {
	workers int
	skew    time.Duration // by which its clock is ahead
}

// A snap is a snapshot that exists from the start or is made in the storm.
type snap struct {
	sim.Snapshot
	lone  bool          // shows no disk
	age   time.Duration // at the start, of those that exist then
	ready time.Duration // after its making, when it is no longer CREATING
}

var somewhere = []string{
	"ap-guangzhou", "ap-shanghai", "ap-nanjing", "ap-beijing", "ap-chengdu", "ap-hongkong", "ap-singapore",
	"eu-frankfurt", "na-siliconvalley", "ap-tokyo",
}

const (
	closed = "ap-shanghai-fsi" // a finance region: copies only to its like
	like   = "ap-shenzhen-fsi"
)

// newWorld draws the world of a seed.
func newWorld(seed uint64) *world {
	w := &world{seed: seed, deployment: deployment{env: map[string]string{}}}
	d := draws(seed, 1)
	w.large = d.chance(0.02)
	w.places(d)
	w.habits(d)
	w.drawDeployment(d)
	w.drawZones(draws(seed, 9))
	w.drawDisks(draws(seed, 2))
	if w.later = w.other(draws(seed, 6)); w.seed%3 == 0 {
		w.rival = w.other(draws(seed, 7))
	}
	w.drawSnaps(draws(seed, 3))
	w.drawForeign(draws(seed, 4))
	w.steps = w.schedule(draws(seed, 5))
	return w
}

// places draws the regions.
func (w *world) places(d draw) {
	all := slices.Clone(somewhere)
	d.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	n := d.upTo(1, 3)
	w.sources, all = slices.Clone(all[:n]), all[n:]
	n = oneOf(d, 1, 2, 2, 2, 3)
	w.targets = slices.Clone(all[:n])
	if d.chance(0.2) && len(w.sources) > 1 {
		w.targets = append(w.targets, w.sources[0])
	}
	if d.chance(0.1) {
		w.sources = append(w.sources, closed)
	}
}

// habits draws the service: its speed, and each point on which nobody knows it.
func (w *world) habits(d draw) {
	copying := d.between(12*time.Minute, 3*time.Hour)
	w.cloud = sim.Options{
		Seed: w.seed, CopyTime: copying, CheckTime: d.between(2*time.Minute, copying/3), KeepCalls: -1,
		CopySpread: oneOf(d, 0, d.between(0, copying)),
		Quirks: sim.Quirks{
			FuzzyName:         d.chance(0.5),
			NameValues:        oneOf(d, 0, 0, 1, 5),
			SourceCreateTime:  d.chance(0.3),
			CreatingCode:      oneOf(d, "", "UnsupportedOperation.StateError", "ResourceBusy", "InvalidSnapshotId.NotFound"),
			TagBeforeNormal:   d.chance(0.5),
			TopLevelConflict:  d.chance(0.5),
			MaxRegions:        oneOf(d, 0, 0, 1, 2),
			BucketRate:        d.chance(0.5),
			RefusedCount:      d.chance(0.5),
			SystemDiskRefused: d.chance(0.4),
			LateCopyMark:      d.chance(0.5),
			HungReleases:      d.chance(0.5),
			DeleteAnyState:    d.chance(0.3),
			DeleteLag:         oneOf(d, 0, 0, d.between(time.Second, 3*time.Minute)),
			RecycleTime:       oneOf(d, 0, 0, 0, d.between(time.Second, 20*time.Hour)),
			UnknownIDRefuses:  d.chance(0.4),
			TagsUnseen:        d.chance(0.15),
			CopiesAtOnce:      oneOf(d, 0, 0, 0, 0, d.upTo(8, 40)),
			InstantRefused:    d.chance(0.5),
			SizeFollows:       d.chance(0.5),
			DiskIDGoes:        d.chance(0.4),
		},
	}
	switch d.IntN(4) { // a list never stays stale for longer than the copy takes
	case 0:
		w.cloud.Hidden = d.between(time.Second, 10*time.Minute)
	case 1:
		w.cloud.Hidden = d.between(time.Minute, copying)
	}
	if d.chance(0.3) {
		w.skew = d.between(-4*time.Minute, 4*time.Minute)
	}
	w.copies = make([]instance, d.upTo(1, 3))
	for i := range w.copies {
		w.copies[i] = w.drawInstance(d)
	}
	w.verify, w.retain = w.drawInstance(d), w.drawInstance(d)
}

// drawZones draws how disks are made in the target regions.
func (w *world) drawZones(d draw) {
	w.disaster = d.chance(0.35)
	w.env["DRILL_COUNT"] = strconv.Itoa(d.upTo(1, 4))
	w.cloud.DiskTime = oneOf(d, 2*time.Second, d.between(time.Second, time.Minute), d.between(time.Second, 14*time.Minute))
	w.cloud.Quirks.DiskLag = oneOf(d, 0, d.between(time.Second, 5*time.Minute))
	for _, region := range w.targets {
		zones := []string{region + "-1", region + "-2", region + "-2 CLOUD_PREMIUM", region + "-3 CLOUD_BSSD"} // never all
		w.cloud.SoldOut = append(w.cloud.SoldOut, oneOf(d, nil, zones[:1], zones[:2], zones[1:], zones[2:])...)
	}
}

func (w *world) drawInstance(d draw) instance {
	i := instance{workers: oneOf(d, 1, 1, 1, 3, 8)}
	if d.chance(0.2) {
		i.skew = d.between(-4*time.Minute, 4*time.Minute)
	}
	return i
}

// drawDisks draws the disks of all source regions.
func (w *world) drawDisks(d draw) {
	n := d.upTo(3, 7)
	for i := range n {
		disk := sim.Disk{
			ID: id("disk", mix(w.seed, 11, uint64(i))), Region: w.sources[i%len(w.sources)],
			SizeGiB: 10 * d.upTo(1, 50), Usage: "DATA_DISK", Encrypted: d.chance(0.08), Tags: map[string]string{},
		}
		if d.chance(0.15) {
			disk.Usage = "SYSTEM_DISK"
		}
		w.tag(d, disk.Tags, disk.Region, 0.06, 0.85)
		w.disks = append(w.disks, disk)
	}
	if d.chance(0.1) {
		for _, disk := range w.disks[:1+n/2] {
			w.only = append(w.only, disk.ID)
		}
		w.env["SELECT_DISKS"] = strings.Join(w.only, ",")
	}
}

// tag draws the tags that decide about copies.
func (w *world) tag(d draw, tags map[string]string, region string, rare, selected float64) {
	if d.chance(rare) {
		tags["ferry:skip"] = oneOf(d, "true", "1")
	}
	if d.chance(rare) {
		tags["ferry:targets"] = oneOf(d, w.targets[0], region+"+"+w.targets[0], somewhere[d.IntN(len(somewhere))], "nowhere+"+w.targets[0], like)
	}
	if d.chance(selected) {
		tags["env"] = oneOf(d, "prod", "prod", "prod", "test")
	}
}

// drawSnaps draws all snapshots, those that exist at the start first.
func (w *world) drawSnaps(d draw) {
	early, late := d.upTo(4, 16), d.upTo(94, 144)
	if w.large {
		early = d.upTo(120, 240)
	}
	if d.chance(0.6) && !w.large {
		w.policy = d.upTo(2, 5)
	}
	oldest := cmp.Or(w.maxAge, 90*time.Hour) * 5 / 4
	for i := range early + late {
		disk := &w.disks[d.IntN(len(w.disks))]
		s := snap{Snapshot: sim.Snapshot{
			ID: id("snap", mix(w.seed, 12, uint64(i))), Region: disk.Region, Disk: disk.ID, SizeGiB: disk.SizeGiB,
			Usage: disk.Usage, Encrypted: disk.Encrypted, Name: fmt.Sprintf("nightly-%d", i), Tags: map[string]string{},
		}}
		w.tag(d, s.Tags, s.Region, 0.03, 0.05)
		if d.chance(0.02) {
			s.Type = "SHARED_SNAPSHOT"
		}
		s.Instant = d.chance(0.03)
		if s.lone = d.chance(0.03); s.lone {
			s.Disk = ""
		}
		s.ready = d.between(time.Second, 15*time.Minute)
		if i < early {
			s.age = d.between(time.Minute, oldest).Truncate(time.Second)
			s.State = oneOf(d, "NORMAL", "NORMAL", "NORMAL", "NORMAL", "NORMAL", "NORMAL", "NORMAL", "NORMAL", "NORMAL", "TORECYCLE")
		}
		w.snaps = append(w.snaps, s)
	}
}
