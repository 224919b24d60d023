package handler

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"snapferry/internal/cloud"
)

// A Record is what one CloudAudit record asks for. Exactly one of Snapshots,
// Disks, Ignored and Err is set.
type Record struct {
	ID     string // the event's, as it came, shortened; not unique: events come twice
	Action string // eventName, as it came, shortened

	// Region is where the call was made, which need not be the function's
	// region. It may be "" where Ignored or Err is set.
	Region string

	// Snapshots are those the call made, probably still CREATING.
	Snapshots []string

	// Disks are those the call made snapshots of without saying which.
	Disks []string

	// DiskHint is the disk of the only snapshot, where the record tells; it
	// asks for nothing.
	DiskHint string

	// Ignored is the reason why the record asks for nothing.
	Ignored string

	// Err says why the record can't be used.
	Err error
}

// decodeRecords decodes a single event or an EventList.
func decodeRecords(top members, raw []byte) ([]Record, error) {
	if !top.has("EventList") {
		return []Record{decodeRecord(raw)}, nil
	}
	list, err := split(top["EventList"])
	if errors.Is(err, errTooMany) {
		return nil, fmt.Errorf("EventList: %w", err)
	} else if err != nil {
		return nil, errors.New("EventList is not a list")
	}
	if len(list) == 0 {
		return nil, errors.New("EventList is empty")
	}
	return decodeList(list), nil
}

// maxRecords is the most that batch delivery puts into one event. A list, or an
// object, of millions of trifles fits into an event too; it is refused before it
// takes a record's memory for each.
const maxRecords = 10_000

var errTooMany = fmt.Errorf("a list of more than %d elements", maxRecords)

// split takes a list apart.
func split(raw json.RawMessage) ([]json.RawMessage, error) {
	raw = bytes.TrimLeft(raw, blanks)
	if len(raw) == 0 || raw[0] != '[' || !json.Valid(raw) {
		return nil, errors.New("not a list")
	}
	if crowded(raw) {
		return nil, errTooMany
	}
	var list []json.RawMessage
	err := json.Unmarshal(raw, &list)
	return list, err
}

func decodeList(list []json.RawMessage) []Record {
	records := make([]Record, len(list))
	for i, element := range list {
		records[i] = decodeRecord(element)
	}
	return records
}

// decodeRecord decodes one event of a batch; whatever is wrong with it is in
// the record's Err.
func decodeRecord(raw json.RawMessage) Record {
	event, ok := object(raw)
	if !ok {
		return Record{Err: fmt.Errorf("record %s is not an object", quoteJSON(raw))}
	}
	r := Record{ID: cut(scalar(event["id"]))}
	if !event.has("specversion") {
		r.Err = fmt.Errorf("record has no specversion: found %s", event.found())
		return r
	}
	if product := foreign(event); product != "" {
		r.Ignored = fmt.Sprintf("it is about %s, not about disks", quote(product))
		return r
	}
	data, ok := object(event["data"])
	if !ok {
		r.Err = fmt.Errorf("data is not an object, so this is no CloudAudit record: found %s", event.found())
		return r
	}
	action, ok := text(data["eventName"])
	if !ok || action == "" {
		r.Err = fmt.Errorf("data has no eventName, so this is no CloudAudit record: found %s", data.found())
		return r
	}
	r.Action = cut(action)
	r.fill(event, data, action)
	return r
}

// fill takes from a well-formed record what it asks for.
func (r *Record) fill(event, data members, action string) {
	where, err := region(event, data)
	r.Region = where
	if action != "CreateSnapshot" && action != "CreateSnapshotGroup" {
		r.Ignored = fmt.Sprintf("%s makes no snapshot", quote(action))
		return
	}
	response := payload(data["responseElements"])
	if failed := failure(data, response); failed != "" {
		r.Ignored = "the call failed: " + failed
		return
	}
	if err != nil {
		r.Err = err
		return
	}
	r.Err = r.take(response, payload(data["requestParameters"]))
}

