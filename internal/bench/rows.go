package main

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"snapferry/internal/bench/platform"
)

const (
	usual   = 20               // requests a second that the service allows for each API and region
	longest = 15 * time.Minute // the longest time limit of a function
	perPage = 99               // new rows of a page of 100: one row is in the page before, too
)

var threeTargets = []string{"ap-beijing", "ap-shanghai", "ap-chengdu"}

// normal is the network of all measurements of pace, unless said otherwise.
var normal = network{latency: 150 * time.Millisecond}

// An outcome is what one invocation in a process of its own came to.
type outcome struct {
	platform.Reply
	peak, seconds float64
	refused       int    // requests, for their rate
	bad           string // the function's error, or complaints of the cloud
}

func timer(job string) string {
	return `{"Type":"Timer","TriggerName":"t","Time":"2026-11-23T00:00:00Z","Message":"` + job + `"}`
}

func (b *bench) start(binary string) (*platform.Function, error) {
	return platform.Start(binary, platform.Options{
		Port: "_LAMBDA_SERVER_PORT", Memory: b.memory, Env: strings.Fields(os.Getenv("BENCH_ENV")), Stderr: os.Stderr,
	})
}

// once starts a function, invokes it, and stops it.
func (b *bench) once(w world, s service, event string, rate int, limit time.Duration) (o outcome, err error) {
	f, err := b.start(b.binary)
	if err != nil {
		return o, err
	}
	defer f.Stop()
	refused, complaints := s.Throttled(), len(s.Complaints())
	r, took, failure := f.Invoke(event, w.env(s, rate), limit)
	o.Reply, o.seconds, o.refused = r, took.Seconds(), s.Throttled()-refused
	if failure != nil {
		o.bad = failure.Error()
	} else if all := s.Complaints(); len(all) > complaints {
		o.bad = all[complaints]
	}
	o.peak, err = f.Peak()
	return o, err
}

// alone is once in a world of its own.
func (b *bench) alone(w world, event string, rate int, limit time.Duration) (outcome, error) {
	s := w.serve()
	defer s.Close()
	return b.once(w, s, event, rate, limit)
}

func (o *outcome) print(name string, value float64, unit string, b bound) {
	printFigure(name, value, unit, b, o.bad)
}

// want notes that an outcome was not counted as often as it should be.
func (o *outcome) want(name string, n int) {
	if o.bad == "" && o.Counts[name] != n {
		o.bad = fmt.Sprintf("%d %s expected, got %v", n, name, o.Counts)
	}
}

// findRate finds the largest API_RATE that the binary accepts.
func (b *bench) findRate() error {
	var o outcome
	var err error
	for _, b.rate = range []int{1000, 100} {
		o, err = b.alone(world{sources: 1, disks: 1, targets: threeTargets, replicated: true, rate: -1}, timer("verify"), b.rate, time.Minute)
		if err != nil || !strings.Contains(o.bad, "API_RATE") {
			break
		}
	}
	if err == nil && o.bad != "" {
		err = fmt.Errorf("a verify of one snapshot: %s", o.bad)
	}
	return err
}

func (b *bench) settled() error { return b.nothingToDo(20_000, 24) }

func (b *bench) large() error { return b.nothingToDo(100_000, 60) }

// nothingToDo runs each job on n sources with their replicas.
func (b *bench) nothingToDo(n int, most float64) error {
	w := world{sources: n, disks: n / 10, targets: threeTargets, replicated: true, rate: -1}
	s := w.serve()
	defer s.Close()
	for _, job := range []struct{ name, outcome string }{{"copy", "exists"}, {"verify", "verified"}, {"retain", "kept"}} {
		o, err := b.once(w, s, timer(job.name), b.rate, longest)
		if err != nil {
			return err
		}
		o.want(job.outcome, 3*n)
		name := fmt.Sprintf("%s of %d sources in 3 targets, nothing to do: ", job.name, n)
		o.print(name+"peak", o.peak, "MB", atMost(most))
		o.print(name+"calls", float64(o.APICalls), "", atMost(float64(4*ceil(n, perPage)+ceil(w.disks, 100)+12)))
		o.print(name+"time", o.seconds, "s", bound{})
	}
	return nil
}

