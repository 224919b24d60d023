package cli

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"snapferry/internal/sim"
)

// margin is where the story's text begins.
const margin = "   "

// finale shows the truth of the simulated cloud, and fails where it is not
// what was promised: each snapshot once in each region, proven and tagged.
func (s *story) finale(context.Context) error {
	outcome := s.outcomes()
	t := columns{names: []string{"Disk", "Snapshot", "Region", "Replica", "State", "Verified"}, width: s.a.out.columns() - len(margin)}
	proven, last := 0, ""
	for _, o := range outcome {
		verified := s.a.out.paint(red, "no")
		if o.proven {
			verified = s.a.out.paint(green, "yes")
			proven++
		}
		cells := []string{o.source.Disk, o.source.ID, o.replica.Region, o.replica.ID, o.replica.State, verified}
		if o.source.ID == last {
			cells[0], cells[1] = "", ""
		}
		last = o.source.ID
		t.rows = append(t.rows, cells)
	}
	s.a.out.line("%s%s", margin, strings.ReplaceAll(t.render(), "\n", "\n"+margin))
	copies, complaints := s.cloud.Copies(), s.cloud.Complaints()
	for _, text := range complaints {
		s.say("complaint: %s", text)
	}
	doubles := len(copies) - distinct(copies)
	s.a.out.line("")
	s.a.out.line("copies accepted by the service: %d, deleted by retention: %d, replicas: %d, doubles: %d, complaints: %d",
		len(copies), s.deleted, len(outcome), doubles, len(complaints))
	if want := s.expected(); len(copies) != want || len(outcome) != want-s.deleted || proven != len(outcome) || doubles > 0 || len(complaints) > 0 {
		return s.broken("the promises do not hold")
	}
	return nil
}

// An outcome is a replica in the simulated cloud with what it is a copy of.
type outcome struct {
	source, replica sim.Snapshot
	proven          bool
}

// outcomes are those of all replicas, by disk, newest source first. Of what
// a replica is a copy only the service's own record tells.
func (s *story) outcomes() []outcome {
	sources := map[string]string{}
	for _, c := range s.cloud.Copies() {
		sources[c.Replica] = c.Source
	}
	var all []outcome
	for _, r := range s.replicas() {
		source, _ := s.cloud.Snapshot(home, sources[r.ID])
		all = append(all, outcome{source, r, r.State == "NORMAL" && r.Tags["ferry:state"] == "verified"})
	}
	slices.SortFunc(all, func(a, b outcome) int {
		return cmp.Or(cmp.Compare(a.source.Disk, b.source.Disk), b.source.Created.Compare(a.source.Created),
			cmp.Compare(a.replica.Region, b.replica.Region), cmp.Compare(a.replica.ID, b.replica.ID))
	})
	return all
}

// distinct is how many of the copies differ by source or region.
func distinct(copies []sim.Copy) int {
	seen := map[[2]string]bool{}
	for _, c := range copies {
		seen[[2]string{c.Source, c.To}] = true
	}
	return len(seen)
}