// take finds the snapshots in the response, else the disks in the request.
func (r *Record) take(response, request members) error {
	snapshots, err := ids(response, cloud.IsSnapshotID, "snapshot", "SnapshotId", "SnapshotIds", "SnapshotIdSet", "SnapshotSet")
	if err != nil {
		return err
	}
	disks, err := ids(request, cloud.IsDiskID, "disk", "DiskId", "DiskIds", "DiskIdSet")
	switch {
	case len(snapshots) > 0:
		r.Snapshots = snapshots
		if len(snapshots) == 1 && len(disks) == 1 {
			r.DiskHint = disks[0]
		}
		// A bad disk id does no harm here: the snapshots are known.
	case err != nil:
		return err
	case len(disks) > 0:
		r.Disks = disks
	default:
		r.Ignored = "it names neither a snapshot nor a disk; the timer's sweep will find what it made"
	}
	return nil
}

// foreign returns the product an event is about, "" for block storage. Where
// neither source nor type tells, the action's name has to do.
func foreign(event members) string {
	source, _ := text(event["source"])
	kind, _ := text(event["type"])
	source, _, _ = strings.Cut(source, ".")
	kind, _, _ = strings.Cut(kind, ":")
	for _, product := range []string{source, kind} {
		if p := strings.ToLower(product); p != "" && p != "cbs" && p != "cvm" {
			return product
		}
	}
	return ""
}

// payload reads requestParameters or responseElements: an object or a string
// that holds one, with or without a Response around it. Anything else, such as
// a record cut off in the middle, is as good as empty: the disks, or the timer's
// sweep, lead to the same snapshots.
func payload(raw json.RawMessage) members {
	m, _ := object(raw)
	if inner, ok := object(m["Response"]); ok {
		return inner
	}
	return m
}

// failure says why a call failed, "" if it did not.
func failure(data, response members) string {
	for _, key := range []string{"apiErrorCode", "errorCode"} {
		if code := scalar(data[key]); !isSuccess(code) {
			return key + " " + quote(code)
		}
	}
	if e, ok := object(response["Error"]); ok {
		return "the response has the error " + quote(scalar(e["Code"]))
	}
	return ""
}

// isSuccess knows the ways to write "no error": nothing, and zero as a number
// or as text.
func isSuccess(code string) bool {
	n, err := strconv.ParseFloat(code, 64)
	return code == "" || err == nil && n == 0
}

// region finds where the call was made: in the record itself, in the event
// around it, or in the name of the resource.
func region(event, data members) (string, error) {
	for _, raw := range []json.RawMessage{data["eventRegion"], event["region"]} {
		name := scalar(raw)
		switch {
		case name == "":
		case !cloud.IsRegion(name):
			return "", fmt.Errorf("%s is not a region", quote(name))
		default:
			return name, nil
		}
	}
	for _, raw := range []json.RawMessage{event["subject"], event["subjuect"], event["resource"], data["resourceName"]} {
		for _, name := range elements(raw) {
			if region := regionOf(scalar(name)); region != "" {
				return region, nil
			}
		}
	}
	return "", errors.New("the record names no region")
}

// regionOf returns the region in qcs::cvm:<region>:uin/<account>:snapshot/<id>.
// The name must be of block storage: those of the event bus and its rules stand
// beside it, and name the bus's region.
func regionOf(resource string) string {
	parts := strings.Split(resource, ":")
	if len(parts) < 4 || parts[0] != "qcs" || parts[2] != "cvm" && parts[2] != "cbs" || !cloud.IsRegion(parts[3]) {
		return ""
	}
	return parts[3]
}

// ids collects the ids under the given keys, in order and without doubles. A
// key holds an id, a list, a string that holds a list, or comes numbered, as
// in DiskIds.0; elements may be objects with the id under the first key.
func ids(m members, valid func(string) bool, what string, keys ...string) ([]string, error) {
	var out []string
	seen := map[string]bool{}
	var found []json.RawMessage
	for _, key := range keys {
		found = append(found, elements(m[key])...)
	}
	for _, raw := range append(found, m.numbered(keys)...) {
		id, ok := text(raw)
		if !ok {
			o, _ := object(raw)
			id, ok = text(o[keys[0]])
		}
		if !ok || !valid(id) {
			return nil, fmt.Errorf("%s is not a %s id", quoteJSON(raw), what)
		}
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out, nil
}
