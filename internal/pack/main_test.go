package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPackHoldsOneExecutableAtTheRoot(t *testing.T) {
	archive := bytes.NewReader(packed(t, "the binary"))
	z, err := zip.NewReader(archive, archive.Size())
	if err != nil {
		t.Fatal(err)
	}
	if len(z.File) != 1 {
		t.Fatalf("got %d files, want 1", len(z.File))
	}
	f := z.File[0]
	if f.Name != "main" {
		t.Errorf("got name %q, want main", f.Name)
	}
	if got, want := f.Mode().String(), "-rwxr-xr-x"; got != want {
		t.Errorf("got mode %s, want %s", got, want)
	}
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil || string(content) != "the binary" {
		t.Errorf("got %q, %v", content, err)
	}
}

func TestPackIsReproducible(t *testing.T) {
	if !bytes.Equal(packed(t, "the binary"), packed(t, "the binary")) {
		t.Error("the same binary gave two different archives")
	}
}

func TestRunLeavesNothingWithoutABinary(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "f.zip")
	if err := run(filepath.Join(dir, "absent"), archive); err == nil {
		t.Error("no error for an absent binary")
	}
	if _, err := os.Stat(archive); err == nil {
		t.Error("an archive without a binary was left behind")
	}
}

func packed(t *testing.T, content string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := pack(&out, strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
