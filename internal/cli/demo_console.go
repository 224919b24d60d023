package cli

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// createSnapshot does what a person does in the console, and returns the
// snapshot with the event that the platform would send about it. It is not a
// part of snapferry, which makes no snapshots, so it signs its one request by
// itself (TC3-HMAC-SHA256, API 3.0 signature v3).
func (s *stage) createSnapshot(ctx context.Context, disk string) (id string, event []byte, err error) {
	params, err := json.Marshal(map[string]string{"DiskId": disk, "SnapshotName": "before-upgrade"})
	if err != nil {
		return "", nil, fmt.Errorf("encode the request: %w", err)
	}
	var answer struct {
		Response struct {
			SnapshotId, RequestId string
			Error                 struct{ Code, Message string }
		}
	}
	client := http.Client{Transport: s.cloud.Transport()}
	request, err := signed(ctx, string(params), s.now())
	if err != nil {
		return "", nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return "", nil, fmt.Errorf("create a snapshot: %w", err)
	}
	defer func() { _ = response.Body.Close() }() // it was only read
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return "", nil, fmt.Errorf("create a snapshot: %w", err)
	}
	if e := answer.Response.Error; e.Code != "" {
		return "", nil, fmt.Errorf("create a snapshot: %s: %s", e.Code, e.Message)
	}
	id = answer.Response.SnapshotId
	event, err = json.Marshal(s.audit(string(params), id, answer.Response.RequestId))
	return id, event, err
}

// audit is the CloudAudit record of the call as EventBridge delivers it.
func (s *stage) audit(params, id, request string) map[string]any {
	at := s.now()
	account := s.cloud.Account()
	return map[string]any{
		"specversion": "1.0", "id": request, "source": "cbs.cloud.tencent", "type": "cbs:CloudEvent:ApiCall",
		"subject":         fmt.Sprintf("qcs::cvm:%s:uin/%s:snapshot/%s", home, account, id),
		"datacontenttype": "application/json;charset=utf-8", "time": at.UnixMilli(), "region": home, "status": "-",
		"data": map[string]any{
			"eventName": "CreateSnapshot", "eventRegion": home, "eventTime": at.Unix(), "eventType": "ApiCall",
			"eventSource": "cbs.tencentcloudapi.com", "requestID": request, "errorCode": 0, "resourceType": "cbs", "resourceName": id,
			"userIdentity":      map[string]string{"principalId": account, "accountId": account, "type": "Root"},
			"requestParameters": params, "responseElements": fmt.Sprintf(`{"SnapshotId":%q,"RequestId":%q}`, id, request),
		},
	}
}

// signed is a CreateSnapshot request, signed with the demo's key.
func signed(ctx context.Context, params string, at time.Time) (*http.Request, error) {
	const host, kind, headers = "cbs.tencentcloudapi.com", "application/json", "content-type;host"
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+host+"/", strings.NewReader(params))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	stamp, date := strconv.FormatInt(at.Unix(), 10), at.UTC().Format(time.DateOnly)
	scope := date + "/cbs/tc3_request"
	canonical := strings.Join([]string{
		http.MethodPost, "/", "", "content-type:" + kind, "host:" + host, "", headers, digest(params),
	}, "\n")
	key := seal(seal(seal([]byte("TC3"+demoKey.Secret), date), "cbs"), "tc3_request")
	signature := seal(key, strings.Join([]string{"TC3-HMAC-SHA256", stamp, scope, digest(canonical)}, "\n"))
	for name, value := range map[string]string{
		"Content-Type": kind, "X-TC-Action": "CreateSnapshot", "X-TC-Version": "2017-03-12", "X-TC-Region": home, "X-TC-Timestamp": stamp,
		"Authorization": fmt.Sprintf("TC3-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%x", demoKey.ID, scope, headers, signature),
	} {
		r.Header.Set(name, value)
	}
	return r, nil
}

func seal(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	_, _ = m.Write([]byte(text)) // a hash never fails
	return m.Sum(nil)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
