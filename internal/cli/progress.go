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

	mu   sync.Mutex // guards the fields below
	last time.Time  // of the latest line
	bar  *progressbar.ProgressBar
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
		p.draw(done, total)
		return
	}
	if now := p.now(); now.Sub(p.last) >= lineEvery {
		p.last = now
		p.screen.say("%d of %d %s done", done, total, p.what)
	}
}

// draw moves the bar. Any other output clears the bar, and the next update redraws it.
func (p *progress) draw(done, total int) {
	if p.bar == nil {
		bar := progressbar.NewOptions(total,
			progressbar.OptionSetWriter(p.screen.w),
			progressbar.OptionSetDescription(p.screen.in(p.what)),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetWidth(30),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
		p.bar = bar
		p.screen.beforeWrites(func() { _ = bar.Clear() })
	}
	p.screen.exclusively(func() { _ = p.bar.Set(done) }) // an error of the bar does not matter
}

// finish removes the bar. report must not be called after it.
func (p *progress) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.screen.beforeWrites(nil)
	if p.bar != nil {
		p.screen.exclusively(func() { _ = p.bar.Clear() })
	}
}
