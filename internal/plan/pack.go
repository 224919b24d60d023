package plan

import (
	"cmp"

	"snapferry/internal/cloud"
)

// A word is an id in eight bytes. Words compare as the texts do.
type word uint64

// longID marks a word that is a place in a list.
const longID = word(1) << 63

// ids turns ids into words and back. An id of at most ten letters and digits
// after its prefix is its word; others are looked up in a list.
type ids struct {
	prefix string
	long   []string
	at     map[string]word
}

func (t *ids) word(id string) word {
	if w, ok := cloud.PackID(t.prefix, id); ok {
		return word(w)
	}
	if id == "" {
		return 0
	}
	w, ok := t.at[id]
	if !ok {
		if t.at == nil {
			t.at = map[string]word{}
		}
		w = longID | word(len(t.long))
		t.at[id], t.long = w, append(t.long, id)
	}
	return w
}

func (t *ids) text(w word) string {
	switch {
	case w == 0:
		return ""
	case w&longID != 0:
		return t.long[w&^longID]
	}
	return cloud.UnpackID(t.prefix, uint64(w))
}

func (t *ids) compare(a, b word) int {
	if (a|b)&longID == 0 {
		return cmp.Compare(a, b)
	}
	return cmp.Compare(t.text(a), t.text(b))
}
