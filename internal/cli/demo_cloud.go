package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"snapferry/handler"
	"snapferry/internal/cloud"
	"snapferry/internal/event"
	"snapferry/internal/job"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

// A demoCloud is a simulated cloud and the handler that works with it.
type demoCloud struct {
	cloud   *sim.Cloud
	handler *handler.Handler
	targets []string
	env     map[string]string // the settings; changed between invocations only

	mu    sync.Mutex // guards ahead
	ahead time.Duration
}

// demoKey signs the demo's requests; nothing outside the process takes it.
var demoKey = sim.Key{ID: "AKIDdemo", Secret: "demo"}

// newDemoCloud makes an empty cloud whose clock runs as ours does, and jumps ahead
// when the demo says that time passes. All jumps together must stay below
// five minutes: the vendor's client signs with the real time, and no service
// takes a signature that is further off.
func newDemoCloud() *demoCloud {
	c := &demoCloud{targets: []string{"ap-beijing", "ap-shanghai"}}
	c.cloud = sim.New(sim.Options{
		Now: c.now, CreateTime: 20 * time.Second, CopyTime: 100 * time.Second, CheckTime: 30 * time.Second,
	})
	c.cloud.AddKey(demoKey)
	c.env = map[string]string{
		"SOURCE_REGIONS": demoRegion, "TARGET_REGIONS": strings.Join(c.targets, ","),
		"TENCENTCLOUD_SECRET_ID": demoKey.ID, "TENCENTCLOUD_SECRET_KEY": demoKey.Secret,
	}
	var pacer *tencent.Pacer
	c.handler = &handler.Handler{
		Connect: func(to handler.Connection) job.Cloud {
			if pacer == nil { // the demo makes one connection after the other
				pacer = tencent.NewPacer(to.Settings.APIRate)
			}
			return tencent.New(tencent.Options{
				ID: to.Credentials.ID.Reveal(), Key: to.Credentials.Key.Reveal(), Token: to.Credentials.Token.Reveal(), Domain: to.Settings.APIDomain,
				Pacer: pacer, Transport: c.cloud.Transport(), Now: c.now, Cutoff: to.Cutoff,
			})
		},
		Getenv:  func(name string) string { return c.env[name] },
		Now:     c.now,
		Log:     func(slog.Level) *slog.Logger { return slog.New(slog.DiscardHandler) },
		Refused: &job.Refusals{},
		Workers: 1, // one request after the other: the same output each time
	}
	return c
}

// now is the simulated cloud's clock.
func (c *demoCloud) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// advance lets time pass in the simulated cloud.
func (c *demoCloud) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// createSnapshot does what a person does in the console. It returns the
// snapshot with the event that the platform would send about it.
func (c *demoCloud) createSnapshot(disk string) (id string, event []byte, err error) {
	const name = "before-upgrade"
	if id, err = c.cloud.CreateSnapshot(demoRegion, disk, name); err != nil {
		return "", nil, fmt.Errorf("create a snapshot: %w", err)
	}
	event, err = json.Marshal(c.audit(fmt.Sprintf(`{"DiskId":%q,"SnapshotName":%q}`, disk, name), id, "5d4c38d4-9ec8-4f4f-8f51-7c3a2b1d0e9f"))
	return id, event, err
}

// audit is the CloudAudit record of the call as EventBridge delivers it.
func (c *demoCloud) audit(params, id, request string) map[string]any {
	at := c.now()
	account := c.cloud.Account()
	return map[string]any{
		"specversion": "1.0", "id": request, "source": "cbs.cloud.tencent", "type": "cbs:CloudEvent:ApiCall",
		"subject":         fmt.Sprintf("qcs::cvm:%s:uin/%s:snapshot/%s", demoRegion, account, id),
		"datacontenttype": "application/json;charset=utf-8", "time": at.UnixMilli(), "region": demoRegion, "status": "-",
		"data": map[string]any{
			"eventName": "CreateSnapshot", "eventRegion": demoRegion, "eventTime": at.Unix(), "eventType": "ApiCall",
			"eventSource": "cbs.tencentcloudapi.com", "requestID": request, "errorCode": 0, "resourceType": "cbs", "resourceName": id,
			"userIdentity":      map[string]string{"principalId": account, "accountId": account, "type": "Root"},
			"requestParameters": params, "responseElements": fmt.Sprintf(`{"SnapshotId":%q,"RequestId":%q}`, id, request),
		},
	}
}

// invoke has the handler serve an event.
func (c *demoCloud) invoke(ctx context.Context, payload []byte) (handler.Reply, error) {
	event, err := event.Decode(payload)
	if err != nil {
		return handler.Reply{}, failure{fmt.Errorf("demo: %w", err)}
	}
	reply, err := c.handler.Run(ctx, event)
	if err != nil {
		return reply, failure{fmt.Errorf("demo: %w", err)}
	}
	return reply, nil
}

// timer has the handler serve a timer that is due for a job.
func (c *demoCloud) timer(ctx context.Context, job cloud.Job) (handler.Reply, error) {
	event := map[string]string{
		"Type": "Timer", "TriggerName": "every-five-minutes", "Time": c.now().UTC().Format(time.RFC3339), "Message": string(job),
	}
	payload, err := json.Marshal(event)
	if err != nil {
		return handler.Reply{}, failure{fmt.Errorf("demo: encode the timer event: %w", err)}
	}
	return c.invoke(ctx, payload)
}

// expected is how many replicas there must be in the end.
func (c *demoCloud) expected() int { return len(c.sources()) * len(c.targets) }

// sources are the snapshots to be protected, as the cloud has them.
func (c *demoCloud) sources() []sim.Snapshot { return c.cloud.Snapshots(demoRegion) }

// replicas are those of all regions.
func (c *demoCloud) replicas() []sim.Snapshot {
	return slices.DeleteFunc(c.cloud.Snapshots(""), func(r sim.Snapshot) bool { return !r.CopyFromRemote })
}

// states is how many replicas are in which state, how far.
func (c *demoCloud) states() string {
	counts := map[string]int{}
	var order []string
	for _, r := range c.replicas() {
		state := r.State
		if r.Percent < 100 {
			state += fmt.Sprintf(" %d %%", r.Percent)
		}
		if counts[state]++; counts[state] == 1 {
			order = append(order, state)
		}
	}
	for i, state := range order {
		order[i] = number(counts[state], "replica", "replicas") + " " + state
	}
	return strings.Join(order, ", ")
}

// sourceOf is the snapshot that a copy request names.
func sourceOf(call sim.Call) string {
	var params struct{ SnapshotId string }
	if json.Unmarshal(call.Params, &params) != nil {
		return "" // the cloud refuses it
	}
	return params.SnapshotId
}
