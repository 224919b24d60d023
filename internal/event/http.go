package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// An HTTPRequest is a request to the function's URL or through API gateway. Any
// person can send one. Only Method and Path have a checked form.
type HTTPRequest struct {
	Method  string      // letters, as sent
	Path    string      // begins with a slash
	Query   url.Values  // never nil
	Headers http.Header // never nil; Get ignores the case of names
	Body    string      // in base64 if IsBase64

	IsBase64 bool
}

// isMethod reports whether s is at most 16 letters.
func isMethod(s string) bool {
	notALetter := func(c rune) bool { return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') }
	return s != "" && len(s) <= 16 && !strings.ContainsFunc(s, notALetter)
}

// decodeHTTP reads a request. Only a bad method or path is an error; bad
// headers and parameters are dropped, so that the sender gets an answer.
func decodeHTTP(top members) (*HTTPRequest, error) {
	method, ok := text(top["httpMethod"])
	if !ok || !isMethod(method) {
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

// maxHead bounds the headers and the parameters, each in bytes. Decoded, they
// take fifty times their length, which must fit into the smallest function. A
// browser sends far less.
const maxHead = 64 << 10

// bounded returns nil for headers or parameters that are too long.
func bounded(raw json.RawMessage) json.RawMessage {
	if len(raw) > maxHead {
		return nil
	}
	return raw
}

// query reads the parameters, which come as an object or as the query string.
func query(top members) url.Values {
	raw := top["queryString"]
	if !top.has("queryString") {
		raw = top["queryStringParameters"] // API gateway's other name
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

// values yields the texts of each member, sorted by name, so that two spellings
// of one header always come in the same order. Numbers and booleans are yielded
// as they were written.
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
