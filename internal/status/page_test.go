package status_test

import (
	"context"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"snapferry/internal/plan"
	"snapferry/internal/status"
)

// A tab is one of a real browser.
type tab struct {
	*testing.T
	ctx      context.Context
	messages iter.Seq2[chromedp.ConsoleMessage, error]
}

// A browser starts. Without chromium the test is skipped, except in CI.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	switch {
	case testing.Short():
		t.Skip("it starts a browser")
	case err != nil && os.Getenv("CI") == "true":
		t.Fatalf("install chromium: %v", err)
	case err != nil:
		t.Skipf("no chromium: %v", err)
	}
	ctx, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU)...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// newTab opens a tab whose user reads a language. A step that waits for what never
// comes fails after a while.
func newTab(browser context.Context, t *testing.T, language string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	b := &tab{t, ctx, chromedp.Console(ctx)}
	set(b, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: "test", AcceptLanguage: language})
	return b
}

func TestABrowserShowsThePage(t *testing.T) {
	b := browser(t)
	for _, c := range []struct {
		name, language string
		test           func(*tab)
	}{
		{"a person reads it", "en-US", reading},
		{"it follows the browser's language, and reads without script", "zh-TW", languages},
		{"everyone can read it", "en-US", audited},
		{"a disk name full of HTML is a name", "en-US", hostileName},
		{"two thousand disks", "en-US", manyDisks},
	} {
		t.Run(c.name, func(t *testing.T) {
			tab := newTab(b, t, c.language)
			c.test(tab)
			tab.wantSilence()
		})
	}
}

func set[P any](b *tab, command cdp.Command[P, cdp.Empty], params P) {
	b.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.Fatal(err)
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.Fatal(err)
	}
}

func (b *tab) scheme(name string) {
	b.Helper()
	set(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
}

// open shows a page that is a file.
func (b *tab) open(in status.Input, written string) {
	b.Helper()
	name := filepath.Join(b.TempDir(), "status.html")
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	m := status.Build(in)
	if err := m.Page(f, written); err != nil {
		b.Fatal(err)
	}
	b.do(chromedp.Navigate("file://" + name))
}

// eval evaluates an expression. It is a function because methods have no type
// parameters.
func eval[T any](b *tab, expression string) T {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return v
}

// is compares the value of expressions that are texts.
func (b *tab) is(expression, want string) {
	b.Helper()
	if got := eval[string](b, expression); got != want {
		b.Errorf("%s: got %q, want %q", expression, got, want)
	}
}

// wantSilence fails the test if anything was written to the console.
func (b *tab) wantSilence() {
	b.Helper()
	eval[*string](b, `void console.log("the end")`)
	for m, err := range b.messages {
		if err != nil {
			b.Fatal(err)
		}
		if m.Text == "the end" {
			return
		}
		b.Errorf("on the console: %s", m)
	}
}

const shown = `Array.from(document.querySelectorAll("#disks tbody tr:not([hidden]) bdi"), (e) => e.textContent).join(" ")`

func reading(b *tab) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", status.PagePolicy())
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		in := large(8, 0)
		in.Rows[0].Outcome, in.Rows[0].Replica, in.Rows[0].Point, in.Rows[0].Reason = plan.Unprotected, "", time.Time{}, "never snapshotted: make one"
		in.Rows[4].Outcome, in.Rows[4].Point = plan.Late, t0.Add(-51*time.Hour-30*time.Minute)
		m := status.Build(in)
		if err := m.Page(w, "en"); err != nil {
			b.Error(err)
		}
	}))
	defer server.Close()
	b.do(chromedp.Navigate(server.URL))
	b.is(`document.querySelector("h1").textContent`, "6 of 8 disks are protected in all their regions; 1 late, 1 unprotected")
	b.is(`document.documentElement.lang + document.querySelector("time").textContent + document.querySelector(".verdict").className`, "en2026-11-24 10:00verdict bad")
	b.is(`Array.from(document.querySelectorAll("#disks thead th"), (e) => e.textContent).join()`, "Disk,ap-beijing,ap-shanghai,ap-singapore")
	b.is(shown, "web-00 db-00 cache-00 queue-00 search-00 build-00 files-00 mail-00")
	b.is(`document.querySelector("#disks tbody tr td").innerText`, "unprotected")
	b.is(`document.querySelector("#disks tbody tr:nth-child(2) td:nth-child(3)").innerText`, "late 2d 3h\n2026-11-22 06:30")
	b.is(`document.querySelector("#ago").textContent.slice(0, 3)`, " · ")
	b.is(`Array.from(document.querySelectorAll(".wrong li:first-child p"), (e) => e.innerText).join("|")`, "unprotected web-00 disk-00000000 → ap-beijing|never snapshotted: make one")

	b.do(chromedp.SendKeys(chromedp.CSS("#filter"), "SEARCH-00 shanghai"))
	b.is(shown+`+ document.querySelector("#count").textContent`, "0 of 8 disks")
	b.do(chromedp.SendKeys(chromedp.CSS("#filter"), strings.Repeat("\b", 9)))
	b.is(shown+`+ document.querySelector("#count").textContent`, "search-001 of 8 disks")
	b.do(chromedp.SendKeys(chromedp.CSS("#filter"), strings.Repeat("\b", 9)), chromedp.Click(chromedp.CSS(`.tools [data-s="late"]`)))
	b.is(shown+`+ document.querySelector("#count").textContent`, "db-001 of 8 disks")

	b.do(chromedp.Click(chromedp.CSS("#language")))
	b.is(`document.querySelector("h1").textContent`, "8 块云硬盘中有 6 块在所有目标地域均已保护；1 块滞后，1 块未保护")
	b.is(`document.documentElement.lang + document.querySelector("#count").textContent + document.title`, "zh-CN1 / 8 块云硬盘云硬盘保护状态 · snapferry")
	b.do(chromedp.SendKeys(chromedp.CSS("#filter"), "滞后"))
	b.is(shown, "db-00")
	b.do(chromedp.Navigate(server.URL)) // the choice is kept
	b.is(`document.documentElement.lang`, "zh-CN")
}

