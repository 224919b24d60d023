package settings

import (
	"regexp"
	"strings"
)

var (
	diskForm     = regexp.MustCompile(`^disk-[A-Za-z0-9]+$`)
	snapshotForm = regexp.MustCompile(`^snap-[A-Za-z0-9]+$`)
	accountForm  = regexp.MustCompile(`^[0-9]{1,20}$`)
	hostForm     = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

const (
	maxID    = 32  // ids seen so far have 13
	maxHost  = 253 // RFC 1035, as text
	maxKey   = 127 // tag service, API 2018-08-13
	maxValue = 255 // likewise

	wantRegion = "is not a region such as ap-guangzhou"
)

// IsDisk reports whether s has the form of a disk id: disk- and letters or
// digits, at most 32 characters.
func IsDisk(s string) bool { return len(s) <= maxID && diskForm.MatchString(s) }

// IsSnapshot reports whether s has the form of a snapshot id: snap- and
// letters or digits, at most 32 characters.
func IsSnapshot(s string) bool { return len(s) <= maxID && snapshotForm.MatchString(s) }

// isHost reports whether s is a lower-case host name and no address.
func isHost(s string) bool { return len(s) <= maxHost && hostForm.MatchString(s) }

// isDomain reports whether s is a host name with a dot in it.
func isDomain(s string) bool { return isHost(s) && strings.Contains(s, ".") }

func isAccount(s string) bool { return accountForm.MatchString(s) }
