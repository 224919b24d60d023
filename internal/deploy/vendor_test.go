package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A vendor imitates the hosts that the vendor's command calls, as far as its own source
// shows them, and keeps what it is sent.
type vendor struct {
	mu       sync.Mutex
	calls    map[string]bool
	run      instance       // the last RunComponent
	status   string         // of the instance, after a run
	refusal  map[string]any // what each call of an action gets, in place of an answer
	uploaded []byte
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body) + "&" + r.URL.RawQuery)
	scheme := map[bool]string{true: "https://", false: "http://"}[r.TLS != nil]
	v.calls[strings.TrimSpace(r.Method+" "+scheme+r.Host+strings.TrimRight(r.URL.Path, "/")+" "+form.Get("Action"))] = true
	var answer any = map[string]any{}
	switch action := form.Get("Action"); {
	case v.refusal[action] != nil:
		answer = map[string]any{"Response": v.refusal[action]}
	case action == "GetUserAppId":
		answer = map[string]any{"Response": map[string]any{"AppId": 1250000000, "Uin": "1", "OwnerUin": "1", "RequestId": "r"}}
	case action != "":
		answer = v.platform(action, form.Get("Body"))
	case r.Method == http.MethodPut:
		v.uploaded = body
	case r.Method == http.MethodGet:
		http.NotFound(w, r) // no code was uploaded before
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (v *vendor) platform(action, body string) any {
	answer := map[string]any{}
	switch action {
	case "GetCacheFileUrls":
		for _, name := range []string{"changesUploadUrl", "previousMapDownloadUrl", "srcDownloadUrl"} {
			answer[name] = "https://code.cos.ap-guangzhou.myqcloud.com/" + name
		}
	case "RunComponent":
		v.run = instance{}
		_ = json.Unmarshal([]byte(body), &v.run)
	case "GetInstance":
		answer["instance"] = map[string]any{"instanceStatus": v.status, "deploymentError": "no such role", "outputs": map[string]any{"region": "here"}}
	}
	raw, _ := json.Marshal(answer)
	payload, _ := json.Marshal(map[string]any{"statusCode": 200, "body": string(raw)})
	return map[string]any{"Response": map[string]any{"Body": string(payload), "RequestId": "r"}}
}

// command lets the deployer run the vendor's real command, which npm has installed,
// against the imitation. Every other program only seems to run.
func command(t *testing.T, d *deployer, v *vendor) {
	t.Helper()
	if *tools == "" {
		t.Skip("make deploy-check runs it: it needs node, and npm's package @serverless/components")
	}
	if err := os.Symlink(filepath.Join(*tools, "node_modules"), "node_modules"); err != nil { // npx looks here first
		t.Fatal(err)
	}
	t.Setenv("TENCENT_TOKEN", "of other keys")
	t.Setenv("TENCENT_CREDENTIALS_PROFILE", "none of this name")
	proxy, home := through(t, v), t.TempDir()
	d.run = func(ctx context.Context, folder string, env map[string]string, out io.Writer, name string, args ...string) error {
		if name != "npx" {
			return nil
		}
		for _, set := range append(proxy, "HOME="+home, "npm_config_update_notifier=false", "npm_config_offline=true") {
			key, value, _ := strings.Cut(set, "=")
			env[key] = value
		}
		return run(ctx, folder, env, out, name, args...)
	}
}

// instance is what the command asked the vendor's platform to deploy or to remove.
type instance struct {
	Method      string         `json:"method"`
	Credentials map[string]any `json:"credentials"`
	Instance    struct {
		App    string         `json:"appName"`
		Name   string         `json:"instanceName"`
		Inputs map[string]any `json:"inputs"`
	} `json:"instance"`
}

// From the settings' file to the requests that make functions, through the vendor's real
// command and its real library: the golden files have roles, variables, limits, timers that
// are switched on, what a second deployment changes, and what a removal deletes.
func TestTheVendorsProgramsSendWhatTheFileSays(t *testing.T) {
	golden, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ watch, name, calls, requests string }{
		{"", "snapferry", "calls.json", "requests.json"},
		{"ap-beijing", "snapferry-watch-ap-beijing", "", "requests_watcher.json"},
	} {
		t.Run(tc.requests, func(t *testing.T) {
			d, _, out := checkout(t, example(t))
			if d.watch = tc.watch; tc.watch != "" {
				// The tool would read the nearest .env, and call other hosts.
				if err := writeFile(".env", []byte("SERVERLESS_TENCENT_NET_TYPE=inner\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			v, account := &vendor{calls: map[string]bool{}}, &platform{there: map[string]bool{}, triggers: map[string][]any{}}
			command(t, d, v)
			for _, step := range []struct{ command, method, status string }{{"deploy", "deploy", "active"}, {"undeploy", "remove", "inactive"}} {
				v.status = step.status
				if err := d.do(t.Context(), step.command); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				if v.run.Method != step.method || v.run.Instance.App != "snapferry" || v.run.Instance.Name != tc.name {
					t.Errorf("%s: the command asks for %s of %+v", step.command, v.run.Method, v.run.Instance)
				}
				if keys := fmt.Sprint(v.run.Credentials); keys != "map[tencent:map[SecretId:AKIDperson SecretKey:key-of-person Token:]]" {
					t.Errorf("%s: with %s", step.command, keys)
				}
				library(t, account, v.run)
				if step.command == "deploy" && tc.watch == "" {
					library(t, account, v.run)
				}
			}
			wantGolden(t, filepath.Join(golden, tc.requests), account.made)
			if tc.calls != "" {
				wantGolden(t, filepath.Join(golden, tc.calls), sortedKeys(v.calls))
			} else if calls := fmt.Sprint(sortedKeys(v.calls)); strings.Contains(calls, "internal") {
				t.Errorf("the command reads the .env of the checkout: it calls %s", calls)
			}
		})
	}
}

// What a settings' file may have reaches the function as it is there.
func TestTheVendorsCommandChangesNoValue(t *testing.T) {
	d, _, out := checkout(t, strings.ReplaceAll(example(t), "STATUS_TOKEN=0", "STATUS_TOKEN=+/=~.0")+
		"NOTIFY_URL=https://example.com/hook?key=a%20b&x=$HOME+1#frag,'\"\\n`id`$(id)$$!;|<>*\n"+
		"SELECT_TAGS=环境=生产,a.b:c/d=e+f=g@h,k=*\nCOPY_TAGS=true, 备份 ,null\n")
	v := &vendor{calls: map[string]bool{}, status: "active"}
	command(t, d, v)
	if err := d.do(t.Context(), "deploy"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	values, err := readSettings("snapferry.env")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := readTemplate(filepath.Join(workshop, "serverless.yml"), "")
	if err != nil {
		t.Fatal(err)
	}
	var sent struct {
		Functions map[string]*function `json:"functions"`
	}
	raw, _ := json.Marshal(v.run.Instance.Inputs)
	if err := json.Unmarshal(raw, &sent); err != nil {
		t.Fatal(err)
	}
	for name, f := range plan.Inputs.Functions {
		if got, want := resolved(sent.Functions[name], nil), resolved(f, values); !maps.Equal(got, want) {
			t.Errorf("%s gets\n%q, want\n%q", name, got, want)
		}
	}
	code, err := zip.NewReader(bytes.NewReader(v.uploaded), int64(len(v.uploaded)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]fs.FileMode{}
	for _, f := range code.File {
		files[f.Name] = f.Mode().Perm()
	}
	if len(files) != 2 || files["main"] != 0o755 || files["src.map"] == 0 {
		t.Errorf("the command uploads %v, want main, and src.map for itself", files)
	}
}

// The vendor's command fails in its own ways, with exit status 0 too.
func TestTheVendorsCommandFails(t *testing.T) {
	refuse := func(action, code string) *vendor {
		return &vendor{calls: map[string]bool{}, status: "active", refusal: map[string]any{action: map[string]any{"RequestId": "r", "Error": map[string]any{"Code": code, "Message": "refused: " + code}}}}
	}
	for name, tc := range map[string]struct {
		v           *vendor
		want, shown string
	}{
		"half deployed": {&vendor{calls: map[string]bool{}, status: "error"}, "failed (exit status 1): what it printed", "no such role"},
		"a wrong key":   {refuse("GetUserAppId", "AuthFailure.SignatureFailure"), "failed (exit status 1)", "refused: AuthFailure.SignatureFailure"},
		"no permission": {refuse("RunComponent", "UnauthorizedOperation"), "failed (exit status 1)", "refused: UnauthorizedOperation"},
		"an old token":  {refuse("GetUserAppId", "AuthFailure.TokenFailure"), "asked for a login, and was stopped", "请扫码"},
	} {
		t.Run(name, func(t *testing.T) {
			d, _, out := checkout(t, example(t))
			command(t, d, tc.v)
			if err := d.do(t.Context(), "deploy"); err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(out.String(), tc.shown) {
				t.Errorf("got %v, want %q in it, and %q shown:\n%s", err, tc.want, tc.shown, out)
			}
			if strings.Contains(out.String(), "deployed in") {
				t.Errorf("it says that it deployed:\n%s", out)
			}
			if env, err := os.ReadFile(filepath.Join(workshop, ".env")); err != nil || len(env) > 0 {
				t.Errorf("%s/.env (%v) has %q", workshop, err, env)
			}
		})
	}
}
