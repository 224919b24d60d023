package main_test

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"snapferry/internal/cloud"
	"snapferry/internal/settings"
)

// deployment is serverless.yml as the multi-scf component reads it. What has
// no place here is an error: the component drops what it does not know without
// a word, above all the `environment` and `events` of the component scf.
type deployment struct {
	App, Stage, Component, Name string

	Inputs struct {
		Region, Runtime, Type string

		Src struct {
			Src     string
			Exclude []string
		}
		Functions map[string]function
		Triggers  []trigger
	}
}

type function struct {
	Name, Description, Handler, Runtime, Role string

	MemorySize   int `yaml:"memorySize"`
	Timeout      int
	Environments []struct{ Key, Value string }
}

type trigger struct {
	Type, Function string

	Parameters struct {
		Name           string
		CronExpression string          `yaml:"cronExpression"`
		AuthType       string          `yaml:"authType"`
		NetConfig      map[string]bool `yaml:"netConfig"`
		Enable         bool
		Argument       yaml.Node
	}
}

func demand(t *testing.T, ok bool, form string, args ...any) {
	t.Helper()
	if !ok {
		t.Errorf(form, args...)
	}
}

func TestServerlessIsForTheComponentAndTheEventBus(t *testing.T) {
	d := serverless(t)
	demand(t, d.Component == "multi-scf", "component: got %q, want multi-scf", d.Component)
	demand(t, d.App != "" && d.Stage != "" && d.Name != "", "app, stage and name must be there: the tool makes up what is not, and other functions by them")
	demand(t, d.Inputs.Region == "ap-guangzhou", "region: got %q, want ap-guangzhou, the only one with the event bus", d.Inputs.Region)
	demand(t, d.Inputs.Src.Src == "./dist" && slices.Contains(d.Inputs.Src.Exclude, "*.zip"), "src: got %+v, want ./dist, where make builds main, without the zip of make package", d.Inputs.Src)
	got := slices.Sorted(maps.Keys(d.Inputs.Functions))
	want := []string{"snapshot-copy", "snapshot-drill", "snapshot-retain", "snapshot-status", "snapshot-verify"}
	demand(t, slices.Equal(got, want), "functions: got %v, want %v", got, want)
}

func TestServerlessFunctionsAreWithinThePlatformsLimits(t *testing.T) {
	for key, f := range serverless(t).Inputs.Functions {
		demand(t, f.Name == key, "%s: name: got %q; without its own name the tool makes one of app, stage and key", key, f.Name)
		demand(t, f.Handler == "main" && f.Runtime == "Go1", "%s: got handler %q and runtime %q, want main and Go1", key, f.Handler, f.Runtime)
		m := f.MemorySize
		demand(t, m == 64 || m >= 128 && m <= 3072 && m%128 == 0, "%s: memorySize: got %d, want 64 or a multiple of 128 up to 3072", key, m)
		limit := 900
		if key == "snapshot-copy" {
			limit = 300 // EventBridge calls it
		}
		demand(t, f.Timeout >= 1 && f.Timeout <= limit, "%s: timeout: got %d s, want 1 to %d", key, f.Timeout, limit)
		demand(t, variable.MatchString(f.Role), "%s: role: got %q, want ${env:…}: without a role there are no credentials", key, f.Role)
	}
}

func TestServerlessVariablesAreSettings(t *testing.T) {
	known := map[string]settings.Variable{}
	for _, v := range settings.Variables() {
		known[v.Name] = v
	}
	for key, f := range serverless(t).Inputs.Functions {
		given := map[string]bool{}
		for _, e := range f.Environments {
			_, ok := known[e.Key]
			demand(t, ok, "%s: %s is no setting", key, e.Key)
			demand(t, !given[e.Key], "%s: %s is there twice", key, e.Key)
			for _, prefix := range []string{"SCF_", "QCLOUD_", "TENCENTCLOUD_"} {
				demand(t, !strings.HasPrefix(e.Key, prefix), "%s: %s begins with %s, which the platform keeps for itself", key, e.Key, prefix)
			}
			given[e.Key] = true
		}
		for name, v := range known {
			demand(t, v.Default != "required" || given[name], "%s: %s is required and not there; a function's list is all it has", key, name)
		}
	}
}

// Planned by different rules, one function would delete what another copies.
func TestServerlessFunctionsPlanByTheSameRules(t *testing.T) {
	rules := map[string]map[string]string{}
	for key, f := range serverless(t).Inputs.Functions {
		rules[key] = map[string]string{}
		for _, e := range f.Environments {
			if e.Key != "JOB" && e.Key != "STATUS_TOKEN" {
				rules[key][e.Key] = e.Value
			}
		}
	}
	for key := range rules {
		demand(t, maps.Equal(rules[key], rules["snapshot-copy"]), "%s has the settings %v, snapshot-copy has %v", key, rules[key], rules["snapshot-copy"])
	}
}

