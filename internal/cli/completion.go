package cli

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints a script that completes the commands and their flags.
func (c *completionCommand) Run(a *app, k *kong.Kong) error {
	write := bashCompletion
	switch c.Shell {
	case "zsh":
		write = func(k *kong.Kong) string { return "autoload -Uz bashcompinit && bashcompinit\n" + bashCompletion(k) }
	case "fish":
		write = fishCompletion
	}
	a.out.line("%s", write(k))
	return nil
}

// commandFlags are the flags of a command; of the program those of every command, the
// settings too.
func commandFlags(n *kong.Node) []string {
	var names []string
	for _, f := range n.Flags {
		names = append(names, "--"+f.Name)
	}
	return names
}

// bashCompletion offers the commands, then the flags of the one that is there, else files.
func bashCompletion(k *kong.Kong) string {
	var names []string
	var cases strings.Builder
	for _, c := range k.Model.Children {
		names = append(names, c.Name)
		fmt.Fprintf(&cases, "    %s) words=%q ;;\n", c.Name, strings.Join(commandFlags(c), " "))
	}
	return `_snapferry() {
  local words word=${COMP_WORDS[COMP_CWORD]} everywhere="` + strings.Join(commandFlags(k.Model.Node), " ") + `"
  COMPREPLY=()
  case ${COMP_WORDS[1]} in
` + cases.String() + `  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "` + strings.Join(names, " ") + `" -- "$word"))
  elif [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$words $everywhere" -- "$word"))
  fi
}
complete -o default -F _snapferry snapferry`
}

func fishCompletion(k *kong.Kong) string {
	var lines []string
	for _, flag := range commandFlags(k.Model.Node) {
		lines = append(lines, "complete -c snapferry -l "+strings.TrimPrefix(flag, "--"))
	}
	for _, c := range k.Model.Children {
		lines = append(lines, fmt.Sprintf("complete -c snapferry -n __fish_use_subcommand -f -a %s -d %q", c.Name, c.Help))
		for _, flag := range commandFlags(c) {
			lines = append(lines, fmt.Sprintf("complete -c snapferry -n '__fish_seen_subcommand_from %s' -l %s", c.Name, strings.TrimPrefix(flag, "--")))
		}
	}
	return strings.Join(lines, "\n")
}
