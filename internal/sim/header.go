package sim

import (
	"net/http"
	"strings"
)

// A requestHeader is what a request says outside its body.
type requestHeader struct {
	method, host, mime       string
	action, version, region  string
	timestamp, token         string
	algorithm                string
	secretID, date, service  string // of the credential scope
	terminator               string // of the credential scope
	signedHeaders, signature string
	header                   http.Header
}

func readHeader(r *http.Request) requestHeader {
	h := requestHeader{
		method:    r.Method,
		host:      r.Host,
		mime:      r.Header.Get("Content-Type"),
		action:    r.Header.Get("X-TC-Action"),
		version:   r.Header.Get("X-TC-Version"),
		region:    r.Header.Get("X-TC-Region"),
		timestamp: r.Header.Get("X-TC-Timestamp"),
		token:     r.Header.Get("X-TC-Token"),
		header:    r.Header,
	}
	if h.host == "" && r.URL != nil {
		h.host = r.URL.Host
	}
	algorithm, rest, _ := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	h.algorithm = algorithm
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential":
			h.readCredential(value)
		case "SignedHeaders":
			h.signedHeaders = value
		case "Signature":
			h.signature = value
		}
	}
	return h
}

// readCredential takes "id/date/service/tc3_request" apart.
func (h *requestHeader) readCredential(s string) {
	if parts := strings.Split(s, "/"); len(parts) == 4 {
		h.secretID, h.date, h.service, h.terminator = parts[0], parts[1], parts[2], parts[3]
	}
}

// domain is the end of the vendor's host names. A local endpoint says nothing of
// service and region; a host of this domain must fit both.
const domain = "tencentcloudapi.com"

// checkHost refuses a request sent to another service's or region's host. Finance
// regions answer on their own hosts only.
func checkHost(h requestHeader, service string) *refusal {
	host := strings.ToLower(h.host)
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	rest, ok := strings.CutSuffix(host, "."+domain)
	if !ok {
		return nil
	}
	rest = strings.TrimSuffix(strings.TrimSuffix(rest, ".intl"), ".internal")
	name, region, _ := strings.Cut(rest, ".")
	switch {
	case name != service:
		return refuse("InvalidAction", "Host %s does not serve %s of %s.", h.host, h.action, service)
	case region != "" && region != h.region:
		return refuse("UnsupportedRegion", "Host %s does not serve region %q.", h.host, h.region)
	case region == "" && service == "cbs" && finance(h.region):
		return refuse("UnsupportedRegion", "Region %s is served by %s.%s.%s only.", h.region, service, h.region, domain)
	}
	return nil
}
