package tencent

import (
	"context"
	"fmt"
)

// pageSize is DescribeSnapshots' and DescribeDisks' largest page (API
// 2017-03-12).
const pageSize = 100

// overlap is how far a read goes back when the list has moved beneath it. More
// deletions than that between two pages mean reading again from the start.
const overlap = 50

// maxRounds is how often a list is read before it is given up.
const maxRounds = 3

// A page is one answer of a list.
type page[T any] struct {
	rows  []T
	total int // of the whole list, as of this answer; negative: not said
}

// A book is a list that comes in pages, in an order that does not change
// (ascending creation), while rows come and go.
type book[T any] struct {
	fetch func(ctx context.Context, offset int) (page[T], error)
	id    func(*T) string // "" marks a row that is dropped
	t     trip
}

// read returns every row that was there from the first page to the last, each
// once. It may also hold rows that went meanwhile, or came. A list of one page
// costs one request.
func (b *book[T]) read(ctx context.Context) ([]T, error) {
	var rows []T
	var total int
	for range maxRounds {
		r := round[T]{known: map[string]bool{}}
		whole, err := b.once(ctx, &r)
		if err != nil {
			return nil, err
		}
		if whole {
			return r.rows, nil
		}
		rows, total = r.rows, r.total
	}
	return nil, b.t.unclear(fmt.Sprintf("the list keeps changing: %d of %d rows after reading it %d times", len(rows), total, maxRounds))
}

// A round is one reading from the start.
type round[T any] struct {
	rows    []T
	known   map[string]bool
	dropped int // rows without an id
	total   int
}

// once reads from the start to the end. It returns false if rows must have
// been missed.
//
// Deletions move the rest of the list towards the start, so that the next
// page would begin behind rows that nobody has seen. So every page begins with
// one that is known: if it does not, the read goes back until it does.
func (b *book[T]) once(ctx context.Context, r *round[T]) (bool, error) {
	offset, back := 0, false
	// The bound is for a service that answers at random; others stay far below.
	for n := 0; n < 100+r.total; n++ {
		p, err := b.fetch(ctx, offset)
		if err != nil {
			return false, err
		}
		r.total = p.total
		if len(p.rows) == 0 && offset == 0 {
			return p.total <= 0, nil
		}
		if offset > 0 && (len(p.rows) == 0 || !r.known[b.id(&p.rows[0])]) {
			if back || offset <= overlap {
				return false, nil
			}
			offset, back = offset-overlap, true
			continue
		}
		news, end := b.take(r, p.rows), offset+len(p.rows)
		if (p.total >= 0 && end >= p.total) || (p.total < 0 && len(p.rows) < pageSize) || news == 0 || len(p.rows) < 2 {
			return len(r.rows)+r.dropped >= p.total, nil
		}
		offset, back = end-1, false
	}
	return false, nil
}

// take adds the rows that are new and returns how many those were.
func (b *book[T]) take(r *round[T], rows []T) (news int) {
	for i := range rows {
		switch id := b.id(&rows[i]); {
		case id == "":
			r.dropped++
		case !r.known[id]:
			r.known[id] = true
			r.rows = append(r.rows, rows[i])
			news++
		}
	}
	return news
}
