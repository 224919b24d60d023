package cli

import (
	"fmt"
	"math/rand/v2"
	"time"

	"snapferry/internal/sim"
)

// home is where the simulated disks are.
const home = "ap-guangzhou"

// week is how many daily snapshots a disk has.
const week = 7

// world makes the cloud that is served. complain is told of every misuse.
func (c *simulateCommand) world(complain func(string)) *sim.Cloud {
	cloud := sim.New(sim.Options{Seed: c.Seed, CopyTime: c.CopyTime, Misuse: complain, Inject: faults(c.Seed, c.Faults)})
	cloud.AddKey(simulatorKey)
	now := time.Now()
	sizes := []int{50, 100, 20, 500, 200}
	for i := range c.Disks {
		name := fmt.Sprintf("data-%d", i+1)
		disk := cloud.AddDisk(sim.Disk{
			Name: name, SizeGiB: sizes[i%len(sizes)], Created: now.Add(-30 * 24 * time.Hour), Tags: map[string]string{"app": name},
		})
		// The last one is some minutes old, each disk's at its own time.
		last := now.Add(-time.Duration(5+i%50) * time.Minute)
		for day := range week {
			cloud.AddSnapshot(sim.Snapshot{Disk: disk, Name: "daily", Created: last.AddDate(0, 0, day+1-week)})
		}
	}
	// A backlog of many disks is worth watching, so it fits into the regions of
	// the example; elsewhere a region without disks holds 64 snapshots.
	for _, region := range []string{"ap-beijing", "ap-shanghai"} {
		cloud.SetQuota(region, 64+3*week*c.Disks)
	}
	return cloud
}

// faults breaks a share of the requests, the same ones for the same seed and
// the same order of requests.
func faults(seed uint64, rate float64) func(sim.Call) sim.Fault {
	if rate == 0 {
		return nil
	}
	kinds := []sim.Fault{
		{Kind: sim.LoseCall},
		{Kind: sim.LoseReply},
		{Kind: sim.BadGateway},
		{Kind: sim.Refuse, Code: "RequestLimitExceeded", Message: "Too many requests, says the simulator."},
		{Kind: sim.Refuse, Code: "InternalError"},
		{Kind: sim.Truncate},
	}
	chance := rand.New(rand.NewPCG(seed, 0)) // the cloud asks one request at a time
	return func(sim.Call) sim.Fault {
		if chance.Float64() >= rate {
			return sim.Fault{}
		}
		return kinds[chance.IntN(len(kinds))]
	}
}
