package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// aVersion is a version as Semantic Versioning has it, without build metadata.
const aVersion = `(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?`

var (
	versionForm = regexp.MustCompile(`^` + aVersion + `$`)
	commitForm  = regexp.MustCompile(`^[0-9a-f]{40}$`)
)

// release writes a release of the commit that is checked out.
func release(ctx context.Context, version, folder string) error {
	if !versionForm.MatchString(version) {
		return fmt.Errorf("VERSION is %q: it must be as 1.2.3 or 1.2.3-rc.1", version)
	}
	changed, err := git(ctx, "status", "--porcelain")
	if err != nil {
		return err
	}
	if changed != "" {
		return fmt.Errorf("a release is built from a commit, and these files differ from it: commit them, or put them aside\n%s", changed)
	}
	commit, err := git(ctx, "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	if err := unused(ctx, version, commit); err != nil {
		return err
	}
	names, err := write(ctx, version, commit, folder)
	if err != nil {
		return err
	}
	fmt.Printf("version %s of commit %s: %s\nMark the commit, so that others find it: git tag v%s %s\n", version, commit, strings.Join(names, ", "), version, commit)
	return nil
}

// unused refuses a version that another commit has: two programs of one version can't be
// told apart.
func unused(ctx context.Context, version, commit string) error {
	tag := "refs/tags/v" + version
	found, err := git(ctx, "for-each-ref", "--format=%(refname)", tag)
	if err != nil || found != tag {
		return err
	}
	marked, err := git(ctx, "rev-parse", tag+"^{commit}")
	if err == nil && marked != commit {
		err = fmt.Errorf("version %s is commit %s already (tag v%s), and %s is checked out: choose another version, or check out the tag", version, marked, version, commit)
	}
	return err
}

