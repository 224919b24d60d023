package storm

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// condemn notes a deletion that an invocation asks for, of a replica that is
// there. Called with the lock held.
func (p *play) condemn(inv *invocation, at place, whole bool) {
	inv.doomed[at] = inv.doomed[at] || whole
	if first, asked := p.askers[at]; asked && first != inv {
		inv = nil // whose request it was can't be told any more
	}
	p.askers[at] = inv
}

// executed are the replicas that are gone because of one invocation alone, and
// whether each was complete. Called with the lock held.
func (p *play) executed(inv *invocation, after *truth) map[place]bool {
	gone := map[place]bool{}
	for at, whole := range inv.doomed {
		if p.askers[at] == inv && after.here[at] == nil && p.touched[at].IsZero() {
			gone[at] = whole
		}
	}
	return gone
}

// checkDeletions holds all that one run has deleted against the limits of a
// run: DELETE_LIMIT, and half of what a region holds where that is more than
// ten.
func (p *play) checkDeletions(inv *invocation, after *truth) {
	p.mu.Lock()
	defer p.mu.Unlock()
	gone := p.executed(inv, after)
	if most, _ := strconv.Atoi(p.w.env["DELETE_LIMIT"]); most > 0 && len(gone) > most {
		p.violateLocked("invocation %s deletes %d replicas: DELETE_LIMIT is %d", inv.key, len(gone), most)
	}
	if strings.Contains(inv.event, `"force":true`) {
		return
	}
	lost := map[string]int{}
	for at, whole := range gone {
		if whole {
			lost[at.region]++
		}
	}
	for region, n := range lost {
		if had := p.held(inv, region, after); had > 10 && 2*n > had {
			p.violateLocked("invocation %s deletes %d of %d complete replicas in %s, more than half, without force", inv.key, n, had, region)
		}
	}
}

// held is how many complete replicas a run may have seen in a region: those of
// its beginning, those that arrived meanwhile, and those that lists still show.
// Called with the lock held.
func (p *play) held(inv *invocation, region string, after *truth) int {
	seen := map[place]bool{}
	for _, t := range []*truth{inv.before, after} {
		for l, reps := range t.lanes {
			for _, rep := range reps {
				if l.to == region && slices.Contains(p.w.sources, l.from) && t.complete(rep) {
					seen[place{region, rep.ID}] = true
				}
			}
		}
	}
	for at := range p.homes {
		if at.region == region && inv.before.here[at] == nil && p.lingers(inv.before, at, inv.began) {
			seen[at] = true
		}
	}
	return len(seen)
}

// heed reads an answer on its way to the function: a region that has answered
// with its quota is not to be asked for a copy again in that run.
func (p *play) heed(inv *invocation, at route, asked []byte, resp *http.Response) {
	if at.action != "CopySnapshotCrossRegions" {
		return
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var q params
	var a struct {
		Response struct {
			Error                 struct{ Code string }
			SnapshotCopyResultSet []struct{ DestinationRegion, Code string }
		}
	}
	if err != nil || json.Unmarshal(asked, &q) != nil || json.Unmarshal(body, &a) != nil {
		return // no clear answer
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	const quota = "InsufficientSnapshotQuota"
	if a.Response.Error.Code == quota && len(q.DestinationRegions) == 1 { // of several, which is it?
		inv.full[q.DestinationRegions[0]] = time.Now()
	}
	for _, row := range a.Response.SnapshotCopyResultSet {
		if row.Code == quota {
			inv.full[row.DestinationRegion] = time.Now()
		}
	}
}

// checkRoom demands that no region is asked for a copy that has answered with
// its quota. Called with the lock held.
func (p *play) checkRoom(inv *invocation, at route, asked []byte) {
	var q params
	if at.action != "CopySnapshotCrossRegions" || json.Unmarshal(asked, &q) != nil {
		return
	}
	for _, to := range q.DestinationRegions {
		if told := inv.full[to]; !told.IsZero() && time.Now().After(told) {
			p.violateLocked("invocation %s asks to copy %s to %s, which answered with its quota %s ago", inv.key, q.SnapshotId, to, time.Since(told))
		}
	}
}
