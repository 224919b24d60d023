package cloud

import (
	"errors"
	"time"
)

// ErrIncomplete says that a list stayed incomplete: the service reports more rows
// than it shows. The rows that it showed are right, and others may exist.
var ErrIncomplete = errors.New("the list is incomplete")

// Meaning says what an answer means for the work: what may have happened, and
// what to do next. Package tencent maps every error code to one Meaning.
type Meaning int

// What an answer can mean. MayHaveHappened is the zero value, because an error
// without a meaning must count as the dangerous case.
const (
	MayHaveHappened Meaning = iota // no clear answer: observe before sending it again
	AlreadyUnderWay                // that copy is being made now
	NotReady                       // the source can't be copied yet
	Later                          // refused now: nothing happened, a later run may succeed
	NeverThis                      // this snapshot will never be copied
	Gone                           // the snapshot does not exist any more
	WrongRequest                   // the request itself is wrong: a mistake of ours or of the settings
	NoSuchRegion                   // the service does not have the region of the request
	RegionFull                     // the region has no quota left
	Denied                         // the permission for this request is missing: others may be granted
	StopRun                        // every request will be refused: account, credentials or permission
	TooOld                         // not sent: the request's condition (While) no longer held
	OutOfTime                      // not sent: the invocation's time is nearly up
	TokenTaken                     // the token of the request stands for another request
	TagKeyFull                     // a tag key has no room for another value: nothing was made
)

// While is the condition of a write: the write is sent only while it holds. The
// zero value always holds.
type While struct {
	// Until is the time when the observation becomes too old; zero is never.
	Until time.Time
	// Holds is called right before the request is sent; nil is true.
	Holds func() bool
}

// A CopyRequest asks for replicas of one snapshot in several regions.
type CopyRequest struct {
	Source string
	From   string
	To     []string
	Name   string
	While  While
}

// A CopyResult is the answer for one region. Err is nil if the copy began.
type CopyResult struct {
	Region  string
	Replica string
	Err     error
}

// An Identity is who the requests come from.
type Identity struct {
	Account   string // the main account (uin), which resource names hold
	Principal string // the caller's principalId, as audit records name it; "" if unknown
	SecretID  string // the secret id that signs the requests; never printed
}
