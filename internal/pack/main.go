// Command pack makes what is given to others of the function's binary.
//
//	pack zip BINARY ZIP           one file called main, executable, at the root
//	pack release VERSION FOLDER   zip, SBOM and SHA256SUMS of the commit that is checked out
//	pack verify ZIP               builds a release again, and compares the bytes
//
// It promises that the same sources give the same bytes with the same Go, in whatever
// folder, so that a package can be compared with the one that is deployed.
//
// It is a part of the build, not of the function, and stands in for the zip
// program, which many machines lack.
package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// name is what the Go1 runtime starts, and the handler in serverless.yml.
const name = "main"

// epoch is the time in the archive: a constant one, the earliest a zip can say.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := do(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func do(ctx context.Context, args []string) error {
	switch {
	case len(args) == 3 && args[0] == "zip":
		return run(args[1], args[2])
	case len(args) == 3 && args[0] == "release":
		return release(ctx, args[1], args[2])
	case len(args) == 2 && args[0] == "verify":
		return verify(ctx, args[1])
	}
	return errors.New("usage: pack zip BINARY ZIP | pack release VERSION FOLDER | pack verify ZIP")
}

func run(binary, archive string) (err error) {
	in, err := os.Open(binary)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // only read from
	out, err := os.Create(archive)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, out.Close()); err != nil {
			err = errors.Join(err, os.Remove(archive)) // half a zip is worse than none
		}
	}()
	return pack(out, in)
}

// pack writes a zip that holds what it reads as the one executable file.
func pack(w io.Writer, r io.Reader) error {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: epoch}
	h.SetMode(0o755)
	f, err := z.CreateHeader(h)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, r); err != nil {
		return err
	}
	return z.Close()
}

// unpack returns the binary of an archive that pack wrote.
func unpack(archive []byte) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	f, err := z.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read from
	return io.ReadAll(f)
}
