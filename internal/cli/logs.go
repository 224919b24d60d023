package cli

import (
	"context"
	"log/slog"
)

// logs makes loggers that write text to standard error. With LOG_LEVEL set, they
// write everything from that level on. Otherwise they write only warnings that the
// command does not print by itself.
func (a *app) logs(asJSON bool) func(slog.Level) *slog.Logger {
	chosen := a.Handler.Getenv("LOG_LEVEL") != ""
	return func(level slog.Level) *slog.Logger {
		if chosen {
			return slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: level}))
		}
		text := slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelWarn})
		return slog.New(notPrinted{text, !asJSON})
	}
}

// notPrinted drops the records that the command prints by itself: errors, and with
// a table also actions.
type notPrinted struct {
	slog.Handler
	table bool // a table shows the actions
}

// Handle implements slog.Handler.
func (n notPrinted) Handle(ctx context.Context, r slog.Record) error {
	action := false
	r.Attrs(func(attr slog.Attr) bool {
		action = action || attr.Key == "outcome"
		return !action
	})
	printed := r.Level >= slog.LevelError && r.Message != "panic"
	if action {
		printed = n.table
	}
	if printed {
		return nil
	}
	return n.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (n notPrinted) WithAttrs(attrs []slog.Attr) slog.Handler {
	return notPrinted{n.Handler.WithAttrs(attrs), n.table}
}

// WithGroup implements slog.Handler.
func (n notPrinted) WithGroup(name string) slog.Handler {
	return notPrinted{n.Handler.WithGroup(name), n.table}
}
