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
	seed    uint64
	sources []string
	targets []string
	env     map[string]string // the function's settings
	cloud   sim.Options
	skew    time.Duration // by which the service's clock is ahead
	copies  []instance    // of the copy function; overlapping runs share one
	verify  instance
	retain  instance
	disks   []sim.Disk
	snaps   []snap
	foreign []sim.Snapshot // what is not ours and looks a little as if it were
	steps   []step
	policy  int  // a policy deletes all but so many sources of a disk as new ones are made; 0: none does
	large   bool // several pages of a list, and little time

	// The settings once more, as the checks read them.
	timeout, maxAge time.Duration
	rate            int
	selected        string   // "key=value" of SELECT_TAGS; "" selects all
	only            []string // SELECT_DISKS; nil: all
	accounts        []string // SHARE_ACCOUNTS
	rules           []rule
	zone            *time.Location
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
	w := &world{seed: seed, env: map[string]string{}}
	d := draws(seed, 1)
	w.large = d.chance(0.02)
	w.places(d)
	w.habits(d)
	w.settings(d)
	w.drawDisks(draws(seed, 2))
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
	w.env["SOURCE_REGIONS"] = strings.Join(w.sources, ",")
	w.env["TARGET_REGIONS"] = strings.Join(w.targets, ",")
}

// habits draws the service: its speed, and each point on which nobody knows it.
func (w *world) habits(d draw) {
	copying := d.between(12*time.Minute, 3*time.Hour)
	w.cloud = sim.Options{
		Seed: w.seed, CopyTime: copying, CheckTime: d.between(2*time.Minute, copying/3), KeepCalls: -1,
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

func (w *world) drawInstance(d draw) instance {
	i := instance{workers: oneOf(d, 1, 1, 1, 3, 8)}
	if d.chance(0.2) {
		i.skew = d.between(-4*time.Minute, 4*time.Minute)
	}
	return i
}

// settings draws what the operator has chosen.
func (w *world) settings(d draw) {
	usual := (w.cloud.CopyTime + w.cloud.CheckTime) * 5 / 4
	w.timeout = (usual + d.between(20*time.Minute, 3*time.Hour)).Truncate(time.Minute)
	w.env["COPY_TIMEOUT"] = w.timeout.String()
	w.maxAge = oneOf(d, 72*time.Hour, 36*time.Hour, 20*time.Hour, 0)
	w.env["MAX_AGE"] = w.maxAge.String()
	w.rate = 20
	if d.chance(0.4) || w.large {
		w.rate = d.upTo(1, 6)
		w.env["API_RATE"] = strconv.Itoa(w.rate)
	}
	if d.chance(0.2) {
		w.selected = "env=" + oneOf(d, "prod", "*")
		w.env["SELECT_TAGS"] = w.selected
	}
	w.env["DELETE_LIMIT"] = strconv.Itoa(oneOf(d, 50, 50, 5))
	zone := oneOf(d, "Asia/Shanghai", "UTC", "America/New_York")
	w.env["TIME_ZONE"] = zone
	w.zone = zones[zone]
	if d.chance(0.75) {
		w.drawRules(d)
	}
	if d.chance(0.4) {
		w.accounts = []string{friend}
		w.env["SHARE_ACCOUNTS"] = friend
	}
	for name, value := range secrets {
		w.env[name] = value
	}
	w.env["LOG_LEVEL"] = oneOf(d, "debug", "info")
}

// Accounts that replicas get shared with: one may be in SHARE_ACCOUNTS, one is not.
const (
	friend   = "100000000008"
	stranger = "100000000009"
)

const (
	webhookKey = "the-webhooks-key"
	pageToken  = "the-pages-token"
)

// secrets are settings that nobody may read in what the function says.
var secrets = map[string]string{
	"NOTIFY_URL":   "https://hooks.example.com/send?key=" + webhookKey,
	"STATUS_TOKEN": pageToken,
}

// zones are the time zones drawn, without daylight saving: the year of a
// bubble begins in January, and a storm takes days.
var zones = map[string]*time.Location{
	"Asia/Shanghai":    time.FixedZone("CST", 8*60*60),
	"UTC":              time.UTC,
	"America/New_York": time.FixedZone("EST", -5*60*60),
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
