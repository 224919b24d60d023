package settings

import (
	"regexp"
	"strings"
)

var (
	accountForm = regexp.MustCompile(`^[0-9]{1,20}$`)
	hostForm    = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

const (
	maxHost  = 253 // RFC 1035, as text
	maxKey   = 127 // tag service, API 2018-08-13
	maxValue = 255 // likewise

	wantRegion = "is not a region such as ap-guangzhou"
)

// isHost reports whether s is a lower-case host name and no address.
func isHost(s string) bool { return len(s) <= maxHost && hostForm.MatchString(s) }

// isDomain reports whether s is a host name with a dot in it.
func isDomain(s string) bool { return isHost(s) && strings.Contains(s, ".") }

func isAccount(s string) bool { return accountForm.MatchString(s) }
