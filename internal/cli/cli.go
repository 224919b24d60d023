// Package cli is snapferry's command line. It makes events from arguments, gives
// them to the handler that also serves the function, and prints the replies.
//
// It promises:
//
//   - Flags are checked in the same way as events.
//   - With --json, standard output has only the reply. Logs and progress go to
//     standard error.
//   - The exit code is 0 for success, 1 if the job reported a failure, 2 if the
//     arguments or settings are wrong, and 130 if a signal ended the work.
//   - Disks are made only after a person's yes, or with --yes.
//
// It decides nothing about snapshots, and reads the environment only through the
// handler. The simulated clouds of demo and simulate belong to it.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"snapferry/handler"
	"snapferry/internal/settings"
)

// A World is what a command works with. A command sets Log and Progress on a copy
// of Handler.
type World struct {
	Handler        *handler.Handler
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Interactive says that a person can answer questions on Stdin.
	Interactive bool
}

// commands are the arguments as kong reads them.
type commands struct {
	Color       string           `enum:"auto,always,never" default:"auto" placeholder:"WHEN" help:"Colours: auto (on a terminal), always or never."`
	Settings    *string          `placeholder:"FILE" help:"Read the settings from a file of lines NAME=value, such as snapferry.env, and none from the environment."`
	ShowVersion kong.VersionFlag `name:"version" help:"Print the version and exit."`
	settingFlags

	Demo       demoCommand       `cmd:"" help:"Show what snapferry does, on a simulated cloud, in seconds. Needs no account, network or settings."`
	Status     statusCommand     `cmd:"" help:"Show how far every disk is protected, worst first. Change nothing."`
	Plan       planCommand       `cmd:"" help:"Show what would be copied, kept and deleted, and why. Change nothing."`
	Copy       copyCommand       `cmd:"" help:"Copy the snapshots that are missing in the target regions, once."`
	Verify     verifyCommand     `cmd:"" help:"Compare the replicas with their sources, and tag the proven ones, once."`
	Retain     retainCommand     `cmd:"" help:"Delete the replicas that no keep rule keeps, once."`
	Drill      drillCommand      `cmd:"" help:"Restore some replicas for a test, and remove the disks again, once."`
	Restore    restoreCommand    `cmd:"" help:"Make every disk of a lost region again, from its replicas in another region. It asks first."`
	Check      checkCommand      `cmd:"" help:"Test settings, credentials and permissions with read-only calls."`
	Subscribe  subscribeCommand  `cmd:"" help:"Send the events of new snapshots to the function: make the rule on the event bus, or mend it."`
	Policy     policyCommand     `cmd:"" help:"Print exactly the permissions that a job needs, as CAM policy JSON."`
	Invoke     invokeCommand     `cmd:"" help:"Run the function with an event from a file, and print its reply."`
	Simulate   simulateCommand   `cmd:"" help:"Serve a simulated cloud on this machine, for tests."`
	Completion completionCommand `cmd:"" help:"Print a script that completes commands and flags in a shell."`
	Version    versionCommand    `cmd:"" help:"Print version, commit and contract. Versions with the same contract know each other's replicas."`
}

// An app is one run of the command line.
type app struct {
	World
	ctx      context.Context
	command  string            // the name of the command being run
	given    map[string]string // settings that were given as flags
	file     string            // from which settings were read; "" for the environment
	out, err *screen
}

// Main runs the command that args name and returns the process's exit code.
// An interrupt or SIGTERM ends the command's work; a second one ends the process.
func Main(args []string, w World) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, args, w)
}

func run(ctx context.Context, args []string, w World) int {
	a := &app{World: w, ctx: ctx, out: newScreen(w.Stdout, w.Handler.Getenv), err: newScreen(w.Stderr, w.Handler.Getenv)}
	a.dress(args)
	given := &commands{}
	parser, exited := a.parser(given)
	if len(args) == 0 {
		_, _ = parser.Parse([]string{"--help"}) // it prints the help
		return codeWrong
	}
	parsed, err := parser.Parse(args)
	switch {
	case *exited:
		return a.end(nil)
	case err != nil:
		a.command = commandOf(err)
		return a.end(misuse{err})
	}
	a.command = parsed.Selected().Name
	if err := a.overlay(given); err != nil {
		return a.end(misuse{err})
	}
	return a.end(parsed.Run(a, parser))
}

// dress sets the language and the colours of both screens.
func (a *app) dress(args []string) {
	for _, s := range []*screen{a.out, a.err} {
		if language := early(args, "--language"); language != "" {
			s.language = settings.Language(func(string) string { return language })
		}
		switch early(args, "--color") {
		case "always":
			s.colour = true
		case "never":
			s.colour = false
		}
	}
}

// overlay lets the settings that are given as flags go before those of the file, or of
// the environment if no file is given.
func (a *app) overlay(given *commands) error {
	mine := *a.Handler
	if given.Settings != nil {
		if *given.Settings == "" {
			return emptyFlag("settings")
		}
		values, err := settings.ReadFile(*given.Settings)
		if err != nil {
			return fmt.Errorf("--settings: %w", err)
		}
		mine.Getenv, mine.Names, a.file = only(values, mine.Getenv), nil, *given.Settings
	}
	getenv, flags, err := given.over(mine.Getenv)
	if err != nil {
		return err
	}
	mine.Getenv, a.given = getenv, flags
	a.Handler = &mine
	for _, s := range []*screen{a.out, a.err} {
		s.zone, s.language = settings.ZoneOf(getenv), settings.Language(getenv)
	}
	return nil
}

// parser makes the parser. exited becomes true after --help or --version.
func (a *app) parser(into *commands) (parser *kong.Kong, exited *bool) {
	exited = new(bool)
	parser = kong.Must(into,
		kong.Name("snapferry"),
		kong.Description("Protects Tencent Cloud disks against the loss of a region: copies their snapshots to other regions, and proves each replica."),
		kong.Writers(a.out, a.err),
		kong.Exit(func(int) { *exited = true }),
		kong.Help(a.help),
		kong.Vars{"version": version()},
	)
	return parser, exited
}

// commandOf is the command whose arguments could not be read, if it is known.
func commandOf(err error) string {
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && wrong.Context != nil && wrong.Context.Selected() != nil {
		return wrong.Context.Selected().Name
	}
	return ""
}
