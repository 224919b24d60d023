package storm

import (
	"strings"
	"time"

	"snapferry/internal/sim"
)

// drawForeign draws snapshots that are none of the function's business.
func (w *world) drawForeign(d draw) {
	for range d.upTo(0, 8) {
		w.foreign = append(w.foreign, w.lookalike(d.Uint64()))
	}
}

// lookalike is a snapshot that is not ours and, mostly, looks a little as if
// it were. Its Created is a span, its age.
func (w *world) lookalike(dice uint64) sim.Snapshot {
	disk := &w.disks[dice%uint64(len(w.disks))]
	l := label{source: id("snap", mix(dice, 1)), disk: disk.ID, from: disk.Region, created: time.Date(1999, 12, 30, 1, 2, 3, 0, time.UTC)}
	s := sim.Snapshot{
		Region: w.targets[mix(dice, 2)%uint64(len(w.targets))], Name: l.name(), SizeGiB: disk.SizeGiB, CopyFromRemote: true,
		Tags: map[string]string{"ferry:state": "verified"},
	}
	names := []string{
		"ferry_x", "nightly", s.Name + "x", "FERRY" + s.Name[5:], "Copied " + l.source + " from " + l.from,
		strings.Replace(s.Name, "_19991230T", "_19990230T", 1), // no such day
		strings.Replace(s.Name, disk.Region, "sa-saopaulo", 1), // another deployment's source
		strings.Replace(s.Name, disk.Region, s.Region, 1),      // in the very region it names
	}
	if i := mix(dice, 3) % uint64(len(names)+1); i < uint64(len(names)) {
		s.Name = names[i]
	} else { // ours by name, but made here
		s.CopyFromRemote, s.Disk = false, id("disk", mix(dice, 4))
	}
	s.Created = time.Time{}.Add(between(mix(dice, 5), time.Hour, 40*24*time.Hour))
	if mix(dice, 6)&7 == 0 {
		s.Type = "SHARED_SNAPSHOT"
	}
	return s
}
