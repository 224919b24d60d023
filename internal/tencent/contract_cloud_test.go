package tencent_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tcerr "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"

	"snapferry/internal/cloud"
	"snapferry/internal/sim"
	"snapferry/internal/tencent"
)

// A contract is an account that is held to the facts, through our client and,
// for what lies beneath it, through the vendor's generic one.
type contract struct {
	world          *sim.Cloud // nil: a real account
	cloud          *tencent.Cloud
	keys           tencent.Options
	source, target string
	snapshot       string // in source; "" if none may be used

	runName         string // begins the name of every replica made
	pause, patience time.Duration
	made            []string // replicas in target
	done            string   // one of them that has arrived
}

// versions are those that this program speaks.
var versions = map[string]string{"cbs": "2017-03-12", "tag": "2018-08-13", "sts": "2018-08-13", "region": "2022-06-27"}

// params are a request's.
type params map[string]any

// ask sends one request by the vendor's generic client, and returns the
// answer's Response and the code of its error, "" for none.
func (c *contract) ask(t *testing.T, service, action, region string, p params) (answer map[string]any, code string) {
	t.Helper()
	answer, err := c.send(t.Context(), c.keys, service, action, region, p)
	var s *tcerr.TencentCloudSDKError
	switch {
	case errors.As(err, &s):
		if s.RequestId == "" && !strings.HasPrefix(s.Code, "ClientError") {
			t.Errorf("%s: the refusal has no RequestId: %v", action, err)
		}
		return nil, s.Code
	case err != nil:
		t.Fatalf("%s: %v", action, err)
	}
	if id, _ := answer["RequestId"].(string); id == "" {
		t.Errorf("%s: the answer has no RequestId", action)
	}
	return answer, ""
}

func (c *contract) send(ctx context.Context, o tencent.Options, service, action, region string, p params) (map[string]any, error) {
	time.Sleep(60 * time.Millisecond) // the pace that the service allows
	prof := profile.NewClientProfile()
	prof.Language, prof.DisableRegionBreaker = "en-US", true
	prof.HttpProfile.Endpoint = service + "." + cmp.Or(o.Domain, "tencentcloudapi.com")
	if scheme, host, ok := strings.Cut(o.Endpoint, "://"); ok {
		prof.HttpProfile.Scheme, prof.HttpProfile.Endpoint = strings.ToUpper(scheme), host
	}
	client := common.NewCommonClient(common.NewTokenCredential(o.ID, o.Key, o.Token), region, prof)
	if o.Transport != nil {
		client.WithHttpTransport(o.Transport)
	}
	req := tchttp.NewCommonRequest(service, versions[service], action)
	if err := req.SetActionParameters(map[string]any(p)); err != nil {
		return nil, err
	}
	req.SetContext(ctx)
	res := tchttp.NewCommonResponse()
	if err := client.Send(req, res); err != nil {
		return nil, err
	}
	var out struct{ Response map[string]any }
	err := json.Unmarshal(res.GetBody(), &out)
	return out.Response, err
}

// rows asks for snapshots of a region.
func (c *contract) rows(t *testing.T, region string, p params) []map[string]any {
	t.Helper()
	answer, code := c.ask(t, "cbs", "DescribeSnapshots", region, p)
	if code != "" {
		t.Fatalf("DescribeSnapshots %v: %s", p, code)
	}
	var out []map[string]any
	list, _ := answer["SnapshotSet"].([]any)
	for _, r := range list {
		row, _ := r.(map[string]any)
		out = append(out, row)
	}
	return out
}

// row asks for one snapshot; nil if it is not there.
func (c *contract) row(t *testing.T, region, id string) map[string]any {
	t.Helper()
	if all := c.rows(t, region, params{"SnapshotIds": []string{id}}); len(all) == 1 {
		return all[0]
	}
	return nil
}

// refused demands a refusal whose code begins so.
func (c *contract) refused(t *testing.T, want, service, action, region string, p params) {
	t.Helper()
	if _, code := c.ask(t, service, action, region, p); !strings.HasPrefix(code, want) || code == "" {
		t.Errorf("%s %v: got code %q, want %s…", action, p, code, want)
	}
}

