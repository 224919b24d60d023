package handler

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/tencentyun/scf-go-lib/functioncontext"

	"snapferry/internal/settings"
)

// budget leaves time for the reply. Requests are cancelled a little before the
// invocation's deadline. A little earlier, no new request is sent.
func budget(ctx context.Context, now time.Time) (context.Context, time.Time, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, time.Time{}, func() {}
	}
	const least, most = 200 * time.Millisecond, 5 * time.Second
	margin := min(max(deadline.Sub(now)/10, least), most)
	ctx, cancel := context.WithDeadline(ctx, deadline.Add(-margin))
	return ctx, deadline.Add(-2 * margin), cancel
}

// An invocation is what the platform sent with one event.
type invocation struct {
	env     map[string]string // the event's own variables
	getenv  func(string) string
	names   []string
	region  string
	account string
	request string
}

// invocation collects the data of one invocation. Its variables come before those
// of the process. The context's other fields come last, because some regions do not
// set all of them.
func (h *Handler) invocation(ctx context.Context) invocation {
	inv := invocation{getenv: h.Getenv, names: h.Names}
	fc, ok := functioncontext.FromContext(ctx)
	if ok {
		inv.env = fc.Environment
		inv.names = slices.AppendSeq(slices.Clone(h.Names), maps.Keys(fc.Environment))
		inv.getenv = func(name string) string {
			if v, ok := fc.Environment[name]; ok {
				return v
			}
			return h.Getenv(name)
		}
		inv.region, inv.account, inv.request = fc.TencentcloudRegion, fc.TencentcloudUin, fc.RequestID
	}
	if v := inv.getenv("TENCENTCLOUD_REGION"); v != "" {
		inv.region = v
	}
	if v := inv.getenv("TENCENTCLOUD_UIN"); v != "" {
		inv.account = v
	}
	return inv
}

func (i invocation) label(log *slog.Logger) *slog.Logger {
	if i.request != "" {
		return log.With("request_id", i.request)
	}
	return log
}

// credentials are the invocation's own if it has any. A token of an earlier
// invocation must never be mixed in.
func (h *Handler) credentials(inv invocation) (settings.Credentials, error) {
	if inv.env["TENCENTCLOUD_SECRETID"] != "" || inv.env["TENCENTCLOUD_SECRETKEY"] != "" {
		return settings.FindCredentials(func(name string) string { return inv.env[name] })
	}
	c, err := settings.FindCredentials(inv.getenv)
	if h.Profile == nil || !errors.Is(err, settings.ErrNoCredentials) {
		return c, err
	}
	if c, profileErr := h.Profile(); profileErr == nil {
		return c, nil
	}
	return c, err
}
