// Package region knows the form of a region's name. It promises that a name
// it accepts is safe in an API call, a log line and a replica's name; it does
// not promise that the region exists. New regions appear, so the service
// decides that.
package region

import (
	"regexp"
	"strings"
)

// form is how all 24 known regions look (ap-guangzhou, na-siliconvalley,
// ap-shanghai-fsi): a two-letter area, then one or two words.
var form = regexp.MustCompile(`^[a-z]{2}-[a-z]{3,20}[0-9]{0,2}(-[a-z]{2,10}[0-9]{0,2})?$`)

// maxLength leaves a replica's name room for ids of nine characters within
// the service's 60 bytes. The longest known region has 16.
const maxLength = 20

// Valid reports whether s has the form of a region.
func Valid(s string) bool { return len(s) <= maxLength && form.MatchString(s) }

// Finance reports whether s is a finance region. Those copy snapshots only
// among themselves and answer only at their own host.
func Finance(s string) bool { return strings.HasSuffix(s, "-fsi") }
