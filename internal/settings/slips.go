package settings

import (
	"slices"
	"strings"
)

// shortestSlip is from how many letters on a name that is nearly one of ours is
// taken for a slip. Shorter names are too near to names of other programs.
const shortestSlip = 8

// slips notes the variables that are probably meant for one of ours, such as
// SELECT_TAG or KEEP_DALY. Ignored in silence, they would change what is copied
// and what is deleted.
func (r *reading) slips(names []string) {
	r.hidden = false
	for _, name := range slices.Sorted(slices.Values(names)) {
		if slices.ContainsFunc(table, func(v variable) bool { return v.Name == name }) {
			continue
		}
		for _, v := range table {
			if len(v.Name) >= shortestSlip && isSlip(name, v.Name) {
				r.name = name
				r.note("is not a setting: if " + v.Name + " is meant, correct the name; if not, remove it")
			}
		}
	}
}

// isSlip reports whether a name is one slip away from another: one letter more,
// less or other, or two neighbours swapped.
func isSlip(name, right string) bool {
	if name == right {
		return false
	}
	first := 0 // the first letter that differs
	for first < len(name) && first < len(right) && name[first] == right[first] {
		first++
	}
	a, b := name[first:], right[first:]
	switch len(name) - len(right) {
	case 1:
		return a[1:] == b
	case -1:
		return a == b[1:]
	case 0:
		swapped := len(a) > 1 && a[0] == b[1] && a[1] == b[0] && strings.HasSuffix(a, b[2:])
		return a[1:] == b[1:] || swapped
	}
	return false
}
