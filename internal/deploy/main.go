// Command deploy deploys the functions with the vendor's tool, and removes them.
//
//	deploy [-settings FILE] [-watch REGION] check|deploy|undeploy|write
//
// All settings come from one file, and every function gets all of them, so that no
// two functions can have different rules. It promises that nothing is sent before
// every variable and role is there and right, and that it names what it did when a
// step fails.
//
// It is a part of the build, not of the function.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"

	"snapferry/internal/settings"
	"snapferry/internal/words"
)

// A deployer is one run of the command.
type deployer struct {
	settings string // the file
	watch    string // the region of a watcher; "" for all functions beside their events
	shell    func(string) string
	out      io.Writer
	// run runs a program in a folder with these variables beside the shell's.
	run func(ctx context.Context, folder string, env map[string]string, out io.Writer, name string, args ...string) error
	// find finds a program on the PATH.
	find func(string) (string, error)
}

func main() {
	d := &deployer{shell: os.Getenv, out: os.Stdout, run: run, find: exec.LookPath}
	flag.StringVar(&d.settings, "settings", "snapferry.env", "the file with the settings of all functions")
	flag.StringVar(&d.watch, "watch", "", "deploy only verify and status, in this region")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := d.do(ctx, flag.Arg(0))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "deploy: "+d.in(err.Error()))
		os.Exit(1)
	}
}

func (d *deployer) do(ctx context.Context, command string) error {
	nothing := func(context.Context, *deployment, map[string]string) error { return nil }
	step := map[string]func(context.Context, *deployment, map[string]string) error{
		"check": nothing, "deploy": d.deploy, "undeploy": d.undeploy, "write": nothing,
	}[command]
	if step == nil {
		return fmt.Errorf("%q is not check, deploy, undeploy or write", command)
	}
	values, err := readSettings(d.settings)
	if err != nil {
		return err
	}
	plan, err := readTemplate("serverless.yml", d.watch)
	if err != nil {
		return err
	}
	if err := errors.Join(plan.check(values), d.checkShell(command)); err != nil {
		return fmt.Errorf("nothing was sent, because\n%w", err)
	}
	if command == "check" { // before the build: there is nothing to prepare yet
		return nil
	}
	plan.give(values)
	if err := plan.prepare(); err != nil {
		return err
	}
	return step(ctx, plan, values)
}

// checkShell checks what a step needs beside the settings.
func (d *deployer) checkShell(command string) error {
	if command == "write" {
		return nil
	}
	var errs []error
	if _, err := d.find("npx"); err != nil {
		errs = append(errs, errors.New("npx is not here: install Node.js, which the vendor's deployment tool needs"))
	}
	for _, name := range []string{"TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"} {
		if d.shell(name) == "" {
			errs = append(errs, fmt.Errorf("%s is not set in the shell: it is your own key, with which the functions are deployed", name))
		}
	}
	return errors.Join(errs...)
}

// snapferry runs a command of the product with the settings of the file, as the
// functions have them.
func (d *deployer) snapferry(ctx context.Context, plan *deployment, args ...string) error {
	// A check without a job is about all functions beside the event bus, so the shell's does not count.
	env := map[string]string{"TENCENTCLOUD_REGION": plan.Inputs.Region, "JOB": ""}
	if d.watch != "" {
		env["JOB"] = "verify"
	}
	return d.run(ctx, ".", env, d.out, "go", append([]string{"run", ".", "--settings", d.settings}, args...)...)
}

func (d *deployer) deploy(ctx context.Context, plan *deployment, values map[string]string) error {
	if err := d.vendor(ctx, values, "deploy"); err != nil {
		return fmt.Errorf("%w: what it printed says how far it came; some of %s may be in %s now. Run this again: it changes those and makes the others", err, plan.functions(), plan.Inputs.Region)
	}
	d.say("deployed in %s: %s", plan.Inputs.Region, plan.functions())
	if err := d.snapferry(ctx, plan, "check"); err != nil {
		return fmt.Errorf("the functions are deployed, and \"snapferry check\" found what is wrong (above)")
	}
	d.say("what is still missing is yellow above")
	if d.watch == "" {
		d.say("recommended: a watcher in a target region, which goes on telling when this region is lost: make deploy WATCH=REGION")
	}
	return nil
}

func (d *deployer) undeploy(ctx context.Context, plan *deployment, values map[string]string) error {
	var errs []error
	if d.watch == "" {
		if err := d.snapferry(ctx, plan, "subscribe", "--remove"); err != nil {
			errs = append(errs, fmt.Errorf("the event rule is still there: see above, and run \"go run . --settings %s subscribe --remove\" again", d.settings))
		}
	}
	if err := d.vendor(ctx, values, "remove"); err != nil {
		errs = append(errs, fmt.Errorf("%w: some of %s may still be in %s; run this again, or delete them in the SCF console", err, plan.functions(), plan.Inputs.Region))
	} else {
		d.say("removed with their triggers in %s: %s", plan.Inputs.Region, plan.functions())
	}
	d.say("no replica was touched: they stay, and cost money, until somebody deletes them")
	return errors.Join(errs...)
}

func (d *deployer) say(format string, args ...any) {
	_, _ = fmt.Fprintln(d.out, d.in(fmt.Sprintf(format, args...)))
}

// in is a text in the language of the person at the shell.
func (d *deployer) in(text string) string { return words.In(settings.Language(d.shell), text) }

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return writeFile(to, content, 0o755)
}

// writeFile writes a file and its folder.
func writeFile(name string, content []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, content, mode)
}
