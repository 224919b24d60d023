package policy

import (
	"bytes"
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// texts are one text or a list, as documents have both.
type texts []string

// UnmarshalJSON implements json.Unmarshaler.
func (t *texts) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(raw, []byte(`"`)) {
		*t = texts{""}
		return json.Unmarshal(raw, &(*t)[0])
	}
	return json.Unmarshal(raw, (*[]string)(t))
}

// statements reads a document. It is not ok if it has anything that is not known here,
// because that may change what it means.
func statements(raw string) (all []statement, ok bool) {
	d := json.NewDecoder(strings.NewReader(raw))
	d.DisallowUnknownFields()
	var doc document
	if err := d.Decode(&doc); err != nil || doc.Version != "2.0" {
		return nil, false
	}
	return doc.Statement, true
}

// Trusts reports whether a role's trust lets functions take it on, and whether that can
// be told.
func Trusts(trust string) (trusts, ok bool) {
	all, ok := statements(trust)
	j := judge{}
	for _, s := range all {
		if s.Principal != nil && slices.Contains(s.Principal.Service, functions) {
			s.Resource = texts{"*"} // a trust is about its own role
			j.all = append(j.all, s)
		}
	}
	verdict := j.allows("name/sts:AssumeRole")
	return verdict == yes, ok && verdict != perhaps
}

// Lacking judges what calls the documents of a role's policies allow. Calls are as
// Calls returns them, the results as policies name actions: those that are surely not
// allowed, and those for which it can't be told. A document of "" is one that could not
// be read.
func Lacking(calls, documents []string) (missing, unsure []string) {
	j := judge{}
	for _, raw := range documents {
		all, ok := statements(raw)
		if !ok {
			j.unread, j.mayDeny = true, j.mayDeny || strings.Contains(strings.ToLower(raw), "deny")
		}
		j.all = append(j.all, all...)
	}
	for _, call := range calls {
		names := actions(call)
		verdicts, best := make([]answer, len(names)), no
		for i, name := range names {
			verdicts[i] = j.allows(name)
			best = max(best, verdicts[i])
		}
		for i, name := range names {
			switch {
			case best == no:
				missing = append(missing, name)
			case verdicts[i] != yes: // also where the vendor's documents differ on the name, and only one is allowed
				unsure = append(unsure, name)
			}
		}
	}
	return missing, unsure
}

// A judge has the statements of all policies of a role.
type judge struct {
	all             []statement
	unread, mayDeny bool // a document could not be read, and speaks of denial
}

// An answer says whether an action is allowed.
type answer int

const (
	no answer = iota
	perhaps
	yes
)

// allows judges one action. Denials win. What has a condition, or is not about all
// resources, may or may not apply.
func (j *judge) allows(name string) answer {
	allowed, denied := no, no
	for i := range j.all {
		s := &j.all[i]
		verdict := s.names(name)
		allows, denies := strings.EqualFold(s.Effect, "allow"), strings.EqualFold(s.Effect, "deny")
		if s.Condition != nil || !slices.Contains(s.Resource, "*") || !allows && !denies {
			verdict = min(verdict, perhaps)
		}
		if allows {
			allowed = max(allowed, verdict)
		} else {
			denied = max(denied, verdict)
		}
	}
	switch {
	case denied == yes:
		return no
	case allowed == no && j.unread, allowed != no && (denied == perhaps || j.mayDeny):
		return perhaps
	}
	return allowed
}

// names says whether a statement is about an action. Its actions may have stars, and
// lack the word before the slash.
func (s *statement) names(action string) answer {
	about := func(action string) bool {
		return slices.ContainsFunc(s.Action, func(pattern string) bool {
			ok, err := path.Match(strings.ToLower(strings.TrimPrefix(pattern, "name/")), action)
			return ok && err == nil
		})
	}
	action = strings.ToLower(strings.TrimPrefix(action, "name/"))
	switch rest, ok := strings.CutPrefix(action, "cvm:"); {
	case about(action):
		return yes
	case ok && about("cbs:"+rest): // UNK: whether block storage also goes by its own name in policies
		return perhaps
	}
	return no
}
