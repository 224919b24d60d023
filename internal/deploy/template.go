package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A deployment is serverless.yml as the component multi-scf reads it. What has no
// place here is an error: the component drops what it does not know without a word.
type deployment struct {
	App       string `yaml:"app"`
	Stage     string `yaml:"stage"`
	Component string `yaml:"component"`
	Name      string `yaml:"name"`
	Inputs    struct {
		Region  string `yaml:"region"`
		Runtime string `yaml:"runtime"`
		Type    string `yaml:"type"`
		Src     struct {
			Src     string   `yaml:"src"`
			Exclude []string `yaml:"exclude,omitempty"`
		} `yaml:"src"`
		Functions map[string]*function `yaml:"functions"`
		Triggers  []trigger            `yaml:"triggers"`
	} `yaml:"inputs"`

	watch    string
	allRoles []string // also those of functions that a watcher does not have
}

type function struct {
	Name         string     `yaml:"name" json:"name"`
	Description  string     `yaml:"description" json:"description"`
	Handler      string     `yaml:"handler" json:"handler"`
	Runtime      string     `yaml:"runtime" json:"runtime"`
	MemorySize   int        `yaml:"memorySize" json:"memorySize"`
	Timeout      int        `yaml:"timeout" json:"timeout"`
	Role         string     `yaml:"role" json:"role"`
	Environments []variable `yaml:"environments" json:"environments"`
}

type variable struct {
	Key   string `yaml:"key"`
	Value string `yaml:"value"`
}

type trigger struct {
	Type       string         `yaml:"type"`
	Function   string         `yaml:"function"`
	Parameters map[string]any `yaml:"parameters"`
}

// watcher are the functions of a watcher: they only look.
var watcher = []string{"snapshot-verify", "snapshot-status"}

// readTemplate reads serverless.yml. With a region it leaves a watcher there.
func readTemplate(name, watch string) (*deployment, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	p := &deployment{watch: watch}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	if err := decoder.Decode(p); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p.allRoles = p.roles()
	p.Inputs.Src.Src, p.Inputs.Src.Exclude = "./code", nil
	if watch == "" {
		return p, nil
	}
	p.Name += "-watch-" + watch // another instance for the tool, which else would move the functions
	p.Inputs.Region = watch
	maps.DeleteFunc(p.Inputs.Functions, func(name string, _ *function) bool { return !slices.Contains(watcher, name) })
	p.Inputs.Triggers = slices.DeleteFunc(p.Inputs.Triggers, func(t trigger) bool { return !slices.Contains(watcher, t.Function) })
	return p, nil
}

var reference = regexp.MustCompile(`^\$\{env:([A-Z][A-Z0-9_]*)\}$`)

// roles are the variables with the names of roles.
func (p *deployment) roles() (names []string) {
	for _, key := range p.names() {
		if found := reference.FindStringSubmatch(p.Inputs.Functions[key].Role); found != nil {
			names = append(names, found[1])
		}
	}
	return names
}

func (p *deployment) names() []string { return sortedKeys(p.Inputs.Functions) }

// functions are their names for a person.
func (p *deployment) functions() string { return strings.Join(p.names(), ", ") }

// give gives every function all settings of the file, each as a reference to the
// environment of the vendor's tool: no secret is written to a file.
func (p *deployment) give(values map[string]string) {
	for _, f := range p.Inputs.Functions {
		showsPages := slices.Contains(f.Environments, variable{"JOB", "status"})
		for _, name := range sortedKeys(values) {
			if slices.Contains(p.allRoles, name) || name == "STATUS_TOKEN" && !showsPages {
				continue
			}
			f.Environments = append(f.Environments, variable{name, "${env:" + name + "}"})
		}
	}
}

// write writes serverless.yml into a folder.
func (p *deployment) write(folder string) error {
	content, err := yaml.Marshal(p)
	if err != nil {
		return err
	}
	const head = "# Made of serverless.yml and the settings' file by \"make deploy\". Change those.\n"
	return writeFile(filepath.Join(folder, "serverless.yml"), append([]byte(head), content...), 0o644)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
