package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A vendor imitates the hosts that the vendor's command calls, as far as its own source
// shows them, and keeps what it is sent.
type vendor struct {
	mu       sync.Mutex
	calls    []string
	run      map[string]any // the last RunComponent
	status   string         // of the instance, after a run
	refusal  map[string]any // what each call of an action gets, in place of an answer
	uploaded []byte
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body) + "&" + r.URL.RawQuery)
	call := strings.TrimSpace(r.Method + " " + r.Host + strings.TrimRight(r.URL.Path, "/") + " " + form.Get("Action"))
	if len(v.calls) == 0 || v.calls[len(v.calls)-1] != call {
		v.calls = append(v.calls, call)
	}
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
		v.run = map[string]any{}
		_ = json.Unmarshal([]byte(body), &v.run)
	case "GetInstance":
		answer["instance"] = map[string]any{"instanceStatus": v.status, "deploymentError": "no such role", "outputs": map[string]any{"region": "here"}}
	}
	raw, _ := json.Marshal(answer)
	payload, _ := json.Marshal(map[string]any{"statusCode": 200, "body": string(raw)})
	return map[string]any{"Response": map[string]any{"Body": string(payload), "RequestId": "r"}}
}

func TestProto(t *testing.T) {
	if *toolkit == "" {
		t.Skip()
	}
	d, _, out := checkout(t, example(t))
	v := &vendor{status: "active"}
	proxy := through(t, v)
	home := t.TempDir()
	d.out = out
	defer func() { t.Log(out) }()
	d.run = func(ctx context.Context, folder string, env map[string]string, out io.Writer, name string, args ...string) error {
		if name != "npx" {
			return nil
		}
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Dir = folder
		cmd.Env = append(proxy, "PATH="+os.Getenv("PATH"), "HOME="+home, "npm_config_update_notifier=false", "npm_config_cache="+home+"/npm")
		for k, val := range env {
			cmd.Env = append(cmd.Env, k+"="+val)
		}
		cmd.Stdout, cmd.Stderr = out, os.Stderr
		return cmd.Run()
	}
	if err := os.Symlink(filepath.Join(*toolkit, "node_modules"), "node_modules"); err != nil {
		t.Fatal(err)
	}
	t.Log(d.do(t.Context(), os.Getenv("CMD")))
	t.Log(strings.Join(v.calls, "\n"))
	b, _ := json.MarshalIndent(v.run, "", " ")
	t.Log(string(b))
	z, err := zip.NewReader(bytes.NewReader(v.uploaded), int64(len(v.uploaded)))
	if err == nil {
		for _, f := range z.File {
			t.Log(f.Name, f.Mode())
		}
	}
	_ = filepath.Walk(home, func(p string, i os.FileInfo, _ error) error { t.Log(p, i.Mode()); return nil })
}
