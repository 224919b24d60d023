package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// tool is the vendor's deployment tool.
const tool = "@serverless/components@3.18.2"

// workshop is where the tool runs. It finds serverless.yml there, and the function's
// binary in code.
const workshop = "dist/deploy"

// prepare makes the workshop anew. Its .env is empty: the tool reads the nearest one, here
// or in the two folders above, and would take variables from there.
func (p *deployment) prepare() error {
	if err := os.RemoveAll(workshop); err != nil {
		return err
	}
	if err := errors.Join(p.write(workshop), writeFile(filepath.Join(workshop, ".env"), nil, 0o600)); err != nil {
		return err
	}
	if err := copyFile("dist/main", filepath.Join(workshop, "code", "main")); err != nil {
		return fmt.Errorf("the function's binary is missing (make build): %w", err)
	}
	return nil
}

// environment is what the vendor's tool needs: the settings, its own names for the
// keys, and the vendor, which it would else guess by the time zone. A token or a profile
// that the shell has for the tool itself does not belong to these keys. What the tool
// tells about its use goes to the vendor alone, as far as it can be switched off.
func (d *deployer) environment(values map[string]string) map[string]string {
	env := maps.Clone(values)
	env["SERVERLESS_PLATFORM_VENDOR"], env["SLS_GEO_LOCATION"], env["SLS_TELEMETRY_DISABLED"] = "tencent", "cn", "1"
	env["TENCENT_SECRET_ID"], env["TENCENT_SECRET_KEY"] = d.shell("TENCENTCLOUD_SECRET_ID"), d.shell("TENCENTCLOUD_SECRET_KEY")
	env["TENCENT_TOKEN"], env["TENCENT_CREDENTIALS_PROFILE"] = d.shell("TENCENTCLOUD_TOKEN"), ""
	return env
}

// vendor runs a command of the vendor's tool. The tool also ends with exit status 0 when it
// gave up, so only what it says at the end of its work counts. It must not ask for a
// login: whoever answers can be of another account, and it writes their keys to a file.
func (d *deployer) vendor(ctx context.Context, values map[string]string, command string) error {
	within, stop := context.WithCancel(ctx)
	defer stop()
	heard := &listener{out: d.out, stop: stop}
	err := d.run(within, workshop, d.environment(values), heard, "npx", "--yes", tool, command)
	switch {
	case heard.login:
		return fmt.Errorf("%s asked for a login, and was stopped: TENCENTCLOUD_TOKEN of the shell has expired, or does not belong to the keys", tool)
	case err != nil:
		return fmt.Errorf("%s failed (%w)", tool, err)
	case !heard.done:
		return fmt.Errorf("%s ended without saying that it had done its work", tool)
	}
	return nil
}

// A listener passes on what the vendor's tool prints, without what only a terminal
// understands, and a line that comes again with other dots only once.
type listener struct {
	out         io.Writer
	stop        func()
	rest        []byte
	last        string
	done, login bool
}

var (
	terminal = regexp.MustCompile(`\x1b\[[0-9?;]*(NaN)?[A-Za-z]`)
	progress = regexp.MustCompile(`^\d+s (.*?)[. ]*$`)
)

// Write implements io.Writer.
func (l *listener) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		raw, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		l.rest = rest
		line := strings.TrimRight(terminal.ReplaceAllString(string(raw), ""), " \r")
		said := progress.ReplaceAllString(line, "$1")
		if said == "" || said == l.last {
			continue
		}
		l.last = said
		_, _ = fmt.Fprintln(l.out, line)
		if l.done = l.done || strings.HasSuffix(said, "执行成功"); strings.Contains(said, "扫码") || strings.Contains(said, "二维码") {
			l.login = true
			l.stop()
		}
	}
}

func run(ctx context.Context, folder string, env map[string]string, out io.Writer, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = folder, os.Environ(), os.Stdin, out, os.Stderr
	for _, key := range slices.Sorted(maps.Keys(env)) {
		cmd.Env = append(cmd.Env, key+"="+env[key])
	}
	// npx passes this signal on to the tool.
	cmd.Cancel, cmd.WaitDelay = func() error { return cmd.Process.Signal(syscall.SIGTERM) }, 5*time.Second
	return cmd.Run()
}
