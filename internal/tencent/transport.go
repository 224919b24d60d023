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

// shared is the transport of all Clouds that were given none: connections are
// expensive to make and worth keeping within and between invocations.
var shared = sync.OnceValue(func() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 64 // one host serves all regions, each worked on its own
	t.IdleConnTimeout = 30 * time.Second
	t.TLSHandshakeTimeout = 10 * time.Second
	return t
})

// freshConnections returns the shared transport without connections that may
// be dead. The platform freezes a function between invocations, and timers
// with it: what was idle before may long be closed at the other end, and a
// copy sent on it would end as "perhaps".
func freshConnections() http.RoundTripper {
	shared().CloseIdleConnections()
	return shared()
}

// maxAnswer is far more than the largest page, and little enough for the
// smallest function (64 MB).
const maxAnswer = 8 << 20

// textKey is where a request's context holds the buffer for its answer.
type textKey struct{}

// texts are buffers for answers, which are used again: a page has 100 KB, and
// a long list has thousands of pages.
var texts = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// guardedTransport drops Location headers and reads the whole answer into the
// request's buffer, which the envelope parses. net/http would follow a redirect
// with the signed request, token and all, and so repeat a copy. The SDK forgets
// to close bodies that break off and those that call themselves event streams.
type guardedTransport struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper. The SDK sees an empty object for a
// body; where the status says that there is no answer, it sees the text, which
// it shows.
func (p guardedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := p.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	text := r.Context().Value(textKey{}).(*bytes.Buffer)
	n, err := text.ReadFrom(io.LimitReader(resp.Body, maxAnswer+1))
	_ = resp.Body.Close() // it has been read
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", err)
	case n > maxAnswer:
		return nil, fmt.Errorf("the answer has more than %d bytes", maxAnswer)
	}
	body := "{}"
	if resp.StatusCode != http.StatusOK {
		body = text.String()
	}
	resp.Body = io.NopCloser(strings.NewReader(body))
	if resp.Header == nil {
		resp.Header = http.Header{}
	}
	resp.Header.Del("Location")
	// Called an octet stream, the SDK does not parse it for errors beforehand.
	resp.Header.Set("Content-Type", "application/octet-stream")
	return resp, nil
}
