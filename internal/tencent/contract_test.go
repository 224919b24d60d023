package tencent_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"snapferry/internal/settings"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

// The contract is what this program relies on of the service, as a table of
// facts. Each cites the paragraph of platform-facts.md that has it, and how it
// is known there. A plain go test holds the simulator to it, in virtual time.
// An operator may hold a real account to the same table:
//
//	go test ./internal/tencent -run TestTheServiceDoes -v -timeout 6h \
//	    -real -source-region ap-guangzhou -target-region ap-beijing \
//	    -snapshot snap-ckgjwkqh -write
//
// with credentials from the environment, as the command line reads them.
// Without -write nothing is changed; with it a few replicas of the snapshot
// are made in the target region, and deleted again.
var (
	onReal         = flag.Bool("real", false, "hold a real account to the contract instead of the simulator")
	mayWrite       = flag.Bool("write", false, "with -real: also the facts that take writing; makes replicas of -snapshot and deletes them")
	sourceRegion   = flag.String("source-region", "", "with -real: a region with snapshots")
	targetRegion   = flag.String("target-region", "", "with -real: a region that replicas may be made in")
	sourceSnapshot = flag.String("snapshot", "", "with -real: a finished snapshot in the source region that may be copied")
)

// A reach is how far into an account a fact goes.
type reach int

const (
	reads     reach = iota // changes nothing
	writes                 // makes replicas, and changes only those
	simulated              // can't be provoked in a real account, or must not be
)

// A fact is one thing that the service does and that we rely on.
type fact struct {
	name  string
	cite  string // paragraph of platform-facts.md; DOC, REC or CODE
	reach reach
	// provokes are the kinds of complaint that the simulator has of it: what a
	// correct client never asks is a fact too.
	provokes string
	options  sim.Options
	check    func(t *testing.T, c *contract)
}

func facts() []fact {
	return slices.Concat(listFacts, accessFacts, copyFacts, replicaFacts, deleteFacts, tagFacts, diskFacts)
}

func TestTheServiceDoesWhatWeRelyOn(t *testing.T) {
	if why := halfAFlag(); why != "" {
		t.Fatal(why)
	}
	var real *contract
	if *onReal {
		real = realContract(t)
	}
	for _, f := range facts() {
		t.Run(f.name, func(t *testing.T) {
			switch {
			case real == nil:
				holdTheSimulator(t, f)
			case f.reach == simulated:
				t.Skip("not to be provoked in a real account")
			case f.reach == writes && !*mayWrite:
				t.Skip("takes -write")
			default:
				f.check(t, real)
			}
		})
	}
}

// halfAFlag says what is missing before a real account may be asked anything.
func halfAFlag() string {
	switch {
	case !*onReal && (*mayWrite || *sourceRegion != "" || *targetRegion != "" || *sourceSnapshot != ""):
		return "-write, -source-region, -target-region and -snapshot go with -real"
	case *onReal && (*sourceRegion == "" || *targetRegion == "" || *sourceRegion == *targetRegion):
		return "-real asks a real account: name it two different regions, -source-region and -target-region"
	case *mayWrite && *sourceSnapshot == "":
		return "-write makes replicas: say of what with -snapshot"
	}
	return ""
}

// holdTheSimulator gives a fact a cloud of its own.
func holdTheSimulator(t *testing.T, f fact) {
	synctest.Test(t, func(t *testing.T) {
		c := simulatedContract(f.options)
		f.check(t, c)
		var kinds []string
		for _, text := range c.world.Complaints() {
			kind, _, _ := strings.Cut(text, ":")
			kinds = append(kinds, kind)
		}
		if got := strings.Join(slices.Compact(kinds), " "); got != f.provokes {
			t.Errorf("complaints: got %q, want %q: %v", got, f.provokes, c.world.Complaints())
		}
		if f.reach == simulated {
			return
		}
		c.clear(t)
		wantNumber(t, "snapshots left in the target region", len(c.world.Snapshots(c.target)), 0)
		wantNumber(t, "originals left", len(c.world.Snapshots(c.source)), originals)
	})
}

func TestEveryFactIsNamedOnceAndCitesWhereItIsKnownFrom(t *testing.T) {
	form := regexp.MustCompile(`^§[1-6] [A-Z].* (DOC|REC|CODE|UNK)$`)
	seen := map[string]bool{}
	note := func(name, cite string) {
		if seen[name] || name == "" || !form.MatchString(cite) {
			t.Errorf("%q, %q: named twice, or without a citation", name, cite)
		}
		seen[name] = true
	}
	for _, f := range facts() {
		note(f.name, f.cite)
	}
	for _, u := range unknowns {
		note(u.name, u.cite)
	}
}

// originals is how many snapshots the simulated source region has: more than
// a page of the usual size.
const originals = 25

func simulatedContract(o sim.Options) *contract {
	w := sim.New(o)
	w.AddKey(sim.Key{ID: id, Secret: key, Token: token})
	c := &contract{world: w, source: gz, target: bj, runName: "snapferry contract", pause: time.Second, patience: time.Minute}
	disk := w.AddDisk(sim.Disk{Region: gz, Zone: "ap-guangzhou-3", SizeGiB: 70})
	for i := range originals {
		c.snapshot = w.AddSnapshot(sim.Snapshot{
			Region: gz, Disk: disk, Name: fmt.Sprintf("daily %02d", i), Created: time.Now().Add(time.Duration(i-originals) * time.Hour),
		})
	}
	c.keys = tencent.Options{ID: id, Key: key, Token: token, Transport: w.Transport()}
	c.cloud = tencent.New(c.keys)
	return c
}

func realContract(t *testing.T) *contract {
	t.Helper()
	found, err := settings.FindCredentials(os.Getenv)
	o := tencent.Options{
		ID: found.ID.Reveal(), Key: found.Key.Reveal(), Token: found.Token.Reveal(),
		Endpoint: os.Getenv("API_ENDPOINT"), Domain: cmp.Or(os.Getenv("API_DOMAIN"), "tencentcloudapi.com"),
	}
	if err != nil {
		if o.ID, o.Key, o.Token, err = tencent.ProfileCredentials(); err != nil {
			t.Fatal("no credentials in the environment, and none in a profile file")
		}
	}
	c := &contract{
		source: *sourceRegion, target: *targetRegion, snapshot: *sourceSnapshot, keys: o, cloud: tencent.New(o),
		runName: "snapferry contract " + time.Now().UTC().Format("20060102T150405"), pause: 10 * time.Second, patience: 3 * time.Hour,
	}
	if o.Endpoint != "" { // a simulator, or a proxy: nobody waits for hours
		c.pause, c.patience = time.Second, 10*time.Minute
	}
	t.Cleanup(func() { c.clear(t) })
	return c
}
