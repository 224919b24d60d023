package notify_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"snapferry/internal/job"
	"snapferry/internal/notify"
	"snapferry/internal/plan"
)

var robots = map[string]string{
	"WeCom": wecom, "DingTalk": dingtalk, "DingTalk, signed": dingtalk + "#" + signing, "Feishu": feishu, "Feishu, signed": feishu + "#" + signing,
	"Lark": strings.Replace(feishu, "open.feishu.cn", "OPEN.larksuite.com:443", 1), "Slack": slack,
}

func TestEveryRobotGetsTheWorstFirstInItsForm(t *testing.T) {
	run := verified(
		row("disk-b", plan.Late), row("disk-fine", plan.Protected), row("disk-c", plan.Arriving), row("disk-a", plan.Unprotected),
		job.Action{Kind: plan.KindVerify, Snapshot: "snap-s", Disk: "disk-b", From: "ap-guangzhou", To: "ap-beijing", Replica: "snap-r", Outcome: plan.Stuck, Reason: "it hangs"},
		job.Action{Kind: plan.KindVerify, From: "ap-guangzhou", Outcome: plan.Failed, Reason: "list snapshots: a_b_c"},
	)
	run.Warned = []job.Action{{Kind: plan.KindVerify, To: "ap-beijing", Outcome: plan.Deferred, Reason: "nearly full"}}
	want := regexp.MustCompile(`(?s)snapferry verify: the verdict.*` + strings.Join([]string{
		`verify failed ap-guangzhou · list snapshots: a_b_c`,
		`unprotected disk-a ap-guangzhou → ap-beijing · point 2026-11-20 04:00 \+08:00 · unprotected: see to it`,
		`late disk-b ap-guangzhou → ap-beijing · point 2026-11-20 04:00 \+08:00 · late: see to it`,
		`verify stuck disk-b snap-s snap-r ap-guangzhou → ap-beijing · it hangs`,
		`verify deferred ap-beijing · nearly full`,
	}, `\n+`) + `$`)
	for name, address := range robots {
		r := &receiver{t: t, signed: strings.Contains(name, "signed")}
		if text := r.tell(address, t0, &notify.Memory{}, run); !want.MatchString(text) {
			t.Errorf("%s: got\n%s", name, text)
		}
	}
}

func TestALongMessageIsCutAtALineAndSaysHowManyAreLeft(t *testing.T) {
	for name, address := range robots {
		for _, n := range []int{1, 40, 450} {
			r := &receiver{t: t, signed: strings.Contains(name, "signed")}
			run := verified()
			run.Verdict = strings.Repeat(`&<"`, 500)
			for i := range n {
				a := row(fmt.Sprintf("disk-%03d", i), plan.Late)
				a.Reason = strings.Repeat([]string{"的", "&", `"<`, "@all ", "a", "\x1b\u202e"}[i%6], i*5) + " end"
				run.Actions = append(run.Actions, a)
			}
			run.Actions[0].Reason = strings.Repeat("<&", 5000)
			text := r.tell(address, t0, &notify.Memory{}, run)
			shown, left := strings.Count(text, "late disk-"), 0
			if m := regexp.MustCompile(`\nand (\d+) more$`).FindStringSubmatch(text); m != nil {
				left, _ = strconv.Atoi(m[1])
			}
			if shown == 0 || shown+left != n || n == 450 && left == 0 || !strings.Contains(text, "disk-000") {
				t.Errorf("%s, %d disks: %d are shown, and %d more", name, n, shown, left)
			}
		}
	}
}

