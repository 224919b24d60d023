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

// readSettings reads the file with the settings and the roles of all functions.
func readSettings(name string) (map[string]string, error) {
	values, err := settings.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s is not there: copy deploy/snapferry.env.example to it and fill it in", name)
	}
	return values, err
}

// check reports all that is wrong with the file's values, for all functions at once.
func (p *deployment) check(values map[string]string) error {
	roles := p.roles()
	var errs []error
	for _, name := range sortedKeys(values) {
		if strings.HasSuffix(name, "_ROLE") && !slices.Contains(p.allRoles, name) {
			errs = append(errs, fmt.Errorf("%s is not the role of a function: those are %s", name, strings.Join(p.allRoles, ", ")))
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
