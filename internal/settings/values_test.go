package settings_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"snapferry/internal/cloud"
	"snapferry/internal/settings"
)

const fine = "" // in place of a mistake

// values are single values of single variables, and how the message about each
// begins.
var values = []struct{ name, variable, value, mistake string }{
	{"a region of a new kind", "TARGET_REGIONS", "me-saudi-arabia", fine},
	{"a zone is no region", "TARGET_REGIONS", "ap-beijing-3", `"ap-beijing-3" is not a region`},
	{"two commas", "TARGET_REGIONS", "ap-beijing,,ap-tokyo", `"ap-beijing,,ap-tokyo" has an empty element`},
	{"a comma at the end", "TARGET_REGIONS", "ap-beijing,", `"ap-beijing," has an empty element`},
	{"blanks are unset", "TARGET_REGIONS", "  ", "is not set"},
	{"a line break at the end", "TARGET_REGIONS", "ap-beijing\n", `"ap-beijing\n" has a line break`},
	{"a zero byte", "JOB", "copy\x00", `"copy\x00" has a line break, a control character`},
	{"bytes that are no UTF-8", "COPY_TAGS", "\xff\xfe", `"\xff\xfe" has a line break`},
	{"an invisible space", "COPY_TAGS", "env\u200b", `"env\u200b" has a line break`},
	{"blanks around a word", "JOB", " verify ", fine},
	{"an unknown job", "JOB", "Copy", `"Copy" is not one of copy, verify, retain, drill, status, plan, check`},
	{"any value", "SELECT_TAGS", "env=*", fine},
	{"an equals sign in a value", "SELECT_TAGS", "formula=a=b", fine},
	{"a key alone", "SELECT_TAGS", "env", `"env" is not key=value`},
	{"a value alone", "SELECT_TAGS", "=prod", `"=prod" is not key=value`},
	{"a key without value", "SELECT_TAGS", "env=", `"env=" has no value`},
	{"two values of one key", "SELECT_TAGS", "env=prod,env=test", `"env=test" repeats a key with another value`},
	{"a snapshot for a disk", "SELECT_DISKS", "snap-ckgjwkqh", `"snap-ckgjwkqh" is not a disk id`},
	{"a fraction of days", "MAX_AGE", "1.5d", fine},
	{"a number without unit", "MAX_AGE", "72", `"72" is not a duration`},
	{"less than nothing", "MAX_AGE", "-1h", `"-1h" is not a duration`},
	{"too much", "MAX_AGE", "99999999999999999999d", `"99999999999999999999d" is not a duration`},
	{"no replica at all", "KEEP_LAST", "0", `"0" is not a whole number from 1 to 100000`},
	{"a negative number", "KEEP_DAILY", "-3", `"-3" is not a whole number`},
	{"a signed number", "KEEP_DAILY", "+3", `"+3" is not a whole number`},
	{"a fraction", "KEEP_WEEKLY", "1.5", `"1.5" is not a whole number`},
	{"a number beyond any type", "KEEP_YEARLY", "99999999999999999999", `"99999999999999999999" is not a whole number`},
	{"a number beyond sense", "KEEP_MONTHLY", "100001", `"100001" is not a whole number`},
	{"nothing to keep within", "KEEP_WITHIN", "0d", `"0d" is not more than 0`},
	{"the least age of what is gone", "KEEP_GONE", "7d", fine},
	{"what is gone, too early", "KEEP_GONE", "167h", `"167h" is less than 7d: set 7d or more`},
	{"what is gone, at once", "KEEP_GONE", "0", `"0" is not more than 0`},
	{"no zone", "TIME_ZONE", "Mars/Olympus", `"Mars/Olympus" is not a time zone`},
	{"the machine's zone", "TIME_ZONE", "Local", `"Local" is not a time zone`},
	{"a path for a zone", "TIME_ZONE", "../../etc/passwd", `"../../etc/passwd" is not a time zone`},
	{"no deletions", "DELETE_LIMIT", "0", `"0" is not a whole number`},
	{"no time to copy", "COPY_TIMEOUT", "0", `"0" is not more than 0`},
	{"no alarm", "RPO", "0", fine},
	{"a yes", "DRY_RUN", "yes", `"yes" is not one of true, false, 1, 0`},
	{"all tags", "COPY_TAGS", "*", fine},
	{"all tags and one", "COPY_TAGS", "*,env", `"*,env" has * and other keys`},
	{"our own tags", "COPY_TAGS", "ferry:state", `"ferry:state" is not a tag key`},
	{"the service's tags", "COPY_TAGS", "qcs:x", `"qcs:x" is not a tag key`},
	{"an account by name", "SHARE_ACCOUNTS", "alice", `"alice" is not an account id`},
	{"fifty accounts", "SHARE_ACCOUNTS", accounts(50), fine},
	{"fifty-one accounts", "SHARE_ACCOUNTS", accounts(51), "has 51 accounts"},
	{"a webhook in the clear", "NOTIFY_URL", "http://hooks.example.com/s3cret", "is not an https URL"},
	{"a webhook on this machine", "NOTIFY_URL", "http://localhost:8080/hook", fine},
	{"a webhook that is none", "NOTIFY_URL", "s3cret", "is not a URL"},
	{"a token with a blank", "STATUS_TOKEN", "s3 cret", "is not a token"},
	{"no token wanted", "STATUS_TOKEN", settings.OpenToken, fine},
	{"too fast", "API_RATE", "1001", `"1001" is not a whole number from 1 to 1000`},
	{"an unknown level", "LOG_LEVEL", "verbose", `"verbose" is not one of debug, info, warn, error`},
	{"the network within the cloud", "API_DOMAIN", "internal.tencentcloudapi.com", fine},
	{"another cloud's domain", "API_DOMAIN", "api.example.org", fine},
	{"a domain with a scheme", "API_DOMAIN", "https://tencentcloudapi.com", `"https://tencentcloudapi.com" is not a domain`},
	{"a domain with a path", "API_DOMAIN", "example.com/x", `"example.com/x" is not a domain`},
	{"an address for a domain", "API_DOMAIN", "127.0.0.1", `"127.0.0.1" is not a domain`},
	{"a long value is cut", "JOB", strings.Repeat("é", 100), `"` + strings.Repeat("é", 60) + `…" is not one of`},
}

