package plan

import (
	"fmt"
	"strings"
	"time"

	"snapferry/internal/cloud"
)

// maxAttempts is the largest number of replicas of one source that are made in
// one region if all are spoilt. More would cost money before a person has found
// the cause.
const maxAttempts = 3

// A verdict is what is known about one replica.
type verdict struct {
	replica *cloud.Snapshot
	outcome Outcome // Verified, Arriving, Stuck, Unexpected or Mismatch
	reason  string
	spoilt  bool   // not proven for so long that it does not count any more
	ageless bool   // not proven, and its age is unknown
	doubt   string // why a proven replica is probably wrong; "" if there is no doubt
	lies    bool   // its name says what can't be true: it counts for nothing, and is left alone
}

func (v *verdict) proven() bool { return v.outcome == Verified }

// judge decides whether a replica is proven. src is its source, nil if it is
// gone: then size and encryption can't be compared.
//
// A replica's age is counted from its CreateTime. It is unknown whether the
// platform shows the copy's time there, or the source's. If CreateTime equals
// the source's time, the replica's age is unknown. Then the source's age decides
// about the alarm, which may come too early. Such a replica never counts as
// spoilt, so that no second copy is made while the first may still be arriving.
func judge(rep *cloud.Snapshot, l Lineage, src *cloud.Snapshot, timeout time.Duration, now time.Time) verdict {
	v := verdict{replica: rep}
	v.outcome, v.reason = compare(rep, src)
	if lie := lie(l, src, now); lie != "" {
		v.outcome, v.reason, v.lies = Unexpected, lie, true
	}
	if v.proven() {
		return v
	}
	since := rep.Created
	if v.ageless = since.IsZero() || since.Equal(l.Created) || src != nil && since.Equal(src.Created); v.ageless {
		since = l.Created
	}
	overdue := now.Sub(since) > timeout
	v.spoilt = overdue && !v.ageless
	if v.outcome == Arriving && overdue {
		v.outcome = Stuck
		v.reason = fmt.Sprintf("%s after %s", v.reason, coarse(now.Sub(since)))
	}
	if v.ageless && overdue {
		v.reason += "; its age is unknown, so no new copy is made: delete the replica to get one"
	}
	return v
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

// compare compares a replica with its source, without the clock.
func compare(rep, src *cloud.Snapshot) (Outcome, string) {
	switch {
	case rep.Arriving():
		return Arriving, fmt.Sprintf("%s, %d %%", rep.State, rep.Percent)
	case rep.State == cloud.Normal && rep.Percent < 100:
		return Arriving, fmt.Sprintf("NORMAL, but at %d %%", rep.Percent)
	case rep.State != cloud.Normal:
		return Unexpected, fmt.Sprintf("in state %q", cut(string(rep.State), 40))
	case src == nil:
		return Verified, "NORMAL at 100 %; its source is gone"
	case src.SizeGiB != rep.SizeGiB:
		return Mismatch, fmt.Sprintf("%d GiB, its source has %d GiB", rep.SizeGiB, src.SizeGiB)
	case src.Encrypted != rep.Encrypted:
		return Mismatch, fmt.Sprintf("encrypted: %t, its source: %t", rep.Encrypted, src.Encrypted)
	}
	return Verified, "NORMAL at 100 %, with the size and encryption of its source"
}

// raiseDoubts judges the replicas again whose sources are gone and that carry no
// tag of an earlier verification. Such a replica counts as proven. But a disk
// never shrinks, and encrypted snapshots are not copied. So a replica is wrong if
// it is smaller than an older reference point of its disk, or if it is encrypted
// and that point is not. It must not displace a proven one.
func raiseDoubts(points []*point) {
	for _, p := range points {
		if p.src != nil || p.sourceUnseen {
			continue
		}
		for i := range p.replicas {
			if v := &p.replicas[i]; v.proven() && !isVerified(v.replica) {
				v.doubt = doubt(v.replica, p.lineage.Created, points)
			}
		}
	}
}

// doubt says why a replica is probably wrong; "" if there is no doubt.
func doubt(rep *cloud.Snapshot, made time.Time, points []*point) string {
	for _, older := range points {
		s := older.reference()
		if s == nil || older.lineage.Created.After(made) || (s.SizeGiB <= rep.SizeGiB && (s.Encrypted || !rep.Encrypted)) {
			continue
		}
		return fmt.Sprintf("its source is gone, and it is probably damaged: it has %d GiB, encrypted: %t, but the older %s of the same disk has %d GiB, encrypted: %t",
			rep.SizeGiB, rep.Encrypted, s.ID, s.SizeGiB, s.Encrypted)
	}
	return ""
}

// reference is a snapshot that is known to be correct: the source itself, or a
// replica that was tagged while the source existed. nil if there is none.
func (p *point) reference() *cloud.Snapshot {
	if p.src != nil {
		return p.src
	}
	for i := range p.replicas {
		if v := &p.replicas[i]; v.proven() && isVerified(v.replica) {
			return v.replica
		}
	}
	return nil
}

func isVerified(s *cloud.Snapshot) bool { return s.Tags[StateTag] == StateVerified }

// oldestFirst compares verdicts by the creation time of their replicas.
func oldestFirst(a, b verdict) int {
	if c := a.replica.Created.Compare(b.replica.Created); c != 0 {
		return c
	}
	return strings.Compare(a.replica.ID, b.replica.ID)
}

// coarse is a duration for people, rounded.
func coarse(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	default:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	}
}

// cut shortens text that comes from outside.
func cut(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}
