package main_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"snapferry/handler"
	"snapferry/internal/job"
	"snapferry/internal/plan"
	"snapferry/internal/settings"
	"snapferry/internal/status"
)

// pages are the documents that exist in English and in Chinese, without their ending.
var pages = []string{
	"README", "docs/deploy", "docs/operate", "docs/restore", "docs/reference", "docs/guarantees", "docs/comparison",
}

var (
	headingLine = regexp.MustCompile(`^(#+) `)
	relative    = regexp.MustCompile(`\]\(([^)#:\s]+)(#[^)\s]*)?\)`)
	metricName  = regexp.MustCompile(`(?m)^# TYPE (snapferry_[a-z_]+) gauge$`)
)

// A block is a fenced block of a document, with its language and the heading above it.
type block struct{ language, text, heading string }

// A document is what the tests compare of a page.
type document struct {
	first    string // line
	headings []string
	rows     int // of tables
	blocks   []block
}

func readDocument(t *testing.T, name string) document {
	t.Helper()
	var d document
	var open *block
	heading := ""
	for i, line := range strings.Split(string(read(t, name)), "\n") {
		if i == 0 {
			d.first = line
		}
		switch language, fence := strings.CutPrefix(line, "```"); {
		case fence && open == nil:
			open = &block{language: language, heading: heading}
		case fence:
			d.blocks = append(d.blocks, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		case headingLine.MatchString(line):
			heading = line
			d.headings = append(d.headings, headingLine.FindStringSubmatch(line)[1])
		case strings.HasPrefix(line, "|"):
			d.rows++
		case strings.HasPrefix(line, "    ") && strings.Contains(line, "──▶"):
			d.blocks = append(d.blocks, block{text: line})
		}
	}
	if open != nil {
		t.Errorf("%s: a block is not closed", name)
	}
	return d
}

// Who reads one language must not miss what the other one says.
func TestBothLanguagesHaveTheSameStructureAndCode(t *testing.T) {
	for _, page := range pages {
		english, chinese := readDocument(t, page+".md"), readDocument(t, page+".zh_CN.md")
		base := path.Base(page)
		demand(t, english.first == "English | [简体中文]("+base+".zh_CN.md)", "%s.md: the first line must lead to the other language, got %q", page, english.first)
		demand(t, chinese.first == "[English]("+base+".md) | 简体中文", "%s.zh_CN.md: the first line must lead to the other language, got %q", page, chinese.first)
		demand(t, slices.Equal(english.headings, chinese.headings), "%s: the headings differ:\n%v\n%v", page, english.headings, chinese.headings)
		demand(t, english.rows == chinese.rows, "%s: the tables have %d rows in English and %d in Chinese", page, english.rows, chinese.rows)
		demand(t, len(english.blocks) == len(chinese.blocks), "%s: %d blocks of code in English, %d in Chinese", page, len(english.blocks), len(chinese.blocks))
		for i := range min(len(english.blocks), len(chinese.blocks)) {
			e, c := english.blocks[i], chinese.blocks[i]
			if page == "README" && (strings.Contains(e.text, "──▶") || strings.Contains(e.text, "timer → verify") || strings.Contains(e.text, "9 verified")) {
				continue // the picture, and what is printed in each language
			}
			demand(t, e.language == c.language && e.text == c.text, "%s: block %d differs:\n%s\n%s", page, i+1, e.text, c.text)
		}
	}
}

// What the README builds in the checkout leaves the checkout clean.
func TestWhatAReaderMakesIsIgnored(t *testing.T) {
	for _, name := range []string{"snapferry", "snapferry.env", "dist"} {
		demand(t, slices.Contains(ignorePatterns(t), name), ".gitignore lacks %s", name)
	}
}

func TestTheReadmesAreShort(t *testing.T) {
	for _, picture := range []string{"docs/status.png", "docs/status.zh_CN.png"} {
		if info, err := os.Stat(picture); err != nil || info.Size() > 150_000 {
			t.Errorf("the screenshot must be there and small: %v, %v", info, err)
		}
	}
	for _, name := range []string{"README.md", "README.zh_CN.md"} {
		if n := strings.Count(string(read(t, name)), "\n"); n > 150 {
			t.Errorf("%s has %d lines, at most 150 are read", name, n)
		}
	}
}

func TestEveryLinkOfTheDocumentsLeadsSomewhere(t *testing.T) {
	for _, name := range files(t) {
		if !strings.HasSuffix(name, ".md") {
			continue
		}
		for _, found := range relative.FindAllStringSubmatch(string(read(t, name)), -1) {
			target := path.Join(path.Dir(name), found[1])
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s is not there", name, found[1])
			}
			if found[2] != "" {
				t.Errorf("%s: %s%s: no test checks places inside a page, so link the page", name, found[1], found[2])
			}
			if strings.HasSuffix(name, ".zh_CN.md") && strings.HasSuffix(target, ".md") && !strings.HasSuffix(target, ".zh_CN.md") &&
				slices.Contains(pages, strings.TrimSuffix(target, ".md")) && strings.TrimSuffix(target, ".md")+".zh_CN.md" != name {
				t.Errorf("%s: %s leads to the English page, and there is a Chinese one", name, found[1])
			}
		}
	}
}

