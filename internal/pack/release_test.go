package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The release is made of the commit that is checked out, not of changed files.
func TestAReleaseIsBuiltAgainByteByByte(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the function twice")
	}
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("make is not here, and a release is made with it")
	}
	commit, err := git(t.Context(), "rev-parse", "HEAD")
	if err != nil {
		t.Skipf("no history to build a release from: %v", err)
	}
	folder := t.TempDir()
	names, err := write(t.Context(), "9.8.7-rc.1", commit, folder)
	if err != nil {
		t.Fatal(err)
	}
	wantBillOfMaterials(t, names[1], commit)
	sums := string(content(t, filepath.Join(folder, "SHA256SUMS")))
	if strings.Count(sums, "\n") != 2 || !strings.Contains(sums, "  snapferry-9.8.7-rc.1.zip\n") || !strings.Contains(sums, "  snapferry-9.8.7-rc.1.cdx.json\n") {
		t.Errorf("SHA256SUMS:\n%s", sums)
	}
	// What a person wrote with "go env -w" for other work, and what their shell has.
	t.Setenv("GOENV", filepath.Join(folder, "env"))
	if err := os.WriteFile(filepath.Join(folder, "env"), []byte("GOFLAGS=-tags=timetzdata\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOFLAGS", "-ldflags=-w")
	if err := verify(t.Context(), names[0]); err != nil {
		t.Errorf("verify: %v", err)
	}
	binary, err := unpack(content(t, names[0]))
	if err != nil {
		t.Fatal(err)
	}
	// One changed instruction or text, packed as the original.
	changed := bytes.Replace(binary, []byte("ferry:state"), []byte("ferry:stale"), 1)
	var forged bytes.Buffer
	if err := pack(&forged, bytes.NewReader(changed)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(names[0], forged.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := verify(t.Context(), names[0]); err == nil || !strings.Contains(err.Error(), "is NOT what commit "+commit+" gives") {
		t.Errorf("a changed binary: %v", err)
	}
}

func TestAVersionBelongsToOneCommit(t *testing.T) {
	t.Chdir(t.TempDir())
	run := func(args ...string) string {
		t.Helper()
		out, err := git(t.Context(), append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	run("init", "--quiet")
	run("commit", "--quiet", "--allow-empty", "-m", "one")
	first := run("rev-parse", "HEAD")
	run("tag", "-a", "v1.2.3", "-m", "marked")
	run("commit", "--quiet", "--allow-empty", "-m", "two")
	if err := unused(t.Context(), "1.2.3", first); err != nil {
		t.Errorf("the marked commit: %v", err)
	}
	if err := release(t.Context(), "1.2.3", "dist"); err == nil || !strings.Contains(err.Error(), "version 1.2.3 is commit "+first+" already") {
		t.Errorf("another commit: %v", err)
	}
	if err := unused(t.Context(), "1.2.4", run("rev-parse", "HEAD")); err != nil {
		t.Errorf("a new version: %v", err)
	}
}

func wantBillOfMaterials(t *testing.T, name, commit string) {
	t.Helper()
	var b bom
	if err := json.Unmarshal(content(t, name), &b); err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, c := range b.Components {
		versions[c.Name] = c.Version
		if c.PURL != "pkg:golang/"+c.Name+"@"+c.Version || c.Version == "" {
			t.Errorf("component %+v", c)
		}
	}
	product := b.Metadata.Component
	if product.Name != "snapferry" || product.Version != "9.8.7-rc.1" || product.Properties[0].Value != commit {
		t.Errorf("the product: %+v", product)
	}
	const linked, onlyInTests = "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/cbs", "github.com/chromedp/chromedp"
	if versions[linked] == "" || versions["std"] == "" || versions[onlyInTests] != "" {
		t.Errorf("want what is linked, and not what only tests use: %v", versions)
	}
}

func TestVerifyRefusesWhatNamesNoRelease(t *testing.T) {
	folder := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	one, other := "release:1.2.3:"+strings.Repeat("a", 40), "release:1.2.3:"+strings.Repeat("b", 40)
	for what, path := range map[string]string{
		"RELEASE names the zip":           filepath.Join(folder, "absent"),
		"is no package of snapferry":      file("text.zip", []byte("text")),
		"it was not made by make release": file("plain.zip", packed(t, "a binary of make package")),
		"does not name one version":       file("two.zip", packed(t, one+" "+other)),
		"read with which Go it was built": file("nogo.zip", packed(t, one+" "+one)),
	} {
		if err := verify(t.Context(), path); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("got %v, want %q", err, what)
		}
	}
	for _, version := range []string{"", "1.2", "v1.2.3", "1.2.3;ls", "01.2.3", "1.2.3-", "1.2.3-..", "1.2.3-a.", "1.2.3+x"} {
		if err := release(t.Context(), version, folder); err == nil || !strings.Contains(err.Error(), "must be as 1.2.3") {
			t.Errorf("VERSION=%q: %v", version, err)
		}
	}
}

func content(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
