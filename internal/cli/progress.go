package cli

import (
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

const (
	// fewRequests is from how many requests on progress is shown. Fewer take a second.
	fewRequests = 10
	// lineEvery is the shortest time between two lines without a terminal.
	lineEvery = 3 * time.Second
)

// A progress shows how many requests or disks are done: as a bar on a terminal, else as
// a line every few seconds. It is safe for concurrent use.
type progress struct {
	screen *screen
	what   string // what is counted
	now    func() time.Time

	mu    sync.Mutex // guards the fields below
	last  time.Time  // of the latest line
	bar   *progressbar.ProgressBar
	total int // of the bar
	calls func() int
	seen  int // calls that were told
	stop  chan struct{}
}

func newProgress(s *screen, what string) *progress {
	return &progress{screen: s, what: what, now: time.Now, last: time.Now()}
}

// report shows that done of total requests are done.
func (p *progress) report(done, total int) {
	if total < fewRequests {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.screen.terminal() {
		p.draw(done, total, p.what)
		return
	}
	if now := p.now(); now.Sub(p.last) >= lineEvery {
		p.last = now
		p.screen.say("%d of %d %s done", done, total, p.what)
	}
}

// watch tells every second how many requests were made, from now on: reading an account
// takes most of the time of a verify, and nobody knows beforehand how many it takes.
func (p *progress) watch(calls func() int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = calls
	if p.stop != nil {
		return
	}
	p.stop = make(chan struct{})
	go func(stop chan struct{}) {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				p.tick()
			}
		}
	}(p.stop)
}

// tick tells of the requests, where no bar with an end is shown.
func (p *progress) tick() {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.calls()
	if n == p.seen || p.bar != nil && p.total > 0 || p.stop == nil {
		return
	}
	if p.screen.terminal() {
		p.seen = n
		p.draw(n, -1, "reading, API calls")
		return
	}
	if now := p.now(); now.Sub(p.last) >= lineEvery {
		p.last, p.seen = now, n
		p.screen.say("%d API calls so far", n)
	}
}

// draw moves the bar. Any other output clears the bar, and the next update redraws it.
func (p *progress) draw(done, total int, what string) {
	if p.bar == nil || p.total != total {
		if p.bar != nil {
			p.screen.exclusively(func() { _ = p.bar.Clear() })
		}
		p.total = total
		bar := progressbar.NewOptions(total,
			progressbar.OptionSetWriter(p.screen.w),
			progressbar.OptionSetDescription(p.screen.in(what)),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetWidth(30),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
			progressbar.OptionSetSpinnerChangeInterval(0), // else a bar without an end is drawn for ever, over all that follows
		)
		p.bar = bar
		p.screen.beforeWrites(func() { _ = bar.Clear() })
	}
	p.screen.exclusively(func() { _ = p.bar.Set(done) }) // an error of the bar does not matter
}

// finish removes the bar, and ends the watch.
func (p *progress) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stop != nil {
		close(p.stop)
		p.stop = nil
	}
	p.screen.beforeWrites(nil)
	if p.bar != nil {
		p.screen.exclusively(func() { _ = p.bar.Clear() })
	}
}
