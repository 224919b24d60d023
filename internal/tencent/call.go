package tencent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"snapferry/internal/cloud"

	"github.com/cenkalti/backoff/v5"
	tcerr "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
)

// A call is one request to the service with all its repeats.
type call struct {
	op     string // verb and object, for errors
	region string // the region that it is sent to; "" for services without regions
	// once marks a request that must not be processed twice. It is repeated only
	// if the service says that it did not process it.
	once  bool
	while cloud.While // the condition of a write
	named bool        // op names the region, so errors don't add it
}

// err begins the error of a call.
func (t call) err() *Error {
	if t.named {
		return &Error{Op: t.op}
	}
	return &Error{Op: t.op, Region: t.region}
}

// unclear is the error of an answer without the requested data.
func (t call) unclear(what string) *Error {
	e := t.err()
	e.Code, e.Message = unreadable, what
	return e
}

// incomplete is the error of a list that did not become whole.
func (t call) incomplete(seen, total, times int) *Error {
	e := t.err()
	e.Err = cloud.ErrIncomplete
	if e.Message = fmt.Sprintf("%v: %d of %d rows after reading it %d times", e.Err, seen, total, times); seen >= total {
		e.Message = fmt.Sprintf("%v: it changed while it was read %d times", e.Err, times)
	}
	return e
}

// An envelope is the outer object of every answer. Response is nil if the JSON is
// not an answer of the service.
type envelope[T any] struct {
	tchttp.BaseResponse `json:"-"`
	Response            *T

	text *bytes.Buffer // filled by guardedTransport
}

// ParseErrorFromHTTPResponse parses the answer once, or returns the service's
// error, which has two forms. It replaces the SDK's method, which copies every
// answer and parses it three times. For the list of a large region that took more
// time and memory than everything else.
func (e *envelope[T]) ParseErrorFromHTTPResponse([]byte) error {
	text := e.text.Bytes()
	if bytes.Contains(text, []byte(`"Error"`)) || bytes.Contains(text, []byte(`"codeDesc"`)) {
		err := e.BaseResponse.ParseErrorFromHTTPResponse(text)
		var s *tcerr.TencentCloudSDKError
		switch {
		case errors.As(err, &s) && s.Code == unreadable:
			return notJSON(text) // the SDK's error quotes the answer
		case err != nil:
			return err
		}
	}
	var answer struct{ Response *T }
	if err := json.Unmarshal(text, &answer); err != nil {
		return notJSON(text)
	}
	e.Response = answer.Response
	return nil
}

// notJSON is the error of an answer that can't be parsed. It shows nothing of the
// answer, which may repeat a credential in any form.
func notJSON(text []byte) error {
	return tcerr.NewTencentCloudSDKError(unreadable, fmt.Sprintf("the answer of %d bytes is not the service's JSON", len(text)), "")
}

const (
	// maxTries bounds how often a request is sent if errors follow. The next run
	// reads everything again anyway.
	maxTries = 4
	// maxThrottled bounds the repeats after rate limit errors. It is high, because
	// these errors pass; the invocation's time usually ends first.
	maxThrottled = 30

	firstPause   = 250 * time.Millisecond
	longestPause = 5 * time.Second
)

// do sends a request and returns the answer. build makes a new request for each
// try. An error is an *Error.
func do[T any](ctx context.Context, c *Cloud, t call, build func() tchttp.Request) (*T, error) {
	pauses := backoff.ExponentialBackOff{InitialInterval: firstPause, Multiplier: 2, MaxInterval: longestPause}
	var last *Error
	for failed, throttled := 0, 0; ; {
		req := build()
		if e := c.waitToSend(ctx, t, rateKey{req.GetService(), req.GetAction(), t.region}); e != nil {
			return nil, mostUseful(e, last)
		}
		answer, e := sendOnce[T](ctx, c, t, req)
		if e == nil {
			return answer, nil
		}
		last = e
		switch {
		case ctx.Err() != nil:
			return nil, last
		case e.throttled():
			throttled++
		case !t.once && e.mayPass():
			failed++
		default:
			return nil, last
		}
		if failed == maxTries || throttled == maxThrottled {
			return nil, last
		}
		if e := c.pause(ctx, t, pauses.NextBackOff()); e != nil {
			return nil, mostUseful(e, last)
		}
	}
}

// sendOnce sends a request once. If the process dies after it, the next run sees
// the result in the cloud, as after a lost reply.
func sendOnce[T any](ctx context.Context, c *Cloud, t call, req tchttp.Request) (*T, *Error) {
	text := buffers.Get().(*bytes.Buffer)
	text.Reset()
	defer buffers.Put(text) // parsed values are copies
	req.SetContext(context.WithValue(ctx, bufferKey{}, text))
	got := envelope[T]{text: text}
	client := c.client(req.GetService(), t.region)
	c.calls.Add(1)
	if err := client.Send(req, &got); err != nil {
		return nil, c.failure(ctx, t, err)
	}
	if got.Response == nil {
		return nil, t.unclear("the answer has no Response")
	}
	return got.Response, nil
}

// waitToSend waits for the rate limit. It returns nil if the request must be sent
// now, or the reason why it must not be sent.
func (c *Cloud) waitToSend(ctx context.Context, t call, key rateKey) *Error {
	wait := ctx
	if end, ok := c.end(t); ok {
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeout(ctx, end.Sub(c.o.Now()))
		defer cancel()
	}
	err := c.o.Pacer.wait(wait, key)
	switch {
	case ctx.Err() != nil:
		return notSent(t, cloud.OutOfTime, ctx.Err())
	case c.past(c.o.Cutoff, 0):
		return notSent(t, cloud.OutOfTime, nil)
	case c.past(t.while.Until, 0), t.while.Holds != nil && !t.while.Holds():
		return notSent(t, cloud.TooOld, nil)
	case err != nil: // the wait's timer ended a moment before the clock
		if end, _ := c.end(t); end.Equal(t.while.Until) {
			return notSent(t, cloud.TooOld, nil)
		}
		return notSent(t, cloud.OutOfTime, nil)
	}
	return nil
}

// pause sleeps before a repeat, between half of d and d: the random part separates
// runs that were refused at the same time. If the time would be up after the
// pause, it returns the reason at once.
func (c *Cloud) pause(ctx context.Context, t call, d time.Duration) *Error {
	d = d/2 + time.Duration(c.o.Jitter()*float64(d/2))
	deadline, ok := ctx.Deadline()
	switch {
	case c.past(c.o.Cutoff, d), ok && time.Until(deadline) <= d:
		return notSent(t, cloud.OutOfTime, nil)
	case c.past(t.while.Until, d):
		return notSent(t, cloud.TooOld, nil)
	}
	if err := sleep(ctx, d); err != nil {
		return notSent(t, cloud.OutOfTime, err)
	}
	return nil
}

// end is the latest time to send the call; false if there is none.
func (c *Cloud) end(t call) (time.Time, bool) {
	end := c.o.Cutoff
	if end.IsZero() || (!t.while.Until.IsZero() && t.while.Until.Before(end)) {
		end = t.while.Until
	}
	return end, !end.IsZero()
}

// past reports whether a time will be past after d. The zero time is never past.
func (c *Cloud) past(at time.Time, d time.Duration) bool {
	return !at.IsZero() && !c.o.Now().Add(d).Before(at)
}

// mostUseful returns the error to report if the request is not sent again: TooOld,
// because the caller can then observe again, else the last answer.
func mostUseful(e, last *Error) *Error {
	if last == nil || e.own == cloud.TooOld {
		return e
	}
	if e.Err != nil {
		last.Err = e.Err
	}
	return last
}
