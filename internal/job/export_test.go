package job

import (
	"time"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// OutcomeOf is the table from meanings to outcomes.
var OutcomeOf = outcomeOf

// MaxTrials and NamesTogether bound what is found out about a name filter.
const (
	MaxTrials     = maxTrials
	NamesTogether = namesTogether
)

// Remember returns the replicas of a name that are known after several reads.
func Remember(name string, reads ...[]cloud.Snapshot) []cloud.Snapshot {
	var s targetSeen
	for _, found := range reads {
		s.add(time.Time{}, name, found)
	}
	return s.replicas
}

// Full reports on so many actions of one outcome, keeping at most so many.
func Full(most int, o plan.Outcome, n int) *Report {
	r := NewReport(most)
	for range n {
		r.add(Action{Kind: plan.KindCopy, Outcome: o})
		r.warn("w")
	}
	return r.end()
}
