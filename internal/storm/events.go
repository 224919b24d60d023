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
	s := &w.snaps[n]
	data := map[string]any{
		"eventName": "CreateSnapshot", "eventRegion": s.Region, "errorCode": "0",
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
	return string(encode(map[string]any{
		"specversion": "1.0", "id": fmt.Sprintf("e-%d", n), "source": "cbs.cloud.tencent", "type": "cbs:CloudEvent:ApiCall",
		"time": 1700000000000, "data": data,
	}))
}

// odd are events that ask for nothing, or for what is not there.
func (w *world) odd(s step) string {
	switch s.dice % 4 {
	case 0:
		return strings.Replace(w.record(0, false, s.dice), `"CreateSnapshot"`, `"DeleteSnapshots"`, 1)
	case 1:
		return strings.Replace(w.record(0, false, s.dice), `"errorCode":"0"`, `"errorCode":"UnauthorizedOperation"`, 1)
	case 2:
		return strings.ReplaceAll(w.record(0, false, s.dice), w.snaps[0].ID, "snap-nowhere1")
	}
	return strings.ReplaceAll(w.record(0, false, s.dice), w.snaps[0].Region, "sa-saopaulo")
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // a mistake of this package
	}
	return b
}
