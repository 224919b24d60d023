package settings

import (
	"slices"
	"time"

	"snapferry/internal/cloud"
)

// A Variable describes one setting for the reference, for the help, and for the
// tests that compare those with Read.
type Variable struct {
	Name    string
	Default string // the value taken when unset, or "required", "none", "the function's region"
	Meaning string // one phrase
}

// Variables returns every setting, in the order of the documentation.
func Variables() []Variable {
	out := make([]Variable, len(table))
	for i, v := range table {
		out[i] = v.Variable
	}
	return out
}

// A variable is a row of the table that Read and Variables use.
type variable struct {
	Variable
	fallback string                         // parsed instead of an unset value; "" leaves the field zero
	parse    func(r *reading, value string) // checks a printable value and stores it
	required bool                           // an unset value is a mistake
	secret   bool                           // messages never show the value
}

const (
	// maxCount bounds every number that has no bound of its own. It is far more
	// than any use, and far below any overflow.
	maxCount = 100_000

	// maxRate is far above the service's usual limit of 20 a second. A larger
	// value is a typing error.
	maxRate = 1000

	// minKeepGone leaves a week to notice that a disk is gone by mistake.
	minKeepGone = 7 * 24 * time.Hour

	// maxAccounts is the limit of ModifySnapshotsSharePermission, API 2017-03-12.
	maxAccounts = 50
)

// table has every setting, in the order of the documentation.
var table = slices.Concat(copyRows, keepRows, serviceRows)

func row(name, fallback, meaning string, parse func(*reading, string)) variable {
	return variable{Variable: Variable{name, fallback, meaning}, fallback: fallback, parse: parse}
}

// optional is a row without a default; shown says what being unset means.
func optional(name, shown, meaning string, parse func(*reading, string)) variable {
	return variable{Variable: Variable{name, shown, meaning}, parse: parse}
}

func required(name, meaning string, parse func(*reading, string)) variable {
	v := optional(name, "required", meaning, parse)
	v.required = true
	return v
}

func secret(name, shown, meaning string, parse func(*reading, string)) variable {
	v := optional(name, shown, meaning, parse)
	v.secret = true
	return v
}

var copyRows = []variable{
	required("TARGET_REGIONS", "comma-separated target regions; a snapshot is never copied to its own region",
		func(r *reading, v string) { r.Targets = r.list(v, cloud.IsRegion, wantRegion) }),
	optional("SOURCE_REGIONS", "the function's region", "regions that are protected; events from others are ignored",
		func(r *reading, v string) { r.Sources = r.list(v, cloud.IsRegion, wantRegion) }),
	row("JOB", "copy", "the job of a timer event that names none: "+cloud.JobNames(),
		func(r *reading, v string) { r.Job = r.job(v) }),
	optional("SELECT_TAGS", "none: all", "key=value,key2=value2: a snapshot or its disk must have all these tags; key=* is any value",
		func(r *reading, v string) { r.SelectTags = r.tags(v) }),
	optional("SELECT_DISKS", "none: all", "comma-separated disk ids",
		func(r *reading, v string) {
			r.SelectDisks = r.list(v, cloud.IsDiskID, "is not a disk id such as disk-omp7wl2m")
		}),
	row("MAX_AGE", "72h", "older snapshots are not copied, except a disk's newest one; 0 is no limit",
		func(r *reading, v string) { r.MaxAge = r.duration(v, true) }),
}

// defaultZone is where most of the platform's users are.
const defaultZone = "Asia/Shanghai"

