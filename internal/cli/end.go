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
)

// A misuse is a mistake in the arguments; the cure is the help.
type misuse struct{ error }

func (m misuse) Unwrap() error { return m.error }

// A failure is work that did not succeed, through no fault of the arguments.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

// end tells what went wrong and returns the exit code. What is neither a
// failure of the job nor of the work is a mistake of the operator's: an event,
// a setting, or credentials that can't be used.
func (a *app) end(err error) int {
	if err == nil {
		err = a.out.broken()
	}
	var reported *handler.Failure
	var failed failure
	var mistakes settings.Mistakes
	var wrong misuse
	switch {
	case err == nil:
		return codeDone
	case errors.As(err, &reported), errors.As(err, &failed):
		a.complain(err)
		return codeFailed
	case errors.As(err, &mistakes):
		a.complain(errors.New("these settings (environment variables) are wrong"))
		for _, m := range mistakes {
			a.err.line("%s", a.err.fit("  "+m.Error()))
		}
		a.err.line("%q lists the variables.", joined("snapferry", a.command, "--help"))
	case errors.As(err, &wrong):
		a.complain(err)
		a.err.line("%q tells more.", joined("snapferry", a.command, "--help"))
	default:
		a.complain(err)
	}
	return codeWrong
}

// complain prints each error that was joined as one line on standard error; a
// terminal gets it wrapped.
func (a *app) complain(err error) {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		a.err.line("%s", a.err.fit(a.err.paint(red, "snapferry:")+" "+line))
	}
}
