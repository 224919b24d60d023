package sim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	tc3     = "TC3-HMAC-SHA256"
	tc3End  = "tc3_request"
	maxSkew = 5 * time.Minute // how far a timestamp may be from the service's clock
)

// checkShape refuses what can't be a TC3 signature at all.
func checkShape(h requestHeader) *refusal {
	const code = "AuthFailure.InvalidAuthorization"
	signed := strings.Split(h.signedHeaders, ";")
	switch {
	case h.algorithm != tc3:
		return refuse(code, "The Authorization header must start with %s.", tc3)
	case h.secretID == "" || h.terminator != tc3End:
		return refuse(code, "The Credential must be an id, a date, a service and %s, joined by slashes.", tc3End)
	case !slices.Contains(signed, "content-type") || !slices.Contains(signed, "host"):
		return refuse(code, "SignedHeaders must hold content-type and host.")
	case h.signature == "":
		return refuse(code, "The Authorization header has no Signature.")
	}
	return nil
}

// checkTime refuses a timestamp too far from now and a scope of another day.
func checkTime(h requestHeader, now time.Time) *refusal {
	if h.timestamp == "" {
		return refuse("MissingParameter", "The header X-TC-Timestamp is missing.")
	}
	seconds, err := strconv.ParseInt(h.timestamp, 10, 64)
	if err != nil {
		return refuse("InvalidParameter", "X-TC-Timestamp %q is no number of seconds.", h.timestamp)
	}
	at := time.Unix(seconds, 0).UTC()
	if skew := now.Sub(at); skew > maxSkew || skew < -maxSkew {
		return refuse("AuthFailure.SignatureExpire", "The signature is of %s; that is more than five minutes off.", at.Format(time.RFC3339))
	}
	if date := at.Format(time.DateOnly); h.date != date {
		return refuse("AuthFailure.SignatureFailure", "The credential's date is %s, the timestamp's is %s in UTC.", h.date, date)
	}
	return nil
}

// service is the service that a request calls by its signature. Several of the
// vendor's SDKs sign for the first label of the host. On the vendor's own hosts
// that is the service's name. On any other host the action tells the service: no
// two services have an action of the same name. A label that is itself the name
// of a service means that service.
func (c *Cloud) service(h requestHeader) string {
	label, _, _ := strings.Cut(h.host, ".")
	a, known := c.actions[h.action]
	if !known || h.service == a.service || h.ofVendor() || !strings.EqualFold(h.service, label) {
		return h.service
	}
	for _, other := range c.actions {
		if other.service == h.service {
			return h.service
		}
	}
	return a.service
}

// ofVendor tells whether the request was sent to one of the vendor's own hosts.
func (h requestHeader) ofVendor() bool {
	return strings.HasSuffix(strings.ToLower(h.hostname()), "."+domain)
}

// hostname is the host without its port.
func (h requestHeader) hostname() string {
	return strings.TrimSuffix(h.host, ":"+(&url.URL{Host: h.host}).Port())
}

// checkSignature verifies the signature over any set of headers. Documents say
// that header values are signed in lower case, clients sign them as they are:
// both are taken. The Node SDK signs the host without its port: on a host that is
// not the vendor's that is taken too.
func checkSignature(h requestHeader, body []byte, secret string) *refusal {
	key := sum(sum(sum([]byte("TC3"+secret), h.date), h.service), tc3End)
	hashed := hash(body)
	hosts := []string{h.host}
	if !h.ofVendor() {
		hosts = append(hosts, h.hostname())
	}
	for _, h.host = range hosts {
		for _, form := range []func(string) string{asIs, strings.ToLower} {
			canonical := h.method + "\n/\n\n" + h.canonicalHeaders(form) + "\n" + h.signedHeaders + "\n" + hashed
			text := tc3 + "\n" + h.timestamp + "\n" + h.date + "/" + h.service + "/" + tc3End + "\n" + hash([]byte(canonical))
			want := hex.EncodeToString(sum(key, text))
			if hmac.Equal([]byte(want), []byte(h.signature)) {
				return nil
			}
		}
	}
	return refuse("AuthFailure.SignatureFailure", "The signature does not match the request.")
}

func asIs(s string) string { return s }

func (h requestHeader) canonicalHeaders(form func(string) string) string {
	var b strings.Builder
	for name := range strings.SplitSeq(h.signedHeaders, ";") {
		value := h.host
		if name != "host" {
			value = strings.Join(h.header[textproto.CanonicalMIMEHeaderKey(name)], ",")
		}
		b.WriteString(name + ":" + form(strings.TrimSpace(value)) + "\n")
	}
	return b.String()
}

func sum(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	_, _ = m.Write([]byte(text)) // a hash never fails
	return m.Sum(nil)
}

func hash(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// checkKey refuses unknown keys and wrong, missing or expired tokens.
func checkKey(h requestHeader, k Key, known bool, now time.Time) *refusal {
	const code = "AuthFailure.TokenFailure"
	switch {
	case !known:
		return refuse("AuthFailure.SecretIdNotFound", "There is no SecretId %q.", h.secretID)
	case h.token != k.Token:
		return refuse(code, "The token does not belong to SecretId %s.", k.ID)
	case !k.Expires.IsZero() && !now.Before(k.Expires):
		return refuse(code, "The credentials of SecretId %s have expired.", k.ID)
	}
	return nil
}
