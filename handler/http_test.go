package handler_test

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"snapferry/handler"
	"snapferry/internal/plan"
	"snapferry/internal/sim"
)

// Who may not ask learns nothing: without a token in the settings the page is closed,
// and a wrong token comes before a wrong path or method.
func TestTheStatusPageAnswersOnlyWhoMayAsk(t *testing.T) {
	const token = "a-long-token-1234"
	story(t, sim.Options{}, func(rig *rig) {
		rig.disk(time.Hour)
		rig.h.Recent = handler.NewRecent()
		for request, want := range map[string]int{
			`"path":"/"`:  401,
			`"path":"/x"`: 401,
			`"path":"/","headers":{"authorization":"Bearer wrong"}`:                               401,
			`"path":"/","headers":{"authorization":"Basic ` + token + `"}`:                        401,
			`"path":"/","headers":{"Authorization":"Bearer ` + token + `"}`:                       200,
			`"path":"/","queryString":{"token":"` + token + `"}`:                                  200,
			`"path":"/","headers":{"Cookie":"a=b; snapferry=` + token + `"}`:                      200,
			`"path":"/x","headers":{"Authorization":"Bearer ` + token + `"}`:                      404,
			`"path":"/status.json","headers":{"Authorization":"Bearer ` + token + `"}`:            200,
			`"path":"/status.csv","headers":{"Authorization":"Bearer ` + token + `"}`:             200,
			`"path":"/metrics","headers":{"Authorization":"Bearer ` + token + `"}`:                200,
			`"path":"/","headers":{"Authorization":"Bearer ` + strings.Repeat("x", 65<<10) + `"}`: 401,
			`"path":"/","queryString":"token=%zz"`:                                                401,
		} {
			for _, method := range []string{"GET", "HEAD", "POST"} {
				code := want
				if method == "POST" && want == 200 {
					code = 405
				}
				rig.env["STATUS_TOKEN"] = token
				got := rig.visit(t, `{"httpMethod":"`+method+`",`+request+`}`)
				if got.StatusCode != code || method == "HEAD" && got.Body != "" || got.Headers["Cache-Control"] != "no-store" {
					t.Errorf("%s %.80s: %d %.100s, want %d", method, request, got.StatusCode, got.Body, code)
				}
				if code < 400 && strings.Contains(request, `"token"`) != strings.HasPrefix(got.Headers["Set-Cookie"], "snapferry="+token+"; Path=/; HttpOnly; Secure; SameSite=Strict") {
					t.Errorf("%s %.80s: the cookie is %q", method, request, got.Headers["Set-Cookie"])
				}
				if policy := got.Headers["Content-Security-Policy"]; (policy != "") != (code < 400 && strings.Contains(request, `"path":"/",`)) || strings.Contains(policy, "unsafe") {
					t.Errorf("%s %.80s: the policy is %q", method, request, policy)
				}
				if strings.Contains(got.Body+rig.logs.all(), token) {
					t.Errorf("%s %.80s: the token is shown", method, request)
				}
				rig.env["STATUS_TOKEN"] = ""
				if got := rig.visit(t, `{"httpMethod":"`+method+`",`+request+`}`); got.StatusCode != http.StatusForbidden {
					t.Errorf("%s %.80s without a token in the settings: %d, want 403", method, request, got.StatusCode)
				}
			}
		}
	})
}

// visit sends an HTTP request and reads the answer.
func (rig *rig) visit(t *testing.T, request string) (answer struct {
	StatusCode int
	Headers    map[string]string
	Body       string
},
) {
	t.Helper()
	out, err := rig.send(rig.h, request, rig.brought)
	if err != nil || json.Unmarshal(out, &answer) != nil {
		t.Errorf("%.100s: %s, %v", request, out, err)
	}
	return answer
}

