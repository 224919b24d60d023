package sim

import (
	"cmp"
	"slices"
	"strings"
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

// compare orders by one of the fields that EventBridge knows. Each list has its own names for them.
func (s *stamp) compare(o *stamp, field string) int {
	switch field {
	case "name":
		return strings.Compare(s.name, o.name)
	case "ModTime", "updated_at":
		return s.modified.Compare(o.modified)
	}
	return s.added.Compare(o.added)
}

// AddEventBus adds a bus and returns its ID. Empty fields are filled in.
func (c *Cloud) AddEventBus(b EventBus) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	b.Region = cmp.Or(b.Region, cloudBusRegion)
	b.Type = cmp.Or(b.Type, "Custom")
	b.ID = cmp.Or(b.ID, c.ids.make("eb"))
	b.Name = cmp.Or(b.Name, b.ID)
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
func busTime(t time.Time) string { return rfc3339(t.In(china())) }

type listBusesParams struct {
	busListing
	Filters []filter
}

func (c *Cloud) listEventBuses(q *query, p *listBusesParams) (any, *refusal) {
	ref := p.check("created_at", "updated_at")
	if ref == nil {
		ref = checkBusFilters(p.Filters)
	}
	if ref != nil {
		return nil, ref
	}
	rows := []eventBusRow{}
	for _, b := range ordered(q.region.buses, p.OrderBy) {
		if row := b.row(); fitsAll(p.Filters, row.values) {
			rows = append(rows, row)
		}
	}
	return listed("EventBuses", len(rows), page(p.paging, rows)), nil
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
		if _, known := (eventBusRow{}).values(f.Name); !known {
			return refuse(code, "There is no filter %q.", f.Name)
		}
		if len(f.Values) == 0 || len(f.Values) > maxBusValues {
			return refuse(code, "The filter %s has %d values; 1 to %d are allowed.", f.Name, len(f.Values), maxBusValues)
		}
	}
	return nil
}

// values implements valuesOf. TagKey is not imitated: buses have no tags here.
func (r eventBusRow) values(filter string) ([]string, bool) {
	value, known := map[string]string{"EventBusName": r.EventBusName, "EventBusId": r.EventBusId, "Type": r.Type}[filter]
	return []string{value}, known
}

// A busListing has the parameters that all of EventBridge's lists take.
type busListing struct {
	paging
	OrderBy string
}

// check refuses what a list can't be, with EventBridge's own codes.
func (l *busListing) check(orders ...string) *refusal {
	const bad = "InvalidParameterValue."
	switch {
	case l.Limit != nil && (*l.Limit == 0 || *l.Limit > largestPage):
		return refuse(bad+"Limit", "Limit must be 1 to %d, not %d.", largestPage, *l.Limit)
	case notOneOf("Order", l.Order, "ASC", "DESC") != nil:
		return refuse(bad+"Order", "Order must be ASC or DESC, not %q.", l.Order)
	case notOneOf("OrderBy", l.OrderBy, orders...) != nil:
		return refuse(bad+"OrderBy", "OrderBy can't be %q.", l.OrderBy)
	}
	return nil
}

// ordered returns a list in ascending order of a field.
func ordered[T interface{ stamped() *stamp }](list []T, field string) []T {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b T) int { return a.stamped().compare(b.stamped(), field) })
	return list
}

func (r *region) bus(id string) (*bus, *refusal) {
	for _, b := range r.buses {
		if b.ID == id {
			return b, nil
		}
	}
	return nil, refuse("ResourceNotFound.EventBus", "There is no event bus %s in %s.", id, r.name)
}

func (r *region) rule(busID, id string) (*bus, *rule, *refusal) {
	b, ref := r.bus(busID)
	if ref != nil {
		return nil, nil, ref
	}
	for _, one := range b.rules {
		if one.ID == id {
			return b, one, nil
		}
	}
	return nil, nil, refuse("ResourceNotFound.Rule", "Event bus %s has no rule %s.", busID, id)
}