func TestTextOfUsersCannotBreakAForm(t *testing.T) {
	hostile := "a\nb\r\n\u2028# c **d** [e](http://f) `g` <@all> <!channel> <at user_id=\"all\"></at> @all <font color=\"warning\">h</font> &lt;@all&gt; \\*i \xff\x00\u202ej"
	for name, address := range robots {
		r := &receiver{t: t, signed: strings.Contains(name, "signed")}
		a := row(hostile, plan.Late)
		a.Reason = hostile
		run := verified(a)
		run.Verdict = hostile
		text := r.tell(address, t0, &notify.Memory{}, run)
		if lines := regexp.MustCompile(`\n+`).Split(text, -1); len(lines) != 2 {
			t.Errorf("%s: %d lines, want a title and one: %q", name, len(lines), lines)
		}
		text = strings.TrimPrefix(strings.Replace(text, "**\n", "\n", 1), "**")
		if markdown := address == wecom || strings.HasPrefix(address, dingtalk); markdown && strings.ContainsAny(text, "*[]`#<>&\\") {
			t.Errorf("%s: the text has Markdown: %s", name, text)
		}
		if strings.ContainsAny(text, "\x00\r\u2028\u202e") {
			t.Errorf("%s: the text has characters that nobody sees: %q", name, text)
		}
	}
}

func TestAnyOtherHostGetsTheActionsAsJSON(t *testing.T) {
	for _, address := range []string{other, "https://qyapi.weixin.qq.com.example.com/x", "https://example.com/hooks.slack.com"} {
		r, m := &receiver{t: t}, &notify.Memory{}
		late := row("disk-<b>", plan.Late)
		r.tell(address, t0, m, verified(late))
		r.tell(address, t0.Add(time.Hour), m, verified(row("disk-<b>", plan.Protected)))
		var got [2]map[string]any
		for i := range got {
			if err := json.Unmarshal([]byte(r.bodies[i]), &got[i]); err != nil {
				t.Fatal(err)
			}
		}
		item := map[string]any{
			"action": "protect", "disk": "disk-<b>", "from": "ap-guangzhou", "to": "ap-beijing", "point": "2026-11-19T20:00:00Z",
			"outcome": "late", "reason": "late: see to it",
		}
		none := []any{}
		first, second := fmt.Sprint(got[0]), fmt.Sprint(got[1])
		wantFirst := fmt.Sprint(map[string]any{"job": "verify", "verdict": "the verdict", "newlyWrong": []any{item}, "wellAgain": none})
		item["outcome"], item["reason"] = "protected", "protected: see to it"
		wantSecond := fmt.Sprint(map[string]any{"job": "verify", "verdict": "the verdict", "newlyWrong": none, "wellAgain": []any{item}})
		if first != wantFirst || second != wantSecond || len(r.bodies) != 2 {
			t.Errorf("%s: got\n%s\n%s, want\n%s\n%s", address, first, second, wantFirst, wantSecond)
		}
	}
}

func TestFixedWordsAreChineseOnRequest(t *testing.T) {
	for _, address := range []string{wecom, dingtalk, feishu, slack} {
		r, m := &receiver{t: t}, &notify.Memory{}
		w := r.webhook(address)
		w.Language = "zh"
		run := verified(row("disk-a", plan.Late))
		for i := range 200 {
			run.Actions = append(run.Actions, row(fmt.Sprintf("disk-%03d", i), plan.Late))
		}
		_ = w.Tell(t.Context(), t0, m, run)
		_ = w.Tell(t.Context(), t0.Add(time.Hour), m, verified(run.Actions[1:]...))
		all := strings.Join(r.texts, "\n")
		for _, want := range []string{`late disk-\S+ ap-guangzhou → ap-beijing · 恢复点 2026-11-20`, `\n另有 \d+ 项`, `\n已恢复：late disk-a .*异常始于 2026-11-23 12:00`} {
			if !regexp.MustCompile(want).MatchString(all) {
				t.Errorf("%s: no %q in\n%s", address, want, all)
			}
		}
		for _, english := range []string{"well again", "wrong since", " more", "point "} {
			if strings.Contains(all, english) {
				t.Errorf("%s: %q in\n%s", address, english, all)
			}
		}
	}
}
