// Package settings turns the environment into one checked value.
//
// Read reports every mistake at once, before any call to the cloud: each names
// the variable, the value (never a secret one), and what would be right. What
// Read returns without an error can be used as it is; nobody checks it again.
//
// The package reads no environment by itself, holds no state, and imports
// nothing of this module but the form of a region.
package settings

import (
	"fmt"
	"log/slog"
	"time"

	"snapferry/internal/cloud"
)

// Settings is everything an operator can choose. Each field names the
// environment variable it comes from; Variables has the defaults.
// A value is shared between goroutines freely: nobody changes it after Read.
type Settings struct {
	// Targets are the destination regions, in the order given, at least one.
	// One that is also a source is left out for that source. TARGET_REGIONS.
	Targets []string
	// Sources are the protected regions, at least one; the only source is
	// never a target too. SOURCE_REGIONS, default the function's own region.
	Sources []string
	// Job is what a timer event that names no job runs. JOB.
	Job cloud.Job

	// SelectTags must all match for a snapshot to be copied; none selects all.
	// Keys differ from one another. SELECT_TAGS.
	SelectTags []Tag
	// SelectDisks are the disks to protect; none selects all. SELECT_DISKS.
	SelectDisks []string
	// MaxAge bounds the age of source snapshots; 0 is no bound. MAX_AGE.
	MaxAge time.Duration

	// Keep says how many replicas stay. KEEP_LAST and its family.
	Keep Keep
	// TimeZone is where days, weeks and months begin; never nil. TIME_ZONE.
	TimeZone *time.Location
	// DeleteLimit is the most deletions in one run, at least 1. DELETE_LIMIT.
	DeleteLimit int

	// CopyTimeout is how long a copy may take, more than 0. COPY_TIMEOUT.
	CopyTimeout time.Duration
	// RPO is the greatest age of each disk's newest verified replica; 0 asks
	// for none. RPO.
	RPO time.Duration
	// DryRun plans and reports, and changes nothing. DRY_RUN.
	DryRun bool

	// CopyTags are the keys of source tags put on a replica, or the single
	// key Any for all of them. COPY_TAGS.
	CopyTags []string
	// ShareAccounts are the accounts a verified replica is shared with, at
	// most 50, digits only. SHARE_ACCOUNTS.
	ShareAccounts []string

	// NotifyURL is the webhook, secret since its query holds the robot's key;
	// empty sends nothing. NOTIFY_URL.
	NotifyURL Secret
	// ReportToken guards the status page: empty answers 403 to everybody, and
	// OpenToken leaves the guarding to the trigger. REPORT_TOKEN.
	ReportToken Secret
	// DrillCount is how many replicas one drill restores, at least 1.
	// DRILL_COUNT.
	DrillCount int

	// APIEndpoint is scheme://host[:port] for every service, or empty for the
	// real cloud. API_ENDPOINT.
	APIEndpoint string
	// APIDomain ends the host names of the services. API_DOMAIN.
	APIDomain string
	// APIRate is the requests a second for each API and region, 1 to 100.
	// API_RATE.
	APIRate int
	// LogLevel is the least level that is logged. LOG_LEVEL.
	LogLevel slog.Level
}

// Any stands for every value in a Tag, and for every key in CopyTags.
const Any = "*"

// OpenToken as REPORT_TOKEN says that the trigger itself authenticates.
const OpenToken = "-"

// A Tag is a condition on one tag: the key must be there, with that value or,
// where Value is Any, with whatever value.
type Tag struct {
	Key, Value string
}

// Keep holds the retention rules. Zero is no rule, and no rule at all keeps
// everything: a forgotten setting must not delete.
type Keep struct {
	Last, Hourly, Daily, Weekly, Monthly, Yearly int

	// Within keeps what is less than this much older than the newest replica.
	Within time.Duration
}

// Read reads the settings through getenv, normally os.Getenv; an empty value
// is an unset one, as the platform makes it. Home is the function's own region
// and stands in for SOURCE_REGIONS; "" is unknown, and then SOURCE_REGIONS is
// required. The error, if any, is of type Mistakes and comes with the zero
// Settings.
func Read(getenv func(string) string, home string) (Settings, error) {
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
	if size > maxEnvironment {
		r.name = longest
		r.note(fmt.Sprintf("is the longest of settings that take %d bytes in all: the platform allows %d, names included",
			size, maxEnvironment))
	}
	if len(r.mistakes) > 0 {
		return Settings{}, r.mistakes
	}
	return r.Settings, nil
}

// maxEnvironment is the platform's limit for all environment variables of a
// function, names and values together.
const maxEnvironment = 4096

// sources settles SOURCE_REGIONS, whose default only the caller knows, and
// checks it against the targets.
func (r *reading) sources(home string) {
	r.name, r.hidden = "SOURCE_REGIONS", false
	switch {
	case len(r.Sources) > 0 || r.wrong["SOURCE_REGIONS"]:
	case cloud.IsRegion(home):
		r.Sources = []string{home}
	case home == "":
		r.note("is not set, and the function's own region is unknown: name the regions to protect, such as ap-guangzhou")
	default:
		r.refuse(home, "is the function's own region and has no known form: name the regions to protect, such as ap-guangzhou")
	}
	if len(r.Sources) != 1 || r.wrong["SOURCE_REGIONS"] {
		return
	}
	r.name = "TARGET_REGIONS"
	for _, target := range r.Targets {
		if target == r.Sources[0] {
			r.refuse(target, "is the only source region: a replica belongs in another one")
		}
	}
}
