package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	cbs "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cbs/v20170312"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
)

// elsewhere are commands of the documents that this test does not run, by how they
// begin, each with the reason.
var elsewhere = map[string]string{
	"snapferry simulate": "the simulator runs already, on a free port",
	"snapferry demo":     "TestTheDocumentsShowWhatTheDemoPrints runs it",
	"make ":              "it needs the sources, a compiler or an account: only the target must be in the Makefile",
}

// The documents are written with ids and times that a simulated cloud does not have.
var placeholder = regexp.MustCompile(`disk-omp7wl2m|snap-ckgjwkqh|snap-d012rm6t|http://127\.0\.0\.1:9000|2026-11-2\d \d\d:\d\d`)

func TestEveryCommandOfTheDocumentsRuns(t *testing.T) {
	for _, page := range append(slices.Clone(pages), "docs/development", "README.zh_CN") {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			var blocks []block
			for _, b := range readDocument(t, page+".md").blocks {
				if b.language != "sh" && regexp.MustCompile(`(?m)^(snapferry|tccli|make) `).MatchString(b.text) && b.language != "text" {
					t.Errorf("a command stands in a block that is not marked sh: %s", b)
				}
				blocks = append(blocks, b)
			}
			runBlocks(t, page, blocks)
		})
	}
}

func hasTarget(t *testing.T, target string) bool {
	t.Helper()
	return regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(target) + `:`).Match(read(t, "Makefile"))
}

// runBlocks runs the commands of a page in one shell, and compares what they print with
// the blocks of text behind them.
func runBlocks(t *testing.T, page string, blocks []block) {
	env := simulator(t, "--copy-time", "1ms", "--seed", "1")
	shell := map[string]string{
		"HOME": t.TempDir(), "LANG": "C.UTF-8", "API_ENDPOINT": env["API_ENDPOINT"],
		"TENCENTCLOUD_SECRET_ID": env["TENCENTCLOUD_SECRETID"], "TENCENTCLOUD_SECRET_KEY": env["TENCENTCLOUD_SECRETKEY"],
		"SOURCE_REGIONS": "ap-guangzhou", "TARGET_REGIONS": "ap-beijing,ap-shanghai",
	}
	if strings.HasSuffix(page, ".zh_CN") {
		shell["LANGUAGE"] = "zh"
	}
	readme := strings.HasPrefix(page, "README")
	dir := workshop(t, shell)
	known := world(t, dir, shell, !readme)
	known["http://127.0.0.1:9000"] = env["API_ENDPOINT"]
	if readme { // it says itself what must be set
		for _, name := range []string{"API_ENDPOINT", "TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "SOURCE_REGIONS", "TARGET_REGIONS"} {
			delete(shell, name)
		}
	}
	var script strings.Builder
	var ran []string
	for i, b := range blocks {
		for _, command := range commandsOf(b) {
			if skipped(t, command) {
				continue
			}
			command = placeholder.ReplaceAllStringFunc(command, func(s string) string {
				if strings.HasPrefix(s, "2026-") {
					s = "time"
				}
				return known[s]
			})
			if strings.HasPrefix(command, "cp deploy/snapferry.env.example") { // a reader fills it in
				command += "; echo API_ENDPOINT=" + env["API_ENDPOINT"] + " >>snapferry.env"
			}
			fmt.Fprintf(&script, "{ %s\n} >%d.one 2>&1; echo %d $? >>results; cat %d.one >>%d.out; mv %d.one %d.last\n", command, i, i, i, i, i, len(ran))
			ran = append(ran, command)
		}
	}
	if len(ran) == 0 {
		return
	}
	cmd := exec.CommandContext(t.Context(), "/bin/sh")
	cmd.Dir, cmd.Env, cmd.Stdin = dir, environ(shell), strings.NewReader(script.String())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the shell: %v\n%s", err, out)
	}
	results := strings.Fields(string(read(t, filepath.Join(dir, "results"))))
	if len(results) != 2*len(ran) {
		t.Fatalf("%d of %d commands ended", len(results)/2, len(ran))
	}
	for n, command := range ran {
		code, out := results[2*n+1], string(read(t, filepath.Join(dir, fmt.Sprintf("%d.last", n))))
		// A restore that asks has nobody here to ask.
		asks := code == "2" && strings.HasPrefix(command, "snapferry restore") && regexp.MustCompile("there is no terminal|没有可以询问的终端").MatchString(out)
		demand(t, code == "0" || asks, "exit code %s of: %s\n%s", code, command, out)
	}
	for i, b := range blocks {
		if b.language != "text" || i == 0 || blocks[i-1].language != "sh" {
			continue
		}
		out := words(same(string(read(t, filepath.Join(dir, fmt.Sprintf("%d.out", i-1))))))
		for line := range strings.Lines(b.text) {
			demand(t, strings.TrimSpace(line) == "…" || strings.Contains(out, words(same(line))), "%s: this is not printed: %s, but\n%.2000s", b.heading, line, out)
		}
	}
}

// words leaves one space between two words, since the width of a column depends on its
// content.
func words(s string) string { return strings.Join(strings.Fields(s), " ") }

func environ(vars map[string]string) (out []string) {
	for name, value := range vars {
		out = append(out, name+"="+value)
	}
	return out
}

