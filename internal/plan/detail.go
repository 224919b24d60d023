package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"snapferry/internal/cloud"
)

// A detail holds the fields that many snapshots have in common. Each distinct
// detail is kept once.
type detail struct {
	state     cloud.State
	copyingTo []string
	sharedOut int
	images    int
	tags      map[string]string
	// nameDisk is the disk in a replica's name, if renamed: the source then
	// has another disk.
	nameDisk packedID
	renamed  bool
}

// details are the distinct details. The zero value is ready to use.
type details struct {
	all []detail
	at  map[string]uint32
}

func (t *details) number(d detail) uint32 {
	key := string(d.state)
	if len(d.copyingTo) > 0 || d.sharedOut != 0 || d.images != 0 || d.tags != nil || d.renamed {
		var b strings.Builder
		fmt.Fprintf(&b, "%s\x00%q\x00%d\x00%d\x00%d\x00%t", d.state, d.copyingTo, d.sharedOut, d.images, d.nameDisk, d.renamed)
		for _, k := range slices.Sorted(maps.Keys(d.tags)) {
			fmt.Fprintf(&b, "\x00%q=%q", k, d.tags[k])
		}
		key = b.String()
	}
	if n, ok := t.at[key]; ok {
		return n
	}
	if t.at == nil {
		t.at = map[string]uint32{}
	}
	n := uint32(len(t.all))
	t.all, t.at[key] = append(t.all, d), n
	return n
}
