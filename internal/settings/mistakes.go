package settings

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Mistake is one thing wrong with one variable.
type Mistake struct {
	Variable string
	Problem  string // one line: the wrong value, quoted and cut, and what would be right
}

// Error is "VARIABLE: problem", one line.
func (m Mistake) Error() string { return m.Variable + ": " + m.Problem }

// Mistakes is everything that is wrong with the settings: first single values,
// in the order of Variables, then values that contradict each other. Print each
// on a line of its own if there is room.
type Mistakes []Mistake

// Error joins the mistakes into one line.
func (m Mistakes) Error() string {
	texts := make([]string, len(m))
	for i, mistake := range m {
		texts[i] = mistake.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap gives errors.As each mistake.
func (m Mistakes) Unwrap() []error {
	errs := make([]error, len(m))
	for i, mistake := range m {
		errs[i] = mistake
	}
	return errs
}

// maxQuoted keeps messages short for long or hostile values.
const maxQuoted = 60

// quote quotes a value for a message, cut to maxQuoted characters. The result
// has no line breaks and no control characters.
func quote(value string) string {
	n := 0
	for i := range value {
		if n == maxQuoted {
			return fmt.Sprintf("%q", value[:i]+"…")
		}
		n++
	}
	return fmt.Sprintf("%q", value)
}

// printable reports whether a value is text without line breaks, control
// characters, invisible characters, or bytes that are not UTF-8. They get into a
// value by accident, from a file or a copied page, and a person cannot see them.
func printable(value string) bool {
	return utf8.ValidString(value) &&
		strings.IndexFunc(value, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
