package sim

import (
	"encoding/json"
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

// A Fault is what goes wrong with one request.
type Fault struct {
	Kind    FaultKind
	Code    string        // of Refuse and RefuseRows, default "InternalError"
	Message string        // of Refuse and RefuseRows
	Delay   time.Duration // of Slow
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

// A Fate is how a copy ends.
type Fate int

// The fates of copies.
const (
	Finishes     Fate = iota // NORMAL, as its source
	Hangs                    // COPYING_FROM_REMOTE for ever
	Vanishes                 // the replica is gone half-way
	Strange                  // ends in a state nobody has heard of, "COPY_FAILED"
	WrongSize                // NORMAL, with a smaller DiskSize
	WrongEncrypt             // NORMAL, with the other Encrypt
)

var fateNames = [...]string{
	Finishes: "finishes", Hangs: "hangs", Vanishes: "vanishes",
	Strange: "strange", WrongSize: "wrong size", WrongEncrypt: "wrong encrypt",
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
	Deny    []string  // actions that are refused with UnauthorizedOperation
}