func TestTheReferenceHasEverySettingAsTheCodeHasIt(t *testing.T) {
	english, chinese := string(read(t, "docs/reference.md")), string(read(t, "docs/reference.zh_CN.md"))
	for _, v := range settings.Variables() {
		row := "| `" + v.Name + "` | " + v.Default + " | "
		demand(t, strings.Contains(english, row+v.Meaning+" |\n"), "docs/reference.md lacks the row\n%s%s |", row, v.Meaning)
		demand(t, strings.Contains(chinese, row), "docs/reference.zh_CN.md lacks the row\n%s", row)
	}
	rows := len(settings.Variables())
	for name, text := range map[string]string{"docs/reference.md": english, "docs/reference.zh_CN.md": chinese} {
		got := len(regexp.MustCompile("(?m)^\\| `[A-Z_]+` \\|").FindAllString(text, -1))
		demand(t, got == rows, "%s has %d settings, the code %d", name, got, rows)
	}
	known := map[string]string{}
	for _, v := range settings.Variables() {
		known[v.Name] = v.Default
	}
	for _, name := range []string{"README.md", "README.zh_CN.md"} {
		found := regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| ([^|]*) \\|").FindAllStringSubmatch(string(read(t, name)), -1)
		demand(t, len(found) == 10, "%s has %d settings, its heading says ten", name, len(found))
		for _, row := range found {
			shown, ok := known[row[1]]
			demand(t, ok && shown == row[2], "%s: %s: got the default %q, want %q", name, row[1], row[2], shown)
		}
	}
}

func TestTheReferenceHasEveryMetric(t *testing.T) {
	written := metricName.FindAllStringSubmatch(metricsWithEverything(t), -1)
	demand(t, len(written) > 10, "only %d metrics were found", len(written))
	for _, name := range []string{"docs/reference.md", "docs/reference.zh_CN.md"} {
		text := string(read(t, name))
		for _, found := range written {
			demand(t, strings.Contains(text, "| `"+found[1]+"` |"), "%s has no row for the metric %s", name, found[1])
		}
	}
}

// A person who reads an outcome finds what it means, where it comes from, and what to do.
func TestTheOperatorsPageExplainsEveryOutcomeAndAlert(t *testing.T) {
	alerts := regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(string(read(t, "deploy/alerts.yaml")), -1)
	for _, name := range []string{"docs/operate.md", "docs/operate.zh_CN.md"} {
		text := string(read(t, name))
		explained := map[string]bool{}
		for _, row := range regexp.MustCompile("(?m)^\\| (`[a-z-]+`(?:, `[a-z-]+`)*) \\|(.*)$").FindAllStringSubmatch(text, -1) {
			cells := strings.Split(strings.TrimSuffix(strings.TrimSpace(row[2]), "|"), "|")
			for _, cell := range cells {
				demand(t, strings.TrimSpace(cell) != "", "%s: %s: a cell is empty", name, row[1])
			}
			for _, o := range regexp.MustCompile("`([a-z-]+)`").FindAllStringSubmatch(row[1], -1) {
				explained[o[1]] = len(cells) == 4 // jobs, meaning, cause, what to do
			}
		}
		for _, o := range plan.Outcomes() {
			demand(t, explained[string(o)], "%s has no row with the jobs, meaning, cause and cure of the outcome %s", name, o)
		}
		for _, alert := range alerts {
			demand(t, strings.Contains(text, "`"+alert[1]+"`"), "%s does not have the alert %s", name, alert[1])
		}
	}
}

