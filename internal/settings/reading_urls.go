package settings

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// endpoint reads API_ENDPOINT and returns scheme://host[:port].
func (r *reading) endpoint(value string) string {
	if strings.Contains(value, "@") { // perhaps a password: don't show it
		r.note("has user information in it: give scheme, host and port alone, such as http://127.0.0.1:9000")
		return ""
	}
	u, ok := parseURL(value)
	switch {
	case !ok || strings.ContainsAny(value, "?#") || u.Path != "" && u.Path != "/":
		r.refuse(value, "is not a scheme, a host and perhaps a port, such as http://127.0.0.1:9000")
	case !guarded(u):
		r.refuse(value, "would send requests in the clear: use https, or http to a loopback address")
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
	case !guarded(u):
		r.refuse(value, "is not an https URL: plain http only to a loopback address")
	default:
		return Secret(value)
	}
	return ""
}

// token reads REPORT_TOKEN: what an Authorization header can carry unchanged.
func (r *reading) token(value string) Secret {
	if strings.ContainsFunc(value, func(c rune) bool { return c <= ' ' || c >= 0x7f }) {
		r.refuse(value, "is not a token: ASCII letters, digits and punctuation, no blanks")
		return ""
	}
	return Secret(value)
}

// domain reads API_DOMAIN.
func (r *reading) domain(value string) string {
	if !isDomain(value) {
		r.refuse(value, "is not a domain such as tencentcloudapi.com, intl.tencentcloudapi.com or internal.tencentcloudapi.com")
		return ""
	}
	return value
}

// parseURL reads an absolute http or https URL whose host is a name or an
// address, and whose port, if any, is one.
func parseURL(value string) (*url.URL, bool) {
	u, err := url.Parse(value)
	if err != nil || u.Opaque != "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, false
	}
	host := strings.ToLower(u.Hostname())
	address, err := netip.ParseAddr(host)
	if !isHost(host) && (err != nil || address.Zone() != "") {
		return nil, false
	}
	if strings.HasSuffix(u.Host, ":") {
		return nil, false
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, false
		}
	}
	return u, true
}

// guarded reports whether nobody on the way can read a request to u: it is
// encrypted, or never leaves the machine.
func guarded(u *url.URL) bool {
	if u.Scheme == "https" || strings.EqualFold(u.Hostname(), "localhost") {
		return true
	}
	address, err := netip.ParseAddr(u.Hostname())
	return err == nil && address.IsLoopback()
}
