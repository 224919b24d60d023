package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"snapferry/internal/settings"
)

// maxHelpWidth bounds the lines of help on wide terminals.
const maxHelpWidth = 110

// withSettings are the commands that read the settings.
var withSettings = []string{"status", "restore", "plan", "copy", "verify", "retain", "drill", "check", "subscribe", "policy", "invoke"}

const credentials = "Credentials: TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY and, for temporary ones, TENCENTCLOUD_TOKEN; " +
	"or the profile file of the vendor's tools (~/.tencentcloud/credentials or ~/.tccli/default.credential)."

// help prints how to use the program or a command, the settings and the examples.
func (a *app) help(_ kong.HelpOptions, ctx *kong.Context) error {
	node, command := ctx.Model.Node, ""
	if selected := ctx.Selected(); selected != nil {
		node, command = selected, selected.Name
	}
	width := min(a.out.columns(), maxHelpWidth)
	say := func(text string) { a.out.line("%s", wrapped(a.out.in(text), "", width)) }
	say(usage(node, command))
	say("")
	say(node.Help)
	a.helpTable("Arguments", width, arguments(node))
	a.helpTable("Flags", width, flags(node))
	if command == "" {
		a.helpTable("Commands", width, subcommands(node))
		say("")
		say(`"snapferry COMMAND --help" has the flags of a command.`)
	}
	if slices.Contains(withSettings, command) {
		say("")
		say("Settings (environment variables; some also as flags):")
		a.out.line("%s", a.settingsTable(width))
		say("")
		say(credentials)
	}
	say("")
	say("Examples:")
	for i := 0; i < len(examples[command]); i += 2 {
		a.out.line("  %s", a.out.paint(bold, examples[command][i]))
		a.out.line("%s", wrapped(a.out.in(examples[command][i+1]), "      ", width))
	}
	if command != "" && command != "demo" && command != "simulate" {
		say("")
		say("Exit code: 0 success, 1 the job reported a failure, 2 wrong usage or settings, 130 interrupted.")
	}
	return nil
}

func usage(node *kong.Node, command string) string {
	text := joined("Usage: snapferry", command)
	if command == "" {
		text += " COMMAND"
	}
	for _, p := range node.Positional {
		text += " <" + p.Name + ">"
	}
	for _, f := range node.Flags {
		if f.Required {
			text += " --" + f.Name + "=" + f.FormatPlaceHolder()
		}
	}
	return text + " [flags]"
}

// helpTable prints names with their meanings, if there are any.
func (a *app) helpTable(title string, width int, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	widest := 0
	for _, r := range rows {
		widest = max(widest, len(r[0]))
	}
	a.out.line("\n%s", a.out.in(title+":"))
	for _, r := range rows {
		lines := strings.Split(wrapped(a.out.in(r[1]), "", width-widest-len("    ")), "\n")
		for i, line := range lines {
			name := ""
			if i == 0 {
				name = r[0]
			}
			a.out.line("%s", strings.TrimRight(fmt.Sprintf("  %-*s  %s", widest, name, line), " "))
		}
	}
}

func arguments(node *kong.Node) (rows [][2]string) {
	for _, p := range node.Positional {
		rows = append(rows, [2]string{"<" + p.Name + ">", p.Help})
	}
	return rows
}

func subcommands(node *kong.Node) (rows [][2]string) {
	for _, c := range node.Children {
		rows = append(rows, [2]string{c.Name, c.Help})
	}
	return rows
}

// flags are a command's own flags and those of every command, except the settings.
func flags(node *kong.Node) (rows [][2]string) {
	for _, group := range node.AllFlags(true) {
		for _, f := range group {
			name := "    --" + f.Name
			if f.Short != 0 {
				name = "-" + string(f.Short) + ", --" + f.Name
			}
			if !f.IsBool() {
				name += "=" + f.FormatPlaceHolder()
			}
			rows = append(rows, [2]string{name, f.Help})
		}
	}
	return rows
}

// settingsTable is the table of all settings, at most width columns wide, with the flags
// that some have.
func (a *app) settingsTable(width int) string {
	const indent = "  "
	t := columns{say: a.out.in, names: []string{"Variable", "Meaning [default]"}, width: width - len(indent)}
	flags := settingFlags{}.names()
	for _, v := range settings.Variables() {
		name := v.Name
		if flag := flags[name]; flag != "" {
			name += "\n  --" + flag
		}
		t.rows = append(t.rows, []string{name, a.out.in(v.Meaning) + " [" + a.out.in(v.Default) + "]"})
	}
	return indent + strings.ReplaceAll(t.render(), "\n", "\n"+indent)
}