var keepRows = []variable{
	optional("KEEP_LAST", "none", "keep the newest n replicas, per disk and target region",
		func(r *reading, v string) { r.Keep.Last = r.whole(v, maxCount) }),
	optional("KEEP_HOURLY", "none", "keep one replica per hour, for the last n hours that have a replica",
		func(r *reading, v string) { r.Keep.Hourly = r.whole(v, maxCount) }),
	optional("KEEP_DAILY", "none", "keep one replica per day, for the last n days that have a replica",
		func(r *reading, v string) { r.Keep.Daily = r.whole(v, maxCount) }),
	optional("KEEP_WEEKLY", "none", "keep one replica per week, for the last n weeks that have a replica",
		func(r *reading, v string) { r.Keep.Weekly = r.whole(v, maxCount) }),
	optional("KEEP_MONTHLY", "none", "keep one replica per month, for the last n months that have a replica",
		func(r *reading, v string) { r.Keep.Monthly = r.whole(v, maxCount) }),
	optional("KEEP_YEARLY", "none", "keep one replica per year, for the last n years that have a replica",
		func(r *reading, v string) { r.Keep.Yearly = r.whole(v, maxCount) }),
	optional("KEEP_WITHIN", "none", "keep all replicas up to this age, counted back from the newest that is not in the future, such as 90d",
		func(r *reading, v string) { r.Keep.Within = r.duration(v, false) }),
	optional("KEEP_GONE", "none: for ever", "delete all replicas of a disk that does not exist any more, when all its points are older than this; at least 7d",
		func(r *reading, v string) { r.KeepGone = r.atLeast(v, minKeepGone) }),
	row("TIME_ZONE", defaultZone, "the time zone of the keep rules' hours, days, weeks, months and years",
		func(r *reading, v string) { r.Zone = r.zone(v) }),
	row("DELETE_LIMIT", "200", "the largest number of deletions in one run; a warning says how many are left over",
		func(r *reading, v string) { r.DeleteLimit = r.whole(v, maxCount) }),
}

var serviceRows = []variable{
	row("COPY_TIMEOUT", "6h", "a copy in progress for longer is stuck; a replica that is absent for longer is missing",
		func(r *reading, v string) { r.CopyTimeout = r.duration(v, false) }),
	optional("RPO", "MAX_AGE, or 72h if that is 0", "the greatest allowed age of the newest proven point of each disk; 0 is no limit",
		func(r *reading, v string) { r.RPO, r.rpoSet = r.duration(v, true), true }),
	row("DRY_RUN", "false", "plan and report, change nothing",
		func(r *reading, v string) { r.DryRun = r.boolean(v) }),
	optional("COPY_TAGS", "none", "keys of source tags that replicas get too; * is all keys",
		func(r *reading, v string) { r.CopyTags = r.copyTags(v) }),
	optional("SHARE_ACCOUNTS", "none", "ids of the accounts that get a share of each verified replica",
		func(r *reading, v string) { r.ShareAccounts = r.accounts(v) }),
	secret("NOTIFY_URL", "none", "webhook of a WeCom, DingTalk, Feishu or Slack robot; any other host gets plain JSON",
		func(r *reading, v string) { r.NotifyURL = r.webhook(v) }),
	secret("HEARTBEAT_URL", "none", "asked at the end of each verify run that saw every region and found every disk protected, copying or gone",
		func(r *reading, v string) { r.HeartbeatURL = r.webhook(v) }),
	secret("STATUS_TOKEN", "none", "bearer token of the status page; without one it answers 403; - means that the trigger authenticates",
		func(r *reading, v string) { r.StatusToken = r.token(v) }),
	optional("LANGUAGE", "LC_ALL, LC_MESSAGES, LANG, or en", "zh or en: the language of what people read on the command line, the page and in alarms",
		func(r *reading, v string) { r.Language = LanguageOf(v) }),
	row("DRILL_COUNT", "1", "replicas restored in one drill run",
		func(r *reading, v string) { r.DrillCount = r.whole(v, maxCount) }),
	optional("API_ENDPOINT", "none", "all services are called at this address, such as http://127.0.0.1:9000; http only to a loopback address",
		func(r *reading, v string) { r.APIEndpoint = r.endpoint(v) }),
	row("API_DOMAIN", "tencentcloudapi.com", "intl.tencentcloudapi.com for international accounts, internal.tencentcloudapi.com inside the cloud's network",
		func(r *reading, v string) { r.APIDomain = r.domain(v) }),
	row("API_RATE", "20", "requests per second for each API and region, at most 1000",
		func(r *reading, v string) { r.APIRate = r.whole(v, maxRate) }),
	row("LOG_LEVEL", "info", "debug, info, warn, error",
		func(r *reading, v string) { r.LogLevel = r.level(v) }),
}
