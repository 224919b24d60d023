package settings

import (
	"errors"
	"regexp"
	"time"

	"github.com/xhit/go-str2duration/v2"
)

// durationForm leaves out what time.ParseDuration takes besides: signs, and
// units below a second, which no setting has a use for.
var durationForm = regexp.MustCompile(`^(0|([0-9]+(\.[0-9]+)?[wdhms])+)$`)

var errDuration = errors.New("not a duration such as 72h, 3d or 2w")

// ParseDuration reads numbers with the units w, d, h, m and s, such as 72h,
// 90d or 1w2d12h; a day has 24 hours. A bare 0 is zero, and whether zero will
// do is the caller's to say. Negative and overflowing durations are errors.
func ParseDuration(s string) (time.Duration, error) {
	if !durationForm.MatchString(s) {
		return 0, errDuration
	}
	d, err := str2duration.ParseDuration(s)
	if err != nil || d < 0 {
		// The form was right, so this is a number that does not fit.
		return 0, errDuration
	}
	return d, nil
}
