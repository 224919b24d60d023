package cli

import (
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

const (
	// fewRequests are so few that no progress is shown: they take a second.
	fewRequests = 10
	// lineEvery is the least time between two lines where there is no terminal.
	lineEvery = 3 * time.Second
)

// A progress shows how far the requests are: as a bar on a terminal, as
// a line now and then elsewhere. It is safe for concurrent use.
type progress struct {
	screen *screen
	now    func() time.Time

	mu   sync.Mutex // guards what is below
	last time.Time  // of the latest line
	bar  *progressbar.ProgressBar
}

func newProgress(s *screen) *progress {
	return &progress{screen: s, now: time.Now, last: time.Now()}
}

// report is told that done of total requests are done.
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
		p.screen.line("%d of %d requests done", done, total)
	}
}

// draw moves the bar. Any other output clears the bar, and the next update redraws it.
func (p *progress) draw(done, total int) {
	if p.bar == nil {
		bar := progressbar.NewOptions(total,
			progressbar.OptionSetWriter(p.screen.w),
			progressbar.OptionSetDescription("requests"),
			progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetWidth(30),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
		p.bar = bar
		p.screen.beforeWrites(func() { _ = bar.Clear() })
	}
	p.screen.exclusively(func() { _ = p.bar.Set(done) }) // a bar that can't be drawn stops nothing
}

// finish takes the bar away. Nothing may be reported after it.
func (p *progress) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.screen.beforeWrites(nil)
	if p.bar != nil {
		p.screen.exclusively(func() { _ = p.bar.Clear() })
	}
}
