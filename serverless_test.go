package main_test

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"testing"

	"gopkg.in/yaml.v3"

	"snapferry/internal/cloud"
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

// Settings that stood here would be those of one function alone: make deploy gives all
// functions the same.
func TestServerlessFunctionsHaveNothingOfTheirOwnButAJob(t *testing.T) {
	for key, f := range serverless(t).Inputs.Functions {
		demand(t, len(f.Environments) == 1 && f.Environments[0].Key == "JOB" && "snapshot-"+f.Environments[0].Value == key, "%s: environments: got %v, want its JOB alone", key, f.Environments)
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
		demand(t, "snapshot-"+p.Argument.Value == tr.Function, "%s: argument: %q is not the job of %s: a timer event that lost its message would do another one", p.Name, p.Argument.Value, tr.Function)
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

var (
	variable = regexp.MustCompile(`^\$\{env:([A-Z][A-Z0-9_]*)\}$`)
	cron     = regexp.MustCompile(`^[0-9*/,-]+( [0-9A-Za-z*/,?-]+){6}$`)
)

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