// Each face tells the same, and one look serves all visitors of a minute.
func TestTheStatusHasFourFacesAndOneLook(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["STATUS_TOKEN"], rig.env["TARGET_REGIONS"] = "-", bj
		rig.h.Recent = handler.NewRecent()
		good, _ := rig.disk(time.Hour)
		rig.copied()
		rig.run(verifyTimer)
		bad := rig.cloud.AddDisk(sim.Disk{Region: gz, Name: "<script>alert(1)</script>", SizeGiB: 50, Tags: map[string]string{plan.TargetsTag: "ap-mars"}})
		rig.snapshot(bad)
		time.Sleep(time.Hour)
		before := rig.cloud.Count("")
		looks := 0
		for path, words := range map[string][]string{
			"/":            {good, bad, "&lt;script&gt;alert(1)"},
			"/status.json": {good, bad, `"unprotected":1`, `"protected":1`, `"quota":[{"region":"ap-beijing"`},
			"/status.csv":  {"disk,name,from,sizeGiB,instance,to,state,replica,point,ageSeconds,reason", good, bad},
			"/metrics":     {`snapferry_disks{from="ap-guangzhou",to="ap-beijing",state="protected"} 1`, "# EOF"},
		} {
			got := rig.visit(t, `{"httpMethod":"GET","path":"`+path+`"}`)
			wantNumber(t, path, got.StatusCode, 200)
			wantWords(t, got.Body, words...)
			if strings.Contains(got.Body, "<script>alert") && path != "/status.csv" && path != "/status.json" {
				t.Errorf("%s: a disk's name is not escaped", path)
			}
			if looks == 0 {
				looks = rig.cloud.Count("") - before
			}
		}
		wantNumber(t, "requests for four visits", rig.cloud.Count("")-before, looks)
		time.Sleep(time.Minute)
		var visitors sync.WaitGroup
		for range 3 {
			visitors.Go(func() { rig.visit(t, `{"httpMethod":"GET","path":"/"}`) })
		}
		visitors.Wait()
		wantNumber(t, "requests of three visitors at once a minute later", rig.cloud.Count("")-before, 2*looks)
		r := rig.run(`{"job":"status"}`)
		if r.Protection == nil || r.Protection.Unprotected != 1 || r.Settled {
			t.Errorf("the job says %+v, settled %t", r.Protection, r.Settled)
		}
	})
}

// On the day that the source region is lost, the status is told from the replicas.
func TestTheStatusWorksWithoutTheSourceRegion(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["STATUS_TOKEN"], rig.env["TARGET_REGIONS"] = "-", bj
		disk, _ := rig.disk(time.Hour)
		rig.copied()
		rig.run(verifyTimer)
		rig.fail(-1, "", gz, sim.Fault{Kind: sim.Refuse, Code: "ResourceUnavailable"})
		got := rig.visit(t, `{"httpMethod":"GET","path":"/status.json"}`)
		wantWords(t, got.Body, disk, `"protected":1`, `"unseen":[{"region":"ap-guangzhou"`)
		if strings.Contains(got.Body, `"name"`) {
			t.Errorf("a name is invented: %s", got.Body)
		}
		rig.fail(-1, "", "", sim.Fault{Kind: sim.Refuse, Code: "ResourceUnavailable"})
		wantNumber(t, "the answer when nothing can be seen", rig.visit(t, `{"httpMethod":"GET","path":"/"}`).StatusCode, 502)
		rig.alarm(t, `{"job":"status"}`)
	})
}

