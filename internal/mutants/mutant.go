package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A mutant is one known mistake, and the test that must find it.
type mutant struct {
	name  string // the mistake, as one would confess it
	edits []edit
	pkg   string // of the test, as go test takes it
	test  string
	short bool // the test finds it in its short form too
	hangs bool // the mistake shows as a test that does not end
}

// An edit replaces a text that stands exactly once in a package, so that a
// file may be split or renamed without the table being told.
type edit struct {
	dir      string // of the package, from the module's root
	old, new string
}

func table() []mutant {
	return slices.Concat(planMutants, retainMutants, ferryMutants, tencentMutants, outsideMutants)
}

// planted returns the files that a mutant changes, by their names, with its
// mistakes in them.
func (m *mutant) planted(root string) (map[string]string, error) {
	changed := map[string]string{}
	for _, e := range m.edits {
		file, content, err := e.find(root, changed)
		if err != nil {
			return nil, err
		}
		changed[file] = strings.Replace(content, e.old, e.new, 1)
	}
	return changed, nil
}

// find looks for the file that an edit is about; what was changed already
// counts instead of what is on the disk.
func (e *edit) find(root string, changed map[string]string) (file, content string, err error) {
	files, err := filepath.Glob(filepath.Join(root, e.dir, "*.go"))
	if err != nil {
		return "", "", err
	}
	times := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, known := changed[name]
		if !known {
			raw, err := os.ReadFile(name)
			if err != nil {
				return "", "", err
			}
			text = string(raw)
		}
		if n := strings.Count(text, e.old); n > 0 {
			times += n
			file, content = name, text
		}
	}
	if times != 1 {
		return "", "", fmt.Errorf("stale: its text is %d times in %s and must be there once:\n%s", times, e.dir, e.old)
	}
	return file, content, nil
}

// plant writes the changed files into dir, and beside them the overlay that
// puts them in place of the true ones. It returns the overlay's name.
func (m *mutant) plant(root, dir string) (string, error) {
	changed, err := m.planted(root)
	if err != nil {
		return "", err
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

// sound says everything that is wrong with a table: entries that are stale,
// change nothing, or name no test.
func sound(root string, all []mutant) error {
	var errs []error
	seen := map[string]bool{}
	for _, m := range all {
		bad := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("%q: %w", m.name, fmt.Errorf(format, args...)))
		}
		if m.name == "" || seen[m.name] {
			bad("has no name of its own")
		}
		seen[m.name] = true
		if len(m.edits) == 0 {
			bad("changes nothing")
		}
		for _, e := range m.edits {
			if e.old == e.new {
				bad("changes nothing in %s", e.dir)
			}
		}
		if _, err := m.planted(root); err != nil {
			bad("%w", err)
		}
		if ok, err := hasTest(filepath.Join(root, m.pkg), m.test); err != nil || !ok {
			bad("there is no test %s in %s", m.test, m.pkg)
		}
	}
	return errors.Join(errs...)
}

// hasTest looks for a test function in a package's directory.
func hasTest(dir, test string) (bool, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return false, err
		}
		if strings.Contains(string(content), "\nfunc "+test+"(t *testing.T)") {
			return true, nil
		}
	}
	return false, err
}
