package sim

import (
	"cmp"
	"hash/fnv"
	"slices"
	"time"
)

const (
	usualPage   = 20
	largestPage = 100
)

// paging has the parameters that every list takes.
type paging struct {
	Limit, Offset *uint64
	Order         string // ASC or DESC, the default
}

// page cuts the page that was asked for out of a list that is oldest first.
func page[T any](p paging, list []T) []T {
	limit, offset, n := uint64(usualPage), uint64(0), uint64(len(list))
	set(&limit, p.Limit)
	set(&offset, p.Offset)
	from := min(offset, n)
	to := from + min(limit, n-from)
	if p.Order == "ASC" {
		return list[from:to]
	}
	newestFirst := slices.Clone(list[n-to : n-from])
	slices.Reverse(newestFirst)
	return newestFirst
}

// answered returns the count and the page that a request gets, as its fault tells them.
func answered[T item](c *Cloud, q *query, p paging, list []T) (total int, shown []T) {
	f := &q.fault.List
	if f.Ties {
		list = reordered(list, c.ids.next["request"])
	}
	shown = page(p, list)
	if f.Absent {
		shown = slices.DeleteFunc(slices.Clone(shown), func(x T) bool { id, _, _ := x.place(); return f.about(id) })
	}
	return f.total(len(list)), shown
}

// reordered returns a list in order of creation in which those of the same second
// are in an order that depends on salt.
func reordered[T item](list []T, salt uint64) []T {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b T) int {
		id, created, _ := a.place()
		otherID, otherCreated, _ := b.place()
		return cmp.Or(created.Truncate(time.Second).Compare(otherCreated.Truncate(time.Second)), cmp.Compare(draw(id, salt), draw(otherID, salt)))
	})
	return list
}

// draw is a number that looks random, the same for the same id and salt.
func draw(id string, salt uint64) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	return mix(h.Sum64() ^ mix(salt))
}

// refusedFor returns the id for which a list by ids is refused, "" for none. UNK:
// documents say only of snapshots that an unknown id is left out.
func refusedFor[T item](c *Cloud, ids []string, found []T) string {
	for _, id := range ids {
		known := func(x T) bool { its, _, _ := x.place(); return its == id }
		if c.opt.Quirks.UnknownIDRefuses && !slices.ContainsFunc(found, known) {
			return id
		}
	}
	return ""
}

// listed is the reply of a list: how many there are, and one page of them.
func listed(name string, total int, rows any) any {
	return map[string]any{"TotalCount": total, name: rows}
}

// set changes a field to what was given, if anything was.
func set[T any](field, given *T) {
	if given != nil {
		*field = *given
	}
}

type filter struct {
	Name   string
	Values []string
}

// matches tells whether one of the values is one of the filter's.
func (f filter) matches(values []string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return slices.Contains(f.Values, v) })
}

// A valuesOf returns what a filter of that name compares with in one thing, and
// whether there is such a filter.
type valuesOf func(filter string) (values []string, known bool)

func checkNames(filters []filter, values valuesOf) *refusal {
	for _, f := range filters {
		if _, known := values(f.Name); !known {
			return refuse("InvalidFilter", "There is no filter %q.", f.Name)
		}
	}
	return nil
}

func fitsAll(filters []filter, values valuesOf) bool {
	return !slices.ContainsFunc(filters, func(f filter) bool {
		found, _ := values(f.Name)
		return !f.matches(found)
	})
}

// A listing has the parameters of CBS's lists, except for the ids.
type listing struct {
	paging
	Filters    []filter
	OrderField string
}

// checkListing refuses what a listing can't be and complains of what should not be asked.
func (c *Cloud) checkListing(q *query, l *listing, ids []string, orders ...string) *refusal {
	if l.Limit != nil && *l.Limit > largestPage {
		c.complain("page-size", "%s was asked for pages of %d; %d is the most", q.action, *l.Limit, largestPage)
		return badValue("Limit %d is over %d.", *l.Limit, largestPage)
	}
	if len(ids) > 0 && len(l.Filters) > 0 {
		c.complain("ids-and-filters", "%s was asked with ids and filters at once", q.action)
		return refuse("InvalidParameter", "Ids and Filters can't be given at once.")
	}
	if l.Limit != nil && *l.Limit == 0 { // UNK
		return badValue("Limit must be at least 1.")
	}
	for _, f := range l.Filters {
		if f.Name == "" || len(f.Values) == 0 {
			return refuse("InvalidFilter", "A filter needs a Name and Values.")
		}
	}
	if ref := notOneOf("Order", l.Order, "ASC", "DESC"); ref != nil {
		return ref
	}
	return notOneOf("OrderField", l.OrderField, orders...)
}
