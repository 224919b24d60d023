package storm

import (
	"slices"
	"time"

	"snapferry/internal/sim"
)

// inject is asked by the simulator about every request that arrives. It looks
// at what is asked, and says what goes wrong with it.
func (p *play) inject(c sim.Call) sim.Fault {
	p.mu.Lock()
	inv := p.calls[c.SecretID]
	p.mu.Unlock()
	if inv == nil {
		p.violate("%s is asked with a key of no invocation, %q", c.Action, c.SecretID)
		return sim.Fault{}
	}
	p.watch(inv, c)
	p.mu.Lock()
	defer p.mu.Unlock()
	inv.arrived++
	p.arrivals++
	if p.heard != nil {
		p.heard(c.Action)
	}
	var f sim.Fault
	dies := inv.arrived == inv.die
	if p.strike != nil {
		f, dies = p.strike(c)
	} else if bits := p.bits(inv, route{c.Action, c.Region}, c.Params, 2); !p.calm && share(bits) < p.faults {
		f = chooseFault(c.Action, mix(bits))
	} else if dies {
		f.Kind = sim.LoseCall
		if bits&1 == 0 {
			f.Kind = sim.LoseReply
		}
	}
	if dies {
		inv.dead = true
		inv.cancel()
	}
	p.noteFault(inv, c, f, dies)
	if c.Action == "DescribeSnapshots" && !dies && (f.Kind == sim.NoFault || f.Kind == sim.Slow) {
		p.saw(inv, c)
	}
	if c.Action == "CopySnapshotCrossRegions" && unclear(f) {
		inv.doubt(c)
	}
	return f
}

// unclear reports whether a client that meets a fault can't know whether its
// request was carried out.
func unclear(f sim.Fault) bool {
	switch f.Kind {
	case sim.NoFault:
		return false
	case sim.Slow:
		return f.Delay > 30*time.Second // nobody waits that long
	case sim.RefuseRows:
		return false // the whole call may be refused for a clear reason
	case sim.Refuse:
		return slices.Contains([]string{"InternalError", "InternalError.ComponentError", "FailedOperation", "Never.HeardOf"}, f.Code)
	}
	return true
}

func (p *play) noteFault(inv *invocation, c sim.Call, f sim.Fault, dies bool) {
	if f.Kind == sim.NoFault && !dies {
		return
	}
	inv.faults++
	switch what := f.Kind.String(); {
	case dies:
		p.result.Faults["killed"]++
	default:
		p.result.Faults[what]++
	}
	p.believe(inv, c, f)
	p.noteLocked("  %s: %s in %s: %s %s%s", inv.key[9:], c.Action, c.Region, f.Kind, f.Code, map[bool]string{true: ", and dies"}[dies])
}

// codes are the refusals that each action may meet.
var codes = map[string][]string{
	"": {
		"InternalError", "RequestLimitExceeded", "RequestLimitExceeded.UinLimitExceeded", "RequestLimitExceeded.IPLimitExceeded",
		"ServiceUnavailable", "ResourceUnavailable", "AuthFailure.TokenFailure", "UnauthorizedOperation", "FailedOperation", "Never.HeardOf",
	},
	"CopySnapshotCrossRegions": {
		"InsufficientSnapshotQuota", "InternalError.ComponentError", "InvalidAccount.InsufficientBalance", "InvalidParameterValue",
		"InvalidSnapshot.NotSupported", "InvalidSnapshotId.NotFound", "ResourceBusy", "ResourceInUse.CopySnapshotConflict",
		"UnsupportedOperation.SnapshotNotSupportCopy",
	},
	"DeleteSnapshots": {
		"UnsupportedOperation.SnapHasShared", "UnsupportedOperation.SnapshotHasBindedImage", "ResourceBusy", "InvalidSnapshotId.NotFound",
	},
	"TagResources": {"FailedOperation.ResourceTagProcessing", "LimitExceeded.TagValue"},
}

// faultKinds are what chance chooses among; refusals come as often as all
// others together.
var faultKinds = []sim.FaultKind{
	sim.LoseCall, sim.LoseReply, sim.BadGateway, sim.BadGatewayDone, sim.Truncate, sim.HangBefore, sim.HangAfter, sim.Slow,
	sim.Refuse, sim.Refuse, sim.Refuse, sim.Refuse, sim.Refuse, sim.Refuse, sim.RefuseRows, sim.RefuseRows,
}

func chooseFault(action string, bits uint64) sim.Fault {
	f := sim.Fault{Kind: faultKinds[bits%uint64(len(faultKinds))]}
	switch f.Kind {
	case sim.Slow:
		f.Delay = between(mix(bits, 1), time.Second, 40*time.Second)
	case sim.Refuse, sim.RefuseRows:
		all := codes[""]
		if own := codes[action]; mix(bits, 2)&1 == 0 && len(own) > 0 {
			all = own
		}
		f.Code = all[mix(bits, 3)%uint64(len(all))]
	}
	return f
}

// fate is asked by the simulator, with its lock held, about every copy that
// it accepts.
func (p *play) fate(c sim.Copy) sim.Fate {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := pair{c.Source, c.From, c.To}
	n := &copied{Copy: c, at: time.Now(), fate: sim.Finishes}
	bits := mix(p.w.seed, 6, hash(c.Source), hash(c.To), uint64(len(p.copied[at])))
	if !p.calm && share(bits) < p.fates {
		n.fate = sim.Fate(1 + mix(bits)%5)
	}
	p.copied[at] = append(p.copied[at], n)
	p.replica[place{c.To, c.Replica}] = n
	p.unchecked = append(p.unchecked, n)
	p.noteLocked("  copy of %s from %s to %s accepted: %s, %s", c.Source, c.From, c.To, c.Replica, n.fate)
	return n.fate
}
