package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"snapferry/internal/cloud"
)

// A Record is one CloudAudit record, decoded. Exactly one of Snapshots, Disks,
// Changed, Ignored and Err is set.
type Record struct {
	ID     string // of the event, shortened; not unique: events may arrive twice
	Action string // eventName, shortened

	// Region is where the call was made. It may differ from the function's
	// region. It may be "" if Ignored or Err is set.
	Region string

	// Snapshots are the snapshots that the call created. Their state is probably
	// CREATING.
	Snapshots []string

	// Disks are the disks whose snapshots the call created. They are set if the
	// record does not name the snapshots.
	Disks []string

	// DiskHint is the disk of the only snapshot, if the record names it. It may be
	// wrong.
	DiskHint string

	// Changed are the snapshots that the call deleted or changed, and By is who
	// called.
	Changed []string
	By      Caller

	// Ignored is the reason why nothing is done for the record.
	Ignored string

	// Err says why the record can't be used.
	Err error
}

// A Caller is who made a call, as the record says. Any field may be "".
type Caller struct {
	SecretID, PrincipalID string
	Name                  string // for people: shortened
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
		return []Record{{Ignored: "EventList is empty"}}, nil
	}
	return decodeList(list), nil
}

func decodeList(list []json.RawMessage) []Record {
	records := make([]Record, len(list))
	for i, element := range list {
		records[i] = decodeRecord(element)
	}
	return records
}

// decodeRecord decodes one event of a batch. Its error is in the record's Err.
func decodeRecord(raw json.RawMessage) Record {
	event, ok := object(raw)
	if !ok {
		return Record{Err: fmt.Errorf("record %s is not an object", quoteJSON(raw))}
	}
	r := Record{ID: cut(scalar(event["id"]))}
	if event.isAudit() {
		event = members{"data": raw}
	} else if !event.has("specversion") {
		r.Err = fmt.Errorf("record has no specversion: found %s", event.found())
		return r
	}
	if product := otherProduct(event); product != "" {
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

// isAudit reports whether an object is a CloudAudit record without an event
// around it. Such a record has an httpMethod too: the one of the API call.
func (m members) isAudit() bool {
	return m.has("eventName") && (m.has("eventSource") || m.has("requestParameters"))
}

// fill reads the fields of a record that has an eventName.
func (r *Record) fill(event, data members, action string) {
	where, err := region(event, data)
	r.Region = where
	creates, changes := action == "CreateSnapshot" || action == "CreateSnapshotGroup", action == "DeleteSnapshots" || action == "ModifySnapshotAttribute"
	if !creates && !changes {
		r.Ignored = fmt.Sprintf("%s neither makes nor changes a snapshot", quote(action))
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
	request := payload(data["requestParameters"])
	if creates {
		r.Err = r.find(response, request, resources(data))
		return
	}
	if r.Changed, r.Err = ids(request, cloud.IsSnapshotID, "snapshot", "SnapshotId", "SnapshotIds", "snapshotId", "snapshotIds"); r.Err != nil {
		return
	}
	if len(r.Changed) == 0 {
		r.Changed = formed(resources(data), cloud.IsSnapshotID)
	}
	if len(r.Changed) == 0 {
		r.Ignored = "the record names no snapshot; verify tells what is missing"
	}
	r.By = caller(data)
}

// caller reads who made the call.
func caller(data members) Caller {
	who, _ := object(data["userIdentity"])
	c := Caller{SecretID: scalar(who["secretId"]), PrincipalID: scalar(who["principalId"])}
	for _, key := range []string{"userName", "principalId", "accountId"} {
		if name := scalar(who[key]); c.Name == "" && name != "" {
			c.Name = strings.Trim(quote(name), `"`)
		}
	}
	return c
}

// find looks for the snapshots that the call made, in the response and the
// request, then for the disks in the request, then for either among the
// resources. Old records use old names.
func (r *Record) find(response, request members, resources []string) error {
	snapshots, err := ids(response, cloud.IsSnapshotID, "snapshot", "SnapshotId", "SnapshotIds", "SnapshotIdSet", "SnapshotSet", "snapshotId")
	if err == nil && len(snapshots) == 0 {
		snapshots, err = ids(request, cloud.IsSnapshotID, "snapshot", "SnapshotId", "snapshotId")
	}
	if err != nil {
		return err
	}
	disks, err := ids(request, cloud.IsDiskID, "disk", "DiskId", "DiskIds", "DiskIdSet", "storageId", "storageIds")
	if len(snapshots) == 0 && err != nil {
		return err // a bad disk id does not matter where the snapshots are known
	}
	if len(snapshots)+len(disks) == 0 {
		snapshots, disks = formed(resources, cloud.IsSnapshotID), formed(resources, cloud.IsDiskID)
	}
	switch {
	case len(snapshots) > 0:
		r.Snapshots = snapshots
		if len(snapshots) == 1 && len(disks) == 1 {
			r.DiskHint = disks[0]
		}
	case len(disks) > 0:
		r.Disks = disks
	default:
		r.Ignored = "the record names no snapshot and no disk; the next sweep finds the new snapshots"
	}
	return nil
}

// resources returns the last part of each resource that a record names. The
// only record of block storage that is known has its ids nowhere else. They
// stand in lists, in texts that hold a list, and in texts joined by a bar:
// qcs:id/1:cvm:gz:uin/1:snapshot/snap-ckgjwkqh, volume/*|snapshot/snap-ckgjwkqh.
func resources(data members) (names []string) {
	for _, raw := range []json.RawMessage{data["resources"], data["resourceName"]} {
		for _, element := range elements(raw) {
			for name := range strings.SplitSeq(scalar(element), "|") {
				names = append(names, name[strings.LastIndexByte(name, '/')+1:])
			}
		}
	}
	return names
}

// formed returns the names that have the form of an id, in order and without
// duplicates.
func formed(names []string, valid func(string) bool) (ids []string) {
	for _, name := range names {
		if valid(name) && !slices.Contains(ids, name) {
			ids = append(ids, name)
		}
	}
	return ids
}

// otherProduct returns the product an event is about, or "" for block storage.
// If an event has no source and no type, its eventName alone decides.
func otherProduct(event members) string {
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

// payload reads requestParameters or responseElements: an object, which may be
// encoded as a string and may be inside a Response. Anything else, such as cut
// off text, counts as empty. The snapshots are then found by the disks in the
// request, or by the next sweep.
func payload(raw json.RawMessage) members {
	m, _ := object(raw)
	if inner, ok := object(m["Response"]); ok {
		return inner
	}
	return m
}

// failure returns why a call failed, or "" if it did not fail.
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

// isSuccess reports whether a code means "no error": it is empty, or zero as a
// number or a text.
func isSuccess(code string) bool {
	n, err := strconv.ParseFloat(code, 64)
	return code == "" || err == nil && n == 0
}

// region returns where the call was made. The record's own field comes first,
// then the field of the event, then the names of resources.
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
// Only names of block storage count. An event may also name its event bus and
// rule, which have the region of the bus.
func regionOf(resource string) string {
	parts := strings.Split(resource, ":")
	if len(parts) < 4 || parts[0] != "qcs" || parts[2] != "cvm" && parts[2] != "cbs" || !cloud.IsRegion(parts[3]) {
		return ""
	}
	return parts[3]
}

// ids collects the ids of the given keys, in order and without duplicates. The
// value of a key may be an id, a list, or a list encoded as a string. Keys may
// be numbered, as in DiskIds.0. An element may be an object that has the id in
// the first of the keys.
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
