package cli

import (
	"context"
	"log/slog"
)

// logs makes loggers that write text to standard error. With LOG_LEVEL set
// everything from that level on is logged. Without it warnings are, unless the
// command prints the same itself: errors and the reply always, single actions
// in the table.
func (a *app) logs(asJSON bool) func(slog.Level) *slog.Logger {
	chosen := a.Handler.Getenv("LOG_LEVEL") != ""
	return func(level slog.Level) *slog.Logger {
		if chosen {
			return slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: level}))
		}
		text := slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelWarn})
		return slog.New(unsaid{text, !asJSON})
	}
}

// unsaid lets only those records pass that the command does not print itself.
type unsaid struct {
	slog.Handler
	table bool // a table shows the actions
}

// Handle implements slog.Handler.
func (u unsaid) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError && r.Message != "panic" {
		return nil
	}
	action := false
	r.Attrs(func(attr slog.Attr) bool {
		action = action || attr.Key == "outcome"
		return !action
	})
	if action && u.table {
		return nil
	}
	return u.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (u unsaid) WithAttrs(attrs []slog.Attr) slog.Handler {
	return unsaid{u.Handler.WithAttrs(attrs), u.table}
}

// WithGroup implements slog.Handler.
func (u unsaid) WithGroup(name string) slog.Handler {
	return unsaid{u.Handler.WithGroup(name), u.table}
}