// write builds a release of a commit, and writes its files into a folder.
func write(ctx context.Context, version, commit, folder string) (names []string, err error) {
	built, remove, err := rebuild(ctx, version, commit, "")
	if err != nil {
		return nil, err
	}
	defer remove()
	archive, err := os.ReadFile(filepath.Join(built, "dist", "snapferry.zip"))
	if err != nil {
		return nil, err
	}
	info, err := buildinfo.ReadFile(filepath.Join(built, "dist", "main"))
	if err != nil {
		return nil, fmt.Errorf("read what the binary is made of: %w", err)
	}
	bom, err := billOfMaterials(info, version, commit)
	if err != nil {
		return nil, err
	}
	stem := "snapferry-" + version
	files := []struct {
		name    string
		content []byte
	}{{stem + ".zip", archive}, {stem + ".cdx.json", bom}, {"SHA256SUMS", nil}}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	var sums strings.Builder
	for _, f := range files {
		if f.content == nil {
			f.content = []byte(sums.String())
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(f.content), f.name)
		name := filepath.Join(folder, f.name)
		if err := os.WriteFile(name, f.content, 0o644); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

// verify builds a release again from the commit that its binary names, with the same
// Go, and compares the bytes. It does not run the binary.
func verify(ctx context.Context, archive string) error {
	theirs, err := os.ReadFile(archive)
	if err != nil {
		return fmt.Errorf("RELEASE names the zip: %w", err)
	}
	binary, err := unpack(theirs)
	if err != nil {
		return fmt.Errorf("%s is no package of snapferry: %w", archive, err)
	}
	version, commit, err := readStamp(binary)
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		return fmt.Errorf("%s: read with which Go it was built: %w", archive, err)
	}
	built, remove, err := rebuild(ctx, version, commit, info.GoVersion)
	if err != nil {
		return err
	}
	defer remove()
	ours, err := os.ReadFile(filepath.Join(built, "dist", "snapferry.zip"))
	if err != nil {
		return err
	}
	if !bytes.Equal(ours, theirs) {
		return fmt.Errorf("%s is NOT what commit %s gives: sha256 %x, and built here %x; %s. Don't deploy it before you know why",
			archive, commit, sha256.Sum256(theirs), sha256.Sum256(ours), difference(info, filepath.Join(built, "dist", "main")))
	}
	fmt.Printf("%s is version %s of commit %s, built with %s, byte by byte (sha256 %x)\n", archive, version, commit, info.GoVersion, sha256.Sum256(ours))
	return nil
}

// difference says whether two binaries were built in different ways.
func difference(theirs *buildinfo.BuildInfo, binary string) string {
	ours, err := buildinfo.ReadFile(binary)
	switch {
	case err != nil:
		return err.Error()
	case ours.String() == theirs.String():
		return "both say that they were built in the same way of the same modules"
	}
	return fmt.Sprintf("it says of itself\n%s\nand the one built here\n%s", theirs, ours)
}

// stampForm is what the linker puts into the binary of a release (handler.stamp).
var stampForm = regexp.MustCompile(`release:(` + aVersion + `):([0-9a-f]{40})`)

func readStamp(binary []byte) (version, commit string, err error) {
	found := stampForm.FindAllSubmatch(binary, -1)
	same := func(m [][]byte) bool { return bytes.Equal(m[0], found[0][0]) }
	if len(found) == 0 || slices.ContainsFunc(found, func(m [][]byte) bool { return !same(m) }) {
		return "", "", errors.New("the binary does not name one version and commit: it was not made by make release")
	}
	return string(found[0][1]), string(found[0][2]), nil
}

// rebuild builds the package of a commit in a folder of its own, which remove removes.
// With goVersion, such as go1.26.0, it takes that version of Go.
func rebuild(ctx context.Context, version, commit, goVersion string) (folder string, remove func(), err error) {
	if !commitForm.MatchString(commit) {
		return "", nil, fmt.Errorf("%q is no commit", commit)
	}
	root, err := git(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return "", nil, err
	}
	if folder, err = os.MkdirTemp("", "snapferry-release-"); err != nil {
		return "", nil, err
	}
	remove = func() { _ = os.RemoveAll(folder) }
	defer func() {
		if err != nil {
			remove()
		}
	}()
	sources := filepath.Join(folder, "sources")
	// A clone has what was committed and nothing else. It does not touch the folder
	// that people work in.
	if _, err = git(ctx, "clone", "--quiet", "--shared", "--no-checkout", root, sources); err != nil {
		return "", nil, err
	}
	if _, err = git(ctx, "-C", sources, "checkout", "--quiet", "--detach", commit); err != nil {
		return "", nil, fmt.Errorf("commit %s is not in this clone (git fetch --unshallow --tags may bring it): %w", commit, err)
	}
	reach, err := output(ctx, os.Environ(), cmp.Or(os.Getenv("GO"), "go"), append([]string{"env"}, reaching...)...)
	if err != nil {
		return "", nil, err
	}
	env := append(buildEnvironment(os.Environ(), strings.Split(reach, "\n")), "STAMP=release:"+version+":"+commit)
	if goVersion != "" {
		env = append(env, "GOTOOLCHAIN="+goVersion)
	}
	if _, err = output(ctx, env, "make", "-C", sources, "package"); err != nil {
		return "", nil, fmt.Errorf("build commit %s: %w", commit, err)
	}
	return sources, remove, nil
}

// reaching are Go's settings that say where modules come from and are kept, and change
// no byte of what is built.
var reaching = []string{"GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOINSECURE", "GOMODCACHE", "GOCACHE"}

// buildEnvironment leaves out what would change the bytes, in the environment and in the
// file of "go env -w", and what an outer make says. reach are the values of reaching.
func buildEnvironment(all, reach []string) []string {
	changes := append([]string{"GOENV", "GOFLAGS", "GOEXPERIMENT", "GOAMD64", "GOWORK", "MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "STAMP"}, reaching...)
	env := slices.DeleteFunc(slices.Clone(all), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(changes, name)
	})
	for i, name := range reaching[:min(len(reach), len(reaching))] {
		env = append(env, name+"="+reach[i])
	}
	return append(env, "GOENV=off", "GOWORK=off", "GOAMD64=v1")
}

func git(ctx context.Context, args ...string) (string, error) {
	return output(ctx, os.Environ(), "git", args...)
}

// output runs a program and returns what it printed.
func output(ctx context.Context, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var problem bytes.Buffer
	cmd.Env, cmd.Stderr = env, &problem
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, args[0], err, bytes.TrimSpace(problem.Bytes()))
	}
	return strings.TrimSpace(string(out)), nil
}
