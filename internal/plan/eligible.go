package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"snapferry/internal/cloud"
)

// The tags that people set on source snapshots and disks.
const (
	SkipTag    = "ferry:skip"
	TargetsTag = "ferry:targets"
)

// StateTag and StateVerified are the tag that a verified replica carries. The
// value is a constant because a tag key holds at most 1,000 different values.
const (
	StateTag      = "ferry:state"
	StateVerified = "verified"
)

// DrilledTag is the tag of a replica that a drill restored, with the ISO week.
// RestoreTag and DrillTag are those of disks that a restore or a drill made, with the
// replica's id.
const (
	DrilledTag = "ferry:drilled"
	RestoreTag = "ferry:restore"
	DrillTag   = "ferry:drill"
)

// tags are the tags of a snapshot and of its disk. If both have a key, the
// snapshot's value counts.
type tags struct{ snapshot, disk map[string]string }

func (t tags) get(key string) (string, bool) {
	if v, ok := t.snapshot[key]; ok {
		return v, true
	}
	v, ok := t.disk[key]
	return v, ok
}

// skip says that there is a ferry:skip tag; "" if not.
func (t tags) skip() string {
	if _, ok := t.get(SkipTag); ok {
		return "tagged " + SkipTag
	}
	return ""
}

// unselected says why the rules leave a snapshot out; "" if they don't.
func (r *Rules) unselected(s *cloud.Snapshot, t tags) string {
	if len(r.SelectDisks) > 0 && !slices.Contains(r.SelectDisks, s.Disk) {
		return "not selected: its disk is not in SELECT_DISKS"
	}
	for _, want := range r.SelectTags {
		got, ok := t.get(want.Key)
		switch {
		case !ok:
			return fmt.Sprintf("not selected: no tag %s on it or its disk", want.Key)
		case want.Value != "*" && got != want.Value:
			return fmt.Sprintf("not selected: tag %s is not %s", want.Key, want.Value)
		}
	}
	return ""
}

// ineligible says why the service can never copy a snapshot; "" if it can.
func ineligible(s *cloud.Snapshot) string {
	switch {
	case s.CopyFromRemote || s.Arriving():
		return "is a replica itself"
	case s.SharedIn:
		return "belongs to another account, which shares it with this one"
	case s.Encrypted:
		return "is encrypted: the service does not copy encrypted snapshots"
	case s.State == cloud.ToRecycle:
		return "is about to be recycled (TORECYCLE)"
	}
	return ""
}

// unnameable says why a snapshot's replicas can't be named; "" if they can. The
// service would copy it, so this is a failure of ours.
func unnameable(s *cloud.Snapshot) string {
	if s.Created.IsZero() {
		return "its creation time can't be read, so its replica can't be named: report it, and copy the snapshot by hand"
	}
	if name := LineageOf(s).Name(); len(name) > MaxName {
		return fmt.Sprintf("its replica's name would be longer than the %d bytes that the service takes: copy it by hand", MaxName)
	} else if _, ok := ParseName(name); !ok {
		return "its ids have a form that a replica's name can't hold: copy it by hand"
	}
	return ""
}

// notReady says why a snapshot can't be copied yet; "" if it can. A replica that is
// named for the future would not be believed.
func notReady(s *cloud.Snapshot, now time.Time) string {
	switch {
	case s.State == "" || s.Percent < 0:
		return "the service does not show its state or percent now"
	case !s.Ready():
		return fmt.Sprintf("the source is %s at %d %%; it is copied when it is NORMAL at 100 %%", cut(string(s.State), 40), s.Percent)
	case s.Created.After(now.Add(clockSkew)):
		return fmt.Sprintf("its creation time %s is in the future", s.Created.UTC().Format(time.RFC3339))
	}
	return ""
}

// tooOld says that a snapshot is older than MAX_AGE; "" if not.
func (r *Rules) tooOld(s *cloud.Snapshot, now time.Time) string {
	if r.MaxAge > 0 && now.Sub(s.Created) > r.MaxAge {
		return fmt.Sprintf("%s old, older than MAX_AGE", Coarse(now.Sub(s.Created)))
	}
	return ""
}

// destinations are the regions in which a snapshot should have replicas: those
// of the rules, or those of its own tag. The order's regions narrow them. If the
// snapshot was requested by id, the order's regions replace them. note says what
// was dropped.
func (r *Rules) destinations(s *cloud.Snapshot, t tags, o *Order) (to []string, note string) {
	want := r.Targets
	if len(o.Targets) > 0 {
		want = o.Targets
	}
	v, tagged := t.get(TargetsTag)
	if tagged && (!o.Explicit || len(o.Targets) == 0) {
		want, note = taggedTargets(s, v)
		allowed := len(want)
		if want = slices.DeleteFunc(want, func(to string) bool { return !o.includes(to) }); len(want) < allowed {
			note = join(note, "its "+TargetsTag+" tag excludes other requested regions")
		}
	}
	for _, region := range want {
		if region != s.Region && !slices.Contains(to, region) {
			to = append(to, region)
		}
	}
	return to, note
}

// taggedTargets are the regions in a snapshot's ferry:targets tag. note names
// the parts that can't be used.
func taggedTargets(s *cloud.Snapshot, value string) (to []string, note string) {
	var bad []string
	for part := range strings.SplitSeq(value, "+") {
		switch part = strings.TrimSpace(part); {
		case !cloud.IsRegion(part):
			bad = append(bad, fmt.Sprintf("%q is not a region", cut(part, 40)))
		case part == s.Region:
			bad = append(bad, part+" is its own region")
		default:
			to = append(to, part)
		}
	}
	if len(bad) > 0 {
		note = "its " + TargetsTag + " tag: " + strings.Join(bad, " and ")
	}
	return to, note
}

// unreachable says why the service never copies between two regions; "" if it
// does.
func unreachable(from, to string) string {
	if cloud.IsFinance(from) != cloud.IsFinance(to) {
		return "finance regions copy only to each other"
	}
	return ""
}
