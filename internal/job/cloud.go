package job

import (
	"context"
	"errors"
	"time"

	"snapferry/internal/cloud"
)

// A Cloud is the account that the jobs work on, for one invocation. All methods
// are safe for concurrent use. They respect the service's rate limit. They send
// nothing when the invocation's time is nearly up.
//
// Reads are repeated after errors that may pass. Lists lag: they do not show a new
// replica for a while, and may show a deleted one for a while.
//
// Writes are repeated only if the service says that it did not process the
// request. For any other error, its Meaning method says what may have happened.
// An error without that method counts as MayHaveHappened.
type Cloud interface {
	// Snapshots calls take with every snapshot of a region, page by page, each
	// snapshot once. total is the number of snapshots that the service reports,
	// 0 if it reports none. A row whose id can't be read has the ID "". take must
	// not keep the page.
	//
	// The list is whole if there is no error. If the error wraps
	// cloud.ErrIncomplete, the service did not show as many rows as it reports,
	// however often it was asked: take has seen all that it showed. After any
	// other error take has seen only a part of the list.
	Snapshots(ctx context.Context, region string, take func(page []cloud.Snapshot, total int)) error
	// The following reads return what the service shows. Where it reports more,
	// they read again, and then return what they have.

	// SnapshotsOfDisks returns every snapshot of some disks.
	SnapshotsOfDisks(ctx context.Context, region string, disks []string) ([]cloud.Snapshot, error)
	// SnapshotsByID returns the snapshots with these ids. Unknown ids are left
	// out.
	SnapshotsByID(ctx context.Context, region string, ids []string) ([]cloud.Snapshot, error)
	// SnapshotsByName returns the snapshots that have exactly one of these
	// names, in one request, and those found that show no name now. The service may use only the first name, without an
	// error.
	SnapshotsByName(ctx context.Context, region string, names []string) ([]cloud.Snapshot, error)
	// Disks calls take with every disk of a region, as Snapshots does. A disk whose
	// id can't be read is left out, and makes the list incomplete.
	Disks(ctx context.Context, region string, take func(page []cloud.Disk, total int)) error
	// DisksByID returns the disks with these ids. Unknown ids are left out.
	DisksByID(ctx context.Context, region string, ids []string) ([]cloud.Disk, error)
	// CountDisks returns how many disks there are in a region.
	CountDisks(ctx context.Context, region string) (int, error)
	// CountSnapshots returns how many snapshots a region holds, whoever made
	// them.
	CountSnapshots(ctx context.Context, region string) (int, error)
	// DisksTagged returns the disks that have a tag with this key.
	DisksTagged(ctx context.Context, region, key string) ([]cloud.Disk, error)
	// Offers returns the types of disks that a region has.
	Offers(ctx context.Context, region string) ([]cloud.Offer, error)
	// SharedWith returns the accounts that a snapshot is shared with.
	SharedWith(ctx context.Context, region, id string) ([]string, error)
	// Regions returns the regions that the service reports.
	Regions(ctx context.Context) ([]string, error)
	// Identity returns who the requests come from.
	Identity(ctx context.Context) (cloud.Identity, error)

	// Copy starts copies and returns at once, with one result for each region, or
	// with one error for all. It is not idempotent: two calls make two replicas.
	Copy(ctx context.Context, r cloud.CopyRequest) ([]cloud.CopyResult, error)
	// Delete deletes one snapshot. A missing snapshot is no error.
	Delete(ctx context.Context, region, id string, while cloud.While) error
	// CreateDisk asks for a disk and returns its id, before the disk is ready. The
	// request's token makes it idempotent.
	CreateDisk(ctx context.Context, r cloud.DiskRequest) (string, error)
	// TerminateDisk ends one disk at once. A missing disk is no error.
	TerminateDisk(ctx context.Context, region, id string, while cloud.While) error
	// Unshare ends shares. It is idempotent.
	Unshare(ctx context.Context, region string, ids, accounts []string) error
	// Share shares snapshots with accounts. It is idempotent. It returns the refused
	// ids, each with its error.
	Share(ctx context.Context, region string, ids, accounts []string) (map[string]error, error)
	// Tag puts tags on snapshots. It is idempotent. It returns the refused ids,
	// each with its error.
	Tag(ctx context.Context, region, account string, ids []string, tags map[string]string) (map[string]error, error)

	Events
	Deployment

	// ClockAhead is how far the clock here is ahead of the service's, as its last
	// answer showed; false if no answer named a time.
	ClockAhead() (time.Duration, bool)
	// Calls counts the requests sent so far.
	Calls() int
}

// meaning is what an error means for the work.
func meaning(err error) cloud.Meaning {
	var m interface{ Meaning() cloud.Meaning }
	if errors.As(err, &m) {
		return m.Meaning()
	}
	return cloud.MayHaveHappened
}

// sentence is an error's text, with a hint for the operator.
func sentence(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) && h.Hint() != "" {
		return err.Error() + "; " + h.Hint()
	}
	return err.Error()
}

// short is an error's code, or its text if it has none.
func short(err error) string {
	var c interface{ ErrorCode() string }
	if errors.As(err, &c) && c.ErrorCode() != "" {
		return c.ErrorCode()
	}
	return err.Error()
}

// isIncomplete reports whether an error says that a list showed less than there is.
func isIncomplete(err error) bool { return errors.Is(err, cloud.ErrIncomplete) }
