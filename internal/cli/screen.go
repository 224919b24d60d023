package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"snapferry/internal/settings"
	"snapferry/internal/words"
)

// A screen is an output. A terminal gets colours and wrapped lines; any other output
// gets plain text. It is safe for concurrent use, and Writes do not mix.
type screen struct {
	width    int // of the terminal; 0 if there is none
	colour   bool
	language string // "zh", or English
	zone     *time.Location

	mu      sync.Mutex // guards the fields below
	w       io.Writer
	err     error  // of the first Write that failed
	onWrite func() // called before each Write, to clear the progress bar
}

func newScreen(w io.Writer, getenv func(string) string) *screen {
	s := &screen{w: w, language: settings.Language(getenv), zone: settings.ZoneOf(getenv)}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		s.width = defaultWidth
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			s.width = width
		}
		s.colour = getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
	}
	return s
}

const (
	// defaultWidth is the width of running text without a terminal.
	defaultWidth = 80
	// narrowest is the smallest width of wrapped text. A narrower terminal wraps
	// the lines itself.
	narrowest = 18
)

func (s *screen) terminal() bool { return s.width > 0 }

// columns is the width for running text.
func (s *screen) columns() int {
	if s.terminal() {
		return s.width
	}
	return defaultWidth
}

// fit wraps running text on a terminal. Any other output gets one line.
func (s *screen) fit(line string) string { return s.fitted("", line) }

// fitted is fit with an indent before each line.
func (s *screen) fitted(indent, line string) string {
	if !s.terminal() {
		return indent + line
	}
	return wrapped(line, indent, s.width)
}

// Write implements io.Writer, and remembers the first error.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.onWrite != nil {
		s.onWrite()
	}
	n, err := s.w.Write(p)
	if err != nil && s.err == nil {
		s.err = err
	}
	return n, err
}

// beforeWrites sets the function that is called before each Write; nil is none.
func (s *screen) beforeWrites(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onWrite = f
}

// exclusively calls f, which may write to s.w, while no Write runs.
func (s *screen) exclusively(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// writeError is the first error of a Write. If the reply could not be printed, the
// command fails.
func (s *screen) writeError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		return nil
	}
	return failure{fmt.Errorf("write output: %w", s.err)}
}

// in is a text in the person's language, with its times in the person's zone.
func (s *screen) in(text string) string { return words.In(s.language, s.local(text)) }

// local puts the times of a text into the person's zone.
func (s *screen) local(text string) string {
	const form = "2006-01-02T15:04:05Z"
	for at := 0; at+len(form) <= len(text); at++ {
		if text[at+len(form)-1] != 'Z' || strings.HasSuffix(text[:at], "like ") { // an example of how to write one
			continue
		}
		if t, err := time.Parse(form, text[at:at+len(form)]); err == nil {
			local := t.In(s.place()).Format("2006-01-02 15:04 -07:00")
			text = text[:at] + local + text[at+len(form):]
			at += len(local) - 1
		}
	}
	return text
}

// place is the person's zone.
func (s *screen) place() *time.Location { return cmp.Or(s.zone, time.UTC) }

// when is a time in a table. The zone stands below it.
func (s *screen) when(t time.Time) string { return t.In(s.place()).Format("2006-01-02 15:04") }

// zoneNote says in which zone the times of a table are.
func (s *screen) zoneNote() string {
	return s.paint(faint, s.in(fmt.Sprintf("Times are in %s.", s.place())))
}

// say prints a line for a person, in the person's language, wrapped on a terminal.
func (s *screen) say(format string, args ...any) {
	s.line("%s", s.fit(s.in(fmt.Sprintf(format, args...))))
}

// mark says what a text that a person reads is, such as a warning.
func (s *screen) mark(c colour, mark, text string) {
	mark = s.in(mark) + s.colon()
	word := strings.TrimSpace(mark)
	s.line("%s", s.fit(s.paint(c, word)+mark[len(word):]+s.in(text)))
}

// colon stands between a mark and what it is about.
func (s *screen) colon() string {
	if s.language == chinese {
		return "："
	}
	return ": "
}

const chinese = "zh"

// line prints one line as it is. writeError has the error of a failed Write.
func (s *screen) line(format string, args ...any) {
	_, _ = fmt.Fprintf(s, format+"\n", args...)
}

// ask prints a question, whose answer stands on the same line.
func (s *screen) ask(question string) { _, _ = fmt.Fprint(s, s.paint(bold, s.in(question))+" ") }

// A colour is a terminal code (ECMA-48, SGR).
type colour string

// The colours in use.
const (
	plain  colour = ""
	bold   colour = "1"
	faint  colour = "2"
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
	cyan   colour = "36"
)

// paint colours a text if the screen has colours.
func (s *screen) paint(c colour, word string) string {
	if !s.colour || c == plain || word == "" {
		return word
	}
	return "\x1b[" + string(c) + "m" + word + "\x1b[0m"
}

// joined joins the words that are not empty with blanks.
func joined(words ...string) string {
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// wrapped is running text, wrapped to a width, with an indent before each line.
func wrapped(s, indent string, width int) string {
	s = wrap(s, max(narrowest, width-len(indent)))
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = indent + strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
