package cli_test

import (
	"strings"
	"testing"

	"snapferry/handler"
	"snapferry/internal/settings"
	"snapferry/internal/sim"
)

func TestHelpListsEverySetting(t *testing.T) {
	b := newRig(t, sim.Options{})
	for _, command := range []string{"plan", "copy", "verify", "retain", "drill", "check", "subscribe", "policy", "invoke"} {
		stdout, _ := b.wantCode(t, 0, command, "--help")
		for _, v := range settings.Variables() {
			first, _, _ := strings.Cut(v.Meaning, " ")
			wantText(t, strings.Join(strings.Fields(stdout), " "), v.Name+" ", "["+v.Default+"]", first)
		}
		wantText(t, stdout, "Usage: snapferry "+command, "Examples:", "Exit code:", "TENCENTCLOUD_SECRET_ID")
		for line := range strings.Lines(stdout) {
			if n := len([]rune(strings.TrimRight(line, "\n"))); n > 80 {
				t.Errorf("%s: a line has %d columns: %s", command, n, line)
			}
		}
	}
}

func TestHelpListsTheCommandsThereAre(t *testing.T) {
	b := newRig(t, sim.Options{})
	help, _ := b.wantCode(t, 0, "--help")
	for _, command := range []string{"demo", "plan", "copy", "verify", "retain", "drill", "restore", "check", "subscribe", "policy", "invoke", "simulate", "version"} {
		wantText(t, help, "\n  "+command+" ")
	}
	if bare, _ := b.wantCode(t, 2); bare != help {
		t.Errorf("without a command: got\n%s", bare)
	}
	for _, command := range []string{"demo", "simulate", "restore"} {
		stdout, _ := b.wantCode(t, 0, command, "--help")
		wantText(t, stdout, "Usage: snapferry "+command, "Examples:")
	}
	version, _ := b.wantCode(t, 0, "--version")
	wantText(t, version, "snapferry "+handler.Version+", commit ", ", contract 1\n")
	if same, _ := b.wantCode(t, 0, "version"); same != version {
		t.Errorf("version: got %q, and %q as a flag", same, version)
	}
	asJSON, _ := b.wantCode(t, 0, "version", "--json")
	wantText(t, asJSON, `"version":"`+handler.Version+`"`, `"contract":1}`)
}
