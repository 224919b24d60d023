package tencent

import (
	"maps"

	"snapferry/internal/cloud"
)

// An idSet is a set of ids with one prefix. Most ids take about twelve bytes. An
// idSet with only a prefix is an empty set.
type idSet struct {
	prefix string
	packed map[uint64]struct{}
	long   map[string]struct{}
}

// add adds an id and reports whether it is new.
func (s *idSet) add(id string) bool {
	if s.has(id) {
		return false
	}
	if p, ok := cloud.PackID(s.prefix, id); ok {
		if s.packed == nil {
			s.packed = map[uint64]struct{}{}
		}
		s.packed[p] = struct{}{}
		return true
	}
	if s.long == nil {
		s.long = map[string]struct{}{}
	}
	s.long[id] = struct{}{}
	return true
}

func (s *idSet) has(id string) bool {
	p, ok := cloud.PackID(s.prefix, id)
	if ok {
		_, ok = s.packed[p]
		return ok
	}
	_, ok = s.long[id]
	return ok
}

// addAll adds all ids of another set with the same prefix.
func (s *idSet) addAll(o *idSet) {
	if s.len() == 0 {
		*s = *o
		return
	}
	if s.packed == nil {
		s.packed = map[uint64]struct{}{}
	}
	if s.long == nil {
		s.long = map[string]struct{}{}
	}
	maps.Copy(s.packed, o.packed)
	maps.Copy(s.long, o.long)
}

func (s *idSet) len() int { return len(s.packed) + len(s.long) }
