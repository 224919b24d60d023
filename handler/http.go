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

// paths are what the status page will answer.
var paths = []string{"/", "/report.json", "/report.csv", "/metrics"}

// serve answers a request to the function's URL. The status page itself comes
// with a later version; who may ask for it is settled already.
func (h *Handler) serve(ctx context.Context, r *event.HTTPRequest) ([]byte, error) {
	inv := h.invocation(ctx)
	set, err := settings.Read(inv.getenv, inv.region)
	if err != nil {
		inv.label(h.Log(set.LogLevel)).ErrorContext(ctx, "settings", "err", err.Error())
		return respond(http.StatusInternalServerError, "the settings are wrong: see the function's log")
	}
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return respond(http.StatusMethodNotAllowed, "only GET and HEAD")
	case !slices.Contains(paths, r.Path):
		return respond(http.StatusNotFound, "no such page; there are "+strings.Join(paths, " "))
	case !admitted(set.ReportToken, r):
		return respond(http.StatusForbidden, "a bearer token is needed: REPORT_TOKEN of the function")
	}
	return respond(http.StatusNotImplemented, "the status page is not available yet")
}

// admitted compares in constant time, so that a token can't be guessed by the
// clock.
func admitted(token settings.Secret, r *event.HTTPRequest) bool {
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
