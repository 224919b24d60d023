package cli

import (
	"fmt"

	"snapferry/handler"
)

type versionCommand struct{}

// Run prints the version, the commit and the contract.
func (versionCommand) Run(a *app) error {
	a.out.line("%s", version())
	return nil
}

// version is what an issue should name.
func version() string {
	return fmt.Sprintf("snapferry %s\ncommit %s\ncontract %d", handler.Version, handler.BuiltFrom(), handler.Contract)
}
