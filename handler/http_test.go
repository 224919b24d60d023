package handler_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"snapferry/internal/sim"
)

func TestTheStatusPageAnswersOnlyWhoMayAsk(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		for _, c := range []struct{ request, token, want string }{
			{`{"httpMethod":"GET","path":"/"}`, "", `"statusCode":403`},
			{`{"httpMethod":"POST","path":"/"}`, "", `"statusCode":405`},
			{`{"httpMethod":"GET","path":"/x"}`, "", `"statusCode":404`},
			{`{"httpMethod":"GET","path":"/","headers":{"authorization":"Bearer wrong"}}`, "a-long-token-1234", `"statusCode":403`},
			{`{"httpMethod":"GET","path":"/","headers":{"Authorization":"Bearer a-long-token-1234"}}`, "a-long-token-1234", `"statusCode":501`},
		} {
			rig.env["STATUS_TOKEN"] = c.token
			out, err := rig.send(rig.h, c.request, nil)
			if err != nil || !strings.Contains(string(out), c.want) {
				t.Errorf("%s: %s, %v", c.request, out, err)
			}
		}
	})
}

// openSesame is the status page's token in these tests.
const openSesame = "open-sesame-0123456789"

// fixtures are the events in files whose names begin so.
func fixtures(t testing.TB, names string) [][]byte {
	t.Helper()
	files, err := filepath.Glob("../testdata/events/" + names + ".json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	var out [][]byte
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, raw)
	}
	return out
}

// The answer to any HTTP request is a page of ours. It repeats neither the
// settings nor the request, and only the right token gets more than a refusal.
func FuzzHTTP(f *testing.F) {
	for _, raw := range fixtures(f, "http_*") {
		f.Add(raw)
	}
	f.Add([]byte(`{"httpMethod":"GET","path":"/","headers":{"Authorization":["Bearer x","Bearer ` + openSesame + `"]}}`))
	f.Add([]byte(`{"httpMethod":"HEAD","path":"//","headers":"Authorization: Bearer ` + openSesame + `"}`))
	f.Add([]byte(`{"httpMethod":"GET","path":"/metrics","headers":{"AUTHORIZATION":"Bearer ` + openSesame + `"},"queryString":"%zz"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		rig := newRig(t, sim.Options{})
		rig.env["STATUS_TOKEN"] = openSesame
		if !strings.Contains(string(raw), `"httpMethod"`) {
			return // other kinds of event have a target of their own
		}
		rig.env["TARGET_REGIONS"] = "" // no job may begin: its settings are wrong
		_, err := rig.send(rig.h, string(raw), rig.brought)
		rig.wantClean("with wrong settings", nil, err)
		rig.env["TARGET_REGIONS"] = bj
		out, err := rig.send(rig.h, string(raw), rig.brought)
		rig.wantClean("HTTP", nil, err)
		if err == nil && strings.Contains(rig.logs.all()+string(out), openSesame) {
			t.Errorf("the token is shown: %s", out)
		}
		var page struct {
			StatusCode int
			Body       string
		}
		if err != nil || json.Unmarshal(out, &page) != nil || page.StatusCode == 0 {
			return
		}
		if page.StatusCode < 400 && !strings.Contains(string(raw), "sesame") {
			t.Errorf("%d without the token: %s", page.StatusCode, out)
		}
	})
}
