// Command mutants checks the checks: it plants known mistakes in the program,
// one at a time, and demands that the tests named for each of them fail.
//
//	go run ./internal/mutants [-only text] [-j n] [-storms n]
//
// A mistake is planted with go test -overlay, in a copy: the tree itself is
// never touched. Each named test must pass without the mistake and fail with
// it because of what it found. A mistake that does not compile, or that makes
// the test hang where the table does not say so, counts as not caught. An
// entry of the table is stale, which is an error, if its text is no longer in
// the program or is there twice.
//
// With -storms it plays so many storms against each chosen mistake that storms can
// see, and prints the first seed that finds it.
//
// The exit code is 0 if all mistakes were caught, 1 if one survived, 2 if the
// table or the tests themselves are wrong.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// A mutant is one known mistake, and the tests that must find it.
type mutant struct {
	name      string // the mistake, as one would confess it
	pkg, test string // pkg as go test takes it; "" where storms alone find it
	storms    int    // so many seeds of the storms must find it; 0: they need not
	seen      bool   // storms can see it, too rarely for a check: -storms tries
	short     bool   // the test finds it in its short form too
	hangs     bool   // the mistake shows as a test that does not end
	edits     []edit
}

// An edit replaces a text that stands exactly once in a package, so that a
// file may be split or renamed without the table being told.
type edit struct {
	dir      string // of the package, from the module's root
	old, new string
}

// A check is one run of tests.
type check struct {
	pkg, test, args string
	short           bool
}

// checks are those that must catch a mutant.
func (m *mutant) checks() (all []check) {
	if m.test != "" {
		all = append(all, check{m.pkg, m.test, "", m.short})
	}
	if m.storms > 0 {
		all = append(all, check{"./internal/storm", "TestStorms", fmt.Sprintf("-first -seeds %d", m.storms), false})
	}
	return all
}

func main() {
	only := flag.String("only", "", "plant only mistakes whose name or test has this in it")
	storms := flag.Int("storms", 0, "play so many storms against each mistake that storms can see, and print the seed that finds it")
	atOnce := flag.Int("j", runtime.NumCPU(), "how many to try at once")
	flag.Parse()
	chosen := slices.DeleteFunc(table(), func(m mutant) bool { return !strings.Contains(fmt.Sprint(m.name, m.checks()), *only) })
	root, err := moduleRoot()
	if err == nil {
		err = sound(root, chosen)
	}
	if err == nil && *storms > 0 {
		os.Exit(min(playAll(root, chosen, *storms), 1))
	}
	if err == nil {
		fmt.Printf("%d mistakes; first their tests without them\n", len(chosen))
		err = passWithout(root, chosen)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	}
	survived := tryAll(root, chosen, max(1, *atOnce))
	fmt.Printf("%d of %d mistakes were caught\n", len(chosen)-survived, len(chosen))
	os.Exit(min(survived, 1))
}

// firstSeed is how the storms name a seed that fails.
var firstSeed = regexp.MustCompile(`seed (\d+) fails`)

// playAll plays storms against every mutant that they can see, one after the other,
// since storms use all cores. It prints the first seed that fails, and returns how
// many mutants none finds.
func playAll(root string, chosen []mutant, storms int) (survived int) {
	for _, m := range chosen {
		if !m.seen && m.storms == 0 {
			continue
		}
		m.pkg, m.test, m.storms = "", "", storms
		out, err := m.run(root, m.checks()[0])
		found := firstSeed.FindStringSubmatch(out)
		switch {
		case found != nil:
			fmt.Printf("%8s  %s\n", found[1], m.name)
		case err != nil || !strings.HasPrefix(out, "ok "):
			fmt.Printf("%8s  %s: %v\n%s\n", "error", m.name, err, out)
			survived++
		default:
			fmt.Printf("%8s  %s\n", "none", m.name)
			survived++
		}
	}
	return survived
}

// run plants a mutant, runs one of its tests, and returns what go test says.
func (m *mutant) run(root string, c check) (string, error) {
	dir, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a leftover does no harm
	overlay, err := m.plant(root, dir)
	if err != nil {
		return "", err
	}
	return goTest(root, c, "-overlay="+overlay), nil
}

// tryAll plants every mutant and returns how many were not caught.
func tryAll(root string, chosen []mutant, atOnce int) (survived int) {
	var mu sync.Mutex // guards survived and the output
	var wg sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for _, m := range chosen {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			began := time.Now()
			err := try(root, m)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				fmt.Printf("caught  %s (%.1f s)\n", m.name, time.Since(began).Seconds())
				return
			}
			survived++
			fmt.Printf("NOT     %s\n        %s\n", m.name, strings.ReplaceAll(err.Error(), "\n", "\n        "))
		})
	}
	wg.Wait()
	return survived
}

// try plants a mutant and runs its tests. The error says why it is not caught.
func try(root string, m mutant) error {
	for _, c := range m.checks() {
		out, err := m.run(root, c)
		if err == nil {
			err = caught(out, c.test, m.hangs)
		}
		if err != nil {
			return fmt.Errorf("%s in %s: %w", c.test, c.pkg, err)
		}
	}
	return nil
}

