package settings

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/xhit/go-str2duration/v2"
	// The platform's machines may have no time zone database. Without one, only
	// UTC would be a valid zone. It adds 450 KB to the binary.
	_ "time/tzdata"

	"snapferry/internal/plan"
)

const (
	maxHost  = 253 // RFC 1035, as text
	maxLabel = 63  // RFC 1035
	maxKey   = 127 // tag service, API 2018-08-13
	maxValue = 255 // likewise

	digits  = "0123456789"
	letters = "abcdefghijklmnopqrstuvwxyz"

	wantRegion = "is not a region such as ap-guangzhou"
)

// only reports whether s has at least one character, and only the given ones.
func only(s, characters string) bool { return s != "" && strings.Trim(s, characters) == "" }

// isHost reports whether s is a lower-case host name. An IP address is not one.
func isHost(s string) bool {
	labels := strings.Split(s, ".")
	for _, label := range labels {
		if !only(label, letters+digits+"-") || strings.Trim(label, "-") != label || len(label) > maxLabel {
			return false
		}
	}
	return len(s) <= maxHost && only(labels[len(labels)-1][:1], letters)
}

func isAccount(s string) bool { return len(s) <= 20 && only(s, digits) }

var errDuration = errors.New("is not a duration such as 72h, 3d or 2w")

// ParseDuration reads numbers with the units w, d, h, m and s, such as 72h,
// 90d or 1w2d12h; a day has 24 hours. A bare 0 is zero. The caller decides
// whether a setting may be zero. Negative durations and durations that do not
// fit are errors.
func ParseDuration(s string) (time.Duration, error) {
	if s != "0" && !hasDurationForm(s) {
		return 0, errDuration
	}
	d, err := str2duration.ParseDuration(s)
	if err != nil || d < 0 { // the number does not fit
		return 0, errDuration
	}
	return d, nil
}

// hasDurationForm reports whether s is a sequence of numbers, each followed by a
// unit. It refuses what the parser also accepts: signs, units below a second, and
// a point without digits around it.
func hasDurationForm(s string) bool {
	for rest := s; rest != ""; {
		unit := strings.IndexAny(rest, "wdhms")
		if unit < 0 {
			return false
		}
		whole, fraction, point := strings.Cut(rest[:unit], ".")
		if !only(whole, digits) || point && !only(fraction, digits) {
			return false
		}
		rest = rest[unit+1:]
	}
	return s != ""
}

func (r *reading) duration(value string, zero bool) time.Duration {
	d, err := ParseDuration(value)
	switch {
	case err != nil:
		r.refuse(value, "%v", err)
	case d == 0 && !zero:
		r.refuse(value, "is not more than 0: use a duration such as 72h, 3d or 2w")
	}
	return d
}

// atLeast reads a duration with a lower bound of whole days.
func (r *reading) atLeast(value string, least time.Duration) time.Duration {
	d := r.duration(value, false)
	if 0 < d && d < least {
		days := int(least.Hours() / 24)
		r.refuse(value, "is less than %dd: set %dd or more, or leave it out to keep these replicas for ever", days, days)
	}
	return d
}

func (r *reading) level(value string) slog.Level {
	var level slog.Level
	if r.word(value, "debug", "info", "warn", "error") != "" {
		_ = level.UnmarshalText([]byte(value)) // knows these four
	}
	return level
}

func (r *reading) zone(value string) *time.Location {
	location, err := time.LoadLocation(value)
	if err != nil || value == "Local" { // no person chose the machine's own zone
		r.refuse(value, "is not a time zone such as Asia/Shanghai or UTC")
		return nil
	}
	return location
}

// tags reads SELECT_TAGS.
func (r *reading) tags(value string) []plan.Tag {
	var out []plan.Tag
	values := map[string]string{}
	r.each(r.elements(value), func(e string) string {
		tag, why := parseTag(e)
		if why != "" {
			return why
		}
		before, twice := values[tag.Key]
		if twice && before != tag.Value {
			return "repeats a key with another value: a tag has only one value"
		}
		if !twice {
			values[tag.Key] = tag.Value
			out = append(out, tag)
		}
		return ""
	})
	return out
}

// parseTag reads key=value, or returns why it can't.
func parseTag(s string) (tag plan.Tag, why string) {
	key, value, found := strings.Cut(s, "=")
	tag = plan.Tag{Key: strings.Trim(key, " "), Value: strings.Trim(value, " ")}
	switch {
	case !found || tag.Key == "":
		return tag, "is not key=value, or key=* for any value"
	case tag.Value == "":
		return tag, "has no value: write key=value, or key=* for any value"
	case len(tag.Key) > maxKey || len(tag.Value) > maxValue:
		return tag, fmt.Sprintf("is longer than a tag can be: %d bytes for the key, %d for the value", maxKey, maxValue)
	}
	return tag, ""
}

