package settings

import (
	"slices"

	"snapferry/internal/cloud"
)

// A Variable describes one setting for the README, for the help, and for the
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

// A variable is a row of the table behind Read and Variables.
type variable struct {
	Variable
	fallback string                         // parsed in place of an unset value; "" leaves the field zero
	parse    func(r *reading, value string) // checks a printable value and stores it
	required bool                           // to leave it unset is a mistake
	secret   bool                           // no message shows the value
}

const (
	// maxCount bounds every number that has no bound of its own. It is far above
	// any use and far below any overflow.
	maxCount = 100_000

	// maxRate is far above the 20 a second that are allowed by default. A
	// larger value is a typing error.
	maxRate = 1000

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
	required("TARGET_REGIONS", "comma-separated destination regions; one that is also a source is left out for that source",
		func(r *reading, v string) { r.Targets = r.list(v, cloud.IsRegion, wantRegion) }),
	optional("SOURCE_REGIONS", "the function's region", "regions that are protected; events from others are ignored",
		func(r *reading, v string) { r.Sources = r.list(v, cloud.IsRegion, wantRegion) }),
	row("JOB", "copy", "the job of a timer event that names none: "+cloud.JobNames(),
		func(r *reading, v string) { r.Job = r.job(v) }),
	optional("SELECT_TAGS", "none: all", "key=value,key2=value2: all must match in the tags of a snapshot and its disk; key=* any value",
		func(r *reading, v string) { r.SelectTags = r.tags(v) }),
	optional("SELECT_DISKS", "none: all", "comma-separated disk ids",
		func(r *reading, v string) {
			r.SelectDisks = r.list(v, cloud.IsDiskID, "is not a disk id such as disk-omp7wl2m")
		}),
	row("MAX_AGE", "72h", "older source snapshots are not copied; 0 is no bound",
		func(r *reading, v string) { r.MaxAge = r.duration(v, true) }),
}

var keepRows = []variable{
	optional("KEEP_LAST", "none", "the newest n replicas stay, per disk and target region",
		func(r *reading, v string) { r.Keep.Last = r.whole(v, maxCount) }),
	optional("KEEP_HOURLY", "none", "the newest replica of each of the last n hours that have one stays",
		func(r *reading, v string) { r.Keep.Hourly = r.whole(v, maxCount) }),
	optional("KEEP_DAILY", "none", "the newest replica of each of the last n days that have one stays",
		func(r *reading, v string) { r.Keep.Daily = r.whole(v, maxCount) }),
	optional("KEEP_WEEKLY", "none", "the newest replica of each of the last n weeks that have one stays",
		func(r *reading, v string) { r.Keep.Weekly = r.whole(v, maxCount) }),
	optional("KEEP_MONTHLY", "none", "the newest replica of each of the last n months that have one stays",
		func(r *reading, v string) { r.Keep.Monthly = r.whole(v, maxCount) }),
	optional("KEEP_YEARLY", "none", "the newest replica of each of the last n years that have one stays",
		func(r *reading, v string) { r.Keep.Yearly = r.whole(v, maxCount) }),
	optional("KEEP_WITHIN", "none", "replicas less than this much older than the newest stay, such as 90d",
		func(r *reading, v string) { r.Keep.Within = r.duration(v, false) }),
	row("TIME_ZONE", "Asia/Shanghai", "where days, weeks and months begin for the keep rules",
		func(r *reading, v string) { r.Zone = r.zone(v) }),
	row("DELETE_LIMIT", "50", "most deletions in one run",
		func(r *reading, v string) { r.DeleteLimit = r.whole(v, maxCount) }),
}

var serviceRows = []variable{
	row("COPY_TIMEOUT", "6h", "a copy in progress for longer is stuck, a wanted replica absent for longer is missing",
		func(r *reading, v string) { r.CopyTimeout = r.duration(v, false) }),
	optional("RPO", "none", "the newest verified replica of each selected disk may be at most this old",
		func(r *reading, v string) { r.RPO = r.duration(v, false) }),
	row("DRY_RUN", "false", "plan and report, change nothing",
		func(r *reading, v string) { r.DryRun = r.truth(v) }),
	optional("COPY_TAGS", "none", "keys of source tags put on the replica; * is all of them",
		func(r *reading, v string) { r.CopyTags = r.copyTags(v) }),
	optional("SHARE_ACCOUNTS", "none", "account ids a verified replica is shared with",
		func(r *reading, v string) { r.ShareAccounts = r.accounts(v) }),
	secret("NOTIFY_URL", "none", "webhook: WeCom, DingTalk, Feishu and Slack robots by their host, else plain JSON",
		func(r *reading, v string) { r.NotifyURL = r.webhook(v) }),
	secret("REPORT_TOKEN", "none", "bearer token of the status page; none answers 403, - leaves authentication to the trigger",
		func(r *reading, v string) { r.ReportToken = r.token(v) }),
	row("DRILL_COUNT", "1", "replicas restored in one drill run",
		func(r *reading, v string) { r.DrillCount = r.whole(v, maxCount) }),
	optional("API_ENDPOINT", "none", "every service is called there, such as http://127.0.0.1:9000; plain http only to a loopback address",
		func(r *reading, v string) { r.APIEndpoint = r.endpoint(v) }),
	row("API_DOMAIN", "tencentcloudapi.com", "intl.tencentcloudapi.com for international accounts, internal.tencentcloudapi.com inside the cloud's network",
		func(r *reading, v string) { r.APIDomain = r.domain(v) }),
	row("API_RATE", "20", "requests a second for each API and region",
		func(r *reading, v string) { r.APIRate = r.whole(v, maxRate) }),
	row("LOG_LEVEL", "info", "debug, info, warn, error",
		func(r *reading, v string) { r.LogLevel = r.level(v) }),
}