func languages(b *tab) {
	b.open(large(3, 0), "en")
	b.is(`document.documentElement.lang + document.querySelector("h1").textContent + document.querySelector("#language").textContent`, "zh-CN3 块云硬盘中有 3 块在所有目标地域均已保护English")
	set(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.open(large(3, 0), "en")
	b.is(`document.documentElement.lang + document.querySelector("h1").innerText`, "en3 of 3 disks are protected in all their regions")
	b.is(`[".tools", "#language", "#rest", "#old"].filter((q) => document.querySelector(q).checkVisibility()).join()`, "")
	b.is(shown, "cache-00 db-00 web-00")
}

// Three sizes, all well and all wrong, as people see them: light and dark, on a desk
// and on a phone, in two languages.
func audited(b *tab) {
	audit, err := os.ReadFile("testdata/audit.js")
	if err != nil {
		b.Fatal(err)
	}
	for name, in := range map[string]status.Input{"empty": input(), "all well": large(3, 0), "some wrong": large(40, 0.2), "all wrong": large(40, 1), "hostile": hostileWorld()} {
		b.open(in, "en")
		for _, width := range []int64{390, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				b.do(chromedp.EmulateViewport(width, 844))
				b.scheme(scheme)
				eval[*string](b, `document.querySelectorAll("details").forEach((d) => (d.open = true)); void document.querySelector("#language").click()`)
				for _, wrong := range eval[[]string](b, string(audit)) {
					b.Errorf("%s, %d px, %s: %s", name, width, scheme, wrong)
				}
			}
		}
		if dark := eval[bool](b, `Math.max(...getComputedStyle(document.body).backgroundColor.match(/\d+/g)) < 64`); !dark {
			b.Errorf("%s: it is not dark in the dark", name)
		}
	}
}

func hostileName(b *tab) {
	b.open(hostileWorld(), "en")
	b.is(`document.querySelector("#disks tbody tr bdi").textContent.slice(0, 35)`, hostile[:35])
	if n := eval[int](b, `document.querySelectorAll("script, img[onerror], bdi *, li *:not(p,b,bdi,code,span,i,strong)").length`); n != 1 {
		b.Errorf("%d elements where one script should be", n)
	}
}

func TestThePageOfTwoThousandDisksIsSmall(t *testing.T) {
	for _, wrong := range []float64{0, 0.3, 1} {
		m := status.Build(large(2000, wrong))
		if n := len(written(t, func(w io.Writer) error { return m.Page(w, "zh") })); n > 2_000_000 {
			t.Errorf("%d bytes", n)
		}
	}
}

func manyDisks(b *tab) {
	b.open(large(2000, 0.3), "en")
	b.do(chromedp.SendKeys(chromedp.CSS("#filter"), "db-1"))
	b.is(`document.querySelector("#count").textContent`, "110 of 2,000 disks")
}
