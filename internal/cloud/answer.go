package cloud

import "time"

// Meaning is what an answer to a request means for the work: what may have
// happened, and what to do next. The package that speaks to the service maps
// every error code to one of these.
type Meaning int

// What an answer can mean. MayHaveHappened is the zero value on purpose: an
// error that says nothing about itself is taken to be dangerous.
const (
	MayHaveHappened Meaning = iota // no clear answer: observe before asking again
	AlreadyUnderWay                // that copy is being made now
	NotReady                       // the source can't be copied yet
	Later                          // refused for now: nothing happened, a later run may succeed
	NeverThis                      // this snapshot will never be copied
	Gone                           // the snapshot does not exist any more
	WrongRequest                   // refused as it stands: a mistake of ours or of the settings
	RegionFull                     // the region has no quota left
	StopRun                        // nothing will be accepted: account, credentials, permission
	TooOld                         // not sent: what the request relied on did not hold any more
	OutOfTime                      // not sent: the invocation's time is nearly up
)

// While says what a write relies on. It is sent only while that holds. The
// zero value always holds.
type While struct {
	// Until is when what was observed becomes too old; zero is never.
	Until time.Time
	// Holds is asked right before the request is sent; nil is true.
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

// A CopyResult is the answer for one region. Err is nil where the copy began.
type CopyResult struct {
	Region  string
	Replica string
	Err     error
}
