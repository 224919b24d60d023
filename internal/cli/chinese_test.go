package cli_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"snapferry/internal/cli"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
	"snapferry/internal/status"
)

// stays are the words that no language changes: names of commands, jobs, flags and tools,
// and of things in the tests' clouds.
var stays = regexp.MustCompile(`^(snapferry|demo|status|plan|copy|verify|retain|drill|restore|check|subscribe|policy|invoke|simulate|completion|version|` +
	`tccli|terraform|auto|always|never|bash|zsh|fish|flags|true|false|late|web|database|logs|billing|daily|nightly|stage|commit|contract|` +
	`key|value|default|debug|info|warn|error|testdata|data|host|port|force|jq|source|function|name|path|headers|job|complaint|zh|en|ok|Slack|Error|Shell|Webhook|Bearer|http|coppy|address|in|on|copying|gone|protected|unprotected)$`)

// vendors are the vendor's messages, which stay as they are, and what a person typed.
var vendors = regexp.MustCompile(`[A-Z][A-Za-z.]+: [^()]*\(RequestId [^)]*\)|"[^"]*"`)

// english are the words of a text that nobody translated.
func english(text string) (left []string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "  snapferry ") || strings.HasPrefix(line, "  echo ") || strings.HasPrefix(line, "  source ") || strings.Contains(line, "$ snapferry") {
			continue // typed as it stands
		}
		line = vendors.ReplaceAllString(line, "")
		for _, word := range strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '\n' || c > 0x7f }) {
			word = strings.Trim(word, `.,;:()[]"'`)
			if regexp.MustCompile(`^[A-Za-z]?[a-z']+$`).MatchString(word) && len(word) > 1 && !stays.MatchString(word) && !isOutcome(word) {
				left = append(left, word)
			}
		}
	}
	return left
}

func isOutcome(word string) bool {
	for _, o := range plan.Outcomes() {
		if string(o) == word {
			return true
		}
	}
	return false
}

// With LANGUAGE=zh nothing on the screen is English but ids, settings and the outcomes.
func TestTheCommandLineSpeaksChinese(t *testing.T) {
	for _, story := range []struct {
		rig      func() *rig
		commands []string
	}{
		{func() *rig { b := newRig(t, sim.Options{Rate: -1}); b.states(); b.env["KEEP_LAST"] = "1"; return b }, []string{
			"status", "check", "plan", "copy --dry-run", "copy", "verify --dry-run", "verify", "retain --dry-run", "retain", "drill --dry-run",
			"subscribe --dry-run", "subscribe", "subscribe", "subscribe --remove", "copy --snapshot snap-notthere", "copy --snapshot nothing", "plan --from ap-nowhere",
			"demo --fast", "policy nothing", "policy restore --trust", "invoke /dev/null",
		}},
		{func() *rig { return newSpoilt(t, "green") }, []string{"check"}},
		{func() *rig { return newSpoilt(t, "yellow") }, []string{"check"}},
		{func() *rig { return newSpoilt(t, "red") }, []string{"check"}},
		{func() *rig { return lostRegion(t) }, []string{
			"status --target ap-beijing --source ap-guangzhou", "verify --target ap-beijing --source ap-guangzhou",
			"restore --from ap-guangzhou --to ap-beijing", "restore --from ap-guangzhou --to ap-beijing --yes", "restore --from ap-guangzhou --to ap-shanghai",
			"restore --from ap-guangzhou --to ap-beijing --at 2020-01-01", "restore --from x --to y", "restore --from ap-guangzhou", "restore --from ap-guangzhou --to ap-beijing --write tccli",
		}},
		{func() *rig {
			b := newRig(t, sim.Options{})
			b.env = map[string]string{"RPO": "x", "KEEP_DALY": "1", "SELECT_TAGS": "a", "SHARE_ACCOUNTS": "x", "API_RATE": "0"}
			return b
		}, []string{
			"plan", "copy --json=what", "coppy", "verify --nothing", "--help", "copy --help", "restore --help", "version --help", "completion --help", "status --json --metrics", "simulate --listen x", "completion tcsh", "--color blue",
		}},
	} {
		b := story.rig()
		b.env["LANGUAGE"] = "zh"
		for _, command := range story.commands {
			stdout, stderr, _ := b.run(strings.Fields(command)...)
			if strings.HasPrefix(command, "restore") && strings.Contains(command, "tccli") {
				stdout = ""
			}
			var lines []string
			for line := range strings.Lines(stderr) {
				if !strings.HasPrefix(line, "time=") && !strings.HasPrefix(line, "{") { // the log keeps its language
					lines = append(lines, line)
				}
			}
			text := stdout + strings.Join(lines, "")
			if left := english(text); len(left) > 0 {
				t.Errorf("%s: English is left: %q\n%s", command, left, text)
			}
		}
	}
}

// JSON keeps its language, so that programs need not know of it.
func TestJSONStaysEnglish(t *testing.T) {
	b := newRig(t, sim.Options{Rate: -1})
	b.states()
	b.env["LANGUAGE"] = "zh"
	for _, command := range []string{"verify --json", "status --json", "plan --json"} {
		stdout, _, _ := b.run(strings.Fields(command)...)
		if !json.Valid([]byte(stdout)) || strings.ContainsFunc(stdout, func(c rune) bool { return c > 0x2e80 }) {
			t.Errorf("%s: got %s", command, stdout)
		}
	}
}

// Chinese tables are whole in 80 columns, too: their characters take two.
func TestChineseFitsATerminal(t *testing.T) {
	in := status.Input{Disks: map[string]status.Detail{}}
	for range 3 {
		in.Rows = append(in.Rows, plan.Decision{Kind: plan.KindProtect, Disk: "disk-12345678", From: "ap-guangzhou", To: "ap-beijing", Outcome: plan.Unprotected, Reason: "it has no snapshot: make one, or give it a snapshot policy; if the disk needs no protection, tag it ferry:skip"})
	}
	m := status.Build(in)
	text := cli.StatusOnTerminal(&m, 80, "zh")
	for line := range strings.Lines(regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(text, "")) {
		width := 0
		for _, c := range strings.TrimRight(line, "\n") {
			if width++; c > 0x2e80 {
				width++
			}
		}
		if width > 80 {
			t.Errorf("%d columns: %s", width, line)
		}
	}
	wantText(t, text, "没有快照")
}
