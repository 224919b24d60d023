package main_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path"
	"reflect"
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
		Trust   json.RawMessage `json:"trust"`
		Secrets []string        `json:"secrets"`
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
	data.Secrets = secretSettings()
	raw, err := json.MarshalIndent(data, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(raw, '\n')
}

// secretSettings are the names of the settings whose values are secret.
func secretSettings() []string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[settings.Settings]()) {
		for _, v := range settings.Variables() {
			if field.Type == reflect.TypeFor[settings.Secret]() && strings.EqualFold(strings.ReplaceAll(v.Name, "_", ""), field.Name) {
				names = append(names, v.Name)
			}
		}
	}
	return names
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

// What the provider demands, and a plan that only parses does not show. Each row was
// wrong once, or is what docs/operate.md says of the alarm.
func TestTerraformKeepsToWhatTheProviderTakes(t *testing.T) {
	rows := []struct{ block, attribute, want string }{
		{"tencentcloud_scf_function.this", "mem_size", "max(each.value.memory, 128)"}, // steps of 128 MB, no 64
		{"tencentcloud_scf_trigger.timer", "trigger_desc", "each.value.cron"},         // read back as the bare cron
		{"tencentcloud_scf_trigger.timer", "namespace", `"default"`},                  // required since 1.83.21
		{"tencentcloud_scf_trigger.url", "namespace", `"default"`},
		{"tencentcloud_scf_trigger.url", "trigger_name", ""}, // refused for http
		{"tencentcloud_eb_bus.all", "filters", ""},           // not sent to the service
		{"tencentcloud_eb_event_rule.this", "event_bus_id", "local.bus"},
		{"tencentcloud_monitor_alarm_policy.this.conditions.rules", "metric_name", `"Error"`},
		{"tencentcloud_monitor_alarm_policy.this.conditions.rules", "period", "300"},
		{"tencentcloud_monitor_alarm_policy.this.conditions.rules", "operator", `"gt"`},
		{"tencentcloud_monitor_alarm_policy.this.conditions.rules", "value", `"0"`},
	}
	const name = "deploy/terraform/main.tf"
	file, problems := hclwrite.ParseConfig(read(t, name), name, hcl.InitialPos)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	blocks := map[string]*hclwrite.Body{}
	nested(file.Body(), "", blocks)
	for _, r := range rows {
		body := blocks[r.block]
		if body == nil {
			t.Errorf("%s: there is no %s", name, r.block)
			continue
		}
		got := ""
		if a := body.GetAttribute(r.attribute); a != nil {
			got = strings.TrimSpace(string(a.Expr().BuildTokens(nil).Bytes()))
		} else if body.FirstMatchingBlock(r.attribute, nil) != nil {
			got = "a block"
		}
		if got != r.want {
			t.Errorf("%s: %s of %s is %q, want %q", name, r.attribute, r.block, got, r.want)
		}
	}
}

// Whoever fills in the example begins with settings that the functions take.
func TestTheTerraformExampleHasRightSettings(t *testing.T) {
	const name = "deploy/terraform/example/main.tf"
	file, problems := hclsyntax.ParseConfig(read(t, name), name, hcl.InitialPos)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	given := map[string]string{}
	for _, b := range file.Body.(*hclsyntax.Body).Blocks {
		if b.Type == "locals" {
			v, problems := b.Body.Attributes["settings"].Expr.Value(nil)
			if problems.HasErrors() {
				t.Fatal(problems)
			}
			for key, value := range v.AsValueMap() {
				given[key] = value.AsString()
			}
		}
	}
	if _, err := settings.Read(func(name string) string { return given[name] }, "ap-guangzhou"); err != nil || len(given) < 3 {
		t.Errorf("%s: the settings %v: %v", name, given, err)
	}
}

// nested finds all blocks: those of resources by type and name, those in them by their
// own type behind it.
func nested(body *hclwrite.Body, within string, found map[string]*hclwrite.Body) {
	for _, b := range body.Blocks() {
		name := within + "." + b.Type()
		if len(b.Labels()) > 0 {
			name = strings.Join(b.Labels(), ".")
		}
		found[name] = b.Body()
		nested(b.Body(), name, found)
	}
}

// The provider is not here, so this is all that every test can hold against a machine:
// the grammar, and the format of "terraform fmt".
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
