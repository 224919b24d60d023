// Package event decodes the payload of an invocation: audit records, timers,
// manual requests and HTTP requests.
//
// It promises that a decoded event has exactly one kind, that every region and
// id in it has a valid form, and that an error is one short line for any
// payload. Decoding takes memory in proportion to the payload. The package does
// not know the settings, and does not decide what to do about an event.
package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// A Kind is what triggered an invocation. Its text is the reply's "trigger".
type Kind string

// The kinds.
const (
	KindEventBridge Kind = "eventbridge" // CloudAudit records, one or a batch
	KindTimer       Kind = "timer"
	KindManual      Kind = "manual"  // an operator's request
	KindHTTP        Kind = "http"    // a function URL or API gateway
	KindConsole     Kind = "console" // the console's "Hello World" test event
)

// An Event is a decoded payload. Only the field of its Kind is set; a
// KindConsole event has none. Every region and id in it has the right form and
// may be passed to the API.
type Event struct {
	Kind    Kind
	Records []Record     // KindEventBridge: one for each event of the batch, in order, at least one
	Timer   *Timer       // KindTimer
	Manual  *Manual      // KindManual
	HTTP    *HTTPRequest // KindHTTP
}

// understood lists the kinds in the error about any other payload.
const understood = `EventBridge (specversion and data.eventName; single, {"EventList":[…]} or an array), ` +
	`CloudAudit record (eventName with eventSource or requestParameters), timer (Type "Timer"), ` +
	`manual (job, snapshotId or dryRun), HTTP (httpMethod with path or headers), console test (key1 and key2)`

const (
	// maxPayload is the most that the platform delivers: 6 MB with a
	// synchronous call, 128 KB with other calls.
	maxPayload = 6 << 20

	// MaxRecords is the most records in a batch. The same bound holds for every
	// list and object in a payload, and for the snapshots and disks that one
	// event may name. Without it, six megabytes could hold millions of small
	// elements, and each would take the memory of a record.
	MaxRecords = 10_000
)

// Decode reads the payload of an invocation. It accepts every shape in which the
// platform sends an event. A payload of no known kind, or of two kinds, is an
// error that says what was found. A bad record of a batch has its error in its
// own Err; the other records are not affected.
func Decode(raw []byte) (Event, error) {
	if len(raw) > maxPayload {
		return Event{}, fmt.Errorf("event has %d bytes, more than the %d allowed", len(raw), maxPayload)
	}
	raw = bytes.Trim(raw, blanks)
	if len(raw) == 0 {
		return Event{}, errors.New("event is empty")
	}
	if raw[0] == '[' {
		if list, err := split(raw); err == nil {
			return decodeArray(list)
		} else if errors.Is(err, errTooMany) {
			return Event{}, fmt.Errorf("event not understood: %w", err)
		}
	}
	if raw[0] == '{' && tooMany(raw) {
		return Event{}, fmt.Errorf("event not understood: an object of more than %d members", MaxRecords)
	}
	var top members
	if err := json.Unmarshal(raw, &top); err != nil || top == nil {
		return Event{}, notAnObject(raw, err)
	}
	kinds := top.kinds()
	switch {
	case len(kinds) == 0 && top.has("key1") && top.has("key2"):
		return Event{Kind: KindConsole}, nil
	case len(kinds) == 0:
		return Event{}, fmt.Errorf("event not understood: found %s; understood are %s", top.found(), understood)
	case len(kinds) > 1:
		return Event{}, fmt.Errorf("event is ambiguous: it looks like %s and like %s", kinds[0], kinds[1])
	}
	return decodeKind(kinds[0], top, raw)
}

func decodeKind(kind Kind, top members, raw []byte) (Event, error) {
	e := Event{Kind: kind}
	var err error
	switch kind {
	case KindEventBridge:
		e.Records, err = decodeRecords(top, raw)
	case KindTimer:
		e.Timer, err = decodeTimer(top)
	case KindManual:
		e.Manual, err = decodeManual(raw)
	case KindHTTP:
		e.HTTP, err = decodeHTTP(top)
	}
	if err != nil {
		return Event{}, fmt.Errorf("%s event: %w", kind, err)
	}
	return e, nil
}

// decodeArray decodes a bare array. Only EventBridge sends one, so at least
// one element must be an EventBridge event or a CloudAudit record.
func decodeArray(list []json.RawMessage) (Event, error) {
	records := decodeList(list)
	for _, element := range list {
		if m, ok := object(element); ok && (m.has("specversion") || m.isAudit()) {
			return Event{Kind: KindEventBridge, Records: records}, nil
		}
	}
	return Event{}, fmt.Errorf("event not understood: an array of %d elements, none of them an event; understood are %s",
		len(list), understood)
}

// notAnObject is the error about a payload that is neither an object nor an
// array.
func notAnObject(raw []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("event is not JSON: %w", err)
	}
	return fmt.Errorf("event not understood: found %s, not an object; understood are %s", quoteJSON(raw), understood)
}

// kinds returns every kind that the members fit, except KindConsole, which
// counts only if no other kind fits.
func (m members) kinds() []Kind {
	var out []Kind
	if m.has("specversion") || m.has("EventList") || m.isAudit() {
		out = append(out, KindEventBridge)
	}
	if kind, _ := text(m["Type"]); kind == "Timer" {
		out = append(out, KindTimer)
	}
	// Null counts here, so that the error names the field of the wrong type.
	_, job := m["job"]
	_, snapshot := m["snapshotId"]
	_, dryRun := m["dryRun"]
	if job || snapshot || dryRun {
		out = append(out, KindManual)
	}
	if m.has("httpMethod") && (m.has("path") || m.has("headers")) && !m.isAudit() {
		out = append(out, KindHTTP)
	}
	return out
}