// workshop is a directory as a reader has it: with the program and tccli on the PATH.
func workshop(t *testing.T, shell map[string]string) string {
	t.Helper()
	dir, bin := t.TempDir(), t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{
		filepath.Join(bin, "snapferry"): built(t), filepath.Join(bin, "tccli"): self,
		filepath.Join(dir, "deploy"): filepath.Join(here, "deploy"), filepath.Join(dir, "testdata"): filepath.Join(here, "testdata"),
	} {
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
	shell["PATH"] = bin + ":/usr/bin:/bin"
	return dir
}

// world returns what stands in the simulated cloud for the ids and times of a page.
func world(t *testing.T, dir string, shell map[string]string, withReplicas bool) map[string]string {
	t.Helper()
	known := map[string]string{"time": time.Now().Add(-36 * time.Hour).In(time.FixedZone("", 8*3600)).Format("2006-01-02 15:04")}
	if !withReplicas {
		return known
	}
	var reply struct {
		Actions []struct{ Disk, Snapshot, Replica, To, Outcome string }
	}
	for _, args := range [][]string{{"copy"}, {"verify", "--json"}} {
		cmd := exec.CommandContext(t.Context(), built(t), args...)
		cmd.Dir, cmd.Env = dir, environ(shell)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		if args[0] == "verify" {
			if err := json.Unmarshal(out, &reply); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, a := range reply.Actions {
		if a.Outcome == "verified" && a.To == "ap-beijing" {
			known["disk-omp7wl2m"], known["snap-ckgjwkqh"], known["snap-d012rm6t"] = a.Disk, a.Snapshot, a.Replica
		}
	}
	return known
}

// commandsOf are the commands of a block, each with the lines that continue it.
func commandsOf(b block) (out []string) {
	if b.language != "sh" {
		return nil
	}
	for line := range strings.SplitSeq(strings.ReplaceAll(b.text, "\\\n", " "), "\n") {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			out = append(out, line)
		}
	}
	return out
}

func skipped(t *testing.T, command string) bool {
	t.Helper()
	for prefix := range elsewhere {
		if !strings.HasPrefix(command+" ", prefix) {
			continue
		}
		if prefix == "make " {
			target := strings.Fields(command)[1]
			demand(t, hasTarget(t, target), "the Makefile has no target %s", target)
		}
		return true
	}
	return false
}

// tccliActions are the actions that tccli can be asked for here, as the vendor's SDK has
// them. The simulator does not serve those without an answer: only their parameters are
// checked.
var tccliActions = map[string]struct {
	request func() request
	served  bool
}{
	"DescribeSnapshots":       {func() request { return cbs.NewDescribeSnapshotsRequest() }, true},
	"DescribeDisks":           {func() request { return cbs.NewDescribeDisksRequest() }, true},
	"DescribeDiskConfigQuota": {func() request { return cbs.NewDescribeDiskConfigQuotaRequest() }, true},
	"CreateDisks":             {func() request { return cbs.NewCreateDisksRequest() }, true},
	"AttachDisks":             {func() request { return cbs.NewAttachDisksRequest() }, false},
}

type request interface {
	tchttp.Request
	FromJsonString(s string) error
}

// tccli plays the vendor's command-line tool: tccli cbs ACTION --region R --Name value….
// The SDK refuses a name that the action does not have.
func tccli(args []string) error {
	if len(args) < 2 || args[0] != "cbs" {
		return fmt.Errorf("only the service cbs is known here, got %v", args)
	}
	action, known := tccliActions[args[1]]
	if !known {
		return fmt.Errorf("the action %s is not known here", args[1])
	}
	region, params := "", map[string]any{}
	for i := 2; i+1 < len(args); i += 2 {
		name, value := strings.TrimPrefix(args[i], "--"), args[i+1]
		if name == "region" {
			region = value
			continue
		}
		var v any
		if err := json.Unmarshal([]byte(value), &v); err != nil {
			v = value
		}
		params[name] = v
	}
	raw, err := json.Marshal(params)
	if err != nil {
		return err
	}
	r := action.request()
	if err := r.FromJsonString(string(raw)); err != nil {
		return err
	}
	if region == "" || len(args)%2 != 0 {
		return fmt.Errorf("no --region, or a parameter without a value")
	}
	if !action.served {
		return nil
	}
	p := profile.NewClientProfile()
	p.HttpProfile.Scheme, p.HttpProfile.Endpoint = "HTTP", strings.TrimPrefix(os.Getenv("API_ENDPOINT"), "http://")
	client := common.NewCommonClient(common.NewCredential(os.Getenv("TENCENTCLOUD_SECRET_ID"), os.Getenv("TENCENTCLOUD_SECRET_KEY")), region, p)
	generic := tchttp.NewCommonRequest("cbs", "2017-03-12", args[1])
	if err := generic.SetActionParameters(params); err != nil {
		return err
	}
	answer := tchttp.NewCommonResponse()
	if err := client.Send(generic, answer); err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, answer.GetBody(), "", "    "); err != nil {
		return err
	}
	fmt.Println(out.String())
	return nil
}

func TestTccliRefusesWhatTheActionDoesNotHave(t *testing.T) {
	for _, args := range [][]string{
		{"cbs", "CreateDisks", "--region", "ap-beijing", "--SnapshotID", "snap-d012rm6t"},
		{"cbs", "MakeDisks", "--region", "ap-beijing"},
		{"cbs", "AttachDisks", "--DiskIds", `["disk-omp7wl2m"]`},
	} {
		if err := tccli(args); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}
