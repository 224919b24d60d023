package cli

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"snapferry/internal/policy"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints a script that completes the commands and their flags.
func (c *completionCommand) Run(a *app, k *kong.Kong) error {
	write := bashCompletion
	switch c.Shell {
	case "zsh":
		write = func(k *kong.Kong) string { return zshBefore + bashCompletion(k) }
	case "fish":
		write = fishCompletion
	}
	a.out.line("%s", write(k))
	return nil
}

// zshBefore makes zsh read what bash reads. A shell without any other completion has to
// begin with its own.
const zshBefore = "autoload -Uz compinit bashcompinit; (( $+functions[compdef] )) || compinit; bashcompinit\n"

// commandArguments are the words that a command takes where others take files.
func commandArguments(n *kong.Node) (names []string) {
	switch n.Name {
	case "policy":
		for _, j := range policy.Jobs() {
			names = append(names, string(j))
		}
	case "completion":
		names = n.Positional[0].EnumSlice()
	}
	return names
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
		fmt.Fprintf(&cases, "    %s) words=%q arguments=%q ;;\n", c.Name, strings.Join(commandFlags(c), " "), strings.Join(commandArguments(c), " "))
	}
	return `_snapferry() {
  local words arguments word=${COMP_WORDS[COMP_CWORD]} everywhere="` + strings.Join(commandFlags(k.Model.Node), " ") + `"
  COMPREPLY=()
  case ${COMP_WORDS[1]} in
` + cases.String() + `  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "` + strings.Join(names, " ") + `" -- "$word"))
  elif [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$words $everywhere" -- "$word"))
  elif [[ -n $arguments ]]; then
    COMPREPLY=($(compgen -W "$arguments" -- "$word"))
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
		if names := commandArguments(c); len(names) > 0 {
			lines = append(lines, fmt.Sprintf("complete -c snapferry -n '__fish_seen_subcommand_from %s' -f -a %q", c.Name, strings.Join(names, " ")))
		}
		for _, flag := range commandFlags(c) {
			lines = append(lines, fmt.Sprintf("complete -c snapferry -n '__fish_seen_subcommand_from %s' -l %s", c.Name, strings.TrimPrefix(flag, "--")))
		}
	}
	return strings.Join(lines, "\n")
}
