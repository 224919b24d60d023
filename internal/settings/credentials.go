package settings

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Credentials sign requests. On the platform they change with every
// invocation: find them anew for each, keep them in no longer-lived value.
// Printing, logging or encoding one shows nothing of it, as with Secret.
type Credentials struct {
	ID, Key string
	Token   string // of temporary credentials; "" for lasting ones
}

// ErrNoCredentials is wrapped when no variable holds credentials, so that the
// command line may look into the shared profile file instead.
var ErrNoCredentials = errors.New("no credentials")

// A family is one set of names. Families are never mixed: an id of one with
// the key of another is a rejected signature that nobody can explain.
type family struct{ id, key, token string }

var families = []family{
	{"TENCENTCLOUD_SECRETID", "TENCENTCLOUD_SECRETKEY", "TENCENTCLOUD_SESSIONTOKEN"}, // set by SCF from the role
	{"TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_TOKEN"},      // the ecosystem's, for people
}

// FindCredentials returns the first complete set of credentials in the
// environment: the platform's names first, then the command line's. A set
// begun and not finished is an error that names what is missing, even if
// another one is complete.
func FindCredentials(getenv func(string) string) (Credentials, error) {
	for _, f := range families {
		c := Credentials{ID: getenv(f.id), Key: getenv(f.key), Token: getenv(f.token)}
		switch {
		case c.ID == "" && c.Key == "":
			continue // a token alone is a leftover
		case c.Key == "":
			return Credentials{}, fmt.Errorf("%s is set and %s is not", f.id, f.key)
		case c.ID == "":
			return Credentials{}, fmt.Errorf("%s is set and %s is not", f.key, f.id)
		}
		if err := f.check(c); err != nil {
			return Credentials{}, err
		}
		return c, nil
	}
	return Credentials{}, fmt.Errorf("%w: give the function a role, which sets %s and %s; elsewhere set %s and %s, or use the shared profile file",
		ErrNoCredentials, families[0].id, families[0].key, families[1].id, families[1].key)
}

// check refuses what can't stand in a request's header.
func (f family) check(c Credentials) error {
	for name, value := range map[string]string{f.id: c.ID, f.key: c.Key, f.token: c.Token} {
		if strings.Contains(value, " ") || !printable(value) {
			return fmt.Errorf("%s has a blank, a line break or an unprintable character in it", name)
		}
	}
	return nil
}

// String shows nothing of the credentials but whether there are any.
func (c Credentials) String() string {
	if c == (Credentials{}) {
		return ""
	}
	return hidden
}

// GoString is String.
func (c Credentials) GoString() string { return c.String() }

// Format prints String for every verb.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is String.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText is String, for encoding/json and its like.
func (c Credentials) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
