package cli

import (
	"errors"
	"fmt"
	"regexp"

	"snapferry/handler"
	"snapferry/internal/job"
)

type subscribeCommand struct {
	Function string `default:"snapshot-copy" placeholder:"NAME" help:"The function that gets the events, in ap-guangzhou, namespace default. Default ${default}."`
	Remove   bool   `help:"Remove the rule, and nothing that snapferry did not make."`
	DryRun   bool   `help:"Show what would be changed, and change nothing."`
	JSON     bool   `name:"json" help:"Print the reply as one line of JSON."`
}

// functionName is the documented form of a function's name.
const functionName = `^[A-Za-z][A-Za-z0-9_-]{0,58}[A-Za-z0-9]$`

// Run makes, mends or removes the rule.
func (c *subscribeCommand) Run(a *app) error {
	if !regexp.MustCompile(functionName).MatchString(c.Function) { // compiled here: at the start every invocation would pay for it
		return misuse{fmt.Errorf("--function: %q is no name of a function: 2 to 60 letters, digits, - and _, a letter first, a letter or digit last", c.Function)}
	}
	h, finish := a.handler(c.JSON)
	reply, err := h.Subscribe(a.ctx, job.Subscription{Function: c.Function, Remove: c.Remove, Dry: c.DryRun})
	finish()
	var failed *handler.Failure
	if err != nil && !errors.As(err, &failed) {
		return err
	}
	if !c.JSON {
		a.printTable(reply, "nothing to remove: there is no rule "+job.RuleName)
		return errors.Join(err, a.interrupted())
	}
	return errors.Join(err, a.printJSON(reply), a.interrupted())
}
