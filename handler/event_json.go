package handler

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const (
	// maxKeys is how many keys of an event that is not understood are told.
	maxKeys = 10

	// maxQuoted keeps hostile text short in messages.
	maxQuoted = 60
)

// members are an object's members as they came.
type members map[string]json.RawMessage

// has reports whether a member is there and is not null.
func (m members) has(key string) bool {
	raw, ok := m[key]
	return ok && string(raw) != "null"
}

// found names the members for a message: the first few keys by their order.
func (m members) found() string {
	if len(m) == 0 {
		return "no keys"
	}
	keys := slices.Sorted(maps.Keys(m))
	more := ""
	if len(keys) > maxKeys {
		more = fmt.Sprintf(" and %d more", len(keys)-maxKeys)
		keys = keys[:maxKeys]
	}
	for i, key := range keys {
		keys[i] = quote(key)
	}
	return "the keys " + strings.Join(keys, ", ") + more
}

// blanks are what JSON takes for such.
const blanks = " \t\r\n"

// crowded reports whether a list or an object has more than maxRecords
// elements: then it would take up many times its own length when read.
func crowded(raw []byte) bool {
	elements, depth, quoted := 1, 0, false
	for i := 0; i < len(raw) && elements <= maxRecords; i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++ // what it escapes may be a quote
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth == 1:
			elements++
		}
	}
	return elements > maxRecords
}

// object reads an object, or a string that holds one: records come as either.
// One that is crowded is none.
func object(raw json.RawMessage) (members, bool) {
	if s, ok := text(raw); ok {
		raw = json.RawMessage(s)
	}
	if crowded(raw) {
		return nil, false
	}
	var m members
	if err := json.Unmarshal(raw, &m); err != nil || m == nil {
		return nil, false
	}
	return m, true
}

// text reads a JSON string; ok is false for anything else.
func text(raw json.RawMessage) (s string, ok bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	return s, json.Unmarshal(raw, &s) == nil
}

// cut shortens s to maxQuoted characters.
func cut(s string) string {
	n := 0
	for i := range s {
		if n == maxQuoted {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// quote makes any text fit for a one-line message.
func quote(s string) string { return fmt.Sprintf("%q", cut(s)) }

// quoteJSON is quote for a JSON value: a string shows its text, the rest shows
// as it was written.
func quoteJSON(raw json.RawMessage) string {
	if s, ok := text(raw); ok {
		return quote(s)
	}
	return quote(strings.TrimSpace(string(raw)))
}

// scalar reads a string or shows another value as it was written; "" for
// null and for what is not there.
func scalar(raw json.RawMessage) string {
	if s, ok := text(raw); ok || string(raw) == "null" {
		return s
	}
	return strings.TrimSpace(string(raw))
}

// elements takes a list apart, also one in a string. Another value is a list of
// itself, so is a list that is too long for any id or name to be looked for in
// it; null and an empty text are an empty one, and left out of any list.
func elements(raw json.RawMessage) []json.RawMessage {
	list := []json.RawMessage{raw}
	source := raw
	if s, ok := text(raw); ok {
		source = json.RawMessage(s)
	}
	if several, err := split(source); err == nil {
		list = several
	}
	return slices.DeleteFunc(list, func(e json.RawMessage) bool { return scalar(e) == "" })
}

// numbered returns the members key.0, key.1 and so on of the given keys, by
// number: the form lists have in a query string.
func (m members) numbered(keys []string) []json.RawMessage {
	type entry struct {
		index int
		name  string
	}
	var entries []entry
	for name := range m {
		key, index, found := strings.Cut(name, ".")
		if n, err := strconv.Atoi(index); found && err == nil && slices.Contains(keys, key) {
			entries = append(entries, entry{n, name})
		}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.index, b.index), cmp.Compare(a.name, b.name))
	})
	var out []json.RawMessage
	for _, e := range entries {
		out = append(out, elements(m[e.name])...)
	}
	return out
}
