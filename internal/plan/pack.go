package plan

import (
	"cmp"

	"snapferry/internal/cloud"
)

// A packedID is an id in eight bytes.
type packedID uint64

// longID marks a packedID that is a place in a list.
const longID = packedID(1) << 63

// An idTable packs ids and unpacks them. An id of at most ten letters and digits
// after its prefix is packed into the number itself; a longer one goes into a
// list.
type idTable struct {
	prefix string
	long   []string
	at     map[string]packedID
}

func (t *idTable) pack(id string) packedID {
	if p, ok := cloud.PackID(t.prefix, id); ok {
		return packedID(p)
	}
	if id == "" {
		return 0
	}
	p, ok := t.at[id]
	if !ok {
		if t.at == nil {
			t.at = map[string]packedID{}
		}
		p = longID | packedID(len(t.long))
		t.at[id], t.long = p, append(t.long, id)
	}
	return p
}

func (t *idTable) text(p packedID) string {
	switch {
	case p == 0:
		return ""
	case p&longID != 0:
		return t.long[p&^longID]
	}
	return cloud.UnpackID(t.prefix, uint64(p))
}

func (t *idTable) compare(a, b packedID) int {
	if (a|b)&longID == 0 {
		return cmp.Compare(a, b)
	}
	return cmp.Compare(t.text(a), t.text(b))
}
