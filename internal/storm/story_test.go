package storm

import (
	"time"

	"snapferry/internal/sim"
)

// newStory is the world of the exhaustive round: several disks, two source and
// two target regions, events and timers, copies that take hours, retention.
func newStory() *world {
	w := &world{
		seed: 1, deployment: deployment{
			sources: []string{"ap-guangzhou", "ap-shanghai"}, targets: []string{"ap-beijing", "ap-chengdu"},
			env: map[string]string{
				"SOURCE_REGIONS": "ap-guangzhou,ap-shanghai", "TARGET_REGIONS": "ap-beijing,ap-chengdu",
				"MAX_AGE": "0", "COPY_TIMEOUT": "4h", "KEEP_LAST": "2", "SHARE_ACCOUNTS": friend,
			},
			accounts: []string{friend}, timeout: 4 * time.Hour, rate: 20, zone: time.UTC,
			rules: []rule{{period: "KEEP_LAST", n: 2}},
		},
		cloud:  sim.Options{CopyTime: 2 * time.Hour, CheckTime: 20 * time.Minute, KeepCalls: -1},
		copies: []instance{{workers: 2}},
		verify: instance{workers: 2},
		retain: instance{workers: 2},
	}
	for i, region := range []string{w.sources[0], w.sources[0], w.sources[1]} {
		w.disks = append(w.disks, sim.Disk{ID: id("disk", mix(21, uint64(i))), Region: region, SizeGiB: 50})
	}
	add := func(disk int, age time.Duration) int {
		d := &w.disks[disk]
		w.snaps = append(w.snaps, snap{
			Snapshot: sim.Snapshot{ID: id("snap", mix(22, uint64(len(w.snaps)))), Region: d.Region, Disk: d.ID, SizeGiB: d.SizeGiB},
			age:      age,
		})
		return len(w.snaps) - 1
	}
	for i, age := range []time.Duration{50 * time.Hour, 26 * time.Hour, 25 * time.Hour, 3 * time.Hour} {
		add([]int{0, 0, 2, 1}[i], age)
	}
	first, second := add(0, 0), add(2, 0)
	hour := func(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }
	w.steps = []step{
		{at: hour(0.1), kind: makeSnap, n: first},
		{at: hour(0.11), kind: event, snaps: []int{first}, limit: 5 * time.Minute},
		{at: hour(0.2), kind: copyTimer, limit: 15 * time.Minute},
		{at: hour(0.5), kind: readySnap, n: first},
		{at: hour(0.6), kind: event, snaps: []int{first}, limit: 10 * time.Second},
		{at: hour(1), kind: verifyTimer, limit: 15 * time.Minute},
		{at: hour(1.5), kind: copyTimer, limit: 10 * time.Second},
		{at: hour(4), kind: verifyTimer, limit: 30 * time.Second},
		{at: hour(4.05), kind: sharing},
		{at: hour(4.1), kind: retainTimer, limit: 30 * time.Second},
		{at: hour(5), kind: makeSnap, n: second},
		{at: hour(5.1), kind: readySnap, n: second},
		{at: hour(5.2), kind: groupEvent, snaps: []int{second}, limit: time.Minute},
		{at: hour(8), kind: copyTimer, limit: 15 * time.Minute},
		{at: hour(8.1), kind: verifyTimer, limit: 10 * time.Second},
		{at: hour(8.2), kind: retainTimer, limit: 10 * time.Second},
	}
	for i := range w.steps {
		w.steps[i].number = uint64(i)
	}
	return w
}
