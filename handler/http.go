package handler

import (
	"context"
	"crypto/subtle"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"snapferry/internal/event"
	"snapferry/internal/settings"
	"snapferry/internal/status"
	"snapferry/internal/words"
)

// A face is one way to show the status.
type face struct {
	path, kind string
	write      func(m *status.Model, w io.Writer, language string) error
}

var faces = []face{
	{"/", "text/html; charset=utf-8", (*status.Model).Page},
	{"/status.json", "application/json", func(m *status.Model, w io.Writer, _ string) error { return m.JSON(w) }},
	{"/status.csv", "text/csv; charset=utf-8", func(m *status.Model, w io.Writer, _ string) error { return m.CSV(w) }},
	{"/metrics", "application/openmetrics-text; version=1.0.0; charset=utf-8", func(m *status.Model, w io.Writer, _ string) error {
		return m.Metrics(w)
	}},
}

// cookie keeps the token of a person's first visit, so that no link has it.
const cookie = "snapferry"

// serve answers a request to the function's URL. Who may not ask learns nothing, not
// even which pages there are.
func (h *Handler) serve(ctx context.Context, r *event.HTTPRequest) ([]byte, error) {
	inv := h.invocation(ctx)
	language := languageOf(r, inv.getenv)
	refuse := func(code int, text string, headers map[string]string) ([]byte, error) {
		return respond(r, code, words.In(language, text), headers)
	}
	set, err := settings.Read(inv.getenv, inv.region, inv.names...)
	log := inv.label(h.Log(set.LogLevel))
	if err != nil {
		log.ErrorContext(ctx, "settings", "err", err.Error())
		return refuse(http.StatusInternalServerError, "the settings are wrong: see the function's log", nil)
	}
	if set.StatusToken == "" {
		return refuse(http.StatusForbidden, "the status page is closed: set STATUS_TOKEN", nil)
	}
	if !authorized(set.StatusToken, r) {
		return refuse(http.StatusUnauthorized, "send the function's STATUS_TOKEN as a bearer token, or open the page with ?token=…",
			map[string]string{"WWW-Authenticate": `Bearer realm="snapferry"`})
	}
	i := slices.IndexFunc(faces, func(f face) bool { return f.path == r.Path })
	switch {
	case i < 0:
		return refuse(http.StatusNotFound, "no such page; there are /, /status.json, /status.csv and /metrics", nil)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return refuse(http.StatusMethodNotAllowed, "only GET and HEAD", map[string]string{"Allow": "GET, HEAD"})
	}
	m, err := h.status(ctx, inv, set, log)
	if err != nil {
		log.ErrorContext(ctx, "status", "err", err.Error())
		return refuse(http.StatusBadGateway, "the cloud could not be read: see the function's log", nil)
	}
	headers := map[string]string{"Content-Type": faces[i].kind}
	if r.Path == "/" {
		headers["Content-Security-Policy"] = status.PagePolicy()
	}
	if token := r.Query.Get("token"); token != "" {
		headers["Set-Cookie"] = (&http.Cookie{Name: cookie, Value: token, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode}).String()
	}
	out, err := deliver(r, headers, func(w io.Writer) error { return faces[i].write(m, w, language) })
	if err != nil {
		log.ErrorContext(ctx, "status", "err", err.Error())
		return refuse(http.StatusInternalServerError, err.Error(), nil)
	}
	return out, nil
}

// unwanted is a language that the visitor does not want.
var unwanted = regexp.MustCompile(`;\s*[qQ]=0(\.0*)?\s*$`)

// languageOf is the first language that the visitor asks for and that people are spoken
// to in here, or the function's own.
func languageOf(r *event.HTTPRequest, getenv func(string) string) string {
	for wanted := range strings.SplitSeq(r.Headers.Get("Accept-Language"), ",") {
		if unwanted.MatchString(wanted) {
			continue
		}
		if language := settings.LanguageOf(wanted); language != "" {
			return language
		}
	}
	return settings.Language(getenv)
}

// authorized reports whether a request has the token: in its header, or for a person
// in the address or the cookie. It compares in constant time, so that answer times do
// not help to guess the token.
func authorized(token settings.Secret, r *event.HTTPRequest) bool {
	if token == settings.OpenToken {
		return true
	}
	bearer, _ := strings.CutPrefix(r.Headers.Get("Authorization"), "Bearer ")
	given := []string{bearer, r.Query.Get("token")}
	for _, c := range (&http.Request{Header: r.Headers}).CookiesNamed(cookie) {
		given = append(given, c.Value)
	}
	ok := 0
	for _, g := range given {
		ok |= subtle.ConstantTimeCompare([]byte(g), []byte(token.Reveal()))
	}
	return ok == 1
}
