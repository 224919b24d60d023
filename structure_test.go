package main_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	module = "snapferry"
	sdk    = "github.com/tencentcloud/..."
)

// imports are the arrows that must not be there. A package must not reach what
// is forbidden to it, neither by itself nor through another one that is not of
// the standard library; a trailing /... takes in what lies below, and ! in
// front of a path allows it.
var imports = []struct {
	from      string
	forbidden []string
	reason    string
}{
	{
		"internal/plan",
		[]string{"net", "net/...", "os", "os/...", "io/ioutil", "log", "log/...", "math/rand/...", "crypto/rand", "syscall"},
		"the plan does no I/O and throws no dice: the same view of the cloud gives the same plan",
	},
	{
		"internal/plan",
		[]string{module + "/...", "!internal/cloud"},
		"the planner is the core: the others depend on it, not it on them",
	},
	{"internal/cloud", []string{module + "/..."}, "it is the vocabulary that all may use"},
	{"internal/words", []string{module + "/..."}, "it is the catalogue that all who speak to people may use"},
	{"internal/event", []string{module + "/...", "!internal/cloud"}, "events are decoded before anything else is known"},
	{"internal/settings", []string{module + "/...", "!internal/cloud", "!internal/plan"}, "settings are read before anything else is known; the rules among them are the planner's"},
	{
		"internal/sim",
		[]string{module + "/..."},
		"the simulator is a second, independent reading of the API: a shared mistake would be on both sides and never be seen",
	},
	{"internal/sim", []string{sdk}, "the same, for what the vendor's client assumes"},
	{"internal/policy", []string{module + "/...", "!internal/cloud", "!internal/settings", "!internal/plan"}, "it is a table of what jobs call, and calls nothing"},
	{"internal/status", []string{module + "/...", "!internal/plan", "!internal/cloud", "!internal/words"}, "the model is made of decisions, and does no I/O"},
	{"internal/notify", []string{"internal/tencent", sdk, "internal/sim", "handler", "internal/cli"}, "it tells people what a job reports, and nothing else"},
	{"internal/job", []string{module + "/...", "!internal/plan", "!internal/cloud"}, "effects are given what they need: settings, policies and events are read before, and shown and told after"},
	{"internal/job", []string{"internal/tencent", sdk}, "job owns the interface, tencent implements it"},
	{"internal/job", []string{"internal/sim", "handler", "internal/cli"}, "effects know neither who asked for them nor a simulator"},
	{"internal/tencent", []string{"internal/plan", "internal/job", "handler", "internal/cli"}, "it translates the vendor's words, and decides nothing"},
	{"internal/tencent", []string{"internal/sim"}, "it must not know whether it talks to the cloud"},
	{"handler", []string{"internal/tencent", sdk}, "the handler is given its cloud: pages, rates and codes stop in tencent"},
	{"handler", []string{"internal/sim"}, "the function must not know of a simulator; only the commands do"},
	{"handler", []string{"internal/cli"}, "a function has no command line"},
}

func TestImportsPointOneWay(t *testing.T) {
	graph := importGraph(t)
	for _, rule := range imports {
		from := qualified(rule.from)
		if graph[from] == nil {
			t.Errorf("%s is named in a rule and is not a package: change the rule", rule.from)
			continue
		}
		for _, way := range waysTo(graph, from, rule.forbidden) {
			t.Errorf("%s: %s", strings.Join(way, " -> "), rule.reason)
		}
	}
}

// The tests' own means would make the function larger, and slower to start.
func TestTheProgramHoldsNoMeansOfItsTests(t *testing.T) {
	for _, p := range strings.Fields(string(goCommand(t, "list", "-deps", "."))) {
		if within(p, "testing/...") || within(p, qualified("internal/storm")) {
			t.Errorf("the program reaches %s: only tests may", p)
		}
	}
}

