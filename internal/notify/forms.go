package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"snapferry/internal/job"
)

// A form is how one kind of webhook takes messages.
type form struct {
	hosts []string
	// coded says that the robot answers 200 also if it refuses a message.
	coded bool
	// most is the greatest size. size measures a text with its title, or the body;
	// nil for a form without text.
	most int
	size func(text string, body []byte) int
	// plain takes the meaning from the characters that have one for the robot.
	plain *strings.Replacer
	// newline ends a line.
	newline string
	// body is the message with this title and text, which are plain.
	body func(m *message, title, text string) any
	// signURL is what a signature adds to the address; nil if the form has none
	// there.
	signURL func(*message) string
}

type object = map[string]any

func bytesOfBody(_ string, body []byte) int { return len(body) }

// wide replaces the characters of Markdown, HTML and mentions by ones that look
// alike: no robot documents how to escape them. An underscore stays, because names of
// settings have it: at worst a word is italic.
var wide = strings.NewReplacer("<", "＜", ">", "＞", "&", "＆", "@", "＠", "*", "＊", "[", "［", "]", "］", "`", "｀", "#", "＃", `\`, "＼", "~", "～", "|", "｜")

var forms = []form{
	{
		// WeCom: content of at most 4,096 bytes (a text: 2,048). <@user> mentions.
		// https://developer.work.weixin.qq.com/document/path/91770
		hosts: []string{"qyapi.weixin.qq.com"}, coded: true, plain: wide, newline: "\n",
		most: 4096, size: func(text string, _ []byte) int { return len(text) },
		body: func(_ *message, title, text string) any {
			return object{"msgtype": "markdown", "markdown": object{"content": bold(title, text)}}
		},
	},
	{
		// DingTalk: a body of at most 20,000 bytes (error 460101). An empty line
		// ends a line. The message must hold a keyword or be signed.
		// https://open.dingtalk.com/document/orgapp/custom-robot-access
		// https://github.com/timonwong/prometheus-webhook-dingtalk/issues/30
		hosts: []string{"oapi.dingtalk.com"}, coded: true, plain: wide, newline: "\n\n",
		most: 20000, size: bytesOfBody,
		body: func(_ *message, title, text string) any {
			return object{"msgtype": "markdown", "markdown": object{"title": title, "text": bold(title, text)}, "at": object{"isAtAll": false}}
		},
		signURL: func(m *message) string {
			at := strconv.FormatInt(m.at.UnixMilli(), 10)
			return "&timestamp=" + at + "&sign=" + url.QueryEscape(sign(m.secret, at+"\n"+m.secret))
		},
	},
	{
		// Feishu, Lark: a body of at most 20 KB. The text elements of a post have
		// no Markdown. The signature is in the body; its key is the signed text.
		// https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
		hosts: []string{"open.feishu.cn", "open.larksuite.com"}, coded: true, plain: strings.NewReplacer("<", "＜"), newline: "\n",
		most: 20000, size: bytesOfBody,
		body: func(m *message, title, text string) any {
			var lines [][]object
			for line := range strings.SplitSeq(text, "\n") {
				lines = append(lines, []object{{"tag": "text", "text": line}})
			}
			o := object{"msg_type": "post", "content": object{"post": object{feishuLanguage[m.language == "zh"]: object{"title": title, "content": lines}}}}
			if m.secret != "" {
				at := strconv.FormatInt(m.at.Unix(), 10)
				o["timestamp"], o["sign"] = at, sign(at+"\n"+m.secret, "")
			}
			return o
		},
	},
	{
		// Slack: a text of more than 40,000 characters is cut, one of more than
		// 4,000 becomes several messages; a block takes 3,000. <!channel> mentions.
		// Without mrkdwn there is no formatting.
		// https://docs.slack.dev/messaging/formatting-message-text
		// https://api.slack.com/changelog/2018-04-truncating-really-long-messages
		hosts: []string{"hooks.slack.com"}, plain: strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "＠"), newline: "\n",
		most: 4000, size: func(text string, _ []byte) int { return utf8.RuneCountInString(text) },
		body: func(_ *message, title, text string) any { return object{"text": title + "\n" + text, "mrkdwn": false} },
	},
}

// plainJSON is the form of all other hosts. It has the actions themselves.
var plainJSON = form{
	body: func(m *message, _, _ string) any {
		const most = 200 // of each list, as in a reply
		actions := func(items []item) []job.Action {
			all := []job.Action{}
			for _, it := range items[:min(len(items), most)] {
				all = append(all, it.Action)
			}
			return all
		}
		return object{"job": m.job, "verdict": m.verdict, "newlyWrong": actions(m.newlyWrong), "wellAgain": actions(m.again)}
	},
}

// feishuLanguage names the language of a post.
var feishuLanguage = map[bool]string{true: "zh_cn", false: "en_us"}

// formOf is the form of the messages to a host.
func formOf(host string) *form {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for i := range forms {
		if slices.Contains(forms[i].hosts, host) {
			return &forms[i]
		}
	}
	return &plainJSON
}

// fit is the message with as many lines as the robot takes.
func (f *form) fit(m *message) (raw []byte) {
	if f.size == nil {
		raw, _ = json.Marshal(f.body(m, "", "")) // texts and actions can always be encoded
		return raw
	}
	title, lines, more := m.words()
	title = f.plain.Replace(title)
	for i := range lines {
		lines[i] = f.plain.Replace(lines[i])
	}
	body := func(cutOff int) (raw []byte, fits bool) {
		shown := lines[: len(lines)-cutOff : len(lines)-cutOff]
		if left := cutOff + more; left > 0 {
			shown = append(shown, m.in(fmt.Sprintf("and %d more", left)))
		}
		text := strings.Join(shown, f.newline)
		raw, _ = json.Marshal(f.body(m, title, text))
		return raw, f.size(bold(title, text), raw) <= f.most
	}
	raw, _ = body(sort.Search(len(lines), func(cutOff int) bool {
		_, fits := body(cutOff)
		return fits
	}))
	return raw
}

func bold(title, text string) string { return "**" + title + "**\n\n" + text }

func sign(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
