package sim

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// A pattern says which events a rule takes. Its objects nest as the event's do,
// all of its keys must be there, and of the values in a list one must fit: a
// string, number, true, false or null exactly, or {"prefix": "…"} the beginning of
// a string (documented). Further operators exist; how they are spelt is not known
// here (UNK), and they are refused.
type pattern map[string]any

// readPattern refuses what can't be a pattern.
func readPattern(text string) (pattern, *refusal) {
	var p pattern
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return nil, badPattern("it is no JSON object: %v", err)
	}
	if len(p) == 0 {
		return nil, badPattern("it is empty")
	}
	return p, p.check("")
}

func badPattern(format string, args ...any) *refusal {
	return refuse("InvalidParameterValue.EventPattern", "The event pattern can't be used: "+format+".", args...)
}

func (p pattern) check(path string) *refusal {
	for _, key := range slices.Sorted(maps.Keys(p)) {
		var ref *refusal
		switch v := p[key].(type) {
		case map[string]any:
			if ref = pattern(v).check(path + key + "."); len(v) == 0 {
				ref = badPattern("%s%s is empty", path, key)
			}
		case []any:
			if i := slices.IndexFunc(v, func(one any) bool { return !isCondition(one) }); i >= 0 || len(v) == 0 {
				ref = badPattern("%s%s lists no values and prefixes", path, key)
			}
		} // UNK: a value without a list; tools send it, so it is taken as a list of one
		if ref != nil {
			return ref
		}
	}
	return nil
}

// isCondition tells whether v can stand in a pattern's list.
func isCondition(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		_, prefix := v["prefix"].(string)
		return prefix && len(v) == 1
	case []any:
		return false
	}
	return true
}

// fits tells whether an event is one that the pattern takes.
func (p pattern) fits(event map[string]any) bool {
	for key, want := range p {
		got, there := event[key]
		if !there {
			return false
		}
		switch w := want.(type) {
		case map[string]any:
			inner, ok := got.(map[string]any)
			if !ok || !pattern(w).fits(inner) {
				return false
			}
		case []any:
			if !slices.ContainsFunc(w, func(one any) bool { return meets(got, one) }) {
				return false
			}
		default:
			if !meets(got, want) {
				return false
			}
		}
	}
	return true
}

// meets compares one value of an event with one of a pattern.
func meets(got, want any) bool {
	switch g := got.(type) {
	case map[string]any, []any:
		return false // UNK: how lists in events are matched
	case string:
		if w, ok := want.(map[string]any); ok {
			prefix, _ := w["prefix"].(string)
			return strings.HasPrefix(g, prefix)
		}
	}
	if _, object := want.(map[string]any); object {
		return false
	}
	return got == want
}

type checkRuleParams struct {
	Event        string `api:"required"`
	EventPattern string `api:"required"`
}

func (c *Cloud) checkRule(_ *query, p *checkRuleParams) (any, *refusal) {
	want, ref := readPattern(p.EventPattern)
	if ref != nil {
		return nil, ref
	}
	var event map[string]any
	if err := json.Unmarshal([]byte(p.Event), &event); err != nil {
		return nil, refuse("InvalidParameter.Payload", "The event is no JSON object: %v.", err)
	}
	if !want.fits(event) { // UNK: what the service answers
		return nil, badPattern("it does not fit the event")
	}
	return nil, nil
}
