package cli

import (
	"cmp"
	"encoding/json"
	"fmt"

	"snapferry/handler"
)

type versionCommand struct {
	JSON bool `name:"json" help:"Print it as JSON."`
}

// Run prints what this program is. It reads no settings.
func (c *versionCommand) Run(a *app) error {
	if !c.JSON {
		a.out.line("%s", version())
		return nil
	}
	raw, err := json.Marshal(struct {
		Version  string `json:"version"`
		Commit   string `json:"commit,omitempty"`
		Contract int    `json:"contract"`
	}{handler.Version, handler.Commit, handler.Contract})
	if err != nil {
		return err
	}
	a.out.line("%s", raw)
	return nil
}

// version is one line about this program.
func version() string {
	return fmt.Sprintf("snapferry %s, commit %s, contract %d", handler.Version, cmp.Or(handler.Commit, "unknown"), handler.Contract)
}
