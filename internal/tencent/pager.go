package tencent

import (
	"context"
	"fmt"
)

const (
	// pageSize is DescribeSnapshots' and DescribeDisks' largest page (API
	// 2017-03-12).
	pageSize = 100
	// overlap is how far a read goes back when the list has moved beneath it.
	// More deletions than that between two pages mean reading from the start.
	overlap = 50
	// pagesAhead is how many pages are asked for beside the one that is waited
	// for. Four keep a pace of 20 a second with answers that take 250 ms.
	pagesAhead = 4
	// maxPasses is how often a list is read before it is given up.
	maxPasses = 3
)

// A page is one answer of a list, or the error instead of it.
type page[T any] struct {
	rows  []T
	total int // of the whole list, as of this answer; negative: not said
	err   error
}

// A pager reads a list that comes in pages, in an order that does not change
// (ascending creation), while rows come and go.
type pager[T any] struct {
	fetch  func(ctx context.Context, offset int) page[T]
	id     func(*T) string // "" marks a row that is dropped
	prefix string          // of ids
	call   call

	taken idSet // rows that earlier passes handed over
}

// read hands over every row that was there from the first page to the last,
// each once. It may also hand over rows that went meanwhile, or came. A list of
// one page costs one request.
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

// A pass is one reading from the start.
type pass[T any] struct {
	*pager[T]
	take    func(rows []T, total int)
	seen    idSet // of the distinct rows of this pass
	before  []T   // the rows of the page before
	dropped int   // rows without an id
	total   int
	queue   []chan page[T] // pages asked for, in order
	next    int            // offset of the page to be asked for next
	ask     func(offset int) page[T]
	cancel  func() // ends what is in the queue
}

// run reads from the start to the end. It returns false if rows must have been
// missed.
//
// Deletions move the rest of the list towards the start, so that the next page
// would begin behind rows that nobody has seen. So every page must begin with a
// row of the one before. If it does not, the read goes back until it does.
func (p *pass[T]) run(ctx context.Context) (whole bool, err error) {
	p.total = 1 // until the first answer says how many there are
	p.restart(ctx, 0)
	defer func() { p.cancel() }()
	offset, back := 0, false
	// The bound is for a service that answers at random; others stay far below.
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
			p.restart(ctx, offset) // those asked for already begin elsewhere
		}
	}
	return false, nil
}

// restart forgets the pages that were asked for, and goes on at an offset.
func (p *pass[T]) restart(ctx context.Context, offset int) {
	if p.cancel != nil {
		p.cancel()
	}
	ctx, p.cancel = context.WithCancel(ctx)
	p.ask = func(offset int) page[T] { return p.fetch(ctx, offset) }
	p.queue, p.next = nil, offset
}

// askAhead asks for the next page and, as far as the list is known to go on,
// for those behind it. Each begins with the last row of the one before.
func (p *pass[T]) askAhead() {
	for len(p.queue) == 0 || len(p.queue) <= pagesAhead && p.next+1 < p.total {
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

// add hands over the rows that are new, and returns how many are new in this
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
