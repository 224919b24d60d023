package handler

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/tencentyun/scf-go-lib/functioncontext"

	"snapferry/internal/settings"
)

// budget leaves time for the reply: requests are cut off a little before the
// invocation's deadline, and none is begun a little before that.
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

// An invocation is what the platform brought with one event.
type invocation struct {
	brought map[string]string
	getenv  func(string) string
	region  string
	account string
	request string
}

// invocation gathers what this one call brought. Its own environment wins
// over the process's, and its own fields come last: not all of them are there
// in all regions.
func (h *Handler) invocation(ctx context.Context) invocation {
	inv := invocation{getenv: h.Getenv}
	fc, ok := functioncontext.FromContext(ctx)
	if ok {
		inv.brought = fc.Environment
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

// credentials are the invocation's own where it brought any: an old token of
// an earlier one must never be mixed in.
func (h *Handler) credentials(inv invocation) (settings.Credentials, error) {
	if inv.brought["TENCENTCLOUD_SECRETID"] != "" || inv.brought["TENCENTCLOUD_SECRETKEY"] != "" {
		return settings.FindCredentials(func(name string) string { return inv.brought[name] })
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
