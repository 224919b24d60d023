package sim_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	cbs "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cbs/v20170312"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tcerr "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"

	"snapferry/internal/sim"
)

const (
	gz = "ap-guangzhou"
	sh = "ap-shanghai"
	bj = "ap-beijing"
)

var testKey = sim.Key{ID: "AKIDtest", Secret: "secret"}

// newCloud makes a cloud that testKey works on.
func newCloud(o sim.Options) *sim.Cloud {
	c := sim.New(o)
	c.AddKey(testKey)
	for _, name := range []string{"copy", "another", "f"} {
		c.AddFunction(gz, "default", name)
	}
	return c
}

// bubble runs f in virtual time.
func bubble(t *testing.T, o sim.Options, f func(t *testing.T, c *sim.Cloud)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(t, newCloud(o)) })
}

func clientProfile() *profile.ClientProfile {
	p := profile.NewClientProfile()
	p.DisableRegionBreaker = true
	p.Language = "en-US"
	return p
}

// client is the vendor's client for a region, connected to c.
func client(t *testing.T, c *sim.Cloud, region string) *cbs.Client {
	t.Helper()
	p := clientProfile()
	if strings.HasSuffix(region, "-fsi") {
		p.HttpProfile.Endpoint = "cbs." + region + ".tencentcloudapi.com"
	}
	k, err := cbs.NewClient(common.NewCredential(testKey.ID, testKey.Secret), region, p)
	noError(t, err)
	k.WithHttpTransport(c.Transport())
	return k
}

// startCopy copies through the client and returns the rows.
func startCopy(t *testing.T, k *cbs.Client, id, name string, to ...string) ([]*cbs.SnapshotCopyResult, error) {
	t.Helper()
	return startCopyWith(t.Context(), k, id, name, to...)
}

func startCopyWith(ctx context.Context, k *cbs.Client, id, name string, to ...string) ([]*cbs.SnapshotCopyResult, error) {
	r := cbs.NewCopySnapshotCrossRegionsRequest()
	r.SnapshotId = &id
	if name != "" {
		r.SnapshotName = &name
	}
	r.DestinationRegions = common.StringPtrs(to)
	res, err := k.CopySnapshotCrossRegionsWithContext(ctx, r)
	if err != nil {
		return nil, err
	}
	return res.Response.SnapshotCopyResultSet, nil
}

// mustCopy is startCopy where the call can't fail as a whole.
func mustCopy(t *testing.T, k *cbs.Client, id, name string, to ...string) []*cbs.SnapshotCopyResult {
	t.Helper()
	rows, err := startCopy(t, k, id, name, to...)
	noError(t, err)
	return rows
}

func filters(pairs ...string) []*cbs.Filter {
	var list []*cbs.Filter
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, &cbs.Filter{Name: &pairs[i], Values: common.StringPtrs(strings.Split(pairs[i+1], ","))})
	}
	return list
}

// list asks for snapshots by filters, oldest first, and returns the whole answer.
func list(t *testing.T, k *cbs.Client, pairs ...string) (*cbs.DescribeSnapshotsResponseParams, error) {
	t.Helper()
	r := cbs.NewDescribeSnapshotsRequest()
	r.Filters = filters(pairs...)
	r.Order = common.StringPtr("ASC")
	r.Limit = common.Uint64Ptr(100)
	res, err := k.DescribeSnapshotsWithContext(t.Context(), r)
	if err != nil {
		return nil, err
	}
	return res.Response, nil
}

// mustList is list where it can't fail.
func mustList(t *testing.T, k *cbs.Client, pairs ...string) *cbs.DescribeSnapshotsResponseParams {
	t.Helper()
	res, err := list(t, k, pairs...)
	noError(t, err)
	return res
}

func idsOf(set []*cbs.Snapshot) string {
	var ids []string
	for _, s := range set {
		ids = append(ids, *s.SnapshotId)
	}
	return strings.Join(ids, " ")
}

// code is the service's or the client's error code, "" for none.
func code(err error) string {
	if err == nil {
		return ""
	}
	var e *tcerr.TencentCloudSDKError
	if errors.As(err, &e) {
		return e.Code
	}
	return "not an SDK error: " + err.Error()
}

