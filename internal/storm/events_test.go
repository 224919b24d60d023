package storm

import (
	"encoding/json"
	"fmt"
	"strings"
)

// timerEvent is what a timer sends for a job.
func timerEvent(job string) string {
	return fmt.Sprintf(`{"Type":"Timer","TriggerName":"t","Time":"2026-11-23T00:00:00Z","Message":%q}`, job)
}

// records are CloudAudit records of the making of snapshots, in one of the
// shapes in which they are delivered.
func (w *world) records(s step) string {
	all := make([]string, len(s.snaps))
	for i, n := range s.snaps {
		all[i] = w.record(n, s.kind == groupEvent, mix(s.dice, uint64(i)))
	}
	list := strings.Join(all, ",")
	switch {
	case s.dice&3 == 0:
		return "[" + list + "]"
	case s.dice&3 == 1 || len(all) > 1:
		return `{"EventList":[` + list + `]}`
	}
	return list
}

// record is one of them: of a snapshot, or of a group that names its disks.
func (w *world) record(n int, group bool, dice uint64) string {
	return string(encode(w.envelope(n, group, dice)))
}

// envelope is a record before it is text, in one of the shapes that documents
// and old records show.
func (w *world) envelope(n int, group bool, dice uint64) map[string]any {
	s := &w.snaps[n]
	data := map[string]any{
		"eventName": "CreateSnapshot", "eventRegion": s.Region, "errorCode": []any{"0", 0}[dice>>1&1],
		"requestParameters": map[string]any{"DiskId": s.Disk}, "responseElements": map[string]any{"SnapshotId": s.ID},
	}
	if group {
		data["eventName"] = "CreateSnapshotGroup"
		data["requestParameters"] = map[string]any{"DiskIds": []string{s.Disk}}
		data["responseElements"] = map[string]any{"SnapshotGroupId": "csnap-00000001"}
	}
	if dice&1 == 0 { // today's records hold these two as text
		for _, key := range []string{"requestParameters", "responseElements"} {
			data[key] = string(encode(data[key]))
		}
	}
	if dice>>2&1 == 0 {
		data["apiErrorCode"] = []any{0, "", "0"}[dice>>3%3]
	}
	product := []string{"cbs", "cvm"}[dice>>5&1]
	how := []string{"ApiCall", "ConsoleCall", "MiniProgramCall"}[dice>>6%3]
	return map[string]any{
		"specversion": []string{"1.0", "0", "1.0.2"}[dice>>8%3], "id": fmt.Sprintf("e-%d", n),
		"source": product + ".cloud.tencent", "type": product + ":CloudEvent:" + how,
		"time": []any{1700000000000, "1700000000000"}[dice>>10&1], "tags": []any{nil, []any{}, map[string]any{}}[dice>>11%3], "data": data,
	}
}

// odd are events that ask for nothing, or for what is not there.
func (w *world) odd(s step) string {
	e := w.envelope(0, false, s.dice)
	data := e["data"].(map[string]any)
	switch s.dice >> 16 % 4 {
	case 0:
		data["eventName"] = "DeleteSnapshots"
	case 1:
		data["errorCode"] = "UnauthorizedOperation"
	case 2:
		data["responseElements"] = map[string]any{"SnapshotId": "snap-nowhere1"}
	default:
		data["eventRegion"] = "sa-saopaulo"
	}
	return string(encode(e))
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // a mistake of this package
	}
	return b
}
