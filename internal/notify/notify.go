// Package notify tells people what newly goes wrong and what is well again, and
// tells a dead man's switch that all is well.
//
// It promises:
//
//   - One message a run at most, the worst first. What is new or well again is told
//     at once. What was told is not repeated for six hours (Memory).
//   - A message has the form and the size that the robot takes. No text of a user
//     can break the form or mention people.
//   - A webhook that fails or hangs costs two seconds at most, with one repeat. What
//     could not be told is told by the next run.
//   - No address is in an error: whoever knows it can write to the robot. No redirect
//     is followed.
//
// It does not decide what is wrong: plan does. It does not log.
package notify

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"snapferry/internal/settings"
)

// A Webhook is where the messages of one invocation go.
type Webhook struct {
	// URL is NOTIFY_URL. Its host tells the form of the message. A fragment is
	// the signing secret of a DingTalk or Feishu robot:
	// https://oapi.dingtalk.com/robot/send?access_token=…#SEC… If it is "",
	// nobody is told.
	URL settings.Secret
	// Language of the message: "zh", else English.
	Language string
	// Zone is where people are shown times; nil is UTC.
	Zone *time.Location
	// Transport sends the requests; nil is http.DefaultTransport.
	Transport http.RoundTripper
}

// Tell sends one message if the run has something to tell, and notes in m what was
// told. It takes at most two seconds and ends earlier with ctx. Call it at the end of
// the run, and log its error: it is no reason to fail the run.
//
// If the process dies before the note, another instance tells it again.
func (w *Webhook) Tell(ctx context.Context, now time.Time, m *Memory, r Run) error {
	if w.URL == "" {
		return nil
	}
	d, news := m.digest(now, &r)
	if !news {
		return nil
	}
	to := target{name: "NOTIFY_URL", method: http.MethodPost, transport: w.Transport, address: w.URL.Reveal()}
	if u, err := url.Parse(to.address); err == nil { // else reach says what is wrong
		msg := message{digest: &d, language: w.Language, zone: w.Zone, secret: u.Fragment, at: now}
		u.Fragment, u.RawFragment = "", ""
		f := formOf(u.Hostname())
		if f.signURL != nil && msg.secret != "" {
			u.RawQuery += f.signURL(&msg)
		}
		to.address, to.body, to.coded = u.String(), f.fit(&msg), f.coded
	}
	if err := to.reach(ctx); err != nil {
		return err
	}
	m.noteTold(now, &d)
	return nil
}

// Beat asks a heartbeat address (GET), so that whoever watches it does not ring. Call
// it only after a run that saw every region and found every disk protected, copying
// or gone. An address of "" is not asked. Time, repeats and secrecy are those of Tell.
func Beat(ctx context.Context, address settings.Secret, transport http.RoundTripper) error {
	if address == "" {
		return nil
	}
	to := target{name: "HEARTBEAT_URL", method: http.MethodGet, transport: transport, address: address.Reveal()}
	return to.reach(ctx)
}
