package notify_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"snapferry/internal/job"
	"snapferry/internal/notify"
	"snapferry/internal/plan"
	"snapferry/internal/settings"
)

const (
	wecom    = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=s3cret"
	dingtalk = "https://oapi.dingtalk.com/robot/send?access_token=s3cret"
	feishu   = "https://open.feishu.cn/open-apis/bot/v2/hook/s3cret"
	slack    = "https://hooks.slack.com/services/T0/B0/s3cret"
	other    = "https://hooks.example.com/s3cret"
	signing  = "SECs1gn"
)

var t0 = time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)

// A receiver stands for all robots. It checks each message against what the robot's
// documents say, and keeps its text.
type receiver struct {
	t      testing.TB
	signed bool // DingTalk and Feishu ask for a signature in place of a keyword
	mu     sync.Mutex
	texts  []string
	bodies []string
	// answer replaces the robot's answer, if it is set.
	answer http.HandlerFunc
}

// RoundTrip implements http.RoundTripper without a socket. It honours the context.
func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	r.ServeHTTP(rec, req)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	return rec.Result(), nil
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if r.answer != nil {
		r.answer(w, req)
		return
	}
	raw, _ := io.ReadAll(req.Body)
	if req.Method != http.MethodPost || !strings.HasPrefix(req.Header.Get("Content-Type"), "application/json") || !utf8.Valid(raw) || req.URL.Fragment != "" || !req.Close {
		r.t.Errorf("%s %s %q: not a JSON message in UTF-8 on its own connection", req.Method, req.Header.Get("Content-Type"), raw)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	text, answer := "", ""
	switch strings.ToLower(req.URL.Hostname()) {
	case "qyapi.weixin.qq.com":
		text, answer = r.weCom(raw)
	case "oapi.dingtalk.com":
		text, answer = r.dingTalk(req, raw)
	case "open.feishu.cn", "open.larksuite.com":
		text, answer = r.feishu(raw)
	case "hooks.slack.com":
		text, answer = r.slack(raw)
	}
	r.texts, r.bodies = append(r.texts, text), append(r.bodies, string(raw))
	_, _ = io.WriteString(w, answer)
}

// decode fails the test if a message has a field that the robot does not know.
func (r *receiver) decode(raw []byte, into any) {
	r.t.Helper()
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		r.t.Errorf("%v: %s", err, raw)
	}
}

func (r *receiver) bad(is bool, what string) {
	r.t.Helper()
	if is {
		r.t.Errorf("the message %s", what)
	}
}

func (r *receiver) weCom(raw []byte) (text, answer string) {
	var m struct {
		Msgtype  string
		Markdown struct{ Content string }
	}
	r.decode(raw, &m)
	text = m.Markdown.Content
	r.bad(m.Msgtype != "markdown" || text == "" || len(text) > 4096, "is not Markdown of at most 4096 bytes")
	r.bad(strings.Contains(text, "<"), "may mention people or hold a tag")
	return text, `{"errcode":0,"errmsg":"ok"}`
}

func (r *receiver) dingTalk(req *http.Request, raw []byte) (text, answer string) {
	var m struct {
		Msgtype  string
		Markdown struct{ Title, Text string }
		At       struct {
			IsAtAll              bool
			AtMobiles, AtUserIDs []string
		}
	}
	r.decode(raw, &m)
	text = m.Markdown.Text
	r.bad(m.Msgtype != "markdown" || m.Markdown.Title == "" || len(raw) > 20000, "is not Markdown with a title, of at most 20000 bytes")
	r.bad(m.At.IsAtAll || len(m.At.AtMobiles)+len(m.At.AtUserIDs) > 0 || strings.Contains(text, "@"), "mentions people")
	q := req.URL.Query()
	if at := q.Get("timestamp"); r.signed && (len(at) != 13 || q.Get("sign") != signature(signing, at+"\n"+signing)) || !r.signed && !strings.Contains(text, "snapferry") {
		return text, `{"errcode":310000,"errmsg":"sign not match for access_token s3cret"}`
	}
	return text, `{"errcode":0,"errmsg":"ok"}`
}

func (r *receiver) feishu(raw []byte) (text, answer string) {
	var m struct {
		Timestamp, Sign string
		MsgType         string `json:"msg_type"`
		Content         struct {
			Post map[string]struct {
				Title   string
				Content [][]struct{ Tag, Text string }
			}
		}
	}
	r.decode(raw, &m)
	r.bad(m.MsgType != "post" || len(m.Content.Post) != 1 || len(raw) > 20<<10, "is not a post of at most 20 KB")
	for language, post := range m.Content.Post {
		r.bad(language != "en_us" && language != "zh_cn", "has the language "+language)
		text = post.Title
		for _, line := range post.Content {
			r.bad(len(line) != 1 || line[0].Tag != "text" || strings.Contains(line[0].Text, "<at"), "has more than text in a line")
			text += "\n" + line[0].Text
		}
	}
	if r.signed && (len(m.Timestamp) != 10 || m.Sign != signature(m.Timestamp+"\n"+signing, "")) || !r.signed && !strings.Contains(text, "snapferry") {
		return text, `{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}`
	}
	return text, `{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}`
}

func (r *receiver) slack(raw []byte) (text, answer string) {
	var m struct {
		Text   string
		Mrkdwn bool
	}
	r.decode(raw, &m)
	r.bad(m.Text == "" || utf8.RuneCountInString(m.Text) > 4000 || m.Mrkdwn, "is not plain text of at most 4000 characters")
	r.bad(strings.ContainsAny(m.Text, "<>@"), "may mention people or hold a link")
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(m.Text), "ok"
}

func signature(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// webhook is one at an address, whose messages go to the receiver.
func (r *receiver) webhook(address string) *notify.Webhook {
	return &notify.Webhook{URL: settings.Secret(address), Zone: time.FixedZone("", 8*3600), Transport: r}
}

// tell tells a run, and returns the text of the message; "" if none was sent.
func (r *receiver) tell(address string, now time.Time, m *notify.Memory, run notify.Run) string {
	r.t.Helper()
	before := len(r.texts)
	if err := r.webhook(address).Tell(r.t.Context(), now, m, run); err != nil {
		r.t.Error(err)
	}
	return strings.Join(r.texts[before:], "\n(another message)\n")
}

// row says how far a disk is protected.
func row(disk string, o plan.Outcome) job.Action {
	return job.Action{Kind: plan.KindProtect, Disk: disk, From: "ap-guangzhou", To: "ap-beijing", Outcome: o, Reason: string(o) + ": see to it", Point: t0.Add(-80 * time.Hour)}
}

func verified(actions ...job.Action) notify.Run {
	return notify.Run{Job: "verify", Verdict: "the verdict", Actions: actions, Whole: true}
}
