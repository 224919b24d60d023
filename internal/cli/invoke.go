package cli

import (
	"errors"
	"fmt"
	"io"
	"os"

	"snapferry/handler"
	"snapferry/internal/event"
)

type invokeCommand struct {
	Event string `arg:"" name:"event.json" help:"File with the event; - is standard input."`
	JSON  bool   `name:"json" help:"Print the reply as one line of JSON, as it always does."`
}

// maxEvent is the most that the platform delivers (6 MB).
const maxEvent = 6 << 20

// Run gives the event to the handler. If the job reports a failure, its reply is
// printed too; the function itself would return only the error.
func (c *invokeCommand) Run(a *app) error {
	raw, err := c.read(a.Stdin)
	if err != nil {
		return misuse{fmt.Errorf("read the event: %w", err)}
	}
	e, err := event.Decode(raw)
	if err != nil {
		return err
	}
	h, finish := a.handler(true)
	defer finish()
	if e.Kind == event.KindHTTP {
		out, err := h.Invoke(a.ctx, raw)
		finish()
		if err == nil {
			a.out.line("%s", out)
		}
		return err
	}
	reply, err := h.Run(a.ctx, e)
	finish()
	var failed *handler.Failure
	if err != nil && !errors.As(err, &failed) {
		return err
	}
	return errors.Join(err, a.printJSON(reply), a.interrupted())
}

func (c *invokeCommand) read(stdin io.Reader) ([]byte, error) {
	in := stdin
	if c.Event != "-" {
		f, err := os.Open(c.Event)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }() // it was only read
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxEvent+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxEvent {
		return nil, fmt.Errorf("it has more than %d bytes", maxEvent)
	}
	return raw, nil
}