func TestOneValueOfOneVariable(t *testing.T) {
	for _, c := range values {
		_, err := settings.Read(env(c.variable, c.value), home)
		want := c.mistake
		if want != fine {
			want = c.variable + ": " + want
		}
		checkMistake(t, c.name, err, want)
	}
}

func TestRequestsGoInTheClearOnlyToThisMachine(t *testing.T) {
	const form, clear = "is not a scheme, a host", "would send requests unencrypted"
	for value, mistake := range map[string]string{
		"http://127.0.0.1:9000":           "",
		"http://127.8.9.10":               "",
		"http://[::1]:9000":               "",
		"http://LOCALHOST:9000":           "",
		"https://proxy:8443":              "",
		"https://cbs.example.com":         "",
		"https://192.0.2.1:443/":          "",
		"http://192.0.2.1:9000":           clear,
		"http://0.0.0.0:9000":             clear,
		"http://127.0.0.1.example.com":    clear,
		"http://localhost.example.com":    clear,
		"http://example.com#@127.0.0.1":   "contains user information",
		"http://127.0.0.1@example.com":    "contains user information",
		"https://127.0.0.1/path":          form,
		"https://127.0.0.1?q=1":           form,
		"https://127.0.0.1?":              form,
		"https://127.0.0.1#f":             form,
		"https://":                        form,
		"https://127.0.0.1:":              form,
		"https://127.0.0.1:0":             form,
		"https://127.0.0.1:65536":         form,
		"http://[::1%25lo]:9000":          form,
		"http://127.1:9000":               form,
		"ftp://127.0.0.1":                 form,
		"127.0.0.1:9000":                  form,
		"//127.0.0.1":                     form,
		"https:127.0.0.1":                 form,
		"https://exa mple.com":            form,
		"https://-example.com":            form,
		`http://127.0.0.1\@example.com`:   "contains user information",
		"http://127.0.0.1:9000/%2e%2e/x/": form,
	} {
		s, err := settings.Read(env("API_ENDPOINT", value), home)
		switch {
		case mistake == "":
			checkMistake(t, value, err, "")
			if strings.HasSuffix(s.APIEndpoint, "/") {
				t.Errorf("%s: got %s", value, s.APIEndpoint)
			}
		case err == nil || !strings.Contains(err.Error(), mistake):
			t.Errorf("%s: got %v, want %s", value, err, mistake)
		}
	}
}

func TestPasswordsInURLsAreNotShown(t *testing.T) {
	for _, variable := range []string{"API_ENDPOINT", "API_DOMAIN", "TARGET_REGIONS"} {
		for _, value := range []string{"https://user:passw0rd@example.com", "https://user:passw0rd@example.com\n"} {
			_, err := settings.Read(env(variable, value), home)
			if err == nil || strings.Contains(err.Error(), "passw0rd") {
				t.Errorf("%s=%q: got %v", variable, value, err)
			}
		}
	}
}

