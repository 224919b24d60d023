package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A verdict is what became of a mutant.
type verdict struct {
	caught bool
	detail string // why it was not; of a mutant that was caught, nothing
}

func (v *verdict) word() string {
	if v.caught {
		return "caught"
	}
	return "NOT"
}

// testTime bounds one test: those of the table take a few seconds. A mutant
// that waits for ever is stopped by it.
const testTime = time.Minute

// try plants a mutant and runs its test.
func try(ctx context.Context, root string, m mutant) verdict {
	dir, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return verdict{detail: err.Error()}
	}
	defer func() { _ = os.RemoveAll(dir) }() // a leftover does no harm
	overlay, err := m.plant(root, dir)
	if err != nil {
		return verdict{detail: err.Error()}
	}
	r := goTest(ctx, root, m.pkg, []string{m.test}, m.short, "-overlay="+overlay)
	return r.judge(&m)
}

// judge says whether a test's end means that it caught the mutant.
func (r *result) judge(m *mutant) verdict {
	switch {
	case r.broken != "":
		return verdict{detail: "does not compile or run:\n" + r.broken}
	case r.timedOut && !m.hangs:
		return verdict{detail: "the test hangs instead of saying what is wrong"}
	case r.timedOut || slices.Contains(r.failed, m.test):
		return verdict{caught: true}
	case slices.Contains(r.passed, m.test):
		return verdict{detail: "the test passes with the mistake in place"}
	}
	return verdict{detail: "the test was not run"}
}

// passWithout runs all tests of the table without any mutant.
func passWithout(ctx context.Context, root string, all []mutant) error {
	type group struct {
		pkg   string
		short bool
	}
	tests := map[group][]string{}
	var order []group
	for _, m := range all {
		g := group{m.pkg, m.short}
		if tests[g] == nil {
			order = append(order, g)
		}
		if !slices.Contains(tests[g], m.test) {
			tests[g] = append(tests[g], m.test)
		}
	}
	for _, g := range order {
		r := goTest(ctx, root, g.pkg, tests[g], g.short)
		if r.broken != "" {
			return fmt.Errorf("the tests of %s do not run: %s", g.pkg, r.broken)
		}
		for _, test := range tests[g] {
			if !slices.Contains(r.passed, test) {
				return fmt.Errorf("%s in %s does not pass without any mistake", test, g.pkg)
			}
		}
	}
	return nil
}

// A result is what go test said.
type result struct {
	passed, failed []string // top-level tests
	timedOut       bool
	broken         string // why there was nothing to run
}

// goTest runs some tests of a package.
func goTest(ctx context.Context, root, pkg string, tests []string, short bool, flags ...string) result {
	args := append([]string{"test", "-json", "-count=1", "-vet=off", "-timeout=" + testTime.String()}, flags...)
	if short {
		args = append(args, "-short")
	}
	args = append(args, "-run=^("+strings.Join(tests, "|")+")$", pkg)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	var problem bytes.Buffer
	cmd.Stderr = &problem
	out, err := cmd.Output()
	r := read(out)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		r.broken = err.Error()
	}
	if r.broken == "" && len(r.passed)+len(r.failed) == 0 && !r.timedOut {
		r.broken = strings.TrimSpace(problem.String())
	}
	return r
}

// read makes sense of go test's -json output.
func read(out []byte) (r result) {
	var compiler strings.Builder
	failedToBuild := false
	for line := range bytes.Lines(out) {
		var e struct{ Action, Test, Output string }
		if json.Unmarshal(line, &e) != nil {
			continue
		}
		switch {
		case e.Action == "build-output":
			compiler.WriteString(e.Output)
		case e.Action == "build-fail":
			failedToBuild = true
		case e.Action == "output" && strings.HasPrefix(e.Output, "panic: test timed out after"):
			r.timedOut = true
		case e.Test == "" || strings.Contains(e.Test, "/"):
		case e.Action == "pass":
			r.passed = append(r.passed, e.Test)
		case e.Action == "fail":
			r.failed = append(r.failed, e.Test)
		}
	}
	if failedToBuild {
		r.broken = strings.TrimSpace(compiler.String())
	}
	return r
}

// moduleRoot is the directory of go.mod.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env: %w", err)
	}
	name := strings.TrimSpace(string(out))
	if name == "" || name == os.DevNull {
		return "", errors.New("not in the module")
	}
	return filepath.Dir(name), nil
}
