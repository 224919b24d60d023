package sim_test

import (
	"cmp"
	"net/http"
	"strings"
	"testing"
	"time"

	"snapferry/internal/sim"
)

func TestSignatures(t *testing.T) {
	more := []string{"content-type", "host", "x-tc-action", "x-tc-timestamp"}
	cases := []struct {
		name string
		ask  ask
		want string
	}{
		{"as the SDK signs", ask{}, ""},
		{"more headers", ask{signed: more}, ""},
		{"more headers, in lower case", ask{signed: more, lower: true}, ""},
		{"host with a port", ask{host: "127.0.0.1:9000"}, ""},
		{"charset", ask{mime: "application/json; charset=utf-8"}, ""},
		{"four minutes late", ask{at: time.Now().Add(-4 * time.Minute)}, ""},
		{"six minutes late", ask{at: time.Now().Add(-6 * time.Minute)}, "AuthFailure.SignatureExpire"},
		{"six minutes early", ask{at: time.Now().Add(6 * time.Minute)}, "AuthFailure.SignatureExpire"},
		{"date of another zone", ask{date: time.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)}, "AuthFailure.SignatureFailure"},
		{"scope of another service", ask{scope: "tag"}, "AuthFailure.SignatureFailure"},
		{"scope of no service", ask{scope: "cvm"}, "AuthFailure.SignatureFailure"},
		{"wrong secret", ask{key: sim.Key{ID: testKey.ID, Secret: "wrong"}}, "AuthFailure.SignatureFailure"},
		{"unknown id", ask{key: sim.Key{ID: "AKIDnobody", Secret: "x"}}, "AuthFailure.SecretIdNotFound"},
		{"host unsigned", ask{signed: []string{"content-type"}}, "AuthFailure.InvalidAuthorization"},
		{"not signed", ask{authorization: "SKIP"}, "AuthFailure.InvalidAuthorization"},
		{"short credential", ask{authorization: "TC3-HMAC-SHA256 Credential=a/b, SignedHeaders=content-type;host, Signature=0"}, "AuthFailure.InvalidAuthorization"},
		{"no signature", ask{authorization: "TC3-HMAC-SHA256 Credential=a/b/cbs/tc3_request, SignedHeaders=content-type;host"}, "AuthFailure.InvalidAuthorization"},
		{"host changed on the way", ask{change: func(r *http.Request) { r.Host = "elsewhere" }}, "AuthFailure.SignatureFailure"},
		{"signed header changed on the way", ask{signed: more, change: func(r *http.Request) { r.Header.Set("X-TC-Action", "DescribeDisks") }}, "AuthFailure.SignatureFailure"},
		{"no timestamp", ask{change: func(r *http.Request) { r.Header.Del("X-TC-Timestamp") }}, "MissingParameter"},
		{"odd timestamp", ask{change: func(r *http.Request) { r.Header.Set("X-TC-Timestamp", "noon") }}, "InvalidParameter"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			tc.ask.action, tc.ask.region, tc.ask.params = "DescribeSnapshots", gz, `{"Limit":1}`
			want(t, "code", tc.ask.code(t, newCloud(sim.Options{})), tc.want)
		})
	}
}

// TestSDKsAtAHostThatIsNotTheVendors signs as the vendor's SDKs of these versions
// were seen to. All sign the headers content-type and host, in this order.
func TestSDKsAtAHostThatIsNotTheVendors(t *testing.T) {
	const failure = "AuthFailure.SignatureFailure"
	const charset = "application/json; charset=utf-8"
	sentTo := func(host string) func(*http.Request) { return func(r *http.Request) { r.Host = host } }
	twoSpaces := func(r *http.Request) { // .NET writes the scheme and the rest with a blank each
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), " ", "  ", 1))
	}
	cases := []struct {
		name string
		ask  ask // host is the one that is signed
		want string
	}{
		{"Node 4.1.313", ask{scope: "127", host: "127.0.0.1", change: sentTo("127.0.0.1:9000")}, ""},
		{"Node 4.1.313, a name", ask{scope: "localhost:9000", host: "localhost", change: sentTo("localhost:9000")}, ""},
		{"Node 4.1.313, IPv6", ask{scope: "[::1]:9000", host: "[::1]", change: sentTo("[::1]:9000")}, ""},
		{"Node 4.1.313, a name in capitals", ask{scope: "Sim", host: "sim.example", change: sentTo("sim.example:9000")}, ""},
		{"PHP 3.0.462, C++", ask{scope: "127", host: "127.0.0.1:9000"}, ""},
		{"PHP 3.0.462, a name", ask{scope: "localhost:9000", host: "localhost:9000"}, ""},
		{".NET 3.0.134", ask{scope: "127", host: "127.0.0.1:9000", mime: charset, change: twoSpaces}, ""},
		{"Ruby 1.0.68, which has no ports", ask{scope: "localhost", host: "localhost"}, ""},
		{"Go 1.3.210", ask{host: "127.0.0.1:9000"}, ""},
		{"STS", ask{scope: "127", host: "127.0.0.1:9000", service: "sts", action: "GetCallerIdentity"}, ""},

		{"another label", ask{scope: "128", host: "127.0.0.1:9000"}, failure},
		{"a later label", ask{scope: "0", host: "127.0.0.1:9000"}, failure},
		{"no label", ask{scope: "127.0.0.1", host: "127.0.0.1:9000"}, failure},
		{"another port", ask{scope: "localhost:9001", host: "localhost:9000"}, failure},
		{"a label that is another service", ask{scope: "tag", host: "tag.example:9000"}, failure},
		{"another service", ask{scope: "tag", host: "127.0.0.1:9000"}, failure},
		{"another host signed", ask{scope: "127", host: "127.0.0.2", change: sentTo("127.0.0.1:9000")}, failure},
		{"another port signed", ask{scope: "127", host: "127.0.0.1:9001", change: sentTo("127.0.0.1:9000")}, failure},
		{"wrong secret", ask{scope: "127", host: "127.0.0.1:9000", key: sim.Key{ID: testKey.ID, Secret: "wrong"}}, failure},
		{"another service's version", ask{scope: "127", host: "127.0.0.1:9000", version: serviceVersions["tag"]}, "NoSuchVersion"},
		{"no service's action", ask{scope: "127", host: "127.0.0.1:9000", action: "DropSnapshots"}, "InvalidAction"},
		{"the vendor's host in capitals", ask{scope: "CBS", host: "CBS.tencentcloudapi.com"}, failure},
		{"the vendor's host without its port", ask{host: "cbs.tencentcloudapi.com", change: sentTo("cbs.tencentcloudapi.com:443")}, failure},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := newCloud(sim.Options{})
			tc.ask.action, tc.ask.region, tc.ask.params = cmp.Or(tc.ask.action, "DescribeSnapshots"), gz, "{}"
			want(t, "code", tc.ask.code(t, c), tc.want)
			if tc.want == "" {
				want(t, "the call's service", c.Calls()[0].Service, cmp.Or(tc.ask.service, "cbs"))
			}
		})
	}
}