// The platform passes on 6 MB of a reply. A larger page is packed for who can unpack it;
// everybody else is told so. Nobody gets a part of it.
func TestAPageTooLargeForThePlatformIsPackedOrRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes pages of many megabytes, one after the other")
	}
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["STATUS_TOKEN"], rig.env["TARGET_REGIONS"] = "-", bj
		rig.h.Recent = handler.NewRecent()
		rng := rand.New(rand.NewPCG(1, 1))
		disks := func(n int, name func() string) {
			for range n {
				rig.cloud.AddSnapshot(sim.Snapshot{Region: gz, Disk: rig.cloud.AddDisk(sim.Disk{Region: gz, Name: name()}), Created: time.Now()})
			}
		}
		visit := func(method, path, accepted string) (code int, headers map[string]string, text string) {
			out, err := rig.send(rig.h, `{"httpMethod":"`+method+`","path":"`+path+`","headers":{"accept-encoding":"`+accepted+`"}}`, rig.brought)
			if len(out) > 6_000_000 || err != nil {
				t.Errorf("%s %s: a reply of %d bytes, %v", method, path, len(out), err)
			}
			var a struct {
				StatusCode      int
				Headers         map[string]string
				Body            string
				IsBase64Encoded bool
			}
			if err := json.Unmarshal(out, &a); err != nil {
				t.Fatal(err)
			}
			if a.IsBase64Encoded && a.Body != "" {
				r, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(a.Body)))
				if err != nil {
					t.Fatal(err)
				}
				unpacked, err := io.ReadAll(r)
				if err != nil {
					t.Fatal(err)
				}
				a.Body = string(unpacked)
			}
			return a.StatusCode, a.Headers, a.Body
		}
		ends := map[string]string{"/": "</html>\n", "/status.json": "}\n", "/status.csv": "\n"}
		disks(200, func() string { return strings.Repeat("a long name ", 3000) })
		for path, end := range ends {
			code, headers, text := visit("GET", path, "br, gzip")
			if code != 200 || headers["Content-Encoding"] != "gzip" || len(text) < 7_000_000 || strings.Count(text, "disk-") < 200 || !strings.HasSuffix(text, end) {
				t.Errorf("%s, packed: %d %v, %d bytes", path, code, headers, len(text))
			}
			for _, method := range []string{"GET", "HEAD"} {
				code, headers, text = visit(method, path, "br")
				if code != 500 || headers["Content-Encoding"] != "" || method == "GET" && !strings.Contains(text, `ask with "Accept-Encoding: gzip", or run "snapferry status"`) {
					t.Errorf("%s %s, not packed: %d %v %.200s", method, path, code, headers, text)
				}
			}
			if code, _, text = visit("HEAD", path, "gzip"); code != 200 || text != "" {
				t.Errorf("HEAD %s, packed: %d %.200s", path, code, text)
			}
		}
		if code, headers, _ := visit("GET", "/metrics", "gzip"); code != 200 || headers["Content-Encoding"] != "" {
			t.Errorf("what is small is packed: %d %v", code, headers)
		}
		time.Sleep(time.Minute)
		disks(100, func() string {
			letters := make([]byte, 75_000)
			for i := range letters {
				letters[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[rng.IntN(64)]
			}
			return string(letters)
		})
		if code, _, text := visit("GET", "/status.json", "gzip"); code != 500 || !strings.Contains(text, "/status.json has 1") {
			t.Errorf("what stays too large when packed: %d %.200s", code, text)
		}
	})
}

