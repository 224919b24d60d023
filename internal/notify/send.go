package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"
)

const (
	// patience bounds all that is done for one message. firstPatience leaves time
	// for the second try, which begins after a pause.
	patience      = 2 * time.Second
	firstPatience = 1200 * time.Millisecond
	pause         = 100 * time.Millisecond
	// maxAnswer is far more than a robot answers.
	maxAnswer = 16 << 10
)

// A target is one address and what it is asked. Its errors have the name of the
// setting in place of the address.
type target struct {
	name, address string
	method        string
	body          []byte
	coded         bool // the answer is JSON with an error code
	transport     http.RoundTripper
}

// reach asks the target, a second time if the first try may have failed by chance.
//
// If the process dies here, it is unknown whether the message arrived. Another
// instance may send it again.
func (t *target) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	first, done := context.WithTimeout(ctx, firstPatience)
	again, err := t.try(first)
	if done(); !again {
		return err
	}
	select {
	case <-ctx.Done():
		return err
	case <-time.After(pause):
		_, err = t.try(ctx)
		return err
	}
}

// try asks once. again says that a second try may succeed.
func (t *target) try(ctx context.Context) (again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, t.method, t.address, bytes.NewReader(t.body))
	if err != nil {
		return false, fmt.Errorf("%s is not an address", t.name)
	}
	// The platform freezes the function between invocations, so a kept connection
	// may be dead when it is used again.
	req.Close = true
	req.Header.Set("User-Agent", "snapferry")
	if t.body != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	client := http.Client{Transport: t.transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return true, t.unreachable(err)
	}
	defer resp.Body.Close()
	switch s := resp.StatusCode; {
	case s >= 300 && s < 400:
		return false, fmt.Errorf("%s answered with a redirect (%d), which is not followed: set the final address", t.name, s)
	case s < 200 || s >= 400:
		return s >= 500 || s == http.StatusTooManyRequests, fmt.Errorf("%s answered %d %s", t.name, s, http.StatusText(s))
	case !t.coded:
		return false, nil
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return true, t.unreachable(err)
	}
	return false, t.refusal(answer)
}

// refusal is the error of a robot's answer; nil if the robot took the message. The
// robot answers 200 either way. Its text is not shown: it may repeat the address.
func (t *target) refusal(answer []byte) error {
	var a struct {
		Errcode    *int // WeCom, DingTalk
		Code       *int // Feishu
		StatusCode *int // Feishu, formerly
	}
	if err := json.Unmarshal(answer, &a); err != nil || a.Errcode == nil && a.Code == nil && a.StatusCode == nil {
		return fmt.Errorf("%s gave an answer that is not its robot's, so it is unknown whether the message arrived", t.name)
	}
	for _, code := range []*int{a.Errcode, a.Code, a.StatusCode} {
		if code == nil || *code == 0 {
			continue
		}
		hint := "the robot's documents explain it"
		switch *code {
		case 310000, 19021, 19024: // DingTalk: keyword or signature; Feishu: signature; Feishu: keyword
			hint = `in the robot's security settings add the keyword "snapferry", or write its signing secret behind a # at the end of the address`
		}
		return fmt.Errorf("%s refused the message with code %d: %s", t.name, *code, hint)
	}
	return nil
}

// unreachable is the error of a request without an answer. The errors of net/http
// hold the address, so only their kind is told.
func (t *target) unreachable(err error) error {
	var (
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
		errno   syscall.Errno
		timeout net.Error
	)
	switch {
	case errors.As(err, &dns) && !dns.IsTimeout:
		return fmt.Errorf("%s has a host that can't be resolved: check the address, and whether the function has access to the Internet", t.name)
	case errors.As(err, &cert):
		return fmt.Errorf("%s has a certificate that is not accepted", t.name)
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s was not reached before the run ended: %w", t.name, context.Canceled)
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("%s did not answer in time: %w", t.name, context.DeadlineExceeded)
	case errors.As(err, &errno):
		return fmt.Errorf("%s can't be reached: %w", t.name, errno)
	}
	return fmt.Errorf("%s can't be reached: the connection failed", t.name)
}
