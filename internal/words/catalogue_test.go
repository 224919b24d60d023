package words_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"snapferry/internal/plan"
	"snapferry/internal/words"
)

// speaking are the packages whose sentences people read.
var speaking = []string{
	"../cloud", "../plan", "../job", "../tencent", "../settings", "../event", "../notify", "../status", "../cli", "../deploy", "../../handler",
}

// notForPeople are texts with several words that need no Chinese, each with its reason.
var notForPeople = []struct{ form, reason string }{
	{`^(#|<|data:|default-src|.*frame-ancestors|.*; charset|application/|text/|Bearer|.*ferry:|qcs::|\{"|resource "|tags = |%-|tccli |--DiskCharge)`, "for another program"},
	{`^(\$ )?(snapferry|KEEP_|TARGET_|SHARE_|TENCENTCLOUD_|API_|export |echo |sleep |source <|.*_snapferry|complete -c|autoload|case |COMPREPLY|if \[|elif |%s\) words|"snapferry policy|local |commit |contract )`, "typed as it stands"},
	{`^(demo: |no answer was lost|the copies do not end|the promises do not hold|.* instead of %d$|verify does not ring|%d disks, complaints|create a snapshot|encode the)`, "a fault of the demo itself"},
	{`^(Too many requests, says|no answer: connection closed|answer cut off|serve|wait for another)`, "the simulator's log, or inside the program"},
	{`^(job, snapshotId|snapshot|replica|from|to|and|more|was|with body|EventList|%s: %s|not proven|sources of %s|names in %s|snapferry %s|query|read|write|list|make|target|source) ?$`, "a part of one that is there, or the name of a call"},
}

// blank are the first and last marks that join a text to others.
func bare(text string) string {
	text = strings.TrimRight(strings.TrimLeft(strings.ReplaceAll(text, "${default}", "%s"), ";:,. \n"), " \n")
	for _, end := range []string{":", ": %s", ": %w", ": %v", ";"} {
		text = strings.TrimSuffix(text, end)
	}
	return text
}

// Every sentence of the code and every text of the page is in the catalogue, and the
// catalogue has no other, except values.txt: parts that the code puts together, and what
// libraries say.
func TestTheCatalogueIsThatOfTheCode(t *testing.T) {
	known := map[string]bool{}
	for english := range words.Entries() {
		known[bare(english)] = true
	}
	used := make([]bool, len(notForPeople))
	all := texts(t)
	for text, at := range all {
		if known[text] || !strings.HasPrefix(at, page) && !isSentence(text) {
			continue
		}
		excused := false
		for i, e := range notForPeople {
			if regexp.MustCompile(e.form).MatchString(text) {
				excused, used[i] = true, true
			}
		}
		if !excused {
			t.Errorf("%s: %q has no Chinese in zh/*.txt", at, text)
		}
	}
	for i, e := range notForPeople {
		if !used[i] {
			t.Errorf("nothing is like %s: take it off the list", e.form)
		}
	}
	values, err := os.ReadFile("zh/values.txt")
	if err != nil {
		t.Fatal(err)
	}
	for english := range words.Entries() {
		if all[bare(english)] == "" && !strings.Contains(string(values), english+"\n\t") {
			t.Errorf("%q is nowhere in the code: take it out of zh/*.txt", english)
		}
	}
}

// Each Chinese sentence has every value of the English one, and no form is there twice.
func TestNoValueIsLost(t *testing.T) {
	seen := map[string]bool{}
	for english, chinese := range words.Entries() {
		if seen[english] {
			t.Errorf("%q is there twice", english)
		}
		seen[english] = true
		n := len(words.Slots(english))
		for i := 1; i <= n; i++ {
			if !strings.Contains(chinese, "{"+strconv.Itoa(i)+"}") {
				t.Errorf("%q: %q lacks {%d}", english, chinese, i)
			}
		}
		if strings.Contains(chinese, "{"+strconv.Itoa(n+1)+"}") || strings.Contains(chinese, "%s") {
			t.Errorf("%q: %q has a value too many", english, chinese)
		}
	}
}

// The outcomes' own words stay in every language.
func TestOutcomesStay(t *testing.T) {
	for _, o := range plan.Outcomes() {
		if got := words.In("zh", string(o)); got != string(o) || words.EnglishWords(string(o)) > 0 {
			t.Errorf("%s became %s", o, got)
		}
	}
}

