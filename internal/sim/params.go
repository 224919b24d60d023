package sim

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// ignored takes parameters that are known and have no effect here.
type ignored = json.RawMessage

// read decodes a request's parameters into the struct that p points to. It has
// a field for each parameter that the API knows. Names must be spelt exactly so
// and types must fit. A field's tag says more: `api:"required"` for what must
// be given, `api:"snap"` for ids of that kind, or both.
func read(body []byte, p any) *refusal {
	if len(strings.TrimSpace(string(body))) == 0 {
		body = []byte("{}")
	}
	v := reflect.ValueOf(p).Elem()
	if ref := readObject(body, v); ref != nil {
		return ref
	}
	for _, field := range reflect.VisibleFields(v.Type()) {
		given := v.FieldByIndex(field.Index)
		absent := given.IsZero() || given.Kind() == reflect.Slice && given.Len() == 0
		for rule := range strings.SplitSeq(field.Tag.Get("api"), ",") {
			if rule == "required" && absent {
				return missing(field.Name)
			}
			if rule == "required" || rule == "" || absent {
				continue
			}
			if ref := checkIDs(rule, idsIn(given)); ref != nil {
				return ref
			}
		}
	}
	return nil
}

// idsIn returns the ids of a parameter that has one or a list of them.
func idsIn(given reflect.Value) []string {
	if ids, isList := given.Interface().([]string); isList {
		return ids
	}
	return []string{given.String()}
}

// readObject decodes a JSON object into a struct and everything inside as strictly.
func readObject(raw []byte, v reflect.Value) *refusal {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(raw, &given); err != nil {
		return refuse("InvalidParameter", "The parameters are no JSON object: %v.", err)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		field, known := v.Type().FieldByName(name)
		if !known || !field.IsExported() {
			return refuse("UnknownParameter", "The parameter %q is not known.", name)
		}
		if ref := readValue(given[name], name, v.FieldByIndex(field.Index)); ref != nil {
			return ref
		}
	}
	return nil
}

func readValue(raw []byte, name string, v reflect.Value) *refusal {
	t := v.Type()
	switch {
	case t.Kind() == reflect.Struct:
		return readObject(raw, v)
	case t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct && string(raw) != "null":
		v.Set(reflect.New(t.Elem()))
		return readObject(raw, v.Elem())
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return wrongType(name, err)
		}
		v.Set(reflect.MakeSlice(t, len(list), len(list)))
		for i, one := range list {
			if ref := readObject(one, v.Index(i)); ref != nil {
				return ref
			}
		}
	default:
		if err := json.Unmarshal(raw, v.Addr().Interface()); err != nil {
			return wrongType(name, err)
		}
	}
	return nil
}

func wrongType(name string, err error) *refusal {
	return refuse("InvalidParameter", "The parameter %s has the wrong type: %v.", name, err)
}

func missing(name string) *refusal {
	return refuse("MissingParameter", "The parameter %s is missing.", name)
}

func badValue(format string, args ...any) *refusal {
	return refuse("InvalidParameterValue", format, args...)
}

// notOneOf refuses a value that an API does not know. An empty one is not given.
func notOneOf(name, value string, known ...string) *refusal {
	if value == "" || slices.Contains(known, value) {
		return nil
	}
	return badValue("%s can't be %q.", name, value)
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
		rest, ok := strings.CutPrefix(id, kind+"-")
		if !ok || rest == "" || len(rest) > 32 || strings.Trim(rest, alphabet) != "" {
			return badValue("%q is no %s id.", id, kind)
		}
	}
	return nil
}

// A tag is a key and a value as CBS spells them.
type tag struct{ Key, Value string }

// tagList returns tags in order of their keys.
func tagList(tags map[string]string) []tag {
	list := make([]tag, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, tag{key, tags[key]})
	}
	return list
}
