package sim_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"snapferry/internal/sim"
)

// A sample is a published or recorded exchange.
type sample struct {
	Service, Action string
	Response        map[string]any
	Examples        []struct {
		Title    string
		Response map[string]any
	}
}

// world is one in which every list of the samples has something to show.
func world(t *testing.T, c *sim.Cloud) (params map[string]string) {
	t.Helper()
	disk := c.AddDisk(sim.Disk{Charge: "PREPAID", Tags: map[string]string{"a": "b"}})
	spare := c.AddDisk(sim.Disk{State: "UNATTACHED", Tags: map[string]string{"a": "b"}})
	source := c.AddSnapshot(sim.Snapshot{})
	replica := c.AddSnapshot(sim.Snapshot{CopyFromRemote: true})
	group := ask{action: "CreateSnapshotGroup", region: gz, params: `{"DiskIds":["` + disk + `"]}`}
	want(t, "group", group.code(t, c), "")
	time.Sleep(time.Minute)
	for _, s := range c.Snapshots(gz) {
		if s.Disk == disk {
			c.ChangeSnapshot(gz, s.ID, func(s *sim.Snapshot) { s.Images = 1 })
		}
	}
	bus := c.AddEventBus(sim.EventBus{Connections: []sim.Connection{{Type: "apigw", Status: "success"}}})
	rule, _ := subscribed(t, c, bus)
	return map[string]string{
		"CheckRule":                      `{"Event":"{\"source\":\"cbs.cloud.tencent\"}","EventPattern":"{\"source\":[\"cbs.cloud.tencent\"]}"}`,
		"CreateRule":                     newRule(bus, "another"),
		"CreateTarget":                   newTarget(c, bus, rule, "another"),
		"ListRules":                      `{"EventBusId":"` + bus + `"}`,
		"ListTargets":                    `{"EventBusId":"` + bus + `","RuleId":"` + rule + `"}`,
		"UpdateRule":                     `{"EventBusId":"` + bus + `","RuleId":"` + rule + `","RuleName":"sssss"}`,
		"CopySnapshotCrossRegions":       `{"SnapshotId":"` + source + `","DestinationRegions":["ap-beijing"],"SnapshotName":"n"}`,
		"CreateDisks":                    order(replica, ""),
		"CreateSnapshot":                 `{"DiskId":"` + disk + `"}`,
		"CreateSnapshotGroup":            group.params,
		"DeleteSnapshots":                `{"SnapshotIds":["` + replica + `"]}`,
		"DescribeDiskConfigQuota":        `{"InquiryType":"INQUIRY_CBS_CONFIG"}`,
		"ModifySnapshotAttribute":        `{"SnapshotId":"` + source + `","SnapshotName":"snap_201711301143"}`,
		"ModifySnapshotsSharePermission": `{"SnapshotIds":["` + source + `"],"AccountIds":["1044849112"],"Permission":"SHARE"}`,
		"TerminateDisks":                 `{"DiskIds":["` + spare + `"]}`,
	}
}

func TestRepliesHaveEveryPublishedField(t *testing.T) {
	files, err := filepath.Glob("../../testdata/api/*.json")
	if err != nil || len(files) < 21 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var s sample
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		replies := []map[string]any{s.Response}
		for _, e := range s.Examples {
			replies = append(replies, e.Response)
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			bubble(t, sim.Options{}, func(t *testing.T, c *sim.Cloud) {
				a := ask{service: s.Service, action: s.Action, region: gz, params: orElse(world(t, c)[s.Action], "{}")}
				got := map[string]any{"Response": a.send(t, c)}
				for _, r := range replies {
					sameFields(t, "", r, got)
				}
			})
		})
	}
}

// sameFields looks for every field of a published value. Of lists, any element
// may have it.
func sameFields(t *testing.T, path string, published, got any) {
	t.Helper()
	switch p := published.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			t.Errorf("%s: got %v, want an object", path, got)
			return
		}
		for name, value := range p {
			field, ok := g[name]
			if !ok {
				t.Errorf("%s.%s is missing", path, name)
				continue
			}
			sameFields(t, path+"."+name, value, field)
		}
	case []any:
		g, ok := got.([]any)
		if len(p) > 0 && (!ok || len(g) == 0) {
			if _, rows := p[0].(map[string]any); rows {
				t.Errorf("%s: got %v, want a list with something in it", path, got)
			}
			return
		}
		for i := range p {
			sameFields(t, path+"[]", p[i], g[0])
		}
	case string, bool, float64:
		if got != nil && sameKind(published) != sameKind(got) {
			t.Errorf("%s: got %T, want %T", path, got, published)
		}
	}
}

func sameKind(v any) string {
	switch v.(type) {
	case string:
		return "text"
	case bool:
		return "truth"
	case float64:
		return "number"
	}
	return "other"
}

// TestFinishedReplicaLooksAsRecorded compares values with the one recording of a
// real replica there is.
func TestFinishedReplicaLooksAsRecorded(t *testing.T) {
	raw, err := os.ReadFile("../../testdata/api/recorded.replica.json")
	if err != nil {
		t.Fatal(err)
	}
	var s sample
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	recorded := s.Response["Response"].(map[string]any)["SnapshotSet"].([]any)[0].(map[string]any)
	bubble(t, sim.Options{}, func(t *testing.T, c *sim.Cloud) {
		id := c.AddSnapshot(sim.Snapshot{SizeGiB: 10, Region: "ap-seoul"})
		if _, err := startCopy(t, client(t, c, "ap-seoul"), id, "", "ap-singapore"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		reply := ask{action: "DescribeSnapshots", region: "ap-singapore", params: "{}"}.send(t, c)
		row := reply["SnapshotSet"].([]any)[0].(map[string]any)
		for name, value := range recorded {
			switch name {
			case "SnapshotId", "SnapshotName", "CreateTime", "Placement": // each its own
				continue
			}
			got, _ := json.Marshal(row[name])
			exp, _ := json.Marshal(value)
			want(t, name, string(got), string(exp))
		}
		want(t, "zone", row["Placement"].(map[string]any)["Zone"], any("ap-singapore-1"))
	})
}
