package settings

import (
	"fmt"
	"time"
)

// oldest is before every snapshot. A time before it is a slip, and the zero time must not
// be read as no time.
var oldest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Moment reads a time as a person writes it: RFC 3339, as the tables show it, or a date
// and a time in a zone. One without seconds is its whole minute, as the tables show it,
// so its end is returned: a point that is shown as 21:21 is at or before 21:21.
// "" is the zero time.
func Moment(s string, zone *time.Location) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(form, s, zone); err == nil && !t.Before(oldest) {
			return t.UTC(), nil
		}
	}
	for _, form := range []string{"2006-01-02 15:04Z07:00", "2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(form, s, zone); err == nil && !t.Before(oldest) {
			return t.UTC().Add(time.Minute - time.Second), nil
		}
	}
	return time.Time{}, fmt.Errorf("the time %q is not like 2026-11-23T13:21:00Z, or like \"2026-11-23 21:21\" in TIME_ZONE (%s)", s, zone)
}
