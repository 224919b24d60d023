package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// A screen is an output and what is known of its reader. People at a terminal
// get colours and lines that fit, everybody else plain text. It is safe for
// concurrent use; each Write stays in one piece.
type screen struct {
	width  int // of the terminal; 0 where there is none
	colour bool

	mu      sync.Mutex // guards what is below
	w       io.Writer
	err     error  // of the first Write that failed
	onWrite func() // called before each Write, to clear the progress bar
}

func newScreen(w io.Writer, getenv func(string) string) *screen {
	s := &screen{w: w}
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
	// defaultWidth is the width for running text where no terminal has one.
	defaultWidth = 80
	// narrowest is the least width that text is wrapped to. On a terminal
	// narrower than that the terminal wraps.
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

// fit wraps running text on a terminal, and leaves it in one line elsewhere.
func (s *screen) fit(line string) string {
	if !s.terminal() {
		return line
	}
	return wrapped(line, "", s.width)
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

// beforeWrites has f called before each Write; nil ends that.
func (s *screen) beforeWrites(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onWrite = f
}

// exclusively lets f write to s.w itself, with no Write in between.
func (s *screen) exclusively(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// broken is the first error of writing. A reply that nobody got is a failure,
// whatever the job did.
func (s *screen) broken() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		return nil
	}
	return failure{fmt.Errorf("write output: %w", s.err)}
}

// line prints one line. A failed Write is remembered, see broken.
func (s *screen) line(format string, args ...any) {
	_, _ = fmt.Fprintf(s, format+"\n", args...)
}

// A colour is a code of the terminal's (ECMA-48, SGR).
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

// paint colours a text where colours are wanted.
func (s *screen) paint(c colour, word string) string {
	if !s.colour || c == plain || word == "" {
		return word
	}
	return "\x1b[" + string(c) + "m" + word + "\x1b[0m"
}

// joined puts the words that are not empty together, with blanks between.
func joined(words ...string) string {
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// wrapped is running text that fits a width, each line after an indent.
func wrapped(s, indent string, width int) string {
	s = text.WrapSoft(s, max(narrowest, width-len(indent)))
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = indent + strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
