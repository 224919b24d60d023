package sim

import (
	"slices"
	"strings"
	"time"
)

func (c *Cloud) modifySnapshotAttribute(q *query) ([]byte, *refusal) {
	var id, deadline string
	var name *string
	var permanent *bool
	ref := read(q.body, param{"SnapshotId", &id}, param{"SnapshotName", &name},
		param{"IsPermanent", &permanent}, param{"Deadline", &deadline})
	switch {
	case ref != nil:
		return nil, ref
	case id == "":
		return nil, missing("SnapshotId")
	case name == nil && permanent == nil && deadline == "":
		return nil, missing("SnapshotName")
	case name != nil && checkName(*name) != nil:
		return nil, checkName(*name)
	case permanent != nil && !*permanent && deadline == "": // UNK
		return nil, missing("Deadline")
	}
	at, ref := readDeadline(deadline, q.now)
	if ref == nil {
		ref = checkIDs("snap", []string{id})
	}
	if ref != nil {
		return nil, ref
	}
	s, ok := q.region.find(id, q.now)
	if !ok {
		return nil, noSnapshot(id)
	}
	if s.Type == sharedSnapshot {
		return nil, refuse("InvalidSnapshot.NotSupported", "Snapshot %s belongs to another account.", id)
	}
	if name != nil {
		q.region.rename(s, *name)
	}
	if permanent != nil && *permanent {
		s.Deadline = time.Time{} // Deadline has no effect beside IsPermanent
	} else if !at.IsZero() {
		s.Deadline = at
		q.region.expect(s)
	}
	s.modified = q.now
	return nil, nil
}

// maxAccounts is the most accounts a snapshot is shared with (documented).
const maxAccounts = 50

func (c *Cloud) modifySnapshotsSharePermission(q *query) ([]byte, *refusal) {
	var ids, accounts []string
	var permission string
	ref := read(q.body, param{"SnapshotIds", &ids}, param{"AccountIds", &accounts}, param{"Permission", &permission})
	if ref == nil {
		ref = c.checkShare(ids, accounts, permission)
	}
	if ref != nil {
		return nil, ref
	}
	var shared []*snapshot
	for _, id := range ids {
		s, ok := q.region.find(id, q.now)
		if !ok {
			return nil, noSnapshot(id)
		}
		if ref := s.shareable(); ref != nil {
			return nil, ref
		}
		after := s.sharedAfter(accounts, permission)
		if len(after) > maxAccounts {
			return nil, tooMany("accounts", len(after), maxAccounts)
		}
		shared = append(shared, s)
	}
	for _, s := range shared {
		before := len(s.SharedWith)
		s.SharedWith = s.sharedAfter(accounts, permission)
		if before == 0 {
			s.shared = q.now
		}
		if len(s.SharedWith) == 0 {
			s.shared = time.Time{}
		}
	}
	return nil, nil
}

// sharePermission is an account that a snapshot is shared with. The service
// tells since when for each; the simulator knows of the first share only.
type sharePermission struct{ CreatedTime, AccountId string }

func (c *Cloud) describeSnapshotSharePermission(q *query) ([]byte, *refusal) {
	var id string
	if ref := read(q.body, param{"SnapshotId", &id}); ref != nil {
		return nil, ref
	}
	if id == "" {
		return nil, missing("SnapshotId")
	}
	if ref := checkIDs("snap", []string{id}); ref != nil {
		return nil, ref
	}
	s, ok := q.region.find(id, q.now)
	if !ok {
		return nil, noSnapshot(id)
	}
	set := make([]sharePermission, len(s.SharedWith))
	for i, account := range s.SharedWith {
		set[i] = sharePermission{showTime(s.shared), account}
	}
	return fields(struct{ SharePermissionSet []sharePermission }{set}), nil
}

func (c *Cloud) checkShare(ids, accounts []string, permission string) *refusal {
	switch {
	case len(ids) == 0:
		return missing("SnapshotIds")
	case len(accounts) == 0:
		return missing("AccountIds")
	case permission == "":
		return missing("Permission")
	case permission != "SHARE" && permission != "CANCEL":
		return badValue("Permission must be SHARE or CANCEL, not %q.", permission)
	case len(accounts) > maxAccounts:
		return tooMany("accounts", len(accounts), maxAccounts)
	}
	for _, a := range accounts {
		if a == "" || strings.Trim(a, "0123456789") != "" || a == c.opt.Account {
			return badValue("A snapshot can't be shared with account %q.", a)
		}
	}
	return checkIDs("snap", ids)
}

func (s *snapshot) shareable() *refusal {
	switch {
	case s.Type == sharedSnapshot || s.Usage != dataDisk || s.Encrypted:
		return refuse("InvalidSnapshot.NotSupported", "Only one's own, unencrypted snapshots of data disks can be shared, unlike %s.", s.ID)
	case s.State != stateNormal: // UNK: the code
		return refuse("UnsupportedOperation.StateError", "Snapshot %s is %s.", s.ID, s.State)
	}
	return nil
}

func (s *snapshot) sharedAfter(accounts []string, permission string) []string {
	after := slices.Clone(s.SharedWith)
	for _, a := range accounts {
		i := slices.Index(after, a)
		switch {
		case permission == "SHARE" && i < 0:
			after = append(after, a)
		case permission == "CANCEL" && i >= 0:
			after = slices.Delete(after, i, i+1)
		}
	}
	return after
}
