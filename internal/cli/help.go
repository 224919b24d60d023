package cli

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"snapferry/internal/settings"
)

// maxHelpWidth bounds the lines of help on wide terminals.
const maxHelpWidth = 110

// examples are shown below the help of a command; those of "" below the help of the
// program.
var examples = map[string][]string{
	"": {
		"snapferry demo", "show what it does, on a simulated cloud",
		"snapferry check", "test the settings and the credentials",
		"snapferry copy --dry-run", "show what would be copied",
	},
	"demo": {
		"snapferry demo", "with pauses between the steps",
		"snapferry demo --fast", "without pauses",
	},
	"copy": {
		"snapferry copy --dry-run", "what would be copied, and why",
		"snapferry copy", "request the copies that are missing",
		"snapferry copy --snapshot snap-ckgjwkqh --to ap-chengdu", "one snapshot, to one more region",
		"snapferry copy --json | jq .counts", "for programs",
	},
	"plan": {
		"snapferry plan", "what copy and retain would do",
		"snapferry plan --from ap-guangzhou --to ap-beijing", "for two regions",
	},
	"retain": {
		"KEEP_DAILY=14 snapferry retain --dry-run", "what would be deleted with this rule",
		"snapferry retain", "delete the replicas that no keep rule keeps",
	},
	"verify": {
		"snapferry verify", "compare all replicas with their sources, and tag the proven ones",
		"snapferry verify --snapshot snap-ckgjwkqh", "the replicas of one snapshot",
		"snapferry verify --dry-run", "compare, but tag nothing",
	},
	"drill": {
		"snapferry drill --dry-run", "whose turn it is",
		"snapferry drill", "restore DRILL_COUNT replicas, tag them, and remove the disks again",
	},
	"restore": {
		"snapferry restore --from ap-guangzhou --to ap-beijing", "show what comes back, from when, and ask",
		`snapferry restore --from ap-guangzhou --to ap-beijing --at "2026-11-23 21:00" --disk disk-omp7wl2m`, "one disk, as it was then",
		"snapferry restore --from ap-guangzhou --to ap-beijing --write terraform", "as configuration, and make nothing",
	},
	"check": {
		"TARGET_REGIONS=ap-beijing SOURCE_REGIONS=ap-guangzhou snapferry check", "the settings that are always needed",
	},
	"invoke": {
		"snapferry invoke event.json", "an event saved from the platform's log",
		`echo '{"job":"copy","dryRun":true}' | snapferry invoke -`, "an operator's request",
	},
	"subscribe": {
		"snapferry subscribe --dry-run", "what would be made or changed",
		"snapferry subscribe", "send events to function snapshot-copy; running it again changes nothing",
		"snapferry subscribe --remove", "remove the rule",
	},
	"policy": {
		"snapferry policy copy", "the permissions of the job copy, for the role of its function",
		"SHARE_ACCOUNTS=100000000002 snapferry policy retain", "with the settings that the function has",
		"snapferry policy copy --trust", "the trust of that role",
	},
	"simulate": {
		"snapferry simulate", "on 127.0.0.1:9000",
		"snapferry simulate --listen 127.0.0.1:0 --faults 0.1 --seed 7", "on any free port; one request in ten fails",
	},
}

// withSettings are the commands that read the settings.
var withSettings = []string{"plan", "copy", "verify", "retain", "drill", "check", "subscribe", "policy", "invoke"}

const credentials = "Credentials: TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY and, for temporary ones, TENCENTCLOUD_TOKEN; " +
	"or the profile file of the vendor's tools (~/.tencentcloud/credentials or ~/.tccli/default.credential)."

// help prints the parser's help, the settings and the examples.
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
		a.out.line("\n%s", wrapped("Exit code: 0 success, 1 the job reported a failure, 2 wrong usage or settings, 130 interrupted.", "", o.WrapUpperBound))
	}
	return nil
}

// settingsTable is the table of all settings, at most width columns wide.
func settingsTable(width int) string {
	const indent = "  "
	t := columns{names: []string{"Variable", "Default", "Meaning"}, width: width - len(indent)}
	for _, v := range settings.Variables() {
		t.rows = append(t.rows, []string{v.Name, v.Default, v.Meaning})
	}
	return indent + strings.ReplaceAll(t.render(), "\n", "\n"+indent)
}
