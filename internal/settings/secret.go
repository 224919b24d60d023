package settings

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// hidden is printed instead of a secret.
const hidden = "[hidden]"

// A Secret is a text that fmt, log handlers and encoders do not print. Only
// Reveal returns it. Keep it in exported fields: fmt prints unexported fields
// without calling its methods.
type Secret string

// Reveal returns the text itself.
func (s Secret) Reveal() string { return string(s) }

// String returns "" for an empty secret, and the same placeholder for all
// others.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString is String.
func (s Secret) GoString() string { return s.String() }

// Format prints String for every verb. Without it, %q and %x would print the
// text.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue is String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText is String, for encoding/json and similar packages.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Credentials sign requests. On the platform they change with every
// invocation: find them for each one, and do not keep them.
type Credentials struct {
	ID, Key Secret
	Token   Secret // of temporary credentials; "" for permanent ones
}

// ErrNoCredentials is wrapped when no variable holds credentials. The command
// line then reads the profile file of the vendor's tools.
var ErrNoCredentials = errors.New("no credentials")

// A family is one set of names. An id of one family is never used with a key of
// another: the service would refuse the signature, and the reason would be hard
// to find.
type family struct{ id, key, token string }

var families = []family{
	{"TENCENTCLOUD_SECRETID", "TENCENTCLOUD_SECRETKEY", "TENCENTCLOUD_SESSIONTOKEN"}, // set by SCF from the role
	{"TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN"},      // used by people and their tools
}

// FindCredentials returns the first complete set of credentials in the
// environment: the platform's names first, then the command line's. An
// incomplete set is an error that names what is missing, even if another set is
// complete.
func FindCredentials(getenv func(string) string) (Credentials, error) {
	for _, f := range families {
		id, key, token := getenv(f.id), getenv(f.key), getenv(f.token)
		switch {
		case id == "" && key == "":
			continue // a token alone is a leftover
		case key == "":
			return Credentials{}, fmt.Errorf("%s is set and %s is not", f.id, f.key)
		case id == "":
			return Credentials{}, fmt.Errorf("%s is set and %s is not", f.key, f.id)
		}
		for name, value := range map[string]string{f.id: id, f.key: key, f.token: token} {
			if strings.Contains(value, " ") || !printable(value) { // can't stand in a request's header
				return Credentials{}, fmt.Errorf("%s has a blank, a line break or an unprintable character", name)
			}
		}
		return Credentials{ID: Secret(id), Key: Secret(key), Token: Secret(token)}, nil
	}
	return Credentials{}, fmt.Errorf("%w: give the function a role, which sets %s and %s; elsewhere set %s and %s, or use the profile file of the vendor's tools (~/.tencentcloud/credentials or ~/.tccli/default.credential)",
		ErrNoCredentials, families[0].id, families[0].key, families[1].id, families[1].key)
}
