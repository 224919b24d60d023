package main_test

import (
	"context"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	cbs "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cbs/v20170312"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"

	"snapferry/internal/sim"
)

// events are the deliveries of a simulated cloud, which a function has yet to get.
type events struct {
	mu   sync.Mutex
	list []sim.Delivery
}

func (e *events) add(d sim.Delivery) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, d)
}

func (e *events) take() []sim.Delivery {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := e.list
	e.list = nil
	return list
}

// The whole way: the command makes the rule, a person makes a snapshot with the
// vendor's client, the rule delivers the event of that call to the function's process,
// and the function copies the snapshot and proves the replica. No timer sweeps.
func TestASnapshotIsCopiedByTheEventThatTheRuleDelivers(t *testing.T) {
	var due events
	world := sim.New(sim.Options{Deliver: due.add, CreateTime: time.Nanosecond, CopyTime: time.Millisecond})
	key := sim.Key{ID: "AKIDwholeway", Secret: "whole-way-secret"}
	world.AddKey(key)
	world.AddFunction("ap-guangzhou", "default", "snapshot-copy")
	disk := world.AddDisk(sim.Disk{Region: "ap-shanghai"})
	server := httptest.NewServer(world)
	t.Cleanup(server.Close)
	env := map[string]string{
		"API_ENDPOINT": server.URL, "SOURCE_REGIONS": "ap-shanghai", "TARGET_REGIONS": "ap-beijing",
		"TENCENTCLOUD_SECRETID": key.ID, "TENCENTCLOUD_SECRETKEY": key.Secret,
	}

	subscribe := exec.CommandContext(t.Context(), built(t), "subscribe")
	for name, value := range env {
		subscribe.Env = append(subscribe.Env, name+"="+value)
	}
	if out, err := subscribe.CombinedOutput(); err != nil {
		t.Fatalf("subscribe: %v\n%s", err, out)
	}
	snapshot := createSnapshot(t, server.URL, key, "ap-shanghai", disk)
	deliveries := due.take()
	if len(deliveries) != 1 || deliveries[0].Function != "ap-guangzhou/default/snapshot-copy" || !strings.Contains(string(deliveries[0].Event), snapshot) {
		t.Fatalf("got deliveries %+v of snapshot %s", deliveries, snapshot)
	}
	f := serve(t, "_SCF_SERVER_PORT")
	r, failure := f.invoke(string(deliveries[0].Event), time.Minute, env)
	if failure != "" || r.Counts["started"] != 1 {
		t.Fatalf("the event: %+v, error %q", r, failure)
	}
	f.settle(verify, "verified", 1, env)
	replicas := world.Snapshots("ap-beijing")
	if len(replicas) != 1 || replicas[0].Tags["ferry:state"] != "verified" || !strings.Contains(replicas[0].Name, strings.TrimPrefix(snapshot, "snap-")) {
		t.Errorf("got replicas %+v", replicas)
	}
	if more := due.take(); len(more) > 0 {
		t.Errorf("the function's own calls raised %d events that the rule takes", len(more))
	}
}

// cbsClient is the vendor's client, which a person may use.
func cbsClient(t *testing.T, endpoint string, key sim.Key, region string) *cbs.Client {
	t.Helper()
	p := profile.NewClientProfile()
	p.HttpProfile.Scheme, p.HttpProfile.Endpoint = "HTTP", strings.TrimPrefix(endpoint, "http://")
	client, err := cbs.NewClient(common.NewCredential(key.ID, key.Secret), region, p)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// createSnapshot makes a snapshot as a person does.
func createSnapshot(t *testing.T, endpoint string, key sim.Key, region, disk string) string {
	t.Helper()
	request := cbs.NewCreateSnapshotRequest()
	request.DiskId = &disk
	made, err := cbsClient(t, endpoint, key, region).CreateSnapshotWithContext(context.Background(), request)
	if err != nil {
		t.Fatal(err)
	}
	return *made.Response.SnapshotId
}
