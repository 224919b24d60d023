package handler

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	awsevents "github.com/aws/aws-lambda-go/events"

	"snapferry/internal/event"
	"snapferry/internal/settings"
)

// paths are the pages of the status page.
var paths = []string{"/", "/status.json", "/status.csv", "/metrics"}

// serve answers a request to the function's URL. This version only checks the
// request; a later version will have the status page.
func (h *Handler) serve(ctx context.Context, r *event.HTTPRequest) ([]byte, error) {
	inv := h.invocation(ctx)
	set, err := settings.Read(inv.getenv, inv.region, inv.names...)
	if err != nil {
		inv.label(h.Log(set.LogLevel)).ErrorContext(ctx, "settings", "err", err.Error())
		return respond(http.StatusInternalServerError, "the settings are wrong: see the function's log")
	}
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return respond(http.StatusMethodNotAllowed, "only GET and HEAD")
	case !slices.Contains(paths, r.Path):
		return respond(http.StatusNotFound, "no such page; there are "+strings.Join(paths, " "))
	case !authorized(set.StatusToken, r):
		return respond(http.StatusForbidden, "send the function's STATUS_TOKEN as a bearer token")
	}
	return respond(http.StatusNotImplemented, "the status page is not available yet")
}

// authorized reports whether a request has the token. It compares in constant
// time, so that answer times do not help to guess the token.
func authorized(token settings.Secret, r *event.HTTPRequest) bool {
	switch token {
	case "":
		return false
	case settings.OpenToken:
		return true
	}
	got, ok := strings.CutPrefix(r.Headers.Get("Authorization"), "Bearer ")
	return ok && subtle.ConstantTimeCompare([]byte(got), []byte(token.Reveal())) == 1
}

func respond(status int, text string) ([]byte, error) {
	return json.Marshal(awsevents.LambdaFunctionURLResponse{
		StatusCode: status,
		Headers:    map[string]string{"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"},
		Body:       text + "\n",
	})
}
