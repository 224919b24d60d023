package sim

import (
	"slices"
	"time"
)

// cloudBusRegion is the only region with the bus that the cloud's own services
// send their events to; it carries the events of all regions (documented).
const cloudBusRegion = "ap-guangzhou"

// An EventBus receives events. Those of the cloud's services arrive on the one of
// type Cloud.
type EventBus struct {
	ID, Region        string
	Name, Description string
	Type              string // Cloud, Platform or Custom
	Connections       []Connection
}

// A Connection feeds a bus from another service.
type Connection struct{ Type, Status string }

// A bus is an EventBus with its rules. Guarded by the Cloud's lock.
type bus struct {
	EventBus
	stamp
	rules []*rule // oldest first
}

// A stamp has what EventBridge's lists can be ordered by.
type stamp struct {
	name            string
	added, modified time.Time
}

func (s *stamp) stamped() *stamp { return s }

// compare orders by one of the fields that EventBridge knows, each list under
// names of its own.
func (s *stamp) compare(o *stamp, field string) int {
	switch field {
	case "name":
		if s.name != o.name {
			if s.name < o.name {
				return -1
			}
			return 1
		}
	case "ModTime", "updated_at":
		return s.modified.Compare(o.modified)
	}
	return s.added.Compare(o.added)
}

// AddEventBus adds a bus and returns its ID. Empty fields are filled in.
func (c *Cloud) AddEventBus(b EventBus) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	orString(&b.Region, cloudBusRegion)
	orString(&b.Type, "Custom")
	orString(&b.ID, c.ids.make("eb"))
	orString(&b.Name, b.ID)
	b.Connections = slices.Clone(b.Connections)
	r := c.region(b.Region)
	r.buses = append(r.buses, &bus{EventBus: b, stamp: stamp{b.Name, c.time(), c.time()}})
	return b.ID
}

type eventBusRow struct {
	EventBusId, EventBusName  string
	Description, Type         string
	PayMode, AddTime, ModTime string
	ConnectionBriefs          []Connection
	TargetBriefs              []targetBrief
}

func (b *bus) row() eventBusRow {
	row := eventBusRow{
		EventBusId: b.ID, EventBusName: b.Name, Description: b.Description, Type: b.Type,
		PayMode: "OnlinePay", // UNK: what the service shows here
		AddTime: busTime(b.added), ModTime: busTime(b.modified),
		ConnectionBriefs: b.Connections, TargetBriefs: []targetBrief{},
	}
	for _, r := range b.rules {
		row.TargetBriefs = append(row.TargetBriefs, r.briefs()...)
	}
	return row
}

// busTime is how EventBridge writes times: in the zone of the service.
func busTime(t time.Time) string {
	return t.In(time.FixedZone("", 8*60*60)).Format("2006-01-02T15:04:05-07:00")
}

func (c *Cloud) listEventBuses(q *query) ([]byte, *refusal) {
	var l listing
	ref := read(q.body, append(l.busParams(), param{"Filters", &l.filters})...)
	if ref == nil {
		ref = l.checkBus("created_at", "updated_at")
	}
	if ref == nil {
		ref = checkBusFilters(l.filters)
	}
	if ref != nil {
		return nil, ref
	}
	rows := []eventBusRow{}
	for _, b := range ordered(q.region.buses, &l) {
		if row := b.row(); row.fits(l.filters) {
			rows = append(rows, row)
		}
	}
	from, to := l.page(len(rows))
	return fields(struct {
		TotalCount int
		EventBuses []eventBusRow
	}{len(rows), rows[from:to]}), nil
}

// A filtered list takes at most so many filters and values of each (documented).
const (
	maxBusFilters = 10
	maxBusValues  = 5
)

func checkBusFilters(list []filter) *refusal {
	const code = "InvalidParameterValue.Filters"
	if len(list) > maxBusFilters {
		return refuse(code, "There are %d filters; at most %d are allowed.", len(list), maxBusFilters)
	}
	for _, f := range list {
		switch {
		case !slices.Contains([]string{"EventBusName", "EventBusId", "Type"}, f.Name): // TagKey is not imitated: buses have no tags here
			return refuse(code, "There is no filter %q.", f.Name)
		case len(f.Values) == 0 || len(f.Values) > maxBusValues:
			return refuse(code, "The filter %s has %d values; 1 to %d are allowed.", f.Name, len(f.Values), maxBusValues)
		}
	}
	return nil
}

func (r eventBusRow) fits(list []filter) bool {
	value := map[string]string{"EventBusName": r.EventBusName, "EventBusId": r.EventBusId, "Type": r.Type}
	for _, f := range list {
		if !slices.Contains(f.Values, value[f.Name]) {
			return false
		}
	}
	return true
}

// busParams are the parameters that all of EventBridge's lists take.
func (l *listing) busParams() []param {
	return []param{
		{"Limit", &l.limit}, {"Offset", &l.offset}, {"Order", &l.order}, {"OrderBy", &l.orderBy},
	}
}

// checkBus refuses what one of EventBridge's lists can't be, with its own codes.
func (l *listing) checkBus(orders ...string) *refusal {
	const bad = "InvalidParameterValue."
	switch {
	case l.limit != nil && (*l.limit == 0 || *l.limit > largestPage):
		return refuse(bad+"Limit", "Limit must be 1 to %d, not %d.", largestPage, *l.limit)
	case l.order != "" && l.order != "ASC" && l.order != "DESC":
		return refuse(bad+"Order", "Order must be ASC or DESC, not %q.", l.order)
	case l.orderBy != "" && !slices.Contains(orders, l.orderBy):
		return refuse(bad+"OrderBy", "OrderBy can't be %q.", l.orderBy)
	}
	return nil
}

// ordered returns a list as it is shown: newest first unless asked otherwise, as
// in the published example.
func ordered[T interface{ stamped() *stamp }](list []T, l *listing) []T {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b T) int { return a.stamped().compare(b.stamped(), l.orderBy) })
	if l.order != "ASC" {
		slices.Reverse(list)
	}
	return list
}

// busAndRule finds a bus and, unless id is empty, a rule of it.
func (r *region) busAndRule(busID, id string) (*bus, *rule, *refusal) {
	if busID == "" {
		return nil, nil, missing("EventBusId")
	}
	i := slices.IndexFunc(r.buses, func(b *bus) bool { return b.ID == busID })
	if i < 0 {
		return nil, nil, refuse("ResourceNotFound.EventBus", "There is no event bus %s in %s.", busID, r.name)
	}
	b := r.buses[i]
	if id == "" {
		return b, nil, nil
	}
	j := slices.IndexFunc(b.rules, func(o *rule) bool { return o.ID == id })
	if j < 0 {
		return nil, nil, refuse("ResourceNotFound.Rule", "Event bus %s has no rule %s.", busID, id)
	}
	return b, b.rules[j], nil
}
