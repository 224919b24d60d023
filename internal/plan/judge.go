package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"snapferry/internal/cloud"
)

// maxAttempts is the largest number of replicas of one source that are made in
// one region if all are spoilt. More would cost money before a person has found
// the cause.
const maxAttempts = 3

// A verdict is what is known about one snapshot that has a replica's name.
type verdict struct {
	replica *cloud.Snapshot
	says    time.Time // the point in time in its name
	outcome Outcome   // Verified, Unproven, Arriving, Stuck, Unexpected or Mismatch
	reason  string
	spoilt  bool   // so wrong for so long that it does not count any more
	ageless bool   // not proven, and its age is unknown
	doubt   string // why a complete replica is probably wrong; "" if there is no doubt
	lies    bool   // its name says what can't be true, or is another account's: it counts for nothing, and is left alone
	odd     bool   // the service does not say that it was made by copying: it is left alone
}

// proven reports whether the replica may make another one superfluous: it is
// complete, and it was compared with its source, now or when it was tagged.
func (v *verdict) proven() bool { return v.outcome == Verified && v.doubt == "" }

// whyNotProven says why a complete replica is not proven.
func (v *verdict) whyNotProven() string {
	if v.doubt != "" {
		return v.doubt
	}
	return v.reason
}

// complete reports whether the replica has all its data, as far as can be seen.
func (v *verdict) complete() bool { return v.outcome == Verified || v.outcome == Unproven }

// judge decides whether a replica is proven. src is its source, nil if it is
// gone: then only the tag says that the two were compared.
//
// A replica's age is counted from its CreateTime. It is unknown whether the
// platform shows the copy's time there, or the source's. If CreateTime equals
// the source's time, the replica's age is unknown. Then the source's age decides
// about the alarm, which may come too early. Such a replica never counts as
// spoilt, so that no second copy is made while the first may still be arriving.
func judge(rep *cloud.Snapshot, l Lineage, src *cloud.Snapshot, timeout time.Duration, now time.Time) verdict {
	v := verdict{replica: rep, says: l.Created, odd: !copied(rep), lies: rep.SharedIn}
	var readable bool
	v.outcome, v.reason, readable = compare(rep, src)
	if lie := lie(l, src, now); lie != "" {
		v.outcome, v.reason, v.lies = Unexpected, lie, true
	}
	if v.complete() || !readable {
		return v
	}
	since := made(rep, l)
	if v.ageless = since.IsZero() || src != nil && since.Equal(src.Created); v.ageless {
		since = l.Created
	}
	overdue := now.Sub(since) > timeout
	v.spoilt = overdue && !v.ageless
	if v.outcome == Arriving && overdue {
		v.outcome = Stuck
		v.reason = fmt.Sprintf("%s after %s", v.reason, Coarse(now.Sub(since)))
	}
	if v.ageless && overdue {
		v.reason += "; its age is unknown, so no new copy is made: delete the replica to get one"
	}
	return v
}

// made is when a replica was made; zero if its CreateTime does not tell, because it
// is the source's.
func made(rep *cloud.Snapshot, l Lineage) time.Time {
	if rep.Created.Equal(l.Created) {
		return time.Time{}
	}
	return rep.Created
}

// clockSkew is how far in the future a point in time may seem to be. The service
// itself allows five minutes between clocks (signatures, API 3.0).
const clockSkew = 5 * time.Minute

// lie says what in a replica's name can't be true; "" if nothing. Whoever makes a
// copy chooses its name, so a name is no proof. A source that shows no disk may
// have lost it with the disk itself.
func lie(l Lineage, src *cloud.Snapshot, now time.Time) string {
	if l.Created.After(now.Add(clockSkew)) {
		return fmt.Sprintf("its name says %s, which is in the future: find out who made it, and delete it", l.Created.Format(time.RFC3339))
	}
	if src == nil || src.Created.IsZero() {
		return ""
	}
	switch real := LineageOf(src); {
	case !l.Created.Equal(real.Created):
		return fmt.Sprintf("its name says %s, but its source was created at %s: find out who made it, and delete it", l.Created.Format(time.RFC3339), real.Created.Format(time.RFC3339))
	case l.Disk != real.Disk && real.Disk != "":
		return fmt.Sprintf("its name says disk %q, but its source is of %s: find out who made it, and delete it", l.Disk, real.Disk)
	}
	return ""
}

