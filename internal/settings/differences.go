package settings

import (
	"reflect"
	"slices"
	"strings"
)

// own are the settings that may well differ from function to function, and from a shell.
var own = []string{"JOB", "LANGUAGE", "LOG_LEVEL", "API_ENDPOINT", "API_DOMAIN", "API_RATE"}

// fighting are the settings beside the keep rules with which two functions undo each
// other's work.
var fighting = []string{"TARGET_REGIONS", "SOURCE_REGIONS", "SELECT_TAGS", "SELECT_DISKS", "MAX_AGE", "TIME_ZONE", "SHARE_ACCOUNTS"}

// Differences names the settings to which two environments give different values, in
// the order of Variables. With rules, two functions undo each other's work. Spelling and
// the order of lists do not count, and a secret only where both have one.
func Differences(a, b func(name string) string) (rules, others []string) {
	for _, v := range table {
		x, y := a(v.Name), b(v.Name)
		switch {
		case x == y, slices.Contains(own, v.Name), v.secret && (x == "" || y == ""), v.same(x, y):
		case strings.HasPrefix(v.Name, "KEEP_"), slices.Contains(fighting, v.Name):
			rules = append(rules, v.Name)
		default:
			others = append(others, v.Name)
		}
	}
	return rules, others
}

// same reports whether two texts are the same value. Texts that can't be read are not.
func (v variable) same(x, y string) bool {
	var both [2]reading
	for i, text := range []string{x, y} {
		parts := strings.Split(text, ",")
		for i := range parts {
			parts[i] = strings.Trim(parts[i], " ")
		}
		slices.Sort(parts)
		both[i].read(v, strings.Join(parts, ","))
		if len(both[i].mistakes) > 0 {
			return false
		}
	}
	return reflect.DeepEqual(both[0].Settings, both[1].Settings)
}