func TestRequestHeaders(t *testing.T) {
	cases := []struct {
		name string
		ask  ask
		want string
	}{
		{"unknown action", ask{action: "DropSnapshots"}, "InvalidAction"},
		{"no action", ask{change: func(r *http.Request) { r.Header.Del("X-TC-Action") }}, "MissingParameter"},
		{"wrong version", ask{version: "2018-01-01"}, "NoSuchVersion"},
		{"no version", ask{change: func(r *http.Request) { r.Header.Del("X-TC-Version") }}, "MissingParameter"},
		{"no region", ask{change: func(r *http.Request) { r.Header.Del("X-TC-Region") }}, "MissingParameter"},
		{"unknown region", ask{region: "ap-nowhere"}, "UnsupportedRegion"},
		{"added region", ask{region: "ap-added"}, ""},
		{"GET", ask{method: http.MethodGet}, "UnsupportedProtocol"},
		{"form", ask{mime: "application/x-www-form-urlencoded"}, "UnsupportedProtocol"},
		{"its service's host", ask{host: "cbs.tencentcloudapi.com"}, ""},
		{"its international host", ask{host: "cbs.intl.tencentcloudapi.com"}, ""},
		{"another service's host", ask{host: "cvm.tencentcloudapi.com"}, "InvalidAction"},
		{"another region's host", ask{host: "cbs.ap-beijing.tencentcloudapi.com"}, "UnsupportedRegion"},
		{"no product", ask{service: "region", action: "DescribeRegions"}, "MissingParameter"},
		{"too large", ask{params: `{"Order":"` + strings.Repeat("x", 11<<20) + `"}`}, "RequestSizeLimitExceeded"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			tc.ask.action = cmp.Or(tc.ask.action, "DescribeSnapshots")
			tc.ask.region = cmp.Or(tc.ask.region, gz)
			tc.ask.params = cmp.Or(tc.ask.params, "{}")
			want(t, "code", tc.ask.code(t, newCloud(sim.Options{MoreRegions: []string{"ap-added"}})), tc.want)
		})
	}
}

func TestTokensAndPermissions(t *testing.T) {
	bubble(t, sim.Options{}, func(t *testing.T, c *sim.Cloud) {
		temporary := sim.Key{ID: "AKIDtmp", Secret: "s", Token: "token", Account: "42", Expires: time.Now().Add(time.Hour)}
		c.AddKey(temporary)
		denied := sim.Key{ID: "AKIDdenied", Secret: "s", Deny: []string{"DescribeSnapshots", "TagResources"}}
		c.AddKey(denied)
		try := func(k sim.Key) string {
			t.Helper()
			return ask{action: "DescribeSnapshots", region: gz, params: "{}", key: k}.code(t, c)
		}
		want(t, "right token", try(temporary), "")
		want(t, "missing token", try(sim.Key{ID: "AKIDtmp", Secret: "s"}), "AuthFailure.TokenFailure")
		want(t, "wrong token", try(sim.Key{ID: "AKIDtmp", Secret: "s", Token: "x"}), "AuthFailure.TokenFailure")
		want(t, "needless token", try(sim.Key{ID: testKey.ID, Secret: testKey.Secret, Token: "x"}), "AuthFailure.TokenFailure")
		want(t, "denied", try(denied), "UnauthorizedOperation")
		reply := ask{service: "tag", action: "TagResources", region: gz, params: "{}", key: denied}.send(t, c)
		message, _ := reply["Error"].(map[string]any)["Message"].(string)
		want(t, "is named", strings.Contains(message, "name/tag:TagResources"), true)
		who := ask{service: "sts", action: "GetCallerIdentity", region: gz, params: "{}", key: temporary}.send(t, c)
		want(t, "account", who["AccountId"], any(c.Account()))
		for _, field := range []string{"Arn", "UserId", "PrincipalId", "Type"} {
			want(t, field, who[field] != "", true)
		}
		time.Sleep(time.Hour)
		want(t, "expired", try(temporary), "AuthFailure.TokenFailure")
		want(t, "another key lives on", try(testKey), "")
		c.RemoveKey(testKey.ID)
		want(t, "removed", try(testKey), "AuthFailure.SecretIdNotFound")
	})
}
