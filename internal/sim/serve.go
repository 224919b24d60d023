package sim

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// maxBody is the largest request body that TC3-HMAC-SHA256 may sign.
const maxBody = 10 << 20

const badGatewayPage = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n" +
	"<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"

// A reply is an HTTP response before it takes either way out.
type reply struct {
	status int
	kind   string // Content-Type
	body   []byte
}

func jsonReply(body []byte) reply { return reply{http.StatusOK, "application/json", body} }

func htmlReply() reply {
	return reply{http.StatusBadGateway, "text/html", []byte(badGatewayPage)}
}

// ServeHTTP answers one request over a socket. A reply that a fault swallows
// breaks the connection.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rep, err := c.answer(r)
	if err != nil {
		panic(http.ErrAbortHandler) // net/http's way to break the connection without a word
	}
	w.Header().Set("Content-Type", rep.kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(rep.body)))
	w.WriteHeader(rep.status)
	_, _ = w.Write(rep.body) // a client that has hung up needs no answer
}

// Transport connects a client without a socket. It honours the request's context;
// an answer takes time only where a fault says so.
func (c *Cloud) Transport() http.RoundTripper { return transport{c} }

type transport struct{ cloud *Cloud }

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }() // a RoundTripper has to; there is nothing to lose
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	rep, err := t.cloud.answer(r)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", rep.status, http.StatusText(rep.status)),
		StatusCode:    rep.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        http.Header{"Content-Type": {rep.kind}, "Date": {time.Now().UTC().Format(http.TimeFormat)}},
		Body:          io.NopCloser(bytes.NewReader(rep.body)),
		ContentLength: int64(len(rep.body)),
		Request:       r,
	}, nil
}

// answer does what a request asks for, as far as its fault lets it. An error
// means that the client gets no reply.
func (c *Cloud) answer(r *http.Request) (reply, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(io.LimitReader(r.Body, maxBody+1)); err != nil {
			return reply{}, fmt.Errorf("read the request: %w", err)
		}
	}
	h := readHeader(r)
	fault := c.receive(Call{
		Service: c.service(h), Action: h.action, Region: h.region, SecretID: h.secretID, Params: body,
	})
	defer c.deliver()
	defer c.reportMisuse()
	if rep, over, err := c.before(r.Context(), fault); over {
		return rep, err
	}
	rep := jsonReply(c.perform(h, body, fault))
	if err := r.Context().Err(); err != nil {
		return reply{}, err // nobody listens any more, but it is done
	}
	return after(r.Context(), fault, rep)
}

// before plays the faults that strike before anything is done. It tells whether
// that was the end of the request.
func (c *Cloud) before(ctx context.Context, f Fault) (rep reply, over bool, err error) {
	switch f.Kind {
	case LoseCall:
		return reply{}, true, errReset()
	case BadGateway:
		return htmlReply(), true, nil
	case HangBefore:
		<-ctx.Done()
		return reply{}, true, ctx.Err()
	case Refuse:
		c.mu.Lock()
		defer c.mu.Unlock()
		return jsonReply(c.refusalBody(f.refusal())), true, nil
	case Slow:
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return reply{}, true, ctx.Err()
		case <-timer.C:
		}
	}
	return reply{}, false, nil
}

// after plays the faults that strike once everything is done.
func after(ctx context.Context, f Fault, rep reply) (reply, error) {
	switch f.Kind {
	case LoseReply:
		return reply{}, errReset()
	case BadGatewayDone:
		return htmlReply(), nil
	case Truncate:
		rep.body = rep.body[:len(rep.body)/2]
	case HangAfter:
		<-ctx.Done()
		return reply{}, ctx.Err()
	}
	return rep, nil
}

// errReset is what a client sees of a broken connection.
func errReset() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
}

func (f Fault) refusal() *refusal {
	f.Code = cmp.Or(f.Code, "InternalError")
	f.Message = cmp.Or(f.Message, "An internal error occurred.")
	return &refusal{f.Code, f.Message}
}
