package tencent

import (
	"context"
	"fmt"
)

const (
	// pageSize is DescribeSnapshots' and DescribeDisks' largest page (API
	// 2017-03-12).
	pageSize = 100
	// overlap is how many rows a read goes back if the list has changed. After more
	// deletions between two pages, it starts again.
	overlap = 50
	// pagesAhead is how many pages are requested in addition to the next one.
	// Four are enough for 20 pages a second with answers of 250 ms.
	pagesAhead = 4
	// maxPasses is how often a list is read before the read fails.
	maxPasses = 3
)

// A page is the answer to one list request, or its error.
type page[T any] struct {
	rows  []T
	total int // of the whole list, by this answer; negative: unknown
	err   error
}

// A pager reads a list in pages, in a fixed order (ascending creation), while rows
// are added and deleted.
type pager[T any] struct {
	fetch  func(ctx context.Context, offset int) page[T]
	id     func(*T) string // a row with the id "" is dropped
	prefix string          // of ids
	call   call

	taken idSet // rows that earlier passes gave to take
}

// read calls take with every row that existed during the whole read, each row
// once. It may also do so with rows that were added or deleted during the read. A
// list of one page costs one request.
func (p *pager[T]) read(ctx context.Context, take func(rows []T, total int)) error {
	var last *pass[T]
	for range maxPasses {
		last = &pass[T]{pager: p, take: take, seen: idSet{prefix: p.prefix}}
		whole, err := last.run(ctx)
		if whole || err != nil {
			return err
		}
		p.taken.addAll(&last.seen)
	}
	return p.call.unclear(fmt.Sprintf("the list keeps changing: %d of %d rows after reading it %d times", last.seen.len(), last.total, maxPasses))
}

// A pass is one read of the list from its start.
type pass[T any] struct {
	*pager[T]
	take    func(rows []T, total int)
	seen    idSet // the rows of this pass
	before  []T   // the rows of the previous page
	dropped int   // rows without an id
	total   int
	short   bool           // the service sends short pages: none is requested ahead
	queue   []chan page[T] // requested pages, in order
	next    int            // offset of the next page to request
	ask     func(offset int) page[T]
	cancel  func() // cancels the requests in the queue
}

// run reads from the start to the end. It returns false if it may have missed
// rows.
//
// Deletions move the rest of the list towards the start. The next page could then
// skip rows. So every page must begin with a row of the previous page. If it does
// not, the read goes back once, by overlap rows.
func (p *pass[T]) run(ctx context.Context) (whole bool, err error) {
	p.total = 1 // until the first answer
	p.restart(ctx, 0)
	defer func() { p.cancel() }()
	offset, back := 0, false
	// The bound only stops the read of a service that gives random answers.
	for n := 0; n < 100+p.total; n++ {
		p.askAhead()
		answer := <-p.queue[0]
		p.queue = p.queue[1:]
		if answer.err != nil {
			return false, answer.err
		}
		rows := answer.rows
		p.total = answer.total
		if len(rows) == 0 && offset == 0 {
			return p.total <= 0, nil
		}
		if offset > 0 && (len(rows) == 0 || !p.isBefore(&rows[0])) {
			if back || offset <= overlap {
				return false, nil
			}
			offset, back = offset-overlap, true
			p.restart(ctx, offset)
			continue
		}
		news, end, full := p.add(rows), offset+len(rows), len(rows) == pageSize
		if (p.total >= 0 && end >= p.total) || (p.total < 0 && !full) || news == 0 || len(rows) < 2 {
			return p.seen.len()+p.dropped >= p.total, nil
		}
		if offset, back = end-1, false; !full {
			p.short = true
			p.restart(ctx, offset) // the requested pages have other offsets
		}
	}
	return false, nil
}

// restart drops the requested pages, and continues at an offset.
func (p *pass[T]) restart(ctx context.Context, offset int) {
	if p.cancel != nil {
		p.cancel()
	}
	ctx, p.cancel = context.WithCancel(ctx)
	p.ask = func(offset int) page[T] { return p.fetch(ctx, offset) }
	p.queue, p.next = nil, offset
}

// askAhead requests the next page and, if the list has more rows, the pages after
// it. Each page begins with the last row of the previous page.
func (p *pass[T]) askAhead() {
	for len(p.queue) == 0 || !p.short && len(p.queue) <= pagesAhead && p.next+1 < p.total {
		ask, offset, asked := p.ask, p.next, make(chan page[T], 1)
		go func() { asked <- ask(offset) }()
		p.queue, p.next = append(p.queue, asked), p.next+pageSize-1
	}
}

func (p *pass[T]) isBefore(row *T) bool {
	for i := range p.before {
		if p.id(&p.before[i]) == p.id(row) {
			return true
		}
	}
	return false
}

// add calls take with the new rows, and returns how many rows are new in this
// pass.
func (p *pass[T]) add(rows []T) (news int) {
	p.before = append(p.before[:0], rows...)
	fresh := rows[:0]
	for i := range rows {
		id := p.id(&rows[i])
		if id == "" {
			p.dropped++
			continue
		}
		if p.seen.add(id) {
			news++
			if !p.taken.has(id) {
				fresh = append(fresh, rows[i])
			}
		}
	}
	p.take(fresh, max(p.total, 0))
	return news
}
