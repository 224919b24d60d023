package cli

import (
	"errors"
	"strings"

	"snapferry/handler"
	"snapferry/internal/settings"
)

// The exit codes.
const (
	codeDone   = 0
	codeFailed = 1 // the job reported a failure
	codeWrong  = 2 // wrong usage or settings

	codeInterrupted = 130 // a signal ended the work
)

// A misuse is a mistake in the arguments. The message refers to the help.
type misuse struct{ error }

func (m misuse) Unwrap() error { return m.error }

// A failure is work that did not succeed although the arguments were right.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

// errInterrupted is the end of work by a signal.
var errInterrupted = errors.New("interrupted: the next run continues")

// end prints an error and returns the exit code. An error that is no failure is a
// mistake of the operator: an event, a setting or credentials that can't be used.
func (a *app) end(err error) int {
	if err == nil {
		err = a.out.writeError()
	}
	var reported *handler.Failure
	var failed failure
	var mistakes settings.Mistakes
	var wrong misuse
	switch {
	case err == nil:
		return codeDone
	case errors.Is(err, errInterrupted):
		// What else failed, failed because of it, or stands in the reply.
		a.printError(errInterrupted)
		return codeInterrupted
	case errors.As(err, &reported), errors.As(err, &failed):
		a.printError(err)
		return codeFailed
	case errors.As(err, &mistakes):
		a.wrongSettings(mistakes)
	case errors.As(err, &wrong):
		a.printError(err)
		a.err.say("%q shows how to use it.", joined("snapferry", a.command, "--help"))
	default:
		a.printError(err)
	}
	return codeWrong
}

// printError prints an error on standard error. Joined errors get one line each; on
// a terminal the lines are wrapped.
func (a *app) printError(err error) {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		a.err.line("%s", a.err.fit(a.err.paint(red, "snapferry:")+" "+a.err.in(line)))
	}
}
