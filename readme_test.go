package main_test

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"snapferry/internal/settings"
)

func TestTheReadmesSettingsAreTheCodes(t *testing.T) {
	text := string(read(t, "README.md"))
	for _, v := range settings.Variables() {
		if row := "| `" + v.Name + "` | " + v.Default + " | " + v.Meaning + " |\n"; !strings.Contains(text, row) {
			t.Errorf("README.md lacks the row\n%s", row)
		}
	}
	if got, rows := len(regexp.MustCompile("(?m)^\\| `[A-Z_]+` \\|").FindAllString(text, -1)), len(settings.Variables()); got != rows {
		t.Errorf("README.md has %d settings, the code %d", got, rows)
	}
}

func TestEveryPromiseOfTheReadmeNamesATestThatExists(t *testing.T) {
	section, ok := readmeSection(t, "What it never does")
	if !ok {
		t.Fatal("README.md has no section of promises")
	}
	tests := strings.Split(string(goCommand(t, "test", "-list", ".", "./...")), "\n")
	for promise := range strings.SplitSeq(section, "\n- ") {
		names := regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(promise, -1)
		if strings.Contains(promise, "never") && len(names) == 0 {
			t.Errorf("no test is named for: %s", promise)
		}
		for _, name := range names {
			if !slices.Contains(tests, name[1]) {
				t.Errorf("there is no %s", name[1])
			}
		}
	}
}

// The ids in the demo are the simulator's and the same each time; only the
// clock is not.
func TestTheReadmeShowsWhatTheDemoPrints(t *testing.T) {
	cmd := exec.Command(built(t), "demo")
	cmd.Env = []string{"HOME=" + t.TempDir()}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("demo: %v", err)
	}
	clock := regexp.MustCompile(`\d\d:\d\d:\d\d`)
	shown := clock.ReplaceAllString(string(read(t, "README.md")), "hh:mm:ss")
	if want := "```text\n" + clock.ReplaceAllString(string(out), "hh:mm:ss") + "```\n"; !strings.Contains(shown, want) {
		t.Errorf("README.md does not show this output of the demo:\n%s", out)
	}
}
