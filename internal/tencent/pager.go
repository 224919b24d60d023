package tencent

import "context"

const (
	// pageSize is DescribeSnapshots' and DescribeDisks' largest page (API
	// 2017-03-12).
	pageSize = 100
	// pagesAhead is how many pages are requested in addition to the next one.
	// Four are enough for 20 pages a second with answers of 250 ms.
	pagesAhead = 4
	// A list that is not whole is read minPasses times, and more often until two
	// passes show no new row. Each pass has more pages. So maxPasses are enough even
	// if each page shows all rows in a random order.
	minPasses = 3
	maxPasses = 8
	// maxPages only stops the read of a service that invents rows without end.
	maxPages = 5000
)

// The orders of a list, by time of creation.
const (
	oldestFirst = "ASC"
	newestFirst = "DESC"
)

// A page is the answer to one list request, or its error.
type page[T any] struct {
	rows  []T
	total int // of the whole list, by this answer; negative: unknown
	err   error
}

// A pager reads a list in pages, while rows are added and deleted. It expects that
// the service orders rows of equal creation time differently on each page, that it
// reports a wrong total, and that it shows an empty page where there are rows.
type pager[T any] struct {
	fetch  func(ctx context.Context, offset int, order string) page[T]
	id     func(*T) string // "" if it can't be read
	prefix string          // of ids
	call   call
	// keepNoID gives rows without an id to take. Otherwise they are missing in
	// the list, so it is incomplete.
	keepNoID bool
	// doubtEmpty reads an empty list a second time before it is believed.
	doubtEmpty bool

	taken     idSet // rows that earlier passes gave to take
	takenNoID int   // rows without an id that were given to take
	total     int   // by the newest answer
	fell      bool  // the total fell during the read: some rows of taken may be gone
	unstable  bool  // rows were seen to change places
	empty     int   // how many passes in a row showed nothing
}

// read calls take with every row that existed during the whole read, each row
// once. It may also do so with rows that were added or deleted during the read. A
// list of one page costs one request. If the list stays incomplete, the error
// wraps cloud.ErrIncomplete.
func (p *pager[T]) read(ctx context.Context, take func(rows []T, total int)) error {
	p.taken, p.total = idSet{prefix: p.prefix}, -1
	for number, idle := 1, 0; ; number++ {
		last := &pass[T]{pager: p, take: take, seen: idSet{prefix: p.prefix}, order: oldestFirst}
		// Other offsets, and the other order in every second pass, show other rows
		// of equal creation time.
		if last.step = 4 * (pageSize - 1) / (number + 3); number%2 == 0 {
			last.order = newestFirst
		}
		whole, err := last.run(ctx)
		if whole || err != nil {
			return err
		}
		p.taken.addAll(&last.seen)
		if idle++; last.fresh > 0 {
			idle = 0
		}
		if number == maxPasses || (number >= minPasses && idle > 1) {
			return p.call.incomplete(p.taken.len()+p.takenNoID, max(p.total, last.end), number)
		}
	}
}

// A pass is one read of the list from its start.
type pass[T any] struct {
	*pager[T]
	take     func(rows []T, total int)
	order    string
	step     int            // from one full page to the next one
	seen     idSet          // the rows of this pass
	fresh    int            // rows that this pass was the first to give to take
	seenNoID int            // rows without an id in this pass
	end      int            // the farthest place in the list that a page reached
	shrank   bool           // the total fell during this pass: some rows of seen may be gone
	before   []T            // the rows of the previous page
	short    bool           // the service sends short pages: none is requested ahead
	queue    []chan page[T] // requested pages, in order
	next     int            // offset of the next page to request
	ask      func(offset int) page[T]
	cancel   func() // cancels the requests in the queue
}

