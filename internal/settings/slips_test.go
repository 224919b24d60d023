package settings_test

import (
	"strings"
	"testing"

	"snapferry/internal/settings"
)

func TestANameThatIsNearlyASettingsIsAMistake(t *testing.T) {
	for name, meant := range map[string]string{
		"SELECT_TAG": "SELECT_TAGS", "KEEP_DALY": "KEEP_DAILY", "KEEP_DIALY": "KEEP_DAILY", "TARGET_REGION": "TARGET_REGIONS",
		"COPY_TIMEOUTS": "COPY_TIMEOUT", "KEEP_WEEKLi": "KEEP_WEEKLY", "SOURCE_REGOINS": "SOURCE_REGIONS",
		"KEEP_DAILY": "", "RPOO": "", "JOBS": "", "KEEP_LOST_": "", "KEEP_MINUTELY": "", "PATH": "", "": "", "KEEP_": "",
	} {
		_, err := settings.Read(env(), home, "HOME", name)
		switch {
		case meant == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case meant != "" && (err == nil || !strings.HasPrefix(err.Error(), name+": ") || !strings.Contains(err.Error(), meant)):
			t.Errorf("%s: got %v, want a mistake that names %s", name, err, meant)
		}
	}
}

// With MAX_AGE not above COPY_TIMEOUT, what is missing is too old to be wanted
// before the alarm for it may ring.
func TestMaxAgeIsLongerThanCopyTimeout(t *testing.T) {
	for _, c := range []struct{ age, timeout, want string }{
		{"6h", "6h", "MAX_AGE"}, {"5h", "6h", "MAX_AGE"}, {"72h", "3d", "MAX_AGE"}, {"6h1s", "6h", ""}, {"0", "6h", ""}, {"", "", ""}, {"x", "6h", "is not a duration"},
	} {
		_, err := settings.Read(env("MAX_AGE", c.age, "COPY_TIMEOUT", c.timeout), home)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("MAX_AGE=%s COPY_TIMEOUT=%s: got %v, want %q", c.age, c.timeout, err, c.want)
		}
	}
}
