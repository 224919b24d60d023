package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"time"

	"snapferry/internal/sim"
)

type simulateCommand struct {
	Listen   string        `default:"127.0.0.1:9000" placeholder:"ADDR" help:"Loopback address to serve at; port 0 takes a free one. Default ${default}."`
	Disks    int           `default:"3" placeholder:"N" help:"How many disks there are, each with a week of daily snapshots. Default ${default}."`
	CopyTime time.Duration `default:"10s" placeholder:"TIME" help:"How long a copy takes, such as 90s or 5m. Default ${default}."`
	Seed     uint64        `default:"1" placeholder:"S" help:"Fixes ids and faults. Default ${default}."`
	Faults   float64       `default:"0" placeholder:"RATE" help:"Share of the requests that break, 0 to 1. Default ${default}."`
}

// simulatorKey signs requests to the simulator. Everybody knows it, so it is
// served on loopback addresses only.
var simulatorKey = sim.Key{ID: "AKIDsimulator0000000000000000000", Secret: "simulatorsimulatorsimulatorsimul"}

// maxDisks keeps the making of the world short.
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
	cloud := c.world(func(text string) {
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
	a.out.line("stopped: %s, %s, %s", number(cloud.Count(""), "request", "requests"),
		number(len(cloud.Copies()), "copy", "copies"), number(len(cloud.Complaints()), "complaint", "complaints"))
	return nil
}

// stop lets requests under way end, for a short while.
func stop(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		_ = server.Close() // what is still open is the simulator's own
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

// introduce prints what a shell needs, then what a person needs.
func (c *simulateCommand) introduce(a *app, at net.Addr, cloud *sim.Cloud) {
	a.out.line("API_ENDPOINT=http://%s", at)
	a.out.line("TENCENTCLOUD_SECRET_ID=%s", simulatorKey.ID)
	a.out.line("TENCENTCLOUD_SECRET_KEY=%s", simulatorKey.Secret)
	a.out.line("")
	a.out.line("A simulated cloud with %s in %s, %s, seed %d.",
		number(len(cloud.Disks(home)), "disk", "disks"), home, number(len(cloud.Snapshots(home)), "snapshot", "snapshots"), c.Seed)
	a.out.line("A copy takes %s; %v %% of the requests break.", c.CopyTime, c.Faults*100)
	a.out.line("ap-beijing and ap-shanghai have room for all; other regions hold 64 snapshots.")
	a.out.line("To use it, in another shell:")
	a.out.line("")
	a.out.line("  export API_ENDPOINT=http://%s", at)
	a.out.line("  export TENCENTCLOUD_SECRET_ID=%s", simulatorKey.ID)
	a.out.line("  export TENCENTCLOUD_SECRET_KEY=%s", simulatorKey.Secret)
	a.out.line("  export SOURCE_REGIONS=%s TARGET_REGIONS=ap-beijing,ap-shanghai", home)
	a.out.line("  snapferry check")
	a.out.line("  snapferry copy")
	a.out.line("  sleep %.0f; snapferry verify", math.Ceil(c.CopyTime.Seconds()*1.2)) // copied, then checked
	a.out.line("")
	a.out.line("Or, with this output in a file sim.txt: export $(head -n 3 sim.txt)")
	a.out.line("Requests are logged below; complaints are what a correct client never does.")
	a.out.line("")
}