// needSnapshot skips what takes a snapshot that nobody named.
func (c *contract) needSnapshot(t *testing.T) {
	t.Helper()
	if c.snapshot == "" {
		t.Skip("takes -snapshot")
	}
}

// order asks our client for copies of the contract's snapshot.
func (c *contract) order(name string, to ...string) cloud.CopyRequest {
	return cloud.CopyRequest{Source: c.snapshot, From: c.source, To: to, Name: name}
}

// copyTo asks for a copy of the snapshot and notes the replicas it made.
func (c *contract) copyTo(t *testing.T, name string, to ...string) (rows []map[string]any, code string) {
	t.Helper()
	answer, code := c.ask(t, "cbs", "CopySnapshotCrossRegions", c.source,
		params{"SnapshotId": c.snapshot, "DestinationRegions": to, "SnapshotName": name})
	list, _ := answer["SnapshotCopyResultSet"].([]any)
	for _, r := range list {
		row, _ := r.(map[string]any)
		rows = append(rows, row)
		if id, _ := row["SnapshotId"].(string); id != "" && row["DestinationRegion"] == c.target {
			c.made = append(c.made, id)
		}
	}
	return rows, code
}

// rest waits until no copy that was begun here is under way.
func (c *contract) rest(t *testing.T) {
	t.Helper()
	for _, id := range c.made {
		if c.row(t, c.target, id) != nil {
			c.arrive(t, id)
		}
	}
}

// begin starts a copy to the target and returns the replica's id.
func (c *contract) begin(t *testing.T) string {
	t.Helper()
	c.rest(t)
	rows, code := c.copyTo(t, c.runName, c.target)
	if code != "" || len(rows) != 1 || rows[0]["Code"] != "Success" {
		t.Fatalf("copy %s to %s: %q %v", c.snapshot, c.target, code, rows)
	}
	return c.made[len(c.made)-1]
}

// finished returns a replica that has arrived.
func (c *contract) finished(t *testing.T) string {
	t.Helper()
	if c.done == "" || c.row(t, c.target, c.done) == nil {
		c.done = c.begin(t)
		c.arrive(t, c.done)
	}
	return c.done
}

// arrive waits for a replica and returns the states it went through.
func (c *contract) arrive(t *testing.T, id string) []string {
	t.Helper()
	var states []string
	for end := time.Now().Add(c.patience); time.Now().Before(end); time.Sleep(c.pause) {
		state, _ := c.row(t, c.target, id)["SnapshotState"].(string)
		if state != "" && !slices.Contains(states, state) {
			states = append(states, state)
		}
		if state == string(cloud.Normal) {
			return states
		}
	}
	t.Fatalf("%s is not NORMAL after %s; it was %v", id, c.patience, states)
	return nil
}

// clear deletes the replicas that were made, and nothing else: those whose ids
// copies answered, and, should an answer have been lost, those of the run's name.
func (c *contract) clear(t *testing.T) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // a cleanup comes after the test's end
	found, err := list(ctx, c.cloud, c.target)
	if err != nil {
		t.Errorf("replicas may be left in %s, named %s: %v", c.target, c.runName, err)
		return
	}
	for _, s := range found {
		ours := slices.Contains(c.made, s.ID) || *onReal && strings.HasPrefix(s.Name, c.runName)
		if !ours || (!s.CopyFromRemote && s.State == cloud.Normal) {
			continue
		}
		for end := time.Now().Add(c.patience); time.Now().Before(end); time.Sleep(c.pause) {
			err = c.cloud.Delete(ctx, c.target, s.ID, cloud.While{})
			if err == nil || meaning(t, err) == cloud.StopRun {
				break
			}
		}
		if err != nil {
			t.Errorf("replica %s is left in %s: %v", s.ID, c.target, err)
		}
	}
	c.made, c.done = nil, ""
}
