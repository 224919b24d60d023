package settings

import (
	"fmt"
	"io"
	"log/slog"
)

// hidden is what is printed in place of a secret.
const hidden = "[hidden]"

// A Secret is a text that no verb of fmt, no log handler and no encoder
// prints; only Reveal gives it away. Keep it in exported fields: fmt reaches
// into unexported ones without asking.
type Secret string

// Reveal returns the text itself.
func (s Secret) Reveal() string { return string(s) }

// String is empty for an empty secret, so that "none" can be seen, and the
// same placeholder for every other.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString is String.
func (s Secret) GoString() string { return s.String() }

// Format prints String for every verb: %q and %x would print the text.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue is String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is String, for encoding/json and its like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
