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
	Problem  string // the offending value, quoted and cut, and what would be right; one line
}

// Error is "VARIABLE: problem", one line.
func (m Mistake) Error() string { return m.Variable + ": " + m.Problem }

// Mistakes is everything wrong with the settings: single values in the order of
// Variables, then what does not go together.
// Print each on a line of its own where there is room.
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

// maxQuoted keeps a long or hostile value from drowning the message about it.
const maxQuoted = 60

// quote quotes a value for a message, cut to maxQuoted characters. Nothing in
// the result breaks a line or moves a cursor.
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
// characters, invisible ones, or bytes that are no UTF-8. All of these come by
// accident, from a file or a copied page, and show up nowhere.
func printable(value string) bool {
	return utf8.ValidString(value) &&
		strings.IndexFunc(value, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
