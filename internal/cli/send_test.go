package cli_test

import (
	"strings"
	"testing"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
)

// send sends a request as somebody else would: with the vendor's client, beside the
// product. A refusal fails the test.
func send(t *testing.T, endpoint, service, version, action string, params map[string]any) {
	t.Helper()
	p := profile.NewClientProfile()
	p.HttpProfile.Scheme, p.HttpProfile.Endpoint = "HTTP", strings.TrimPrefix(endpoint, "http://")
	r := tchttp.NewCommonRequest(service, version, action)
	if err := r.SetActionParameters(params); err != nil {
		t.Fatal(err)
	}
	client := common.NewCommonClient(common.NewCredential(key.ID, key.Secret), "ap-guangzhou", p)
	if err := client.Send(r, tchttp.NewCommonResponse()); err != nil {
		t.Errorf("%s %v: %v", action, params, err)
	}
}
