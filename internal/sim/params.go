package sim

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
)

// A param is a parameter an API knows, and where it goes: a pointer to its value,
// or to a pointer where absence matters.
type param struct {
	name string
	into any
}

// ignored takes parameters that are known and have no effect here.
type ignored = json.RawMessage

// read decodes a request's parameters: names must be known, and spelt exactly so,
// and types must fit.
func read(body []byte, known ...param) *refusal {
	if len(strings.TrimSpace(string(body))) == 0 {
		return nil
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(body, &given); err != nil {
		return refuse("InvalidParameter", "The parameters are no JSON object: %v.", err)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		i := slices.IndexFunc(known, func(p param) bool { return p.name == name })
		if i < 0 {
			return refuse("UnknownParameter", "The parameter %q is not known.", name)
		}
		if err := json.Unmarshal(given[name], known[i].into); err != nil {
			var inner *refusal
			if errors.As(err, &inner) {
				return inner
			}
			return refuse("InvalidParameter", "The parameter %s has the wrong type: %v.", name, err)
		}
	}
	return nil
}

// unmarshal is read for nested values; it must not return a typed nil.
func unmarshal(b []byte, known ...param) error {
	if ref := read(b, known...); ref != nil {
		return ref
	}
	return nil
}

type filter struct {
	Name   string
	Values []string
}

// UnmarshalJSON implements json.Unmarshaler, strictly.
func (f *filter) UnmarshalJSON(b []byte) error {
	return unmarshal(b, param{"Name", &f.Name}, param{"Values", &f.Values})
}

// A tag is a key and a value as CBS spells them.
type tag struct{ Key, Value string }

// UnmarshalJSON implements json.Unmarshaler, strictly.
func (t *tag) UnmarshalJSON(b []byte) error {
	return unmarshal(b, param{"Key", &t.Key}, param{"Value", &t.Value})
}

func tagList(tags map[string]string) []tag {
	list := make([]tag, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, tag{key, tags[key]})
	}
	return list
}

func missing(name string) *refusal {
	return refuse("MissingParameter", "The parameter %s is missing.", name)
}

func badValue(format string, args ...any) *refusal {
	return refuse("InvalidParameterValue", format, args...)
}

func tooMany(what string, n, most int) *refusal {
	return refuse("InvalidParameterValue.LimitExceeded", "There are %d %s; at most %d are allowed.", n, what, most)
}

// maxName is the longest name of snapshots, groups and disks, in bytes.
const maxName = 60

func checkName(name string) *refusal {
	if len(name) > maxName {
		return badValue("The name %q is longer than %d bytes.", name, maxName)
	}
	return nil
}

// maxIDs is the most ids a call takes.
const maxIDs = 100

// checkIDs refuses ids that can't be of the kind, and too many of them.
func checkIDs(kind string, ids []string) *refusal {
	if len(ids) > maxIDs {
		return tooMany("ids", len(ids), maxIDs)
	}
	for _, id := range ids {
		if !wellFormed(kind, id) {
			return badValue("%q is no %s id.", id, kind)
		}
	}
	return nil
}

func wellFormed(kind, id string) bool {
	rest, ok := strings.CutPrefix(id, kind+"-")
	return ok && rest != "" && len(rest) <= 32 && strings.Trim(rest, alphabet) == ""
}

// A listing is what the Describe calls have in common.
type listing struct {
	ids            []string
	filters        []filter
	limit, offset  *uint64
	order, orderBy string
}

const (
	usualPage   = 20
	largestPage = 100
)

// check refuses what a listing can't be and complains of what should not be asked.
func (c *Cloud) check(q *query, l *listing, kind string, orders ...string) *refusal {
	if l.limit != nil && *l.limit > largestPage {
		c.complain("page-size", "%s was asked for pages of %d; %d is the most", q.action, *l.limit, largestPage)
		return badValue("Limit %d is over %d.", *l.limit, largestPage)
	}
	if len(l.ids) > 0 && len(l.filters) > 0 {
		c.complain("ids-and-filters", "%s was asked with ids and filters at once", q.action)
		return refuse("InvalidParameter", "Ids and Filters can't be given at once.")
	}
	switch {
	case l.limit != nil && *l.limit == 0: // UNK
		return badValue("Limit must be at least 1.")
	case l.order != "" && l.order != "ASC" && l.order != "DESC":
		return badValue("Order must be ASC or DESC, not %q.", l.order)
	case l.orderBy != "" && !slices.Contains(orders, l.orderBy):
		return badValue("OrderField can't be %q.", l.orderBy)
	}
	for _, f := range l.filters {
		if f.Name == "" || len(f.Values) == 0 {
			return refuse("InvalidFilter", "A filter needs a Name and Values.")
		}
	}
	return checkIDs(kind, l.ids)
}

// page cuts one page out of n results, as a half-open range.
func (l *listing) page(n int) (from, to int) {
	limit, offset := uint64(usualPage), uint64(0)
	if l.limit != nil {
		limit = *l.limit
	}
	if l.offset != nil {
		offset = *l.offset
	}
	offset = min(offset, uint64(n))
	return int(offset), int(min(offset+limit, uint64(n)))
}

func unknownFilter(name string) *refusal {
	return refuse("InvalidFilter", "There is no filter %q.", name)
}
