package cloud

import "strings"

const (
	// maxRegion is small enough that a replica's name, which has at most 60
	// bytes, can hold ids of nine characters. The longest known region has 16.
	maxRegion = 20
	// maxID is far above the ids seen so far, which have 13 characters.
	maxID = 32
)

// IsRegion reports whether s has the form of a region: a two-letter area, then
// one or two words (ap-guangzhou, na-siliconvalley, ap-shanghai-fsi). All 24
// known regions pass. Only the service knows whether the region exists: new ones
// appear.
func IsRegion(s string) bool {
	area, rest, ok := strings.Cut(s, "-")
	first, second, two := strings.Cut(rest, "-")
	return ok && len(s) <= maxRegion && isWord(area, 2, 2, 0) && isWord(first, 3, 20, 2) && (!two || isWord(second, 2, 10, 2))
}

// isWord reports whether s has from least to most lower-case letters, followed
// by at most the given number of digits.
func isWord(s string, least, most, digits int) bool {
	letters := strings.TrimRight(s, "0123456789")
	for _, c := range []byte(letters) {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return len(letters) >= least && len(letters) <= most && len(s)-len(letters) <= digits
}

// IsFinance reports whether a region is a finance region. Finance regions copy
// snapshots only to each other, and have hosts of their own.
func IsFinance(region string) bool { return strings.HasSuffix(region, "-fsi") }

// The prefixes of ids.
const (
	SnapshotPrefix = "snap-"
	DiskPrefix     = "disk-"
)

// IsSnapshotID reports whether s has the form of a snapshot's id: snap- and
// letters or digits, at most 32 characters.
func IsSnapshotID(s string) bool { return isID(SnapshotPrefix, s) }

// IsDiskID reports whether s has the form of a disk's id: disk- and letters or
// digits, at most 32 characters.
func IsDiskID(s string) bool { return isID(DiskPrefix, s) }

func isID(prefix, s string) bool {
	rest, ok := strings.CutPrefix(s, prefix)
	return ok && len(s) <= maxID && IsPlain(rest)
}

// IsPlain reports whether s is letters and digits, and not empty: an id
// without its prefix.
func IsPlain(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != ""
}
