package plan

import (
	"fmt"
	"strings"
	"time"

	"snapferry/internal/cloud"
)

// maxAttempts is the most replicas of one source that are ever made in one
// region when earlier ones came out spoilt. More would be paid for by the
// operator without anybody having looked at the cause.
const maxAttempts = 3

// A verdict is what is known of one replica.
type verdict struct {
	replica *cloud.Snapshot
	outcome Outcome // Verified, Arriving, Stuck, Unexpected or Mismatch
	reason  string
	spoilt  bool   // so long not complete that it no longer counts
	ageless bool   // not complete, and nothing tells for how long
	doubt   string // what speaks against it though it counts as complete; "" if nothing does
}

func (v *verdict) complete() bool { return v.outcome == Verified }

// judge says what a replica is worth. src is its source, nil where that is
// gone: then size and encryption have nothing to be compared with, and a
// usable replica is all that is left.
//
// A replica's age is counted from its CreateTime. Whether that is the copy's
// or the source's is unknown of the platform: where the two are the same, the
// age can't be told. Then the source's age stands in for the alarm, which may
// come too early, and the replica never counts as spoilt, so that no second
// copy is made of one that may still be arriving.
func judge(rep *cloud.Snapshot, l Lineage, src *cloud.Snapshot, timeout time.Duration, now time.Time) verdict {
	v := verdict{replica: rep}
	v.outcome, v.reason = compare(rep, src)
	if v.complete() {
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
		v.reason += "; its real age is unknown, so no new attempt is made: delete it to have one"
	}
	return v
}

// compare holds a replica against its source without looking at the clock.
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
	return Verified, "NORMAL at 100 %, size and encryption as its source"
}

// raiseDoubts judges once more the replicas of a series whose sources are gone
// and that were never proven while their sources were there. By the contract
// such a replica counts as complete. But a disk never shrinks, and encrypted
// snapshots are not copied. A replica that is smaller than an older, faithful
// point of its disk, or encrypted where that is not, came out wrong. Nothing is
// left to compare it with, so it must not displace a good one.
func raiseDoubts(points []*point) {
	for _, p := range points {
		if p.src != nil || p.sourceUnseen {
			continue
		}
		for i := range p.replicas {
			if v := &p.replicas[i]; v.complete() && !isVerified(v.replica) {
				v.doubt = doubt(v.replica, p.lineage.Created, points)
			}
		}
	}
}

// doubt says what speaks against a replica; "" if nothing does.
func doubt(rep *cloud.Snapshot, made time.Time, points []*point) string {
	for _, older := range points {
		s := older.faithful()
		if s == nil || older.lineage.Created.After(made) || (s.SizeGiB <= rep.SizeGiB && (s.Encrypted || !rep.Encrypted)) {
			continue
		}
		return fmt.Sprintf("its source is gone, and it does not look like a faithful copy: %d GiB, encrypted: %t, while %s of the same disk, which is older, has %d GiB, encrypted: %t",
			rep.SizeGiB, rep.Encrypted, s.ID, s.SizeGiB, s.Encrypted)
	}
	return ""
}

// faithful is what is known to be as the disk was: the source itself, or a
// replica that was proven while the source was there. nil if there is nothing.
func (p *point) faithful() *cloud.Snapshot {
	if p.src != nil {
		return p.src
	}
	for i := range p.replicas {
		if v := &p.replicas[i]; v.complete() && isVerified(v.replica) {
			return v.replica
		}
	}
	return nil
}

func isVerified(s *cloud.Snapshot) bool { return s.Tags[StateTag] == StateVerified }

// oldestFirst puts verdicts in the order in which their replicas were made.
func oldestFirst(a, b verdict) int {
	if c := a.replica.Created.Compare(b.replica.Created); c != 0 {
		return c
	}
	return strings.Compare(a.replica.ID, b.replica.ID)
}

// coarse rounds a duration to what a person wants to read.
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

// cut bounds text that comes from outside.
func cut(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}
