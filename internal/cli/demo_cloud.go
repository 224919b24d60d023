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

// demoKey signs the demo's requests. It is valid only inside the process.
var demoKey = sim.Key{ID: "AKIDdemo", Secret: "demo"}

// newDemoCloud makes an empty cloud. Its clock is the real clock plus the time that
// the demo skips. It must not skip more than five minutes: the vendor's client signs
// with the real time, and the service refuses older signatures.
func newDemoCloud() *demoCloud {
	c := &demoCloud{targets: []string{"ap-beijing", "ap-shanghai"}}
	c.cloud = sim.New(sim.Options{
		Now: c.now, CreateTime: 20 * time.Second, CopyTime: 100 * time.Second, CheckTime: 30 * time.Second, DiskTime: 20 * time.Second,
	})
	c.cloud.AddKey(demoKey)
	c.env = map[string]string{
		"SOURCE_REGIONS": demoRegion, "TARGET_REGIONS": strings.Join(c.targets, ","),
		"TENCENTCLOUD_SECRET_ID": demoKey.ID, "TENCENTCLOUD_SECRET_KEY": demoKey.Secret,
	}
	var pacer *tencent.Pacer
	c.handler = &handler.Handler{
		Connect: func(to handler.Connection) job.Cloud {
			if pacer == nil { // the demo makes one connection at a time
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
		Workers: 1, // one request at a time gives the same output each time
	}
	return c
}

// now is the simulated cloud's clock.
func (c *demoCloud) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// advance moves the simulated cloud's clock forward.
func (c *demoCloud) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// createSnapshot creates a snapshot, as a person does in the console. It returns the
// snapshot's id and the event that the platform would send.
func (c *demoCloud) createSnapshot(disk string) (id string, event []byte, err error) {
	const name = "before-upgrade"
	if id, err = c.cloud.CreateSnapshot(demoRegion, disk, name); err != nil {
		return "", nil, fmt.Errorf("create a snapshot: %w", err)
	}
	event, err = json.Marshal(c.audit(fmt.Sprintf(`{"DiskId":%q,"SnapshotName":%q}`, disk, name), id, "5d4c38d4-9ec8-4f4f-8f51-7c3a2b1d0e9f"))
	return id, event, err
}

// audit is the CloudAudit record of the call, in the form of EventBridge.
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

// invoke gives an event to the handler.
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

// timer gives the handler a timer event for a job.
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

// sources are the snapshots of the source region.
func (c *demoCloud) sources() []sim.Snapshot { return c.cloud.Snapshots(demoRegion) }

// replicas are the replicas in all regions.
func (c *demoCloud) replicas() []sim.Snapshot {
	return slices.DeleteFunc(c.cloud.Snapshots(""), func(r sim.Snapshot) bool { return !r.CopyFromRemote })
}

// states is the number of replicas in each state, with the least percent.
func (c *demoCloud) states() string {
	counts, least := map[string]int{}, map[string]int{}
	var order []string
	for _, r := range c.replicas() {
		if counts[r.State]++; counts[r.State] == 1 {
			order, least[r.State] = append(order, r.State), r.Percent
		}
		least[r.State] = min(least[r.State], r.Percent)
	}
	for i, state := range order {
		order[i] = number(counts[state], "replica", "replicas") + " " + state
		if least[state] < 100 {
			order[i] += fmt.Sprintf(" from %d %%", least[state])
		}
	}
	return strings.Join(order, ", ")
}

// sourceOf is the source in a copy request.
func sourceOf(call sim.Call) string {
	var params struct{ SnapshotId string }
	if json.Unmarshal(call.Params, &params) != nil {
		return "" // the cloud refuses it
	}
	return params.SnapshotId
}
