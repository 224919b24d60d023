package tencent

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"snapferry/internal/cloud"

	tcerr "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
)

// An Error is a request that failed, or was not sent. Its text is one part of
// a sentence and never holds a credential:
//
//	list snapshots in ap-shanghai: RequestLimitExceeded: … (RequestId …)
type Error struct {
	Op      string // what was asked for: verb and object
	Region  string // where; "" where Op says it
	Code    string // the service's or the SDK's code; "" if there is none
	Message string // for people; text from outside is cleaned and cut
	// RequestID is what the service's support asks for; "" if no answer came.
	RequestID string
	// Err is what lies beneath: the context's error where that ended the
	// request, else the network's, else nil.
	Err error

	own cloud.Meaning // of what was not sent; 0: Code decides
}

// Error returns the sentence part.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.Region != "" {
		b.WriteString(" in " + e.Region)
	}
	for _, part := range []string{e.Code, e.Message} {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (RequestId %s)", e.RequestID)
	}
	return b.String()
}

// ErrorCode is Code, for those who ask by behaviour.
func (e *Error) ErrorCode() string { return e.Code }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Meaning says what the failure means for the work.
func (e *Error) Meaning() cloud.Meaning {
	if e.own != 0 {
		return e.own
	}
	return lookup(e.Code).Meaning
}

// Hint says in one line what the operator should do; "" if there is nothing.
func (e *Error) Hint() string {
	if e.own != 0 {
		return ""
	}
	return lookup(e.Code).Hint
}

// throttled reports whether the service refused to look at the request because
// too many came. It has four codes for that.
func (e *Error) throttled() bool { return firstPart(e.Code) == "RequestLimitExceeded" }

// mayPass reports whether the same question may get an answer next time.
func (e *Error) mayPass() bool {
	m := e.Meaning()
	return m == cloud.Later || m == cloud.MayHaveHappened
}

// The SDK's codes for answers that never came or can't be read.
const (
	clientError   = "ClientError"
	unreadable    = "ClientError.ParseJsonError"
	maxMessage    = 200
	maxCode       = 80
	maxRequestID  = 64
	shortestValue = 6 // shorter credentials are a test's; hiding them would garble text
)

// failure makes an Error of what the SDK returned.
func (c *Cloud) failure(ctx context.Context, t call, err error) *Error {
	e := t.err()
	e.Message = err.Error()
	var s *tcerr.TencentCloudSDKError
	if errors.As(err, &s) {
		e.Code, e.Message, e.RequestID = c.clean(s.Code, maxCode), s.Message, c.clean(s.RequestId, maxRequestID)
	}
	var u *url.Error
	if errors.As(err, &u) {
		e.Err, e.Message = u.Err, u.Err.Error()
	}
	switch answered := e.Code != "" && firstPart(e.Code) != clientError; {
	case answered:
		// What the service said counts, even if the time ended just then.
	case ctx.Err() != nil:
		// Asked of the context: for a reply cut off half-way the SDK's error
		// does not know it.
		e.Err, e.Message = ctx.Err(), "no answer: "+ctx.Err().Error()
	case errors.Is(err, context.DeadlineExceeded):
		// Our own limit for a reply. It must not look like the caller's.
		e.Err, e.Message = nil, fmt.Sprintf("no answer within %s", replyTime)
	}
	e.Message = c.clean(e.Message, maxMessage)
	return e
}

// notSent makes an Error of a request that stayed here.
func notSent(t call, m cloud.Meaning, err error) *Error {
	e := t.err()
	e.Err, e.own = err, m
	switch {
	case m == cloud.TooOld:
		e.Message = "not sent: what it relies on was observed too long ago"
	case err != nil:
		e.Message = "not sent: " + err.Error()
	default:
		e.Message = "not sent: the invocation's time is nearly up"
	}
	return e
}

// clean makes foreign text fit to print: one line without control characters,
// at most n bytes, and no credential, should a proxy echo the request.
func (c *Cloud) clean(s string, n int) string {
	for _, secret := range []string{c.o.Token, c.o.Key, c.o.ID} {
		if len(secret) >= shortestValue {
			s = strings.ReplaceAll(s, secret, "[hidden]")
		}
	}
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
