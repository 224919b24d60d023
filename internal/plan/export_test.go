package plan

import "time"

// Apply lets tests hold the keep rules against a second implementation.
func (k Keep) Apply(times []time.Time, zone *time.Location, now time.Time) []string {
	return k.apply(times, zone, now)
}

// Surplus tells tests that a deletion leaves another replica of its point.
func Surplus(d Decision) bool { return d.surplus }