// Drills are read from the tags of replicas. What is no replica of ours, no week, or a
// week of the future was no drill, and a region that can't be read shows none.
func TestDrillsAreReadFromTheTagsOfReplicas(t *testing.T) {
	story(t, sim.Options{}, func(rig *rig) {
		rig.env["STATUS_TOKEN"] = "-"
		week := func(weeks int) string {
			year, number := time.Now().AddDate(0, 0, -7*weeks).ISOWeek()
			return fmt.Sprintf("%04d-W%02d", year, number)
		}
		disk, _ := rig.disk(days(7)...)
		rig.copyAll()
		rig.run(verifyTimer)
		mark := func(n int, region, value string) (id string) {
			id = rig.cloud.Snapshots(region)[n].ID
			rig.cloud.ChangeSnapshot(region, id, func(s *sim.Snapshot) { s.Tags[plan.DrilledTag] = value })
			return id
		}
		newest := mark(2, bj, week(1))
		for n, value := range []string{week(3), "2099-W01", 3: "9999-W99", 4: "last week", 5: week(2)} {
			if n != 2 {
				mark(n, bj, value)
			}
		}
		old := mark(0, sh, week(9))
		rig.cloud.AddSnapshot(sim.Snapshot{Region: bj, Name: "by hand", Created: time.Now(), Tags: map[string]string{plan.DrilledTag: week(0)}})
		page, rows := rig.visit(t, `{"httpMethod":"GET","path":"/"}`).Body, rig.visit(t, `{"httpMethod":"GET","path":"/status.json"}`).Body
		row := func(to, replica, week string) string {
			return fmt.Sprintf(`{"to":%q,"disk":%q,"replica":%q,"week":%q}`, to, disk, replica, week)
		}
		wantWords(t, rows, `"drills":[`+row(bj, newest, week(1))+`,`+row(sh, old, week(9))+`]`)
		wantWords(t, rig.visit(t, `{"httpMethod":"GET","path":"/metrics"}`).Body,
			fmt.Sprintf("snapferry_drill_last_success_timestamp_seconds{to=%q} %d\n", bj, plan.Monday(week(1)).Unix()))
		wantNumber(t, "regions whose drill is overdue", strings.Count(page, ">overdue<"), 1)
		rig.fail(-1, "DescribeSnapshots", bj, sim.Fault{Kind: sim.Refuse, Code: "ResourceUnavailable"})
		wantWords(t, rig.visit(t, `{"httpMethod":"GET","path":"/status.json"}`).Body, `"drills":[`+row(sh, old, week(9))+`]`)
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

// Who asks reads the answer in the language of the browser, else of the function. The
// English texts are promised.
func TestTheAnswersAreInTheVisitorsLanguage(t *testing.T) {
	const token = "a-long-token-1234"
	story(t, sim.Options{}, func(rig *rig) {
		rig.disk(time.Hour)
		authorization := `"Authorization":"Bearer ` + token + `"`
		for _, c := range []struct {
			method, path, headers, token, targets string
			code                                  int
			english, chinese                      string
		}{
			{"GET", "/", "", "", bj, 403, "the status page is closed: set STATUS_TOKEN\n", "状态页未开放：请设置 STATUS_TOKEN\n"},
			{"GET", "/", "", token, bj, 401, "send the function's STATUS_TOKEN as a bearer token, or open the page with ?token=…\n", "请以 Bearer 令牌发送函数的 STATUS_TOKEN，或在页面地址后加 ?token=…\n"},
			{"GET", "/x", authorization, token, bj, 404, "no such page; there are /, /status.json, /status.csv and /metrics\n", "没有此页面；可用的有 /、/status.json、/status.csv 和 /metrics\n"},
			{"POST", "/", authorization, token, bj, 405, "only GET and HEAD\n", "只支持 GET 和 HEAD\n"},
			{"GET", "/", authorization, token, "nowhere", 500, "the settings are wrong: see the function's log\n", "设置有误：请查看函数日志\n"},
			{"GET", "/", authorization, token, bj, 200, `<html lang="en">`, `<html lang="zh-CN">`},
		} {
			for _, l := range []struct{ accept, function, want string }{
				{"zh-CN,zh;q=0.9,en;q=0.8", "en", c.chinese},
				{"en-GB,en;q=0.9,zh;q=0.8", "zh", c.english},
				{"fr-FR, zh;q=0.9", "en", c.chinese},
				{"fr-FR", "zh_CN.UTF-8", c.chinese},
				{"zh;q=0, en", "zh", c.english},
				{"zh; q=0.000,*;q=0.1", "", c.english},
				{"zh;q=0.01", "en", c.chinese},
				{"", "zh", c.chinese},
				{"", "", c.english},
			} {
				rig.env["STATUS_TOKEN"], rig.env["TARGET_REGIONS"], rig.env["LANGUAGE"] = c.token, c.targets, l.function
				headers := strings.TrimSuffix(`"Accept-Language":"`+l.accept+`",`+c.headers, ",")
				got := rig.visit(t, `{"httpMethod":"`+c.method+`","path":"`+c.path+`","headers":{`+headers+`}}`)
				if got.StatusCode != c.code || !strings.HasPrefix(strings.TrimPrefix(got.Body, "<!DOCTYPE html>\n"), l.want) || got.Headers["Vary"] != "Accept-Language" {
					t.Errorf("%s %s for %+v: %d %.120s %v", c.method, c.path, l, got.StatusCode, got.Body, got.Headers)
				}
			}
		}
	})
}
