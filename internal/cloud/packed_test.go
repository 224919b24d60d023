package cloud_test

import (
	"cmp"
	"strings"
	"testing"

	"snapferry/internal/cloud"
)

func TestPackedIDsComeOutAsTheyWentInAndKeepTheirOrder(t *testing.T) {
	ids := []string{"0", "00", "09", "A", "Zz09", "a", "ckgjwkqh", "ckgjwkqi", "ckgjwkqhab", "ckgjwkqhac", "zzzzzzzzzz"}
	for _, a := range ids {
		packed, ok := cloud.PackID(cloud.SnapshotPrefix, "snap-"+a)
		if got := cloud.UnpackID(cloud.SnapshotPrefix, packed); !ok || packed == 0 || packed>>60 != 0 || got != "snap-"+a {
			t.Errorf("%s: packed as %x (%t), and comes out as %s", a, packed, ok, got)
		}
		for _, b := range ids {
			other, _ := cloud.PackID(cloud.SnapshotPrefix, "snap-"+b)
			if cmp.Compare(packed, other) != strings.Compare(a, b) {
				t.Errorf("%s and %s compare otherwise when they are packed", a, b)
			}
		}
	}
}

func TestWhatDoesNotFitIsNotPacked(t *testing.T) {
	for _, id := range []string{"", "snap-", "disk-a", "snap", "snap-abcdefghijk", "snap-a_b", "snap-a-b", "snap-ä", "snap-a/", "snap-:", "snap-@", "snap-[", "snap-`", "snap-{"} {
		if packed, ok := cloud.PackID(cloud.SnapshotPrefix, id); ok {
			t.Errorf("%q is packed as %x", id, packed)
		}
	}
}