// caught says why the output of a test does not show that it caught a mutant;
// nil if it does.
func caught(out, test string, hangs bool) error {
	timedOut := strings.Contains("\n"+out, "\npanic: test timed out after")
	switch {
	case timedOut && !hangs:
		return errors.New("the test hangs instead of saying what is wrong")
	case timedOut || strings.Contains("\n"+out, "\n--- FAIL: "+test+" "):
		return nil
	case strings.HasPrefix(out, "ok ") && !strings.Contains(out, "[no tests to run]"):
		return errors.New("the test passes with the mistake in place")
	}
	return errors.New("does not compile or run:\n" + out)
}

// passWithout runs all tests of the table without any mutant, those of one
// package together. Of the storms it plays as many as any mutant needs.
func passWithout(root string, chosen []mutant) error {
	tests := map[check][]string{}
	storms := mutant{}
	for _, m := range chosen {
		storms.storms, m.storms = max(storms.storms, m.storms), 0
		for _, c := range m.checks() {
			group := check{pkg: c.pkg, short: c.short}
			tests[group] = append(tests[group], c.test)
		}
	}
	for _, c := range storms.checks() {
		tests[c] = []string{c.test}
	}
	for c, names := range tests {
		c.test = strings.Join(names, "|")
		if out := goTest(root, c); !strings.HasPrefix(out, "ok ") {
			return fmt.Errorf("without any mistake, tests of %s do not pass:\n%s", c.pkg, out)
		}
	}
	return nil
}

// goTest runs tests and returns what go test says. Those of the table take a
// few seconds; a mutant that waits for ever is stopped.
func goTest(root string, c check, flags ...string) string {
	timeout := "-timeout=3m"
	if strings.HasSuffix(c.pkg, "/storm") {
		timeout = "-timeout=60m"
	}
	args := append([]string{"test", "-count=1", "-vet=off", timeout}, flags...)
	if c.short {
		args = append(args, "-short")
	}
	args = append(args, "-run=^("+c.test+")$", c.pkg)
	if c.args != "" {
		args = append(append(args, "-args"), strings.Fields(c.args)...)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	out, _ := cmd.CombinedOutput() // how it ends stands in the output
	return string(out)
}

// plant writes the changed files into dir, and beside them the overlay that
// puts them in place of the true ones. It returns the overlay's name.
func (m *mutant) plant(root, dir string) (string, error) {
	changed := map[string]string{} // by the name of the true file
	for _, e := range m.edits {
		if err := e.apply(root, changed); err != nil {
			return "", err
		}
	}
	replace := map[string]string{}
	for file, content := range changed {
		replace[file] = filepath.Join(dir, fmt.Sprintf("%d.go", len(replace)))
		if err := os.WriteFile(replace[file], []byte(content), 0o600); err != nil {
			return "", err
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, overlay, 0o600)
}

// apply makes an edit on top of those made already.
func (e *edit) apply(root string, changed map[string]string) error {
	files, err := filepath.Glob(filepath.Join(root, e.dir, "*.go"))
	if err != nil {
		return err
	}
	times, found, content := 0, "", ""
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, ok := changed[name]
		if !ok {
			raw, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			text = string(raw)
		}
		if n := strings.Count(text, e.old); n > 0 {
			times, found, content = times+n, name, text
		}
	}
	if times != 1 || e.old == e.new {
		return fmt.Errorf("stale: its text is %d times in %s and must be there once, and must change:\n%s", times, e.dir, e.old)
	}
	changed[found] = strings.Replace(content, e.old, e.new, 1)
	return nil
}

// sound says everything that is wrong with a table: entries that are stale,
// change nothing, or name no test.
func sound(root string, all []mutant) error {
	var errs []error
	seen := map[string]bool{"": true}
	for _, m := range all {
		bad := func(err error) { errs = append(errs, fmt.Errorf("%q: %w", m.name, err)) }
		if seen[m.name] || len(m.edits) == 0 || len(m.checks()) == 0 {
			bad(errors.New("has no name of its own, changes nothing, or names no test"))
		}
		seen[m.name] = true
		changed := map[string]string{}
		for _, e := range m.edits {
			if err := e.apply(root, changed); err != nil {
				bad(err)
			}
		}
		for _, c := range m.checks() {
			if !hasTest(filepath.Join(root, c.pkg), c.test) {
				bad(fmt.Errorf("there is no test %s in %s", c.test, c.pkg))
			}
		}
	}
	return errors.Join(errs...)
}

// hasTest looks for a test function in a package's directory.
func hasTest(dir, test string) bool {
	files, _ := filepath.Glob(filepath.Join(dir, "*_test.go")) // the pattern is well formed
	return slices.ContainsFunc(files, func(file string) bool {
		content, err := os.ReadFile(file)
		return err == nil && strings.Contains(string(content), "\nfunc "+test+"(t *testing.T)")
	})
}

// moduleRoot is the directory of go.mod.
func moduleRoot() (string, error) {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	name := strings.TrimSpace(string(out))
	if err != nil || name == "" || name == os.DevNull {
		return "", errors.Join(errors.New("not in the module"), err)
	}
	return filepath.Dir(name), nil
}
