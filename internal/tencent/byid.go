package tencent

import (
	"errors"
	"slices"

	"snapferry/internal/cloud"
)

// A way is how ids are asked for: how many with one request, and whether as a
// filter.
type way struct {
	most     int
	byFilter bool
}

// waysToAsk are tried in this order. It is unknown whether an unknown id makes the
// service refuse a whole request. A filter leaves out what it does not find. The
// first way costs the fewest requests, the last one always shows which id is unknown.
var waysToAsk = []way{{most: maxIDs}, {most: maxFilterIDs, byFilter: true}, {most: 1}}

// byID reads the rows with these ids, and leaves out unknown ids. If the service
// refuses a request because of its ids, their rows are asked for in the next way.
func byID[T any](ids []string, ways []way, read func(ids []string, w way) ([]T, error)) (all []T, err error) {
	for ids := range slices.Chunk(ids, ways[0].most) {
		found, err := read(ids, ways[0])
		var e *Error
		if errors.As(err, &e) && len(ids) == 1 && e.Meaning() == cloud.Gone {
			continue
		}
		if len(ways) > 1 && e != nil && (e.Meaning() == cloud.Gone || e.Meaning() == cloud.WrongRequest) {
			found, err = byID(ids, ways[1:], read)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// collect returns the rows of a list that read gives to take. If the list stays
// incomplete, these are the rows that the service shows. With any other error it
// returns none.
func collect[T any](read func(take func([]T, int)) error) (all []T, err error) {
	err = read(func(page []T, _ int) { all = append(all, page...) })
	if err != nil && !errors.Is(err, cloud.ErrIncomplete) {
		return nil, err
	}
	return all, nil
}
