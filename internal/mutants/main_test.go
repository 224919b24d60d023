package main

import (
	"strings"
	"testing"
)

// What keeps the table honest without running it, which takes minutes.

func TestNoEntryOfTheTableIsStale(t *testing.T) {
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if err := sound(root, table()); err != nil {
		t.Error(err)
	}
}

func TestThereAreMistakesOfEveryPart(t *testing.T) {
	parts := map[string]int{}
	for _, m := range table() {
		for _, e := range m.edits {
			parts[e.dir]++
		}
	}
	for _, part := range []string{"internal/plan", "internal/job", "internal/tencent", "internal/cloud", "internal/settings", "internal/event", "internal/status", "internal/notify", "handler"} {
		if parts[part] < 3 {
			t.Errorf("%d mistakes in %s", parts[part], part)
		}
	}
}

func TestAStaleEntryIsAnErrorThatNamesIt(t *testing.T) {
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	good := mutant{
		name: "good", pkg: "./internal/plan", test: "TestANameIsWhatTheContractSays",
		edits: []edit{{"internal/plan", "func (k Keep) None() bool", "func  (k Keep) None() bool"}},
	}
	if err := sound(root, []mutant{good}); err != nil {
		t.Fatalf("a good entry: %v", err)
	}
	for what, spoil := range map[string]func(*mutant){
		"text not there":   func(m *mutant) { m.edits = []edit{{"internal/plan", "no such text", ""}} },
		"text there twice": func(m *mutant) { m.edits = []edit{{"internal/plan", "return", ""}} },
		"place not there":  func(m *mutant) { m.edits = []edit{{"internal/nothing", "x", ""}} },
		"changes nothing": func(m *mutant) {
			m.edits = []edit{{"internal/plan", "func (k Keep) None() bool", "func (k Keep) None() bool"}}
		},
		"no edits":            func(m *mutant) { m.edits = nil },
		"changes a test":      func(m *mutant) { m.edits = []edit{{"internal/plan", "package plan_test", ""}} },
		"test not there":      func(m *mutant) { m.test = "TestNothingOfTheKind" },
		"test only beginning": func(m *mutant) { m.test = "TestANameIs" },
		"package not there":   func(m *mutant) { m.pkg = "./internal/nothing" },
	} {
		bad := good
		bad.name = what
		spoil(&bad)
		if err := sound(root, []mutant{bad}); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if err := sound(root, []mutant{good, good}); err == nil {
		t.Error("two of one name are taken")
	}
}

func TestOnlyATestThatSaysWhatIsWrongHasCaughtAMistake(t *testing.T) {
	const fail, pass = "--- FAIL: TestX (0.00s)\n    x_test.go:1: no\nFAIL\n", "ok  \tsnapferry/x\t0.1s\n"
	const hang = "panic: test timed out after 1m0s\n"
	for what, c := range map[string]struct {
		out         string
		hangs, want bool
	}{
		"it fails":                    {fail, false, true},
		"it fails after other output": {"seed 1: no\n" + fail, false, true},
		"it passes":                   {pass, false, false},
		"another one fails":           {strings.ReplaceAll(fail, "TestX", "TestXY"), false, false},
		"nothing is run":              {"ok  \tsnapferry/x\t0.1s [no tests to run]\n", false, false},
		"it does not compile":         {"x.go:1: no\nFAIL\tsnapferry/x [build failed]\n", false, false},
		"it hangs":                    {hang, false, false},
		"it hangs and fails":          {fail + hang, false, false},
		"it hangs, as the table says": {hang, true, true},
	} {
		if err := caught(c.out, "TestX", c.hangs); (err == nil) != c.want {
			t.Errorf("%s: got %v, want caught %v", what, err, c.want)
		}
	}
}
