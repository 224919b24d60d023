package cli

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"snapferry/internal/settings"
)

// maxHelpWidth keeps lines of help readable on wide terminals.
const maxHelpWidth = 110

// examples are shown below a command's help, under "" below the program's.
var examples = map[string][]string{
	"": {
		"snapferry demo", "see what it does, on a simulated cloud",
		"snapferry check", "try the settings and the credentials",
		"snapferry copy --dry-run", "see what would be copied",
	},
	"demo": {
		"snapferry demo", "at a pace to follow",
		"snapferry demo --fast", "without pauses",
	},
	"copy": {
		"snapferry copy --dry-run", "what would be copied, and why",
		"snapferry copy", "request the copies that are missing",
		"snapferry copy --snapshot snap-ckgjwkqh --to ap-chengdu", "one snapshot, to one more region",
		"snapferry copy --json | jq .counts", "for programs",
	},
	"verify": {
		"snapferry verify", "judge all replicas, tag the good ones",
		"snapferry verify --snapshot snap-ckgjwkqh", "the replicas of one snapshot",
		"snapferry verify --dry-run", "judge, tag nothing",
	},
	"check": {
		"TARGET_REGIONS=ap-beijing SOURCE_REGIONS=ap-guangzhou snapferry check", "the least that must be set",
	},
	"invoke": {
		"snapferry invoke event.json", "an event saved from the platform's log",
		`echo '{"job":"copy","dryRun":true}' | snapferry invoke -`, "an operator's request",
	},
	"simulate": {
		"snapferry simulate", "on 127.0.0.1:9000",
		"snapferry simulate --listen 127.0.0.1:0 --faults 0.1 --seed 7", "on any free port, every tenth request broken",
	},
}

// withSettings are the commands that read the settings.
var withSettings = []string{"copy", "verify", "check", "invoke"}

const credentials = "Credentials: TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY and, for temporary ones, TENCENTCLOUD_TOKEN; " +
	"or the profile file that the vendor's tools share."

// help prints the parser's own help, then the settings and the examples.
func (a *app) help(o kong.HelpOptions, ctx *kong.Context) error {
	command := ""
	if selected := ctx.Selected(); selected != nil {
		command = selected.Name
	}
	o.WrapUpperBound = min(a.out.columns(), maxHelpWidth)
	if err := kong.DefaultHelpPrinter(o, ctx); err != nil {
		return err
	}
	if slices.Contains(withSettings, command) {
		a.out.line("\nSettings (environment variables):\n%s", settingsTable(o.WrapUpperBound))
		a.out.line("\n%s", wrapped(credentials, "", o.WrapUpperBound))
	}
	a.out.line("\nExamples:")
	for i := 0; i < len(examples[command]); i += 2 {
		a.out.line("  %s", a.out.paint(bold, examples[command][i]))
		a.out.line("      %s", examples[command][i+1])
	}
	if command != "" && command != "demo" && command != "simulate" {
		a.out.line("\nExit code: 0 done, 1 the job reported a failure, 2 wrong usage or settings.")
	}
	return nil
}

// settingsTable is every setting with its default and meaning, at most width
// columns wide.
func settingsTable(width int) string {
	const indent = "  "
	t := columns{names: []string{"Variable", "Default", "Meaning"}, width: width - len(indent)}
	for _, v := range settings.Variables() {
		t.rows = append(t.rows, []string{v.Name, v.Default, v.Meaning})
	}
	return indent + strings.ReplaceAll(t.render(), "\n", "\n"+indent)
}
