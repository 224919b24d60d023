// Command bench measures the function as it is deployed, and prints what it
// takes beside the bound that is promised.
//
//	go run ./internal/bench [-rows settled,pace] [-binary dist/main] [-memory 64]
//
// It starts the binary as the platform does, one process for each invocation,
// and serves a simulated cloud to it over HTTP on this machine. The binary is
// all it knows of the function, so any build can be measured, also an old one.
//
// What it promises:
//
//   - Memory is the most that the process ever took up, as the kernel tells it.
//     1 MB is 1024 × 1024 bytes.
//   - Where a pace is measured, the cloud allows 20 requests a second for each
//     API and region, and counts what it refuses for that. Answers take the time
//     that the row names; half of it passes before the cloud counts the request.
//   - Where memory is measured, the cloud has no rate and answers at once. The
//     function has the largest API_RATE that it accepts.
//   - A run that did not do all of its work says so, and none of its figures
//     counts as ok.
//
// What it does not promise: seconds that are the same on another machine or
// beside other work; TLS, proxies and losses of a real network. It asserts
// nothing: the exit code is 0 also where a bound is passed, and 1 only where
// something could not be measured at all.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// A row is one measurement, which prints several figures.
type row struct {
	name string
	run  func(*bench) error
}

// rows are in the order of the output.
var rows = []row{
	{"settled", (*bench).settled}, // copy, verify, retain of 20,000 sources in 3 targets, nothing to do
	{"large", (*bench).large},     // the same of 100,000 sources
	{"first", (*bench).first},     // first sweep of 20,000 sources in 3 targets, in 60 s
	{"pace", (*bench).pace},       // 400 copies on three networks, and 2,000
	{"sweep", (*bench).sweep},     // settled sweep of 10,000 disks with 7 snapshots in 2 targets
	{"page", (*bench).page},       // the status of 2,000 and 20,000 disks in 3 targets, for visitors
	{"start", (*bench).starts},    // start beside an empty function, and one event
	{"zip", (*bench).zip},         // size of the package
}

// A bench is what all measurements share.
type bench struct {
	binary string
	memory int // of the function, in MB
	rate   int // the largest API_RATE that the binary accepts
}

func main() {
	chosen := flag.String("rows", "", "rows to measure, separated by commas; none: all")
	binary := flag.String("binary", "dist/main", "the function to measure")
	memory := flag.Int("memory", 64, "memory of the function in MB, as the platform tells it")
	flag.Parse()
	b := bench{binary: *binary, memory: *memory}
	if err := b.measure(*chosen); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (b *bench) measure(chosen string) error {
	var names []string
	for _, r := range rows {
		names = append(names, r.name)
	}
	wanted := names
	if chosen != "" {
		wanted = strings.Split(chosen, ",")
	}
	for _, name := range wanted {
		if !slices.Contains(names, name) {
			return fmt.Errorf("there is no row %q: choose from %s", name, strings.Join(names, ", "))
		}
	}
	if err := b.findRate(); err != nil {
		return err
	}
	fmt.Printf("%s, %d MB, API_RATE=%d where memory is measured, %s\n", b.binary, b.memory, b.rate, time.Now().UTC().Format(time.RFC3339))
	fmt.Printf("%-66s %12s %12s\n", "row", "measured", "bound")
	for _, r := range rows {
		if !slices.Contains(wanted, r.name) {
			continue
		}
		if err := r.run(b); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	return nil
}

// A bound is what a figure is held against; the zero one is none.
type bound struct {
	relation string
	value    float64
}

func atMost(v float64) bound { return bound{"<=", v} }

func atLeast(v float64) bound { return bound{">=", v} }

// decimals are those of a figure, by its unit.
var decimals = map[string]int{"MB": 2, "s": 1, "ms": 1, "%": 1, "x": 2}

// printFigure prints one line. bad says why the figure means nothing, "" if it does.
func printFigure(name string, value float64, unit string, b bound, bad string) {
	show := func(v float64) string { return strings.TrimSpace(fmt.Sprintf("%.*f %s", decimals[unit], v, unit)) }
	limit, verdict := "", ""
	if b.relation != "" {
		limit, verdict = b.relation+" "+show(b.value), "ok"
	}
	switch {
	case bad != "":
		verdict = "BAD: " + bad
	case b.relation == "<=" && value > b.value:
		verdict = "over"
	case b.relation == ">=" && value < b.value:
		verdict = "under"
	}
	fmt.Println(strings.TrimRight(fmt.Sprintf("%-66s %12s %12s  %s", name, show(value), limit, verdict), " "))
}
