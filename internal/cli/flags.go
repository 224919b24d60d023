package cli

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"snapferry/internal/settings"
)

// settingFlags are the settings that a person gives as flags, too. The help shows them
// beside their variables.
type settingFlags struct {
	Source      *string `hidden:"" placeholder:"REGIONS" setting:"SOURCE_REGIONS"`
	Target      *string `hidden:"" placeholder:"REGIONS" setting:"TARGET_REGIONS"`
	SelectTags  *string `hidden:"" placeholder:"TAGS" setting:"SELECT_TAGS"`
	SelectDisks *string `hidden:"" placeholder:"IDS" setting:"SELECT_DISKS"`
	MaxAge      *string `hidden:"" placeholder:"TIME" setting:"MAX_AGE"`
	RPO         *string `hidden:"" name:"rpo" placeholder:"TIME" setting:"RPO"`
	KeepLast    *string `hidden:"" placeholder:"N" setting:"KEEP_LAST"`
	KeepHourly  *string `hidden:"" placeholder:"N" setting:"KEEP_HOURLY"`
	KeepDaily   *string `hidden:"" placeholder:"N" setting:"KEEP_DAILY"`
	KeepWeekly  *string `hidden:"" placeholder:"N" setting:"KEEP_WEEKLY"`
	KeepMonthly *string `hidden:"" placeholder:"N" setting:"KEEP_MONTHLY"`
	KeepYearly  *string `hidden:"" placeholder:"N" setting:"KEEP_YEARLY"`
	KeepWithin  *string `hidden:"" placeholder:"TIME" setting:"KEEP_WITHIN"`
	KeepGone    *string `hidden:"" placeholder:"TIME" setting:"KEEP_GONE"`
	TimeZone    *string `hidden:"" placeholder:"ZONE" setting:"TIME_ZONE"`
	Language    *string `hidden:"" placeholder:"zh|en" setting:"LANGUAGE"`
}

// names are the flags by their settings.
func (settingFlags) names() map[string]string {
	all := map[string]string{}
	for field := range reflect.TypeFor[settingFlags]().Fields() {
		setting := field.Tag.Get("setting")
		all[setting] = strings.ToLower(strings.ReplaceAll(strings.TrimSuffix(setting, "_REGIONS"), "_", "-"))
	}
	return all
}

// emptyFlag refuses an empty value: it may come from a variable that a script lacks, and
// must not mean the default.
func emptyFlag(name string) error {
	return fmt.Errorf("--%s is empty: give a value, or leave it out", name)
}

// over puts the flags that are given before the environment, and refuses empty ones.
// given are the settings that were.
func (f settingFlags) over(getenv func(string) string) (over func(string) string, given map[string]string, err error) {
	given, names := map[string]string{}, f.names()
	value := reflect.ValueOf(f)
	for i := range value.NumField() {
		field := value.Field(i)
		if field.IsNil() {
			continue
		}
		setting := value.Type().Field(i).Tag.Get("setting")
		if given[setting] = field.Elem().String(); given[setting] == "" {
			return nil, nil, emptyFlag(names[setting])
		}
	}
	return func(name string) string {
		if v, ok := given[name]; ok {
			return v
		}
		return getenv(name)
	}, given, nil
}

// wrongSettings prints what is wrong with settings, each under the name that the person
// gave it: of the flag or of the variable.
func (a *app) wrongSettings(mistakes settings.Mistakes) {
	names := settingFlags{}.names()
	var variables settings.Mistakes
	for _, m := range mistakes {
		if _, ok := a.given[m.Variable]; !ok {
			variables = append(variables, m)
			continue
		}
		a.printError(settings.Mistake{Variable: "--" + names[m.Variable], Problem: m.Problem})
	}
	if len(variables) > 0 {
		from := "these settings (environment variables) are wrong"
		if a.file != "" {
			from = "these settings of " + a.file + " are wrong"
		}
		a.printError(errors.New(from))
	}
	for _, m := range variables {
		a.err.line("%s", a.err.fitted("  ", a.err.in(m.Error())))
	}
	a.err.say("%q lists the variables.", joined("snapferry", a.command, "--help"))
}

// ofPerson are the settings that belong to the person at the terminal, not to what all
// functions have: how something is shown, and which function's job a check is about.
var ofPerson = []string{"LANGUAGE", "LOG_LEVEL", "JOB"}

// only reads settings from a file's values alone, so that a command does what the
// functions do with the same file, whatever the shell has. The rest, such as the
// credentials, comes from the environment.
func only(values map[string]string, getenv func(string) string) func(string) string {
	return func(name string) string {
		isSetting := slices.ContainsFunc(settings.Variables(), func(v settings.Variable) bool { return v.Name == name })
		if value, given := values[name]; given && isSetting || isSetting && !slices.Contains(ofPerson, name) {
			return value
		}
		return getenv(name)
	}
}

// early is the value of a flag that must be known before the arguments are read, because
// it says how mistakes in them are shown; "" if it is not given.
func early(args []string, flag string) string {
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, flag+"="); ok {
			return value
		}
		if arg == flag && i+1 < len(args) {
			return args[i+1]
		}
	}
	return ""
}
