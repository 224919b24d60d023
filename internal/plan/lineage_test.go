package plan_test

import (
	"strings"
	"testing"
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

var t0 = time.Date(2026, 11, 23, 13, 21, 0, 0, time.UTC)

func TestANameIsWhatTheContractSays(t *testing.T) {
	l := plan.Lineage{Source: "snap-ckgjwkqh", Disk: "disk-omp7wl2m", Region: "ap-guangzhou", Created: t0}
	if got, want := l.Name(), "ferry_ckgjwkqh_omp7wl2m_ap-guangzhou_20261123T132100Z"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	l.Disk = ""
	if got, want := l.Name(), "ferry_ckgjwkqh_none_ap-guangzhou_20261123T132100Z"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	l.Created = t0.In(time.FixedZone("", 8*3600))
	if got, want := l.Name(), "ferry_ckgjwkqh_none_ap-guangzhou_20261123T132100Z"; got != want {
		t.Errorf("in another zone: got %s, want %s", got, want)
	}
}

func TestNamesThatLookNearlyLikeOursAreSomebodyElses(t *testing.T) {
	good := "ferry_ckgjwkqh_omp7wl2m_ap-guangzhou_20261123T132100Z"
	if _, ok := plan.ParseName(good); !ok {
		t.Fatalf("%s is refused", good)
	}
	for what, name := range map[string]string{
		"empty":                 "",
		"the prefix alone":      "ferry_",
		"another prefix":        strings.Replace(good, "ferry", "Ferry", 1),
		"something before":      " " + good,
		"something after":       good + " ",
		"a part more":           good + "_1",
		"a part less":           "ferry_ckgjwkqh_ap-guangzhou_20261123T132100Z",
		"an impossible day":     strings.Replace(good, "1123T", "0230T", 1),
		"an impossible month":   strings.Replace(good, "20261123", "20261323", 1),
		"an impossible hour":    strings.Replace(good, "T1321", "T2521", 1),
		"a time without zone":   strings.TrimSuffix(good, "Z"),
		"a region that is none": strings.Replace(good, "ap-guangzhou", "guangzhou", 1),
		"a zone for a region":   strings.Replace(good, "ap-guangzhou", "ap-guangzhou-3", 1),
		"ids with prefixes":     strings.Replace(good, "ckgjwkqh", "snap-ckgjwkqh", 1),
		"an empty id":           strings.Replace(good, "ckgjwkqh", "", 1),
		"61 bytes":              strings.Replace(good, "ckgjwkqh", "ckgjwkqh12345678", 1),
		"the console's default": "Copied snap-6z1cbtrc from ap-seoul",
	} {
		if l, ok := plan.ParseName(name); ok {
			t.Errorf("%s: %q was taken for %+v", what, name, l)
		}
	}
	if name := strings.Replace(good, "ckgjwkqh", "ckgjwkqh1234567", 1); len(name) != plan.MaxName {
		t.Errorf("%s has %d bytes", name, len(name))
	} else if _, ok := plan.ParseName(name); !ok {
		t.Errorf("%s, of just %d bytes, is refused", name, plan.MaxName)
	}
}

func TestOnlyACopyFromTheNamedRegionIsOurs(t *testing.T) {
	name := plan.Lineage{Source: "snap-a", Disk: "disk-a", Region: "ap-guangzhou", Created: t0}.Name()
	for what, c := range map[string]struct {
		s    cloud.Snapshot
		want bool
	}{
		"finished":                        {cloud.Snapshot{Name: name, Region: "ap-beijing", CopyFromRemote: true, State: cloud.Normal}, true},
		"arriving, not yet marked":        {cloud.Snapshot{Name: name, Region: "ap-beijing", State: cloud.Copying}, true},
		"being checked, not yet marked":   {cloud.Snapshot{Name: name, Region: "ap-beijing", State: cloud.Checking}, true},
		"not a copy":                      {cloud.Snapshot{Name: name, Region: "ap-beijing", State: cloud.Normal}, false},
		"in the region that the name has": {cloud.Snapshot{Name: name, Region: "ap-guangzhou", CopyFromRemote: true, State: cloud.Normal}, false},
		"tagged as ours, named otherwise": {cloud.Snapshot{Name: "x", Region: "ap-beijing", CopyFromRemote: true, State: cloud.Normal, Tags: map[string]string{plan.StateTag: plan.StateVerified}}, false},
	} {
		if _, got := plan.Ours(&c.s); got != c.want {
			t.Errorf("%s: got %v, want %v", what, got, c.want)
		}
	}
}

func FuzzParseName(f *testing.F) {
	f.Add("ferry_ckgjwkqh_omp7wl2m_ap-guangzhou_20261123T132100Z")
	f.Add("ferry_ckgjwkqh_none_ap-guangzhou_20260230T132100Z")
	f.Add("ferry_\x00_none_ap-guangzhou_20260230T132100Z")
	f.Fuzz(func(t *testing.T, name string) {
		l, ok := plan.ParseName(name)
		if !ok {
			return
		}
		if got := l.Name(); got != name {
			t.Errorf("%q is read as %+v, which is named %q", name, l, got)
		}
	})
}
