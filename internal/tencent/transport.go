package tencent

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// shared is the transport of all Clouds without one of their own. New connections
// are expensive, so they are kept within and between invocations.
var shared = sync.OnceValue(func() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 64 // one host serves all regions
	t.IdleConnTimeout = 30 * time.Second
	t.TLSHandshakeTimeout = 10 * time.Second
	return t
})

// newConnections returns the shared transport and closes its idle connections.
// The platform freezes a function and its timers between invocations, so the
// other end may have closed them. The result of a copy sent on such a connection
// would be unknown.
func newConnections() http.RoundTripper {
	shared().CloseIdleConnections()
	return shared()
}

// maxAnswer is far more than the largest page, and fits into the smallest function
// (64 MB).
const maxAnswer = 8 << 20

// bufferKey is the context key of the buffer for a request's answer.
type bufferKey struct{}

// buffers are reused for answers: a page has 100 KB, and a long list has thousands
// of pages.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// guardedTransport drops Location headers and reads the whole answer into the
// request's buffer, which the envelope parses. net/http would follow a redirect
// with the signed request and its token, and so repeat a copy. The SDK does not
// close bodies that end early, and bodies with the type of event streams.
type guardedTransport struct {
	http.RoundTripper
	noteClock func(date string)
}

// RoundTrip implements http.RoundTripper. It gives the SDK an empty JSON object as
// the body.
func (p guardedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := p.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	p.noteClock(resp.Header.Get("Date"))
	text := r.Context().Value(bufferKey{}).(*bytes.Buffer)
	n, err := text.ReadFrom(io.LimitReader(resp.Body, maxAnswer+1))
	_ = resp.Body.Close() // it has been read
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", err)
	case n > maxAnswer:
		return nil, fmt.Errorf("the answer has more than %d bytes", maxAnswer)
	}
	resp.Body = io.NopCloser(strings.NewReader("{}"))
	resp.Status = fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode)) // errors show it, and its text is foreign
	if resp.Header == nil {
		resp.Header = http.Header{}
	}
	resp.Header.Del("Location")
	// With this type the SDK does not parse the body for errors first.
	resp.Header.Set("Content-Type", "application/octet-stream")
	return resp, nil
}
