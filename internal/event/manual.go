package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"snapferry/internal/cloud"
)

// A Manual is an operator's request. The zero value asks for nothing special:
// the job of the settings, in all regions.
type Manual struct {
	Job cloud.Job `json:"job,omitempty"` // "" for the JOB setting; Copy if there is a snapshot and no job

	SnapshotID    string   `json:"snapshotId,omitempty"`    // "" for all
	SourceRegion  string   `json:"sourceRegion,omitempty"`  // "" for all
	TargetRegions []string `json:"targetRegions,omitempty"` // nil for the TARGET_REGIONS setting; no duplicates

	DryRun *bool `json:"dryRun,omitempty"` // nil for the DRY_RUN setting
	Force  bool  `json:"force,omitempty"`  // switches the guard against mass deletion off
}

// manualFields names the fields in the error about any other field.
const manualFields = "job, snapshotId, sourceRegion, targetRegions, dryRun, force"

// A Timer is the platform's timer event.
type Timer struct {
	Name    string    // of the trigger
	Time    time.Time // when it was due; zero if the event does not say
	Request Manual    // what its Message asks for
}

// decodeManual reads a request, which must be an object. It is strict, because a
// person wrote the request and a typing error must not start other work.
func decodeManual(raw []byte) (*Manual, error) {
	if !json.Valid(raw) {
		return nil, fmt.Errorf("%s is not JSON", quote(string(raw)))
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil { // the opening brace
		return nil, err
	}
	var m Manual
	seen := map[string]bool{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		if seen[name] {
			return nil, fmt.Errorf("%s appears twice", quote(name))
		}
		seen[name] = true
		if err := m.set(name, value); err != nil {
			return nil, err
		}
	}
	if m.SnapshotID != "" && m.Job == "" {
		m.Job = cloud.Copy
	}
	return &m, nil
}

// set reads one field.
func (m *Manual) set(name string, raw json.RawMessage) (err error) {
	switch name {
	case "job":
		var job string
		job, err = field(name, raw, cloud.IsJob, "one of "+cloud.JobNames())
		m.Job = cloud.Job(job)
	case "snapshotId":
		m.SnapshotID, err = field(name, raw, cloud.IsSnapshotID, "a snapshot id such as snap-ckgjwkqh")
	case "sourceRegion":
		m.SourceRegion, err = field(name, raw, cloud.IsRegion, "a region such as ap-guangzhou")
	case "targetRegions":
		m.TargetRegions, err = regions(name, raw)
	case "dryRun":
		m.DryRun = new(bool)
		*m.DryRun, err = boolean(name, raw)
	case "force":
		m.Force, err = boolean(name, raw)
	default:
		return fmt.Errorf("unknown field %s: the fields are %s", quote(name), manualFields)
	}
	return err
}

// field reads a text of a certain form.
func field(name string, raw json.RawMessage, valid func(string) bool, want string) (string, error) {
	s, ok := text(raw)
	if !ok {
		return "", fmt.Errorf("%s: %s is not a text: it must be %s", name, quoteJSON(raw), want)
	}
	if !valid(s) {
		return "", fmt.Errorf("%s: %s is not %s", name, quote(s), want)
	}
	return s, nil
}

// boolean reads true or false.
func boolean(name string, raw json.RawMessage) (bool, error) {
	switch string(raw) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("%s: %s is not the JSON value true or false", name, quoteJSON(raw))
}

// maxRegions is several times the number of regions. Each region costs requests.
const maxRegions = 100

// regions reads a list of regions and drops duplicates. An empty list is
// refused, because it could mean all regions or none.
func regions(name string, raw json.RawMessage) ([]string, error) {
	list, err := split(raw)
	switch {
	case errors.Is(err, errTooMany) || len(list) > maxRegions:
		return nil, fmt.Errorf("%s names more than %d regions: more than there are", name, maxRegions)
	case err != nil:
		return nil, fmt.Errorf("%s: %s is not a list of regions", name, quoteJSON(raw))
	case len(list) == 0:
		return nil, fmt.Errorf("%s is empty: name regions, or leave it out", name)
	}
	var out []string
	seen := map[string]bool{}
	for _, element := range list {
		region, err := field(name, element, cloud.IsRegion, "a region such as ap-beijing")
		if err != nil {
			return nil, err
		}
		if !seen[region] {
			seen[region] = true
			out = append(out, region)
		}
	}
	return out, nil
}

// decodeTimer reads a timer event. Only its Message can be wrong; the other
// fields are for the log.
func decodeTimer(top members) (*Timer, error) {
	request := new(Manual)
	if top.has("Message") {
		var err error
		if request, err = decodeMessage(top["Message"]); err != nil {
			return nil, fmt.Errorf("its Message: %w", err)
		}
	}
	at, _ := time.Parse(time.RFC3339, scalar(top["Time"]))
	return &Timer{Name: cut(scalar(top["TriggerName"])), Time: at, Request: *request}, nil
}

const (
	// maxWraps is how many times a message may be encoded as a JSON string.
	// Some tools that deploy triggers encode it once too often.
	maxWraps = 3

	// maxMessage is more than any request takes.
	maxMessage = 64 << 10
)

// decodeMessage reads a job's name, a request as JSON, or nothing.
func decodeMessage(raw json.RawMessage) (*Manual, error) {
	if len(raw) > maxMessage {
		return nil, fmt.Errorf("it has %d bytes, more than the %d allowed", len(raw), maxMessage)
	}
	message := strings.TrimSpace(string(raw))
	for range maxWraps {
		if s, ok := text(json.RawMessage(message)); ok {
			message = strings.TrimSpace(s)
		}
	}
	switch {
	case message == "":
		return new(Manual), nil
	case message[0] == '{':
		return decodeManual([]byte(message))
	case !cloud.IsJob(message):
		return nil, fmt.Errorf("%s is neither a job nor a request: the jobs are %s", quote(message), cloud.JobNames())
	}
	return &Manual{Job: cloud.Job(message)}, nil
}