func TestServerlessTimersRunJobs(t *testing.T) {
	d := serverless(t)
	timers := map[string]int{}
	names := map[string]bool{}
	for _, tr := range d.Inputs.Triggers {
		p := tr.Parameters
		if tr.Type == "http" {
			demand(t, tr.Function == "snapshot-status" && p.Enable && p.AuthType == "NONE" && p.NetConfig["enableExtranet"], "%s: got %+v, want the open URL of snapshot-status: its own token protects it", p.Name, p)
			continue
		}
		demand(t, tr.Type == "timer", "%s: type: got %q, want timer", p.Name, tr.Type)
		_, ok := d.Inputs.Functions[tr.Function]
		demand(t, ok, "%s: function: %q is none of the functions above", p.Name, tr.Function)
		timers[tr.Function]++
		demand(t, p.Name != "" && !names[p.Name], "%s: name: %q is empty or there twice", tr.Function, p.Name)
		names[p.Name] = true
		demand(t, p.Enable, "%s: enable: must be true, or the timer is made switched off", p.Name)
		demand(t, p.Argument.Kind == yaml.ScalarNode && p.Argument.Tag == "!!str", "%s: argument: must be a string, or the timer is made anew at every deployment", p.Name)
		demand(t, cloud.IsJob(p.Argument.Value), "%s: argument: got %q, want one of %s", p.Name, p.Argument.Value, cloud.JobNames())
		demand(t, cron.MatchString(p.CronExpression), "%s: cronExpression: got %q, want seven fields, seconds first: a wrong one leaves no timer", p.Name, p.CronExpression)
	}
	for key := range d.Inputs.Functions {
		if key == "snapshot-status" {
			continue // only visitors ask it
		}
		demand(t, timers[key] > 0, "%s has no timer: events can be lost, the sweep is the guarantee", key)
	}
}

// sample is a shell that has what serverless.yml takes from it.
var sample = map[string]string{
	"TARGET_REGIONS": "ap-beijing,ap-shanghai",
	"SOURCE_REGIONS": "ap-guangzhou",
	"COPY_ROLE":      "snapferry-copy",
	"VERIFY_ROLE":    "snapferry-verify",
	"RETAIN_ROLE":    "snapferry-retain",
	"DRILL_ROLE":     "snapferry-drill",
	"KEEP_DAILY":     "14",
	"STATUS_ROLE":    "snapferry-status",
	"STATUS_TOKEN":   "0123456789abcdef0123456789abcdef",
}

func TestServerlessEnvironmentsAreReadWithoutAMistake(t *testing.T) {
	d := serverless(t)
	for key, f := range d.Inputs.Functions {
		set, err := settings.Read(environment(t, f, sample), d.Inputs.Region)
		if err != nil {
			t.Errorf("%s: %v", key, err)
		}
		for _, tr := range d.Inputs.Triggers {
			if tr.Function == key && tr.Type == "timer" && string(set.Job) != tr.Parameters.Argument.Value {
				t.Errorf("%s: JOB is %q and its timer's argument %q: a timer event that lost its message would do the wrong job",
					key, set.Job, tr.Parameters.Argument.Value)
			}
		}
	}
}

// TestServerlessNameTheShellLacksIsRefused: the tool puts "undefined" in its place.
func TestServerlessNameTheShellLacksIsRefused(t *testing.T) {
	d := serverless(t)
	for key, f := range d.Inputs.Functions {
		for _, e := range f.Environments {
			found := variable.FindStringSubmatch(e.Value)
			if found == nil {
				continue
			}
			shell := maps.Clone(sample)
			shell[found[1]] = "undefined"
			if _, err := settings.Read(environment(t, f, shell), d.Inputs.Region); err == nil {
				t.Errorf("%s: without %s in the shell the function runs with %s=undefined", key, found[1], e.Key)
			}
		}
	}
}

var (
	variable = regexp.MustCompile(`^\$\{env:([A-Z][A-Z0-9_]*)\}$`)
	cron     = regexp.MustCompile(`^[0-9*/,-]+( [0-9A-Za-z*/,?-]+){6}$`)
)

// environment is what the function sees once the tool has put in the shell's.
func environment(t *testing.T, f function, shell map[string]string) func(string) string {
	t.Helper()
	vars := map[string]string{}
	for _, e := range f.Environments {
		vars[e.Key] = e.Value
		if found := variable.FindStringSubmatch(e.Value); found != nil {
			value, ok := shell[found[1]]
			if !ok {
				t.Fatalf("the sample has no %s: add it, and tell people that they must set it", found[1])
			}
			vars[e.Key] = value
		} else if strings.Contains(e.Value, "$") {
			t.Errorf("%s: %q mixes a variable and text; the tool allows it, this test does not", e.Key, e.Value)
		}
	}
	return func(name string) string { return vars[name] }
}

func serverless(t *testing.T) deployment {
	t.Helper()
	var d deployment
	decoder := yaml.NewDecoder(bytes.NewReader(read(t, "serverless.yml")))
	decoder.KnownFields(true)
	if err := decoder.Decode(&d); err != nil {
		t.Fatal(err)
	}
	return d
}
