package main_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"snapferry/internal/cloud"
	"snapferry/internal/job"
	"snapferry/internal/plan"
	"snapferry/internal/policy"
	"snapferry/internal/settings"
)

var updateTerraform = flag.Bool("update", false, "write deploy/terraform/functions.json anew")

// What the Terraform module knows of the functions, their timers, the event rule and
// the permissions is made of serverless.yml and the policies.
func TestTerraformDeploysWhatServerlessDoes(t *testing.T) {
	const name = "deploy/terraform/functions.json"
	want := terraformData(t)
	if *updateTerraform {
		if err := os.WriteFile(name, want, 0o644); err != nil { //nolint:gosec // a file of the repository
			t.Fatal(err)
		}
	}
	if got := read(t, name); !bytes.Equal(got, want) {
		t.Errorf("%s is not what serverless.yml and the policies say (go test . -run Terraform -update writes it anew): want\n%s", name, want)
	}
}

type terraformFunction struct {
	Job         string   `json:"job"`
	Description string   `json:"description"`
	Handler     string   `json:"handler"`
	Runtime     string   `json:"runtime"`
	Memory      int      `json:"memory"`
	Timeout     int      `json:"timeout"`
	Permissions []string `json:"permissions"`
	Sharing     []string `json:"sharing"` // in addition, with SHARE_ACCOUNTS
}

type terraformTimer struct {
	Function string `json:"function"`
	Cron     string `json:"cron"`
	Argument string `json:"argument"`
}

func terraformData(t *testing.T) []byte {
	t.Helper()
	var data struct {
		Functions map[string]terraformFunction `json:"functions"`
		Timers    map[string]terraformTimer    `json:"timers"`
		Rule      struct {
			Name    string          `json:"name"`
			Region  string          `json:"region"`
			Pattern json.RawMessage `json:"pattern"`
		} `json:"rule"`
		Trust json.RawMessage `json:"trust"`
	}
	data.Functions, data.Timers = map[string]terraformFunction{}, map[string]terraformTimer{}
	d := serverless(t)
	for name, f := range d.Inputs.Functions {
		j := cloud.Job(f.Environments[0].Value)
		rules := plan.Rules{Keep: plan.Keep{Last: 1}} // a module's role outlives the settings of a day
		usual := granted(t, j, settings.Settings{Rules: rules})
		rules.ShareAccounts = []string{"100000000001"}
		sharing := slices.DeleteFunc(granted(t, j, settings.Settings{Rules: rules}), func(a string) bool { return slices.Contains(usual, a) })
		data.Functions[name] = terraformFunction{
			Job: string(j), Description: f.Description, Handler: f.Handler, Runtime: f.Runtime,
			Memory: f.MemorySize, Timeout: f.Timeout, Permissions: usual, Sharing: sharing,
		}
	}
	for _, tr := range d.Inputs.Triggers {
		if tr.Type == "timer" {
			data.Timers[tr.Parameters.Name] = terraformTimer{tr.Function, tr.Parameters.CronExpression, tr.Parameters.Argument.Value}
		}
	}
	data.Rule.Name, data.Rule.Region, data.Rule.Pattern = job.RuleName, cloud.EventRegion, json.RawMessage(job.RulePattern())
	data.Trust = json.RawMessage(policy.Trust())
	raw, err := json.MarshalIndent(data, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(raw, '\n')
}

// granted are the actions that "snapferry policy" prints for a job.
func granted(t *testing.T, j cloud.Job, s settings.Settings) []string {
	t.Helper()
	var p struct{ Statement []struct{ Action []string } }
	if err := json.Unmarshal([]byte(policy.For([]cloud.Job{j}, s)), &p); err != nil || len(p.Statement) != 1 {
		t.Fatalf("policy of %s: %v", j, err)
	}
	return p.Statement[0].Action
}

// The provider is not here, so this is all that can be held against a machine: the
// grammar, and the format of "terraform fmt".
func TestTerraformFilesAreFormattedAndParse(t *testing.T) {
	n := 0
	for _, name := range files(t) {
		if path.Ext(name) != ".tf" {
			continue
		}
		n++
		source := read(t, name)
		if _, problems := hclsyntax.ParseConfig(source, name, hcl.InitialPos); problems.HasErrors() {
			t.Error(problems)
		}
		if formatted := hclwrite.Format(source); !bytes.Equal(formatted, source) {
			t.Errorf("%s is not formatted: terraform fmt gives\n%s", name, formatted)
		}
		if strings.Contains(string(source), "\t") {
			t.Errorf("%s has tabs", name)
		}
	}
	if n == 0 {
		t.Error("there are no Terraform files")
	}
}