func accounts(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint(100000000000 + i)
	}
	return strings.Join(all, ",")
}

func TestDurationsTakeDaysAndWeeks(t *testing.T) {
	const day = 24 * time.Hour
	for s, want := range map[string]time.Duration{
		"0": 0, "72h": 72 * time.Hour, "90d": 90 * day, "1w2d12h": 9*day + 12*time.Hour, "1h30m15s": 5415 * time.Second,
		"1.5h": 90 * time.Minute, "0s": 0, "15250w": 15250 * 7 * day,
	} {
		if got, err := settings.ParseDuration(s); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", s, got, err, want)
		}
	}
	for _, s := range []string{
		"", "1", "d", "-1d", "+1d", "1x", "1D", "500ms", "1 d", "1d ", ".5h", "1.h", "1e3h",
		"99999999999999999999d", "15251w", "15250w15250w", "9223372036854775808s", "１d",
	} {
		if got, err := settings.ParseDuration(s); err == nil {
			t.Errorf("%q: got %s", s, got)
		}
	}
}

func FuzzDuration(f *testing.F) {
	for _, s := range []string{"0", "72h", "1w2d12h", "99999999999999999999d", "15250w1d23h47m16s", "0.1w", "-1d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := settings.ParseDuration(s)
		if d < 0 || err != nil && d != 0 {
			t.Errorf("%q: got %s, %v", s, d, err)
		}
		// Without days and weeks the standard library reads the same.
		if std, stdErr := time.ParseDuration(s); err == nil && stdErr == nil && std != d {
			t.Errorf("%q: got %s, want %s", s, d, std)
		}
	})
}

func FuzzRead(f *testing.F) {
	for i, v := range settings.Variables() {
		f.Add(i, v.Default)
	}
	f.Add(0, "ap-guangzhou")
	f.Add(3, "a=b,c=*,a=*")
	f.Add(24, "https://user:pw@[::1]:0/?")
	f.Fuzz(func(t *testing.T, which int, value string) {
		all := settings.Variables()
		v := all[int(uint(which)%uint(len(all)))]
		s, err := settings.Read(env(v.Name, value), home)
		if err != nil {
			line := err.Error()
			if !strings.Contains(line, v.Name) || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%s=%q: %q", v.Name, value, line)
			}
			return
		}
		checkSane(t, s)
	})
}

// checkSane checks what the fields of Settings promise.
func checkSane(t *testing.T, s settings.Settings) {
	t.Helper()
	for _, name := range append(s.Targets, s.Sources...) {
		if !cloud.IsRegion(name) {
			t.Errorf("region %q", name)
		}
	}
	for _, disk := range s.SelectDisks {
		if !cloud.IsDiskID(disk) {
			t.Errorf("disk %q", disk)
		}
	}
	for _, tag := range s.SelectTags {
		if tag.Key == "" || tag.Value == "" {
			t.Errorf("tag %q", tag)
		}
	}
	k := s.Keep
	if min(k.Last, k.Hourly, k.Daily, k.Weekly, k.Monthly, k.Yearly) < 0 || min(k.Within, s.MaxAge, s.RPO) < 0 {
		t.Errorf("less than nothing: %+v", s)
	}
	if len(s.Targets) == 0 || len(s.Sources) == 0 || s.Job == "" || s.Zone == nil || s.APIDomain == "" ||
		min(s.DeleteLimit, s.DrillCount, s.APIRate) < 1 || s.APIRate > 1000 || s.CopyTimeout <= 0 {
		t.Errorf("incomplete: %+v", s)
	}
}

func TestAMomentIsATimeOrADateAndTimeInTheZone(t *testing.T) {
	zone := time.FixedZone("UTC+8", 8*60*60)
	for text, want := range map[string]string{
		"2026-11-23T13:21:00Z": "2026-11-23T13:21:00Z", "2026-11-23T13:21:00+02:00": "2026-11-23T11:21:00Z",
		"2026-11-23 21:21": "2026-11-23T13:21:59Z", "2026-11-23 21:21:07": "2026-11-23T13:21:07Z", "2026-11-23T21:21": "2026-11-23T13:21:59Z",
		"": "0001-01-01T00:00:00Z", "yesterday": "", "2026-11-23 13:21Z": "2026-11-23T13:21:59Z", "2026-11-23": "", "0001-01-01T00:00:00Z": "", "1026-11-23 21:21": "", "2026-13-23 21:21": "", "21:21": "",
	} {
		got, err := settings.Moment(text, zone)
		if (err == nil) != (want != "") || err == nil && got.Format(time.RFC3339) != want {
			t.Errorf("%q: got %s, %v, want %q", text, got, err, want)
		}
	}
}
