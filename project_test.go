package main_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What the tests of the project as a whole share.

// files returns the slash-separated names of the project's own files. It asks
// .gitignore rather than git, which a machine that runs the tests may lack.
func files(t *testing.T) []string {
	t.Helper()
	ignored := append([]string{".git"}, ignorePatterns(t)...)
	var out []string
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		skip := slices.ContainsFunc(ignored, func(pattern string) bool {
			match, err := path.Match(pattern, entry.Name())
			return match && err == nil
		})
		switch {
		case skip && entry.IsDir():
			return fs.SkipDir
		case !skip && entry.Type().IsRegular():
			out = append(out, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ignorePatterns reads .gitignore, whose lines are plain names and patterns of
// names; anything cleverer would need more code here.
func ignorePatterns(t *testing.T) []string {
	t.Helper()
	var patterns []string
	for line := range strings.Lines(string(read(t, ".gitignore"))) {
		line = strings.Trim(strings.TrimSpace(line), "/")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.ContainsAny(line, "/!") {
			t.Fatalf(".gitignore has %q, which these tests do not understand: keep to names", line)
		}
		patterns = append(patterns, line)
	}
	return patterns
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func goCommand(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	var problem bytes.Buffer
	cmd.Stderr = &problem
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, problem.String())
	}
	return out
}
