// Package settings turns the environment into one checked value.
//
// It promises that Read reports all mistakes at once, before any call to the
// cloud. Each mistake names the variable, the value (unless it is a secret), and
// what would be right. Settings that Read returns without an error need no
// further check.
//
// The package does not read the environment by itself and keeps no state. It
// does not check whether regions, disks and tags exist. It imports the planner
// only for the type of its rules.
package settings

import (
	"cmp"
	"fmt"
	"log/slog"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// Settings is everything that an operator can choose. Variables has the names,
// the defaults and the meanings. A value does not change after Read, so
// goroutines may share it.
type Settings struct {
	// Rules are the settings that the planner needs. Targets and Sources have
	// at least one region each, and the only source is never a target. Zone is
	// never nil, DeleteLimit and CopyTimeout are more than 0.
	plan.Rules
	// Job is what a timer event that names no job runs.
	Job cloud.Job
	// DryRun plans and reports, and changes nothing.
	DryRun bool

	// NotifyURL is the webhook; empty sends nothing. It is a secret because
	// its query holds the robot's key.
	NotifyURL Secret
	// HeartbeatURL is asked after each verify run that finds everything well; empty
	// asks nothing. It is a secret because whoever knows it can silence the alarm.
	HeartbeatURL Secret
	// Language is that of what people read: zh or en.
	Language string
	// StatusToken protects the status page. Without one every request gets 403.
	// With OpenToken the trigger authenticates.
	StatusToken Secret
	// DrillCount is how many replicas one drill restores, at least 1.
	DrillCount int

	// APIEndpoint is scheme://host[:port] for every service; empty is the real
	// cloud.
	APIEndpoint string
	// APIDomain ends the host names of the services.
	APIDomain string
	// APIRate is the requests a second for each API and region.
	APIRate int
	// LogLevel is the least level that is logged.
	LogLevel slog.Level
}

const (
	// OpenToken as STATUS_TOKEN means that the trigger itself authenticates.
	OpenToken = "-"
)

// Read reads the settings through getenv, normally os.Getenv. An empty value
// counts as unset, as on the platform. home is the function's own region, the
// default of SOURCE_REGIONS; if it is "", SOURCE_REGIONS is required. names are the
// variables that are set: one whose name is nearly a setting's is a mistake. An
// error is of type Mistakes and comes with the zero Settings.
func Read(getenv func(string) string, home string, names ...string) (Settings, error) {
	var r reading
	size, longest, most := 0, "", 0
	for _, v := range table {
		raw := getenv(v.Name)
		if raw != "" {
			size += len(v.Name) + len("=") + len(raw)
		}
		if len(raw) > most {
			longest, most = v.Name, len(raw)
		}
		r.read(v, raw)
	}
	r.sources(home)
	r.Language = Language(getenv)
	r.ages()
	r.slips(names)
	if size > maxEnvironment {
		r.name = longest
		r.note(fmt.Sprintf("is the longest setting, and all settings together take %d bytes: the platform allows %d, including names",
			size, maxEnvironment))
	}
	if len(r.mistakes) > 0 {
		return Settings{}, r.mistakes
	}
	return r.Settings, nil
}

// Language is that of what people read, "zh" or "en", also where other settings are wrong.
func Language(getenv func(string) string) string {
	language := ""
	for _, name := range []string{"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"} {
		language = cmp.Or(language, LanguageOf(getenv(name)))
	}
	return cmp.Or(language, "en")
}

// ZoneOf is the zone in which people are shown times, also where other settings are wrong.
func ZoneOf(getenv func(string) string) *time.Location {
	var r reading
	if zone := r.zone(cmp.Or(getenv("TIME_ZONE"), defaultZone)); zone != nil {
		return zone
	}
	return time.UTC
}

// ages sets the default of RPO, and compares the bounds of age. A snapshot may be missing for COPY_TIMEOUT
// before an alarm rings: if it is too old to be copied by then, none ever rings.
func (r *reading) ages() {
	const defaultRPO = 72 * time.Hour
	if !r.rpoSet {
		if r.RPO = r.MaxAge; r.RPO == 0 {
			r.RPO = defaultRPO
		}
	}
	r.name, r.hidden = "MAX_AGE", false
	if r.wrong("MAX_AGE") || r.wrong("COPY_TIMEOUT") || r.MaxAge == 0 || r.MaxAge > r.CopyTimeout {
		return
	}
	r.refuse(r.MaxAge.String(), "is not longer than COPY_TIMEOUT, %s: set a longer MAX_AGE, 0 for no bound, or a shorter COPY_TIMEOUT", r.CopyTimeout)
}

// maxEnvironment is the platform's limit for all environment variables of a
// function, names and values together.
const maxEnvironment = 4096

// sources sets the default of SOURCE_REGIONS, which only the caller knows, and
// compares sources and targets.
func (r *reading) sources(home string) {
	r.name, r.hidden = "SOURCE_REGIONS", false
	switch {
	case len(r.Sources) > 0 || r.wrong("SOURCE_REGIONS"):
	case cloud.IsRegion(home):
		r.Sources = []string{home}
	case home == "":
		r.note("is not set, and the function's own region is unknown: name the regions to protect, such as ap-guangzhou")
	default:
		r.refuse(home, "is the function's own region, but does not look like a region: name the regions to protect, such as ap-guangzhou")
	}
	if len(r.Sources) != 1 || r.wrong("SOURCE_REGIONS") {
		return
	}
	r.name = "TARGET_REGIONS"
	for _, target := range r.Targets {
		if target == r.Sources[0] {
			r.refuse(target, "is the only source region: a replica must be in another region")
		}
	}
}
