package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// spoilt builds the program with a mistake in it, in place of a text that
// stands in one of its files.
func spoilt(t *testing.T, file, right, wrong string) (path string) {
	t.Helper()
	dir := t.TempDir()
	source := string(read(t, file))
	if strings.Count(source, right) != 1 {
		t.Fatalf("%q does not stand once in %s", right, file)
	}
	mistaken := filepath.Join(dir, "mistaken.go")
	if err := os.WriteFile(mistaken, []byte(strings.Replace(source, right, wrong, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	full, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{full: mistaken}})
	if err != nil {
		t.Fatal(err)
	}
	list, path := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "main")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	goCommand(t, "build", "-overlay="+list, "-o", path, ".")
	return path
}

// That a storm breaks a promise can only be seen with a mistake in the program.
func TestAReplayThatBreaksAPromiseAsksToBeReported(t *testing.T) {
	path := spoilt(t, "internal/plan/eligible.go", `StateVerified = "verified"`, `StateVerified = "seen"`)
	cmd := exec.Command(path, "simulate", "--check", "--seed", "3")
	cmd.Env = []string{"HOME=" + t.TempDir()}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Fatalf("got %v and %s", err, stderr.String())
	}
	if want := "snapferry: the storm of seed 3 breaks a promise: please report it\n"; stderr.String() != want {
		t.Errorf("got %q, want %q", stderr.String(), want)
	}
	_, end, found := strings.Cut(string(out), "\nseed 3: ")
	summary, violations, _ := strings.Cut(end, "\n")
	if !found || strings.HasSuffix(summary, " 0 violations") || !strings.HasPrefix(violations, "  ") {
		t.Errorf("its last lines are\n%s", end)
	}
}
