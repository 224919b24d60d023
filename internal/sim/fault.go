package sim

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// A Call is one request as it arrived.
type Call struct {
	N        int // counts from 0 over all requests
	Service  string
	Action   string
	Region   string
	SecretID string
	Params   json.RawMessage
}

// CopiesTo tells whether the call asks for a copy to a region, alone or beside
// others. An Inject that breaks just these calls imitates a bad destination.
func (c Call) CopiesTo(region string) bool {
	var p struct{ DestinationRegions []string }
	return c.Action == "CopySnapshotCrossRegions" && json.Unmarshal(c.Params, &p) == nil && slices.Contains(p.DestinationRegions, region)
}

// A Fault is what goes wrong with one request. Inject may look at the clock: an
// outage of one region or one API lasts for as long as Inject returns a Fault for its calls.
type Fault struct {
	Kind    FaultKind
	Code    string        // of Refuse and RefuseRows, default "InternalError"
	Message string        // of Refuse and RefuseRows
	Delay   time.Duration // of Slow
	List    ListFault     // beside any Kind that leaves an answer
}

// A ListFault is what is wrong in one answer of DescribeSnapshots or DescribeDisks.
// For an empty list, set Absent and an Add far below 0.
type ListFault struct {
	Add    int    // added to TotalCount, which never falls below 0
	Most   int    // TotalCount says no more than that; 0: no limit
	Ties   bool   // rows of the same second come in another order in each answer
	Only   string // Absent and Fields are about the rows whose id contains it
	Absent bool   // the rows are left out of the page, and counted
	Fields string // the rows show what this JSON object has instead of their own fields; null is for a field left out
}

func (f *ListFault) total(n int) int {
	n = max(0, n+f.Add)
	if f.Most > 0 {
		n = min(n, f.Most)
	}
	return n
}

// about tells whether Absent and Fields are about the row of an id.
func (f *ListFault) about(id string) bool { return strings.Contains(id, f.Only) }

// retold returns the row of an id as the fault tells it.
func (f *ListFault) retold(id string, row []byte) []byte {
	if f.Fields == "" || !f.about(id) {
		return row
	}
	var fields map[string]json.RawMessage
	for _, part := range []string{string(row), f.Fields} { // the later one wins
		if err := json.Unmarshal([]byte(part), &fields); err != nil {
			panic("sim: ListFault.Fields: " + err.Error()) // a mistake in the test
		}
	}
	return encode(fields)
}

// A FaultKind says where between client and service a request breaks.
type FaultKind int

// The kinds of faults. "Done" means that the service has carried out the request.
const (
	NoFault        FaultKind = iota
	Refuse                   // nothing is done; a service error in the envelope
	LoseCall                 // nothing is done; the connection breaks
	LoseReply                // done; the connection breaks
	BadGateway               // nothing is done; HTTP 502 with a page of HTML
	BadGatewayDone           // done; HTTP 502 with a page of HTML
	Truncate                 // done; the reply's JSON is cut off
	HangBefore               // nothing is done; no answer until the request's context ends
	HangAfter                // done; no answer until the request's context ends
	Slow                     // done and answered after Delay; not done if the context ends before
	RefuseRows               // a copy's result rows all carry Code and nothing is done; other actions: as Refuse
)

var faultNames = [...]string{
	NoFault: "no fault", Refuse: "refuse", LoseCall: "lose call", LoseReply: "lose reply",
	BadGateway: "bad gateway", BadGatewayDone: "bad gateway, done", Truncate: "truncate",
	HangBefore: "hang before", HangAfter: "hang after", Slow: "slow", RefuseRows: "refuse rows",
}

// FaultKinds returns every kind except NoFault, for tests that try them all.
func FaultKinds() []FaultKind {
	kinds := make([]FaultKind, 0, len(faultNames)-1)
	for k := range faultNames[1:] {
		kinds = append(kinds, FaultKind(k+1))
	}
	return kinds
}

// String names the kind.
func (k FaultKind) String() string { return nameOf(faultNames[:], int(k)) }

// A Copy is an accepted copy of a snapshot to one region.
type Copy struct {
	Source, From, To string
	Replica, Name    string
	At               time.Time
}

// A Fate is what becomes of a copy.
type Fate int

// The fates of copies.
const (
	Finishes     Fate = iota // NORMAL, as its source
	Hangs                    // COPYING_FROM_REMOTE for ever
	Vanishes                 // the replica is gone half-way
	Strange                  // ends in a state nobody has heard of, "COPY_FAILED"
	WrongSize                // NORMAL, with a smaller DiskSize
	WrongEncrypt             // NORMAL, with the other Encrypt
	NameAdded                // NORMAL, as its source; from the start "_1" is added to the name asked for
	NameCut                  // the same, but a quarter of the name is cut off
	NameLowered              // the same, but the name is in lower case
	Unmarked                 // NORMAL, as its source; CopyFromRemote is never true
)

var fateNames = [...]string{
	Finishes: "finishes", Hangs: "hangs", Vanishes: "vanishes",
	Strange: "strange", WrongSize: "wrong size", WrongEncrypt: "wrong encrypt",
	NameAdded: "name added to", NameCut: "name cut", NameLowered: "name lowered", Unmarked: "unmarked",
}

// rename returns the name that a replica gets.
func (f Fate) rename(name string) string {
	switch f {
	case NameAdded:
		return name + "_1"
	case NameCut:
		return name[:(len(name)*3+3)/4]
	case NameLowered:
		return strings.ToLower(name)
	}
	return name
}

// String names the fate.
func (f Fate) String() string { return nameOf(fateNames[:], int(f)) }

func nameOf(names []string, i int) string {
	if i < 0 || i >= len(names) {
		return "unknown"
	}
	return names[i]
}

// A Key signs requests. All keys work on the resources of Options.Account.
type Key struct {
	ID      string
	Secret  string
	Token   string    // of temporary credentials
	Account string    // the (sub-)account that rates are counted for, default the main account
	Expires time.Time // zero: never
	Deny    []string  // refused with UnauthorizedOperation: "DeleteSnapshots" everywhere, or "DeleteSnapshots in ap-beijing"
}
