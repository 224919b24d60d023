package handler

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// A Kind is what triggered an invocation. Its text is the reply's "trigger".
type Kind string

// The kinds of trigger.
const (
	KindEventBridge Kind = "eventbridge" // CloudAudit records, one or a batch
	KindTimer       Kind = "timer"
	KindManual      Kind = "manual"  // an operator's request
	KindHTTP        Kind = "http"    // a function URL or API gateway
	KindConsole     Kind = "console" // the console's "Hello World" test event
)

// An Event is a decoded trigger. Exactly the field of its Kind is set; a
// KindConsole event has none. Every region and every id in it has the form of
// one, so that it may be passed to the API.
type Event struct {
	Kind    Kind
	Records []Record     // KindEventBridge: one for each event of the batch, in order, at least one
	Timer   *Timer       // KindTimer
	Manual  *Manual      // KindManual
	HTTP    *HTTPRequest // KindHTTP
}

// understood lists the kinds for an operator who sent something else.
const understood = `EventBridge (specversion and data.eventName; single, {"EventList":[…]} or an array), ` +
	`timer (Type "Timer"), manual (job, snapshotId or dryRun), HTTP (httpMethod), console test (key1 and key2)`

// maxPayload is more than the platform ever delivers: 6 MB for a synchronous
// call, 128 KB for the others.
const maxPayload = 6 << 20

// Decode reads the payload of an invocation. It is tolerant of shape, since
// the platform's events come in several, and strict on kind: a payload of no
// known kind, or of two at once, is an error that says what was found. A bad
// record in a batch is no error here: its own Err has it, and the others stay
// good. Errors are one line, whatever is in the payload.
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
	if raw[0] == '{' && crowded(raw) {
		return Event{}, fmt.Errorf("event not understood: an object of more than %d members", maxRecords)
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

// decodeArray decodes a bare array, which only EventBridge sends. It must hold
// at least one of its events: any other array is somebody's mistake.
func decodeArray(list []json.RawMessage) (Event, error) {
	records := decodeList(list)
	for _, element := range list {
		if m, ok := object(element); ok && m.has("specversion") {
			return Event{Kind: KindEventBridge, Records: records}, nil
		}
	}
	return Event{}, fmt.Errorf("event not understood: an array of %d elements, none with specversion; understood are %s",
		len(list), understood)
}

// notAnObject says what a payload is that is neither an object nor an array.
func notAnObject(raw []byte, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("event is not JSON: %w", err)
	}
	return fmt.Errorf("event not understood: found %s, not an object; understood are %s", quoteJSON(raw), understood)
}

// kinds returns every kind the members are typical of, the console's apart,
// which is one only where nothing else is.
func (m members) kinds() []Kind {
	var out []Kind
	if m.has("specversion") || m.has("EventList") {
		out = append(out, KindEventBridge)
	}
	if kind, _ := text(m["Type"]); kind == "Timer" {
		out = append(out, KindTimer)
	}
	// Null counts here: a request with a field of the wrong type is told so.
	_, job := m["job"]
	_, snapshot := m["snapshotId"]
	_, dryRun := m["dryRun"]
	if job || snapshot || dryRun {
		out = append(out, KindManual)
	}
	if m.has("httpMethod") {
		out = append(out, KindHTTP)
	}
	return out
}
