package cli

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"snapferry/handler"
	"snapferry/internal/sim"
	"snapferry/internal/status"
)

// Run is Main under a context of the test's.
func Run(ctx context.Context, args []string, w World) int { return run(ctx, args, w) }

// OnTerminal is what a reply looks like on a terminal of some width.
func OnTerminal(r handler.Reply, width int, coloured bool) string {
	var b bytes.Buffer
	s := &screen{w: &b, width: width, colour: coloured}
	a := &app{out: s, World: World{Handler: &handler.Handler{Getenv: func(string) string { return "" }}}}
	a.printTable(r, "nothing to do")
	return b.String()
}

// ShowProgress reports the steps of a run to a progress that is no terminal,
// each a second after the one before.
func ShowProgress(w io.Writer, total int) {
	p := newProgress(&screen{w: w}, "requests")
	now := p.last
	p.now = func() time.Time { return now }
	for done := 1; done <= total; done++ {
		now = now.Add(time.Second)
		p.report(done, total)
	}
	p.finish()
}

// ShowBar draws a progress on a terminal, with a line of a log in between.
func ShowBar(w io.Writer, total int) {
	s := &screen{w: w, width: 80}
	p := newProgress(s, "requests")
	p.report(1, total)
	s.line("a line")
	p.report(total, total)
	p.finish()
}

// ShowReading draws what a terminal shows of a look and the requests that follow it, and
// returns what is drawn after the end. It needs a synctest bubble.
func ShowReading(w *bytes.Buffer) (after string) {
	p := newProgress(&screen{w: w, width: 80}, "requests")
	n := 0
	p.watch(func() int { n += 40; return n })
	time.Sleep(2500 * time.Millisecond)
	for done := 1; done <= 20; done++ {
		p.report(done, 20)
		time.Sleep(time.Second)
	}
	p.finish()
	shown := w.Len()
	time.Sleep(time.Second)
	return w.String()[shown:]
}

// SpoiltDemo is how the demo ends in a cloud that spoil has been at.
func SpoiltDemo(t *testing.T, spoil func(*sim.Cloud)) (string, int) {
	var b bytes.Buffer
	d := &demo{demoCloud: newDemoCloud(), a: &app{ctx: t.Context(), out: &screen{w: &b}, err: &screen{w: &b}}}
	spoil(d.cloud)
	return b.String(), d.a.end(d.conclude(t.Context()))
}

// StatusOnTerminal is what a status looks like on a terminal of some width.
func StatusOnTerminal(m *status.Model, width int, language string) string {
	var b bytes.Buffer
	a := &app{out: &screen{w: &b, width: width, colour: true, language: language}}
	a.printStatus(m)
	return b.String()
}
