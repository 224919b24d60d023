package handler

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"

	awsevents "github.com/aws/aws-lambda-go/events"

	"snapferry/internal/event"
)

// maxReply is the most that the platform passes on of a function's reply.
const maxReply = 6_000_000

// A capped buffer keeps at most maxReply bytes, and counts all.
type capped struct {
	bytes.Buffer
	size int
}

func (c *capped) Write(p []byte) (int, error) {
	if c.size += len(p); c.size <= maxReply {
		c.Buffer.Write(p)
	}
	return len(p), nil
}

// deliver answers with a page. One that is too large for the platform is packed, if the
// visitor's program can unpack it. Otherwise this is an error: a page without its end
// would pass for a whole one.
func deliver(r *event.HTTPRequest, headers map[string]string, write func(io.Writer) error) ([]byte, error) {
	var plain, packed capped
	if err := write(&plain); err != nil {
		return nil, err
	}
	a := answer{StatusCode: http.StatusOK, Headers: headers}
	var out []byte
	var err error
	if plain.size <= maxReply {
		a.Body = plain.String()
		out, err = a.encode()
	}
	if tooLarge := plain.size > maxReply || len(out) > maxReply; tooLarge && strings.Contains(r.Headers.Get("Accept-Encoding"), "gzip") {
		w := gzip.NewWriter(&packed)
		if err := errors.Join(write(w), w.Close()); err != nil {
			return nil, err
		}
		headers["Content-Encoding"] = "gzip"
		a.Body, a.IsBase64Encoded = base64.StdEncoding.EncodeToString(packed.Bytes()), true
		out, err = a.encode()
	}
	switch {
	case err != nil:
		return nil, err
	case len(out) > maxReply || packed.size > maxReply || len(out) == 0:
		return nil, fmt.Errorf(`%s has %.1f MB here, and the platform passes on 6 MB: ask with "Accept-Encoding: gzip", or run "snapferry status" on a computer`, r.Path, float64(plain.size)/1e6)
	case r.Method == http.MethodHead:
		a.Body = ""
		return a.encode()
	}
	return out, nil
}

// respond makes a short answer.
func respond(r *event.HTTPRequest, code int, text string, headers map[string]string) ([]byte, error) {
	a := answer{StatusCode: code, Headers: map[string]string{"Content-Type": "text/plain; charset=utf-8"}, Body: text + "\n"}
	maps.Copy(a.Headers, headers)
	if r.Method == http.MethodHead {
		a.Body = ""
	}
	return a.encode()
}

type answer awsevents.LambdaFunctionURLResponse

// encode makes the reply. Its headers keep it out of caches, frames and other sites'
// hands. HTML is not escaped in its JSON, which would make it a quarter larger.
func (a *answer) encode() ([]byte, error) {
	maps.Copy(a.Headers, map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Vary": "Accept-Language"})
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(a)
	return out.Bytes(), err
}