func TestTextsMadeOfSeveral(t *testing.T) {
	for _, c := range []struct{ english, chinese string }{
		{"no proven replica; 3 days old, older than MAX_AGE", "没有已验证的副本；已有 3 天，超过 MAX_AGE"},
		{
			"snap-1 and snap-2 in ap-x are both complete replicas of snap-3: retain keeps one",
			"ap-x 中的 snap-1 和 snap-2 都是 snap-3 的完整副本：retain 会保留一个",
		},
		{
			"copy snap-1 from ap-a to ap-b: AuthFailure: The thing failed to do (RequestId abc-1); grant the named action to the role",
			"将 snap-1 从 ap-a 复制到 ap-b：AuthFailure: The thing failed to do (RequestId abc-1)；请为角色授予上述操作的权限",
		},
		{
			"the regions can't be compared with the service's own list, and the job copy does not need it: list regions: dial tcp 127.0.0.1:9: connect: connection refused; check API_ENDPOINT, API_DOMAIN and the function's network",
			"无法与平台的地域列表比较，而任务 copy 不需要它：列出地域：连接 127.0.0.1:9 被拒绝；请检查 API_ENDPOINT、API_DOMAIN 和函数的网络",
		},
		{
			"event rule: it can't be told whether it is there, and the timer copies anyway: list regions: dial tcp 127.0.0.1:9: connect: connection refused; check API_ENDPOINT, API_DOMAIN and the function's network",
			"事件规则：无法得知它是否存在，定时触发器照常复制：列出地域：连接 127.0.0.1:9 被拒绝；请检查 API_ENDPOINT、API_DOMAIN 和函数的网络",
		},
		{"Words of the vendor, unknown: they stay", "Words of the vendor, unknown: they stay"},
		{`TARGET_REGIONS: "x": is not a region such as ap-guangzhou`, `TARGET_REGIONS："x": 不是地域，例如 ap-guangzhou`},
		{`API_RATE: "0" is not a whole number from 1 to 1000`, `API_RATE："0" 不是 1 到 1000 的整数`},
		{`RPO: "x" is not a duration such as 72h, 3d or 2w`, `RPO："x" 不是时长，例如 72h、3d 或 2w`},
		{"dry run, nothing is changed: 6 started, 2 in-progress, 1 skipped", "试运行，不做更改：6 started，2 in-progress，1 skipped"},
		{"it has no complete replica at or before ap-a, ap-b", "它在 ap-a、ap-b 或之前没有完整的副本"},
		{`{"a": 1, "b": 2}`, `{"a": 1, "b": 2}`},
		{"Usage: snapferry version [flags]", "用法：snapferry version [flags]"},
		{"", ""},
		{"disk-1", "disk-1"},
	} {
		if got := words.In("zh", c.english); got != c.chinese {
			t.Errorf("got  %s\nwant %s", got, c.chinese)
		}
		if got := words.In("en", c.english); got != c.english {
			t.Errorf("English became %s", got)
		}
	}
}

// A text from outside costs little, however it is made.
func TestAHostileTextEnds(t *testing.T) {
	for _, piece := range []string{"a and b; ", "x of y is z, (", ": ", "%s %d {1} ", "，中文 ; "} {
		text := strings.Repeat(piece, 200)
		if words.In("zh", text) == "" {
			t.Error(piece)
		}
	}
}

// page is the template of the status page.
const page = "../status/page.html"

var verb = regexp.MustCompile(`%[-+#0]*[\d.]*[a-zA-Z]`)

// isSentence reports whether a text has several words.
func isSentence(text string) bool {
	plain := strings.TrimSpace(verb.ReplaceAllString(text, ""))
	return strings.Contains(plain, " ") && regexp.MustCompile(`[a-z]{2}`).MatchString(plain)
}

// texts are the texts of the code and of the page, line by line, with their places.
func texts(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	files := token.NewFileSet()
	add := func(at token.Pos, text string) {
		for line := range strings.SplitSeq(text, "\n") {
			all[bare(line)] = files.Position(at).String()
		}
	}
	for _, dir := range speaking {
		names, err := filepath.Glob(dir + "/*.go")
		if err != nil || len(names) == 0 {
			t.Fatal(dir, err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") || name == "../status/metrics.go" {
				continue
			}
			file, err := parser.ParseFile(files, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool { return visit(n, add) })
		}
	}
	html, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`\b(?:t|plain|other) "([^"]+)"`).FindAllStringSubmatch(string(html), -1) {
		all[bare(m[1])] = page
	}
	return all
}

// visit adds the texts of a node: literals, those that + joins as one, and help.
func visit(n ast.Node, add func(token.Pos, string)) bool {
	switch n := n.(type) {
	case *ast.ImportSpec:
		return false
	case *ast.Field:
		if n.Tag != nil {
			tag, _ := strconv.Unquote(n.Tag.Value)
			add(n.Pos(), reflect.StructTag(tag).Get("help"))
			return false
		}
	case *ast.BinaryExpr:
		if text, ok := joined(n); ok {
			add(n.Pos(), text)
			ast.Inspect(n, func(inner ast.Node) bool {
				if call, ok := inner.(*ast.CallExpr); ok {
					ast.Inspect(call, func(n ast.Node) bool { return visit(n, add) })
					return false
				}
				return true
			})
			return false
		}
	case *ast.BasicLit:
		if text, ok := joined(n); ok {
			add(n.Pos(), text)
		}
	}
	return true
}

// joined is a text with %s for what is not literal; ok if there is something literal.
func joined(e ast.Expr) (text string, ok bool) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return joined(e.X)
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			left, a := joined(e.X)
			right, b := joined(e.Y)
			return left + right, a || b
		}
	}
	return "%s", false
}