func wantCode(t *testing.T, err error, want string) {
	t.Helper()
	if got := code(err); got != want {
		t.Errorf("got code %q, want %q (%v)", got, want, err)
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// kinds are the kinds of a cloud's complaints, in order.
func kinds(c *sim.Cloud) string {
	var list []string
	for _, text := range c.Complaints() {
		kind, _, _ := strings.Cut(text, ":")
		list = append(list, kind)
	}
	return strings.Join(list, " ")
}

// An ask is a request made by hand. Zero fields are those of a correct one.
type ask struct {
	key                              sim.Key
	service, version, action, region string
	params                           string
	host, mime, method, date, scope  string
	at                               time.Time
	signed                           []string // headers to sign, default content-type and host
	lower                            bool     // sign header values in lower case
	authorization                    string
	change                           func(*http.Request) // after signing
}

var serviceVersions = map[string]string{"cbs": "2017-03-12", "eb": "2021-04-16", "scf": "2018-04-16", "tag": "2018-08-13", "sts": "2018-08-13", "region": "2022-06-27", "cam": "2019-01-16", "monitor": "2018-07-24"}

func (a ask) request() *http.Request {
	if a.key.ID == "" {
		a.key = testKey
	}
	a.service = cmp.Or(a.service, "cbs")
	a.version = cmp.Or(a.version, serviceVersions[a.service])
	a.method = cmp.Or(a.method, http.MethodPost)
	a.scope = cmp.Or(a.scope, a.service)
	if a.at.IsZero() {
		a.at = time.Now()
	}
	a.date = cmp.Or(a.date, a.at.UTC().Format(time.DateOnly))
	if a.signed == nil {
		a.signed = []string{"content-type", "host"}
	}
	r, _ := http.NewRequest(a.method, "http://localhost/", strings.NewReader(a.params))
	r.Host = cmp.Or(a.host, "localhost")
	r.Header.Set("Content-Type", cmp.Or(a.mime, "application/json"))
	for name, value := range map[string]string{
		"X-TC-Action": a.action, "X-TC-Version": a.version, "X-TC-Region": a.region,
		"X-TC-Timestamp": fmt.Sprint(a.at.Unix()), "X-TC-Token": a.key.Token,
	} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	r.Header.Set("Authorization", cmp.Or(a.authorization, a.sign(r)))
	if a.change != nil {
		a.change(r)
	}
	return r
}

func (a ask) sign(r *http.Request) string {
	var headers strings.Builder
	for _, name := range a.signed {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		if a.lower {
			value = strings.ToLower(value)
		}
		headers.WriteString(name + ":" + value + "\n")
	}
	names := strings.Join(a.signed, ";")
	canonical := strings.Join([]string{a.method, "/", "", headers.String(), names, sha(a.params)}, "\n")
	scope := a.date + "/" + a.scope + "/tc3_request"
	text := strings.Join([]string{"TC3-HMAC-SHA256", fmt.Sprint(a.at.Unix()), scope, sha(canonical)}, "\n")
	key := mac(mac(mac([]byte("TC3"+a.key.Secret), a.date), a.scope), "tc3_request")
	return "TC3-HMAC-SHA256 Credential=" + a.key.ID + "/" + scope + ", SignedHeaders=" + names +
		", Signature=" + hex.EncodeToString(mac(key, text))
}

func sha(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

func mac(key []byte, s string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(s))
	return m.Sum(nil)
}

// send returns the reply's Response object.
func (a ask) send(t *testing.T, c *sim.Cloud) map[string]any {
	t.Helper()
	res, err := c.Transport().RoundTrip(a.request().WithContext(context.WithoutCancel(t.Context())))
	noError(t, err)
	body, err := io.ReadAll(res.Body)
	noError(t, err)
	var reply struct{ Response map[string]any }
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&reply); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if id, _ := reply.Response["RequestId"].(string); len(id) != 36 {
		t.Errorf("RequestId is %q", id)
	}
	return reply.Response
}

// code sends and returns the error code, "" for none.
func (a ask) code(t *testing.T, c *sim.Cloud) string {
	t.Helper()
	e, _ := a.send(t, c)["Error"].(map[string]any)
	s, _ := e["Code"].(string)
	return s
}
