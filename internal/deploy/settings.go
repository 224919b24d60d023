package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"snapferry/internal/cloud"
	"snapferry/internal/settings"
)

var variableName = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

// readSettings reads a file of lines NAME=value. Empty values count as absent. Its
// errors show no value, which may be a secret.
func readSettings(name string) (map[string]string, error) {
	content, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s is not there: copy deploy/snapferry.env.example to it and fill it in", name)
	} else if err != nil {
		return nil, err
	}
	values := map[string]string{}
	var errs []error
	n := 0
	for line := range strings.Lines(string(content)) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, found := strings.Cut(line, "=")
		value = strings.TrimSpace(value)
		switch _, twice := values[key]; {
		case !found || !variableName.MatchString(key):
			errs = append(errs, fmt.Errorf("%s:%d: it is not of the form NAME=value", name, n))
		case twice:
			errs = append(errs, fmt.Errorf("%s:%d: %s is there a second time", name, n, key))
		case strings.Trim(value, `"'`) != value:
			errs = append(errs, fmt.Errorf("%s:%d: %s: write the value without quotes", name, n, key))
		case strings.Contains(value, " #"):
			errs = append(errs, fmt.Errorf("%s:%d: %s: a comment stands on a line of its own", name, n, key))
		case strings.Contains(value, "${"): // the vendor's tool replaces it, also inside a value: keys of the shell would be deployed
			errs = append(errs, fmt.Errorf("%s:%d: %s: write the value itself: the vendor's tool would put something else in the place of ${…}", name, n, key))
		case value != "":
			values[key] = value
		}
	}
	return values, errors.Join(errs...)
}

// check reports all that is wrong with the file's values, for all functions at once.
func (p *deployment) check(values map[string]string) error {
	roles, known := p.roles(), map[string]bool{}
	for _, v := range settings.Variables() {
		known[v.Name] = true
	}
	var errs []error
	for _, name := range sortedKeys(values) {
		switch {
		case name == "JOB":
			errs = append(errs, errors.New("JOB: take it out: each function has a job of its own"))
		case strings.HasPrefix(name, "TENCENT"):
			errs = append(errs, fmt.Errorf("%s: take it out: keys belong into the shell, and the functions get theirs from their roles", name))
		case !known[name] && !slices.Contains(p.allRoles, name):
			errs = append(errs, fmt.Errorf("%s is neither a setting nor the role of a function", name))
		}
	}
	for _, name := range roles {
		if !regexp.MustCompile(`^[\w-]+$`).MatchString(values[name]) {
			errs = append(errs, fmt.Errorf("%s: %q is not the name of a role: without a role a function has no credentials. \"go run . policy --help\" prints what a role needs", name, values[name]))
		}
	}
	if values["SOURCE_REGIONS"] == "" {
		errs = append(errs, errors.New("SOURCE_REGIONS is required here: the functions need not be in the region that they protect"))
	}
	if p.watch != "" && !cloud.IsRegion(p.watch) {
		errs = append(errs, fmt.Errorf("%q is not a region for a watcher", p.watch))
	}
	if p.watch != "" && slices.Contains(strings.Fields(strings.ReplaceAll(values["SOURCE_REGIONS"], ",", " ")), p.watch) {
		errs = append(errs, fmt.Errorf("%s is in SOURCE_REGIONS: a watcher there would be lost with what it watches; choose a target region", p.watch))
	}
	if p.Inputs.Functions["snapshot-status"] != nil && values["STATUS_TOKEN"] == "" {
		errs = append(errs, errors.New("STATUS_TOKEN is missing: make one with \"openssl rand -hex 24\", or write - where the trigger authenticates"))
	}
	// The values are those of all functions, so one reading finds all mistakes.
	_, err := settings.Read(func(name string) string { return values[name] }, p.Inputs.Region)
	var mistakes settings.Mistakes
	if errors.As(err, &mistakes) {
		for _, m := range mistakes {
			errs = append(errs, m)
		}
		err = nil
	}
	return errors.Join(append(errs, err)...)
}
