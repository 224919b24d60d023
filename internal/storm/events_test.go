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

// records are CloudAudit records of the making of snapshots, alone or in a
// batch. The fixtures of the decoder's tests have all shapes; here two do.
func (w *world) records(s step) string {
	all := make([]string, len(s.snaps))
	for i, n := range s.snaps {
		all[i] = encode(w.record(n, s.kind == groupEvent, mix(s.dice, uint64(i))))
	}
	if list := strings.Join(all, ","); s.dice&1 == 0 || len(all) > 1 {
		return `{"EventList":[` + list + `]}`
	}
	return all[0]
}

// record is one of them: of a snapshot, or of a group that names its disks.
func (w *world) record(n int, group bool, dice uint64) map[string]any {
	s := &w.snaps[n]
	name, asked, answered := "CreateSnapshot", map[string]any{"DiskId": s.Disk}, map[string]any{"SnapshotId": s.ID}
	if group {
		name, asked, answered = "CreateSnapshotGroup", map[string]any{"DiskIds": []string{s.Disk}}, map[string]any{"SnapshotGroupId": "csnap-00000001"}
	}
	data := map[string]any{"eventName": name, "eventRegion": s.Region, "errorCode": "0", "requestParameters": asked, "responseElements": answered}
	if dice&1 == 0 { // today's records hold these two as text
		data["requestParameters"], data["responseElements"] = encode(asked), encode(answered)
	}
	return map[string]any{
		"specversion": "1.0", "id": fmt.Sprintf("e-%d", n), "source": "cbs.cloud.tencent", "type": "cbs:CloudEvent:ApiCall",
		"time": 1700000000000, "data": data,
	}
}

// odd are events that ask for nothing, or for what is not there.
func (w *world) odd(s step) string {
	e := w.record(0, false, s.dice)
	changes := []struct {
		key   string
		value any
	}{
		{"eventName", "DeleteSnapshots"},
		{"errorCode", "UnauthorizedOperation"},
		{"responseElements", map[string]any{"SnapshotId": "snap-nowhere1"}},
		{"eventRegion", "sa-saopaulo"},
	}
	c := changes[s.dice>>16%uint64(len(changes))]
	e["data"].(map[string]any)[c.key] = c.value
	return encode(e)
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // a mistake of this package
	}
	return string(b)
}
