package settings_test

import (
	"strings"
	"testing"

	"snapferry/internal/settings"
)

// A SELECT_TAGS that is taken can be written out and read again, asks for no
// key twice, and for nothing that no tag could be.
func FuzzSelectTags(f *testing.F) {
	for _, value := range []string{
		"env=prod", "env=prod,team=*", " env = prod ", "a=b=c", "=", "a=", "=b", "a", ",", "a=b,", "a=b,a=b", "a=b,a=c", "a=*,a=*", "*=*",
		"部门=生产", "a=\x00", "a=b\nc=d", "a=<b>", "a=\"", "\xff=\xfe", strings.Repeat("k", 128) + "=v", "k=" + strings.Repeat("v", 256),
	} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		s, err := settings.Read(env("SELECT_TAGS", value), home)
		if err != nil {
			if len(err.Error()) > 4<<10 || strings.ContainsAny(err.Error(), "\n\r\x00") {
				t.Errorf("%q: %q", value, err)
			}
			return
		}
		var again []string
		seen := map[string]bool{}
		for _, tag := range s.SelectTags {
			if seen[tag.Key] || tag.Key == "" || tag.Value == "" || len(tag.Key) > 127 || len(tag.Value) > 255 {
				t.Errorf("%q: %+v", value, tag)
			}
			if !strings.Contains(value, tag.Key) || !strings.Contains(value, tag.Value) {
				t.Errorf("%q: %+v is not what it says", value, tag)
			}
			seen[tag.Key] = true
			again = append(again, tag.Key+"="+tag.Value)
		}
		second, err := settings.Read(env("SELECT_TAGS", strings.Join(again, ",")), home)
		if err != nil || len(second.SelectTags) != len(s.SelectTags) {
			t.Errorf("%q: written out as %q it is read as %+v, %v", value, again, second.SelectTags, err)
		}
	})
}
