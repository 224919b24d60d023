package storm

import (
	"slices"
	"sync"
	"time"

	"snapferry/internal/sim"
)

// faults decide what goes wrong with requests and with copies.
type faults struct {
	dice  *dice
	exact func(sim.Call) way // decides about requests instead of chance; nil: chance

	mu       sync.Mutex
	requests float64 // the share of the requests that break
	copies   float64 // and of the copies that go wrong
	lists    float64 // and of the lists that lie
	sick     outage
	struck   int
}

// A way is how one request breaks.
type way struct {
	sim.Fault
	dies bool // and the instance with it
}

// String names the way.
func (w way) String() string {
	text := w.Kind.String() + " " + w.Code
	if w.dies {
		text += ", and the instance dies"
	}
	return text
}

// strike says what goes wrong with a request. The instance that sends it may
// be drawn to die of it.
func (f *faults) strike(c sim.Call, number uint64, dies bool) (w way) {
	f.mu.Lock()
	defer f.mu.Unlock()
	bits := f.dice.throw(2, number, hash(c.Action), hash(c.Region), hash(c.Params))
	switch {
	case f.exact != nil:
		w = f.exact(c)
	case time.Now().Before(f.sick.until) && f.sick.hits(c):
		w = f.sick.way
	case share(bits) < f.requests:
		possible := ways(c.Action)
		w = way{possible[mix(bits)%uint64(len(possible))].Fault, dies}
	case dies:
		w = way{sim.Fault{Kind: []sim.FaultKind{sim.LoseCall, sim.LoseReply}[bits&1]}, true}
	}
	if lie := mix(bits, 8); f.exact == nil && share(lie) < f.lists {
		w.List = lieAbout(c, mix(lie))
	}
	if w.Kind != sim.NoFault || w.List != (sim.ListFault{}) {
		f.struck++
	}
	return w
}

// fate draws how a copy ends.
func (f *faults) fate(c sim.Copy) sim.Fate {
	f.mu.Lock()
	defer f.mu.Unlock()
	if bits := f.dice.throw(6, hash(c.Source), hash(c.To)); share(bits) < f.copies {
		return sim.Fate(1 + mix(bits)%9)
	}
	return sim.Finishes
}

// set changes how much goes wrong; a negative share stays as it is.
func (f *faults) set(requests, copies float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if requests >= 0 {
		f.requests = requests
	}
	if copies >= 0 {
		f.copies = copies
	}
}

func (f *faults) lie(share float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lists = share
}

// none, added to a total, leaves an empty list.
const none = -1 << 30

// lieAbout draws what is wrong in one list: its total, its order, rows left out of
// it, rows of which something is left out or odd for a moment.
func lieAbout(c sim.Call, dice uint64) sim.ListFault {
	if c.Action != "DescribeSnapshots" && c.Action != "DescribeDisks" {
		return sim.ListFault{}
	}
	rows := string("0123456789abcdefghijklmnopqrstuvwxyz"[dice>>8%36])
	all := []sim.ListFault{
		{Add: 1}, {Add: 3}, {Add: -1}, {Add: -50}, {Most: 1}, {Most: 100}, {Ties: true}, {Only: rows, Absent: true}, {Absent: true},
	}
	if c.Action == "DescribeSnapshots" {
		all = append(all, sim.ListFault{Add: none, Absent: true})
		for _, odd := range []string{
			`{"SnapshotState":"UPDATING"}`, `{"SnapshotState":null}`, `{"DiskSize":0}`, `{"Percent":null}`, `{"CopyFromRemote":false}`, `{"SnapshotName":null}`,
		} {
			all = append(all, sim.ListFault{Only: rows, Fields: odd}, sim.ListFault{Fields: odd})
		}
	}
	return all[dice%uint64(len(all))]
}

// unclear reports whether a client that meets a fault can't know whether its
// request was carried out.
func (w way) unclear() bool {
	switch w.Kind {
	case sim.NoFault, sim.RefuseRows: // the whole request may be refused for a clear reason
		return false
	case sim.Slow:
		return w.Delay > 30*time.Second // nobody waits that long
	case sim.Refuse:
		return slices.Contains([]string{"InternalError", "InternalError.ComponentError", "FailedOperation", "Never.HeardOf"}, w.Code)
	}
	return true
}

// codes are the refusals that each action may meet.
var codes = map[string][]string{
	"": {
		"InternalError", "RequestLimitExceeded", "RequestLimitExceeded.UinLimitExceeded", "RequestLimitExceeded.IPLimitExceeded",
		"ServiceUnavailable", "ResourceUnavailable", "AuthFailure.TokenFailure", "UnauthorizedOperation", "FailedOperation", "Never.HeardOf",
	},
	copyAction: {
		"InsufficientSnapshotQuota", "InternalError.ComponentError", "InvalidAccount.InsufficientBalance", "InvalidParameterValue",
		"ResourceBusy", "ResourceInUse.CopySnapshotConflict",
	},
	"DeleteSnapshots": {"UnsupportedOperation.SnapHasShared", "UnsupportedOperation.SnapshotHasBindedImage", "ResourceBusy"},
	"CreateDisks": {
		"ResourceInsufficient", "InvalidParameterValue.LimitExceeded", "InvalidAccount.InsufficientBalance", "InvalidParameter.InvalidClientToken",
		"TradeDealConflict", "ResourceUnavailable.SnapshotCreating",
	},
	"TerminateDisks": {"InvalidDisk.Busy", "ResourceUnavailable.Attached", "InvalidDiskId.NotFound", "TradeDealConflict"},
	"TagResources":   {"FailedOperation.ResourceTagProcessing", "LimitExceeded.TagValue"},
}

// lies are refusals that would be for good if they were true. Only the
// exhaustive round tells them: it demands nothing of the runs that believe them.
var lies = map[string][]string{
	copyAction:        {"InvalidSnapshot.NotSupported", "InvalidSnapshotId.NotFound", "UnsupportedOperation.SnapshotNotSupportCopy"},
	"DeleteSnapshots": {"InvalidSnapshotId.NotFound"},
}

// beliefTime is how long the function may believe a refusal for good.
const beliefTime = 6*time.Hour + tolerance

// ways are the ways in which a request of an action breaks, but for lies and
// the death of the instance.
func ways(action string) []way {
	all := []way{
		{sim.Fault{Kind: sim.Slow, Delay: 9 * time.Second}, false}, // longer than an observation counts
		{sim.Fault{Kind: sim.Slow, Delay: time.Hour}, false},       // longer than an invocation
	}
	for _, kind := range sim.FaultKinds() {
		if kind != sim.Slow && kind != sim.Refuse && kind != sim.RefuseRows {
			all = append(all, way{sim.Fault{Kind: kind}, false})
		}
	}
	return append(all, refusals(action, slices.Concat(codes[""], codes[action]))...)
}

// allWays are all the ways in which a request of an action breaks.
func allWays(action string) []way {
	dies := []way{{sim.Fault{Kind: sim.LoseCall}, true}, {sim.Fault{Kind: sim.LoseReply}, true}}
	return slices.Concat(dies, ways(action), refusals(action, lies[action]))
}

func refusals(action string, codes []string) (all []way) {
	for _, code := range codes {
		all = append(all, way{sim.Fault{Kind: sim.Refuse, Code: code}, false})
		if action == copyAction {
			all = append(all, way{sim.Fault{Kind: sim.RefuseRows, Code: code}, false})
		}
	}
	return all
}
