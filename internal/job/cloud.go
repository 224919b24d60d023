package job

import (
	"context"
	"errors"

	"snapferry/internal/cloud"
)

// A Cloud is the account that the jobs work on, for one invocation. All
// methods are safe for concurrent use. They keep the pace that the service
// allows, and send nothing when the invocation's time is nearly up.
//
// Reading repeats by itself what may pass. A list is whole or an error. What a
// list does not show may still be there: a fresh replica is absent for a while,
// a deleted one may be shown for a while.
//
// Writing is repeated only after an answer that says that the service did not
// look at the request. What any other error may have done is asked of the
// error itself (a Meaning method); an error that does not say is taken to be
// dangerous.
type Cloud interface {
	// Snapshots hands over every snapshot of a region, each once, page by page.
	// total is how many there are by the service's word, 0 if it does not say.
	// What was handed over before an error is a part of the list. The page is
	// the caller's only during the call.
	Snapshots(ctx context.Context, region string, take func(page []cloud.Snapshot, total int)) error
	// SnapshotsOfDisks returns every snapshot of some disks.
	SnapshotsOfDisks(ctx context.Context, region string, disks []string) ([]cloud.Snapshot, error)
	// SnapshotsByID returns the snapshots with these ids. An unknown id is no
	// error: it is absent.
	SnapshotsByID(ctx context.Context, region string, ids []string) ([]cloud.Snapshot, error)
	// SnapshotsByName returns the snapshots that have exactly one of these
	// names, in one request. The service may consider the first name only, and
	// not say so.
	SnapshotsByName(ctx context.Context, region string, names []string) ([]cloud.Snapshot, error)
	// Disks hands over every disk of a region, as Snapshots does.
	Disks(ctx context.Context, region string, take func(page []cloud.Disk, total int)) error
	// DisksByID returns the disks with these ids; unknown ones are absent.
	DisksByID(ctx context.Context, region string, ids []string) ([]cloud.Disk, error)
	// CountDisks returns how many disks there are in a region.
	CountDisks(ctx context.Context, region string) (int, error)
	// CountSnapshots returns how many snapshots a region holds, whoever made
	// them.
	CountSnapshots(ctx context.Context, region string) (int, error)
	// SharedWith returns the accounts that a snapshot is shared with.
	SharedWith(ctx context.Context, region, id string) ([]string, error)
	// Regions returns the regions that the service says it has.
	Regions(ctx context.Context) ([]string, error)
	// Account returns the account that the credentials belong to.
	Account(ctx context.Context) (string, error)

	// Copy starts copies and returns at once, with a row for each region, or
	// with an error that stands for all of them. It is not idempotent: two
	// calls make two replicas.
	Copy(ctx context.Context, r cloud.CopyRequest) ([]cloud.CopyResult, error)
	// Delete removes one snapshot. One that is already gone is no error.
	Delete(ctx context.Context, region, id string, while cloud.While) error
	// Unshare withdraws shares. It is idempotent.
	Unshare(ctx context.Context, region string, ids, accounts []string) error
	// Tag puts one tag on snapshots. It is idempotent, and returns the ids
	// that were refused, each with its error.
	Tag(ctx context.Context, region, account string, ids []string, key, value string) (map[string]error, error)

	// Calls counts the requests sent so far.
	Calls() int
}

// meaning asks an error what it means for the work.
func meaning(err error) cloud.Meaning {
	var m interface{ Meaning() cloud.Meaning }
	if errors.As(err, &m) {
		return m.Meaning()
	}
	return cloud.MayHaveHappened
}

// sentence is an error with what the operator can do about it.
func sentence(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) && h.Hint() != "" {
		return err.Error() + "; " + h.Hint()
	}
	return err.Error()
}

// short is an error's code where it has one.
func short(err error) string {
	var c interface{ ErrorCode() string }
	if errors.As(err, &c) && c.ErrorCode() != "" {
		return c.ErrorCode()
	}
	return err.Error()
}