// copyTags reads COPY_TAGS.
func (r *reading) copyTags(value string) []string {
	keys := r.list(value, isCopyable, fmt.Sprintf("is not a tag key of at most %d bytes, or begins with one of %s",
		maxKey, strings.Join(plan.ReservedTags, ", ")))
	for _, key := range keys {
		if key == plan.AllTags && len(keys) > 1 {
			r.refuse(value, "has * and other keys: write * alone for all keys, or name the keys")
			return nil
		}
	}
	return keys
}

func isCopyable(key string) bool {
	return len(key) <= maxKey && !plan.IsReservedTag(key)
}

// accounts reads SHARE_ACCOUNTS.
func (r *reading) accounts(value string) []string {
	ids := r.list(value, isAccount, "is not an account id such as 100000000001: digits only")
	if len(ids) > maxAccounts {
		r.note(fmt.Sprintf("has %d accounts: a snapshot can be shared with at most %d", len(ids), maxAccounts))
		return nil
	}
	return ids
}

// endpoint reads API_ENDPOINT and returns scheme://host[:port].
func (r *reading) endpoint(value string) string {
	if strings.Contains(value, "@") { // it may be a password, which must not be shown
		r.note("contains user information: give only scheme, host and port, such as http://127.0.0.1:9000")
		return ""
	}
	u, ok := parseURL(value)
	switch {
	case !ok || strings.ContainsAny(value, "?#") || u.Path != "" && u.Path != "/":
		r.refuse(value, "is not a scheme, a host and an optional port, such as http://127.0.0.1:9000")
	case !isPrivate(u):
		r.refuse(value, "would send requests unencrypted: use https, or http to a loopback address")
	default:
		return u.Scheme + "://" + u.Host
	}
	return ""
}

// webhook reads NOTIFY_URL.
func (r *reading) webhook(value string) Secret {
	u, ok := parseURL(value)
	switch {
	case !ok:
		r.refuse(value, "is not a URL such as https://hooks.example.com/robot")
	case !isPrivate(u):
		r.refuse(value, "is not an https URL: http is allowed only to a loopback address")
	}
	return Secret(value)
}

// LanguageOf is the language of a locale such as zh_CN.UTF-8, or of the first of
// several in a list as gettext has it; "" if it is neither zh nor en.
func LanguageOf(value string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(value), ":")
	for _, language := range []string{"zh", "en"} {
		if strings.HasPrefix(strings.ToLower(first), language) {
			return language
		}
	}
	return ""
}

// token reads STATUS_TOKEN. It must fit unchanged into an Authorization header.
func (r *reading) token(value string) Secret {
	if strings.ContainsFunc(value, func(c rune) bool { return c <= ' ' || c >= 0x7f }) {
		r.refuse(value, "is not a token: ASCII letters, digits and punctuation, no blanks")
	}
	if value == "undefined" { // what the vendor's tool makes of a missing variable
		r.refuse(value, "is the word for a variable that the shell lacks: choose a secret, such as the output of openssl rand -hex 24")
	}
	return Secret(value)
}

// domain reads API_DOMAIN.
func (r *reading) domain(value string) string {
	if !isHost(value) || !strings.Contains(value, ".") {
		r.refuse(value, "is not a domain such as tencentcloudapi.com, intl.tencentcloudapi.com or internal.tencentcloudapi.com")
	}
	return value
}

// parseURL reads an absolute http or https URL. Its host must be a name or an
// address, and its port, if it has one, a port's number.
func parseURL(value string) (*url.URL, bool) {
	u, err := url.Parse(value)
	if err != nil || u.Opaque != "" || u.Scheme != "http" && u.Scheme != "https" || strings.HasSuffix(u.Host, ":") {
		return nil, false
	}
	host := strings.ToLower(u.Hostname())
	if address, err := netip.ParseAddr(host); !isHost(host) && (err != nil || address.Zone() != "") {
		return nil, false
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, false
		}
	}
	return u, true
}

// isPrivate reports whether a request to u is encrypted or does not leave the
// machine.
func isPrivate(u *url.URL) bool {
	if u.Scheme == "https" || strings.EqualFold(u.Hostname(), "localhost") {
		return true
	}
	address, err := netip.ParseAddr(u.Hostname())
	return err == nil && address.IsLoopback()
}
