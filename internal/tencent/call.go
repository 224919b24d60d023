package tencent

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"snapferry/internal/cloud"

	"github.com/cenkalti/backoff/v5"
	tcerr "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
)

// A call is one question to the service, however often it is sent.
type call struct {
	op     string // verb and object, for errors
	region string // where it is sent; "" for services without regions
	// once marks what must not happen twice: it is sent again only after an
	// answer that says that the service did not look at it.
	once  bool
	while cloud.While // what it relies on
	named bool        // op names the region: errors don't add it
}

// err begins the error of a call.
func (t call) err() *Error {
	if t.named {
		return &Error{Op: t.op}
	}
	return &Error{Op: t.op, Region: t.region}
}

// unclear is the error of an answer that does not say what was asked for.
func (t call) unclear(what string) *Error {
	e := t.err()
	e.Code, e.Message = unreadable, what
	return e
}

// An envelope is how every answer comes. Response is nil where what came is
// not an answer of the service, whatever its JSON is.
type envelope[T any] struct {
	tchttp.BaseResponse `json:"-"`
	Response            *T

	text *bytes.Buffer // filled by guardedTransport
}

// ParseErrorFromHTTPResponse parses the answer, once, or returns the service's
// error in either of its forms. It shadows the SDK's, which reads every answer
// into memory again and parses it three times: for a list of a large region
// that took more time and memory than everything else.
func (e *envelope[T]) ParseErrorFromHTTPResponse([]byte) error {
	text := e.text.Bytes()
	if bytes.Contains(text, []byte(`"Error"`)) || bytes.Contains(text, []byte(`"codeDesc"`)) {
		if err := e.BaseResponse.ParseErrorFromHTTPResponse(text); err != nil {
			return err
		}
	}
	var answer struct{ Response *T }
	if err := json.Unmarshal(text, &answer); err != nil {
		// What came is not shown: it may echo a credential.
		return tcerr.NewTencentCloudSDKError(unreadable, "the answer is no JSON of the service: "+err.Error(), "")
	}
	e.Response = answer.Response
	return nil
}

const (
	// maxTries bounds what is asked again after an error. More is left to the
	// next run, which asks everything again anyway.
	maxTries = 4
	// maxThrottled bounds what is asked again because the service was asked
	// too often: that passes, so the time that is left is the true bound.
	maxThrottled = 30

	firstPause   = 250 * time.Millisecond
	longestPause = 5 * time.Second
)

// do sends what build makes, a new one for each try, and returns the answer.
// The error, if any, is an *Error.
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

// sendOnce sends a request once. Dying after it is the same as a lost reply: the
// next run sees in the cloud what came of it.
func sendOnce[T any](ctx context.Context, c *Cloud, t call, req tchttp.Request) (*T, *Error) {
	text := texts.Get().(*bytes.Buffer)
	text.Reset()
	defer texts.Put(text) // what was parsed holds copies
	req.SetContext(context.WithValue(ctx, textKey{}, text))
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

// waitToSend waits for the pace and says why the request must not be sent after
// all; nil if it must be sent at once.
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
	case err != nil: // the wait's own limit, a moment before the clock says so
		if end, _ := c.end(t); end.Equal(t.while.Until) {
			return notSent(t, cloud.TooOld, nil)
		}
		return notSent(t, cloud.OutOfTime, nil)
	}
	return nil
}

// pause sleeps before a repeat, between half of d and d, so that runs which
// were refused together don't come back together. It returns at once, with
// the reason, if the time would be up afterwards.
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

// end is when the call must have begun; false if there is no such time.
func (c *Cloud) end(t call) (time.Time, bool) {
	end := c.o.Cutoff
	if end.IsZero() || (!t.while.Until.IsZero() && t.while.Until.Before(end)) {
		end = t.while.Until
	}
	return end, !end.IsZero()
}

// past reports whether a time will have come after d. The zero time never comes.
func (c *Cloud) past(at time.Time, d time.Duration) bool {
	return !at.IsZero() && !c.o.Now().Add(d).Before(at)
}

// mostUseful returns the error to report when no further attempt is made:
// TooOld, because the caller can observe again, else the last real answer.
func mostUseful(e, last *Error) *Error {
	if last == nil || e.own == cloud.TooOld {
		return e
	}
	if e.Err != nil {
		last.Err = e.Err
	}
	return last
}
