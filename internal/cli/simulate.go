package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/policy"
	"snapferry/internal/settings"
	"snapferry/internal/sim"
)

type simulateCommand struct {
	Listen   string        `default:"127.0.0.1:9000" placeholder:"ADDR" help:"Loopback address to listen on; port 0 is any free port. Default ${default}."`
	Disks    int           `default:"3" placeholder:"N" help:"Number of disks, each with a week of daily snapshots. Default ${default}."`
	CopyTime time.Duration `default:"10s" placeholder:"TIME" help:"How long a copy takes, such as 90s or 5m. Default ${default}."`
	Seed     uint64        `default:"1" placeholder:"S" help:"Seed of ids and faults: the same seed gives the same ones. Default ${default}."`
	Faults   float64       `default:"0" placeholder:"RATE" help:"Share of the requests that fail, from 0 to 1. Default ${default}."`
}

// simulatorKey signs requests to the simulator. It is public, so the simulator
// listens only on loopback addresses.
var simulatorKey = sim.Key{ID: "AKIDsimulator0000000000000000000", Secret: "simulatorsimulatorsimulatorsimul"}

// maxDisks bounds the time to start.
const maxDisks = 2000

// Run serves until it is interrupted.
func (c *simulateCommand) Run(a *app) error {
	if err := c.check(); err != nil {
		return misuse{err}
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return failure{fmt.Errorf("%w: choose another address with --listen, or port 0 for a free one", err)}
	}
	cloud := c.makeCloud(func(text string) {
		_, _ = fmt.Fprintf(a.err, "%s %s\n", a.err.paint(yellow, "complaint:"), text)
	})
	c.introduce(a, listener.Addr(), cloud)
	server := &http.Server{
		Handler:           logged(a.out, cloud),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // requests are logged one by one
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-a.ctx.Done()
		stop(server)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return failure{fmt.Errorf("serve: %w", err)}
	}
	<-stopped
	a.out.say("stopped: %s, %s, %s", number(cloud.Count(""), "request", "requests"),
		number(len(cloud.Copies()), "copy", "copies"), number(len(cloud.Complaints()), "complaint", "complaints"))
	return nil
}

// stop stops the server. Open requests get a short time to end.
func stop(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		_ = server.Close() // the open requests hang on purpose
	}
}

func (c *simulateCommand) check() error {
	host, _, err := net.SplitHostPort(c.Listen)
	ip := net.ParseIP(host)
	switch {
	case err != nil:
		return fmt.Errorf("--listen: %w: write host:port, such as 127.0.0.1:9000", err)
	case host != "localhost" && (ip == nil || !ip.IsLoopback()):
		return fmt.Errorf("--listen: %q is not a loopback address: the simulator's keys are public, so it serves this machine only", c.Listen)
	case c.Disks < 0 || c.Disks > maxDisks:
		return fmt.Errorf("--disks: %d is not a number from 0 to %d", c.Disks, maxDisks)
	case c.CopyTime <= 0:
		return fmt.Errorf("--copy-time: %s is not more than 0", c.CopyTime)
	case !(c.Faults >= 0 && c.Faults <= 1): // also refuses NaN
		return fmt.Errorf("--faults: %v is not a rate from 0 to 1", c.Faults)
	}
	return nil
}

// introduce prints the variables for a shell, then the explanation for a person.
func (c *simulateCommand) introduce(a *app, at net.Addr, cloud *sim.Cloud) {
	a.out.line("API_ENDPOINT=http://%s", at)
	a.out.line("TENCENTCLOUD_SECRET_ID=%s", simulatorKey.ID)
	a.out.line("TENCENTCLOUD_SECRET_KEY=%s", simulatorKey.Secret)
	a.out.line("")
	a.out.say("A simulated cloud with %s in %s, %s, seed %d.",
		number(len(cloud.Disks(demoRegion)), "disk", "disks"), demoRegion, number(len(cloud.Snapshots(demoRegion)), "snapshot", "snapshots"), c.Seed)
	a.out.say("A copy takes %s; %v %% of the requests fail.", c.CopyTime, c.Faults*100)
	a.out.say("ap-beijing and ap-shanghai have quota for all copies; other regions hold 64 snapshots.")
	a.out.say("To use it, in another shell:")
	a.out.line("")
	a.out.line("  export API_ENDPOINT=http://%s", at)
	a.out.line("  export TENCENTCLOUD_SECRET_ID=%s", simulatorKey.ID)
	a.out.line("  export TENCENTCLOUD_SECRET_KEY=%s", simulatorKey.Secret)
	a.out.line("  export SOURCE_REGIONS=%s TARGET_REGIONS=ap-beijing,ap-shanghai", demoRegion)
	a.out.line("  snapferry check")
	a.out.line("  snapferry copy")
	a.out.line("  sleep %.0f; snapferry verify", math.Ceil(c.CopyTime.Seconds()*1.2)) // copied, then checked
	a.out.line("")
	a.out.say("Or, with this output in a file sim.txt: export $(head -n 3 sim.txt)")
	a.out.say("Requests are logged below. \"complaint\" lines report wrong use of the API.")
	a.out.line("")
}

// demoRegion is where the simulated disks are.
const demoRegion = "ap-guangzhou"

// week is how many daily snapshots a disk has.
const week = 7

// makeCloud makes the simulated cloud. complain is called for every misuse.
func (c *simulateCommand) makeCloud(complain func(string)) *sim.Cloud {
	cloud := sim.New(sim.Options{Seed: c.Seed, CopyTime: c.CopyTime, Misuse: complain, Inject: faults(c.Seed, c.Faults)})
	cloud.AddKey(simulatorKey)
	addFunction(cloud)
	now := time.Now()
	sizes := []int{50, 100, 20, 500, 200}
	for i := range c.Disks {
		name := fmt.Sprintf("data-%d", i+1)
		disk := cloud.AddDisk(sim.Disk{
			Name: name, SizeGiB: sizes[i%len(sizes)], Created: now.Add(-30 * 24 * time.Hour), Tags: map[string]string{"app": name},
		})
		// The last snapshot is some minutes old. Each disk has its own time.
		last := now.Add(-time.Duration(5+i%50) * time.Minute)
		for day := range week {
			cloud.AddSnapshot(sim.Snapshot{Disk: disk, Name: "daily", Created: last.AddDate(0, 0, day+1-week)})
		}
	}
	// The target regions of the example have quota for all copies. Other regions
	// without disks hold 64 snapshots.
	for _, region := range []string{"ap-beijing", "ap-shanghai"} {
		cloud.SetQuota(region, 64+3*week*c.Disks)
	}
	return cloud
}

// addFunction deploys the function for copying, for subscribe. Nothing runs it.
func addFunction(world *sim.Cloud) {
	const name, role = "snapshot-copy", "SnapferryCopy"
	world.SetRole(sim.Role{Name: role, Policies: []sim.Policy{{Name: role, Document: policy.For([]cloud.Job{cloud.Copy}, settings.Settings{})}}})
	world.AddFunction(demoRegion, "default", name)
	world.ChangeFunction(demoRegion, "default", name, func(f *sim.Function) {
		f.Role, f.LogTopic = role, "snapferry"
		f.Environment = map[string]string{"JOB": "copy", "SOURCE_REGIONS": demoRegion, "TARGET_REGIONS": "ap-beijing,ap-shanghai"}
	})
}

// faults lets a share of the requests fail: the same ones for the same seed and the
// same order of requests.
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