func TestOnlyTencentImportsTheSDK(t *testing.T) {
	for from, to := range importGraph(t) {
		if !within(from, module+"/...") || from == qualified("internal/tencent") {
			continue
		}
		for _, p := range to {
			if within(p, sdk) {
				t.Errorf("%s -> %s: one package speaks to the vendor's SDK, internal/tencent", from, p)
			}
		}
	}
}

func TestThePlanHasNoClockAndNoGoroutine(t *testing.T) {
	clock := []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}
	for _, name := range files(t) {
		if path.Dir(name) != "internal/plan" || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		positions, file := parsed(t, name, parser.SkipObjectResolution)
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%s: the plan starts no goroutine", positions.Position(n.Pos()))
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(clock, n.Sel.Name) {
					t.Errorf("%s: the plan is given the time, it does not read time.%s", positions.Position(n.Pos()), n.Sel.Name)
				}
			}
			return true
		})
	}
}

func TestPackagesAreNamedForWhatTheyAreAbout(t *testing.T) {
	vague := []string{"util", "utils", "common", "helper", "helpers", "manager", "types", "misc", "base"}
	for p := range importGraph(t) {
		if within(p, module+"/...") && slices.Contains(vague, path.Base(p)) {
			t.Errorf("%s: what has no name has not been thought about", p)
		}
	}
}

func TestFilesAreShortAndPackagesDocumented(t *testing.T) {
	const most = 400 // lines: what a reader can hold in mind
	documented := map[string]bool{}
	for _, name := range files(t) {
		if path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || slices.Contains(strings.Split(name, "/"), "testdata") {
			continue
		}
		if n := bytes.Count(read(t, name), []byte("\n")); n > most {
			t.Errorf("%s has %d lines, and may have %d: split it where a second thought begins", name, n, most)
		}
		_, file := parsed(t, name, parser.ParseComments|parser.PackageClauseOnly)
		text, dir := file.Doc.Text(), path.Dir(name)
		documented[dir] = documented[dir] || strings.HasPrefix(text, "Package "+file.Name.Name+" ") || file.Name.Name == "main" && strings.HasPrefix(text, "Command ")
	}
	for dir, has := range documented {
		if !has {
			t.Errorf("package %s says nowhere what it is: it needs a comment that begins 'Package %s', or 'Command' for a program", dir, path.Base(dir))
		}
	}
}

func parsed(t *testing.T, name string, mode parser.Mode) (*token.FileSet, *ast.File) {
	t.Helper()
	positions := token.NewFileSet()
	file, err := parser.ParseFile(positions, name, read(t, name), mode)
	if err != nil {
		t.Fatal(err)
	}
	return positions, file
}

func TestTopLevelHoldsOnlyWhatBelongsThere(t *testing.T) {
	allowed := []string{
		"main.go", "handler", "internal", "testdata", "deploy", "docs", "serverless.yml", "Makefile", "README.md", "README.zh_CN.md", "go.mod", "go.sum",
		"LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
	}
	for _, name := range files(t) {
		top, _, _ := strings.Cut(name, "/")
		if !slices.Contains(allowed, top) && !strings.HasPrefix(top, ".") && !strings.HasSuffix(top, "_test.go") {
			t.Errorf("%s: %s does not belong at the top level", name, top)
		}
	}
}

func TestNoFileNamesTheMachineItWasWrittenOn(t *testing.T) {
	// Put together here, so that this file is not its own first finding.
	machine := []string{"/ro" + "ot/", "/wo" + "rk/", "go" + "proxy=", "go" + "proxy.", "proxy.go" + "lang.org"}
	for _, name := range files(t) {
		content := bytes.ToLower(read(t, name))
		for _, word := range machine {
			if at := bytes.Index(content, []byte(word)); at >= 0 {
				t.Errorf("%s:%d holds %q: it means nothing on another machine", name, 1+bytes.Count(content[:at], []byte("\n")), word)
			}
		}
	}
}