// run reads from the start to the end. It returns false if rows may be missing.
//
// Deletions move the rest of the list towards the start. The next page could then
// skip rows. So every page should begin with a row of the previous page. If it does
// not, the read goes back once, to the middle of the previous page. If it still
// does not, many rows were deleted, or rows of equal creation time changed places.
// Then the pass goes on, but is not trusted alone.
func (p *pass[T]) run(ctx context.Context) (whole bool, err error) {
	p.restart(ctx, 0)
	defer func() { p.cancel() }()
	previous, offset, back, chained := 0, 0, false, true
	for range maxPages {
		p.askAhead()
		answer := <-p.queue[0]
		p.queue = p.queue[1:]
		if answer.err != nil {
			return false, answer.err
		}
		rows, end := answer.rows, offset+len(answer.rows)
		p.shrank = p.shrank || len(p.before) > 0 && answer.total < p.total
		p.fell, p.total = p.fell || answer.total < p.total, answer.total
		if end == 0 {
			p.empty++
			return p.total <= 0 && (p.empty > 1 || !p.doubtEmpty), nil
		}
		p.empty = 0
		continues := offset == 0 || (len(rows) > 0 && p.isBefore(&rows[0]))
		if !continues && chained && !back {
			offset, back = (previous+offset)/2, true
			p.restart(ctx, offset)
			continue
		}
		chained = chained && continues
		p.before = append(p.before[:0], rows...)
		news := p.add(rows, offset)
		// A full page never ends a list, whatever the service says about its length.
		atEnd := len(rows) > 0 && len(rows) < pageSize
		if (atEnd && end >= p.total) || news == 0 || len(rows) < 2 {
			return atEnd && p.isWhole(chained), nil
		}
		previous, offset, back = offset, min(offset+p.step, end-1), false
		if len(rows) < pageSize {
			p.short = true
			p.restart(ctx, offset) // the requested pages have other offsets
		}
	}
	return false, nil
}

// isWhole reports whether the list is whole: either this pass shows all rows and
// each page continued the page before, or all passes together show them. There are
// as many rows as the service says, and at least as many as the places it showed.
// If rows changed places, those without an id may have been counted twice; and if
// rows were deleted too, this pass may count one of them instead of one that it missed.
func (p *pass[T]) isWhole(chained bool) bool {
	total := max(p.total, p.end)
	return (chained && !(p.shrank && p.unstable) && p.seen.len()+p.seenNoID >= total) ||
		(!p.fell && p.taken.len()+p.fresh >= total)
}

// restart drops the requested pages, and continues at an offset.
func (p *pass[T]) restart(ctx context.Context, offset int) {
	if p.cancel != nil {
		p.cancel()
	}
	ctx, p.cancel = context.WithCancel(ctx)
	p.ask = func(offset int) page[T] { return p.fetch(ctx, offset, p.order) }
	p.queue, p.next = nil, offset
}

// askAhead requests the next page and, if the list has more rows, the pages after
// it. Each page begins with rows of the previous page.
func (p *pass[T]) askAhead() {
	for len(p.queue) == 0 || !p.short && len(p.queue) <= pagesAhead && p.next+pageSize-p.step < p.total {
		ask, offset, asked := p.ask, p.next, make(chan page[T], 1)
		go func() { asked <- ask(offset) }()
		p.queue, p.next = append(p.queue, asked), p.next+p.step
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

// add calls take with the new rows of a page, and returns how many rows are new in
// this pass. A row without an id can't be recognised again, so its position says
// whether it is new.
func (p *pass[T]) add(rows []T, offset int) (news int) {
	fresh := rows[:0]
	for i := range rows {
		id := p.id(&rows[i])
		// In a stable order, only the first rows of a page were seen before.
		p.unstable = p.unstable || news > 0 && p.seen.has(id)
		switch {
		case id != "" && p.seen.add(id):
			news++
			if !p.taken.has(id) {
				p.fresh++
				fresh = append(fresh, rows[i])
			}
		case id == "" && p.keepNoID && offset+i >= p.end:
			news++
			if p.seenNoID++; p.seenNoID > p.takenNoID {
				p.takenNoID++
				fresh = append(fresh, rows[i])
			}
		}
	}
	p.end = max(p.end, offset+len(rows))
	p.take(fresh, max(p.total, 0))
	return news
}
