package main_test

import (
	"os"
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

// The clock in the demo is not the same each time, and neither are the replicas'
// ids: the order of the copies depends on the minute.
func TestTheReadmeShowsWhatTheDemoPrints(t *testing.T) {
	cmd := exec.Command(built(t), "demo")
	cmd.Env = []string{"HOME=" + t.TempDir()}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("demo: %v", err)
	}
	_, page, _ := strings.Cut(strings.TrimSpace(string(out)), "The page is in ")
	if err := os.Remove(page); err != nil {
		t.Error(err)
	}
	same := func(text []byte) string {
		return regexp.MustCompile(`\d\d:\d\d:\d\d|snap-[0-9a-z]{8}\b|\S*snapferry-demo-\d+\.html`).ReplaceAllString(string(text), "…")
	}
	if want := "```text\n" + same(out) + "```\n"; !strings.Contains(same(read(t, "README.md")), want) {
		t.Errorf("README.md does not show this output of the demo:\n%s", out)
	}
}
