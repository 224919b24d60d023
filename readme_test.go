package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"snapferry/internal/settings"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheReadmesSettingsAreTheCodes(t *testing.T) {
	text := readme(t)
	rows := 0
	for _, v := range settings.Variables() {
		if row := "| `" + v.Name + "` | " + v.Default + " | " + v.Meaning + " |\n"; !strings.Contains(text, row) {
			t.Errorf("README.md lacks the row\n%s", row)
		}
		rows++
	}
	if got := len(regexp.MustCompile("(?m)^\\| `[A-Z_]+` \\|").FindAllString(text, -1)); got != rows {
		t.Errorf("README.md has %d settings, the code %d", got, rows)
	}
}

func TestEveryPromiseOfTheReadmeNamesATestThatExists(t *testing.T) {
	section, ok := readmeSection(t, "What it never does")
	if !ok {
		t.Fatal("README.md has no section of promises")
	}
	out, err := exec.Command("go", "test", "-list", ".", "./...").Output()
	if err != nil {
		t.Fatalf("list the tests: %v", err)
	}
	tests := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		tests[strings.TrimSpace(line)] = true
	}
	for promise := range strings.SplitSeq(section, "\n- ") {
		names := regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(promise, -1)
		if strings.Contains(promise, "never") && len(names) == 0 {
			t.Errorf("no test is named for: %s", promise)
		}
		for _, name := range names {
			if !tests[name[1]] {
				t.Errorf("there is no %s", name[1])
			}
		}
	}
}

// The ids in the demo are the simulator's and the same each time; only the
// clock is not.
func TestTheReadmeShowsWhatTheDemoPrints(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "demo")
	cmd.Env = []string{"HOME=" + filepath.Dir(path)}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("demo: %v", err)
	}
	clock := regexp.MustCompile(`\d\d:\d\d:\d\d`)
	shown := clock.ReplaceAllString(readme(t), "hh:mm:ss")
	if want := "```text\n" + clock.ReplaceAllString(string(out), "hh:mm:ss") + "```\n"; !strings.Contains(shown, want) {
		t.Errorf("README.md does not show this output of the demo:\n%s", out)
	}
}
