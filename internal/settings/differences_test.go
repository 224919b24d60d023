package settings_test

import (
	"strings"
	"testing"

	"snapferry/internal/settings"
)

func TestDifferencesThatCount(t *testing.T) {
	environment := func(text string) func(string) string {
		values := map[string]string{}
		for part := range strings.FieldsSeq(text) {
			name, value, _ := strings.Cut(part, "=")
			values[name] = strings.ReplaceAll(value, "_", " ")
		}
		return func(name string) string { return values[name] }
	}
	for _, c := range []struct{ a, b, rules, others string }{
		{"", "", "", ""},
		{"TARGET_REGIONS=ap-beijing,ap-shanghai", "TARGET_REGIONS=ap-shanghai,_ap-beijing", "", ""},
		{"MAX_AGE=72h RPO=1d DRY_RUN=0", "RPO=24h", "", ""},
		{"TIME_ZONE=Asia/Shanghai", "", "", ""},
		{"JOB=copy LANGUAGE=zh API_RATE=5 STATUS_TOKEN=sixteen-letters-or-more", "JOB=verify", "", ""},
		{"KEEP_DAILY=7 SHARE_ACCOUNTS=1000000", "KEEP_DAILY=8", "KEEP_DAILY SHARE_ACCOUNTS", ""},
		{"SELECT_TAGS=team=a_b", "SELECT_TAGS=team=ab", "SELECT_TAGS", ""},
		{"KEEP_LAST=x", "KEEP_LAST=y", "KEEP_LAST", ""},
		{"TARGET_REGIONS=ap-beijing TIME_ZONE=UTC", "", "TARGET_REGIONS TIME_ZONE", ""},
		{"NOTIFY_URL=https://a.example/1 COPY_TIMEOUT=1h", "NOTIFY_URL=https://a.example/2 DELETE_LIMIT=7", "", "DELETE_LIMIT COPY_TIMEOUT NOTIFY_URL"},
	} {
		rules, others := settings.Differences(environment(c.a), environment(c.b))
		if strings.Join(rules, " ") != c.rules || strings.Join(others, " ") != c.others {
			t.Errorf("%q and %q differ in %v and %v", c.a, c.b, rules, others)
		}
	}
}