func TestEveryDependencyHasAReason(t *testing.T) {
	const page = "docs/development.md"
	section, ok := sectionOf(t, page, "Dependencies")
	if !ok {
		t.Fatal(page + " has no section '## Dependencies'")
	}
	modulePath := regexp.MustCompile("`([a-z0-9-]+(?:\\.[a-z0-9-]+)+/[^`\\s]+)`")
	named := map[string]bool{}
	for _, line := range strings.Split(section, "\n") {
		for _, found := range modulePath.FindAllStringSubmatch(line, -1) {
			named[found[1]] = true
			if rest := modulePath.ReplaceAllString(line, ""); len(strings.Fields(rest)) < 4 {
				t.Errorf("%s names %s without a reason", page, found[1])
			}
		}
	}
	direct := directDependencies(t)
	for _, p := range direct {
		if !named[p] {
			t.Errorf("%s is required in go.mod, and %s has no reason for it", p, page)
		}
	}
	for p := range named {
		if !slices.Contains(direct, p) {
			t.Errorf("%s names %s, which go.mod does not require directly", page, p)
		}
	}
}

func directDependencies(t *testing.T) []string {
	t.Helper()
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(goCommand(t, "mod", "edit", "-json"), &mod); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range mod.Require {
		if !r.Indirect {
			out = append(out, r.Path)
		}
	}
	return out
}

// importGraph returns what each package that ships imports, and what those
// import in turn, but for the standard library, whose insides are not ours.
func importGraph(t *testing.T) map[string][]string {
	t.Helper()
	graph := map[string][]string{}
	const form = `{{if not .Standard}}{{.ImportPath}} {{join .Imports " "}}{{end}}`
	for line := range strings.Lines(string(goCommand(t, "list", "-deps", "-f", form, "./..."))) {
		if words := strings.Fields(line); len(words) > 0 {
			graph[words[0]] = append([]string{}, words[1:]...)
		}
	}
	return graph
}

// waysTo returns a shortest way to each forbidden package that can be reached.
func waysTo(graph map[string][]string, from string, forbidden []string) [][]string {
	var found [][]string
	seen := map[string]bool{from: true}
	for queue := [][]string{{from}}; len(queue) > 0; queue = queue[1:] {
		way := queue[0]
		for _, next := range graph[way[len(way)-1]] {
			if seen[next] {
				continue
			}
			seen[next] = true
			longer := append(slices.Clone(way), next)
			if isForbidden(next, forbidden) {
				found = append(found, longer)
				continue
			}
			queue = append(queue, longer)
		}
	}
	return found
}

func isForbidden(p string, rules []string) bool {
	bad := false
	for _, rule := range rules {
		if allowed, ok := strings.CutPrefix(rule, "!"); ok {
			if within(p, qualified(allowed)) {
				return false
			}
			continue
		}
		bad = bad || within(p, qualified(rule))
	}
	return bad
}

func within(p, pattern string) bool {
	if above, ok := strings.CutSuffix(pattern, "/..."); ok {
		return p == above || strings.HasPrefix(p, above+"/")
	}
	return p == pattern
}

// qualified lets rules name our packages without the module's name.
func qualified(p string) string {
	if p == "handler" || strings.HasPrefix(p, "internal/") {
		return module + "/" + p
	}
	return p
}

func TestWaysToFindsWhatIsReachedThroughOthers(t *testing.T) {
	graph := map[string][]string{
		"snapferry/handler":         {"snapferry/internal/plan", "example.com/helpful"},
		"example.com/helpful":       {"example.com/helpful/inner", "fmt"},
		"example.com/helpful/inner": {"net/http"},
	}
	ways := waysTo(graph, "snapferry/handler", []string{"net/...", "internal/...", "!internal/plan"})
	want := []string{"snapferry/handler", "example.com/helpful", "example.com/helpful/inner", "net/http"}
	if len(ways) != 1 || !slices.Equal(ways[0], want) {
		t.Errorf("got %v, want only %v", ways, want)
	}
}