func ceil(n, by int) int { return (n + by - 1) / by }

// first has far more to copy than the time limit allows.
func (b *bench) first() error {
	const limit = 60 * time.Second
	w := world{sources: 20_000, disks: 2_000, targets: threeTargets, rate: usual, network: normal}
	o, err := b.alone(w, timer("copy"), usual, limit)
	if err != nil {
		return err
	}
	if o.bad == "" && o.Counts["started"] == 0 {
		o.bad = fmt.Sprintf("nothing was started: %v", o.Counts)
	}
	const name = "first sweep of 20000 sources in 3 targets, limit 60 s: "
	o.print(name+"peak", o.peak, "MB", atMost(48))
	o.print(name+"answer after", o.seconds, "s", atMost(limit.Seconds()))
	o.print(name+"copies", float64(o.Counts["started"]), "", bound{})
	o.print(name+"rate errors", float64(o.refused), "", atMost(0))
	return nil
}

// pace copies without a pause, as fast as the service allows.
func (b *bench) pace() error {
	jitter := network{latency: 150 * time.Millisecond, jitter: 30 * time.Millisecond, connect: 200 * time.Millisecond}
	for _, p := range []struct {
		copies int
		name   string
		n      network
		most   float64 // of the ratio; 0: the share of the rate is shown instead
	}{
		{400, "150 ms", normal, 1.08},
		{400, "300 ms", network{latency: 300 * time.Millisecond}, 1.15},
		{400, "150 ms, jitter", jitter, 1.10},
		{2_000, "150 ms", normal, 0},
	} {
		o, err := b.copies(p.copies, p.n)
		if err != nil {
			return err
		}
		name, least := fmt.Sprintf("%d copies at 20/s, %s: ", p.copies, p.name), float64(p.copies)/usual
		if p.most > 0 {
			o.print(fmt.Sprintf("%stime / bound of %.0f s", name, least), o.seconds/least, "x", atMost(p.most))
			o.print(name+"calls", float64(o.APICalls), "", bound{})
		} else {
			o.print(name+"share of the rate", 100*least/o.seconds, "%", atLeast(97))
		}
		o.print(name+"rate errors", float64(o.refused), "", atMost(0))
	}
	return nil
}

// copies copies n sources to two targets, one request each.
func (b *bench) copies(n int, on network) (outcome, error) {
	w := world{sources: n, disks: n / 10, targets: threeTargets[:2], rate: usual, network: on}
	o, err := b.alone(w, timer("copy"), usual, longest)
	o.want("started", 2*n)
	return o, err
}

// sweep is what runs every few minutes, with the rate that is usual.
func (b *bench) sweep() error {
	const disks, each = 10_000, 7
	w := world{sources: disks * each, disks: disks, targets: threeTargets[:2], replicated: true, rate: usual, network: normal}
	o, err := b.alone(w, timer("copy"), usual, longest)
	if err != nil {
		return err
	}
	o.want("exists", 2*w.sources)
	least := float64(ceil(w.sources, perPage)) / usual
	const name = "settled sweep of 10000 disks x 7 in 2 targets, 150 ms: "
	o.print(fmt.Sprintf("%stime / %.1f s", name, least), o.seconds/least, "x", atMost(1.1))
	o.print(name+"peak", o.peak, "MB", atMost(64))
	o.print(name+"rate errors", float64(o.refused), "", atMost(0))
	return nil
}