// everyTest are the names of the project's tests.
func everyTest(t *testing.T) (names []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		for _, found := range regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`).FindAllSubmatch(read(t, path), -1) {
			names = append(names, string(found[1]))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestEveryPromiseNamesATestThatExists(t *testing.T) {
	tests := everyTest(t)
	named := map[string][]string{}
	for name, heading := range map[string]string{"docs/guarantees.md": "What it never does", "docs/guarantees.zh_CN.md": "绝不会做的事"} {
		section, ok := sectionOf(t, name, heading)
		if !ok {
			t.Fatalf("%s has no section of promises", name)
		}
		for i, promise := range strings.Split(section, "\n- ") {
			names := regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(promise, -1)
			demand(t, i == 0 || len(names) > 0, "%s: no test is named for: %s", name, promise)
		}
		for _, found := range regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(string(read(t, name)), -1) {
			demand(t, slices.Contains(tests, found[1]), "%s: there is no %s", name, found[1])
			named[name] = append(named[name], found[1])
		}
	}
	for _, found := range regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(string(read(t, "SECURITY.md")), -1) {
		demand(t, slices.Contains(tests, found[1]), "SECURITY.md: there is no %s", found[1])
	}
	demand(t, slices.Equal(named["docs/guarantees.md"], named["docs/guarantees.zh_CN.md"]), "the two languages name other tests: %v", named)
}

// The clock in the demo is not the same each time, and neither are the replicas'
// ids: the order of the copies depends on the minute.
func TestTheDocumentsShowWhatTheDemoPrints(t *testing.T) {
	english := same(demo(t, "en"))
	demand(t, strings.Contains(same(string(read(t, "docs/development.md"))), "```text\n"+english+"```\n"),
		"docs/development.md does not show this output of the demo:\n%s", english)
	for page, rest := range map[string]string{"README.md": english, "README.zh_CN.md": same(demo(t, "zh"))} {
		shown := false
		for _, b := range readDocument(t, page).blocks {
			if !strings.Contains(b.text, " → verify") {
				continue
			}
			shown = true
			for line := range strings.Lines(same(b.text)) {
				before, after, ok := strings.Cut("\n"+rest, "\n"+line)
				demand(t, ok, "%s: the demo does not print, after the lines before it: %s", page, line)
				if rest = after; !ok {
					rest = before
				}
			}
		}
		demand(t, shown, "%s shows nothing of the demo", page)
	}
}

// demo is what the demo prints in a language. It leaves no page behind.
func demo(t *testing.T, language string) string {
	t.Helper()
	cmd := exec.Command(built(t), "demo")
	cmd.Env = []string{"HOME=" + t.TempDir(), "LANGUAGE=" + language}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("demo: %v", err)
	}
	if err := os.Remove(string(regexp.MustCompile(`\S*snapferry-demo-\d+\.html`).Find(out))); err != nil {
		t.Error(err)
	}
	return string(out)
}

// same leaves out what is another thing in each run.
func same(text string) string {
	return regexp.MustCompile(`\d{4}-\d\d-\d\d|\d\d:\d\d(:\d\d)?|snap-[0-9a-z]{8}\b|disk-[0-9a-z]{8}\b|\S*snapferry-demo-\d+\.html|\d+ API calls?, [0-9.]+ s|\d+ 次 API 调用，[0-9.]+ s|\d+ (minutes?|hours?|seconds?)\b|\b\d+s\b`).ReplaceAllString(text, "…")
}

// sectionOf returns what stands under a heading of the second level.
func sectionOf(t *testing.T, name, heading string) (string, bool) {
	t.Helper()
	_, rest, ok := strings.Cut(string(read(t, name)), "\n## "+heading+"\n")
	section, _, _ := strings.Cut(rest, "\n## ")
	return section, ok
}

func (b block) String() string {
	return fmt.Sprintf("%s, under %q", strings.TrimSpace(b.text), b.heading)
}

// Programs read replies: the schema has every field that the code writes, and the
// example of the status too.
func TestTheReferencesSchemaIsThatOfTheCode(t *testing.T) {
	type object struct {
		Required   []string
		Properties map[string]struct {
			Enum  []string
			Items *struct {
				Properties map[string]struct{ Enum []string }
			}
		}
	}
	var schema object
	var shown map[string]any
	for _, b := range readDocument(t, "docs/reference.md").blocks {
		if b.language != "json" {
			continue
		}
		if !json.Valid([]byte(b.text)) {
			t.Errorf("this is no JSON: %s", b.text)
		}
		var target any
		switch {
		case strings.Contains(b.text, `"properties"`):
			target = &schema
		case strings.Contains(b.text, `"ifLost"`):
			target = &shown
		default:
			continue
		}
		if err := json.Unmarshal([]byte(b.text), target); err != nil {
			t.Fatal(err)
		}
	}
	actions := schema.Properties["actions"].Items
	if actions == nil {
		t.Fatal("there is no schema of actions")
	}
	demand(t, slices.Equal(slices.Sorted(maps.Keys(schema.Properties)), fields[handler.Reply]()), "a reply has the fields %v", fields[handler.Reply]())
	demand(t, slices.Equal(slices.Sorted(maps.Keys(actions.Properties)), fields[job.Action]()), "an action has the fields %v", fields[job.Action]())
	demand(t, slices.Equal(slices.Sorted(maps.Keys(shown)), fields[status.Model]()), "the status has the fields %v", fields[status.Model]())
	for _, o := range plan.Outcomes() {
		demand(t, slices.Contains(actions.Properties["outcome"].Enum, string(o)), "the schema lacks the outcome %s", o)
	}
}

// A command or a target that a reader can't find is there for nobody.
func TestTheDocumentsNameEveryCommandAndOnlyTargetsThatThereAre(t *testing.T) {
	help, err := exec.Command(built(t), "--help").CombinedOutput()
	_, list, found := strings.Cut(string(help), "\nCommands:\n")
	if err != nil || !found {
		t.Fatalf("--help: %v\n%s", err, help)
	}
	list, _, _ = strings.Cut(list, "\n\n")
	for _, name := range []string{"docs/reference.md", "docs/reference.zh_CN.md"} {
		section, _, _ := strings.Cut(string(read(t, name)), "ferry_<")
		for _, command := range regexp.MustCompile(`(?m)^  ([a-z]+)`).FindAllStringSubmatch(list, -1) {
			demand(t, regexp.MustCompile("`(snapferry )?"+command[1]+"[` ]").MatchString(section), "%s does not have the command %s", name, command[1])
		}
	}
	development := string(read(t, "docs/development.md"))
	for _, name := range files(t) {
		if part := strings.Split(name, "/"); part[0] == "internal" {
			demand(t, strings.Contains(development, "`internal/"+part[1]+"`"), "docs/development.md does not say what internal/%s is for", part[1])
		}
		if !strings.HasSuffix(name, ".md") || name == "CHANGELOG.md" {
			continue
		}
		for _, inline := range regexp.MustCompile("`snapferry ([a-z]+)([^`]*)`").FindAllStringSubmatch(string(read(t, name)), -1) {
			help, err := exec.Command(built(t), inline[1], "--help").Output()
			demand(t, err == nil, "%s: %s: there is no such command", name, inline[0])
			for _, flag := range regexp.MustCompile(`--[a-z-]+`).FindAllString(inline[2], -1) {
				demand(t, strings.Contains(string(help), flag), "%s: %s: it has no flag %s", name, inline[0], flag)
			}
		}
		for _, target := range regexp.MustCompile("`make ([a-z-]+)").FindAllStringSubmatch(string(read(t, name)), -1) {
			demand(t, hasTarget(t, target[1]), "%s: the Makefile has no target %s", name, target[1])
		}
	}
}

// fields are the names under which JSON has the fields of a struct.
func fields[T any]() (names []string) {
	for i := range reflect.TypeFor[T]().NumField() {
		f := reflect.TypeFor[T]().Field(i)
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
