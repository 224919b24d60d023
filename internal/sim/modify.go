package sim

import (
	"slices"
	"strings"
	"time"
)

type modifyParams struct {
	SnapshotId   string `api:"required,snap"`
	SnapshotName *string
	IsPermanent  *bool
	Deadline     string
}

func (c *Cloud) modifySnapshotAttribute(q *query, p *modifyParams) (any, *refusal) {
	permanent := p.IsPermanent != nil && *p.IsPermanent
	switch {
	case p.SnapshotName == nil && p.IsPermanent == nil && p.Deadline == "":
		return nil, missing("SnapshotName")
	case p.SnapshotName != nil && checkName(*p.SnapshotName) != nil:
		return nil, checkName(*p.SnapshotName)
	case p.IsPermanent != nil && !permanent && p.Deadline == "": // UNK
		return nil, missing("Deadline")
	}
	deadline, ref := readDeadline(p.Deadline, q.now)
	if ref != nil {
		return nil, ref
	}
	s, ref := q.snapshot(p.SnapshotId)
	switch {
	case ref != nil:
		return nil, ref
	case s.Type == sharedSnapshot:
		return nil, notSupported("Snapshot %s belongs to another account.", s.ID)
	}
	if p.SnapshotName != nil {
		q.region.rename(s, *p.SnapshotName)
	}
	if permanent {
		s.Deadline = time.Time{} // Deadline has no effect beside IsPermanent
	} else if !deadline.IsZero() {
		s.Deadline = deadline
		q.region.noteEnd(s)
	}
	s.modified = q.now
	return nil, nil
}

// maxAccounts is the most accounts a snapshot is shared with (documented).
const maxAccounts = 50

type shareParams struct {
	SnapshotIds []string `api:"required,snap"`
	AccountIds  []string `api:"required"`
	Permission  string   `api:"required"`
}

func (c *Cloud) modifySnapshotsSharePermission(q *query, p *shareParams) (any, *refusal) {
	if ref := c.checkShare(p); ref != nil {
		return nil, ref
	}
	var list []*snapshot
	for _, id := range p.SnapshotIds {
		s, ref := q.snapshot(id)
		if ref != nil {
			return nil, ref
		}
		if ref := s.shareable(); ref != nil {
			return nil, ref
		}
		if n := len(s.sharedAfter(p)); n > maxAccounts {
			return nil, tooMany("accounts", n, maxAccounts)
		}
		list = append(list, s)
	}
	for _, s := range list {
		before := len(s.SharedWith)
		s.SharedWith = s.sharedAfter(p)
		if before == 0 {
			s.shared = q.now
		}
		if len(s.SharedWith) == 0 {
			s.shared = time.Time{}
		}
	}
	return nil, nil
}

func (c *Cloud) checkShare(p *shareParams) *refusal {
	if ref := notOneOf("Permission", p.Permission, "SHARE", "CANCEL"); ref != nil {
		return ref
	}
	if len(p.AccountIds) > maxAccounts {
		return tooMany("accounts", len(p.AccountIds), maxAccounts)
	}
	for _, a := range p.AccountIds {
		if a == "" || strings.Trim(a, "0123456789") != "" || a == c.opt.Account {
			return badValue("A snapshot can't be shared with account %q.", a)
		}
	}
	return nil
}

func (s *snapshot) shareable() *refusal {
	switch {
	case s.Type == sharedSnapshot || s.Usage != dataDisk || s.Encrypted:
		return notSupported("Only one's own, unencrypted snapshots of data disks can be shared, unlike %s.", s.ID)
	case s.State != stateNormal: // UNK: the code
		return wrongState(s)
	}
	return nil
}

// sharedAfter is with whom the snapshot is shared once a request is carried out.
func (s *snapshot) sharedAfter(p *shareParams) []string {
	after := slices.Clone(s.SharedWith)
	for _, a := range p.AccountIds {
		i := slices.Index(after, a)
		switch {
		case p.Permission == "SHARE" && i < 0:
			after = append(after, a)
		case p.Permission == "CANCEL" && i >= 0:
			after = slices.Delete(after, i, i+1)
		}
	}
	return after
}

// sharePermission is an account that a snapshot is shared with. The service
// tells since when for each; the simulator knows of the first share only.
type sharePermission struct{ CreatedTime, AccountId string }

type describeShareParams struct {
	SnapshotId string `api:"required,snap"`
}

func (c *Cloud) describeSnapshotSharePermission(q *query, p *describeShareParams) (any, *refusal) {
	s, ref := q.snapshot(p.SnapshotId)
	if ref != nil {
		return nil, ref
	}
	list := make([]sharePermission, len(s.SharedWith))
	for i, account := range s.SharedWith {
		list[i] = sharePermission{showTime(s.shared, c.zone(s.Region)), account}
	}
	return struct{ SharePermissionSet []sharePermission }{list}, nil
}
