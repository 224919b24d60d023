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
	Op      string // the request: verb and object
	Region  string // where; "" if Op says it
	Code    string // the service's or the SDK's code; "" if there is none
	Message string // for people; text from outside is cleaned and cut
	// RequestID is what the vendor's support asks for; "" without an answer.
	RequestID string
	// Err is the cause: the context's error if that ended the request, else the
	// network's, else nil.
	Err error

	own         cloud.Meaning // of a request that was not sent, or where the code means something else than elsewhere; 0: Code decides
	hint        string        // beside own: what the operator should do
	permissions string        // Options.Permissions
}

// Error is the text.
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

// ErrorCode is Code, for packages that can't import this one.
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
	switch {
	case e.own != 0:
		return e.hint
	case errors.Is(e.Err, context.Canceled): // a person ended it
		return ""
	case errors.Is(e.Err, cloud.ErrIncomplete):
		return hintIncomplete
	}
	hint := lookup(e.Code).Hint
	if hint == hintPermission && e.permissions != "" {
		return hint + ": " + e.permissions + " prints what is needed"
	}
	return hint
}

// throttled reports whether the service did not process the request because of its
// rate limit. It has four codes for that.
func (e *Error) throttled() bool { return firstPart(e.Code) == "RequestLimitExceeded" }

// mayPass reports whether a repeat may succeed.
func (e *Error) mayPass() bool {
	m := e.Meaning()
	return m == cloud.Later || m == cloud.MayHaveHappened
}

// The SDK's codes for missing and unreadable answers.
const (
	clientError   = "ClientError"
	unreadable    = "ClientError.ParseJsonError"
	maxMessage    = 200
	maxCode       = 80
	maxRequestID  = 64
	maxForeign    = 4 << 10 // of a text, before credentials are searched in it
	shortestValue = 6       // shorter credentials exist only in tests; hiding them would damage the text
	shortestPart  = 8       // of a credential that is hidden
)

// failure makes an Error of what the SDK returned.
func (c *Cloud) failure(ctx context.Context, t call, err error) *Error {
	e := t.err()
	e.Message, e.permissions = err.Error(), c.o.Permissions
	var s *tcerr.TencentCloudSDKError
	if errors.As(err, &s) {
		// The SDK appends the body of an answer that is none. It is never shown: it
		// may echo a credential.
		message, _, _ := strings.Cut(s.Message, ", with body")
		e.Code, e.Message, e.RequestID = c.clean(s.Code, maxCode), message, c.clean(s.RequestId, maxRequestID)
	}
	var u *url.Error
	if errors.As(err, &u) {
		e.Err, e.Message = u.Err, u.Err.Error()
	}
	switch answered := e.Code != "" && firstPart(e.Code) != clientError; {
	case answered:
		// The service's answer counts, even if the time has just ended.
	case ctx.Err() != nil:
		// The SDK's error does not show this if the reply was cut off.
		e.Err, e.Message = ctx.Err(), "no answer: "+ctx.Err().Error()
	case errors.Is(err, context.DeadlineExceeded):
		// Our own limit for a reply, not the caller's deadline.
		e.Err, e.Message = nil, fmt.Sprintf("no answer within %s", replyTime)
	}
	e.Message = c.clean(e.Message, maxMessage)
	return e
}

// notSent makes an Error of a request that was not sent.
func notSent(t call, m cloud.Meaning, err error) *Error {
	e := t.err()
	e.Err, e.own = err, m
	switch {
	case m == cloud.TooOld:
		e.Message = "not sent: the observation behind it is too old"
	case err != nil:
		e.Message = "not sent: " + err.Error()
	default:
		e.Message = "not sent: the invocation's time is nearly up"
	}
	return e
}

// clean makes foreign text safe to print: one line without control characters, at
// most n bytes, and without credentials, because a proxy may repeat the request in
// its answer.
func (c *Cloud) clean(s string, n int) string {
	s = s[:min(len(s), maxForeign)]
	for _, secret := range []string{c.o.Token, c.o.Key, c.o.ID} {
		if len(secret) >= shortestValue {
			s = hide(s, secret)
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

// hide replaces every part of a secret in s that has at least shortestPart bytes,
// because a proxy may cut or escape what it repeats.
func hide(s, secret string) string {
	const hidden = "[hidden]"
	n := min(len(secret), shortestPart)
	for i := 0; i+n <= len(s); i++ {
		end := i + n
		if !strings.Contains(secret, s[i:end]) {
			continue
		}
		for end < len(s) && strings.Contains(secret, s[i:end+1]) {
			end++
		}
		s = s[:i] + hidden + s[end:]
		i += len(hidden) - 1
	}
	return s
}
