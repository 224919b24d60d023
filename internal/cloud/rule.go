package cloud

// EventRegion is the only region with the bus on which the service's own API calls
// arrive, for all regions. A rule there reaches only functions in the same region.
const EventRegion = "ap-guangzhou"

// A Rule sends the events of a bus that fit its pattern to its targets.
type Rule struct {
	ID      string // "" for one that is not there yet
	Name    string
	Pattern string // JSON
	Enabled bool
	Targets []RuleTarget
}

// A RuleTarget is where a rule sends events. A function's resource is
// qcs::scf:<region>:uin/<account>:namespace/<namespace>/function/<name>/<version>.
type RuleTarget struct{ ID, Resource string }
