package handler

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// An HTTPRequest is the request of a function URL or of API gateway. Its text
// comes from anybody: only the method and the path have been looked at.
type HTTPRequest struct {
	Method  string      // letters, as sent
	Path    string      // begins with a slash
	Query   url.Values  // never nil
	Headers http.Header // never nil; Get ignores the case of names
	Body    string      // in base64 where IsBase64 says so

	IsBase64 bool
}

var methodForm = regexp.MustCompile(`^[A-Za-z]{1,16}$`)

// decodeHTTP reads a request. Only what routes it must be right: a strange
// header or parameter is no reason to answer nothing at all.
func decodeHTTP(top members) (*HTTPRequest, error) {
	method, ok := text(top["httpMethod"])
	if !ok || !methodForm.MatchString(method) {
		return nil, fmt.Errorf("httpMethod: %s is not a method such as GET", quoteJSON(top["httpMethod"]))
	}
	path := ""
	if top.has("path") {
		if path, ok = text(top["path"]); !ok {
			return nil, errors.New("path is not a text")
		}
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	r := &HTTPRequest{Method: method, Path: path, Query: query(top), Headers: http.Header{}}
	headers, _ := object(bounded(top["headers"]))
	for name, values := range headers.values() {
		for _, value := range values {
			r.Headers.Add(name, value)
		}
	}
	r.Body = scalar(top["body"])
	r.IsBase64 = scalar(top["isBase64Encoded"]) == "true"
	return r, nil
}

// maxHead is far more than any browser sends, and little enough for the smallest
// function: read, headers and parameters take up fifty times their length.
const maxHead = 64 << 10

// bounded leaves out what is too long to be read: who sends it is answered as
// one who sends nothing. Anybody may call a function's URL.
func bounded(raw json.RawMessage) json.RawMessage {
	if len(raw) > maxHead {
		return nil
	}
	return raw
}

// query reads the parameters: an object, or the query string itself.
func query(top members) url.Values {
	raw := top["queryString"]
	if !top.has("queryString") {
		raw = top["queryStringParameters"] // API gateway's second name for it
	}
	raw = bounded(raw)
	out := url.Values{}
	m, ok := object(raw)
	if s, isText := text(raw); isText && !ok {
		parsed, err := url.ParseQuery(s)
		if err != nil {
			return out
		}
		return parsed
	}
	for name, values := range m.values() {
		out[name] = append(out[name], values...)
	}
	return out
}

// values yields each member's texts by its name, in the order of the names, so
// that two spellings of one header always come in the same order. A parameter
// without a value is true; numbers show as written.
func (m members) values() iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			list := []json.RawMessage{m[name]}
			var several []json.RawMessage
			if err := json.Unmarshal(m[name], &several); err == nil && several != nil {
				list = several
			}
			texts := make([]string, len(list))
			for i, raw := range list {
				texts[i] = scalar(raw)
			}
			if !yield(name, texts) {
				return
			}
		}
	}
}
