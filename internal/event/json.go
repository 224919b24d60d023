package event

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const (
	// maxKeys is how many keys the error about an unknown event names.
	maxKeys = 10

	// maxQuoted is how many characters of a text a message shows.
	maxQuoted = 60
)

// members are the members of a JSON object, not yet decoded.
type members map[string]json.RawMessage

// has reports whether a member exists and is not null.
func (m members) has(key string) bool {
	raw, ok := m[key]
	return ok && string(raw) != "null"
}

// found names the first keys for a message, in alphabetical order.
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

// numbered returns the members key.0, key.1 and so on of the given keys, by
// number. A query string writes lists in this form.
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

// blanks are the characters that JSON allows between its tokens.
const blanks = " \t\r\n"

var errTooMany = fmt.Errorf("a list of more than %d elements", MaxRecords)

// tooMany reports whether a list or an object has more than MaxRecords
// elements. It counts them without decoding, because a decoded element takes
// many times its own length in memory.
func tooMany(raw []byte) bool {
	elements, depth, quoted := 1, 0, false
	for i := 0; i < len(raw) && elements <= MaxRecords; i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++ // the next character may be a quote
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
	return elements > MaxRecords
}

// object reads an object with at most MaxRecords members. It may be encoded as
// a string: audit records come in both forms.
func object(raw json.RawMessage) (members, bool) {
	if s, ok := text(raw); ok {
		raw = json.RawMessage(s)
	}
	if tooMany(raw) {
		return nil, false
	}
	var m members
	if err := json.Unmarshal(raw, &m); err != nil || m == nil {
		return nil, false
	}
	return m, true
}

// split returns the elements of a list of at most MaxRecords.
func split(raw json.RawMessage) ([]json.RawMessage, error) {
	raw = bytes.TrimLeft(raw, blanks)
	if len(raw) == 0 || raw[0] != '[' || !json.Valid(raw) {
		return nil, errors.New("not a list")
	}
	if tooMany(raw) {
		return nil, errTooMany
	}
	var list []json.RawMessage
	err := json.Unmarshal(raw, &list)
	return list, err
}

// elements returns a list's elements; the list may be encoded as a string. Any
// other value, or a list of more than MaxRecords, is returned as a single
// element. Nulls and empty strings are dropped.
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

// text reads a JSON string; ok is false for anything else.
func text(raw json.RawMessage) (s string, ok bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	return s, json.Unmarshal(raw, &s) == nil
}

// scalar returns the text of a string, and any other value as it was written.
// It returns "" for null and for a missing member.
func scalar(raw json.RawMessage) string {
	if s, ok := text(raw); ok || string(raw) == "null" {
		return s
	}
	return strings.TrimSpace(string(raw))
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

// quote makes any text safe for a one-line message.
func quote(s string) string { return fmt.Sprintf("%q", cut(s)) }

// quoteJSON quotes the text of a string, and any other value as it was written.
func quoteJSON(raw json.RawMessage) string {
	if s, ok := text(raw); ok {
		return quote(s)
	}
	return quote(strings.TrimSpace(string(raw)))
}
