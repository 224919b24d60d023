package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// logged prints a line for each request: time, region, action and answer.
func logged(out *screen, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		got := &answerRecorder{ResponseWriter: w}
		defer func() {
			broken := recover() // the simulator closes some connections on purpose
			what := got.outcome()
			if broken != nil {
				what = "no answer: connection closed"
			}
			out.line("%s  %-16s  %-26s  %s", began.Format(time.TimeOnly), header(r, "X-TC-Region"), header(r, "X-TC-Action"), what)
			if broken != nil {
				panic(broken) // net/http closes the connection
			}
		}()
		h.ServeHTTP(got, r)
	})
}

// header is a request's header, safe to print: any client may have sent it.
func header(r *http.Request, name string) string {
	const longest = 40
	value := strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return -1
	}, r.Header.Get(name))
	if value == "" {
		return "-"
	}
	return value[:min(len(value), longest)]
}

// An answerRecorder keeps a copy of an answer.
type answerRecorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (a *answerRecorder) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answerRecorder) Write(p []byte) (int, error) {
	a.body.Write(p)
	return a.ResponseWriter.Write(p)
}

// outcome is the answer in a few words.
func (a *answerRecorder) outcome() string {
	if a.status != http.StatusOK {
		return fmt.Sprintf("HTTP %d", a.status)
	}
	var envelope struct {
		Response struct{ Error struct{ Code string } }
	}
	if json.Unmarshal(a.body.Bytes(), &envelope) != nil {
		return "answer cut off"
	}
	if code := envelope.Response.Error.Code; code != "" {
		return code
	}
	return "ok"
}