// compare compares a replica with its source, without the clock. A value that the
// service left out is not a different value: then the replica is not readable, and
// counts as there.
func compare(rep, src *cloud.Snapshot) (o Outcome, why string, readable bool) {
	switch {
	case rep.State == "" || rep.State == cloud.Normal && (rep.Percent < 0 || rep.SizeGiB <= 0):
		return Unexpected, "the service does not show its state, percent or size: look again later", false
	case rep.SharedIn:
		return Unexpected, "belongs to another account, although it has a replica's name: find out who shares it", true
	case !copied(rep):
		return Unexpected, "not shown as made by copying, although it has a replica's name: find out who made it", true
	case rep.Arriving():
		return Arriving, fmt.Sprintf("%s, %d %%", rep.State, max(rep.Percent, 0)), true
	case rep.State != cloud.Normal:
		return Unexpected, fmt.Sprintf("in state %q", cut(string(rep.State), 40)), true
	case rep.Percent < 100:
		return Arriving, fmt.Sprintf("NORMAL, but at %d %%", rep.Percent), true
	case src != nil && src.SizeGiB > 0 && src.SizeGiB != rep.SizeGiB:
		return Mismatch, fmt.Sprintf("%d GiB, its source has %d GiB", rep.SizeGiB, src.SizeGiB), true
	case src != nil && src.SizeGiB > 0 && src.Encrypted != rep.Encrypted:
		return Mismatch, fmt.Sprintf("encrypted: %t, its source: %t", rep.Encrypted, src.Encrypted), true
	case src != nil && src.SizeGiB > 0:
		return Verified, "NORMAL at 100 %, with the size and encryption of its source", true
	case isVerified(rep):
		return Verified, "NORMAL at 100 %; it was compared with its source earlier", true
	case src != nil:
		return Unproven, "NORMAL at 100 %, but its source shows no size", true
	}
	return Unproven, "NORMAL at 100 %, but its source is gone and was never compared with it", true
}

// raiseDoubts looks for replicas whose sources are gone and that are probably
// wrong. A disk never shrinks, and encrypted snapshots are not copied. So a replica
// is doubtful if it is smaller than an older one of its disk, or if it is encrypted
// and that one is not. If it was compared with its source earlier, only an older
// proven one raises a doubt. Otherwise any older complete one does.
func raiseDoubts(newestFirst []*point) {
	var proven, complete largest
	for _, p := range slices.Backward(newestFirst) {
		for i := range p.replicas {
			v := &p.replicas[i]
			if p.src != nil || !v.complete() {
				continue
			}
			older := &complete
			if v.outcome == Verified {
				older = &proven
			}
			v.doubt = older.doubt(v.replica, p.lineage.Created)
		}
		for i := range p.replicas {
			if v := &p.replicas[i]; v.complete() {
				complete.add(v.replica, p.lineage.Created)
				if v.proven() {
					proven.add(v.replica, p.lineage.Created)
				}
			}
		}
	}
}

// largest are the replicas of a disk that are most likely to raise a doubt about a
// newer one: the largest one, and one that is not encrypted.
type largest struct {
	size, plain struct {
		*cloud.Snapshot
		made time.Time
	}
}

func (l *largest) add(s *cloud.Snapshot, made time.Time) {
	if l.size.Snapshot == nil || s.SizeGiB > l.size.SizeGiB {
		l.size.Snapshot, l.size.made = s, made
	}
	if l.plain.Snapshot == nil && !s.Encrypted {
		l.plain.Snapshot, l.plain.made = s, made
	}
}

// doubt says why a replica is probably wrong; "" if there is no doubt.
func (l *largest) doubt(s *cloud.Snapshot, made time.Time) string {
	older := l.size
	if older.Snapshot == nil || older.SizeGiB <= s.SizeGiB || !older.made.Before(made) {
		if older = l.plain; older.Snapshot == nil || !s.Encrypted || !older.made.Before(made) {
			return ""
		}
	}
	return fmt.Sprintf("its source is gone, and it is probably damaged: it has %d GiB, encrypted: %t, but the older %s of the same disk has %d GiB, encrypted: %t",
		s.SizeGiB, s.Encrypted, older.ID, older.SizeGiB, older.Encrypted)
}

func isVerified(s *cloud.Snapshot) bool { return s.Tags[StateTag] == StateVerified }

// oldestFirst compares verdicts by the creation time of their replicas.
func oldestFirst(a, b verdict) int {
	if c := a.replica.Created.Compare(b.replica.Created); c != 0 {
		return c
	}
	return strings.Compare(a.replica.ID, b.replica.ID)
}

// Coarse is a duration for people, rounded.
func Coarse(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	default:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	}
}

// InHours is a duration in whole hours if it is one, such as 72h.
func InHours(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return d.String()
}

// cut shortens text that comes from outside.
func cut(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}
