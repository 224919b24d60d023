package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"snapferry/internal/sim"
)

// A setting that is given as a flag goes before the environment; an empty one is refused.
func TestSettingsAreFlagsToo(t *testing.T) {
	b := newRig(t, sim.Options{Rate: -1})
	b.snapshots(1)
	b.env["KEEP_LAST"] = "5"
	stdout, _ := b.wantCode(t, 0, "plan", "--target", "ap-chengdu", "--keep-last=2", "--keep-daily", "3")
	wantText(t, stdout, "keep rules in force: KEEP_LAST=2 KEEP_DAILY=3\n", "no replica in ap-chengdu")
	if strings.Contains(stdout, "ap-shanghai") {
		t.Errorf("the environment's targets are there:\n%s", stdout)
	}
	stdout, _ = b.wantCode(t, 0, "status", "--time-zone", "America/New_York")
	wantText(t, stdout, "Times are in America/New_York.")
	_, stderr := b.wantCode(t, 2, "plan", "--target=")
	wantText(t, stderr, "--target is empty")
	_, stderr = b.wantCode(t, 2, "plan", "--rpo", "soon")
	wantText(t, stderr, `snapferry: --rpo: "soon" is not a duration`)
	if strings.Contains(stderr, "environment variables") {
		t.Errorf("a flag is called a variable: %s", stderr)
	}
	b.env["MAX_AGE"] = "old"
	_, stderr = b.wantCode(t, 2, "plan", "--target", "ap-beijing,nowhere", "--keep-last", "0")
	wantText(t, stderr, `--target: "nowhere"`, `--keep-last: "0"`, "(environment variables) are wrong\n  MAX_AGE: \"old\"")
}

// A file is what the functions have. So nothing of the shell is added to it, but what
// says how a person wants to see it.
func TestSettingsComeFromAFile(t *testing.T) {
	b := newRig(t, sim.Options{Rate: -1})
	b.snapshots(1)
	file := filepath.Join(t.TempDir(), "snapferry.env")
	with := func(content string) {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b.env["KEEP_LAST"], b.env["KEEP_DALY"], b.env["LANGUAGE"] = "5", "1", "zh"
	with("# ours\nSOURCE_REGIONS=ap-guangzhou\r\nTARGET_REGIONS=ap-chengdu\nAPI_RATE=1000\nKEEP_DAILY=3\nCOPY_ROLE=ferry\nAPI_ENDPOINT=" + b.env["API_ENDPOINT"] + "\n")
	stdout, _ := b.wantCode(t, 0, "plan", "--settings", file, "--keep-weekly", "2")
	wantText(t, stdout, "KEEP_DAILY=3 KEEP_WEEKLY=2\n", "ap-chengdu", "当前保留规则")
	if strings.Contains(stdout, "ap-shanghai") {
		t.Errorf("the environment's targets are there:\n%s", stdout)
	}
	delete(b.env, "LANGUAGE")
	with("\ufeffSOURCE_REGIONS=ap-guangzhou\nTARGET_REGIONS=ap-chengdu\nKEEP_DAILY=3\nLANGUAGE=zh\nAPI_ENDPOINT=" + b.env["API_ENDPOINT"] + "\n") // as an editor of Windows writes it
	stdout, _ = b.wantCode(t, 0, "plan", "--settings", file)
	wantText(t, stdout, "当前保留规则")
	stdout, _ = b.wantCode(t, 0, "plan", "--settings", file, "--language", "en")
	wantText(t, stdout, "keep rules in force")
	for content, want := range map[string]string{
		"KEEP_DALY=hush": "snapferry.env:1: KEEP_DALY: it is neither a setting nor the role",
		"RPO=soon":       `RPO: "soon"`,
		"":               "TARGET_REGIONS",
		"JOB=retain":     "take it out",
	} {
		with(content)
		_, stderr := b.wantCode(t, 2, "plan", "--settings", file)
		wantText(t, stderr, want)
		if strings.Contains(stderr, "hush") {
			t.Error("a value is shown")
		}
	}
	with(strings.Repeat("#", 100_000))
	_, stderr := b.wantCode(t, 2, "plan", "--settings", file)
	wantText(t, stderr, "is larger than 64 KB")
	_, stderr = b.wantCode(t, 2, "plan", "--settings", file+".none")
	wantText(t, stderr, "--settings: open ", "no such file")
	_, stderr = b.wantCode(t, 2, "plan", "--settings=")
	wantText(t, stderr, "--settings is empty: give a value, or leave it out")
}

func TestColoursLanguageVersionAndCompletion(t *testing.T) {
	b := newRig(t, sim.Options{Rate: -1})
	if stdout, _ := b.wantCode(t, 0, "check", "--color=always"); !strings.Contains(stdout, "\x1b[32mok") {
		t.Errorf("no colours: %q", stdout)
	}
	if stdout, _ := b.wantCode(t, 0, "check", "--color", "never", "--language", "zh"); strings.Contains(stdout, "\x1b") || !strings.Contains(stdout, "密钥属于账号") {
		t.Errorf("got %q", stdout)
	}
	for _, args := range []string{"version", "--version"} {
		stdout, _ := b.wantCode(t, 0, args)
		wantText(t, stdout, "snapferry ", "commit ", "contract ")
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		stdout, _ := b.wantCode(t, 0, "completion", shell)
		wantText(t, stdout, "snapferry", "retain", "keep-daily", "force", "copy verify retain")
	}
}

// Programs get every action, not only the 200 that a function's reply has.
func TestJSONHasEverything(t *testing.T) {
	b := newRig(t, sim.Options{Rate: -1})
	b.snapshots(150)
	b.env["API_RATE"] = "1000"
	stdout, _ := b.wantCode(t, 0, "copy", "--dry-run", "--json")
	if r := reply(t, stdout); len(r.Actions) != 300 || r.Omitted != 0 {
		t.Errorf("%d actions, %d omitted", len(r.Actions), r.Omitted)
	}
}
