package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tags "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/tag/v20180813"

	"snapferry/internal/sim"
)

// put tags resources through the vendor's client and returns the failed ones' codes.
func put(t *testing.T, c *sim.Cloud, pairs map[string]string, resources ...string) (string, error) {
	t.Helper()
	k, err := tags.NewClient(common.NewCredential(testKey.ID, testKey.Secret), gz, clientProfile())
	noError(t, err)
	k.WithHttpTransport(c.Transport())
	r := tags.NewTagResourcesRequest()
	r.ResourceList = common.StringPtrs(resources)
	for key, value := range pairs {
		r.Tags = append(r.Tags, &tags.Tag{TagKey: &key, TagValue: &value})
	}
	res, err := k.TagResources(r)
	if err != nil {
		return "", err
	}
	var failed []string
	for _, f := range res.Response.FailedResources {
		failed = append(failed, *f.Code)
	}
	return strings.Join(failed, " "), nil
}

func resource(c *sim.Cloud, region, id string) string {
	return "qcs::cvm:" + region + ":uin/" + c.Account() + ":snapshot/" + id
}

func TestTagging(t *testing.T) {
	c := newCloud(sim.Options{Rate: -1})
	id := c.AddSnapshot(sim.Snapshot{Tags: map[string]string{"old": "1", "kept": "2"}})
	disk := c.AddDisk(sim.Disk{})
	volume := strings.Replace(resource(c, gz, disk), "snapshot", "volume", 1)
	failed, err := put(t, c, map[string]string{"old": "new"}, resource(c, gz, id), volume)
	wantCode(t, err, "")
	want(t, "failed", failed, "")
	s, _ := c.Snapshot(gz, id)
	want(t, "tags", fmt.Sprint(s.Tags), "map[kept:2 old:new]")
	want(t, "disk's tags", fmt.Sprint(c.Disks(gz)[0].Tags), "map[old:new]")
	want(t, "complaints", kinds(c), "")
}

func TestTaggingFailsOnOKReplies(t *testing.T) {
	c := newCloud(sim.Options{Rate: -1})
	id := c.AddSnapshot(sim.Snapshot{})
	full := map[string]string{}
	for i := range 50 {
		full[fmt.Sprint("k", i)] = "v"
	}
	packed := c.AddSnapshot(sim.Snapshot{Tags: full})
	failed, err := put(t, c, map[string]string{"a": "b"}, resource(c, gz, "snap-00000000"), resource(c, gz, id),
		strings.Replace(resource(c, gz, id), c.Account(), "7", 1), resource(c, "ap-nowhere", id), resource(c, gz, packed))
	wantCode(t, err, "")
	want(t, "failed", failed, "InvalidParameterValue.ResourceIdInvalid FailedOperation.ResourceAppIdNotSame "+
		"InvalidParameterValue.RegionInvalid LimitExceeded.ResourceAttachedTags")
	s, _ := c.Snapshot(gz, id)
	want(t, "the good one", s.Tags["a"], "b")
}

func TestTagLimits(t *testing.T) {
	c := newCloud(sim.Options{Rate: -1})
	id := c.AddSnapshot(sim.Snapshot{})
	long := strings.Repeat
	cases := []struct{ name, key, value, want string }{
		{"no key", "", "v", "InvalidParameterValue.TagKeyEmpty"},
		{"longest key", long("k", 127), "v", ""},
		{"longer key", long("k", 128), "v", "InvalidParameterValue.TagKeyLengthExceeded"},
		{"longest value", "a", long("v", 255), ""},
		{"longer value", "a", long("v", 256), "InvalidParameterValue.TagValueLengthExceeded"},
		{"project", "project", "v", "InvalidParameterValue.ReservedTagKey"},
		{"tencent", "tencentcloud", "v", "InvalidParameterValue.ReservedTagKey"},
	}
	for _, tc := range cases {
		_, err := put(t, c, map[string]string{tc.key: tc.value}, resource(c, gz, id))
		if got := code(err); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
	eleven := map[string]string{}
	for i := range 11 {
		eleven[fmt.Sprint(i)] = "v"
	}
	_, err := put(t, c, eleven, resource(c, gz, id))
	wantCode(t, err, "LimitExceeded.TagNumPerRequest")
	_, err = put(t, c, map[string]string{"a": "b"}, id)
	wantCode(t, err, "InvalidParameterValue.ResourceDescriptionError")
}

func TestTaggingReplicasBeforeNormal(t *testing.T) {
	for _, allowed := range []bool{false, true} {
		bubble(t, sim.Options{Quirks: sim.Quirks{TagBeforeNormal: allowed}}, func(t *testing.T, c *sim.Cloud) {
			rows := mustCopy(t, client(t, c, gz), c.AddSnapshot(sim.Snapshot{}), "n", sh)
			name := resource(c, sh, *rows[0].SnapshotId)
			failed, err := put(t, c, map[string]string{"a": "b"}, name)
			wantCode(t, err, "")
			want(t, "allowed", failed == "", allowed)
			time.Sleep(time.Minute)
			failed, err = put(t, c, map[string]string{"a": "b"}, name)
			wantCode(t, err, "")
			want(t, "failed", failed, "")
		})
	}
}