// page asks for the status as visitors do.
func (b *bench) page() error {
	asked := *b
	asked.memory = 128
	const most = 6_000_000.0 / (1 << 20) // of a reply
	for _, p := range []struct {
		disks, each int
		path        string
		size, peak  float64
	}{{2_000, 7, "/", 2_000_000.0 / (1 << 20), 64}, {2_000, 7, "/status.json", most, 64}, {20_000, 1, "/", most, 128}, {20_000, 1, "/status.json", most, 128}} {
		w := world{sources: p.disks * p.each, disks: p.disks, targets: threeTargets, replicated: true, rate: -1}
		event := `{"httpMethod":"GET","path":"` + p.path + `","headers":{"Accept-Encoding":"gzip"}}`
		o, err := asked.alone(w, event, asked.rate, longest)
		if err != nil {
			return err
		}
		if o.bad == "" && o.StatusCode != http.StatusOK {
			o.bad = fmt.Sprintf("%d: %.200s", o.StatusCode, o.Body)
		}
		name := fmt.Sprintf("%s of %d disks in 3 targets, %d MB: ", p.path, p.disks, asked.memory)
		o.print(name+"peak", o.peak, "MB", atMost(p.peak))
		o.print(name+"reply", float64(o.Size)/(1<<20), "MB", atMost(p.size))
		o.print(name+"time", o.seconds, "s", bound{})
	}
	return nil
}

// starts compares starts with those of a function that does nothing, in turns:
// what else the machine does strikes both.
func (b *bench) starts() error {
	empty, remove, err := buildEmpty()
	if err != nil {
		return err
	}
	defer remove()
	const times = 15
	var ours, least []time.Duration
	for range times + 1 {
		for binary, all := range map[string]*[]time.Duration{b.binary: &ours, empty: &least} {
			f, err := b.start(binary)
			if err != nil {
				return err
			}
			*all = append(*all, f.Ready)
			f.Stop()
		}
	}
	median := func(all []time.Duration) float64 {
		all = all[1:] // the first one reads the file from the disk
		slices.SortFunc(all, cmp.Compare)
		return all[len(all)/2].Seconds() * 1000
	}
	printFigure("start to first Ping / empty function's", median(ours)/median(least), "x", atMost(1.15), "")
	printFigure("start to first Ping: median", median(ours), "ms", bound{}, "")
	event := `{"specversion":"1.0","source":"cbs.cloud.tencent","type":"cbs:CloudEvent:ApiCall","data":{"eventName":"CreateSnapshot",` +
		`"eventRegion":"ap-guangzhou","errorCode":"0","responseElements":"{\"SnapshotId\":\"snap-00000002\"}"}}`
	o, err := b.alone(world{sources: 3, disks: 1, targets: threeTargets, rate: usual}, event, usual, time.Minute)
	if err != nil {
		return err
	}
	o.want("started", 3)
	o.print("one event, copied to 3 targets: peak", o.peak, "MB", atMost(14))
	return nil
}

// buildEmpty builds the empty function as make builds the real one.
func buildEmpty() (binary string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return "", nil, err
	}
	remove = func() { _ = os.RemoveAll(dir) }
	binary = filepath.Join(dir, "empty")
	build := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags", "-s -w", "-o", binary, "./internal/bench/testdata/empty")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if out, err := build.CombinedOutput(); err != nil {
		remove()
		return "", nil, fmt.Errorf("build the empty function: %w\n%s", err, out)
	}
	return binary, remove, nil
}

// zip packs the binary as make package does.
func (b *bench) zip() error {
	empty, remove, err := buildEmpty()
	if err != nil {
		return err
	}
	defer remove()
	for _, p := range []struct {
		name, binary string
		b            bound
	}{{"zip", b.binary, atMost(4.6)}, {"zip of the empty function", empty, bound{}}} {
		archive := empty + ".zip"
		if out, err := exec.Command("go", "run", "./internal/pack", "zip", p.binary, archive).CombinedOutput(); err != nil {
			return fmt.Errorf("pack: %w\n%s", err, out)
		}
		info, err := os.Stat(archive)
		if err != nil {
			return err
		}
		printFigure(p.name, float64(info.Size())/(1<<20), "MB", p.b, "")
	}
	return nil
}
