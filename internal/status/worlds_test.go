package status_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"snapferry/internal/plan"
	"snapferry/internal/status"
)

var t0 = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)

const gz, bj, sh, sg = "ap-guangzhou", "ap-beijing", "ap-shanghai", "ap-singapore"

// row is a decision about a disk in one region, with a proven point of some age; 0
// is none.
func row(disk, to string, state plan.Outcome, age time.Duration) plan.Decision {
	d := plan.Decision{Kind: plan.KindProtect, Disk: "disk-" + disk, From: gz, To: to, Outcome: state, Reason: "because " + disk}
	if age > 0 {
		d.Point, d.Replica = t0.Add(-age), "snap-"+disk+to[3:5]
	}
	return d
}

// input is a small world in which nothing is wrong.
func input(rows ...plan.Decision) status.Input {
	return status.Input{At: t0, RPO: 72 * time.Hour, Version: "1.2.3", Sources: []string{gz}, Targets: []string{bj}, Rows: rows}
}

// large makes a world of n disks and three regions. Of those the given share is
// wrong.
func large(n int, wrong float64) status.Input {
	rng := rand.New(rand.NewPCG(7, uint64(n)))
	id := func(prefix string, i int) string { return fmt.Sprintf("%s-%08x", prefix, uint32(i*2654435761)) }
	zone, _ := time.LoadLocation("Asia/Shanghai")
	in := status.Input{
		At: t0, Took: 4210 * time.Millisecond, Version: "0.4.0", APICalls: n/100*4 + 9, RPO: 72 * time.Hour, Zone: zone,
		Keep: plan.Keep{Last: 3, Daily: 14, Weekly: 8, Monthly: 12, Yearly: 3}, Sources: []string{gz}, Targets: []string{bj, sh, sg},
		Disks: map[string]status.Detail{}, Points: map[status.Series][]uint32{}, Replicas: map[status.Replicas]int{},
	}
	names := []string{"web", "db", "cache", "search", "mail", "build", "files", "queue"}
	for i := range n {
		disk := id("disk", i)
		in.Disks[disk] = status.Detail{Name: fmt.Sprintf("%s-%02d", names[i%len(names)], i/len(names)), Instance: id("ins", i/2), SizeGiB: 20 * (1 + i%25)}
		for r, to := range in.Targets {
			d := plan.Decision{Kind: plan.KindProtect, Disk: disk, From: gz, To: to, Outcome: plan.Protected, Reason: "its newest proven point is 9 hours old"}
			age := time.Duration(8+rng.IntN(16)) * time.Hour
			if rng.Float64() < wrong {
				switch rng.IntN(5) {
				case 0, 1:
					d.Outcome, age = plan.Late, 72*time.Hour+time.Duration(rng.IntN(900))*time.Hour
					d.Reason = "its newest proven point is 4 days old, and RPO is 72h; it has no newer snapshot: check its snapshot policy, or raise RPO if its snapshots are meant to be rarer; if the disk needs no protection, tag it ferry:skip"
				case 2, 3:
					d.Outcome, age = plan.Unprotected, 0
					d.Reason = "no proven replica; snapshot " + id("snap", i) + " of 2026-11-23T13:21:00Z can't be copied: is encrypted: the service does not copy encrypted snapshots; if the disk needs no protection, tag it ferry:skip"
				case 4:
					d.Outcome, age = plan.Arriving, 0
					d.Reason = "its first replica is under way: " + id("snap", 9*i+r) + " is COPYING_FROM_REMOTE, 42 %"
					percent := rng.IntN(100)
					in.Copies = append(in.Copies, status.Copy{Snapshot: id("snap", i), Disk: disk, To: to, Replica: id("snap", 9*i+r), Percent: &percent, Since: t0.Add(-time.Duration(rng.IntN(300)) * time.Minute)})
				}
			}
			if age > 0 {
				d.Replica, d.Point = id("snap", 7*i+r), t0.Add(-age)
				in.Points[status.Series{Disk: disk, To: to}] = []uint32{uint32(t0.Add(-30*time.Hour).Unix()) + uint32(i%2)}
				in.Replicas[status.Replicas{To: to, State: "proven"}]++
			}
			in.Rows = append(in.Rows, d)
		}
	}
	for i, to := range in.Targets {
		in.Quota = append(in.Quota, status.Usage{Region: to, Used: n * (i + 1) * 10, Limit: 64 + 40*n, Week: n * (2 - i)})
	}
	in.Drills = []status.Drill{{To: bj, Disk: id("disk", 0), Replica: id("snap", 7), Week: "2026-W47"}}
	if wrong > 0 {
		in.Unseen = []status.Unseen{{Region: "ap-seoul", Reason: "list snapshots: no answer within 10s"}}
		in.Targets = append(in.Targets, "ap-seoul")
		in.Warnings = []string{"12 points that would be kept are not copied, because they are older than MAX_AGE: MAX_AGE=40d would bring them"}
	}
	return in
}
