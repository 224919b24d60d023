package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"snapferry/internal/settings"
)

const filled = "STATUS_TOKEN=0123456789abcdef0123456789abcdef\nCOPY_ROLE=ferry-copy\nVERIFY_ROLE=ferry-verify\nRETAIN_ROLE=ferry-retain\nDRILL_ROLE=ferry-drill\nSTATUS_ROLE=ferry-status\n"

// example is the example of the settings' file, as somebody filled it in.
func example(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../../deploy/snapferry.env.example")
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?m)^(\w+_ROLE|STATUS_TOKEN)=$`).ReplaceAllString(string(content), "#") + filled
}

// checkout is a folder with what the command needs, and a shell with keys. ran has
// the programs that were run.
func checkout(t *testing.T, settings string) (d *deployer, ran *[]string, out *bytes.Buffer) {
	t.Helper()
	template, err := os.ReadFile("../../serverless.yml")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for name, content := range map[string]string{"serverless.yml": string(template), "snapferry.env": settings, "dist/main": "binary"} {
		if err := writeFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, ran = &bytes.Buffer{}, &[]string{}
	shell := map[string]string{"TENCENTCLOUD_SECRET_ID": "AKIDperson", "TENCENTCLOUD_SECRET_KEY": "key-of-person"}
	return &deployer{
		settings: "snapferry.env", out: out,
		shell: func(name string) string { return shell[name] },
		find:  func(string) (string, error) { return "npx", nil },
		run: func(_ context.Context, folder string, env map[string]string, out io.Writer, name string, args ...string) error {
			if name == "npx" && (env["SERVERLESS_PLATFORM_VENDOR"] != "tencent" || env["TENCENT_SECRET_ID"] != "AKIDperson" || env["TENCENT_SECRET_KEY"] != "key-of-person" || env["COPY_ROLE"] != "ferry-copy") {
				t.Errorf("the tool gets the variables %v", env)
			}
			if name == "go" && (len(env) > 2 || env["TENCENTCLOUD_REGION"] == "") {
				t.Errorf("snapferry gets the variables %v", env)
			}
			job, set := env["JOB"] // without it, that of the shell would count
			if watches := env["TENCENTCLOUD_REGION"] == "ap-beijing"; name == "go" && (!set || (job == "verify") != watches) {
				t.Errorf("a check in %s is about the job %q", env["TENCENTCLOUD_REGION"], env["JOB"])
			}
			*ran = append(*ran, folder+": "+name+" "+strings.Join(args, " "))
			if name == "npx" {
				_, _ = io.WriteString(out, "\x1b[J3s › snapferry › 执行成功\n")
			}
			return nil
		},
	}, ran, out
}

func TestDeployAndUndeployCallTheVendorsTool(t *testing.T) {
	const npx = "dist/deploy: npx --yes @serverless/components@3.18.2 "
	const snapferry = ".: go run . --settings snapferry.env "
	for _, tc := range []struct{ command, watch, ran, said string }{
		{"deploy", "", npx + "deploy, " + snapferry + "check", "deployed in ap-guangzhou: snapshot-copy"},
		{"undeploy", "", snapferry + "subscribe --remove, " + npx + "remove", "no replica was touched"},
		{"deploy", "ap-beijing", npx + "deploy, " + snapferry + "check", "deployed in ap-beijing: snapshot-status, snapshot-verify"},
		{"undeploy", "ap-beijing", npx + "remove", "removed with their triggers in ap-beijing"},
		{"write", "", "", ""},
	} {
		t.Run(tc.command+" "+tc.watch, func(t *testing.T) {
			d, ran, out := checkout(t, example(t))
			d.watch = tc.watch
			if err := d.do(t.Context(), tc.command); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(*ran, ", "); got != tc.ran || !strings.Contains(out.String(), tc.said) {
				t.Errorf("ran %q, want %q; said %s", got, tc.ran, out)
			}
		})
	}
}

func TestNothingIsSentBeforeEverythingIsThereAndRight(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(string) string
		watch  string
		shell  func(*deployer)
		want   string
	}{
		"a role is missing":         {change: without("RETAIN_ROLE"), want: `RETAIN_ROLE: "" is not the name of a role`},
		"the token is missing":      {change: without("STATUS_TOKEN"), want: "STATUS_TOKEN is missing"},
		"no target":                 {change: without("TARGET_REGIONS"), want: "TARGET_REGIONS"},
		"no source":                 {change: without("SOURCE_REGIONS"), want: "SOURCE_REGIONS is required here"},
		"a slip":                    {change: adding("KEEP_DALY=3"), want: "KEEP_DALY: it is neither a setting nor the role"},
		"a wrong value":             {change: adding("MAX_AGE=soon"), want: "MAX_AGE"},
		"two mistakes":              {change: adding("MAX_AGE=soon\nRPO=later"), want: "RPO"},
		"a role of nobody":          {change: adding("COPI_ROLE=ferry-copy"), want: "COPI_ROLE is not the role of a function"},
		"a job for all":             {change: adding("JOB=copy"), want: "JOB: take it out"},
		"keys":                      {change: adding("TENCENTCLOUD_SECRET_KEY=hush"), want: "keys belong into the shell"},
		"a line without a name":     {change: adding("KEEP_LAST 3"), want: "it is not of the form NAME=value"},
		"a name twice":              {change: adding("KEEP_DAILY=3"), want: "KEEP_DAILY: it is there a second time"},
		"quotes":                    {change: adding(`KEEP_LAST="3"`), want: "without quotes"},
		"a comment beside a value":  {change: adding("SELECT_TAGS=env=prod # hush"), want: "a comment stands on a line of its own"},
		"a value that is replaced":  {change: adding("NOTIFY_URL=https://example.com/${env:TENCENT_SECRET_KEY}"), want: "write the value itself"},
		"a watcher at one source":   {change: func(s string) string { return strings.ReplaceAll(s, "SOURCE_REGIONS=", "SOURCE_REGIONS=ap-chengdu, ") }, watch: "ap-guangzhou", want: "would be lost with what it watches"},
		"a watcher at the source":   {watch: "ap-guangzhou", want: "would be lost with what it watches"},
		"a watcher nowhere":         {watch: "beijing", want: "is not a region for a watcher"},
		"no node":                   {shell: func(d *deployer) { d.find = func(string) (string, error) { return "", errors.New("none") } }, want: "install Node.js"},
		"no keys in the shell":      {shell: func(d *deployer) { d.shell = func(string) string { return "" } }, want: "TENCENTCLOUD_SECRET_KEY is not set in the shell"},
		"no file":                   {shell: func(d *deployer) { d.settings = "other.env" }, want: "copy deploy/snapferry.env.example"},
		"the example as it is":      {change: func(string) string { return strings.Split(example(t), "COPY_ROLE")[0] }, want: "COPY_ROLE"},
		"a variable that is a slip": {change: adding("TARGET_REGION=ap-beijing"), want: "TARGET_REGION: it is neither"},
	} {
		t.Run(name, func(t *testing.T) {
			text := example(t)
			if tc.change != nil {
				text = tc.change(text)
			}
			d, ran, _ := checkout(t, text)
			d.watch = tc.watch
			if tc.shell != nil {
				tc.shell(d)
			}
			for _, command := range []string{"check", "deploy"} {
				err := d.do(t.Context(), command)
				if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "hush") {
					t.Errorf("%s: got %v, want %q in it", command, err, tc.want)
				}
			}
			if len(*ran) > 0 {
				t.Errorf("ran %q", *ran)
			}
		})
	}
}

// The first build takes minutes: a mistake in the file is shown before it.
func TestTheSettingsAreCheckedBeforeTheBuild(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"deploy", "undeploy"} {
		if !strings.Contains(string(makefile), "\n"+target+": settings package ##") {
			t.Errorf("make %s does not begin with make settings", target)
		}
	}
	d, ran, _ := checkout(t, example(t))
	if err := os.Remove("dist/main"); err != nil {
		t.Fatal(err)
	}
	if err := d.do(t.Context(), "check"); err != nil || len(*ran) > 0 {
		t.Errorf("got %v, ran %q", err, *ran)
	}
}

func without(name string) func(string) string {
	return func(text string) string { return regexp.MustCompile("(?m)^"+name+"=.*$").ReplaceAllString(text, "#") }
}

func adding(lines string) func(string) string {
	return func(text string) string { return text + lines + "\n" }
}

// The vendor's users read Chinese more often than English.
func TestDeploySpeaksChinese(t *testing.T) {
	d, _, out := checkout(t, example(t))
	shell := d.shell
	d.shell = func(name string) string {
		if name == "LANGUAGE" {
			return "zh"
		}
		return shell(name)
	}
	if err := d.do(t.Context(), "deploy"); err != nil {
		t.Fatal(err)
	}
	if latin := regexp.MustCompile(`[a-z]+ [a-z]+ [a-z]+`).FindString(out.String()); latin != "" || !strings.Contains(out.String(), "已在 ap-guangzhou 中部署：snapshot-copy") {
		t.Errorf("%q stays English in:\n%s", latin, out)
	}
}

func TestAFailedStepSaysWhatIsThere(t *testing.T) {
	for _, tc := range []struct{ command, fails, prints, want string }{
		{"deploy", "deploy", "no permission", "failed (exit status 1): what it printed says how far it came; some of snapshot-copy, snapshot-drill, snapshot-retain, snapshot-status, snapshot-verify may be in ap-guangzhou now. Run this again"},
		{"deploy", "check", "", "the functions are deployed, and"},
		{"undeploy", "--remove", "", "the event rule is still there"},
		{"undeploy", "remove", "no permission", "may still be in ap-guangzhou; run this again, or delete them in the SCF console"},
		// The tool ends with exit status 0 here.
		{"deploy", "", "", "ended without saying that it had done its work: what it printed"},
		{"undeploy", "", "登录超时，请重试\n", "ended without saying that it had done its work: some of"},
		{"deploy", "", "请扫码进行登陆，或通过 sls credentials 配置全局用户授权\n", "asked for a login, and was stopped: TENCENTCLOUD_TOKEN of the shell has expired"},
	} {
		t.Run(tc.command+" "+tc.fails+tc.prints, func(t *testing.T) {
			d, _, out := checkout(t, example(t))
			works := d.run
			d.run = func(ctx context.Context, folder string, env map[string]string, out io.Writer, name string, args ...string) error {
				switch {
				case args[len(args)-1] == tc.fails:
					_, _ = io.WriteString(out, tc.prints)
					return errors.New("exit status 1")
				case tc.fails == "" && name == "npx":
					_, _ = io.WriteString(out, tc.prints)
					if strings.Contains(tc.prints, "扫码") && ctx.Err() == nil {
						t.Error("the tool goes on")
					}
					return nil
				}
				return works(ctx, folder, env, out, name, args...)
			}
			if err := d.do(t.Context(), tc.command); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q in it\n%s", err, tc.want, out)
			}
		})
	}
}

// What an earlier run or a login left there would be sent as code, or read as settings. A
// watcher in another region is another instance: the tool would move the one that is there.
func TestTheWorkshopIsMadeAnew(t *testing.T) {
	d, _, _ := checkout(t, example(t))
	for _, name := range []string{"code/old", ".env", ".env.prod"} {
		if err := writeFile(filepath.Join(workshop, name), []byte("TENCENT_SECRET_KEY=key"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d.watch = "ap-beijing"
	if err := d.do(t.Context(), "write"); err != nil {
		t.Fatal(err)
	}
	size := map[string]int{}
	for _, pattern := range []string{"*", ".*", "code/*"} {
		found, _ := filepath.Glob(filepath.Join(workshop, pattern))
		for _, name := range found {
			if content, err := os.ReadFile(name); err == nil {
				size[strings.TrimPrefix(name, workshop+"/")] = len(content)
			}
		}
	}
	if fmt.Sprint(sortedKeys(size)) != "[.env code/main serverless.yml]" || size[".env"] > 0 {
		t.Errorf("got %v, want serverless.yml, the binary and an empty .env", size)
	}
	if raw, _ := os.ReadFile(filepath.Join(workshop, "serverless.yml")); !strings.Contains(string(raw), "name: snapferry-watch-ap-beijing\n") {
		t.Errorf("the instance has another name:\n%s", raw)
	}
}

func TestWhatTheToolPrintsIsShownOnce(t *testing.T) {
	out := &bytes.Buffer{}
	l := &listener{out: out}
	for _, part := range []string{"\x1b[?25l\x1b[J\n0s › snapferry › 部署", "中 .\n\x1b[NaNA\x1b[G", "\x1b[J\n1s › snapferry › 部署中 ...\n", "region: here\n\n3s › snapferry › 执行成功\n"} {
		_, _ = io.WriteString(l, part)
	}
	if want := "0s › snapferry › 部署中 .\nregion: here\n3s › snapferry › 执行成功\n"; out.String() != want || !l.done || l.login {
		t.Errorf("got %q, want %q", out, want)
	}
}

// Planned by different rules, one function would delete what another copies.
func TestEveryFunctionGetsAllSettings(t *testing.T) {
	for _, watch := range []string{"", "ap-beijing"} {
		t.Run("watch "+watch, func(t *testing.T) {
			d, _, _ := checkout(t, example(t)+"SELECT_TAGS=a=b\n")
			d.watch = watch
			if err := d.do(t.Context(), "write"); err != nil {
				t.Fatal(err)
			}
			p, err := readTemplate("dist/deploy/serverless.yml", "")
			if err != nil {
				t.Fatal(err)
			}
			values, err := readSettings("snapferry.env")
			if err != nil {
				t.Fatal(err)
			}
			jobs := map[string]bool{}
			for name, f := range p.Inputs.Functions {
				env := resolved(f, values)
				set, err := settings.Read(func(name string) string { return env[name] }, p.Inputs.Region)
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if "snapshot-"+string(set.Job) != name || set.Keep.Daily != 14 || len(set.SelectTags) != 1 || (env["STATUS_TOKEN"] != "") != (set.Job == "status") || env["COPY_ROLE"] != "" {
					t.Errorf("%s gets %v", name, env)
				}
				jobs[env["JOB"]] = true
			}
			if want := 5; watch == "" && len(jobs) != want || watch != "" && fmt.Sprint(sortedKeys(jobs)) != "[status verify]" {
				t.Errorf("watch %q: got jobs %v", watch, jobs)
			}
			if raw, _ := os.ReadFile("dist/deploy/serverless.yml"); bytes.Contains(raw, []byte("0123456789abcdef")) {
				t.Error("the token is written to a file")
			}
		})
	}
}

// resolved is what a function sees, when the vendor's tool has put in the variables.
func resolved(f *function, values map[string]string) map[string]string {
	env := map[string]string{}
	for _, v := range f.Environments {
		if env[v.Key] = v.Value; reference.MatchString(v.Value) {
			env[v.Key] = values[reference.FindStringSubmatch(v.Value)[1]]
		}
	}
	return env
}

func TestTheExampleNamesEveryRole(t *testing.T) {
	raw, err := os.ReadFile("../../deploy/snapferry.env.example")
	if err != nil {
		t.Fatal(err)
	}
	p, err := readTemplate("../../serverless.yml", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range p.roles() {
		if !slices.Contains(strings.Split(string(raw), "\n"), name+"=") {
			t.Errorf("deploy/snapferry.env.example lacks %s=", name)
		}
	}
}
